"""Draws characters at their places in the line, in such a way that PDF readers find no extra spaces.

A PDF has only the spaces that are drawn. Readers guess others from gaps, so the quarter em between Han and Western text
would be read as a space. Two things prevent this, and neither moves a glyph:

* For pypdf a number in a ``TJ`` array is a space when it is larger than half a space, so a gap is written as several
  smaller numbers.
* For PDFium the distance between two strings is a space from a sixth of an em on; but at one font size only from a
  quarter of an em on. Text is shown in that size, and its matrix scales it to the real size.

Import this module only after WeasyPrint.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import ceil
from typing import Any

from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango

from typeset.engine.cjk.glyph_runs import INTS_IN_GLYPH, WIDTH_AT, clusters_of, glyph_rows, offsets_of

GAP = 80
"""A reader may read a distance of at least this width, in thousandths of an em, as a space."""

PATIENT = 8.928
"""The font size at which PDFium's threshold, a sixth of it, is the 1.488 that it multiplies by one and a half."""

_TOKENS = re.compile(r"<([0-9a-f]*)>|(-?[0-9.]+)")


def around_draw_first_line(stock: Callable[..., Any]) -> Callable[..., Any]:
    """``draw.text.draw_first_line``: the glyphs of one text in one line."""

    def draw_first_line(stream: Any, textbox: Any, text_overflow: Any, block_ellipsis: Any, matrix: Any) -> Any:
        advances = getattr(textbox, "typeset_advances", None)
        # A text that is cut with an ellipsis is not the one that was laid out.
        if advances is None or text_overflow == "ellipsis" or block_ellipsis != "none":
            return stock(stream, textbox, text_overflow, block_ellipsis, matrix)
        drawing = _Drawing(stream, textbox)
        values = list(matrix.values)
        values[4] += textbox.typeset_lead
        with drawing:
            return stock(stream, textbox, text_overflow, block_ellipsis, type(matrix)(*values))

    return draw_first_line


class _Drawing:
    """One text being drawn."""

    def __init__(self, stream: Any, textbox: Any) -> None:
        self._stream = stream
        self._layout = textbox.pango_layout
        self._advances = textbox.typeset_advances
        # Pango's sizes are whole 1024ths.
        self._scale = int(textbox.style["font_size"] * TO_UNITS) / TO_UNITS / PATIENT
        self._fonts: dict[Any, Any] = {}

    def __enter__(self) -> None:
        self._layout.get_first_line = self.first_line
        for name in _SHOWN:
            setattr(self._stream, name, getattr(self, name))

    def __exit__(self, *_: object) -> None:
        del self._layout.get_first_line
        for name in _SHOWN:
            delattr(self._stream, name)

    def set_text_matrix(self, a: float, b: float, c: float, d: float, e: float, f: float) -> None:
        """Scale the text from the size in which it is shown to its real size."""
        scale = self._scale
        type(self._stream).set_text_matrix(self._stream, a * scale, b * scale, c * scale, d * scale, e, f)

    def set_font_size(self, font: Any, size: float) -> None:
        """Show the text in the size that PDFium needs."""
        type(self._stream).set_font_size(self._stream, font, round(size / self._scale, 4))

    def set_text_rise(self, height: float) -> None:
        """The rise of a glyph, in units of the size in which it is shown."""
        type(self._stream).set_text_rise(self._stream, height / self._scale)

    def first_line(self) -> tuple[Any, Any]:
        """The line as Pango shaped it, with its glyphs at their final distances."""
        line, index = type(self._layout).get_first_line(self._layout)
        at = offsets_of(self._layout.text)
        carried = 0.0
        run = line.runs[0]
        while run != ffi.NULL:
            item = run.data
            run = run.next
            carried = self._widen(item, at, carried)
        return line, index

    def _widen(self, item: Any, at: dict[int, int], carried: float) -> float:
        font, size = self._stream.add_font(item.item.analysis.font)
        self._fonts[font.hash] = font
        rows, clusters = glyph_rows(item.glyphs), clusters_of(item.glyphs)
        base, total = item.item.offset, len(clusters)
        drawn = 0
        for place, cluster in enumerate(clusters):
            row = place * INTS_IN_GLYPH
            width = rows[row + WIDTH_AT]
            if place + 1 < total and clusters[place + 1] == cluster:
                drawn += width
                continue
            end = clusters[place + 1] if place + 1 < total else item.item.length
            wanted = sum(self._advances[at[base + cluster] : at[base + end]]) - drawn * FROM_UNITS
            drawn = 0
            natural = self._natural(font, size, item.item.analysis.font, rows[row])
            shift = rows[row + WIDTH_AT + 1] / size
            exact = natural + shift - (wanted * 1000 / size) + carried
            number = round(exact)
            carried = exact - number
            # The engine truncates its numbers to integers: keep a distance from them.
            number += 0.25 if number > 0 else -0.25 if number < 0 else 0
            rows[row + WIDTH_AT] = round((natural + shift - number) * size / 1000 * TO_UNITS)
        return carried

    def _natural(self, font: Any, size: float, pango_font: Any, glyph: int) -> float:
        """A glyph's own width in thousandths of an em, as the engine writes it into the font."""
        width: float | None = font.widths.get(glyph)
        if width is None:
            stream = self._stream
            pango.pango_font_get_glyph_extents(pango_font, glyph, stream.ink_rect, stream.logical_rect)
            width = font.widths[glyph] = round(stream.logical_rect.width * 1000 * FROM_UNITS / size)
        return width

    def show_text(self, string: str) -> None:
        """Write a ``TJ`` array, and a new one after each gap that could be read as a space."""
        show = type(self._stream).show_text
        array = ""
        for glyphs, number in _strings(string):
            array += f"<{glyphs}>" if glyphs else ""
            if number > -GAP:
                array += f"{number:g}" if number else ""
                continue
            count = ceil(-number / GAP)
            show(self._stream, array + " ".join([f"{number / count:.3f}"] * count))
            array = ""
        if array:
            show(self._stream, array)


_SHOWN = ("set_text_matrix", "set_font_size", "set_text_rise", "show_text")


def _strings(array: str) -> list[tuple[str, float]]:
    """The strings of a ``TJ`` array, each with the sum of the numbers that follow it."""
    found: list[tuple[str, float]] = [("", 0.0)]
    for glyphs, number in _TOKENS.findall(array):
        before, sum_ = found[-1]
        if number:
            found[-1] = before, sum_ + float(number)
        elif glyphs and not sum_:
            found[-1] = before + glyphs, 0.0
        elif glyphs:
            found.append((glyphs, 0.0))
    return found
