"""What gives first, and how far, worked out on cells of ten units an em."""

from __future__ import annotations

import pytest

from tests.engine.test_spacing import EM, NARROW, cells
from typeset.engine.cjk.line_breaking import EVEN_MOST, Adjustment, opportunities, shrunk, stretched
from typeset.engine.cjk.marks import LineCells, space_han_and_western, widen_interpuncts


def stretch(found: LineCells, extra: float) -> Adjustment | None:
    return stretched(found, opportunities(found), 0, len(found.text), extra)


def shrink(found: LineCells, excess: float) -> Adjustment | None:
    return shrunk(found, opportunities(found), 0, len(found.text), excess)


def test_characters_open_evenly() -> None:
    adjustment = stretch(cells("漢字漢字漢"), 2)

    assert adjustment is not None
    assert adjustment.gap == pytest.approx({1: 0.5, 2: 0.5, 3: 0.5, 4: 0.5})


def test_word_spaces_open_before_characters() -> None:
    found = cells("漢ab ab漢")
    found.advance[3] = 2.6

    adjustment = stretch(found, 0.5)

    assert adjustment is not None
    assert {index for index, gap in adjustment.gap.items() if gap > 0} == {4}


def test_quarter_em_is_held() -> None:
    found = cells("漢a漢字漢字")
    space_han_and_western(found)

    adjustment = stretch(found, 3)

    assert adjustment is not None
    assert set(adjustment.gap) == {3, 4, 5}


def test_dashes_words_and_brackets_do_not_open() -> None:
    adjustment = stretch(cells("漢——ab（c）字"), 1)

    assert adjustment is not None
    # Before the dash, between it and the word, before the opening bracket and after the closing one.
    assert set(adjustment.gap) == {1, 3, 5, 8}


def test_a_line_beyond_the_limits_is_not_stretched() -> None:
    assert stretch(cells("漢字"), EVEN_MOST * EM + 0.5) is None
    assert stretch(cells("abc"), 1) is None


def test_interpuncts_give_before_brackets_and_brackets_before_pauses() -> None:
    found = cells("名·字「漢」，漢，字")
    widen_interpuncts(found)

    first = shrink(found, 0.5)
    assert first is not None
    assert set(first.before) | set(first.after) == {1}

    second = shrink(found, 3.5)
    assert second is not None
    assert {*second.before, *second.after} == {1, 3, 5}


def test_a_pause_in_the_middle_gives_both_sides_alike() -> None:
    adjustment = shrink(cells("漢，字漢"), 2)

    assert adjustment is not None
    assert adjustment.before == adjustment.after == pytest.approx({1: -1})


def test_a_line_beyond_the_limits_is_not_shrunk() -> None:
    assert shrink(cells("漢，字漢"), 5.5) is None
    assert shrink(cells("漢字漢字"), 1) is None
    assert NARROW < EM
