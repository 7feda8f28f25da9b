"""A second wall: PDFium draws each page, and the ink has to be where the display list has glyphs, and nowhere else.

What `display_list` follows and what a reader shows could differ, by a fault of ours or by a trick of the file. Others
wrote PDFium, and many people see pages with it. The small verifier has it only as an extra (``typeset-verify[draw]``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typeset.verification.display_list import Box, DisplayList, Line

DOTS = 1.0
"""Pixels a point: 72 to the inch."""

_WHITE = 250
_INK = 24
"""The least difference, of 255, between the darkest and the lightest pixel of a line."""


def ink_faults(data: bytes, display: DisplayList, fields: Sequence[tuple[int, Box]]) -> Iterator[str]:
    """Lines that leave no ink on their page, and ink where nothing is expected; ``fields`` are places of fields."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        document.init_forms()
        for page, (width, height) in enumerate(display.sizes):
            bitmap = document[page].render(scale=DOTS, grayscale=True, may_draw_forms=False, draw_annots=False)
            drawn = _Drawn(bytearray(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride)
            if abs(bitmap.width - width * DOTS) > 2 or abs(bitmap.height - height * DOTS) > 2:
                yield f"page {page + 1} has another size when it is drawn"
                continue
            lines = display.on_page(page)
            for line in lines:
                if not drawn.has_ink(line):
                    said = "".join(text for _, text, _ in line.glyphs)[:40]
                    yield f"page {page + 1}: “{said}” is not seen when the page is drawn"
            for line in lines:
                drawn.wipe(_around(line))
            for shape in display.shapes:
                if shape.page == page:
                    drawn.wipe(shape.box)
            for place, box in fields:
                if place == page:
                    drawn.wipe(box)
            if drawn.is_inked():
                yield f"page {page + 1} shows something, when it is drawn, where nothing is expected"
    finally:
        document.close()


def _around(line: Line) -> Box:
    """Where the glyphs of a line may have ink: marks are above it, and some letters go far below."""
    left, base, right, _ = line.box
    return left - line.size, base - 0.8 * line.size, right + line.size, base + 1.5 * line.size


class _Drawn:
    """The pixels of a page, one byte each, from the top."""

    def __init__(self, pixels: bytearray, width: int, height: int, stride: int) -> None:
        self._pixels, self._width, self._height, self._stride = pixels, width, height, stride

    def _rows(self, box: Box) -> Iterator[tuple[int, int]]:
        left = max(int(box[0] * DOTS) - 1, 0)
        right = min(int(box[2] * DOTS) + 2, self._width)
        top = max(self._height - int(box[3] * DOTS) - 2, 0)
        bottom = min(self._height - int(box[1] * DOTS) + 1, self._height)
        for row in range(top, bottom):
            yield row * self._stride + left, row * self._stride + max(right, left)

    def has_ink(self, line: Line) -> bool:
        """Whether the place of a line is not all of one colour."""
        left, base, right, top = line.box
        rows = self._rows((left, base - 0.3 * line.size, right, top))
        found = [self._pixels[start:end] for start, end in rows if start < end]
        return bool(found) and max(map(max, found)) - min(map(min, found)) >= _INK

    def wipe(self, box: Box) -> None:
        """Make a place white."""
        for start, end in self._rows(box):
            self._pixels[start:end] = b"\xff" * (end - start)

    def is_inked(self) -> bool:
        """Whether anything is left that is not white."""
        for row in range(self._height):
            start = row * self._stride
            if min(self._pixels[start : start + self._width]) < _WHITE:
                return True
        return False
