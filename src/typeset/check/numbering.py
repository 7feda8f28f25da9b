"""The numbers of the list: part of the publication, so each is there once and in order."""

from __future__ import annotations

from collections.abc import Iterable

from typeset.check.reading import Reading
from typeset.diagnostics import Finding, Severity


def repeated_numbers(reading: Reading) -> Iterable[Finding]:
    """Two signatories under one number."""
    first: dict[int, str] = {}
    for signatory, text in reading.signatories:
        if signatory.number in first:
            yield text.finding(
                "number-repeated",
                Severity.ERROR,
                f"no. {signatory.number} is taken: {_short(first[signatory.number])}",
                hint="give each signatory a number of its own",
            )
        else:
            first[signatory.number] = signatory.name


def reused_numbers(reading: Reading) -> Iterable[Finding]:
    """A number on the list that belonged to somebody who withdrew."""
    for signatory, text in reading.signatories:
        if signatory.number in reading.letter.withdrawn:
            yield text.finding(
                "number-withdrawn",
                Severity.ERROR,
                f"no. {signatory.number} was that of a signatory who withdrew, and readers know it as theirs",
                hint="give the signatory a number of its own, behind the others",
            )


def missing_numbers(reading: Reading) -> Iterable[Finding]:
    """Numbers that the list leaps over, and nobody who withdrew has left."""
    present = {signatory.number: signatory.place for signatory in reading.letter.signatories}
    previous = 0
    for number in sorted(present):
        while previous + 1 in reading.letter.withdrawn:
            previous += 1
        if number > previous + 1:
            span = f"no. {previous + 1}" if number == previous + 2 else f"nos. {previous + 1} to {number - 1}"
            yield Finding(
                code="number-gap",
                severity=Severity.WARNING,
                fact=f"{span} {'is' if number == previous + 2 else 'are'} missing before no. {number}",
                place=present[number],
                hint="add the missing row, or record that the number is left free",
                subject=f"signatory {number}",
                evidence=f"{previous}, {number}",
            )
        previous = number


def disordered_numbers(reading: Reading) -> Iterable[Finding]:
    """A number that stands after a higher one."""
    highest = 0
    for signatory, text in reading.signatories:
        if signatory.number < highest:
            yield text.finding(
                "number-order",
                Severity.WARNING,
                f"no. {signatory.number} stands after no. {highest}",
                hint="the list is printed in the order of the rows; move the row, or record that the order stands",
            )
        highest = max(highest, signatory.number)


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"
