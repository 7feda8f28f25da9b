"""Patches for a finished PDF: conformance claims, signature fields, font widths, and the text behind glyphs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import wraps
from typing import Any

from fontTools.unicodedata import mirrored

from typeset.engine.layout import SPACES_PATCHED
from typeset.engine.loader import ChangedEngine, hold, source_digest

CONFORMANCE_RELIED_ON = {"metadata.DocumentMetadata": "caea48480357554f", "pdfa.pdfa": "ea4cd3554d52a964"}
"""The code for metadata and the PDF/A claim in ``weasyprint.pdf``, and the start of the SHA-256 of each."""

_UA = (
    b'<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    b"<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
)
_SCHEMA = (
    b'<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    b' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    b' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>'
    b'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>'
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    b'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>'
    b"<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    b"<pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>the part of ISO 14289 that the file conforms to</pdfaProperty:description>"
    b"</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)


def check_conformance() -> None:
    """Raises `ChangedEngine` if code that this relies on has changed."""
    from weasyprint.pdf import metadata, pdfa

    found = {"metadata.DocumentMetadata": metadata.DocumentMetadata, "pdfa.pdfa": pdfa.pdfa}
    hold(found, CONFORMANCE_RELIED_ON, "weasyprint.pdf")


def claim_both(pdf: Any) -> None:
    """Claim PDF/A-3a and PDF/UA-1 in one file, through WeasyPrint's documented ``finisher`` hook.

    WeasyPrint writes one of the claims. Both need one more property in the metadata (ISO 14289-1, clause 5) and, since
    PDF/A knows only its own schemas, the declaration of that property (ISO 19005-3, 6.6.2.3).
    """
    import pydyf

    metadata = next(item for item in pdf.objects if isinstance(item, pydyf.Stream) and _type(item) == "/Metadata")
    packet = b"".join(part if isinstance(part, bytes) else part.encode() for part in metadata.stream)
    metadata.stream = [packet.replace(b"</rdf:RDF>", _UA + _SCHEMA + b"</rdf:RDF>", 1)]
    # Archives search the bytes for the claim.
    metadata.compress = False


def list_attachments_once(pdf: Any) -> None:
    """List each associated file once; WeasyPrint lists it twice (ISO 19005-3, 6.8)."""
    import pydyf

    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def label_pages(pdf: Any) -> None:
    """Add page labels, so that a PDF reader shows the printed page number (ISO 32000-1, 12.4.2)."""
    import pydyf

    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array([0, pydyf.Dictionary({"S": "/D"})])})


def _type(stream: Any) -> str:
    return str(stream.extra.get("Type", ""))


SIGNATURE_FIELDS_RELIED_ON = {"add_forms": "b31587edaf8c3233"}
"""The code for widgets in ``weasyprint.pdf.anchors``, and the start of its SHA-256."""

_CHECK_BOX = ("AS", "V", "MK", "Border", "DA")
_PRINTED_AND_LOCKED = 4 + 128
"""Annotation flags (ISO 32000-1, table 165): those that PDF/A-3 requires (6.3.2), and a locked position."""


def check_signature_fields() -> None:
    """Raises `ChangedEngine` if the code for widgets has changed."""
    from weasyprint.pdf import anchors

    hold({"add_forms": anchors.add_forms}, SIGNATURE_FIELDS_RELIED_ON, "weasyprint.pdf.anchors")


def prepare(pdf: Any, locking: str = "") -> None:
    """Turn every tagged check box of a ``pydyf.PDF`` into an unsigned signature field, placed by CSS.

    ``<input type="checkbox" class="signature" name="seal" title="…">`` with ``appearance: auto`` gives a widget with
    its place in the structure tree. The documented ``finisher`` hook makes it a signature field (ISO 32000-1,
    12.7.4.5). A field that is added later would have no place in the tree, which PDF/UA-1 requires (ISO 14289-1,
    7.18.4).

    ``locking`` names the field whose signature allows no change after it (table 233, and /P of ISO 32000-2).
    """
    import pydyf

    form = pdf.catalog.get("AcroForm")
    if form is None:
        return
    for item in tuple(pdf.objects):
        if not isinstance(item, pydyf.Dictionary):
            continue
        if item.get("Subtype") == "/Widget" and item.get("FT") == "/Btn":
            _wait(pdf, item, locks=item["T"].string == locking)
        elif item.get("Type") == "/StructElem" and item.get("S") == "/Form" and len(item["K"]) == 1:
            # Programs that check changes find a field by the single object in its element, not by an array of one.
            item["K"] = item["K"][0]
    form.pop("NeedAppearances", None)
    form.pop("DR", None)
    # The file has or will have signatures, and may only be appended to (table 219).
    form["SigFlags"] = 3


def _wait(pdf: Any, field: Any, *, locks: bool) -> None:
    """Make a field unsigned, with an empty appearance of its size."""
    import pydyf

    left, bottom, right, top = field["Rect"]
    left, right = sorted((left, right))
    bottom, top = sorted((bottom, top))
    appearance = pydyf.Stream(
        [b""],
        {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array([0, 0, right - left, top - bottom]),
            "Resources": pydyf.Dictionary(),
        },
    )
    pdf.add_object(appearance)
    for key in _CHECK_BOX:
        field.pop(key, None)
    field.update(
        {
            "Rect": pydyf.Array([left, bottom, right, top]),
            "FT": "/Sig",
            "F": _PRINTED_AND_LOCKED,
            "Contents": field["TU"],
            "AP": pydyf.Dictionary({"N": appearance.reference}),
        }
    )
    if locks:
        lock = pydyf.Dictionary({"Type": "/SigFieldLock", "Action": "/All", "P": 1})
        pdf.add_object(lock)
        field["Lock"] = lock.reference


INVENTORY_PATCHED = {
    "stream.Stream.add_font": "e4226e1117477217",
    "fonts.build_fonts_dictionary": "fc551bef35d0d6c3",
    "fonts.Font": "1888854798bf8726",
}
"""The code that is wrapped or relied on in ``weasyprint.pdf``, and the start of the SHA-256 of each."""


def install_inventory() -> None:
    """Write fonts in a way that does not depend on what was drawn first.

    Stock WeasyPrint takes a glyph's width and a font's height from the size in which they are first drawn, rounded in
    that size, and lists glyphs and fonts in the order of their first use. So one moved word on the first page may
    change every stream after it. Here measures are those in the face (ISO 32000-1, 9.7.4.3), and lists are in the
    order of glyph numbers and font names: a font in the file depends only on the used glyphs.

    Raises `ChangedEngine` if a function has changed.
    """
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
    hold(found, INVENTORY_PATCHED, "weasyprint.pdf")
    Stream.add_font = _stating_widths(Stream.add_font)
    weasyprint.pdf.build_fonts_dictionary = _in_order(fonts.build_fonts_dictionary)


class Widths(dict[int, int]):
    """Widths of the used glyphs, in thousandths of an em, taken from the face when a glyph is first used."""

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
    """The advance of every glyph (OpenType, hmtx and hhea); empty for variable and picture fonts."""
    if font.bitmap or "fvar" in font.tables or not {"hmtx", "hhea"} <= {*font.tables}:
        return []
    head, metrics = _table(font, b"hhea"), _table(font, b"hmtx")
    count = int.from_bytes(head[34:36], "big")
    stated = [round(int.from_bytes(metrics[at : at + 2], "big") * 1000 / font.upem) for at in range(0, 4 * count, 4)]
    # Glyphs after the last one with a width have the same width.
    return [*stated, *stated[-1:] * (font.glyph_count - count)]


def _extents(font: Any) -> tuple[int, int]:
    """Ascent and descent in thousandths of an em, from the table that the face prefers (OpenType, OS/2 fsSelection)."""
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
            # The code that writes them also looks up neighbours.
            font.widths = dict(font.widths)
        named = sorted(fonts.items(), key=lambda item: (item[1].name, item[0]))
        return stock(pdf, dict(named), *rest)

    return build_fonts_dictionary


SOFT_HYPHEN = "\u00ad"
"""Where a word may be broken. It is not text (ISO 14289-1, 7.2), so it is not in the actual text."""

DRAWN = 0x10000
"""Glyph numbers from here on are Pango's own: an empty glyph for what is not drawn, and glyphs that the font lacks."""


def install_spelling() -> None:
    """Make the text of a file readable as it was typed, whatever its glyphs are.

    A PDF gives the characters of each glyph once for the whole file. Stock WeasyPrint takes those of the glyph's first
    use: of two letters that a font joins, one glyph gets both and the other none; a bracket in Arabic counts as its
    mirror image from then on; and joiners, which have no glyph, are lost. Here every glyph gets its own letter, and a
    line that could still not be read gets its text as actual text (ISO 32000-1, 14.9.4).

    Raises `ChangedEngine` if the function has changed.
    """
    from weasyprint.draw import text

    stock = text.draw_first_line
    if getattr(stock, "spells_out", False):
        return
    if source_digest(getattr(stock, "stock", stock)) != SPACES_PATCHED:
        raise ChangedEngine("weasyprint.draw.text.draw_first_line has changed")

    @wraps(stock)
    def draw_first_line(stream: Any, textbox: Any, text_overflow: Any, block_ellipsis: Any, matrix: Any) -> Any:
        # A text that is cut with an ellipsis is laid out again while it is drawn.
        cut = text_overflow == "ellipsis" or block_ellipsis != "none"
        # A single space is laid out with a zero-width space after it, so that it can be stretched: this is not text.
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
    """Give each glyph of a line its characters; returns the text of the line if that is not enough to read it."""
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
    """The text of a run's glyphs, in the order of the text. The font learns new glyphs, and which of them stand for
    different letters in different places.
    """
    from typeset.engine.cjk.glyph_runs import INTS_IN_GLYPH, clusters_of, glyph_rows

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
            # In a run from right to left the glyph is that of the mirror image, as in other text.
            shown = _mirror(own) if turned else own
            given = known.setdefault(glyph, shown)
            if given != shown:
                disputed.add(glyph)
            read += own if given == shown else given
    return read


def _clusters(glyphs: list[int], starts: list[int], text: str, turned: bool) -> Iterator[tuple[list[int], str]]:
    """Glyphs that are drawn for the same characters, with these characters, in the order of the text."""
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
    """One character for each glyph of a cluster; the last glyph gets the rest, extra glyphs get none."""
    for place in range(glyphs):
        yield characters[place:] if place == glyphs - 1 else characters[place : place + 1]


def _mirror(text: str) -> str:
    other = mirrored(ord(text)) if len(text) == 1 else None
    return chr(other) if other else text
