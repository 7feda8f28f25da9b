"""A letter folder's list on disk: read with its records, changed, and written; tables imported into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from typeset.diagnostics import Finding, LetterError, Location, Severity, errors
from typeset.letter_folder import read_folder, write_files
from typeset.signatories.answers import given_answers, questions_file
from typeset.signatories.import_plan import Plan, plan_import
from typeset.signatories.store import INTAKE, ListState, read_state
from typeset.signatories.table_reader import Asked, ImportedTable, Progress

_LARGEST = 64 << 20
"""Bytes of a table. A longer one is a mistake or an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """An import: its plan, whether that was ``refused``, and whether it is ``done``, so that files were written."""

    plan: Plan
    refused: bool
    done: bool


def read_list(folder: Path) -> ListState:
    """The list of a letter folder. Raises `LetterError` with what has to be mended first."""
    return read_state(read_folder(folder, INTAKE))


def write_list(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files that a change to the list comes to; those of the intake so that only their owner reads them."""
    if files:
        write_files(folder, files, private=tuple(name for name in files if name.startswith("intake/")))


def import_tables(
    folder: Path,
    paths: Sequence[Path],
    asked: Asked,
    *,
    answers: Path | None = None,
    by: str = "",
    questions: Path | None = None,
    strict: bool = False,
    dry: bool = False,
    watch: Progress = lambda step, rows: None,
) -> ImportReport:
    """Import tables (CSV, XLSX) into the list of a letter folder: all of them, or nothing while an error is open.

    ``answers`` is a form that somebody filled in, ``by`` who decides where it does not say; ``questions`` is where the
    form for the open doubts is written. ``strict`` refuses warnings as it does errors, ``dry`` changes nothing. Raises
    `LetterError` for a list or a form that cannot be read.
    """
    state = read_list(folder)
    if answers:
        findings: list[Finding] = []
        decided = given_answers(answers.read_bytes(), answers.name, findings, by=by, today=asked.today)
        if findings:
            raise LetterError(findings)
        asked = replace(asked, decided=(*asked.decided, *decided))
    plan = plan_import(state, [_table(path) for path in paths], asked, watch)
    refused = bool(errors(plan.open)) or (strict and any(one.severity is Severity.WARNING for one in plan.open))
    if questions:
        questions.write_bytes(questions_file(plan.open))
    done = not refused and not dry
    if done:
        write_list(folder, plan.files)
    return ImportReport(plan=plan, refused=refused, done=done)


def _table(path: Path) -> ImportedTable:
    size = path.stat().st_size
    if size > _LARGEST:
        fact = f"{path.name} has {size >> 20} MiB, and at most {_LARGEST >> 20} are read"
        place = Location(file=path.name)
        raise LetterError(
            [Finding(code="table-too-large", severity=Severity.ERROR, fact=fact, place=place, hint="split it")]
        )
    return ImportedTable(name=path.name, data=path.read_bytes())
