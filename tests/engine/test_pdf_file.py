"""Files with their replaceable streams last: the same whether a stream was replaced or was there from the beginning."""

from __future__ import annotations

import io
from typing import Any

import pydyf
import pypdfium2
import pytest
from pypdf import PdfReader

from typeset.engine import pdf_file
from typeset.engine.loader import ChangedEngine


def drawn(*pages: bytes, title: str = "A letter", more: int = 0) -> pdf_file.PdfFile:
    """A file with a page for each of these operators, and so many objects more."""
    pdf = pydyf.PDF()
    for number in range(more):
        pdf.add_object(pydyf.Dictionary({"Number": number}))
    pdf.info["Title"] = pydyf.String(title)
    for operators in pages:
        stream = pydyf.Stream([operators], compress=True)
        pdf.add_object(stream)
        box = pydyf.Array([0, 0, 200, 100])
        pdf.add_page(pydyf.Dictionary({"Type": "/Page", "Parent": pdf.pages.reference, "MediaBox": box}))
        pdf.objects[-1]["Contents"] = stream.reference
    made = pdf_file.install(pdf)
    pdf.write(io.BytesIO(), b"1.7", True, True)
    return made[0]


def contents(data: bytes) -> list[bytes]:
    reader: Any = PdfReader(io.BytesIO(data), strict=True)
    return [page.get_contents().get_data() for page in reader.pages]


def test_a_replaced_stream_gives_the_file_that_has_it_from_the_beginning() -> None:
    file = drawn(b"1 0 0 rg", b"0 1 0 rg")
    first, _ = file.replaceable

    replaced = file.written({first: pdf_file.stream_object(first, b"0 0 1 rg 5 5 20 20 re f")})

    assert replaced == drawn(b"0 0 1 rg 5 5 20 20 re f", b"0 1 0 rg").written()
    assert contents(replaced) == [b"0 0 1 rg 5 5 20 20 re f", b"0 1 0 rg"]


def test_a_file_may_have_more_objects_than_two_bytes_count() -> None:
    data = drawn(b"1 0 0 rg", more=66_000).written()

    assert contents(data) == [b"1 0 0 rg"]
    assert len(pypdfium2.PdfDocument(data)) == 1


def test_a_file_is_not_changed_by_writing_another_stream_in_it() -> None:
    file = drawn(b"1 0 0 rg")
    before = file.written()

    file.written({file.replaceable[0]: pdf_file.stream_object(file.replaceable[0], b"0 g")})

    assert file.written() == before


def test_different_streams_give_different_identifiers() -> None:
    file = drawn(b"1 0 0 rg")
    (number,) = file.replaceable

    one, other = file.written(), file.written({number: pdf_file.stream_object(number, b"0 g")})

    identifiers = [PdfReader(io.BytesIO(data)).trailer["/ID"] for data in (one, other)]
    assert identifiers[0] != identifiers[1]
    assert PdfReader(io.BytesIO(file.written())).trailer["/ID"] == identifiers[0]


def test_a_file_that_grows_past_three_bytes_of_place_is_still_found_its_way_about_in() -> None:
    file = drawn(b"1 0 0 rg", b"0 1 0 rg")
    first, _ = file.replaceable
    # Not compressed, so that it is as large in the file.
    large = b"%" + b" " * (1 << 24)
    entry = b"%d 0 obj\n<</Length %d>>\nstream\n%b\nendstream\nendobj\n" % (first, len(large), large)

    data = file.written({first: entry})

    assert len(data) > 1 << 24
    assert contents(data)[1] == b"0 1 0 rg"
    assert len(pypdfium2.PdfDocument(data)) == 2


def test_a_changed_writer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(self: Any, output: Any) -> None:
        """Another one."""

    monkeypatch.setattr(pydyf.PDF, "write", write)

    with pytest.raises(ChangedEngine, match="pydyf"):
        pdf_file.check()
