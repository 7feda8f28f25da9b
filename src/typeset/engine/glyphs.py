"""Glyphs as Pango shapes them: how wide they are, and which characters they stand for.

To be imported only when WeasyPrint is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from weasyprint.text.ffi import FROM_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, line_size

INTS_IN_GLYPH = ffi.sizeof("PangoGlyphInfo") // 4
WIDTH_AT = ffi.offsetof("PangoGlyphInfo", "geometry") // 4
"""A glyph's row in the memory of a glyph string: how many numbers it has, and which of them is its width."""

_DASHES = re.compile("[—―⸺]+")


class PlainLayout(Layout):  # type: ignore[misc]
    """A Pango layout that leaves letter, word and justification spacing to the line: only fonts and features act.

    Dashes get the form that fills its square, two of them the one that fills two (CLREQ 3.1.2).
    """

    def set_text(self, text: str, justify: bool = False) -> None:
        """Shape a text; ``justify`` is the stock engine's and says nothing here."""
        self.text = text
        data = text.encode()
        string = ffi.new("char[]", data)
        pango.pango_layout_set_text(self.layout, string, len(data))
        dashes = [match.span() for match in _DASHES.finditer(text)]
        if not dashes:
            return
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        for start, end in dashes:
            attribute = pango.pango_attr_font_features_new(b"fwid 1")
            attribute.start_index = len(text[:start].encode())
            attribute.end_index = attribute.start_index + len(text[start:end].encode())
            pango.pango_attr_list_insert(attributes, attribute)
        pango.pango_layout_set_attributes(self.layout, attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """A text in its faces. Lengths in px; ``joined`` are the offsets inside a cluster."""

    layout: Any
    advance: list[float]
    height: float
    baseline: float
    joined: list[int]


def shape(text: str, style: Any) -> Shaped | None:
    """A text shaped in one go; none when part of it runs from right to left."""
    layout = PlainLayout(style)
    layout.set_text(text)
    line, _ = layout.get_first_line()
    at = offsets_of(text)
    advance = [0.0] * len(text)
    clusters = set()
    run = line.runs[0]
    while run != ffi.NULL:
        item, run = run.data, run.next
        if item.item.analysis.level % 2:
            return None
        widths = glyph_rows(item.glyphs)[WIDTH_AT::INTS_IN_GLYPH]
        for width, cluster in zip(widths, clusters_of(item.glyphs), strict=True):
            index = at[item.item.offset + cluster]
            clusters.add(index)
            advance[index] += width * FROM_UNITS
    _, height = line_size(line, style)
    baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
    layout.deactivate()
    joined = [index for index in range(1, len(text)) if index not in clusters]
    return Shaped(layout=layout, advance=advance, height=height, baseline=baseline, joined=joined)


def offsets_of(text: str) -> dict[int, int]:
    """The place in a text of each offset in its UTF-8 bytes that begins a character, and of its end."""
    offsets = accumulate(map(_bytes_of, text), initial=0)
    return {offset: index for index, offset in enumerate(offsets)}


def glyph_rows(glyphs: Any) -> memoryview:
    """The memory of a glyph string as numbers: one row a glyph."""
    return memoryview(ffi.buffer(glyphs.glyphs, glyphs.num_glyphs * INTS_IN_GLYPH * 4)).cast("i")


def clusters_of(glyphs: Any) -> list[int]:
    """The byte offset, in its item, of the cluster that each glyph belongs to."""
    clusters: list[int] = ffi.unpack(glyphs.log_clusters, glyphs.num_glyphs)
    return clusters


def _bytes_of(character: str) -> int:
    """How many bytes of UTF-8 a character is."""
    return 1 if character < "\x80" else 2 if character < "\u0800" else 3 if character < "\U00010000" else 4
