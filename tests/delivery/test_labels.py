"""Sheets of address labels: every recipient once, each inside its label, read back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pypdf
import pypdfium2
import pytest

from tests.support.letters import house_templates
from typeset.delivery.labels import SHEETS, Labels, labels_pdf
from typeset.diagnostics import LetterError
from typeset.fonts import MemoryCache, open_catalogue
from typeset.pipeline import BuildContext
from typeset.recipients import Addressee, read_recipients
from typeset.sources import Sources, house

CONTEXT = BuildContext(catalogue=open_catalogue(house() / "fonts")[0], cache=MemoryCache())
SOURCES = Sources(house_templates())
MM = 72 / 25.4


def recipients(*rows: str, lang: str = "en") -> tuple[Addressee, ...]:
    head = "set,state,holder,until,lang,address"
    data = "\n".join((head, *rows, "")).encode()
    return read_recipients(data, languages=[lang], today=date(2026, 8, 1))[0]


def made(addressees: tuple[Addressee, ...], **settings: object) -> Labels:
    return labels_pdf(addressees, SOURCES, CONTEXT, **settings)  # type: ignore[arg-type]


def label_text(data: bytes, page: str, place: int) -> str:
    """What stands on the piece of paper that is one label, as a person who peels it off reads it."""
    sheet = SHEETS[page]
    x, y = sheet.corner(place)
    leaf = pypdfium2.PdfDocument(data)[place // sheet.count]
    height = leaf.get_height()
    box = (x * MM, height - (y + sheet.height) * MM, (x + sheet.width) * MM, height - y * MM)
    return " ".join(leaf.get_textpage().get_text_bounded(*box).replace("\x02", "-").split())


@pytest.mark.parametrize(("page", "lang", "sheets"), [("A4", "en", 9), ("Letter", "ru", 15)])
def test_every_recipient_of_the_letter_has_one_label_in_the_order_of_the_list(
    page: str, lang: str, sheets: int
) -> None:
    everybody = recipients("un-letter,,,,,", lang=lang)

    labels = made(everybody, page=page)

    assert labels.findings == ()
    assert labels.pages == sheets
    assert [label_text(labels.data, page, place) for place in range(197)] == [" ".join(e.address) for e in everybody]


@pytest.mark.parametrize(("page", "size"), [("A4", (210, 297)), ("Letter", (215.9, 279.4))])
def test_the_paper_is_as_large_as_the_sheet_of_labels(page: str, size: tuple[float, float]) -> None:
    labels = made(recipients(",FRA,,,,"), page=page)

    box = pypdf.PdfReader(io.BytesIO(labels.data)).pages[0].mediabox
    sheet = SHEETS[page]
    right, below = sheet.corner(sheet.count - 1)
    assert (float(box.width) / MM, float(box.height) / MM) == pytest.approx(size, abs=0.05)
    assert right + sheet.width <= size[0] + 0.01
    assert below + sheet.height <= size[1] + 0.01


@pytest.mark.parametrize("lang", ["ar", "zh-Hant"])
def test_labels_are_set_in_the_letters_of_the_copy(lang: str) -> None:
    some = recipients("secretary-general,,,,,", ",GBR,,,,", ",DZA,,,,", lang=lang)

    labels = made(some)

    assert labels.findings == ()
    assert "New York, NY 10017, USA" in label_text(labels.data, "A4", 0)


def test_a_long_address_is_set_smaller_and_its_neighbours_are_not() -> None:
    long = "|".join(f"Line {number} of a long address" for number in range(7))
    labels = made(recipients(f",FRA,,,,{long}", ",KEN,,,,"))

    sizes = {size for page in pypdf.PdfReader(io.BytesIO(labels.data)).pages for size in _sizes(page)}
    assert labels.findings == ()
    assert label_text(labels.data, "A4", 0).endswith("Line 6 of a long address")
    assert max(sizes) == 10
    assert min(sizes) < 10


def _sizes(page: pypdf.PageObject) -> set[float]:
    found: set[float] = set()

    def visit(text: str, cm: list[float], tm: list[float], font: object, size: float) -> None:
        if text.strip():
            found.add(round(abs(size * tm[3] * cm[3]), 1))

    page.extract_text(visitor_text=visit)
    return found


def test_an_address_that_does_not_fit_is_left_out_and_named() -> None:
    address = "|".join(["A line"] * 14)
    others = recipients(",FRA,,,,", f",KEN,,,,{address}", ",UGA,,,,", ",MLI,,,,", ",PER,,,,", ",OMN,,,,")

    labels = made(others)

    (finding,) = labels.findings
    assert (finding.code, finding.subject) == ("label-overflow", "recipient mission-kenya")
    assert finding.place
    assert finding.place.line == 3
    assert [name for place in range(5) for name in label_text(labels.data, "A4", place).split() if name in NAMES] == [
        "France",
        "Uganda",
        "Mali",
        "Peru",
        "Oman",
    ]


NAMES = ("France", "Uganda", "Mali", "Peru", "Oman")


def test_a_word_wider_than_a_label_does_not_run_into_the_next() -> None:
    labels = made(recipients(f",KEN,,,,{'X' * 70}", ",UGA,,,,"))

    assert labels.findings == ()
    assert label_text(labels.data, "A4", 0).count("X") == 70
    assert label_text(labels.data, "A4", 1).startswith("H.E. the Permanent Representative")


def test_a_character_without_a_face_is_a_finding_about_its_recipient() -> None:
    labels = made(recipients(",FRA,,,,", ",KEN,,,,ᚠᚢᚦ Street"))

    assert {(finding.code, finding.subject) for finding in labels.findings} == {
        ("uncovered-character", "recipient mission-kenya")
    }
    assert labels.pages == 1


def test_nobody_gets_no_sheet() -> None:
    assert made(()) == Labels(data=b"", pages=0, findings=())


def test_labels_that_do_not_say_what_they_should_are_refused() -> None:
    template = SOURCES["templates/delivery/labels.html.j2"]
    wrong = Sources({**SOURCES, "templates/delivery/labels.html.j2": template.replace(b"{{ line.text }}", b"x")})

    with pytest.raises(LetterError, match="label-misread"):
        labels_pdf(recipients(",FRA,,,,"), wrong, CONTEXT)


def test_the_same_recipients_give_the_same_bytes() -> None:
    some = recipients(",FRA,,,,", ",KEN,,,,")

    assert made(some).data == made(tuple(replace(each) for each in some)).data
