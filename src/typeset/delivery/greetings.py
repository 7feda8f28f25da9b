"""Salutations that a letter has in its own words, below which a copy's would be the second."""

from __future__ import annotations

from collections.abc import Iterator

from typeset.diagnostics import Finding, Severity
from typeset.model import Letter, Part

LONGEST = 60
"""Characters of a salutation; what is longer is a sentence."""

_ENDS = (",", "，", ":", "：", "!", "！", "،")
_INSIDE = (". ", "。", "; ", "；")


def own_greetings(letter: Letter) -> Iterator[Finding]:
    """One for each version whose first paragraph greets somebody."""
    for version in letter.versions:
        first = next((block for block in version.blocks if block.part is Part.PARAGRAPH), None)
        text = first.text.strip() if first else ""
        if first and len(text) <= LONGEST and text.endswith(_ENDS) and not any(mark in text for mark in _INSIDE):
            yield Finding(
                code="own-salutation",
                severity=Severity.WARNING,
                fact=f"the letter greets in its own words, “{text}”, and a copy greets its recipient above that",
                place=first.place,
                hint="publish an edition without it, or look at a copy and see whether both may stand",
                subject=f"body {version.lang}",
                evidence=text,
            )
