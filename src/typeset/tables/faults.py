"""What is wrong with a table, as a finding."""

from __future__ import annotations

from typeset.diagnostics import Finding, Place, Severity


def fault(
    code: str,
    fact: str,
    where: Place | str,
    hint: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    """A finding about a table, or about a place in it. The subject is the file; the evidence never a cell's words."""
    place = Place(file=where) if isinstance(where, str) else where
    return Finding(code=code, severity=severity, fact=fact, place=place, hint=hint, subject=place.file)
