"""What a file says of its fonts, whatever was drawn first.

Stock WeasyPrint takes a glyph's width and a font's height from the size in which it first draws them, rounded in that
size, and lists glyphs and fonts in the order in which they are first met. One word moved on the first page may then
change every stream behind it. Here measures are what the face itself states (ISO 32000-1, 9.7.4.3), and lists are in
the order of the glyphs and of the fonts' names: what a file says of a font depends on the glyphs that are in use, and
on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any

from typeset.engine.guard import hold

PATCHED = {
    "stream.Stream.add_font": "e4226e1117477217",
    "fonts.build_fonts_dictionary": "fc551bef35d0d6c3",
    "fonts.Font": "1888854798bf8726",
}
"""What is wrapped or relied on, in ``weasyprint.pdf``, and the start of the SHA-256 of each."""


def install() -> None:
    """Wrap both, once. Raises `ChangedEngine` when one is not the known one."""
    import weasyprint.pdf
    from weasyprint.pdf import fonts
    from weasyprint.pdf.stream import Stream

    if hasattr(Stream.add_font, "states_widths"):
        return
    found = {
        "stream.Stream.add_font": Stream.add_font,
        "fonts.build_fonts_dictionary": fonts.build_fonts_dictionary,
        "fonts.Font": fonts.Font,
    }
    hold(found, PATCHED, "weasyprint.pdf")
    Stream.add_font = _stating_widths(Stream.add_font)
    weasyprint.pdf.build_fonts_dictionary = _in_order(fonts.build_fonts_dictionary)


class Widths(dict[int, int]):
    """Widths of the glyphs in use, in thousandths of an em, each as the face states it from when it is asked for."""

    def __init__(self, stated: list[int], known: Mapping[int, int]) -> None:
        super().__init__(known)
        self._stated = stated

    def __contains__(self, glyph: object) -> bool:
        return super().__contains__(glyph) or self._known(glyph)

    def get(self, glyph: int, default: Any = None) -> Any:
        """The width of a glyph."""
        if glyph in self:
            return self[glyph]
        return default

    def _known(self, glyph: object) -> bool:
        if not isinstance(glyph, int) or not 0 <= glyph < len(self._stated):
            return False
        self[glyph] = self._stated[glyph]
        return True


def _stating_widths(stock: Any) -> Any:
    @wraps(stock)
    def add_font(self: Any, pango_font: Any) -> Any:
        font, size = stock(self, pango_font)
        if not hasattr(font, "typeset_stated"):
            font.typeset_stated = _stated(font)
            font.typeset_disputed = set()
            font.widths = Widths(font.typeset_stated, font.widths)
            font.ascent, font.descent = _extents(font)
        return font, size

    add_font.states_widths = True  # type: ignore[attr-defined]
    return add_font


def _stated(font: Any) -> list[int]:
    """The advance of every glyph (OpenType, hmtx and hhea); none for faces that vary or are pictures."""
    if font.bitmap or "fvar" in font.tables or not {"hmtx", "hhea"} <= {*font.tables}:
        return []
    head, metrics = _table(font, b"hhea"), _table(font, b"hmtx")
    count = int.from_bytes(head[34:36], "big")
    stated = [round(int.from_bytes(metrics[at : at + 2], "big") * 1000 / font.upem) for at in range(0, 4 * count, 4)]
    # Glyphs beyond the last that states a width have the width of that one.
    return [*stated, *stated[-1:] * (font.glyph_count - count)]


def _extents(font: Any) -> tuple[int, int]:
    """Ascent and descent in thousandths of an em, as the face asks them to be taken (OpenType, OS/2 fsSelection)."""
    if not {"OS/2", "hhea"} <= {*font.tables}:
        return font.ascent, font.descent
    extents, head = _table(font, b"OS/2"), _table(font, b"hhea")
    typographic = extents[62] & 0x80 and len(extents) >= 72
    data = extents[68:72] if typographic else head[4:8]
    ascent, descent = (int.from_bytes(data[at : at + 2], "big", signed=True) for at in (0, 2))
    return round(ascent * 1000 / font.upem), round(descent * 1000 / font.upem)


def _table(font: Any, name: bytes) -> bytes:
    from weasyprint.text.ffi import ffi, harfbuzz

    blob = harfbuzz.hb_face_reference_table(font.hb_face, harfbuzz.hb_tag_from_string(name, -1))
    length = ffi.new("unsigned int *")
    data = ffi.unpack(harfbuzz.hb_blob_get_data(blob, length), length[0])
    harfbuzz.hb_blob_destroy(blob)
    return bytes(data)


def _in_order(stock: Any) -> Any:
    @wraps(stock)
    def build_fonts_dictionary(pdf: Any, fonts: dict[Any, Any], *rest: Any) -> Any:
        for font in fonts.values():
            font.to_unicode = dict(sorted(font.to_unicode.items()))
            # What writes them asks for neighbours, too.
            font.widths = dict(font.widths)
        named = sorted(fonts.items(), key=lambda item: (item[1].name, item[0]))
        return stock(pdf, dict(named), *rest)

    return build_fonts_dictionary
