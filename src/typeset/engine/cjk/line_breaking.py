"""Breaks a paragraph of East Asian text into lines and justifies them, in numbers only.

A justified paragraph is broken as a whole, so that all its lines together are changed least: one more character in an
early line may avoid a bad later line with a long Western word. The plan is for one measure; if a float or a column
changes the measure, the rest is planned again. Other text is broken line by line, each as full as possible.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TypeVar

from typeset.engine.cjk.marks import (
    ATOMIC,
    BREAK,
    CLOSING,
    CONNECTOR,
    DASH,
    ELLIPSIS,
    EXCLAMATION,
    HAN,
    INTERPUNCT,
    LETTER,
    MIDDLE,
    OPENING,
    PAUSE,
    QUARTER,
    SPACE,
    STOP,
    WESTERN,
    LineCells,
    end_trim,
    is_lone,
    start_trim,
)

WORD_LEAST, WORD_FIRST, WORD_MOST, WORD_LAST = 0.25, 1 / 3, 0.5, 1.0
"""A word space, in em."""
EVEN_FIRST, EVEN_MOST = 0.125, 0.24
"""What may be added between two characters, in em. With a quarter em, PDF readers still do not read a space."""

NOTHING, EVEN, WORD = 0, 1, 2

Key = TypeVar("Key")

_SHRINKING = (INTERPUNCT, OPENING + CLOSING, PAUSE + MIDDLE, STOP + EXCLAMATION)

_TEXT = frozenset(LETTER + WESTERN)
_PAUSES = frozenset(PAUSE + STOP + MIDDLE + EXCLAMATION)
_BRACKETS_AND_PAUSES = frozenset(OPENING + CLOSING + PAUSE + STOP + MIDDLE + EXCLAMATION)


def between(before: str, after: str) -> int:
    """What may be added between two characters of these classes, if they are not in one cluster."""
    if before == SPACE:
        return WORD
    if after == SPACE or BREAK in (before, after) or ATOMIC in (before, after) or CONNECTOR in (before, after):
        return NOTHING
    if before in _TEXT and after in _TEXT:
        return NOTHING
    if before == after and before in DASH + ELLIPSIS:
        return NOTHING
    if before in _BRACKETS_AND_PAUSES and after in _BRACKETS_AND_PAUSES:
        return NOTHING
    # CLREQ 3.2.4: Western text is not spaced beside Chinese pauses, nor inside Chinese brackets.
    if (before in _TEXT and (after in _PAUSES or after == CLOSING)) or (
        after in _TEXT and (before in _PAUSES or before == OPENING)
    ):
        return NOTHING
    return NOTHING if {before, after} == {HAN, LETTER} else EVEN


@dataclass(slots=True)
class Opportunities:
    """For each offset of a paragraph: what may be added before its character, and how much the character's own sides
    can give. Amounts are in px."""

    kinds: list[int]
    stretch: list[float]
    shrink: list[float]


def opportunities(cells: LineCells) -> Opportunities:
    """How much each offset of a paragraph can take and give."""
    classes, em = cells.classes, cells.em
    known: dict[str, int] = {}
    kinds = [NOTHING]
    for offset in range(1, len(classes)):
        pair = classes[offset - 1 : offset + 1]
        kind = known.get(pair)
        if kind is None:
            kind = known[pair] = between(*pair)
        kinds.append(kind)
    for offset in cells.inside:
        kinds[offset] = NOTHING
    for space in cells.kept:
        kinds[space + 1] = NOTHING
    stretch = [0.0] * len(classes)
    shrink = [0.0] * len(classes)
    for offset, kind in enumerate(kinds):
        if kind == EVEN:
            there = cells.gap[offset] + cells.after[offset - 1] + cells.before[offset]
            stretch[offset] = min(EVEN_MOST * em[offset], max(0.0, QUARTER * em[offset] - max(0.0, there)))
        elif kind == WORD:
            width = cells.advance[offset - 1] + cells.after[offset - 1]
            stretch[offset] = max(0.0, WORD_LAST * em[offset - 1] - width)
            shrink[offset - 1] = max(0.0, width - WORD_LEAST * em[offset - 1])
    for step in _SHRINKING:
        for index in _indexes(classes, step):
            shrink[index] = sum(giving(cells, index))
    return Opportunities(kinds=kinds, stretch=stretch, shrink=shrink)


@dataclass(slots=True)
class Adjustment:
    """What a line adds to the gaps and takes from the sides of its characters, by offset, in px."""

    gap: dict[int, float] = field(default_factory=dict)
    before: dict[int, float] = field(default_factory=dict)
    after: dict[int, float] = field(default_factory=dict)


def stretched(cells: LineCells, chances: Opportunities, start: int, end: int, extra: float) -> Adjustment | None:
    """The line from ``start`` to ``end`` with ``extra`` px more; None when the limits do not allow it."""
    em, kinds = cells.em, chances.kinds
    words = [offset for offset in range(start + 1, end) if kinds[offset] == WORD]
    evens = {o: chances.stretch[o] for o in range(start + 1, end) if kinds[o] == EVEN}
    width = {offset: cells.advance[offset - 1] + cells.after[offset - 1] for offset in words}

    def grown(least: float, most: float) -> dict[int, float]:
        return {o: max(0.0, most * em[o] - max(width[o], least * em[o])) for o in words}

    steps = (
        grown(0, WORD_FIRST),
        {offset: min(limit, EVEN_FIRST * em[offset]) for offset, limit in evens.items()},
        grown(WORD_FIRST, WORD_MOST),
        {offset: max(0.0, limit - EVEN_FIRST * em[offset]) for offset, limit in evens.items()},
        grown(WORD_MOST, WORD_LAST),
    )
    adjustment = Adjustment()
    for step in steps:
        extra = _share(step, extra, adjustment.gap)
        if extra <= 0:
            return adjustment
    return adjustment if extra < 0.01 else None


def shrunk(cells: LineCells, chances: Opportunities, start: int, end: int, excess: float) -> Adjustment | None:
    """The line from ``start`` to ``end`` with ``excess`` px less; None when the limits do not allow it."""
    adjustment = Adjustment()
    words = {offset: chances.shrink[offset - 1] for offset in range(start + 1, end) if chances.kinds[offset] == WORD}
    taken: dict[int, float] = {}
    excess = _share(words, excess, taken)
    for offset, amount in taken.items():
        adjustment.after[offset - 1] = -amount
    # Every kind of mark gives half of its limit before any gives all.
    given: dict[tuple[int, bool], float] = {}
    for _ in range(2):
        for step in _SHRINKING:
            if excess > 0:
                excess = _share(_sides(cells, start, end, step), excess, given)
    for (index, is_before), amount in given.items():
        (adjustment.before if is_before else adjustment.after)[index] = -amount
    return adjustment if excess < 0.01 else None


def _sides(cells: LineCells, start: int, end: int, step: str) -> dict[tuple[int, bool], float]:
    """Half of what the marks of one step can give inside a line, by offset and whether it is on the left."""
    sides: dict[tuple[int, bool], float] = {}
    for index in _indexes(cells.classes[start:end], step):
        left, right = giving(cells, start + index)
        if left and index:
            sides[start + index, True] = left / 2
        if right and start + index < end - 1:
            sides[start + index, False] = right / 2
    return sides


def giving(cells: LineCells, index: int) -> tuple[float, float]:
    """What a mark's two sides can give, in px."""
    if cells.classes[index] != INTERPUNCT:
        return cells.blank(index)
    width = cells.advance[index] + cells.before[index] + cells.after[index]
    side = max(0.0, width - 0.5 * cells.em[index]) / 2
    return side, side


def _indexes(classes: str, wanted: str) -> Iterator[int]:
    for letter in wanted:
        index = classes.find(letter)
        while index >= 0:
            yield index
            index = classes.find(letter, index + 1)


def _share(limits: dict[Key, float], amount: float, shares: dict[Key, float]) -> float:
    """Divide an amount in proportion to the limits; returns the rest."""
    total = sum(limits.values())
    if total <= 0 or amount <= 0:
        return amount
    part = min(1.0, amount / total)
    for key, limit in limits.items():
        shares[key] = shares.get(key, 0.0) + part * limit
    return amount - total if part == 1 else 0.0


def totals(values: Sequence[float]) -> list[float]:
    """Running totals: the sum from ``a`` to ``b`` is ``totals[b] - totals[a]``."""
    running = [0.0]
    for value in values:
        running.append(running[-1] + value)
    return running


TOLERANCE = 0.01
"""A line may be too long by so many px: the engine rounds its lengths as much."""

LOOSE = {EVEN: 0.06, WORD: 0.24}
"""The space between characters and words, in em, at which a line costs one."""

SQUEEZED = 3.0
"""The cost of a line whose marks have given all: narrow marks are more visible than wide lines."""

WORST, UNFILLED, LONE = 15.0, 60.0, 150.0
"""The highest cost of a filled line, of one that cannot be filled, and of one that leaves a lone character."""

CANDIDATES = 3
"""How many line ends of a short line are considered, besides those that make it too long."""

BEARABLE = 15.0
"""A line end with a higher cost is not considered if there is a better one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSpan:
    """The start, the end and the visible end of a line, as offsets in the paragraph."""

    start: int
    end: int
    visible: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLine:
    """A finished line: the space on the sides of each cell and the gap before it, in px."""

    start: int
    before: tuple[float, ...]
    after: tuple[float, ...]
    gap: tuple[float, ...]


class BreakableParagraph:
    """The cells of a paragraph, its possible line ends, and where it can give and take."""

    def __init__(self, cells: LineCells, ends: list[int], *, trims: bool, fills: bool, breaks_words: bool) -> None:
        self.cells = cells
        self.trims = trims
        self.fills = fills
        self.breaks_words = breaks_words
        self._ends = ends
        self._chances: Opportunities = opportunities(cells)
        loose = [LOOSE.get(kind, 0.0) * em for kind, em in zip(self._chances.kinds, cells.em, strict=True)]
        self._loose = totals(loose)
        self._stretch = totals(self._chances.stretch)
        self._shrink = totals(self._chances.shrink)
        self._left: list[float] = []
        self._right: list[float] = []
        position = 0.0
        for index, advance in enumerate(cells.advance):
            position += cells.gap[index]
            self._left.append(position)
            position += cells.edge_before[index] + cells.before[index] + advance
            position += cells.after[index] + cells.edge_after[index]
            self._right.append(position)
        self._end_positions = [self._right[end - 1] for end in ends]
        self._planned: dict[tuple[int, float, bool], int] = {}

    def width(self, start: int, end: int) -> float:
        """The width of a line before it is justified. ``end`` is its visible end."""
        if end <= start:
            return 0.0
        width = self._right[end - 1] - self._left[start]
        if self.trims:
            width -= start_trim(self.cells, start) + end_trim(self.cells, end - 1)
        return width

    def visible(self, start: int, end: int) -> int:
        """The visible end of a line that ends at ``end``: before its spaces and the author's line break."""
        text = self.cells.text
        if end > start and self.cells.classes[end - 1] == BREAK:
            end -= 1
        while end > start and text[end - 1] == " ":
            end -= 1
        return end

    def segment_end(self, start: int) -> int:
        """The end of the paragraph, or of the part before the author's next line break."""
        found = self.cells.classes.find(BREAK, start)
        return found + 1 if found >= 0 else len(self.cells.text)

    def next_line(self, start: int, measure: float, rest: float, *, fill: bool) -> LineSpan:
        """The line that starts at an offset. ``rest`` is the measure of the lines after it."""
        if start >= len(self.cells.text):
            # Only boxes out of the flow are left.
            return LineSpan(start=start, end=start, visible=start)
        fill = fill and self.fills
        # The engine adds and subtracts the rest of a line, so the same measure may come back slightly wider.
        measure, rest = round(measure, 3), round(rest, 3)
        key = start, measure, fill
        if key not in self._planned:
            stop = self.segment_end(start)
            if fill:
                self._plan(start, stop, measure, rest)
            else:
                self._planned[key] = self._choices(start, stop, measure, fill=False)[-1][0]
        end = self._planned[key]
        return LineSpan(start=start, end=end, visible=self.visible(start, end))

    def _plan(self, start: int, stop: int, measure: float, rest: float) -> None:
        """Find the ends of all lines up to ``stop`` with the lowest total cost."""
        least = {start: 0.0}
        came: dict[int, int] = {}
        waiting = [start]
        while waiting:
            here = heappop(waiting)
            if here == stop:
                break
            for end, cost in self._choices(here, stop, measure if here == start else rest, fill=True):
                total = least[here] + cost
                if end not in least:
                    heappush(waiting, end)
                elif total >= least[end]:
                    continue
                least[end] = total
                came[end] = here
        end = stop
        while end != start:
            begin = came[end]
            self._planned[begin, measure if begin == start else rest, True] = end
            end = begin

    def _choices(self, start: int, stop: int, measure: float, *, fill: bool) -> list[tuple[int, float]]:
        """The useful ends of a line with their costs, the fullest line last."""
        visible_stop = self.visible(start, stop)
        if self.width(start, visible_stop) <= measure + TOLERANCE:
            return [(stop, 0.0)]
        ends, em = self._ends, self.cells.em[start]
        first = bisect_right(ends, start)
        fitting = bisect_left(self._end_positions, self._left[start] + measure)
        found: list[tuple[int, float]] = []
        for place in range(max(first, fitting - CANDIDATES), len(ends)):
            end = min(ends[place], stop)
            visible = self.visible(start, end)
            cost = self._cost(start, visible, measure - self.width(start, visible), em, fill)
            if cost is None:
                break
            if end < stop and is_lone(self.cells.classes[end:visible_stop]):
                cost += LONE
            found.append((end, cost))
            if end == stop:
                break
        if not found:
            shortest = min(ends[first], stop)
            return [(self._inside_word(start, shortest, measure) if self.breaks_words else shortest, UNFILLED)]
        if not fill:
            return [min(reversed(found), key=lambda choice: choice[1])]
        limit = max(BEARABLE, min(cost for _, cost in found))
        return [choice for choice in found if choice[1] <= limit]

    def _cost(self, start: int, visible: int, slack: float, em: float, fill: bool) -> float | None:
        """The cost of a line; None when it is too long in any case."""
        if slack < -TOLERANCE:
            limit = self._shrinkable(start, visible) if fill else 0.0
            return SQUEEZED * (slack / limit) ** 2 if -slack < limit else None
        if not fill:
            return max(0.0, slack) / em / 100
        if slack > self._stretch[visible] - self._stretch[start + 1]:
            return UNFILLED + slack / em
        loose = self._loose[visible] - self._loose[start + 1]
        return min((max(0.0, slack) / loose) ** 2, WORST) if loose else 0.0

    def _shrinkable(self, start: int, visible: int) -> float:
        """How much a line can give, without its outer blanks, which are already removed."""
        outer = giving(self.cells, start)[0] + giving(self.cells, visible - 1)[1]
        return self._shrink[visible] - self._shrink[start] - outer

    def _inside_word(self, start: int, shortest: int, measure: float) -> int:
        """Where a word too long for the measure is broken, if the style sheet asks for it."""
        inside, classes = self.cells.inside, self.cells.classes
        end = shortest
        for offset in range(start + 1, shortest):
            if offset in inside or classes[offset - 1] == ATOMIC:
                continue
            if end != shortest and self.width(start, offset) > measure + TOLERANCE:
                break
            end = offset
        return end

    def set_line(self, span: LineSpan, extra: float, *, fill: bool) -> SetLine:
        """Set a line that has ``extra`` px left (or too few, when negative) before it is justified."""
        start, end = span.start, span.visible
        cells = self.cells
        before, after, gap = cells.before[start:end], cells.after[start:end], cells.gap[start:end]
        if not before:
            return SetLine(start=start, before=(), after=(), gap=())
        gap[0] = 0.0
        if self.trims:
            before[0] -= start_trim(cells, start)
            after[-1] -= end_trim(cells, end - 1)
        adjustment = self._adjust(start, end, extra, fill)
        if adjustment is not None:
            for values, changes in ((before, adjustment.before), (after, adjustment.after), (gap, adjustment.gap)):
                for index, change in changes.items():
                    values[index - start] += change
        return SetLine(start=start, before=tuple(before), after=tuple(after), gap=tuple(gap))

    def _adjust(self, start: int, end: int, extra: float, fill: bool) -> Adjustment | None:
        if extra < -TOLERANCE:
            return shrunk(self.cells, self._chances, start, end, -extra)
        if fill and self.fills and extra > 0:
            return stretched(self.cells, self._chances, start, end, extra)
        return None

    def chunks(self, start: int) -> list[float]:
        """The widths between one possible line end and the next."""
        widths = []
        for end in self._ends[bisect_right(self._ends, start) :]:
            widths.append(self.width(start, self.visible(start, end)))
            start = end
        return widths
