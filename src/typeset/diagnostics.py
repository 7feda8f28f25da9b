"""Findings: what the program reports about sources, with a location, a message and a hint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class Severity(StrEnum):
    """How severe a finding is: only open errors stop a build."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a source file. Lines and columns count from 1, in characters; 0 means the whole file or line.

    ``file`` is relative to the letter folder. In an imported table, line and column are the numbers of row and column,
    ``cell`` is the cell's name in a spreadsheet (``C14``, or ``row 14``), and ``sheet`` the name of the sheet.
    """

    file: str
    line: int = 0
    column: int = 0
    length: int = 0
    sheet: str = ""
    cell: str = ""

    def spot(self, folder: str = "") -> str:
        """The place as text: ``letter.en.md:3:8``, or ``form.xlsx, sheet March, C14`` in a table."""
        spot = self.path(folder)
        if self.cell or self.sheet:
            return ", ".join(filter(None, (spot, f"sheet {self.sheet}" if self.sheet else "", self.cell)))
        spot += f":{self.line}" if self.line else ""
        return spot + (f":{self.column}" if self.line and self.column else "")

    def path(self, folder: str = "") -> str:
        """The file's path, with ``folder`` as the path of the letter folder."""
        return str(PurePosixPath(folder) / self.file) if folder not in ("", ".") else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reported problem: a message, a place, and a hint what to do.

    ``subject`` names what the finding is about in a way that survives edits elsewhere (``title``, ``total``,
    ``signatory 102``); ``evidence`` is the exact text it was found in. A decision answers a finding with the same
    code, subject and evidence, and goes stale when the evidence changes. ``proposal`` is what could be printed
    instead, if known.
    """

    code: str
    severity: Severity
    message: str
    place: Location | None = None
    hint: str = ""
    subject: str = ""
    evidence: str = ""
    proposal: str = ""


def error(
    code: str,
    message: str,
    hint: str = "",
    *,
    place: Location | None = None,
    file: str = "",
    line: int = 0,
    subject: str = "",
    evidence: str = "",
) -> Finding:
    """An error. ``file`` and ``line`` are its place; the file is also its subject if no other is given."""
    if file:
        place, subject = Location(file=file, line=line), subject or file
    return Finding(
        code=code,
        severity=Severity.ERROR,
        message=message,
        place=place,
        hint=hint,
        subject=subject,
        evidence=evidence,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One possible answer: ``key`` is what the user types, ``label`` describes it, ``value`` is the result."""

    key: str
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to a person: the answer is one of the ``options``, or a text if there are none.

    ``default`` is the key or text if the answer is empty; ``draft`` is a text to edit.
    """

    text: str
    options: tuple[Option, ...] = ()
    default: str = ""
    draft: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of problem that `check` reports, with its explanation.

    ``meaning`` and ``remedy`` are Markdown; ``weight`` describes the severity if it varies. ``example`` is a text with
    the fault, used as ``shown_in`` says (``name`` or ``body``); if that is empty, it describes a fault of the whole
    folder, in Markdown. ``group`` is its heading on docs/findings.md.
    """

    code: str
    severity: Severity
    group: str
    meaning: str
    remedy: str
    example: str
    shown_in: str = "name"
    weight: str = ""

    def finding(
        self,
        *,
        message: str,
        place: Location | None = None,
        hint: str = "",
        subject: str = "",
        evidence: str = "",
        proposal: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule."""
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            message=message,
            place=place,
            hint=hint,
            subject=subject,
            evidence=evidence,
            proposal=proposal,
        )


class LetterError(Exception):
    """The letter has errors that the author has to correct. Carries all findings."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{finding.code}: {finding.message}" for finding in self.findings))


def letter_error(
    code: str,
    message: str,
    hint: str = "",
    *,
    place: Location | None = None,
    file: str = "",
    line: int = 0,
    subject: str = "",
) -> LetterError:
    """A `LetterError` with one error."""
    return LetterError([error(code, message, hint, place=place, file=file, line=line, subject=subject)])


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that are errors."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def refuse_if_any(findings: Iterable[Finding]) -> None:
    """Raise `LetterError` with all findings if one of them is an error."""
    collected = tuple(findings)
    if errors(collected):
        raise LetterError(collected)
