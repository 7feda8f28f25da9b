"""Where every signatory came from, and which files were read: ``provenance.csv`` and ``imports.csv``.

Both are kept with the letter and are no source of it: nothing that is printed depends on them. They hold digests of
files, rows and dates; no contact, and nothing of anybody who is anonymous but how many there are in a file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from typeset.diagnostics import Finding, Place, Severity

PROVENANCE = "provenance.csv"
IMPORTS = "imports.csv"
_PROVENANCE = ("number", "source", "sha256", "sheet", "row", "consent")
_IMPORTS = ("sha256", "file", "source", "rows", "named", "anonymous", "when")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The row that a signatory first came in with; of one who was added by hand, who passed it on and when."""

    number: int
    source: str
    sha256: str = ""
    sheet: str = ""
    row: int = 0
    consent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A file that was imported, and how many rows, names and anonymous signatories were in it."""

    sha256: str
    file: str
    source: str
    rows: int
    named: int
    anonymous: int
    when: str


def read_provenance(data: bytes, findings: list[Finding]) -> tuple[Provenance, ...]:
    """The rows of ``provenance.csv``."""
    return tuple(
        Provenance(
            number=int(row["number"]),
            source=row["source"],
            sha256=row["sha256"],
            sheet=row["sheet"],
            row=int(row["row"] or 0),
            consent=row["consent"],
        )
        for row in _rows(data, PROVENANCE, _PROVENANCE, ("number", "row"), findings)
    )


def read_imports(data: bytes, findings: list[Finding]) -> tuple[Imported, ...]:
    """The rows of ``imports.csv``, the earliest first."""
    return tuple(
        Imported(
            sha256=row["sha256"],
            file=row["file"],
            source=row["source"],
            rows=int(row["rows"] or 0),
            named=int(row["named"] or 0),
            anonymous=int(row["anonymous"] or 0),
            when=row["when"],
        )
        for row in _rows(data, IMPORTS, _IMPORTS, ("rows", "named", "anonymous"), findings)
    )


def provenance_file(rows: Iterable[Provenance]) -> bytes:
    """``provenance.csv``, by number."""
    ordered = sorted(rows, key=lambda one: one.number)
    return _written(
        _PROVENANCE,
        ((one.number, one.source, one.sha256, one.sheet, one.row or "", one.consent) for one in ordered),
    )


def imports_file(rows: Iterable[Imported]) -> bytes:
    """``imports.csv``."""
    return _written(
        _IMPORTS,
        ((one.sha256, one.file, one.source, one.rows, one.named, one.anonymous, one.when) for one in rows),
    )


def _written(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return table.getvalue().encode()


def _rows(
    data: bytes, file: str, columns: tuple[str, ...], counts: tuple[str, ...], findings: list[Finding]
) -> Iterator[Mapping[str, str]]:
    """The rows of a record, each with every column; a fault is a finding and ends the reading."""

    def fault(fact: str, line: int) -> None:
        hint = f"its columns are {','.join(columns)}; take it back from the letter's history"
        place = Place(file=file, line=line, column=1)
        found = Finding(code="broken-row", severity=Severity.ERROR, fact=fact, place=place, hint=hint, subject=file)
        findings.append(found)

    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if data.strip() and tuple(reader.fieldnames or ()) != columns:
            fault("the first line names the columns", 1)
            return
        for row in reader:
            whole = None not in row and None not in row.values()
            if not whole or not all(_is_count(row[each]) for each in counts):
                fault("the row is not as it was written", reader.line_num)
                return
            yield row
    except (csv.Error, UnicodeDecodeError):
        fault("the table breaks off", 1)


def _is_count(cell: str) -> bool:
    return not cell or (cell.isascii() and cell.isdigit() and len(cell) <= 9)
