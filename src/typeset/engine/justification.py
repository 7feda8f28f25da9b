"""How a line is made to fill its measure: what gives first, and how far (CLREQ 3.5).

Too long a line gives, in this order: word spaces down to a quarter em, interpuncts down to half a square, the blanks
of brackets, of commas, of full stops. Too short a line takes: word spaces up to a third of an em, then all characters
evenly, then word spaces up to half an em, and to a whole one where a line is almost all Western words. The quarter em
between Han and Western text is held, as CLREQ 3.5.3 and 3.5.4 allow. A line that the limits cannot fill is left as it
is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from typeset.engine.marks import (
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
    SPACE,
    STOP,
    WESTERN,
)
from typeset.engine.spacing import QUARTER, Cells

WORD_LEAST, WORD_FIRST, WORD_MOST, WORD_LAST = 0.25, 1 / 3, 0.5, 1.0
"""A word space, in em."""
EVEN_FIRST, EVEN_MOST = 0.125, 0.24
"""What may come between two characters, in em. With what is there already it stays below what a reader of the PDF
takes for a space."""

NOTHING, EVEN, WORD = 0, 1, 2

Key = TypeVar("Key")

_SHRINKING = (INTERPUNCT, OPENING + CLOSING, PAUSE + MIDDLE, STOP + EXCLAMATION)

_TEXT = frozenset(LETTER + WESTERN)
_PAUSES = frozenset(PAUSE + STOP + MIDDLE + EXCLAMATION)
_BRACKETS_AND_PAUSES = frozenset(OPENING + CLOSING + PAUSE + STOP + MIDDLE + EXCLAMATION)


def between(before: str, after: str) -> int:
    """What may be added between two characters of these classes, were they not in one cluster."""
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
    """Where a paragraph can give and take, for each offset: what may be added before the character there, and how
    much its own sides can give. Amounts in px."""

    kinds: list[int]
    stretch: list[float]
    shrink: list[float]


def opportunities(cells: Cells) -> Opportunities:
    """What each offset of a paragraph can take and give at most."""
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


def stretched(cells: Cells, chances: Opportunities, start: int, end: int, extra: float) -> Adjustment | None:
    """The line from ``start`` to ``end`` with ``extra`` px more; none when the limits do not allow it."""
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


def shrunk(cells: Cells, chances: Opportunities, start: int, end: int, excess: float) -> Adjustment | None:
    """The line from ``start`` to ``end`` with ``excess`` px less; none when the limits do not allow it."""
    adjustment = Adjustment()
    words = {offset: chances.shrink[offset - 1] for offset in range(start + 1, end) if chances.kinds[offset] == WORD}
    taken: dict[int, float] = {}
    excess = _share(words, excess, taken)
    for offset, amount in taken.items():
        adjustment.after[offset - 1] = -amount
    # Every kind of mark gives half of what it can before any gives all.
    given: dict[tuple[int, bool], float] = {}
    for _ in range(2):
        for step in _SHRINKING:
            if excess > 0:
                excess = _share(_sides(cells, start, end, step), excess, given)
    for (index, is_before), amount in given.items():
        (adjustment.before if is_before else adjustment.after)[index] = -amount
    return adjustment if excess < 0.01 else None


def _sides(cells: Cells, start: int, end: int, step: str) -> dict[tuple[int, bool], float]:
    """Half of what the marks of one step can give inside a line, by offset and whether it is on the left."""
    sides: dict[tuple[int, bool], float] = {}
    for index in _indexes(cells.classes[start:end], step):
        left, right = giving(cells, start + index)
        if left and index:
            sides[start + index, True] = left / 2
        if right and start + index < end - 1:
            sides[start + index, False] = right / 2
    return sides


def giving(cells: Cells, index: int) -> tuple[float, float]:
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
    """Share an amount out in proportion to the limits; what is left over."""
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
