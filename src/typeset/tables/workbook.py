"""XLSX: the sheets of a workbook, cell by cell, as they were typed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from typeset.diagnostics import Finding
from typeset.tables.faults import fault
from typeset.tables.limits import Limits
from typeset.tables.package import UNREADABLE, Marks, Package
from typeset.tables.sheets import Line, Odd, Sheet

if TYPE_CHECKING:
    from openpyxl import Workbook

_BROKEN = (*UNREADABLE, ParseError, KeyError, IndexError, ValueError, TypeError, AttributeError, RecursionError)
"""What openpyxl raises for a workbook that is not as the standard says."""

_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def open_workbook(package: Package, name: str, findings: list[Finding], limits: Limits) -> tuple[Sheet, ...]:
    """The sheets of a workbook that have cells, in the order of their tabs."""
    # Imported here because only a workbook needs it.
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(package.data), read_only=True, data_only=False, keep_links=False)
        # A sheet of drawings only has no rows to be read.
        sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]
    except _BROKEN:
        findings.append(_damaged(name))
        return ()
    if not sheets:
        findings.append(fault("broken-table", "the workbook has no sheet of cells", name, "save it again with one"))
    if len(sheets) > limits.sheets:
        fact = f"the workbook has {len(sheets)} sheets, and at most {limits.sheets} are read"
        findings.append(fault("table-too-large", fact, name, "keep the sheets with signatories"))
        return ()
    return tuple(_sheet(book, sheet, package, name, findings, limits) for sheet in sheets)


def _sheet(book: Workbook, sheet: Any, package: Package, name: str, findings: list[Finding], limits: Limits) -> Sheet:
    marks = package.marks.get(str(getattr(sheet, "_worksheet_path", "")).lstrip("/"), Marks())
    return Sheet(
        file=name,
        name=str(sheet.title),
        lines=_lines(sheet, name, findings, limits),
        hidden=sheet.sheet_state != "visible",
        hidden_rows=marks.hidden_rows,
        merged=tuple(filter(None, map(_corners, marks.merged))),
        facts=("XLSX",),
    )


def _lines(sheet: Any, name: str, findings: list[Finding], limits: Limits) -> Iterator[Line]:
    here = Sheet(file=name, name=str(sheet.title), lines=iter(()))
    # A workbook may declare a range that it does not fill, or leave out one that it does.
    sheet.reset_dimensions()
    number = 0
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if len(cells) > limits.columns:
                fact = f"the row has {len(cells)} cells, and at most {limits.columns} are read"
                findings.append(fault("table-too-large", fact, here.place(number), "look what the file is"))
                return
            texts: list[str] = []
            odd: dict[int, Odd] = {}
            for column, cell in enumerate(cells):
                text, kind = _read(cell)
                if len(text) > limits.cell:
                    fact = f"the cell has {len(text)} characters, and at most {limits.cell} are read"
                    place = here.place(number, column + 1)
                    findings.append(fault("cell-too-long", fact, place, "shorten it, or split its rows"))
                    text = ""
                texts.append(text)
                if kind:
                    odd[column] = kind
            yield Line(number=number, cells=tuple(texts), odd=MappingProxyType(odd) if odd else _NONE)
    except _BROKEN:
        findings.append(_damaged(name, here, number + 1))


_NONE: MappingProxyType[int, Odd] = MappingProxyType({})


def _read(cell: Any) -> tuple[str, Odd | None]:
    """The text of a cell, and what it is where it is not text."""
    value = cell.value
    match value:
        case None:
            return "", None
        case str() if cell.data_type == "f":
            return "", Odd.FORMULA
        case str() if cell.data_type == "e":
            return "", Odd.ERROR
        case str():
            # A character that XML cannot hold is written as _x000B_ (ECMA-376, part 1, 22.4.2.4, bstr).
            return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value, None
        case bool():
            return str(value).upper(), Odd.TRUTH
        case int():
            return str(value), Odd.NUMBER
        case float():
            return str(int(value)) if value.is_integer() else repr(value), Odd.NUMBER
        case datetime():
            return value.date().isoformat(), Odd.DATE
        case date():
            return value.isoformat(), Odd.DATE
        case time() | timedelta():
            return str(value), Odd.DATE
    return "", Odd.FORMULA


def _corners(merged: str) -> tuple[int, int, int, int] | None:
    found = _RANGE.fullmatch(merged.replace("$", ""))
    if not found:
        return None
    return int(found[2]), _column(found[1]), int(found[4]), _column(found[3])


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _damaged(name: str, sheet: Sheet | None = None, row: int = 0) -> Finding:
    where = sheet.place(row) if sheet else name
    return fault("broken-table", "the workbook is damaged here", where, "save it again in the program that wrote it")
