"""The list and where each signatory came from: `signatories.csv`, `provenance.csv` and `imports.csv`.

Both are kept with the letter and are no source of it: nothing that is printed depends on them. They hold digests of
files, rows and dates; no contact, and nothing of anybody who is anonymous but how many there are in a file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import tomlkit
from tomlkit import items

from typeset.decisions import Decision
from typeset.diagnostics import Finding, Location, error, refuse_if_any
from typeset.manuscript import (
    FORMER_FILE as FORMER,
    LETTER_FILE as SETTINGS,
    LIST_FILE as SIGNATORIES,
    ROLES,
    SEVERAL,
    Columns,
    Former,
    Settings,
    decoded,
    read_former,
    read_settings,
    read_signatories,
)
from typeset.model import Signatory
from typeset.signatories import anonymity
from typeset.signatories.answers import FILE as ANSWERS, read_answers

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

    def fault(message: str, line: int) -> None:
        hint = f"its columns are {','.join(columns)}; restore it from version control"
        place = Location(file=file, line=line, column=1)
        found = error("broken-row", message, hint, place=place, subject=file)
        findings.append(found)

    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if data.strip() and tuple(reader.fieldnames or ()) != columns:
            fault("the first line does not name the right columns", 1)
            return
        for row in reader:
            whole = None not in row and None not in row.values()
            if not whole or not all(_is_count(row[each]) for each in counts):
                fault("the row was changed by another program", reader.line_num)
                return
            yield row
    except (csv.Error, UnicodeDecodeError):
        fault("the table is cut off", 1)


def _is_count(cell: str) -> bool:
    return not cell or (cell.isascii() and cell.isdigit() and len(cell) <= 9)


DECISIONS = "decisions.toml"
FILES = (SETTINGS, SIGNATORIES, FORMER, DECISIONS, ANSWERS, PROVENANCE, IMPORTS)
"""What stands in the folder itself."""
INTAKE = (anonymity.KEY, anonymity.SEALS)
"""What stands in the folder that version control leaves alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """A letter's list with its records, and the files they were read from."""

    files: Mapping[str, bytes]
    settings: Settings
    signatories: tuple[Signatory, ...]
    former: tuple[Former, ...]
    provenance: tuple[Provenance, ...]
    imports: tuple[Imported, ...]
    decisions: tuple[Decision, ...]

    @property
    def highest(self) -> int:
        """The highest number that anybody has or had."""
        return max((0, *(one.number for one in self.signatories), *(one.number for one in self.former)))


def read_state(files: Mapping[str, bytes]) -> ListState:
    """The state in these files. Raises `LetterError` with what has to be mended first."""
    findings: list[Finding] = []

    def text(name: str) -> str:
        return decoded(files.get(name, b""), name, findings) or ""

    settings = read_settings(text(SETTINGS), findings)
    signatories = read_signatories(text(SIGNATORIES), findings)
    state = ListState(
        files=files,
        settings=settings,
        signatories=signatories,
        former=read_former(text(FORMER), findings),
        provenance=read_provenance(files.get(PROVENANCE, b""), findings),
        imports=read_imports(files.get(IMPORTS, b""), findings),
        decisions=read_answers(files.get(ANSWERS, b""), ANSWERS, findings),
    )
    # A list may begin with nobody on it.
    refuse_if_any(finding for finding in findings if finding.code != "empty-list")
    return state


def edited(
    letter_toml: bytes, *, anonymous: int | None = None, tables: Iterable[Columns] = (), encoding: str = ""
) -> bytes:
    """The file with these values; its comments, its order and its line ends are kept."""
    document = tomlkit.parse(letter_toml.decode("utf-8-sig"))
    if anonymous is not None and document.get("anonymous", 0) != anonymous:
        document["anonymous"] = anonymous
    tables = tuple(tables)
    if not tables and not encoding:
        return tomlkit.dumps(document).encode()
    if "list" not in document:
        document.add(tomlkit.nl())
        document["list"] = tomlkit.table(is_super_table=not encoding)
    given = document["list"]
    assert isinstance(given, items.AbstractTable)
    if encoding:
        given["encoding"] = encoding
    if tables and "tables" not in given:
        given["tables"] = tomlkit.table(is_super_table=True)
    for columns in tables:
        kept = given["tables"]
        assert isinstance(kept, items.AbstractTable)
        kept[columns.key] = _table(columns)
    return tomlkit.dumps(document).encode()


def renumbered_decisions(decisions_toml: bytes, numbers: dict[int, int]) -> bytes:
    """``decisions.toml`` with the subjects of decisions on signatories led to their new numbers."""
    document = tomlkit.parse(decisions_toml.decode("utf-8-sig"))
    for decision in document.get("decision", ()):
        subject = str(decision.get("subject", ""))
        if pair := re.fullmatch(r"signatories (\d+) and (\d+)", subject):
            one, other = (numbers.get(int(pair[at]), int(pair[at])) for at in (1, 2))
            names = str(decision.get("evidence", "")).split(" | ")
            if one > other:
                one, other = other, one
                decision["evidence"] = " | ".join(reversed(names)) if len(names) == 2 else decision["evidence"]
            decision["subject"] = f"signatories {one} and {other}"
        elif single := re.fullmatch(r"((?:note on )?signatory) (\d+)", subject):
            decision["subject"] = f"{single[1]} {numbers.get(int(single[2]), int(single[2]))}"
    return tomlkit.dumps(document).encode()


def _table(columns: Columns) -> items.Table:
    table = tomlkit.table()
    headings = tomlkit.array()
    headings.extend(columns.headings)
    table["headings"] = headings.multiline(len(columns.headings) > 3)
    for role in ROLES:
        if given := columns.of(role):
            several = len(given) > 1 or role in SEVERAL - {"name"}
            table[role] = list(given) if several else given[0]
    if columns.answers:
        answers = tomlkit.inline_table()
        answers.update(dict(columns.answers))
        table["answers"] = answers
    return table
