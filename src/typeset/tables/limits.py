"""How much of a table is read at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes or characters. A list of signatories that is beyond them is a mistake or an attack.

    ``unpacked`` bounds what all parts of a workbook declare together, ``ratio`` how many times larger than its packed
    form a part of more than a MiB may be: text in a sheet packs ten to forty times.
    """

    bytes: int = 64 << 20
    unpacked: int = 256 << 20
    ratio: int = 150
    parts: int = 1_000
    sheets: int = 50
    rows: int = 100_000
    columns: int = 500
    cell: int = 8_000


LIMITS: Final = Limits()
