"""A workbook as a package of parts: looked at before anything in it is unpacked or parsed.

An ``.xlsx`` file is a ZIP archive of XML parts (ECMA-376, part 2). Its directory says how large each part will be, and
`zipfile` reads no more of a part than that, so bounds on what is declared are bounds on what is read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from typeset.diagnostics import Finding
from typeset.tables.sheet import Limits, Odd, Sheet, SheetRow, fault

UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What `zipfile` raises for an archive that is not right."""

_SMALL: Final = 1 << 20
_CHUNK: Final = 1 << 16
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True, kw_only=True)
class PartNotes:
    """What a part says besides its cells: merged ranges (``B3:C5``), hidden rows, how many rows something stands in."""

    merged: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An archive that is safe to be parsed: every XML part was gone through once and declares no document type."""

    data: bytes = field(repr=False)
    marks: dict[str, PartNotes]
    """What the sheets' parts say, by their names in the archive."""


def open_package(data: bytes, name: str, findings: list[Finding], limits: Limits) -> Package | None:
    """The package in these bytes; None, with a finding, where it must not or cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            before = len(findings)
            findings.extend(_oversized(parts, name, limits))
            if len(findings) > before or not _is_workbook(archive, name, findings):
                return None
            marks = {part.filename: _marks(archive, part) for part in parts if _is_xml(part.filename)}
            # A part that is packed with a checksum of something else is found out only when it is read to its end.
            for part in parts:
                if not _is_xml(part.filename):
                    _read_through(archive, part)
    except _Forbidden as forbidden:
        hint = "spreadsheet programs do not write this; do not open the file, and ask where it came from"
        findings.append(fault("forbidden-xml", str(forbidden), name, hint))
        return None
    except (*UNREADABLE, expat.ExpatError, UnicodeError, ValueError) as broken:
        message = f"the workbook is damaged: {_said(broken)}"
        findings.append(fault("broken-table", message, name, "save it again in the program that wrote it"))
        return None
    found = {part: said for part, said in marks.items() if said != PartNotes()}
    for sheet, said in found.items():
        if said.rows > limits.rows:
            message = f"{sheet.rsplit('/', 1)[-1]} has {said.rows} rows"
            hint = f"at most {limits.rows} are read; split the file, or check that it is the right one"
            findings.append(fault("table-too-large", message, name, hint))
            return None
    return Package(data=data, marks=found)


def _oversized(parts: list[zipfile.ZipInfo], name: str, limits: Limits) -> list[Finding]:
    declared = sum(part.file_size for part in parts)
    said = ""
    if len(parts) > limits.parts:
        said = f"the file has {len(parts)} parts, and at most {limits.parts} are read"
    elif declared > limits.unpacked:
        said = f"the file would unpack to {declared >> 20} MiB, and at most {limits.unpacked >> 20} are read"
    elif packed := next(
        (p for p in parts if p.file_size > _SMALL and p.file_size > limits.ratio * max(p.compress_size, 1)), None
    ):
        times = packed.file_size // max(packed.compress_size, 1)
        said = f"a part of {packed.file_size >> 20} MiB is compressed {times} times, which a list of names never is"
    if not said:
        return []
    return [fault("table-too-large", said, name, "do not open the file; ask where it came from")]


def _is_workbook(archive: zipfile.ZipFile, name: str, findings: list[Finding]) -> bool:
    parts = set(archive.namelist())
    if any(part.flag_bits & _ENCRYPTED for part in archive.infolist()):
        findings.append(fault("unknown-table", "the file is protected by a password", name, "save it without one"))
    elif "mimetype" in parts and "content.xml" in parts:
        hint = "save it as .xlsx or .csv"
        findings.append(fault("unknown-table", "this is an OpenDocument file", name, hint))
    elif "[Content_Types].xml" not in parts or "xl/workbook.xml" not in parts:
        message = "this is a ZIP archive, but not an .xlsx workbook"
        findings.append(fault("unknown-table", message, name, "unpack it, or save the table as .xlsx or .csv"))
    else:
        return True
    return False


def _is_xml(part: str) -> bool:
    return part.lower().endswith((".xml", ".rels", ".vml"))


class _Forbidden(Exception):
    """A part that declares what XML of a workbook has no use for."""


def _marks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> PartNotes:
    """One pass through a part with a parser that expands nothing: entities are refused before they are used."""
    merged: list[str] = []
    hidden: list[int] = []
    row = rows = filled = 0

    def refuse(*_: object) -> None:
        raise _Forbidden(f"{part.filename} declares a document type (DTD), which can be used for an attack")

    def start(tag: str, said: dict[str, str]) -> None:
        nonlocal row, rows, filled
        bare = tag.rpartition(":")[2]
        if bare == "row":
            row = int(said.get("r", row + 1))
            if said.get("hidden") in ("1", "true"):
                hidden.append(row)
        elif bare in ("v", "is") and filled != row:
            # Programs write rows to the end of the sheet where somebody has coloured a whole column.
            filled = row
            rows += 1
        elif bare == "mergeCell" and "ref" in said:
            merged.append(said["ref"])

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    if "/worksheets/" in part.filename:
        parser.StartElementHandler = start
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    return PartNotes(merged=tuple(merged), hidden_rows=tuple(hidden), rows=rows)


def _read_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as stream:
        while stream.read(_CHUNK):
            pass


def _said(broken: Exception) -> str:
    """What a library says of a file, without the names and words it may quote from it."""
    return {
        zlib.error: "a part cannot be unpacked",
        EOFError: "it ends too early",
        expat.ExpatError: "a part is not well-formed XML",
    }.get(type(broken), "its parts do not match its directory")


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
        message = f"the workbook has {len(sheets)} sheets, and at most {limits.sheets} are read"
        findings.append(fault("table-too-large", message, name, "keep the sheets with signatories"))
        return ()
    return tuple(_sheet(sheet, package, name, findings, limits) for sheet in sheets)


def _sheet(sheet: Any, package: Package, name: str, findings: list[Finding], limits: Limits) -> Sheet:
    marks = package.marks.get(str(getattr(sheet, "_worksheet_path", "")).lstrip("/"), PartNotes())
    return Sheet(
        file=name,
        name=str(sheet.title),
        lines=_lines(sheet, name, findings, limits),
        hidden=sheet.sheet_state != "visible",
        hidden_rows=marks.hidden_rows,
        merged=tuple(filter(None, map(_corners, marks.merged))),
        facts=("XLSX",),
    )


def _lines(sheet: Any, name: str, findings: list[Finding], limits: Limits) -> Iterator[SheetRow]:
    here = Sheet(file=name, name=str(sheet.title), lines=iter(()))
    # A workbook may declare a range that it does not fill, or leave out one that it does.
    sheet.reset_dimensions()
    number = 0
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if len(cells) > limits.columns:
                message = f"the row has {len(cells)} cells, and at most {limits.columns} are read"
                findings.append(
                    fault("table-too-large", message, here.place(number), "check that it is the right file")
                )
                return
            texts: list[str] = []
            odd: dict[int, Odd] = {}
            for column, cell in enumerate(cells):
                text, kind = _read(cell)
                if len(text) > limits.cell:
                    message = f"the cell has {len(text)} characters, and at most {limits.cell} are read"
                    place = here.place(number, column + 1)
                    findings.append(fault("cell-too-long", message, place, "shorten it, or split its rows"))
                    text = ""
                texts.append(text)
                if kind:
                    odd[column] = kind
            yield SheetRow(number=number, cells=tuple(texts), odd=MappingProxyType(odd) if odd else _NONE)
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
