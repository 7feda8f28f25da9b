"""`signatories.csv` and `former.csv`: one row for each signatory, and for each who is no more."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from typeset.diagnostics import Finding, Location, Severity, error
from typeset.languages import UNDETERMINED
from typeset.model import Kind, Passage, Signatory

LIST_FILE = "signatories.csv"
COLUMNS = ("number", "name", "lang", "spans", "kind", "note")


_MOST_ROWS = 200_000


def read_signatories(text: str | None, findings: list[Finding]) -> tuple[Signatory, ...]:
    """The rows that can be read; each fault of another is a finding."""
    if text is None:
        return ()
    if not text.strip():
        _add_error(findings, "empty-list", "the signatory list is empty", 0, f"its first line is {','.join(COLUMNS)}")
        return ()
    lines = text.split("\n")
    if len(lines) > _MOST_ROWS:
        message = f"the list has {len(lines):,} rows, and at most {_MOST_ROWS:,} are read"
        _add_error(findings, "too-many", message, 0, "check that it is the right file")
        return ()
    rows = _rows(text, findings)
    _, header = next(rows, (0, []))
    unknown = [column for column in header if column not in COLUMNS]
    missing = [column for column in ("number", "name") if column not in header]
    if unknown or missing or len(set(header)) < len(header):
        said = ", ".join(
            filter(
                None,
                (
                    f"{', '.join(unknown)} not known" if unknown else "",
                    f"{', '.join(missing)} missing" if missing else "",
                    "a column named twice" if len(set(header)) < len(header) else "",
                ),
            )
        )
        _add_error(findings, "unknown-columns", f"the first line names the columns: {said}", 1, ",".join(COLUMNS))
        return ()
    signatories = []
    for line, cells in rows:
        signatory = _signatory(header, cells, line, lines, findings) if cells else None
        if signatory:
            signatories.append(signatory)
    if not signatories:
        # A letter may be read, and looked at, before anybody has signed.
        findings.append(
            Finding(
                code="empty-list",
                severity=Severity.WARNING,
                message="the list has no signatories yet",
                place=Location(file=LIST_FILE),
                hint="add signatories with typesetter list add or list import, or write a row for each",
                subject=LIST_FILE,
                evidence="nobody",
            )
        )
    return tuple(signatories)


def spans(passages: tuple[Passage, ...], name: str) -> str:
    """The ``spans`` cell for passages of a name: ``ja:…``, several separated by ``|``."""
    return "|".join(
        f"{passage.lang}:" + name[passage.start : passage.end].replace("\\", "\\\\").replace("|", "\\|")
        for passage in passages
    )


def _rows(text: str, findings: list[Finding]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            _add_error(
                findings,
                "broken-row",
                f"the table cannot be read from here on: {fault}",
                reader.line_num,
                "put a cell with a comma or a quotation mark in quotation marks, and double the marks inside it",
            )
            return
        yield before + 1, cells
        before = reader.line_num


def _signatory(
    header: list[str], cells: list[str], line: int, lines: list[str], findings: list[Finding]
) -> Signatory | None:
    row = dict(zip(header, cells, strict=False))
    column = _column(lines[line - 1], row.get("name", ""))
    if len(cells) != len(header):
        _add_error(
            findings,
            "broken-row",
            f"{len(cells)} cells where the header has {len(header)}",
            line,
            "put a name with a comma in quotation marks",
        )
        return None
    digits = row["number"].strip()
    if not (digits.isascii() and digits.isdigit() and 0 < len(digits) <= 7 and int(digits) > 0):
        _add_error(
            findings, "not-a-number", f"{row['number']!r} is not a signatory number", line, "numbers count from 1"
        )
        return None
    number = int(digits)
    subject = f"signatory {number}"
    name = row["name"]
    if not name.strip():
        _add_error(findings, "no-name", f"no. {number} has no name", line, "an anonymous signatory has no row", subject)
        return None
    kind = row.get("kind") or Kind.ORGANISATION
    if kind not in set(Kind):
        _add_error(findings, "unknown-kind", f"{kind!r} is not a kind", line, "organisation or person", subject)
        return None
    return Signatory(
        number=number,
        name=name,
        lang=row.get("lang") or UNDETERMINED,
        passages=_passages(row.get("spans", ""), name, subject, line, findings),
        kind=Kind(kind),
        note=row.get("note", ""),
        place=Location(file=LIST_FILE, line=line, column=column, length=len(name)),
    )


def _passages(cell: str, name: str, subject: str, line: int, findings: list[Finding]) -> tuple[Passage, ...]:
    passages, strange = passages_in(cell, name)
    for entry in strange:
        _add_error(
            findings,
            "no-such-passage",
            f"the span {entry!r} is not part of the name",
            line,
            "write spans as language tag, colon and words of the name, in the order of the name",
            subject,
        )
    return passages


def passages_in(cell: str, name: str) -> tuple[tuple[Passage, ...], tuple[str, ...]]:
    """The passages that a ``spans`` cell gives of a name, and its entries that are not in the name."""
    passages: list[Passage] = []
    strange: list[str] = []
    position = 0
    for entry in _entries(cell):
        lang, _, passage = entry.partition(":")
        start = name.find(passage, position) if lang and passage else -1
        if start < 0:
            strange.append(entry)
            continue
        position = start + len(passage)
        passages.append(Passage(start=start, end=position, lang=lang))
    return tuple(passages), tuple(strange)


def _entries(cell: str) -> list[str]:
    if not cell:
        return []
    entries, escaped = [""], False
    for character in cell:
        if escaped or character not in "\\|":
            entries[-1] += character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            entries.append("")
    return entries


def _column(line: str, name: str) -> int:
    return line.find(name) + 1 if name and name in line else 1


def _add_error(
    findings: list[Finding], code: str, message: str, line: int, hint: str, subject: str = LIST_FILE
) -> None:
    findings.append(
        error(
            code,
            message,
            hint,
            place=Location(file=LIST_FILE, line=line, column=1 if line else 0),
            subject=subject if subject != LIST_FILE or not line else f"{LIST_FILE} line {line}",
        )
    )


FORMER_FILE = "former.csv"
FORMER_COLUMNS = ("number", "name", "became", "when", "by", "why")


class Became(StrEnum):
    """What became of a name: off the list, printed otherwise, or found to be another's."""

    WITHDRAWN = "withdrawn"
    RENAMED = "renamed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A name that once stood for a number, or that stands for one without being printed.

    The number of one who withdrew stays free; it is 0 where the list has been renumbered since. A name may be empty:
    then nobody is to be reminded of it.
    """

    number: int
    name: str
    became: Became
    when: str = ""
    by: str = ""
    why: str = ""


def read_former(text: str, findings: list[Finding]) -> tuple[Former, ...]:
    """The rows that can be read; each fault of another is a finding."""
    rows: list[Former] = []
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if text.strip() and tuple(reader.fieldnames or ()) != FORMER_COLUMNS:
            findings.append(_former_fault("the first line names the columns", 1))
            return ()
        for row in reader:
            number, became = row["number"] or "", row["became"]
            if None in row or None in row.values():
                findings.append(_former_fault(f"the row should have {len(FORMER_COLUMNS)} cells", reader.line_num))
            elif number and not (number.isascii() and number.isdigit() and len(number) <= 7 and int(number)):
                findings.append(_former_fault(f"{number!r} is not a signatory number", reader.line_num))
            elif became not in set(Became):
                findings.append(_former_fault(f"{became!r} is not a known value of the last column", reader.line_num))
            else:
                said = {"when": row["when"], "by": row["by"], "why": row["why"]}
                rows.append(Former(number=int(number or 0), name=row["name"], became=Became(became), **said))
    except csv.Error as broken:
        findings.append(_former_fault(f"the table cannot be read from here on: {broken}", reader.line_num))
    return tuple(rows)


def former_file(rows: Iterable[Former]) -> bytes:
    """The file with these rows."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(FORMER_COLUMNS)
    writer.writerows((one.number or "", one.name, one.became, one.when, one.by, one.why) for one in rows)
    return table.getvalue().encode()


def _former_fault(message: str, line: int) -> Finding:
    return error(
        "broken-row",
        message,
        f"{','.join(FORMER_COLUMNS)}; a name became {', '.join(Became)}",
        place=Location(file=FORMER_FILE, line=line, column=1),
        subject=f"{FORMER_FILE} line {line}",
    )
