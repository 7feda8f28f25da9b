"""Spaces before justification, worked out on cells of ten units an em."""

from __future__ import annotations

import pytest

from typeset.engine.cjk.marks import (
    QUARTER,
    LineCells,
    end_trim,
    marks_for,
    set_marks_together,
    space_han_and_western,
    start_trim,
    widen_interpuncts,
    without_narrow_marks,
)

EM = 10.0
NARROW = 5.0
DOT = 3.0


def cells(text: str, lang: str = "zh-Hant", em: float = EM) -> LineCells:
    """A text whose East Asian characters are squares and whose others are half as wide."""
    marks = marks_for(lang)
    assert marks is not None
    classes = marks.classify(text)
    advance = [DOT if c == "·" else em if k not in "LSw" else NARROW for c, k in zip(text, classes, strict=True)]
    length = len(text)
    return LineCells(
        text=text,
        classes=without_narrow_marks(classes, advance, [em] * length),
        marks=[marks] * length,
        em=[em] * length,
        advance=advance,
        before=[0.0] * length,
        after=[0.0] * length,
        gap=[0.0] * length,
        edge_before=[0.0] * length,
        edge_after=[0.0] * length,
        inside=frozenset(),
    )


def total(found: LineCells) -> float:
    """The width of the whole text in em."""
    return (sum(found.advance) + sum(found.before) + sum(found.after) + sum(found.gap)) / EM


@pytest.mark.parametrize(("text", "places"), [("漢a", [1]), ("a漢", [1]), ("漢12字", [1, 3]), ("漢é字", [1, 2])])
def test_quarter_em_where_han_meets_letters_and_digits(text: str, places: list[int]) -> None:
    found = cells(text)

    space_han_and_western(found)

    assert [index for index, gap in enumerate(found.gap) if gap] == places
    assert set(found.gap) - {0.0} == {QUARTER * EM}


@pytest.mark.parametrize("text", ["漢，a", "「a」", "漢字", "ab", "漢%", "漢 字", "漢～a", "漢Ａ"])
def test_no_quarter_em_beside_marks_or_within_one_script(text: str) -> None:
    found = cells(text)

    space_han_and_western(found)

    assert not any(found.gap)
    assert not any(found.after)


@pytest.mark.parametrize("text", ["漢 a", "a 漢", "漢\N{NO-BREAK SPACE}a"])
def test_a_typed_space_becomes_the_quarter_em(text: str) -> None:
    found = cells(text)

    space_han_and_western(found)

    assert found.advance[1] + found.after[1] == pytest.approx(QUARTER * EM)
    assert not any(found.gap)
    assert found.kept == {1}


@pytest.mark.parametrize("lang", ["zh-Hant", "zh-Hans", "ja"])
@pytest.mark.parametrize(
    "pair", ["」「", "」，", "，「", "：「", "。」", "」。", "「『", "』」", "）（", "》，", "，。"]
)
def test_two_marks_take_an_em_and_a_half(pair: str, lang: str) -> None:
    found = cells(f"漢{pair}字", lang)

    set_marks_together(found)

    assert total(found) == pytest.approx(2 + 1.5)


@pytest.mark.parametrize(("marks", "width"), [("。」「", 2.0), ("」』，", 2.0), ("：「『", 2.0), ("〉）。」", 2.5)])
def test_each_further_mark_adds_half_an_em(marks: str, width: float) -> None:
    found = cells(f"漢{marks}字")

    set_marks_together(found)

    assert total(found) == pytest.approx(2 + width)


@pytest.mark.parametrize("pair", ["？」", "！？", "「」", "（，"])
def test_marks_without_blanks_between_them_keep_their_squares(pair: str) -> None:
    found = cells(f"漢{pair}字")

    set_marks_together(found)

    assert total(found) == pytest.approx(4)


def test_brackets_keep_to_what_they_enclose() -> None:
    found = cells("漢：「字")

    set_marks_together(found)

    assert found.before == [0, 0, -5, 0]
    assert not any(found.after)


def test_a_pause_in_the_middle_gives_both_sides_before_a_closing_mark() -> None:
    found = cells("漢。」字")

    set_marks_together(found)

    assert found.before[1] == found.after[1] == -2.5


def test_a_quotation_mark_in_a_western_face_is_no_square() -> None:
    marks = marks_for("zh-Hans")
    assert marks is not None
    classes = marks.classify("汉“a”字")

    assert without_narrow_marks(classes, [10, 4, 5, 4, 10], [EM] * 5) == "HwLwH"


@pytest.mark.parametrize(
    ("lang", "width"), [("zh-Hant", 0.6 * EM), ("zh-Hans", 0.5 * EM), ("ja", DOT + 2 * QUARTER * EM)]
)
def test_interpunct_in_a_name_is_widened(lang: str, width: float) -> None:
    found = cells("瑪麗·居里", lang)

    widen_interpuncts(found)

    assert found.advance[2] + found.before[2] + found.after[2] == pytest.approx(width)
    assert found.before[2] == found.after[2]


def test_interpunct_beside_a_letter_is_left_alone() -> None:
    found = cells("col·lecció")

    widen_interpuncts(found)

    assert not any(found.before)
    assert found.classes[3] == "w"


@pytest.mark.parametrize(
    ("text", "lang", "amount"),
    [("「字", "zh-Hant", 5), ("《字", "zh-Hans", 5), ("，字", "zh-Hant", 0), ("字", "ja", 0)],
)
def test_opening_marks_lose_their_blank_at_a_line_start(text: str, lang: str, amount: float) -> None:
    assert start_trim(cells(text, lang), 0) == amount


@pytest.mark.parametrize(
    ("text", "lang", "amount"),
    [
        ("字」", "zh-Hant", 5),
        ("字，", "zh-Hant", 2.5),
        ("字，", "zh-Hans", 5),
        ("字？", "zh-Hant", 0),
        ("字字", "ja", 0),
    ],
)
def test_closing_marks_and_pauses_lose_their_blank_at_a_line_end(text: str, lang: str, amount: float) -> None:
    assert end_trim(cells(text, lang), 1) == amount


def test_what_a_pair_has_taken_is_not_taken_again_at_a_line_end() -> None:
    found = cells("字」「字")
    set_marks_together(found)

    assert end_trim(found, 1) == 0
    assert start_trim(found, 2) == 5
