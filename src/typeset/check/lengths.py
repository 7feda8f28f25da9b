"""Names too short to be one and too long to be one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from typeset.check.folding import has_letters
from typeset.check.reading import Reading
from typeset.diagnostics import Finding, Severity

LONG: Final = 300
TOO_LONG: Final = 2_000


def empty_names(reading: Reading) -> Iterable[Finding]:
    """Rows whose name has nothing to read in it."""
    for text in reading.names:
        if not has_letters(text.text):
            yield text.finding(
                "empty-name",
                Severity.ERROR,
                f"the name is {text.text.strip()}, without a letter" if text.text.strip() else "there is no name",
                hint="give the name, or take the row out; an anonymous signatory has no row",
            )


def long_names(reading: Reading) -> Iterable[Finding]:
    """Names of a length that nobody has: rows run together, or something else pasted."""
    for text in reading.names:
        length = len(text.text)
        if length > LONG:
            yield text.finding(
                "long-name",
                Severity.ERROR if length > TOO_LONG else Severity.WARNING,
                f"the name has {length:,} characters",
                end=min(length, 60),
                hint="see whether several rows ran together; a name of more than 2,000 characters is not printed "
                "without a decision",
            )
