"""East Asian lines as they come out of WeasyPrint, measured in the PDF."""

from __future__ import annotations

import io
import re
import statistics
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html import unescape

import pypdf
import pypdfium2
import pytest

from tests.measure.characters import Line, Page, lines, pages, text_of
from tests.measure.pages import LEFT, OFF, ON, SIZE, Prose, at_measures, page, prose, render
from tests.measure.setting import (
    FORBIDDEN_AT_END,
    FORBIDDEN_AT_START,
    PAUSES,
    SetParagraph,
    end,
    gaps,
    pairs,
    paragraphs,
    start,
)
from typeset.engine import cjk
from typeset.engine.loader import ChangedEngine, load

TEXTS = ("harbour.zh-Hant", "letter.zh-Hant", "library.zh-Hans")

NARROW = tuple(8.0 + step for step in range(10))
SENSIBLE = tuple(18.0 + step * 0.83 for step in range(42))
"""Measures, in em, that Western names and numbers leave enough characters in to fill a line."""

LAID_OUT = (
    "<h1>標題「甲」：<b>乙</b></h1><p>某些組織（NGO）獲得諮詢地位，共計 321 個。<i>「斜」</i>。<br>換行之後</p>"
    "<ul><li>一、「二」<li>NGO中文</ul><table><tr><td>表格「一」，<td>321個</table>"
    '<p style="float: left; width: 30%">旁邊的字，「字」。</p><p>正文繞著浮動的盒子走，「走」到底。</p>'
)


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    load()
    # What else was installed around the same functions, by tests of other things, goes with it.
    cjk.uninstall()
    cjk.install()
    yield
    cjk.uninstall()


@cache
def set_prose(name: str, measures: tuple[float, ...]) -> tuple[Page, ...]:
    """A text at many measures, rendered once and read back."""
    return pages(render(at_measures(prose(name), measures)))


def found(name: str, measures: tuple[float, ...]) -> Iterator[tuple[float, SetParagraph]]:
    for measure, one in zip(measures, set_prose(name, measures), strict=True):
        for paragraph in paragraphs(one, map(unescape, prose(name).paragraphs)):
            yield LEFT + measure * SIZE, paragraph


def set_line(markup: str, **options: str) -> Line:
    """A paragraph of one line."""
    return lines(render(page(f"<p>{markup}</p>", **options)))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TEXTS)
def test_justified_lines_end_at_their_measure(name: str) -> None:
    centred = prose(name).lang == "zh-Hant"

    errors = [
        abs(end(line, centred=centred) - right)
        for right, paragraph in found(name, SENSIBLE)
        for line in paragraph.justified
    ]

    assert len(SENSIBLE) >= 40
    assert statistics.mean(errors) <= 0.02
    # The arm of an f reaches out of its width.
    assert max(errors) < 0.8


@pytest.mark.parametrize("name", TEXTS)
def test_lines_begin_where_they_should_to_the_eye(name: str) -> None:
    errors = [abs(start(line) - LEFT) for _, paragraph in found(name, SENSIBLE) for line in paragraph.lines]

    assert max(errors) < 0.1


@pytest.mark.parametrize("name", TEXTS)
def test_narrow_lines_are_filled_or_left_alone(name: str) -> None:
    centred = prose(name).lang == "zh-Hant"

    off = [
        end(line, centred=centred) - right
        for right, paragraph in found(name, NARROW)
        for line in paragraph.justified
        if abs(end(line, centred=centred) - right) > 0.1
    ]
    total = sum(len(paragraph.justified) for _, paragraph in found(name, NARROW))

    # Nothing sticks out but what cannot be broken, and few lines are too empty to fill.
    assert sum(error > 0 for error in off) <= 0.01 * total
    assert len(off) < 0.15 * total


@pytest.mark.parametrize("measures", [NARROW, SENSIBLE], ids=["narrow", "sensible"])
@pytest.mark.parametrize("name", TEXTS)
def test_no_line_begins_or_ends_with_a_forbidden_mark(name: str, measures: tuple[float, ...]) -> None:
    texts = [text_of(line).strip() for _, paragraph in found(name, measures) for line in paragraph.lines]

    assert not [text for text in texts if text[0] in FORBIDDEN_AT_START or text[-1] in FORBIDDEN_AT_END]


@pytest.mark.parametrize("measures", [NARROW, SENSIBLE], ids=["narrow", "sensible"])
@pytest.mark.parametrize("name", TEXTS)
def test_no_paragraph_ends_in_a_lone_character(name: str, measures: tuple[float, ...]) -> None:
    last = [text_of(paragraph.lines[-1]) for _, paragraph in found(name, measures) if len(paragraph.lines) > 1]

    assert not [text for text in last if sum(character.isalnum() for character in text) < 2]


@pytest.mark.parametrize("name", TEXTS)
def test_words_and_numbers_stay_whole(name: str) -> None:
    words = {word for text in prose(name).paragraphs for word in unescape(text).split()}
    western = {word for word in words if word.isascii() and word.isalnum() and len(word) > 1}

    for _, paragraph in found(name, NARROW):
        shown = " ".join(text_of(line) for line in paragraph.lines)
        assert all(shown.count(word) >= paragraph.text.count(word) for word in western)


@pytest.mark.parametrize("measures", [NARROW, SENSIBLE], ids=["narrow", "sensible"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_quarter_em_between_han_and_western_text(name: str, measures: tuple[float, ...]) -> None:
    widths = [gap for _, paragraph in found(name, measures) for line in paragraph.lines for *_, gap in gaps(line)]

    assert len(widths) > 90
    assert max(abs(width - 0.25) for width in widths) < 0.005


@pytest.mark.parametrize(
    ("lang", "pair"),
    [("zh-Hant", pair) for pair in ("」「", "」，", "：「", "。」", "，「", "」。", "，。", "）（", "》，", "『「")]
    + [("zh-Hans", pair) for pair in ("”“", "”，", "：“", "。”", "，“", "，。", "》（")]
    + [("ja", pair) for pair in ("」「", "」、", "：「", "。」", "、「", "』」")],
)
def test_two_marks_take_an_em_and_a_half(lang: str, pair: str) -> None:
    ((seen, width),) = pairs(set_line(f"中{pair}中", lang=lang))

    assert seen == pair
    assert width == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize(
    "markup",
    ["中」<b>「中</b>中", "中<b>」</b>「中", "<b>中<i>」</i></b><a href='x:'>「</a>中", "中」<b></b><b>「</b>中"],
)
def test_marks_are_set_together_across_elements(markup: str) -> None:
    ((_, width),) = pairs(set_line(markup))

    assert width == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize(
    "markup",
    [
        "中a中",
        "中<b>a</b>中",
        "中<a href='x:'>a</a>中",
        "<b>中</b>a<i>中</i>",
        "中 a 中",
        "中 <b>a</b> 中",
        "中<b> a </b>中",
        "中&nbsp;1&nbsp;中",
    ],
)
def test_the_quarter_em_is_there_in_runs_across_elements_and_for_typed_spaces(markup: str) -> None:
    widths = [width for *_, width in gaps(set_line(markup))]

    assert widths == pytest.approx([0.25, 0.25], abs=0.005)


def test_nothing_is_spaced_at_line_edges_or_beside_marks() -> None:
    line = set_line("a中，b，中")

    assert line[0].x == pytest.approx(LEFT, abs=0.01)
    assert line[3].x == pytest.approx(line[2].end, abs=0.01)
    assert line[4].x == pytest.approx(line[3].end, abs=0.01)


@pytest.mark.parametrize("markup", ["安東尼奧·古特雷斯", "奧<b>·</b>古", "奧·<b>古</b>"])
def test_the_dot_in_a_name_has_room(markup: str) -> None:
    line = set_line(markup)
    at = text_of(line).index("·")

    before, dot, after = line[at - 1 : at + 2]
    assert (after.x - before.end) / SIZE == pytest.approx(0.6, abs=0.01)
    assert (dot.left + dot.right) / 2 == pytest.approx((before.end + after.x) / 2, abs=0.1)


def test_dashes_and_ellipses_fill_two_squares_without_a_gap() -> None:
    line = set_line("中——中……中")
    dash, ellipsis = line[1], line[4:6]

    # Two dashes are one glyph, whose characters share its place.
    assert dash.advance == pytest.approx(2 * SIZE, abs=0.01)
    assert ellipsis[1].x == pytest.approx(ellipsis[0].end, abs=0.01)
    assert line[-1].end - line[0].x == pytest.approx(7 * SIZE, abs=0.02)


@pytest.mark.parametrize("lang", ["zh-Hant", "zh-Hans", "ja"])
def test_dashes_fill_their_squares_after_western_text_too(lang: str) -> None:
    line = set_line("a——中", lang=lang)

    assert line[1].advance == pytest.approx(2 * SIZE, abs=0.01)


def test_two_em_indent() -> None:
    css = "p { text-indent: 2em; width: 20em }"
    found = lines(render(page("<p>「中」" + "文" * 40, css=css)))

    assert start(found[0]) == pytest.approx(LEFT + 2 * SIZE, abs=0.01)
    assert start(found[1]) == pytest.approx(LEFT, abs=0.01)
    assert end(found[0], centred=True) == pytest.approx(LEFT + 20 * SIZE, abs=0.01)


@pytest.mark.parametrize(("align", "place"), [("center", 0.5), ("right", 1.0), ("left", 0.0)])
def test_other_alignments_keep_their_spaces_and_place(align: str, place: float) -> None:
    line = set_line("「中文」，字", css=f"p {{ text-align: {align}; width: 30em }}")

    # Two half ems are trimmed: one at the line start, one between the marks.
    width = 5 * SIZE
    assert end(line, centred=True) - start(line) == pytest.approx(width, abs=0.01)
    assert start(line) == pytest.approx(LEFT + place * (30 * SIZE - width), abs=0.01)


def test_letter_spacing_is_kept() -> None:
    line = set_line("標題a「中」", css="p { letter-spacing: .2em }")

    assert line[1].x - line[0].x == pytest.approx(1.2 * SIZE, abs=0.02)
    assert line[2].x - line[1].end == pytest.approx((0.2 + 0.248) * SIZE, abs=0.02)


@pytest.mark.parametrize("markup", ["<div style='display: inline-block'>{}</div>", "<table><td>{}</table>"])
def test_boxes_that_shrink_to_fit_hold_their_line(markup: str) -> None:
    found = lines(render(page(markup.format("某些NGO獲得321個「地位」，。"))))

    assert len(found) == 1


def test_list_number_in_a_box_of_its_own() -> None:
    number = "<span style='display: inline-block; width: 2em; margin-left: -2em; text-align: right'>7.</span>"
    found = lines(render(page(f"<p style='padding-left: 2em; width: 9em'>{number}「中文」a中文中文中文中文</p>")))
    bracket = next(character for character in found[0] if character.text == "「")

    assert bracket.x == pytest.approx(LEFT + 2 * SIZE, abs=0.01)
    assert end(found[0], centred=True) == pytest.approx(LEFT + 11 * SIZE, abs=0.01)
    assert start(found[1]) == pytest.approx(LEFT + 2 * SIZE, abs=0.01)


def test_two_columns() -> None:
    text = "".join(prose("letter.zh-Hant").paragraphs[:3])
    css = "section { columns: 2; column-gap: 20pt; width: 460pt }"
    found = lines(render(page(f"<section><p>{text}</p></section>", css=css)))
    right = [line for line in found if line[-1].end > LEFT + 240]

    edges = {round(max(c.end - (c.size / 4 if c.text in PAUSES else 0) for c in line), 1) for line in right[:-1]}

    assert edges == {LEFT + 460}


def read_by_pypdf(pdf: bytes) -> str:
    return "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def read_by_pdfium(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(document[number].get_textpage().get_text_range() for number in range(len(document)))


@pytest.mark.parametrize("read", [read_by_pypdf, read_by_pdfium])
@pytest.mark.parametrize("name", TEXTS)
def test_readers_find_what_was_written_and_no_other_space(name: str, read: Callable[[bytes], str]) -> None:
    text = prose(name)
    marked = tuple(
        paragraph.replace("（", "<b>（").replace("）", "）</b>").replace("NGO", "<i>NGO</i>")
        for paragraph in text.paragraphs
    )
    wanted = "".join(map(unescape, text.paragraphs))

    for measure in (14.0, 26.0, 33.0, 40.0):
        found = read(render(at_measures(Prose(lang=text.lang, paragraphs=marked), (measure,))))
        assert _beyond(wanted, found.replace("\r", "").split("\n")) == "", measure


def _beyond(wanted: str, found: Iterable[str]) -> str:
    """What is left of a text when its lines are taken from it; spaces at line ends are drawn by nobody."""
    for line in found:
        wanted = wanted.removeprefix(" ")
        if not wanted.startswith(line.strip(" ")):
            return f"{line} is not {wanted[: len(line)]}"
        wanted = wanted[len(line.strip(" ")) :]
    return wanted


@pytest.mark.parametrize(
    ("constant", "value", "read"), [("GAP", 1000, read_by_pypdf), ("PATIENT", 14.0, read_by_pdfium)]
)
def test_gaps_would_be_taken_for_spaces_but_for_the_way_they_are_drawn(
    constant: str, value: float, read: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    html = page("<p>某些組織NGO獲得321個地位</p>")
    assert read(render(html)).strip() == "某些組織NGO獲得321個地位"

    monkeypatch.setattr(f"typeset.engine.cjk.draw.{constant}", value)

    assert " " in read(render(html)).strip()


@pytest.mark.parametrize("read", [read_by_pypdf, read_by_pdfium])
@pytest.mark.parametrize(
    "markup", ["某些<b>NGO</b>獲得<i>321</i>個", "<b>某些</b>NGO<a href='x:'>獲得</a>", "奧<b>·</b>古，「<i>NGO</i>」2"]
)
def test_readers_find_no_space_between_elements(markup: str, read: Callable[[bytes], str]) -> None:
    text = read(render(page(f"<p>{markup}</p>"))).strip()

    assert text == re.sub("<[^>]*>", "", markup)


def test_western_words_are_not_hyphenated() -> None:
    markup = (
        "<p style='width: 8em; hyphens: auto'>這是<span lang='en'>internationalization and accessibility</span>的事</p>"
    )
    found = " ".join(text_of(line).strip() for line in lines(render(page(markup))))

    assert "internationalization and accessibility" in found.replace("  ", " ")


def test_a_document_that_does_not_ask_is_laid_out_as_stock() -> None:
    with_patches = render(page(LAID_OUT, setting=OFF))
    cjk.uninstall()
    stock = render(page(LAID_OUT, setting=OFF))

    assert with_patches == stock


@pytest.mark.parametrize(
    "markup",
    [
        "<p lang='en'>English （with） 中文NGO text</p>",
        "<p lang='ko'>한국어 NGO「」 텍스트</p>",
        "<p dir='rtl'>中文NGO「」，。</p>",
        "<p style='white-space: pre'>中文NGO\t「」，。</p>",
        "<p>中文NGO<span style='float: right'>x</span>，。</p>",
        "<p>中文NGO مرحبا「」，。</p>",
        "<p>Latin only, in a Chinese page</p>",
    ],
)
def test_what_is_not_ours_is_laid_out_as_stock(markup: str) -> None:
    asked = render(page(markup, setting=ON))
    cjk.uninstall()
    stock = render(page(markup, setting=ON))

    assert asked == stock


@pytest.mark.parametrize(
    ("missing", "markup", "width"),
    [("autospace", "中a中", 0.0), ("trim", "中」「中", 2.0), ("justify", "中文", 0.0)],
)
def test_each_word_of_the_property_stands_for_itself(missing: str, markup: str, width: float) -> None:
    setting = ON.replace(missing, "")
    if missing == "justify":
        found = lines(render(page("<p style='width: 9.5em'>" + "文" * 20, setting=setting)))
        assert found[0][-1].end == pytest.approx(LEFT + 9 * SIZE, abs=0.01)
        return
    line = set_line(markup, setting=setting)
    measured = [gap for *_, gap in gaps(line)] or [total for _, total in pairs(line)]

    assert measured[0] == pytest.approx(width, abs=0.01)


@pytest.mark.parametrize(
    ("patch", "markup"),
    [
        ("layout.inline.split_inline_box", "<p style='width: 9.5em'>{}".format("文" * 20)),
        ("layout.inline.split_text_box", "<p style='width: 9.5em'>{}".format("文" * 20)),
        ("layout.inline.text_align", "<p style='width: 9.5em'>{}".format("文" * 20)),
        ("layout.preferred.inline_line_widths", "<p style='display: inline-block'>文a文a文a文"),
        ("draw.text.draw_first_line", "<p>文」「文"),
    ],
)
def test_every_patch_is_needed(patch: str, markup: str) -> None:
    whole = [[round(c.x, 1) for c in line] for line in lines(render(page(markup)))]
    module, name, ours = cjk._found(patch)

    setattr(module, name, ours.stock)
    try:
        without = [[round(c.x, 1) for c in line] for line in lines(render(page(markup)))]
    except (AttributeError, AssertionError):
        without = []
    finally:
        setattr(module, name, ours)

    assert without != whole


@pytest.mark.parametrize("name", [*cjk.PATCHED, *cjk.RELIED_ON])
def test_a_changed_engine_is_not_patched(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cjk.uninstall()
    module, function, stock = cjk._found(name)

    def changed(*args: object, **kwargs: object) -> object:
        return stock(*args, **kwargs)

    monkeypatch.setattr(module, function, changed)

    with pytest.raises(ChangedEngine, match=function):
        cjk.install()
    assert not any(getattr(cjk._found(patch)[2], "sets_lines", False) for patch in cjk.PATCHED)


def test_installing_twice_is_installing_once() -> None:
    before = [cjk._found(patch)[2] for patch in cjk.PATCHED]

    cjk.install()

    assert [cjk._found(patch)[2] for patch in cjk.PATCHED] == before
