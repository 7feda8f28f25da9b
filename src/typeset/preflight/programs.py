"""What a font program inside a PDF is: its own name, and which characters it says its glyphs are for."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

import uharfbuzz as hb

from typeset.preflight.direction import mirrored, runs_right_to_left


def postscript_name(program: bytes) -> str:
    """The face's own PostScript name (name ID 6), empty where the program has none."""
    return str(hb.Face(hb.Blob(program)).get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or "")


def drawn_otherwise(program: bytes, texts: Mapping[int, str], shown: Iterable[int]) -> tuple[tuple[str, str], ...]:
    """Characters that the file gives for a glyph although the program has that glyph for another one.

    Pairs of what is read and what is drawn. Only glyphs that stand for one character, and that the program's own
    character map knows: joined and substituted forms are not in it, and Arabic letters share theirs.
    """
    owners = _owners(program)
    found = []
    for glyph in sorted(shown):
        text = texts.get(glyph, "")
        if len(text) != 1 or runs_right_to_left(text) or unicodedata.combining(text) or not owners[glyph]:
            continue
        if not any(_alike(text, owner) for owner in owners[glyph]):
            found.append((text, min(owners[glyph])))
    return tuple(found)


def twins(program: bytes) -> dict[str, str]:
    """Characters that share a glyph with others, each with the first of them."""
    return {character: min(owners) for owners in _owners(program).values() if len(owners) > 1 for character in owners}


def _owners(program: bytes) -> defaultdict[int, set[str]]:
    """The characters that each glyph is for, by the program's own character map."""
    face = hb.Face(hb.Blob(program))
    font = hb.Font(face)
    owners: defaultdict[int, set[str]] = defaultdict(set)
    for point in face.unicodes:
        glyph = font.get_nominal_glyph(point)
        if glyph is not None:
            owners[glyph].add(chr(point))
    return owners


def _alike(text: str, owner: str) -> bool:
    """Whether two characters are written alike by definition, or one is private to the face.

    A bracket that runs right to left is drawn as its mirror image.
    """
    return (
        text == owner
        or mirrored(text) == owner
        or unicodedata.category(owner) == "Co"
        or unicodedata.normalize("NFKD", text) == unicodedata.normalize("NFKD", owner)
    )
