"""Two structures of a PDF that are read here instead of by pypdf: the cross-reference stream, and ToUnicode CMaps.

The cross-reference stream gives the places of the objects of a copy. pypdf finds objects in any file; here only a file
of exactly the expected form is accepted, byte by byte, which proves a copy (decision 0043). It takes 0.1 ms a copy;
pypdf takes 3.2 ms, and printing and proving a copy take 5.2 ms together.

A CMap gives the characters of a font's codes. pypdf reads it for its own extraction, in a private module. The text that
is decoded here is compared with that extraction, so the two need separate decoders. Each takes less than 0.3 % of a
build.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

_END = re.compile(rb"startxref\n([0-9]{1,10})\n%%EOF\n\Z")
_TABLE = re.compile(rb"([0-9]{1,9}) 0 obj\n(<<[^\n]*>>)\nstream\n")
_STREAM = re.compile(rb"([0-9]{1,9}) 0 obj\n(<<[^\n]*?/Filter /FlateDecode/Length ([0-9]{1,9})>>)\nstream\n")
_ID = re.compile(rb"/ID \[<[0-9a-f]{32}> <[0-9a-f]{32}>\]")
_LENGTH = re.compile(rb"/Length [0-9]{1,9}")
_ABOUT = re.compile(rb"/CheckSum <([0-9a-f]{32})>/Size ([0-9]{1,9})")
_TAIL = b"\nendstream\nendobj\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossReferenceStream:
    """A cross-reference stream (ISO 32000-1, 7.5.8): its dictionary without variable entries, its rows, its place."""

    about: bytes
    rows: bytes
    width: int
    place: int
    number: int

    def __contains__(self, number: int) -> bool:
        return 0 < number < self.number and self.rows[number * (self.width + 3)] == 1

    def offset(self, number: int) -> int:
        """The position of an object."""
        at = number * (self.width + 3) + 1
        return int.from_bytes(self.rows[at : at + self.width], "big")

    def from_offset(self, place: int) -> tuple[int, ...]:
        """The objects from a position on, in order, without the table itself."""
        found = [(self.offset(number), number) for number in range(1, self.number) if number in self]
        return tuple(number for at, number in sorted(found) if at >= place)

    def alike(self, other: CrossReferenceStream, movable: Collection[int]) -> bool:
        """Whether all objects except these are at the same places as in another table."""
        if (self.about, self.width, self.number, len(self.rows)) != (
            other.about,
            other.width,
            other.number,
            len(other.rows),
        ):
            return False
        size = self.width + 3
        mine, theirs = bytearray(self.rows), bytearray(other.rows)
        for number in (*movable, self.number):
            for rows in (mine, theirs):
                rows[number * size + 1 : number * size + 1 + self.width] = bytes(self.width)
        return mine == theirs and self.offset(self.number) == self.place


def read_table(data: bytes) -> CrossReferenceStream | None:
    """The cross-reference stream at the end of a file of one revision, in the form that our files have."""
    end = _END.search(data, max(0, len(data) - 64))
    place = int(end[1]) if end else -1
    found = _TABLE.match(data, place) if end and 0 < place < len(data) else None
    if end is None or found is None:
        return None
    width = re.search(rb"/W \[1 ([0-9]) 2\]/Size ([0-9]{1,9})/", found[2])
    length = _LENGTH.search(found[2])
    if width is None or length is None:
        return None
    start, size = found.end(), int(length[0].split()[1])
    if data[start + size : end.start()] != _TAIL:
        return None
    rows, number = _unpacked(data[start : start + size]), int(found[1])
    if rows is None or len(rows) != (int(width[1]) + 3) * int(width[2]) or int(width[2]) != number + 1:
        return None
    about = _LENGTH.sub(b"", _ID.sub(b"", found[2]))
    return CrossReferenceStream(about=about, rows=rows, width=int(width[1]), place=place, number=number)


def cut(data: bytes, table: CrossReferenceStream, numbers: tuple[int, ...]) -> list[bytes]:
    """The bytes of objects that follow each other up to the table. Overlapping ones are empty and match nothing."""
    places = [*(table.offset(number) for number in numbers), table.place]
    return [data[at:until] if at < until else b"" for at, until in pairwise(places)]


def head(piece: bytes) -> bytes:
    """The number and the dictionary of a stream, without the entries that depend on its content."""
    match = _STREAM.match(piece)
    return _ABOUT.sub(b"", _LENGTH.sub(b"", match[0])) if match else b""


def inflated(piece: bytes) -> bytes:
    """The content of a stream. Raises `ValueError` for one of another form than ours, or a damaged one."""
    match = _STREAM.match(piece)
    if match is None or piece[match.end() + int(match[3]) :] != _TAIL:
        raise ValueError("a stream is written in another way")
    data = _unpacked(piece[match.end() : -len(_TAIL)])
    if data is None:
        raise ValueError("a stream is damaged")
    return data


def _unpacked(packed: bytes) -> bytes | None:
    """The content of a stream, if there is nothing after it."""
    unpack = zlib.decompressobj()
    try:
        data = unpack.decompress(packed)
    except zlib.error:
        return None
    return data if unpack.eof and not unpack.unused_data else None


def says_of_itself(piece: bytes, data: bytes) -> bool:
    """Whether the length and the checksum of an attached file are right (ISO 32000-1, table 46)."""
    said = _ABOUT.findall(piece[: len(piece) - len(_TAIL)].split(b"\nstream\n", 1)[0])
    return said == [(hashlib.md5(data, usedforsecurity=False).hexdigest().encode(), str(len(data)).encode())]


_SECTION = re.compile(rb"begin(codespacerange|bfchar|bfrange)(.*?)end\1", re.S)
_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|([\[\]])")

LARGEST = 0x10000
"""The most codes of one range. A CMap with more is damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The characters of the codes of one font, and how many bytes a code has."""

    characters: Mapping[bytes, str] = field(default_factory=dict)
    length: int = 1

    def split(self, shown: bytes) -> Iterator[bytes]:
        """The codes in a string that a page shows."""
        return (shown[start : start + self.length] for start in range(0, len(shown), self.length))


def read_codes(cmap: bytes) -> Codes:
    """The codes in a ToUnicode stream. Raises `ValueError` for another stream."""
    characters: dict[bytes, str] = {}
    length = 0
    for kind, body in _SECTION.findall(cmap):
        tokens = [
            bracket or bytes.fromhex(b"".join(digits.split()).decode()) for digits, bracket in _TOKEN.findall(body)
        ]
        match kind:
            case b"codespacerange":
                length = max(length, *map(len, tokens))
            case b"bfchar":
                for code, text in zip(tokens[::2], tokens[1::2], strict=True):
                    characters[code] = text.decode("utf-16-be")
            case _:
                characters.update(_ranges(tokens))
    if not length:
        raise ValueError("a ToUnicode stream does not describe its codes")
    return Codes(characters=characters, length=length)


def _ranges(tokens: list[bytes]) -> Iterator[tuple[bytes, str]]:
    position = 0
    while position < len(tokens):
        first, last = tokens[position], tokens[position + 1]
        start, count = int.from_bytes(first), int.from_bytes(last) - int.from_bytes(first) + 1
        if not 0 < count <= LARGEST:
            raise ValueError("a ToUnicode stream has a range that ends before it begins")
        codes = [(start + step).to_bytes(len(first)) for step in range(count)]
        position += 2
        if tokens[position] == b"[":
            end = tokens.index(b"]", position)
            yield from zip(codes, (text.decode("utf-16-be") for text in tokens[position + 1 : end]), strict=True)
            position = end + 1
            continue
        text = tokens[position]
        position += 1
        for step, code in enumerate(codes):
            unit = (int.from_bytes(text[-2:]) + step).to_bytes(2)
            yield code, (text[:-2] + unit).decode("utf-16-be")
