"""A workbook as a package of parts: looked at before anything in it is unpacked or parsed.

An ``.xlsx`` file is a ZIP archive of XML parts (ECMA-376, part 2). Its directory says how large each part will be, and
`zipfile` reads no more of a part than that, so bounds on what is declared are bounds on what is read.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from typeset.diagnostics import Finding
from typeset.tables.faults import fault
from typeset.tables.limits import Limits

UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What `zipfile` raises for an archive that is not right."""

_SMALL: Final = 1 << 20
_CHUNK: Final = 1 << 16
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a part says besides its cells: merged ranges (``B3:C5``), hidden rows, how many rows something stands in."""

    merged: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An archive that is safe to be parsed: every XML part was gone through once and declares no document type."""

    data: bytes = field(repr=False)
    marks: dict[str, Marks]
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
        hint = "no program that saves workbooks writes such a thing; do not open the file, ask where it came from"
        findings.append(fault("forbidden-xml", str(forbidden), name, hint))
        return None
    except (*UNREADABLE, expat.ExpatError, UnicodeError, ValueError) as broken:
        fact = f"the workbook is damaged: {_said(broken)}"
        findings.append(fault("broken-table", fact, name, "save it again in the program that wrote it"))
        return None
    found = {part: said for part, said in marks.items() if said != Marks()}
    for sheet, said in found.items():
        if said.rows > limits.rows:
            fact = f"{sheet.rsplit('/', 1)[-1]} has {said.rows} rows"
            hint = f"at most {limits.rows} are read; split the file, or look what it is"
            findings.append(fault("table-too-large", fact, name, hint))
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
        said = f"a part of {packed.file_size >> 20} MiB is packed {times} times smaller, which no list of names is"
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
        fact = "this is a ZIP archive, but no .xlsx workbook"
        findings.append(fault("unknown-table", fact, name, "unpack it, or save the table as .xlsx or .csv"))
    else:
        return True
    return False


def _is_xml(part: str) -> bool:
    return part.lower().endswith((".xml", ".rels", ".vml"))


class _Forbidden(Exception):
    """A part that declares what XML of a workbook has no use for."""


def _marks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Marks:
    """One pass through a part with a parser that expands nothing: entities are refused before they are used."""
    merged: list[str] = []
    hidden: list[int] = []
    row = rows = filled = 0

    def refuse(*_: object) -> None:
        raise _Forbidden(f"{part.filename} declares a document type, which is how entities get into a file")

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
    return Marks(merged=tuple(merged), hidden_rows=tuple(hidden), rows=rows)


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
    }.get(type(broken), "its parts are not what its directory says")
