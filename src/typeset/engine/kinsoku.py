"""Where a line of East Asian text may end (CLREQ 3.1.4, 3.1.5, 3.4.4)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from typeset.engine.marks import (
    ATOMIC,
    CLOSING,
    CONNECTOR,
    DASH,
    ELLIPSIS,
    EXCLAMATION,
    INTERPUNCT,
    MIDDLE,
    OPENING,
    PAUSE,
    SPACE,
    STOP,
    Marks,
)

NEVER_FIRST = frozenset(CLOSING + PAUSE + STOP + MIDDLE + EXCLAMATION + INTERPUNCT + CONNECTOR + DASH + ELLIPSIS)
"""CLREQ's strict set: dashes and ellipses do not begin a line either, nor does the second half of one."""
NEVER_LAST = frozenset(OPENING + INTERPUNCT + ATOMIC)
"""A box in the line keeps to the text after it: it is a number before an item, or a mark before a word."""

_SPOKEN = re.compile("[HLF]")


def line_ends(
    text: str,
    classes: str,
    marks: Sequence[Marks],
    allowed: Sequence[bool],
    joined: Collection[int],
) -> list[int]:
    """The offsets before which a line may end, in order; the end of the text is always the last.

    ``allowed`` is what the text engine says (UAX 14) of every offset, ``joined`` the offsets inside a cluster or in
    text that must not wrap.
    """
    found = []
    for offset in range(1, len(text)):
        before, after = classes[offset - 1], classes[offset]
        if not allowed[offset] and not _at_wide_quote(text, classes, marks, offset):
            continue
        if offset in joined or after in NEVER_FIRST or before in NEVER_LAST:
            continue
        if text[offset] in marks[offset].not_at_start or text[offset - 1] in marks[offset].not_at_end:
            continue
        found.append(offset)
    found.append(len(text))
    return found


def _at_wide_quote(text: str, classes: str, marks: Sequence[Marks], offset: int) -> bool:
    """Curly quotation marks take a square in Chinese and open or close: UAX 14 lets no line end on either side."""
    before, after = classes[offset - 1], classes[offset]
    opens = after == OPENING and text[offset] in marks[offset].opening_quotes and before != SPACE
    closes = before == CLOSING and text[offset - 1] in marks[offset].closing_quotes and after != SPACE
    return opens or closes


def is_lone(classes: str) -> bool:
    """Whether the rest of a paragraph is one character and its marks: too little for a line (CLREQ 3.4.4)."""
    return len(_SPOKEN.findall(classes)) < 2
