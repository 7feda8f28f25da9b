"""What a table is: sheets, rows, cells that are more than text, and the limits of all three."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from typeset.diagnostics import Finding, Location, Severity


class Odd(StrEnum):
    """What a cell holds besides text. A name should be none of it: a spreadsheet has changed what was typed."""

    NUMBER = "number"
    DATE = "date"
    TRUTH = "truth value"
    FORMULA = "formula"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row: its number as a spreadsheet shows it, the text of its cells, and which of them are odd."""

    number: int
    cells: tuple[str, ...]
    odd: Mapping[int, Odd] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def blank(self) -> bool:
        """Whether it is empty."""
        return not self.odd and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet; ``name`` is empty in a file that has no sheets.

    ``lines`` can be gone through once. ``merged`` are ranges of cells made one, as first row, first column, last row
    and last column, from 1; ``hidden_rows`` and ``hidden`` say what the person who saved the file did not see.
    ``ragged`` tells that short rows say something: a spreadsheet drops empty cells at the end, other programs do not.
    """

    file: str
    name: str
    lines: Iterator[SheetRow]
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    ragged: bool = False
    facts: tuple[str, ...] = ()

    def place(self, row: int, column: int = 0) -> Location:
        """A cell as a finding names it; columns count from 1, 0 is the whole row, and row 0 the whole sheet."""
        cell = cell_name(row, column) if column else f"row {row}" if row else ""
        return Location(file=self.file, sheet=self.name, line=row, column=column, cell=cell)


def cell_name(row: int, column: int) -> str:
    """A cell as spreadsheets call it: ``C14``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


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


def fault(
    code: str,
    message: str,
    where: Location | str,
    hint: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    """A finding about a table, or about a place in it. The subject is the file; the evidence never a cell's words."""
    place = Location(file=where) if isinstance(where, str) else where
    return Finding(code=code, severity=severity, message=message, place=place, hint=hint, subject=place.file)
