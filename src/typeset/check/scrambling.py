"""Titles that an extraction read in the wrong order, held against the words of their letter."""

from __future__ import annotations

from collections.abc import Iterable

from typeset.check.reading import Reading
from typeset.check.titles import scrambled_title
from typeset.diagnostics import Finding


def scrambled_titles(reading: Reading) -> Iterable[Finding]:
    """Titles whose pieces make words of the letter in another order than they stand in."""
    for text in reading.titles:
        body = "\n".join(other.text for other in reading.bodies if other.lang == text.lang)
        yield from scrambled_title(text.text, body, text.spot(0, len(text.text)), text.subject)
