"""What the characters of our faces look like: digests of outlines, so that a proof needs no faces.

``setup/outlines.py`` writes the file. A row is the key of a text, mostly of one character, and the first bytes of the
digest of an outline that may be drawn for it. `WILD` is the key of glyphs that stand for part of a character.
"""

from __future__ import annotations

import lzma
import struct
import unicodedata
import zlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from typeset.preflight import runs_right_to_left

SHORT = 5
"""Bytes of a digest in a row."""

WILD = b"\xff" * 4

with as_file(files("typeset.verification").joinpath("outlines.bin")) as _path:
    FILE = Path(_path)


def key(text: str) -> bytes:
    """The four bytes that a text has in a row: its code point, or a checksum of several characters."""
    return struct.pack(">I", ord(text) if len(text) == 1 else 0x80000000 | zlib.crc32(text.encode()) >> 1)


@cache
def outlines() -> Mapping[str, frozenset[bytes]]:
    """The rows of each face, by its PostScript name."""
    data, found, place = lzma.decompress(FILE.read_bytes()), {}, 0
    while place < len(data):
        size, length = struct.unpack_from(">HI", data, place)
        place += 6
        name = data[place : place + size].decode()
        place += size
        width = 4 + SHORT
        found[name] = frozenset(data[at : at + width] for at in range(place, place + length, width))
        place += length
    return found


def is_drawn_so(face: str, text: str, outline: bytes) -> bool | None:
    """Whether a face draws these characters with this outline; None for a face that is not one of ours."""
    rows = outlines().get(face)
    if rows is None:
        return None
    short = outline[:SHORT]
    if key(text) + short in rows or key(unicodedata.normalize("NFKC", text)) + short in rows:
        return True
    # Glyphs of joined letters and of marks may be parts of what they stand for, which the file gives with the first.
    joined = not text or runs_right_to_left(text) or any(map(unicodedata.combining, text))
    return joined and (WILD + short in rows or any(key(character) + short in rows for character in text))
