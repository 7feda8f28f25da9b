"""One decision, and what can be said about it or its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from typeset.diagnostics import Finding, Place, Severity

FILE: Final = "decisions.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One answer: to which finding, what is printed instead (None: the text stands), by whom, when and why."""

    code: str
    subject: str
    evidence: str
    by: str
    when: date
    why: str
    printed: str | None = None
    place: Place | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What a decision and its finding have in common."""
        return self.code, self.subject, self.evidence


def about(decision: Decision, code: str, fact: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    """A finding about a decision."""
    return Finding(
        code=code,
        severity=severity,
        fact=fact,
        place=decision.place,
        hint=hint,
        subject=f"decision on {decision.code} of {decision.subject}",
        evidence=decision.evidence,
    )


def fault(code: str, fact: str, line: int, hint: str) -> Finding:
    """A finding about a line of the file; 0 is the whole file."""
    place = Place(file=FILE, line=line, column=1 if line else 0)
    subject = f"{FILE} line {line}" if line else FILE
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=place, hint=hint, subject=subject)
