"""Page numbers and running heads, which belong to the pages the text was taken from and not to the letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from typeset.importing.fixes import Fix, FixKind
from typeset.importing.lines import Line
from typeset.locales import ImporterWords

_RULE = re.compile(r"([-*_=–—])(?:\s*\1){2,}")
_BARE_NUMBER = re.compile(r"[-–—|]?\s*(?P<page>\d{1,4})\s*[-–—|]?|(?P<slashed>\d{1,4})\s*/\s*\d{1,4}")
_LONGEST_PAGE_NUMBER = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    index: int
    page: int
    worded: bool
    at_edge: bool


def without_furniture(
    lines: Sequence[Line], tongues: Iterable[ImporterWords]
) -> tuple[tuple[Line, ...], tuple[Fix, ...]]:
    """The lines without page numbers, running heads and rules; the line after a head or number begins a page."""
    rules = frozenset(
        index
        for index, line in enumerate(lines)
        if _RULE.fullmatch(line.text) and (not index or lines[index - 1].blank)
    )
    kept, ruled = _dropped(lines, rules, FixKind.RULE)
    kept, numbered = _dropped(kept, _page_numbers(kept, tuple(tongues)), FixKind.PAGE_NUMBER)
    kept, headed = _dropped(kept, _running_heads(kept), FixKind.RUNNING_HEAD)
    return kept, (*ruled, *numbered, *headed)


def _page_numbers(lines: Sequence[Line], tongues: tuple[ImporterWords, ...]) -> frozenset[int]:
    found = [
        _Numbered(index=index, page=page, worded=worded, at_edge=_at_page_edge(lines, index))
        for index, line in enumerate(lines)
        if 0 < len(line.text) <= _LONGEST_PAGE_NUMBER
        for page, worded in [_page_number(line.text, tongues)]
        if page and _stands_alone(lines, index)
    ]
    # A bare number on a line of its own may be anything, but numbers that rise through the text are its pages'.
    rising = len(found) > 1 and all(first.page < second.page for first, second in pairwise(found))
    return frozenset(number.index for number in found if number.worded or number.at_edge or rising)


def _page_number(text: str, tongues: tuple[ImporterWords, ...]) -> tuple[int, bool]:
    """The page that a line numbers, or 0, and whether it says in words that it does."""
    for tongue in tongues:
        for pattern in tongue.page_numbers:
            if found := pattern.fullmatch(text.strip(" -–—|")):
                return int(found["page"]), True
    if found := _BARE_NUMBER.fullmatch(text):
        return int(found["page"] or found["slashed"]), bool(found["slashed"])
    return 0, False


def _stands_alone(lines: Sequence[Line], index: int) -> bool:
    """Whether the line begins or ends its page, or has an empty line on both sides."""
    before = lines[index - 1] if index else None
    after = lines[index + 1] if index + 1 < len(lines) else None
    return _at_page_edge(lines, index) or ((before is None or before.blank) and (after is None or after.blank))


def _at_page_edge(lines: Sequence[Line], index: int) -> bool:
    following = next((lines[later] for later in range(index + 1, len(lines)) if lines[later].text), None)
    return lines[index].new_page or (following is not None and following.new_page)


def _running_heads(lines: Sequence[Line]) -> frozenset[int]:
    """First lines of pages that say the same again and again, or repeat the text's first line."""
    tops = [index for index, line in enumerate(lines) if line.new_page]
    said = Counter(lines[index].text for index in tops)
    first = next((line.text.lstrip("# ") for line in lines if line.text), "")
    return frozenset(index for index in tops if said[lines[index].text] > 1 or lines[index].text == first)


def _dropped(lines: Sequence[Line], indices: frozenset[int], kind: FixKind) -> tuple[tuple[Line, ...], tuple[Fix, ...]]:
    kept: list[Line] = []
    fixes: list[Fix] = []
    turned = False
    for index, line in enumerate(lines):
        if index in indices:
            fixes.append(Fix(kind=kind, line=line.number, before=line.raw))
            turned = kind is not FixKind.RULE
            kept.append(replace(line, text="", new_page=False))
        elif turned and line.text:
            kept.append(replace(line, new_page=True))
            turned = False
        else:
            kept.append(line)
    return tuple(kept), tuple(fixes)
