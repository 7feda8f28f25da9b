"""What may be printed instead of a text: only words that stand up to what is asked of printed words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from typeset.diagnostics import Finding, errors
from typeset.model import Letter

MOST_STEPS: Final = 24
"""Faults that are mended one after the other in one text; one with more of them wants a person to look at it."""

Faults = Callable[[Letter], Iterable[Finding]]
"""What is wrong with the words of a letter if they were printed as they are."""


def with_sound_proposals(findings: Iterable[Finding], letter: Letter, faults: Faults) -> Iterator[Finding]:
    """Findings whose proposals could be printed: what else is an error in them is mended too, or nothing proposed."""
    for finding in findings:
        if finding.proposal and (alone := _alone(letter, finding.subject, finding.evidence)):
            yield replace(finding, proposal=_sound(finding.proposal, alone, faults))
        else:
            yield finding


def _sound(words: str, alone: Callable[[str], Letter], faults: Faults) -> str:
    """Words with every error in them mended, as the errors themselves propose; none where one proposes nothing."""
    for _ in range(MOST_STEPS):
        wrong = errors(faults(alone(words)))
        if not wrong:
            return words
        words = next((fault.proposal for fault in wrong if fault.proposal and fault.proposal != words), "")
        if not words:
            break
    return ""


def _alone(letter: Letter, subject: str, text: str) -> Callable[[str], Letter] | None:
    """A letter with nothing in it but other words for one title or name; None where the text is neither."""
    empty = replace(letter, versions=(), signatories=(), recipients=())
    for version in letter.versions:
        if subject in ("title", f"title {version.lang}") and text == version.title:
            bare = replace(version, blocks=())
            return lambda words: replace(empty, versions=(replace(bare, title=words),))
    for one in letter.signatories:
        if subject == f"signatory {one.number}" and text == one.name:
            unspoken = replace(one, passages=())
            return lambda words: replace(empty, signatories=(replace(unspoken, name=words),))
    return None
