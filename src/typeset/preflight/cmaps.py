"""What the codes of a font stand for: its ToUnicode CMap (ISO 32000-1, 9.10.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_SECTION = re.compile(rb"begin(codespacerange|bfchar|bfrange)(.*?)end\1", re.S)
_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|([\[\]])")

LARGEST = 0x10000
"""Codes of one range. A CMap that claims more is damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The characters that the codes of one font stand for, and how many bytes a code has."""

    characters: Mapping[bytes, str] = field(default_factory=dict)
    length: int = 1

    def split(self, shown: bytes) -> Iterator[bytes]:
        """The codes in a string that a page shows."""
        return (shown[start : start + self.length] for start in range(0, len(shown), self.length))


def read_codes(cmap: bytes) -> Codes:
    """The codes in a ToUnicode stream. Raises `ValueError` where it is not one."""
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
        raise ValueError("a ToUnicode stream says nothing of its codes")
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
