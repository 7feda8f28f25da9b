"""What the program has to say about somebody's sources: findings, with a location, a message and a next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class Severity(StrEnum):
    """How much a finding weighs: only undecided errors refuse."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A spot in a source file. Lines and columns count from 1, in characters; 0 means the whole file or line.

    ``file`` is relative to the letter folder, so that two checkouts say the same. In a table that somebody sent, line
    and column are the row's and the column's numbers, ``cell`` is what a spreadsheet calls the spot (``C14``, or
    ``row 14``), and ``sheet`` the sheet it is on.
    """

    file: str
    line: int = 0
    column: int = 0
    length: int = 0
    sheet: str = ""
    cell: str = ""

    def spot(self, folder: str = "") -> str:
        """The place as people look for it: ``letter.en.md:3:8``, or ``form.xlsx, sheet March, C14`` in a table."""
        spot = self.path(folder)
        if self.cell or self.sheet:
            return ", ".join(filter(None, (spot, f"sheet {self.sheet}" if self.sheet else "", self.cell)))
        spot += f":{self.line}" if self.line else ""
        return spot + (f":{self.column}" if self.line and self.column else "")

    def path(self, folder: str = "") -> str:
        """The file, as it is called from where the letter folder is called ``folder``."""
        return str(PurePosixPath(folder) / self.file) if folder not in ("", ".") else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to say: what is so, where, and what to do next.

    ``subject`` names what the finding is about in a way that survives edits elsewhere (``title``, ``total``,
    ``signatory 102``); ``evidence`` is the exact text it was found in. A decision answers a finding with the same
    code, subject and evidence, and goes stale when the evidence changes. ``proposal`` is what might be printed
    instead, where that can be told.
    """

    code: str
    severity: Severity
    message: str
    place: Location | None = None
    hint: str = ""
    subject: str = ""
    evidence: str = ""
    proposal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer that can be chosen: ``key`` is passed back, ``label`` is read, ``value`` is what it comes to."""

    key: str
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person is asked before something is done: one of the ``options``, or a text where there are none.

    ``default`` is the key or the text that counts where no answer is given; ``draft`` is a text to begin from.
    """

    text: str
    options: tuple[Option, ...] = ()
    default: str = ""
    draft: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a letter, for whoever looks its code up.

    ``meaning`` and ``remedy`` are Markdown; ``weight`` says how severe it is where that varies. ``example`` is text
    that has the fault, in what ``shown_in`` names (``name`` or ``body``); where that is empty it describes a fault of
    the whole folder, in Markdown. ``group`` is its heading on the page of all findings.
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
        """This fault as it was found in one place."""
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
    """The sources cannot be built as they are. The author's to mend: carries every finding, not the first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{finding.code}: {finding.message}" for finding in self.findings))


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Only the findings that refuse."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def refuse_if_any(findings: Iterable[Finding]) -> None:
    """Raise `LetterError` with all of them when an error is among the findings."""
    collected = tuple(findings)
    if errors(collected):
        raise LetterError(collected)
