"""Text that comes out of the file as it went in, whatever glyphs it is drawn with.

A PDF says of each glyph which characters it stands for, once for the whole file. Stock WeasyPrint takes what the glyph
was first seen with: of two letters that a font forms together one glyph gets both and the other none, a bracket in
Arabic is taken for its mirror image from then on, and joiners, which have no glyph, are lost. Here every glyph gets its
own letter, and a line that still would not come back spells its text out (ISO 32000-1, 14.9.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

from fontTools.unicodedata import mirrored

from typeset.engine.guard import ChangedEngine, source_digest
from typeset.engine.spaces import PATCHED

SOFT_HYPHEN = "\u00ad"
"""Where a word may be parted. It is not text (ISO 14289-1, 7.2), and has no place in what is spelled out."""

DRAWN = 0x10000
"""Glyphs from here on are Pango's: one that is empty, for what is not drawn, and those that the font lacks."""


def install() -> None:
    """Wrap the function that draws text, once. Raises `ChangedEngine` when it is not the known one."""
    from weasyprint.draw import text

    stock = text.draw_first_line
    if getattr(stock, "spells_out", False):
        return
    if source_digest(getattr(stock, "stock", stock)) != PATCHED:
        raise ChangedEngine("weasyprint.draw.text.draw_first_line has changed")

    @wraps(stock)
    def draw_first_line(stream: Any, textbox: Any, text_overflow: Any, block_ellipsis: Any, matrix: Any) -> Any:
        # A text that is cut with an ellipsis is laid out once more while it is drawn.
        cut = text_overflow == "ellipsis" or block_ellipsis != "none"
        # A space alone is laid out with a zero-width one behind it, so that it can be stretched: nobody wrote that.
        given = cut or not textbox.text or textbox.text.isspace()
        spelled = "" if given else _spelled(stream, textbox.pango_layout)
        if not spelled:
            return stock(stream, textbox, text_overflow, block_ellipsis, matrix)
        import pydyf

        stream.begin_marked_content("Span", pydyf.Dictionary({"ActualText": pydyf.String(spelled)}))
        try:
            return stock(stream, textbox, text_overflow, block_ellipsis, matrix)
        finally:
            stream.end_marked_content()

    draw_first_line.spells_out = True  # type: ignore[attr-defined]
    text.draw_first_line = draw_first_line


def _spelled(stream: Any, layout: Any) -> str:
    """The text of a line if its glyphs do not give it; before that, each of them its characters."""
    from weasyprint.text.ffi import ffi, pango

    pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    line, _ = layout.get_first_line()
    data = layout.text.encode()
    stretches: list[tuple[int, str]] = []
    same = True
    run = line.runs[0]
    while run != ffi.NULL:
        glyph_item, run = run.data, run.next
        item = glyph_item.item
        text = data[item.offset : item.offset + item.length].decode()
        font, _ = stream.add_font(item.analysis.font)
        stretches.append((item.offset, text.replace(SOFT_HYPHEN, "")))
        same = _read(font, glyph_item, text) == stretches[-1][1] and same
    return "" if same else "".join(text for _, text in sorted(stretches))


def _read(font: Any, glyph_item: Any, text: str) -> str:
    """What the glyphs of a run are read as, in the order of the text. The font learns those it does not know, and
    which of them stand for different letters in different places.
    """
    from typeset.engine.glyphs import INTS_IN_GLYPH, clusters_of, glyph_rows

    known, disputed = font.to_unicode, font.typeset_disputed
    turned = bool(glyph_item.item.analysis.level % 2)
    glyphs = glyph_rows(glyph_item.glyphs)[::INTS_IN_GLYPH].tolist()
    starts = clusters_of(glyph_item.glyphs)
    if not turned and len(set(starts)) == len(glyphs) == len(text) and max(glyphs) < DRAWN:
        letters = list(map(known.setdefault, glyphs, text))
        if letters != list(text):
            disputed |= {glyph for glyph, letter, own in zip(glyphs, letters, text, strict=True) if letter != own}
        return "".join(letters)
    read = ""
    for cluster, characters in _clusters(glyphs, starts, text, turned):
        for glyph, own in zip(cluster, _shared(characters, len(cluster)), strict=True):
            # In a run from right to left the glyph is the mirror image's: what it is elsewhere, too.
            shown = _mirror(own) if turned else own
            given = known.setdefault(glyph, shown)
            if given != shown:
                disputed.add(glyph)
            read += own if given == shown else given
    return read


def _clusters(glyphs: list[int], starts: list[int], text: str, turned: bool) -> Iterator[tuple[list[int], str]]:
    """Glyphs that are drawn for the same characters, with these, in the order of the text."""
    data = text.encode()
    groups: dict[int, list[int]] = {}
    pairs = zip(glyphs, starts, strict=True)
    for glyph, start in reversed(tuple(pairs)) if turned else pairs:
        group = groups.setdefault(start, [])
        if glyph < DRAWN:
            group.append(glyph)
    ends = [*sorted(groups)[1:], len(data)]
    for (start, group), end in zip(sorted(groups.items()), ends, strict=True):
        yield group, data[start:end].decode()


def _shared(characters: str, glyphs: int) -> Iterator[str]:
    """A character to each glyph of a cluster, the rest to the last of them, nothing to those beyond."""
    for place in range(glyphs):
        yield characters[place:] if place == glyphs - 1 else characters[place : place + 1]


def _mirror(text: str) -> str:
    other = mirrored(ord(text)) if len(text) == 1 else None
    return chr(other) if other else text
