"""Tables and lists as values, for tests: a small letter's folder, rows made a file, an import planned."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tests.support.letters import files
from typeset.diagnostics import Finding
from typeset.manuscript import read_signatories
from typeset.model import Signatory
from typeset.signatories import Asked, ImportedTable, ListState, Plan, plan_import, read_state

MADE = Path(__file__).parents[1] / "inputs" / "tables"
TODAY = date(2026, 3, 10)
NEXT_WEEK = date(2026, 3, 17)
KEY = bytes(range(32))


def folder(
    changed: Mapping[str, str] | None = None, *, listed: Sequence[str] = (), settings: str = ""
) -> dict[str, bytes]:
    """The files of a small letter with these names on its list and a ``[list]`` table."""
    rows = [["number", "name", "lang", "spans", "kind", "note"]]
    rows += [[str(number), name, "und", "", "organisation", ""] for number, name in enumerate(listed, start=1)]
    letter = files()["letter.toml"].decode() + (f"\n[list]\n{settings}\n" if settings else "")
    return files({"letter.toml": letter, "signatories.csv": written(rows), **(changed or {})})


def written(rows: Sequence[Sequence[object]], delimiter: str = ",") -> str:
    """Rows as CSV."""
    table = io.StringIO(newline="")
    csv.writer(table, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return table.getvalue()


def table(rows: Sequence[Sequence[object]], name: str = "form.csv") -> ImportedTable:
    """Rows as a file."""
    return ImportedTable(name=name, data=written(rows).encode())


def named(*names: str, name: str = "form.csv") -> ImportedTable:
    """A table of nothing but names."""
    return table([["Name"], *([each] for each in names)], name)


def made(name: str) -> ImportedTable:
    """A file that LibreOffice wrote."""
    return ImportedTable(name=name, data=(MADE / name).read_bytes())


def planned(given: Mapping[str, bytes], *tables: ImportedTable, today: date = TODAY, **asked: Any) -> Plan:
    """What importing tables into a folder would do."""
    return plan_import(read_state(given), tables, Asked(today=today, **{"fresh": KEY, **asked}))


def imported(given: Mapping[str, bytes], *tables: ImportedTable, today: date = TODAY, **asked: Any) -> dict[str, bytes]:
    """The folder after an import that nothing stands against."""
    plan = planned(given, *tables, today=today, **asked)
    assert not [each for each in plan.open if each.severity == "error"], plan.open
    return {**given, **plan.files}


def state(given: Mapping[str, bytes]) -> ListState:
    """A folder, read."""
    return read_state(given)


def listed(given: Mapping[str, bytes]) -> tuple[Signatory, ...]:
    """The signatories of a folder."""
    return read_signatories(given["signatories.csv"].decode(), [])


def names(given: Mapping[str, bytes]) -> list[str]:
    """Their names."""
    return [one.name for one in listed(given)]


def codes(findings: Sequence[Finding]) -> list[str]:
    """The codes of findings, in order."""
    return [each.code for each in findings]


def only(findings: Sequence[Finding], code: str) -> Finding:
    """The one finding with a code."""
    found = [each for each in findings if each.code == code]
    assert len(found) == 1, codes(findings)
    return found[0]
