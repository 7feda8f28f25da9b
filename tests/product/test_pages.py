"""The pages of a letter, measured from the PDF."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pypdf
import pytest

from tests.measure.characters import Line, Page, pages, text_of
from tests.support.letters import BODY, LETTER, LIST, Changed, sources
from typeset.fonts import MemoryCache, open_catalogue
from typeset.pipeline import BuildContext, build, examine
from typeset.sources import house

CONTEXT = BuildContext(catalogue=open_catalogue(house() / "fonts")[0], cache=MemoryCache())
HEADER = "number,name,lang,spans,kind,note\n"


def pdf_of(changed: Changed | None = None, look: str = "letter") -> bytes:
    checked = examine(sources(changed, look), CONTEXT)
    languages = [version.lang for version in checked.letter.versions]
    (artifact,) = build(checked, CONTEXT, formats=("pdf",), languages=languages)
    return artifact.data


def rows(count: int, start: int = 1) -> str:
    names = (
        "River Association",
        "Верхний клуб чистой воды",
        "Hội Những Người Đánh Cá Hạ Lưu",
        "Society for the Defence of Very Small Rivers and the Villages along Them",
        "下游村莊聯合會",
        "أصدقاء النهر",
        "川の声を聞く会",
    )
    lines = []
    for place in range(count):
        name = names[place % len(names)]
        told_apart = f"{name} {place}" if name.isascii() else name
        lines.append(f"{start + place},{told_apart},und,,organisation,\n")
    return HEADER + "".join(lines)


def list_lines(page: Page) -> list[Line]:
    """The lines of names: set at nine points."""
    return [line for line in page if any(abs(character.size - 9) < 0.1 for character in line)]


@pytest.fixture(scope="module")
def long_list() -> bytes:
    return pdf_of({"signatories.csv": rows(150)})


def test_the_lines_of_both_columns_stand_on_one_grid(long_list: bytes) -> None:
    annex = list_lines(pages(long_list)[1])
    heights = [line[0].y for line in annex]

    off = [(heights[0] - height) % 13.5 for height in heights]

    assert len(heights) > 40
    assert max(min(distance, 13.5 - distance) for distance in off) < 0.6


def test_the_lines_of_a_letter_keep_its_leading_whatever_scripts_they_mix() -> None:
    mixed = "We ask 我們請求 for one thing только одно 川の声 and أصدقاء for it today. " * 12
    body = BODY.replace("We ask for **one** thing.", mixed + "**Bold 粗體 words** " * 6)
    first = pages(pdf_of({"letter.en.md": body}))[0]

    start = next(place for place, line in enumerate(first) if text_of(line).startswith("We ask"))
    end = next(place for place, line in enumerate(first) if "Respectfully" in text_of(line))
    heights = [line[0].y for line in first[start:end]]
    steps = {round(upper - lower, 1) for upper, lower in pairwise(heights)}

    assert len(heights) > 8
    assert steps == {17.0}


def test_the_last_page_of_names_is_balanced(long_list: bytes) -> None:
    last = pages(long_list)[-1]
    middle = 297.6
    numbers = [
        (dot.x, dot.y)
        for line in list_lines(last)
        for digit, dot in pairwise(line)
        if dot.text == "." and digit.text.isdigit()
    ]
    left = [y for x, y in numbers if x < middle]
    right = [y for x, y in numbers if x > middle]

    assert left
    assert right
    assert abs(min(left) - min(right)) < 3 * 13.5


@pytest.mark.parametrize(("start", "digits"), [(1, 2), (90, 3), (9_980, 5)])
def test_the_number_column_is_as_wide_as_its_widest_number(start: int, digits: int) -> None:
    pdf = pdf_of({"signatories.csv": rows(60, start)})
    left = [
        line
        for page in pages(pdf)[1:]
        for line in list_lines(page)
        if re.match(r"\d+\.", text_of(line)) and line[0].x < 297
    ]

    dots = [next(c for c in line if c.text == ".") for line in left]
    edges = {round(dot.x, 0) for dot in dots}
    widest = min(line[0].x for line in left)

    assert len(edges) == 1, "numbers are aligned at their full stop"
    assert 73 < widest < 76, "the widest number begins at the margin"
    names = [
        next(c for c in line if c.x > dot.x + 0.5 and c.text.strip()).x for line, dot in zip(left, dots, strict=True)
    ]
    assert max(names) - min(names) < 3
    assert 2 < min(names) - max(dot.x for dot in dots) < 8


@pytest.mark.parametrize(("page", "size"), [("A4", (595, 842)), ("Letter", (612, 792))])
@pytest.mark.parametrize("look", ["letter", "plain"])
def test_every_look_prints_on_both_papers(page: str, size: tuple[int, int], look: str) -> None:
    pdf = pdf_of({"letter.toml": LETTER.replace("anonymous = 1", f'anonymous = 1\npage = "{page}"')}, look)

    box = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size
    for sheet in pages(pdf):
        for line in sheet:
            assert line[0].x > 40
            assert line[-1].right < size[0] - 40


def test_the_closing_never_stands_alone_on_a_page() -> None:
    for sentences in range(58, 92, 3):
        paragraph = "We ask for one thing and we ask for it today. " * sentences
        found = pages(pdf_of({"letter.en.md": BODY.replace("We ask for **one** thing.", paragraph)}))
        closing = next(page for page in found if any("Respectfully" in text_of(line) for line in page))

        body = [line for line in closing if "We ask" in text_of(line) or "today" in text_of(line)]

        assert len(body) >= 2, f"{sentences} sentences leave the closing with {len(body)} lines of text"


def test_a_heading_stays_with_its_text() -> None:
    for sentences in range(60, 90, 3):
        paragraph = "We ask for one thing and we ask for it today. " * sentences
        body = BODY.replace("We ask for **one** thing.", f"{paragraph}\n\n## Further\n\nAnd that is all that we ask.")
        found = pages(pdf_of({"letter.en.md": body}))

        holding = next(page for page in found if any(text_of(line).strip() == "Further" for line in page))

        assert any("that is all" in text_of(line) for line in holding), sentences


def test_names_are_neither_hyphenated_nor_broken_inside_a_word(long_list: bytes) -> None:
    known = set(f"{rows(150)} {BODY}".replace(",", " ").replace(".", " ").split())

    for page in pages(long_list)[1:]:
        for line in list_lines(page):
            for column in (line[: sum(c.x < 297 for c in line)], line[sum(c.x < 297 for c in line) :]):
                for word in re.findall(r"[A-Za-zÀ-ɏḀ-ỹА-я]+", with_gaps(column)):
                    assert word in known, f"{word} is part of a word"


def with_gaps(line: Line) -> str:
    """What a line says, with a space wherever the eye sees one: PDFium takes some that are drawn for its own."""
    gaps = [" " if after.left - before.right > 1.4 else "" for before, after in pairwise(line)]
    return "".join(character.text + gap for character, gap in zip(line, [*gaps, ""], strict=False))


def test_a_word_wider_than_its_column_is_broken_rather_than_cut(long_list: bytes) -> None:
    pdf = pdf_of({"signatories.csv": LIST + f"4,{'Langername' * 12},de,,organisation,\n"})

    text = "".join(text_of(line) for line in list_lines(pages(pdf)[1]))
    assert "Langername" * 2 in text
    assert max(line[-1].right for line in list_lines(pages(pdf)[1])) < 595 - 70


def test_an_arabic_name_begins_beside_its_number() -> None:
    pdf = pdf_of()
    line = next(line for line in list_lines(pages(pdf)[1]) if text_of(line).startswith("2."))

    assert line[0].x < 80
    arabic = [character for character in line if "\u0600" <= character.text <= "\u06ff"]
    assert min(character.left for character in arabic) - line[1].right < 8
