"""Where new names go, and which numbers they get."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from typeset.check.folding import fold, words
from typeset.diagnostics import Finding
from typeset.listing.answers import Answers
from typeset.listing.rows import IMPORT, Entry
from typeset.model import Signatory
from typeset.scripts import NEUTRAL, script
from typeset.tables.faults import fault

_SCRIPTS: Final = (
    "Latn", "Grek", "Copt", "Cyrl", "Glag", "Geor", "Armn", "Hebr", "Arab", "Syrc", "Thaa", "Nkoo", "Tfng", "Ethi",
    "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh", "Thai", "Laoo", "Tibt", "Mymr",
    "Khmr", "Mong", "Cher", "Hang", "Hira", "Kana", "Bopo", "Yiii", "Hani",
)  # fmt: skip
"""The order of scripts in the root of the Unicode Collation Algorithm (UTS 10)."""


def by_words(name: str) -> tuple[object, ...]:
    """The key of the collation ``words``: word by word, without case, accents and marks; numbers by their value.

    Numbers come before letters, scripts in the order of UTS 10. Names that differ in nothing else go by characters.
    """
    key: list[tuple[int, int, str]] = []
    for _, word in words(name):
        for piece in re.findall(r"\d+|\D+", fold(word)):
            if piece.isdecimal():
                key.append((0, int(piece), ""))
            else:
                key.append((1, _rank(piece), piece))
        key.append((-1, 0, ""))
    return tuple(key), name


def _rank(word: str) -> int:
    found = next((code for character in word if (code := script(character)) not in NEUTRAL), "")
    return _SCRIPTS.index(found) if found in _SCRIPTS else len(_SCRIPTS)


def numbered(
    entries: Sequence[Entry],
    signatories: Sequence[Signatory],
    free_after: int,
    withdrawn: frozenset[int],
    answers: Answers,
) -> tuple[tuple[tuple[int, Entry], ...], tuple[Finding, ...]]:
    """Each entry with its number: the one its row gives, where nobody has it, else the next behind all others."""
    taken = {signatory.number: signatory.name for signatory in signatories}
    taken |= dict.fromkeys(withdrawn, "a signatory who withdrew")
    findings: list[Finding] = []
    given: list[tuple[int, Entry]] = []
    rest: list[tuple[int, Entry]] = []
    for at, entry in enumerate(entries):
        number = entry.number
        if number in taken:
            found = replace(
                fault(
                    "number-taken",
                    f"the row gives {entry.name} the number {number}, which is that of {taken[number]}",
                    entry.place,
                    "record another number with print, or none: then it stands behind the others",
                ),
                subject=IMPORT,
                evidence=f"{number}: {entry.name} | {taken[number]}",
            )
            findings.append(found)
            decision = answers.to(found)
            printed = decision.printed if decision else None
            number = int(printed) if printed and printed.isdecimal() and int(printed) not in taken else 0
            entry = replace(entry, number=number)
        if number:
            taken[number] = entry.name
            given.append((number, entry))
        else:
            rest.append((at, entry))
    following = max((free_after, *(number for number, _ in given)))
    behind = ((following + place, entry) for place, (_, entry) in enumerate(rest, start=1))
    return (*given, *behind), tuple(findings)


def in_place(signatories: Sequence[Signatory], new: Sequence[Signatory]) -> tuple[Signatory, ...]:
    """The list with new signatories in it: by number where the list is, else behind the others."""
    numbers = [signatory.number for signatory in signatories]
    if numbers == sorted(numbers):
        return tuple(sorted((*signatories, *new), key=lambda signatory: signatory.number))
    return (*signatories, *sorted(new, key=lambda signatory: signatory.number))


def renumbered(signatories: Sequence[Signatory]) -> dict[int, int]:
    """New numbers by the collation ``words``, for every old one."""
    ordered = sorted(signatories, key=lambda signatory: by_words(signatory.name))
    return {signatory.number: number for number, signatory in enumerate(ordered, start=1)}
