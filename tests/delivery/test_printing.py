"""A print run: all copies in one file, each on the front of a sheet, what they share there once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from functools import cache

import pypdf
import pypdfium2
import pytest
from PIL import ImageChops
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from tests.support.letters import house_templates
from typeset.delivery.labels import labels_pdf
from typeset.delivery.print_run import print_run
from typeset.fonts import MemoryCache, open_catalogue
from typeset.pipeline import BuildContext
from typeset.preflight import ExpectedRun, preflight
from typeset.recipients import read_recipients
from typeset.sources import Sources, house

CONTEXT = BuildContext(catalogue=open_catalogue(house() / "fonts")[0], cache=MemoryCache())


@cache
def paper(pages: int, lang: str = "en") -> bytes:
    """A tagged PDF with faces of its own, of so many pages that do not say the same."""
    everybody, _ = read_recipients(b"set\nun-member-states\n", languages=[lang], today=date(2026, 8, 1))
    return labels_pdf(everybody[: pages * 24], Sources(house_templates()), CONTEXT).data


def with_first_page(data: bytes, mark: str) -> bytes:
    """The same with something else on page 1, as copies of an edition have."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    page = writer.pages[0]
    stream = DecodedStreamObject()
    # An artifact: a rule as long as the mark says.
    drawn = page.get_contents()
    assert drawn is not None
    stream.set_data(drawn.get_data() + f"\n0 0 {len(mark)} 1 re f % {mark}\n".encode())
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_seal(data: bytes, flags: int = 4) -> bytes:
    """The same with a field on page 1 whose appearance is a black square in a box of ten units."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    form = DecodedStreamObject()
    form.set_data(b"0 0 10 10 re f")
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(map(FloatObject, (0, 0, 10, 10))),
        }
    )
    widget = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Sig"),
            NameObject("/T"): TextStringObject("seal"),
            NameObject("/F"): NumberObject(flags),
            NameObject("/Rect"): ArrayObject(map(FloatObject, (200, 400, 260, 440))),
            NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(form)}),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(widget)])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def texts(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def black(data: bytes, page: int, box: tuple[int, int, int, int]) -> bool:
    """Whether a rectangle of a page, in points from the lower left, is black all over."""
    leaf = pypdfium2.PdfDocument(data)[page]
    picture = leaf.render(scale=1, may_draw_forms=False).to_pil().convert("L")
    left, bottom, right, top = box
    height = picture.height
    inside = picture.crop((left + 1, height - top + 1, right - 1, height - bottom - 1))
    return bool(inside.getextrema() == (0, 0))


def run_of(*papers: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    copies = [(f"mission-{place}", data) for place, data in enumerate(papers)]
    return copies, print_run(copies)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((1, 1), ["0.0", "", "1.0"]),
        ((2, 1), ["0.0", "0.1", "1.0"]),
        ((1, 2, 3, 1), ["0.0", "", "1.0", "1.1", "2.0", "2.1", "2.2", "", "3.0"]),
        ((3,), ["0.0", "0.1", "0.2"]),
    ],
)
def test_every_copy_begins_on_the_front_of_a_sheet(lengths: Sequence[int], expected: list[str]) -> None:
    copies, printed = run_of(*map(paper, lengths))

    of_copies = {
        f"{copy}.{page}": text for copy, (_, data) in enumerate(copies) for page, text in enumerate(texts(data))
    }
    assert texts(printed) == [of_copies.get(key, "") for key in expected]


def test_a_page_looks_as_it_does_in_the_copy() -> None:
    _, printed = run_of(paper(1), paper(1, "ar"))

    run, copy = pypdfium2.PdfDocument(printed), pypdfium2.PdfDocument(paper(1, "ar"))
    difference = ImageChops.difference(run[2].render().to_pil(), copy[0].render().to_pil())
    assert difference.getbbox() is None
    assert run[1].get_size() == copy[0].get_size()


def test_what_copies_share_is_in_the_run_once() -> None:
    copies, printed = run_of(*(with_first_page(paper(3), f"mission {number}") for number in range(40)))

    assert len(printed) < 3 * len(copies[0][1])
    assert len(printed) < sum(len(data) for _, data in copies) / 12
    assert len(fonts(printed)) == len(fonts(copies[0][1]))


def fonts(data: bytes) -> set[int]:
    """The fonts of a file, by the number of the object."""
    found: set[int] = set()
    for page in pypdf.PdfReader(io.BytesIO(data)).pages:
        used = page["/Resources"].get("/Font", DictionaryObject())  # type: ignore[attr-defined]
        found |= {used.get_object().raw_get(name).idnum for name in used.get_object()}
    return found


def test_a_run_says_that_it_is_one_and_carries_nothing_that_paper_has_not() -> None:
    _, printed = run_of(paper(1), paper(2))

    reader = pypdf.PdfReader(io.BytesIO(printed))
    assert reader.metadata
    assert reader.metadata.title == "Print run of 2 copies"
    assert "not for delivery" in str(reader.metadata.subject)
    assert reader.page_labels == ["mission-0 1", "blank", "mission-1 1", "mission-1 2"]
    assert [item.title for item in reader.outline] == ["mission-0", "mission-1"]  # type: ignore[union-attr]
    assert [reader.get_destination_page_number(item) for item in reader.outline] == [0, 2]  # type: ignore[arg-type]
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/Duplex"] == "/DuplexFlipLongEdge"  # type: ignore[index]
    assert not {"/StructTreeRoot", "/MarkInfo", "/AcroForm", "/Names", "/Metadata"} & set(reader.trailer["/Root"])  # type: ignore[call-overload]


def test_what_a_seal_shows_is_printed_where_it_stood() -> None:
    _, printed = run_of(with_seal(paper(1)))

    assert black(printed, 0, (200, 400, 260, 440))
    assert not black(printed, 0, (200, 396, 260, 440))
    assert texts(printed) == texts(paper(1))


@pytest.mark.parametrize("flags", [0, 2, 6])
def test_what_is_not_shown_on_paper_is_not_printed(flags: int) -> None:
    _, printed = run_of(with_seal(paper(1), flags))

    assert not black(printed, 0, (200, 400, 260, 440))


def test_the_same_copies_give_the_same_run() -> None:
    assert run_of(paper(1), paper(2))[1] == run_of(paper(1), paper(2))[1]


@pytest.mark.parametrize("fault", ["order", "missing", "extra", "front"])
def test_a_run_that_is_not_its_copies_is_refused(fault: str) -> None:
    copies = [("one", paper(1)), ("two", paper(2, "ar"))]
    printed = {
        "order": print_run(copies[::-1]),
        "missing": print_run(copies[:1]),
        "extra": print_run([*copies, copies[0]]),
        "front": without_blank(print_run(copies)),
    }[fault]

    assert [finding.code for finding in preflight(printed, ExpectedRun(copies=tuple(copies)))] == ["print-run-misread"]


def without_blank(data: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.remove_page(1)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_no_copies_make_no_run() -> None:
    assert print_run([]) == b""
