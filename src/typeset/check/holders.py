"""Holders of offices who are named in one language of a letter and not in another."""

from __future__ import annotations

from collections.abc import Iterable

from typeset.check.reading import Reading
from typeset.diagnostics import Finding, Severity


def half_named(reading: Reading) -> Iterable[Finding]:
    """Addressees whose holder some versions name and others leave out."""
    languages = [version.lang for version in reading.letter.versions]
    for number, recipient in enumerate(reading.letter.recipients, start=1):
        named = [lang for lang in languages if recipient.holder.get(lang)]
        unnamed = [lang for lang in languages if not recipient.holder.get(lang)]
        if named and unnamed:
            yield Finding(
                code="half-named-holder",
                severity=Severity.WARNING,
                fact=f"the holder is named in {', '.join(named)} and not in {', '.join(unnamed)}",
                place=recipient.place,
                hint=f"write holder for {', '.join(unnamed)} too, or record that the office stands there alone",
                subject=f"recipient {number}",
                evidence=f"named in {', '.join(named)}",
            )
