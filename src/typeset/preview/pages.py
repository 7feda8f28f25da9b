"""The pages of a PDF as PDFium renders them: digests, images, and the positions of their text."""

from __future__ import annotations

import ctypes
import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import sleep
from typing import Any

WIDEST = 4000
"""The largest width of a page image, in pixels: four times a page on a common screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its size in points, and a digest of its image. Pages that look the same have the same digest."""

    digest: str
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedBlock:
    """A printed paragraph, heading or list entry, or the part of it on one page, with its position.

    ``kind`` is the structure element (``P``, ``H1``, ``LI``), ``label`` the text of an entry's number. The box is in
    fractions of the page's width and height, from the upper left corner.
    """

    page: int
    kind: str
    label: str
    text: str
    left: float
    top: float
    width: float
    height: float


# PDFium is not thread-safe, not even for different documents.
_PDFIUM = Lock()
_TURN = 0.0002
"""Seconds to wait after each page of a whole document, so that other threads can take the lock."""


@contextmanager
def _document(pdf: bytes) -> Iterator[Any]:
    import pypdfium2

    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        with _PDFIUM:
            document.close()


def _each_page(document: Any) -> Iterator[Any]:
    """Each page of a document. Other threads can use PDFium between two pages, so a long letter blocks no request."""
    with _PDFIUM:
        many = len(document)
    for number in range(many):
        with _PDFIUM:
            page = document[number]
            yield page
            page.close()
        sleep(_TURN)


def pages_of(pdf: bytes) -> tuple[Page, ...]:
    """The pages of a file. Their digests are of images with one pixel a point."""
    with _document(pdf) as document:
        return tuple(map(_page_of, _each_page(document)))


def some_pages_of(pdf: bytes, numbers: Iterable[int]) -> dict[int, Page]:
    """Some of the pages of a file, counted from 0."""
    found = {}
    with _document(pdf) as document, _PDFIUM:
        for number in numbers:
            page = document[number]
            found[number] = _page_of(page)
            page.close()
    return found


def _page_of(page: Any) -> Page:
    width, height = page.get_size()
    bitmap = page.render(scale=1, grayscale=False)
    looks = hashlib.sha256(f"{width:.2f} {height:.2f} ".encode())
    looks.update(bytes(bitmap.buffer))
    bitmap.close()
    return Page(digest=looks.hexdigest()[:32], width=width, height=height)


def image_of(pdf: bytes, number: int, width: int) -> bytes:
    """A page (counted from 0) as a PNG of this many pixels across, no more than `WIDEST`."""
    with _document(pdf) as document, _PDFIUM:
        page = document[number]
        scale = max(16, min(width, WIDEST)) / page.get_width()
        picture = page.render(scale=scale).to_pil()
        page.close()
    file = io.BytesIO()
    # The image crosses the loopback only: time matters, size does not.
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def printed_blocks(pdf: bytes) -> tuple[PrintedBlock, ...]:
    """Every block of tagged text with the place it is printed at, in reading order page by page."""
    found: list[PrintedBlock] = []
    with _document(pdf) as document:
        for number, page in enumerate(_each_page(document)):
            found += _blocks(page, number)
    return tuple(found)


_BLOCKS = frozenset({"P", "H1", "H2", "H3", "H4", "H5", "H6", "LI", "Caption", "TD", "TH"})


def _blocks(page: Any, number: int) -> Iterator[PrintedBlock]:
    from pypdfium2 import raw

    tree = raw.FPDF_StructTree_GetForPage(page.raw)
    if not tree:
        return
    try:
        marked = _marked_text(page)
        width, height = page.get_size()
        for index in range(max(raw.FPDF_StructTree_CountChildren(tree), 0)):
            top = raw.FPDF_StructTree_GetChildAtIndex(tree, index)
            for block in _elements(top):
                boxes = [
                    box for mark in (*block.label, *block.body) for box, _ in marked.get(mark, ()) if box[2] > box[0]
                ]
                if not boxes:
                    continue
                left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
                right, upper = max(box[2] for box in boxes), max(box[3] for box in boxes)
                yield PrintedBlock(
                    page=number,
                    kind=block.kind,
                    label="".join(text for mark in block.label for _, text in marked.get(mark, ())),
                    text=" ".join("".join(text for mark in block.body for _, text in marked.get(mark, ())).split()),
                    left=round(left / width, 5),
                    top=round(1 - upper / height, 5),
                    width=round((right - left) / width, 5),
                    height=round((upper - bottom) / height, 5),
                )
    finally:
        raw.FPDF_StructTree_Close(tree)


_Box = tuple[float, float, float, float]


def _marked_text(page: Any) -> dict[int, list[tuple[_Box, str]]]:
    """The text objects of a page with their boxes, by the number of their marked content."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    marked: dict[int, list[tuple[_Box, str]]] = {}
    for item in page.get_objects(filter=(raw.FPDF_PAGEOBJ_TEXT,)):
        mark = raw.FPDFPageObj_GetMarkedContentID(item.raw)
        if mark >= 0:
            marked.setdefault(mark, []).append((item.get_bounds(), _text(raw, item.raw, text_page.raw)))
    text_page.close()
    return marked


def _text(raw: Any, item: Any, text_page: Any) -> str:
    length = raw.FPDFTextObj_GetText(item, text_page, None, 0)
    buffer = ctypes.create_string_buffer(length)
    raw.FPDFTextObj_GetText(item, text_page, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)
    return buffer.raw.decode("utf-16-le", "replace").partition("\0")[0]


@dataclass(slots=True)
class _MarkedBlock:
    """A structure element that is a block, with the numbers of the marked content of its label and its text."""

    kind: str
    label: list[int] = field(default_factory=list)
    body: list[int] = field(default_factory=list)


def _elements(top: Any) -> list[_MarkedBlock]:
    """The blocks at and below a structure element."""
    from pypdfium2 import raw

    found: list[_MarkedBlock] = []

    def walk(element: Any, block: _MarkedBlock | None, labelling: bool) -> None:
        kind = _kind(raw, element)
        if kind in _BLOCKS and (block is None or kind == "LI"):
            block, labelling = _MarkedBlock(kind), False
            found.append(block)
        labelling = labelling or kind == "Lbl"
        for index in range(raw.FPDF_StructElement_CountChildren(element)):
            mark = raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if mark >= 0:
                if block is not None:
                    (block.label if labelling else block.body).append(mark)
            elif kid := raw.FPDF_StructElement_GetChildAtIndex(element, index):
                walk(kid, block, labelling)

    walk(top, None, False)
    return found


def _kind(raw: Any, element: Any) -> str:
    buffer = ctypes.create_string_buffer(128)
    raw.FPDF_StructElement_GetType(element, buffer, 128)
    return buffer.raw.decode("utf-16-le", "replace").partition("\0")[0]
