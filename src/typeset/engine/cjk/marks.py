"""The class of each character in an East Asian line, and the places of marks in their squares, by language.

The rules differ by region (CLREQ 3.1.2, JLREQ 3.1.2), so they are data: ``tables/`` has one file for each set of
rules.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

HAN = "H"
"""Ideographs, kana and bopomofo: each in its square, without spaces."""
LETTER = "L"
"""Letters and digits of every other script: set in words."""
SPACE = "S"
OPENING, CLOSING, PAUSE, STOP, MIDDLE, EXCLAMATION = "o", "c", "p", "s", "k", "x"
INTERPUNCT, DASH, ELLIPSIS, CONNECTOR = "d", "m", "e", "t"
WIDE = "F"
"""Any other character that takes a square."""
WESTERN = "w"
"""Western punctuation and symbols."""
ATOMIC = "A"
"""A box in the line that is not text."""
BREAK = "n"
"""A line break that the author wrote."""
EXTENDING = "+"
"""A mark, selector or joiner that belongs to the character before it."""

OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"

BLANKED = OPENING + CLOSING + PAUSE + STOP + MIDDLE + EXCLAMATION
"""Marks with a blank part in their square."""

_KINDS = {
    "opening": OPENING,
    "closing": CLOSING,
    "pause": PAUSE,
    "stop": STOP,
    "middle": MIDDLE,
    "exclamation": EXCLAMATION,
    "interpunct": INTERPUNCT,
    "dash": DASH,
    "ellipsis": ELLIPSIS,
    "connector": CONNECTOR,
}


_EXTENDED = re.compile(r"([^+]?)(\++)")


def _like_the_first(match: re.Match[str]) -> str:
    first, extending = match.groups()
    return first + (first or WESTERN) * len(extending)


class _Classes(dict[int, str]):
    """Classes by code point, for ``str.translate``: marks by a table, all others by Unicode."""

    def __missing__(self, code_point: int) -> str:
        found = self[code_point] = _by_unicode(chr(code_point))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMarks:
    """The marks of one region. Widths are in em.

    ``blanks`` has the blank part of the square, left and right, for each class of mark.
    """

    languages: tuple[str, ...]
    classes: Mapping[int, str]
    blanks: Mapping[str, tuple[float, float]]
    interpunct_width: float
    not_at_start: frozenset[str]
    not_at_end: frozenset[str]
    opening_quotes: frozenset[str] = field(default=frozenset("“‘"))
    closing_quotes: frozenset[str] = field(default=frozenset("”’"))

    def classify(self, text: str) -> str:
        """One class letter for each character; marks that extend a character have its class."""
        classes = text.translate(self.classes)
        return _EXTENDED.sub(_like_the_first, classes) if EXTENDING in classes else classes


def read_marks(table: Mapping[str, Any]) -> RegionMarks:
    """The marks of a table in ``tables/``."""
    classes = _Classes()
    for name, letter in _KINDS.items():
        classes.update(dict.fromkeys(map(ord, table.get(name, "")), letter))
    return RegionMarks(
        languages=tuple(table["languages"]),
        classes=classes,
        blanks={_KINDS[name]: (left, right) for name, (left, right) in table["blanks"].items()},
        interpunct_width=table["interpunct_width"],
        not_at_start=frozenset(table["not_at_start"]),
        not_at_end=frozenset(table["not_at_end"]),
    )


def marks_for(lang: str | None) -> RegionMarks | None:
    """The marks of a language (BCP 47), by the longest tag that a table names; None for other languages."""
    wanted = (lang or "").lower()
    return _by_tag(wanted) if wanted else None


@cache
def _by_tag(wanted: str) -> RegionMarks | None:
    tables = _tables()
    while wanted:
        if wanted in tables:
            return tables[wanted]
        wanted = wanted.rpartition("-")[0]
    return None


@cache
def _tables() -> Mapping[str, RegionMarks]:
    found = {}
    folder = resources.files("typeset.engine") / "tables"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            marks = read_marks(tomllib.loads(file.read_text(encoding="utf-8")))
            found.update({tag.lower(): marks for tag in marks.languages})
    return found


def _by_unicode(character: str) -> str:
    """The class of a character that no table names (UAX 11, UAX 44)."""
    if character in " \N{NO-BREAK SPACE}":
        return SPACE
    if character == OBJECT:
        return ATOMIC
    if character == "\n":
        return BREAK
    category = unicodedata.category(character)
    if category[0] == "M" or category == "Cf":
        return EXTENDING
    if unicodedata.east_asian_width(character) in "WF":
        # Korean is written in words; full-width letters and digits are squares without a quarter em beside them.
        if "HANGUL" in unicodedata.name(character, ""):
            return LETTER
        return HAN if category in ("Lo", "Lm", "Nl") else WIDE
    return LETTER if category[0] in "LN" else WESTERN


QUARTER = 0.248
"""Between Han and Western letters or digits, in em (CLREQ 3.2.2, 3.2.4): a quarter, but with any rounding still less
than the gap that PDFium takes for a space."""

PAIR = 0.5
"""What is removed of the squares of two neighbouring marks, in em (CLREQ 3.1.6.2)."""

SQUARE = 0.75
"""A mark narrower than this part of an em has no square, for example a Western quotation mark."""

_MEETINGS = re.compile("(?<=H)(?=L)|(?<=L)(?=H)")
_TYPED = re.compile("(?<=H)S(?=L)|(?<=L)S(?=H)")
_INTERPUNCTS = re.compile("(?<=[HF])d(?=[HF])")
_CLUSTERS = re.compile(f"[{BLANKED}]{{2,}}")
_NARROW = re.compile(f"[{BLANKED}d]")


@dataclass(slots=True)
class LineCells:
    """The characters of a paragraph as cells of a line; all widths are in px.

    A cell is ``edge_before + before + advance + after + edge_after`` wide: its own sides lose (or gain, beside an
    interpunct) ``before`` and ``after``; the edges are those of inline boxes that begin or end there. ``gap`` is the
    space before a cell. ``kept`` marks spaces that always stay a quarter em.
    """

    text: str
    classes: str
    marks: Sequence[RegionMarks]
    em: Sequence[float]
    advance: list[float]
    before: list[float]
    after: list[float]
    gap: list[float]
    edge_before: list[float]
    edge_after: list[float]
    inside: frozenset[int]
    kept: frozenset[int] = frozenset()

    def blank(self, index: int) -> tuple[float, float]:
        """The rest of the blanks of a character's square, in px: left and right."""
        left, right = self.marks[index].blanks.get(self.classes[index], (0.0, 0.0))
        em = self.em[index]
        return max(0.0, left * em + self.before[index]), max(0.0, right * em + self.after[index])


def without_narrow_marks(classes: str, advance: Sequence[float], em: Sequence[float]) -> str:
    """Classes in which marks count only if the face gives them a square, and interpuncts only beside Han."""
    found = list(classes)
    for match in _NARROW.finditer(classes):
        index = match.start()
        if classes[index] == INTERPUNCT:
            if not _INTERPUNCTS.match(classes, index):
                found[index] = WESTERN
        elif advance[index] < SQUARE * em[index]:
            found[index] = WESTERN
    return "".join(found)


def space_han_and_western(cells: LineCells) -> None:
    """Put a quarter em between Han and a letter or a digit; a typed space gets this width (CLREQ 3.2.2)."""
    classes, em = cells.classes, cells.em
    for match in _MEETINGS.finditer(classes):
        index = match.start()
        cells.gap[index] += QUARTER * em[index if classes[index] == "H" else index - 1]
    kept = set()
    for match in _TYPED.finditer(classes):
        index = match.start()
        beside = index - 1 if classes[index - 1] == "H" else index + 1
        cells.after[index] += QUARTER * em[beside] - cells.advance[index]
        kept.add(index)
    cells.kept = frozenset(kept)


def widen_interpuncts(cells: LineCells) -> None:
    """Give the dot between the parts of a name room on both sides (CLREQ 3.1.2): half a square or a whole one."""
    for match in _INTERPUNCTS.finditer(cells.classes):
        index = match.start()
        em = cells.em[index]
        # Not so much room that a PDF reader would read it as a space.
        side = min((cells.marks[index].interpunct_width * em - cells.advance[index]) / 2, QUARTER * em)
        cells.before[index] += side
        cells.after[index] += side


def set_marks_together(cells: LineCells) -> None:
    """Remove half an em of two neighbouring marks, so that both take 1.5 em (CLREQ 3.1.6.2).

    It is taken from the blank between them, first from the bracket's, so that brackets stay close to their content; if
    that is too small, a mark in the middle of its square gives its other side too.
    """
    for cluster in _CLUSTERS.finditer(cells.classes):
        for index in range(cluster.start(), cluster.end() - 1):
            _set_pair(cells, index)


def _set_pair(cells: LineCells, index: int) -> None:
    second = index + 1
    wanted = PAIR * max(cells.em[index], cells.em[second])
    left_of_first, right_of_first = cells.blank(index)
    left_of_second, _ = cells.blank(second)
    if cells.classes[index] == OPENING and cells.classes[second] != OPENING:
        # The content of an opening mark follows it directly.
        return
    if cells.classes[second] == OPENING and cells.classes[index] != CLOSING:
        taken = min(wanted, left_of_second)
        cells.before[second] -= taken
        taken += _take_after(cells, index, min(wanted - taken, right_of_first))
    else:
        taken = _take_after(cells, index, min(wanted, right_of_first))
        more = min(wanted - taken, left_of_second)
        cells.before[second] -= more
        taken += more
    if taken < wanted:
        cells.before[index] -= min(wanted - taken, left_of_first)


def _take_after(cells: LineCells, index: int, amount: float) -> float:
    cells.after[index] -= amount
    return amount


def start_trim(cells: LineCells, index: int) -> float:
    """What an opening mark loses at a line start, in px (CLREQ 3.1.6.3)."""
    return cells.blank(index)[0] if cells.classes[index] == OPENING else 0.0


def end_trim(cells: LineCells, index: int) -> float:
    """What a mark loses at a line end, in px: the blank on its right (CLREQ 3.1.6.3, GB/T 15834 5.1.10)."""
    return cells.blank(index)[1] if cells.classes[index] in BLANKED else 0.0


NEVER_FIRST = frozenset(CLOSING + PAUSE + STOP + MIDDLE + EXCLAMATION + INTERPUNCT + CONNECTOR + DASH + ELLIPSIS)
"""CLREQ's strict set: dashes and ellipses, and their second halves, must not begin a line either."""
NEVER_LAST = frozenset(OPENING + INTERPUNCT + ATOMIC)
"""A box in the line stays with the text after it: it is a number before an item, or a mark before a word."""

_SPOKEN = re.compile("[HLF]")


def line_ends(
    text: str,
    classes: str,
    marks: Sequence[RegionMarks],
    allowed: Sequence[bool],
    joined: Collection[int],
) -> list[int]:
    """The offsets before which a line may end, in order; the end of the text is always the last.

    ``allowed`` is the result of the text engine (UAX 14) for every offset; ``joined`` are the offsets inside a cluster
    or in text that must not wrap.
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


def _at_wide_quote(text: str, classes: str, marks: Sequence[RegionMarks], offset: int) -> bool:
    """Curly quotation marks take a square in Chinese and open or close; UAX 14 allows no line end on either side."""
    before, after = classes[offset - 1], classes[offset]
    opens = after == OPENING and text[offset] in marks[offset].opening_quotes and before != SPACE
    closes = before == CLOSING and text[offset - 1] in marks[offset].closing_quotes and after != SPACE
    return opens or closes


def is_lone(classes: str) -> bool:
    """Whether the rest of a paragraph is one character and its marks: too little for a line (CLREQ 3.4.4)."""
    return len(_SPOKEN.findall(classes)) < 2
