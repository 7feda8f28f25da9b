"""Write src/typeset/verification/outlines.bin: what each character of our faces looks like, for whoever has no faces.

``make outlines`` runs it after a face changed; a test compares the file with the faces.
"""

from __future__ import annotations

import lzma
import struct
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import uharfbuzz as hb
from fontTools.ttLib import TTFont

from typeset.verification.display_list import outline_of
from typeset.verification.outlines import FILE, SHORT, WILD, key

HOUSE = Path(__file__).parents[1]


def texts(font: TTFont) -> dict[str, set[str]]:
    """What each glyph may stand for: by the character map, and by substitutions of one glyph or of several by one."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for point, glyph in font.getBestCmap().items():
        found[glyph].add(chr(point))
    replaced = list(substitutions(font))
    for _ in range(4):
        for before, after in replaced:
            parts = [found[glyph] for glyph in before]
            if all(parts) and len(list(zip(*parts, strict=False))) <= MOST:
                found[after] |= {"".join(text) for text in product(*(sorted(part)[:MOST] for part in parts))}
    return found


MOST = 4
"""Texts of one part of a ligature that are followed."""


def substitutions(font: TTFont) -> Iterator[tuple[tuple[str, ...], str]]:
    """Glyphs with the one that may be drawn in their place."""
    if "GSUB" not in font or not font["GSUB"].table.LookupList:
        return
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for subtable in lookup.SubTable:
            table = getattr(subtable, "ExtSubTable", subtable)
            if table.LookupType == 1:
                yield from (((glyph,), other) for glyph, other in table.mapping.items())
            elif table.LookupType == 3:
                for glyph, others in table.alternates.items():
                    yield from (((glyph,), other) for other in others)
            elif table.LookupType == 4:
                for glyph, ligatures in table.ligatures.items():
                    yield from (((glyph, *ligature.Component), ligature.LigGlyph) for ligature in ligatures)


def rows(path: Path) -> tuple[str, bytes]:
    """The PostScript name of a face, and its rows: the key of a text and the digest of an outline, in order."""
    font = TTFont(path)
    face = hb.Face(hb.Blob(path.read_bytes()))
    program = hb.Font(face)
    owners = texts(font)
    found = set()
    for number, glyph in enumerate(font.getGlyphOrder()):
        outline = outline_of(program, number, face.upem)[:SHORT]
        found |= {(key(text), outline) for text in owners.get(glyph, ())} or {(WILD, outline)}
    name = str(face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME))
    return name, b"".join(key + outline for key, outline in sorted(found))


def table(faces: Path = HOUSE / "fonts") -> bytes:
    """The whole file, not packed."""
    parts = []
    for path in sorted(faces.glob("*.ttf")):
        name, data = rows(path)
        parts.append(struct.pack(">HI", len(name.encode()), len(data)) + name.encode() + data)
    return b"".join(parts)


if __name__ == "__main__":
    FILE.write_bytes(lzma.compress(table(), preset=9))
