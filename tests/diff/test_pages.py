"""What changed is marked where it stands on the page, and what only moved is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from typeset.diff import compare_pages
from typeset.diff.formats import marked
from typeset.diff.page_marks import ComparedPages
from typeset.diff.word_diff import word_changes

HEIGHT = 400


def pdf(*pages: Sequence[str], head: str = "A running head", foot: str = "Page {} of {}") -> bytes:
    """A small PDF with these lines on its pages, one below the other, between a running head and a page number."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for number, lines in enumerate(pages, start=1):
        placed = [(HEIGHT - 20, head), (12, foot.format(number, len(pages)))]
        placed += [(HEIGHT - 60 - 14 * place, line) for place, line in enumerate(lines)]
        shown = "".join(f"BT /F 10 Tf 20 {y} Td ({line}) Tj ET\n" for y, line in placed if line).encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%sendstream" % (len(shown), shown))
        fonts = b"/Resources << /Font << /F 3 0 R >> >>"
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 %d] /Contents %d 0 R %s >>"
        objects.append(page % (HEIGHT, len(objects), fonts))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return data + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def marks(pages: ComparedPages) -> tuple[dict[int, int], dict[int, int]]:
    """How many marks each page has, before and after."""
    before, after = (
        {page.number: len(page.marks) for page in side if page.marks} for side in (pages.before, pages.after)
    )
    return before, after


ONE, TWO = ("We ask for one thing.", "And for another."), ("Amis du Delta", "River Watch", "Foo Group")


def test_same_file_has_no_mark_and_no_image() -> None:
    pages = compare_pages(pdf(ONE, TWO), pdf(ONE, TWO))

    assert (pages.before, pages.after, pages.unmarked) == ((), (), (1, 2))


def test_changed_words_are_marked_on_both_sides() -> None:
    pages = compare_pages(pdf(ONE, TWO), pdf(("We ask for two things.", "And for another."), TWO))

    assert marks(pages) == ({1: 1}, {1: 1})
    assert pages.unmarked == (2,)
    (mark,) = pages.after[0].marks
    line = 1 - (HEIGHT - 60) / HEIGHT
    assert mark.top < line < mark.top + mark.height
    assert 20 / 300 < mark.left < 90 / 300


def test_what_moves_to_another_page_is_not_marked() -> None:
    pages = compare_pages(pdf(ONE, TWO), pdf((*ONE, TWO[0]), TWO[1:]))

    assert marks(pages) == ({}, {})


def test_margins_of_a_letter_that_grew_by_a_page_are_not_marked() -> None:
    pages = compare_pages(pdf(ONE, TWO), pdf(ONE, TWO, ("A new name",)))

    assert marks(pages) == ({}, {3: 1})
    assert [(one and one.number, other and other.number) for one, other in pages.sides] == [(None, 3)]
    assert pages.unmarked == (1, 2)


def test_line_at_the_foot_that_is_not_on_every_page_is_compared() -> None:
    before = pdf(ONE, TWO, foot="")
    after = pdf((*ONE, *[""] * 20, "Originally published elsewhere"), TWO, foot="")

    assert marks(compare_pages(before, after)) == ({}, {1: 1})


def test_word_divided_at_a_line_end_is_one_word() -> None:
    before, after = pdf(("The moni\xadtor",), TWO), pdf(("The moni\xad", "tor"), TWO)

    assert marks(compare_pages(before, after)) == ({}, {})


def test_files_too_long_to_compare_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typeset.diff.page_marks._MOST_WORDS", 5)

    pages = compare_pages(pdf(ONE, TWO), pdf(ONE, TWO[:1]))

    assert not pages.complete
    assert marks(pages) == ({}, {})


def test_text_of_a_change_is_never_markup() -> None:
    shown = str(marked(word_changes("a <b>", 'a <i> "x" & y\nz')))

    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "&lt;" in shown
    assert "&amp;" in shown
    assert "<br>" in shown
