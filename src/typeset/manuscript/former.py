"""``former.csv``: names and numbers that are no more, so that neither comes back by mistake."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from typeset.diagnostics import Finding, Place, Severity

FILE = "former.csv"
COLUMNS = ("number", "name", "became", "when", "by", "why")


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
        if text.strip() and tuple(reader.fieldnames or ()) != COLUMNS:
            findings.append(_fault("the first line names the columns", 1))
            return ()
        for row in reader:
            number, became = row["number"] or "", row["became"]
            if None in row or None in row.values():
                findings.append(_fault(f"the row should have {len(COLUMNS)} cells", reader.line_num))
            elif number and not (number.isascii() and number.isdigit() and len(number) <= 7 and int(number)):
                findings.append(_fault(f"{number!r} cannot number a signatory", reader.line_num))
            elif became not in set(Became):
                findings.append(_fault(f"{became!r} is nothing that a name becomes", reader.line_num))
            else:
                said = {"when": row["when"], "by": row["by"], "why": row["why"]}
                rows.append(Former(number=int(number or 0), name=row["name"], became=Became(became), **said))
    except csv.Error as broken:
        findings.append(_fault(f"the table breaks off here: {broken}", reader.line_num))
    return tuple(rows)


def former_file(rows: Iterable[Former]) -> bytes:
    """The file with these rows."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((one.number or "", one.name, one.became, one.when, one.by, one.why) for one in rows)
    return table.getvalue().encode()


def _fault(fact: str, line: int) -> Finding:
    return Finding(
        code="broken-row",
        severity=Severity.ERROR,
        fact=fact,
        place=Place(file=FILE, line=line, column=1),
        hint=f"{','.join(COLUMNS)}; a name became {', '.join(Became)}",
        subject=f"{FILE} line {line}",
    )
