"""Paragraphs broken and set, in numbers."""

from __future__ import annotations

import pytest

from tests.engine.test_spacing import EM, cells
from typeset.engine.cjk.line_breaking import BreakableParagraph, LineSpan
from typeset.engine.cjk.marks import line_ends, set_marks_together, space_han_and_western


def paragraph(text: str, lang: str = "zh-Hant", *, breaks_words: bool = False) -> BreakableParagraph:
    found = cells(text, lang)
    space_han_and_western(found)
    set_marks_together(found)
    allowed = [True] * len(text)
    for index in range(1, len(text)):
        allowed[index] = not (found.classes[index - 1] == found.classes[index] == "L") and found.classes[index] != "S"
    ends = line_ends(text, found.classes, found.marks, allowed, found.inside)
    return BreakableParagraph(found, ends, trims=True, fills=True, breaks_words=breaks_words)


def broken(text: str, measure: float, *, fill: bool = True, breaks_words: bool = False, indent: float = 0) -> list[str]:
    """The lines of a text at a measure in em."""
    found, start, lines = paragraph(text, breaks_words=breaks_words), 0, []
    while start < len(text):
        first = measure - indent if not start else measure
        span = found.next_line(start, first * EM, measure * EM, fill=fill)
        lines.append(text[span.start : span.visible])
        start = span.end
    return lines


@pytest.mark.parametrize("fill", [True, False])
def test_lines_are_as_full_as_they_get(fill: bool) -> None:
    assert broken("一二三四五六七八九十", 4, fill=fill) == ["一二三四", "五六七八", "九十"]


def test_indent_takes_its_part_of_the_first_line() -> None:
    assert broken("一二三四五六七八九十", 4, indent=2) == ["一二", "三四五六", "七八九十"]


@pytest.mark.parametrize("fill", [True, False])
@pytest.mark.parametrize("text", ["一二三四五六七八九", "一二三四五六七八九。", "一二三四五六七八九。」"])
def test_no_lone_character_is_left_for_the_last_line(text: str, fill: bool) -> None:
    *_, last = broken(text, 8, fill=fill)

    assert len(last.rstrip("。」")) >= 2


def test_a_pause_is_drawn_into_the_line_when_its_marks_can_give() -> None:
    assert broken("一，二，三，四五六，七八", 9)[0] == "一，二，三，四五六，"


def test_an_earlier_line_gives_way_to_a_long_word() -> None:
    lines = broken("一二三四五六七八九十一二三四五六七八九十一abcdefghijkl", 8)

    assert [len(line) for line in lines] == [7, 7, 7, 12]


def test_spaces_at_a_line_end_are_not_seen() -> None:
    assert broken("ab cd ef", 2.6) == ["ab cd", "ef"]


def test_a_word_too_long_overflows_unless_it_may_be_broken() -> None:
    assert broken("漢abcdefgh字", 2) == ["漢", "abcdefgh", "字"]
    assert broken("漢abcdefgh字", 2, breaks_words=True) == ["漢", "abcd", "efgh", "字"]


def test_the_author_s_line_break_ends_a_line() -> None:
    assert broken("一二\n三四五六七", 4) == ["一二", "三四五", "六七"]


def test_a_set_line_is_as_wide_as_its_measure() -> None:
    found = paragraph("「一二，三四」五六")
    span = LineSpan(start=0, end=7, visible=7)
    natural = found.width(0, 7)

    line = found.set_line(span, 56 - natural, fill=True)

    width = sum(line.before) + sum(line.after) + sum(line.gap) + 70
    assert natural == pytest.approx(70 - 5 - 5)
    assert width == pytest.approx(56)
    assert line.before[0] == -5
    assert line.after[-1] == -5


def test_last_lines_keep_their_natural_width() -> None:
    found = paragraph("一二三")

    line = found.set_line(LineSpan(start=0, end=3, visible=3), 100, fill=False)

    assert not any(line.gap)


def test_narrowest_chunks_and_whole_width() -> None:
    found = paragraph("一（二）abc")

    assert found.chunks(0) == pytest.approx([10, 20, 15])
