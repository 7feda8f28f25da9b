"""The characters of a PDF page, line by line, with their positions in points."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """A character as drawn: ``x`` is its origin, ``advance`` its width in the font, ``left`` to ``right`` its ink."""

    text: str
    x: float
    y: float
    advance: float
    left: float
    right: float
    size: float

    @property
    def end(self) -> float:
        """Where its square, or its width, ends."""
        return self.x + self.advance


Line = tuple[Character, ...]
Page = tuple[Line, ...]


def pages(pdf: bytes) -> tuple[Page, ...]:
    """The lines of every page, top to bottom; a line is what stands on one baseline."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for number in range(len(document)):
        rows: dict[int, list[Character]] = {}
        for character in _characters(document[number]):
            rows.setdefault(round(character.y), []).append(character)
        found.append(tuple(tuple(sorted(rows[y], key=lambda c: c.x)) for y in sorted(rows, reverse=True)))
    return tuple(found)


def lines(pdf: bytes) -> Page:
    """All lines of all pages."""
    return tuple(line for page in pages(pdf) for line in page)


def text_of(line: Line) -> str:
    """What a line says."""
    return "".join(character.text for character in line)


def _characters(page: pypdfium2.PdfPage) -> Iterator[Character]:
    text = page.get_textpage()
    handle = text.raw
    for index in range(pdfium.FPDFText_CountChars(handle)):
        if pdfium.FPDFText_IsGenerated(handle, index) == 1:
            continue
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(handle, index, x, y)
        loose = pdfium.FS_RECTF()
        pdfium.FPDFText_GetLooseCharBox(handle, index, loose)
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        pdfium.FPDFText_GetCharBox(handle, index, left, right, bottom, top)
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(handle, index, matrix)
        yield Character(
            text=chr(pdfium.FPDFText_GetUnicode(handle, index)),
            x=x.value,
            y=y.value,
            advance=loose.right - x.value,
            left=left.value,
            right=right.value,
            size=pdfium.FPDFText_GetFontSize(handle, index) * matrix.a,
        )
