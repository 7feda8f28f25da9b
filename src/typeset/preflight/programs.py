"""What a font program says of itself: the sfnt tables that an embedded face still has (OpenType 1.9)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

POSTSCRIPT_NAME = 6
_UTF_16 = (0, 3)


def postscript_name(program: bytes) -> str:
    """The face's own PostScript name, empty where the program has none (name table, name ID 6)."""
    try:
        names = list(_names(program))
    except (struct.error, UnicodeDecodeError, IndexError):
        return ""
    return next((name for number, name in names if number == POSTSCRIPT_NAME), "")


def _names(program: bytes) -> Iterator[tuple[int, str]]:
    tables = struct.unpack_from(">H", program, 4)[0]
    for entry in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", program, 12 + 16 * entry)
        if tag != b"name":
            continue
        _, count, strings = struct.unpack_from(">HHH", program, offset)
        for record in range(count):
            platform, _, _, number, length, start = struct.unpack_from(">6H", program, offset + 6 + 12 * record)
            text = program[offset + strings + start : offset + strings + start + length]
            yield number, text.decode("utf-16-be" if platform in _UTF_16 else "mac-roman")
