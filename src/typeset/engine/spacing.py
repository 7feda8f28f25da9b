"""The spaces of an East Asian line before it is justified: quarter ems, marks set together, interpuncts, line ends.

All of it is arithmetic on the advances that the faces give; no character is added or taken away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from typeset.engine.marks import BLANKED, CLOSING, INTERPUNCT, OPENING, WESTERN, Marks

QUARTER = 0.248
"""Between Han and Western letters or digits, in em (CLREQ 3.2.2, 3.2.4): a quarter, and however it is rounded still
less than the gap that PDFium takes for a space."""

PAIR = 0.5
"""What two marks side by side give up of their two squares, in em (CLREQ 3.1.6.2)."""

SQUARE = 0.75
"""A mark narrower than this part of an em is not in a square: a Western quotation mark, say."""

_MEETINGS = re.compile("(?<=H)(?=L)|(?<=L)(?=H)")
_TYPED = re.compile("(?<=H)S(?=L)|(?<=L)S(?=H)")
_INTERPUNCTS = re.compile("(?<=[HF])d(?=[HF])")
_CLUSTERS = re.compile(f"[{BLANKED}]{{2,}}")
_NARROW = re.compile(f"[{BLANKED}d]")


@dataclass(slots=True)
class Cells:
    """The characters of a paragraph as cells of a line, all widths in px.

    A cell is ``edge_before + before + advance + after + edge_after`` wide: ``before`` and ``after`` are what its own
    sides lose (or gain, beside an interpunct), the edges are those of inline boxes that begin or end there. ``gap``
    is the space between a cell and the one before it. ``kept`` marks spaces that are a quarter em for good.
    """

    text: str
    classes: str
    marks: Sequence[Marks]
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
        """What is left of the blanks of a character's square, in px: on its left, on its right."""
        left, right = self.marks[index].blanks.get(self.classes[index], (0.0, 0.0))
        em = self.em[index]
        return max(0.0, left * em + self.before[index]), max(0.0, right * em + self.after[index])


def without_narrow_marks(classes: str, advance: Sequence[float], em: Sequence[float]) -> str:
    """Classes in which marks count as marks only where the face gives them a square, interpuncts beside Han only."""
    found = list(classes)
    for match in _NARROW.finditer(classes):
        index = match.start()
        if classes[index] == INTERPUNCT:
            if not _INTERPUNCTS.match(classes, index):
                found[index] = WESTERN
        elif advance[index] < SQUARE * em[index]:
            found[index] = WESTERN
    return "".join(found)


def space_han_and_western(cells: Cells) -> None:
    """A quarter em where Han meets a letter or a digit; a space typed there is made as wide (CLREQ 3.2.2)."""
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


def widen_interpuncts(cells: Cells) -> None:
    """The dot between the parts of a name has room on both sides (CLREQ 3.1.2): half a square or a whole one."""
    for match in _INTERPUNCTS.finditer(cells.classes):
        index = match.start()
        em = cells.em[index]
        # No more room than keeps a reader of the PDF from taking it for a space.
        side = min((cells.marks[index].interpunct_width * em - cells.advance[index]) / 2, QUARTER * em)
        cells.before[index] += side
        cells.after[index] += side


def set_marks_together(cells: Cells) -> None:
    """Of two marks side by side one half em goes, so that both take 1.5 em (CLREQ 3.1.6.2).

    It goes from the blank between them, the bracket's first so that brackets keep to what they enclose; where that
    blank is too small, a mark that stands in the middle of its square gives its other side too.
    """
    for cluster in _CLUSTERS.finditer(cells.classes):
        for index in range(cluster.start(), cluster.end() - 1):
            _set_pair(cells, index)


def _set_pair(cells: Cells, index: int) -> None:
    second = index + 1
    wanted = PAIR * max(cells.em[index], cells.em[second])
    left_of_first, right_of_first = cells.blank(index)
    left_of_second, _ = cells.blank(second)
    if cells.classes[index] == OPENING and cells.classes[second] != OPENING:
        # What an opening mark encloses begins at once.
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


def _take_after(cells: Cells, index: int, amount: float) -> float:
    cells.after[index] -= amount
    return amount


def start_trim(cells: Cells, index: int) -> float:
    """What an opening mark loses at a line start, in px (CLREQ 3.1.6.3)."""
    return cells.blank(index)[0] if cells.classes[index] == OPENING else 0.0


def end_trim(cells: Cells, index: int) -> float:
    """What a mark loses at a line end, in px: the blank on its right (CLREQ 3.1.6.3, GB/T 15834 5.1.10)."""
    return cells.blank(index)[1] if cells.classes[index] in BLANKED else 0.0
