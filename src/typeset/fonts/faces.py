"""Faces: font files with what is known about them, opened without being read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import uharfbuzz as hb

NORMAL, ITALIC = "normal", "italic"
REGULAR, BOLD = 400, 700


class FontFile:
    """The bytes of one font file, on disk or in memory.

    A file on disk is mapped, not read: looking up whether a character is there touches a few pages of it, so a build
    that finds its subsets made already never reads the ten megabytes of a CJK face.
    """

    __slots__ = ("_code_points", "_data", "_face", "_font", "_path")

    def __init__(self, source: Path | bytes) -> None:
        self._path = source if isinstance(source, Path) else None
        self._data = source if isinstance(source, bytes) else b""
        self._face: hb.Face | None = None
        self._font: hb.Font | None = None
        self._code_points: hb.Set | None = None

    def read(self) -> bytes:
        """The whole file. Raises `OSError` where it cannot be read."""
        return self._path.read_bytes() if self._path else self._data

    @property
    def size(self) -> int:
        """Bytes, without reading them."""
        return self._path.stat().st_size if self._path else len(self._data)

    @property
    def face(self) -> hb.Face:
        """HarfBuzz's view of the file; one without glyphs where the file is no font."""
        if self._face is None:
            blob = hb.Blob.from_file_path(str(self._path)) if self._path else hb.Blob(self._data)
            self._face = hb.Face(blob)
        return self._face

    @property
    def font(self) -> hb.Font:
        """The face at its own scale, for shaping."""
        if self._font is None:
            self._font = hb.Font(self.face)
        return self._font

    @property
    def code_points(self) -> hb.Set:
        """What the character map covers; about a tenth of a millisecond for twenty thousand."""
        if self._code_points is None:
            self._code_points = self.face.unicodes
        return self._code_points


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One font file: what it is called, what it is for, under which licence, and its bytes.

    ``weight`` is 100 to 900 and ``style`` ``normal`` or ``italic``, as in CSS Fonts 4. ``scripts`` are ISO 15924
    codes it was made for; ``languages`` (BCP 47) are named where its forms belong to some languages only, as with
    ideographs. ``digest`` is the SHA-256 of the file in hexadecimal.
    """

    file: str
    family: str
    style: str = NORMAL
    weight: int = REGULAR
    scripts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    licence: str = ""
    licence_file: str = ""
    package: str = ""
    version: str = ""
    digest: str = ""
    contents: FontFile = field(repr=False, compare=False)

    def covers(self, character: str) -> bool:
        """Whether the face has a glyph for a character."""
        return ord(character) in self.contents.code_points

    def has_form(self, character: str, selector: str) -> bool:
        """Whether the face knows this variation of the character (UTS 37, or a standardised one)."""
        face = self.contents.face
        return ord(selector) in face.variation_selectors and ord(character) in face.variation_unicodes(ord(selector))


def digest_of(data: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
