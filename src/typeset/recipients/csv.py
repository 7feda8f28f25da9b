"""``recipients.csv``: one row a recipient or a ready set of them, as written."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from typeset.diagnostics import Finding, Location, Severity
from typeset.languages import WRITTEN, is_well_formed

COLUMNS = ("id", "set", "state", "office", "holder", "until", "salutation", "address", "lang")
NOBODY = "-"
"""In the column ``holder``: the office is addressed without a name, whatever holder the data give."""

MOST_BYTES = 4 << 20
MOST_ROWS = 10_000
LONGEST = 160
"""Characters of a field or a line of an address: what is longer was meant for another place."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
"""Names that Windows keeps for itself, with any ending."""

_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRow:
    """One row. ``address`` are lines; each with the language it is said to be in, where it is said."""

    place: Location
    id: str = ""
    set: str = ""
    state: str = ""
    office: str = ""
    holder: str = ""
    until: date | None = None
    salutation: str = ""
    address: tuple[tuple[str, str], ...] = ()
    lang: str = ""

    @property
    def subject(self) -> str:
        """What findings about the row name it by."""
        return f"recipient {self.id or self.state or self.set or self.office or self.place.line}"


def fault(
    code: str,
    message: str,
    place: Location,
    hint: str,
    subject: str = "recipients",
    severity: Severity = Severity.ERROR,
) -> Finding:
    """A finding about the list."""
    return Finding(code=code, severity=severity, message=message, place=place, hint=hint, subject=subject)


def read_rows(data: bytes, file: str, findings: list[Finding]) -> tuple[RecipientRow, ...]:
    """The rows that can be read; each fault of another is a finding."""
    whole = Location(file=file)
    if len(data) > MOST_BYTES:
        message = f"the list has {len(data) >> 20} MiB, and at most {MOST_BYTES >> 20} are read"
        findings.append(fault("recipients-too-large", message, whole, "check that it is the right file"))
        return ()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        message = f"byte 0x{data[wrong.start]:02x} is not UTF-8"
        findings.append(fault("not-utf-8", message, Location(file=file, line=line), "save the list as UTF-8"))
        return ()
    records = _records(text, file, findings)
    head, header = next(records, (0, []))
    if not header:
        findings.append(fault("no-recipients", "the list is empty", whole, f"its first line is {','.join(COLUMNS)}"))
        return ()
    header = [cell.strip() for cell in header]
    if not _known_columns(header, Location(file=file, line=head), findings):
        return ()
    rows = []
    for line, cells in records:
        place = Location(file=file, line=line)
        if len(cells) != len(header):
            message = f"the row has {len(cells)} cells under {len(header)} columns"
            hint = 'put a cell with a comma in quotation marks: "New York, NY 10017"'
            findings.append(fault("ragged-row", message, place, hint))
            continue
        if row := _row(dict(zip(header, cells, strict=True)), place, findings):
            rows.append(row)
    if not rows and not findings:
        findings.append(fault("no-recipients", "the list has no recipients", whole, "add a row, such as set un-letter"))
    return tuple(rows)


def _records(text: str, file: str, findings: list[Finding]) -> Iterator[tuple[int, list[str]]]:
    """Records with the line that each begins on; blank ones are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            hint = "double each quotation mark inside a cell, and put one before and after the cell"
            findings.append(
                fault(
                    "broken-row",
                    f"the table cannot be read from here on: {broken}",
                    Location(file=file, line=line),
                    hint,
                )
            )
            return
        if line > MOST_ROWS:
            message = f"there are more than {MOST_ROWS} lines"
            findings.append(
                fault(
                    "recipients-too-large", message, Location(file=file, line=line), "check that it is the right file"
                )
            )
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _known_columns(header: list[str], place: Location, findings: list[Finding]) -> bool:
    facts = [
        f"{', '.join(unknown)} not known" if (unknown := [name for name in header if name not in COLUMNS]) else "",
        f"{', '.join(twice)} twice" if (twice := sorted({name for name in header if header.count(name) > 1})) else "",
        "" if {"set", "state", "office"} & set(header) else "there is no column set, state or office",
    ]
    if said := ", ".join(filter(None, facts)):
        hint = f"the columns are {', '.join(COLUMNS)}, separated by commas"
        findings.append(fault("unknown-columns", f"the first line names the columns: {said}", place, hint))
        return False
    return True


def _row(said: dict[str, str], place: Location, findings: list[Finding]) -> RecipientRow | None:
    before = len(findings)
    cells = {column: unicodedata.normalize("NFC", cell.strip()) for column, cell in said.items()}
    for column, cell in cells.items():
        _printable(column, cell, place, findings)
    until = None
    if cell := cells.get("until", ""):
        try:
            until = date.fromisoformat(cell)
        except ValueError:
            hint = "write the last day on which the holder is known to hold the office, such as 2026-12-31"
            findings.append(fault("unreadable-date", f"until is “{cell}”, which is not a date", place, hint))
    if (lang := cells.get("lang", "")) and not is_well_formed(lang):
        message = f"“{lang}” is not a language tag (BCP 47)"
        findings.append(fault("unknown-language", message, place, "such as en, fr, zh-Hant"))
    if (name := cells.get("id", "")) and (not _ID.fullmatch(name) or len(name) > 80 or name in _DEVICES):
        hint = "use at most 80 lowercase letters a to z, digits and hyphens between them, such as coalition-secretary"
        findings.append(fault("unsafe-id", f"“{name}” cannot be a file name on every system", place, hint))
    address = _address(cells.get("address", ""), place, findings)
    if len(findings) > before:
        return None
    rest = {key: cell for key, cell in cells.items() if key not in ("until", "address")}
    return RecipientRow(place=place, until=until, address=address, **rest)


def _printable(column: str, cell: str, place: Location, findings: list[Finding]) -> None:
    odd = sorted({c for c in cell if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or c in _TURNING})
    for character in odd:
        code = "bidi-control" if character in _TURNING else "control-character"
        why = "it changes the order of the letters around it" if character in _TURNING else "it cannot be printed"
        hint = "separate the lines of an address by |" if column == "address" else "delete it"
        findings.append(fault(code, f"{column} has U+{ord(character):04X}: {why}", place, hint))
    if column != "address" and len(cell) > LONGEST:
        message = f"{column} has {len(cell)} characters, but at most {LONGEST} are allowed"
        findings.append(fault("long-address-line", message, place, "shorten it; only an address has several lines"))


def _address(cell: str, place: Location, findings: list[Finding]) -> tuple[tuple[str, str], ...]:
    if not cell:
        return ()
    lines = []
    for number, written in enumerate(cell.split("|"), start=1):
        lang, line = tagged(written.strip())
        if not line:
            message = f"line {number} of the address is empty"
            findings.append(fault("empty-address-line", message, place, "delete the extra |"))
        elif len(line) > LONGEST:
            message = f"line {number} of the address has {len(line)} characters, but at most {LONGEST} are allowed"
            findings.append(fault("long-address-line", message, place, "separate its lines by |"))
        lines.append((lang, line))
    return tuple(lines)


def tagged(line: str) -> tuple[str, str]:
    """The language mark of a line, and its words: ``en:New York`` is English, ``New York`` has no mark."""
    tag, colon, words = line.partition(":")
    return (tag, words) if colon and tag in WRITTEN else ("", line)
