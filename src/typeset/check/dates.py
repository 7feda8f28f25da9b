"""The date of the letter."""

from __future__ import annotations

from collections.abc import Iterable

from typeset.check.reading import Reading
from typeset.diagnostics import Finding, Place, Severity


def undated(reading: Reading) -> Iterable[Finding]:
    """A letter that does not say when it was written."""
    if reading.letter.date is None:
        yield Finding(
            code="undated",
            severity=Severity.WARNING,
            fact="the letter has no date",
            place=Place(file="letter.toml"),
            hint="write date = 2026-01-31 in letter.toml, or record that it goes out undated",
            subject="date",
            evidence="no date",
        )
