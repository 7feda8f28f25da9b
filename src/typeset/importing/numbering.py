"""How the published numbers run, and where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typeset.diagnostics import Finding, Severity
from typeset.model import Signatory


def numbering_doubts(signatories: Sequence[Signatory]) -> Iterator[Finding]:
    """Each place where the numbers do not count on by one. The numbers themselves are part of the publication."""
    seen: set[int] = set()
    before = 0
    for signatory in signatories:
        number = signatory.number
        if number in seen:
            fact = "the numbers begin again" if number == 1 else f"no. {number} was given before"
            yield _doubt("number-repeated", signatory, fact, "give each signatory a number of its own")
        elif number < before:
            fact = f"no. {number} stands after no. {before}"
            yield _doubt("number-order", signatory, fact, "check the order with the publication")
        elif number > before + 1 and not before:
            fact = f"the list begins with no. {number}"
            yield _doubt("number-gap", signatory, fact, "look for the names above this line")
        elif number > before + 1:
            missing = f"no. {before + 1} is" if number == before + 2 else f"nos. {before + 1} to {number - 1} are"
            fact = f"{missing} missing before no. {number}"
            yield _doubt("number-gap", signatory, fact, "look for the names in the publication")
        seen.add(number)
        before = number


def _doubt(code: str, signatory: Signatory, fact: str, hint: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING,
        fact=fact,
        place=signatory.place,
        hint=hint,
        subject=f"signatory {signatory.number}",
        evidence=f"{signatory.number}. {signatory.name}",
    )
