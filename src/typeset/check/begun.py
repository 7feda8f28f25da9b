"""What a letter still lacks that somebody has only begun: words, addressees, signatories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from typeset.check.reading import Reading
from typeset.diagnostics import Finding, Severity
from typeset.model import Part

MARK: Final = "[?]"
"""What stands where words are still to be written."""
BEGUN: Final = frozenset({"empty-list", "unwritten"})
"""What a draft may go without and nobody can approve, unless it was decided."""


def unwritten(reading: Reading) -> Iterable[Finding]:
    """A title, a paragraph or a recipient with the mark of words that are still to come."""
    for text in (*reading.titles, *reading.recipients, *reading.bodies):
        at = text.text.find(MARK)
        if at >= 0:
            yield text.finding(
                "unwritten",
                Severity.WARNING,
                f"{MARK} stands here: the words are still to be written",
                start=at,
                end=at + len(MARK),
                hint=f"write what belongs here, and take {MARK} away",
            )


def unaddressed(reading: Reading) -> Iterable[Finding]:
    """A place for addressees in a letter that has none."""
    if reading.letter.recipients:
        return
    for block, text in reading.blocks():
        if block.part is Part.RECIPIENTS:
            yield Finding(
                code="no-recipients",
                severity=Severity.WARNING,
                fact="the addressees would stand here, and letter.toml names none",
                place=block.place,
                hint="write a [[recipients]] for each into letter.toml, or take {recipients} out",
                subject=text.subject,
                evidence="{recipients}",
            )
