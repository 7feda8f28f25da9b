"""``signatories.csv``: one row a signatory, in the published order."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from typeset.diagnostics import Finding, Place, Severity
from typeset.language import UNDETERMINED
from typeset.model import Kind, Passage, Signatory

FILE = "signatories.csv"
COLUMNS = ("number", "name", "lang", "spans", "kind", "note")


def read_signatories(text: str | None, findings: list[Finding]) -> tuple[Signatory, ...]:
    """The rows that can be read; each fault of another is a finding."""
    if text is None:
        return ()
    if not text.strip():
        _fault(findings, "empty-list", "the signatory list is empty", 0, f"its first line is {','.join(COLUMNS)}")
        return ()
    lines = text.split("\n")
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
        _fault(findings, "unknown-columns", f"the first line names the columns: {said}", 1, ",".join(COLUMNS))
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
                fact="nobody has signed yet by name",
                place=Place(file=FILE),
                hint="typesetter list add and list import bring signatories in; or write a row for each",
                subject=FILE,
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
            _fault(
                findings,
                "broken-row",
                f"the table breaks off here: {fault}",
                reader.line_num,
                "a cell with a comma or a quotation mark stands in quotation marks, a mark inside it is doubled",
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
        _fault(
            findings,
            "broken-row",
            f"{len(cells)} cells where the header has {len(header)}",
            line,
            "a name with a comma stands in quotation marks",
        )
        return None
    digits = row["number"].strip()
    if not (digits.isascii() and digits.isdigit() and 0 < len(digits) <= 7 and int(digits) > 0):
        _fault(findings, "not-a-number", f"{row['number']!r} cannot number a signatory", line, "numbers count from 1")
        return None
    number = int(digits)
    subject = f"signatory {number}"
    name = row["name"]
    if not name.strip():
        _fault(findings, "no-name", f"no. {number} has no name", line, "an anonymous signatory has no row", subject)
        return None
    kind = row.get("kind") or Kind.ORGANISATION
    if kind not in set(Kind):
        _fault(findings, "unknown-kind", f"{kind!r} is no kind of signatory", line, "organisation or person", subject)
        return None
    return Signatory(
        number=number,
        name=name,
        lang=row.get("lang") or UNDETERMINED,
        passages=_passages(row.get("spans", ""), name, subject, line, findings),
        kind=Kind(kind),
        note=row.get("note", ""),
        place=Place(file=FILE, line=line, column=column, length=len(name)),
    )


def _passages(cell: str, name: str, subject: str, line: int, findings: list[Finding]) -> tuple[Passage, ...]:
    passages, strange = passages_in(cell, name)
    for entry in strange:
        _fault(
            findings,
            "no-such-passage",
            f"the span {entry!r} does not stand in the name",
            line,
            "a span is a language tag, a colon and words of the name, in the order of the name",
            subject,
        )
    return passages


def passages_in(cell: str, name: str) -> tuple[tuple[Passage, ...], tuple[str, ...]]:
    """The passages that a ``spans`` cell gives of a name, and the entries of it that do not stand in the name."""
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


def _fault(findings: list[Finding], code: str, fact: str, line: int, hint: str, subject: str = FILE) -> None:
    findings.append(
        Finding(
            code=code,
            severity=Severity.ERROR,
            fact=fact,
            place=Place(file=FILE, line=line, column=1 if line else 0),
            hint=hint,
            subject=subject if subject != FILE or not line else f"{FILE} line {line}",
        )
    )
