"""Titles that stand on several lines: printed as one, as long as nobody says what stood between them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from typeset.check.reading import Reading
from typeset.diagnostics import Finding, Severity

_UNDERLINE = re.compile(r" {0,3}=+\s*")


def joined_titles(reading: Reading) -> Iterable[Finding]:
    """A title over several lines with a rule of = below them (CommonMark 4.3), as an import leaves it."""
    for version, text in zip(reading.letter.versions, reading.titles, strict=True):
        place = version.place
        lines = reading.files.get(place.file, ())[place.line - 1 :] if place and place.line else ()
        end = next((at for at, line in enumerate(lines) if _UNDERLINE.fullmatch(line) or not line.strip()), 0)
        if place and end > 1 and _UNDERLINE.fullmatch(lines[end]) and not lines[0].startswith("#"):
            yield Finding(
                code="joined-title",
                severity=Severity.WARNING,
                fact=f"the title stands on {end} lines and is printed as one: {text.text}",
                place=place,
                hint="write it on one line behind a #, with the mark that belongs between its parts",
                subject=text.subject,
                evidence=text.text,
            )
