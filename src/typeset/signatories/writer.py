"""New names written into the list: their order, their numbers and the changed files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from typeset.checks import fold, words
from typeset.decisions import Decision, append, entry, read_decisions, without
from typeset.diagnostics import Finding, Location, Severity
from typeset.importer import list_file
from typeset.languages import NEUTRAL, script
from typeset.manuscript import (
    FORMER_FILE as FORMER,
    LETTER_FILE as SETTINGS,
    LIST_FILE as SIGNATORIES,
    Became,
    Columns,
    Former,
    former_file,
)
from typeset.model import Signatory
from typeset.signatories.anonymity import Seals
from typeset.signatories.answers import FILE as ANSWERS, Answers, answers_file
from typeset.signatories.rows import IMPORT, ListEntry
from typeset.signatories.store import (
    DECISIONS,
    IMPORTS,
    PROVENANCE,
    Imported,
    ListState,
    Provenance,
    edited,
    imports_file,
    provenance_file,
    renumbered_decisions,
)
from typeset.tables import fault

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
    entries: Sequence[ListEntry],
    signatories: Sequence[Signatory],
    free_after: int,
    withdrawn: frozenset[int],
    answers: Answers,
) -> tuple[tuple[tuple[int, ListEntry], ...], tuple[Finding, ...]]:
    """Each entry with its number: the one its row gives, where nobody has it, else the next behind all others."""
    taken = {signatory.number: signatory.name for signatory in signatories}
    taken |= dict.fromkeys(withdrawn, "a signatory who withdrew")
    findings: list[Finding] = []
    given: list[tuple[int, ListEntry]] = []
    rest: list[tuple[int, ListEntry]] = []
    for at, row in enumerate(entries):
        number = row.number
        if number in taken:
            found = replace(
                fault(
                    "number-taken",
                    f"the row gives {row.name} the number {number}, which belongs to {taken[number]}",
                    row.place,
                    "record another number in print; without print it gets the next free number",
                ),
                subject=IMPORT,
                evidence=f"{number}: {row.name} | {taken[number]}",
            )
            findings.append(found)
            decision = answers.to(found)
            printed = decision.printed if decision else None
            number = int(printed) if printed and printed.isdecimal() and int(printed) not in taken else 0
            row = replace(row, number=number)
        if number:
            taken[number] = row.name
            given.append((number, row))
        else:
            rest.append((at, row))
    following = max((free_after, *(number for number, _ in given)))
    behind = ((following + place, row) for place, (_, row) in enumerate(rest, start=1))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ListUpdate:
    """What becomes of a list. What is empty or None stays as it is.

    ``going`` leave it; those of them who are ``hushed`` do so without their names being kept anywhere. ``former`` are
    names that are put on record, ``provenance`` rows that somebody came in with, ``decided`` decisions on the letter.
    """

    today: date
    new: tuple[Signatory, ...] = ()
    changed: Mapping[int, Signatory] | None = None
    going: tuple[Signatory, ...] = ()
    hushed: bool = False
    former: tuple[Former, ...] = ()
    forgotten: frozenset[str] = frozenset()
    provenance: tuple[Provenance, ...] = ()
    imports: tuple[Imported, ...] = ()
    anonymous: int | None = None
    columns: tuple[Columns, ...] = ()
    encoding: str = ""
    seals: Seals | None = None
    answers: tuple[Decision, ...] = ()
    decided: tuple[Decision, ...] = ()
    renumber: bool = False


def changed_files(state: ListState, change: ListUpdate) -> tuple[dict[str, bytes], dict[int, int]]:
    """The new bytes of the files that change, and the new number of everybody who has another one now."""
    gone = {signatory.number for signatory in change.going}
    changed = change.changed or {}
    kept = [changed.get(one.number, one) for one in state.signatories if one.number not in gone]
    listed = in_place(kept, change.new) if change.new else tuple(kept)
    numbers = renumbered(listed) if change.renumber else {}
    if numbers:
        listed = tuple(sorted((replace(one, number=numbers[one.number]) for one in listed), key=lambda one: one.number))
    files: dict[str, bytes] = {}
    if [_said(one) for one in listed] != [_said(one) for one in state.signatories]:
        files[SIGNATORIES] = list_file(listed)
    former = _former(state, change, numbers)
    if former != state.former:
        files[FORMER] = former_file(former)
    provenance = tuple(replace(one, number=numbers.get(one.number, one.number)) for one in _provenance(state, change))
    if provenance != state.provenance:
        files[PROVENANCE] = provenance_file(provenance)
    if change.imports:
        files[IMPORTS] = imports_file((*state.imports, *change.imports))
    if change.columns or change.encoding or change.anonymous not in (None, state.settings.anonymous):
        settings = edited(
            state.files[SETTINGS], anonymous=change.anonymous, tables=change.columns, encoding=change.encoding
        )
        files[SETTINGS] = settings
    names: set[str] = set()
    if change.hushed:
        names = {one.name for one in change.going} | {
            one.name for one in state.former if one.number in gone and one.name
        }
    if change.answers or names:
        files[ANSWERS] = answers_file(_without_names(state.files.get(ANSWERS, b""), names, ()), change.answers)
    if change.decided or gone or any(old != new for old, new in numbers.items()):
        files[DECISIONS] = _decisions(state.files.get(DECISIONS, b""), change, names, numbers)
    if change.seals is not None:
        files |= change.seals.files()
    moved = {old: new for old, new in numbers.items() if old != new}
    return {name: data for name, data in files.items() if data != state.files.get(name, b"")}, moved


def names_left(state: ListState, files: Mapping[str, bytes], names: Iterable[str]) -> tuple[Finding, ...]:
    """Where in the folder a name still stands that nobody is to read any more, without saying it."""
    wanted = [name for name in names if len(name) > 3]
    return tuple(
        Finding(
            code="name-left-behind",
            severity=Severity.WARNING,
            message=f"line {number} still has the name of a signatory who is anonymous now",
            place=Location(file=file),
            hint="remove it; earlier versions in version control still have it",
            subject=file,
        )
        for file, data in {**state.files, **files}.items()
        if "/" not in file
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), start=1)
        if any(name in line for name in wanted)
    )


def _said(one: Signatory) -> tuple[object, ...]:
    return one.number, one.name, one.lang, one.passages, one.kind, one.note


def _former(state: ListState, change: ListUpdate, numbers: Mapping[int, int]) -> tuple[Former, ...]:
    """Names that are no more. Of the hushed not even that is kept, under none of their names."""
    gone = {one.number for one in change.going}
    rows: list[Former] = []
    for one in state.former:
        unsaid = (change.hushed and one.number in gone) or (one.name and one.name in change.forgotten)
        # Without its name a number that is free is still free; another name is nothing without it.
        if not unsaid or one.became is Became.WITHDRAWN:
            rows.append(replace(one, name="") if unsaid else one)
    rows += change.former
    if not numbers:
        return tuple(rows)
    # Numbers of who withdrew belong to editions before; in the new order they may be anybody's.
    return tuple(
        replace(one, number=0 if one.became is Became.WITHDRAWN else numbers.get(one.number, one.number))
        for one in rows
    )


def _provenance(state: ListState, change: ListUpdate) -> tuple[Provenance, ...]:
    have = {one.number for one in state.provenance}
    fresh = {one.number: one for one in reversed(change.provenance) if one.number not in have}
    rows = (*state.provenance, *fresh.values())
    return tuple(sorted(rows, key=lambda one: one.number)) if fresh else state.provenance


def _decisions(existing: bytes, change: ListUpdate, names: set[str], numbers: Mapping[int, int]) -> bytes:
    """Decisions on the letter: none on who is gone, the others under their new numbers, and the new ones."""
    subjects = {f"signatory {one.number}" for one in change.going}
    data = _without_names(existing, names, subjects)
    for decision in change.decided:
        data = append(data, _entry(decision))
    return renumbered_decisions(data, dict(numbers)) if numbers else data


def _without_names(existing: bytes, names: set[str], subjects: Collection[str]) -> bytes:
    decisions, _ = read_decisions(existing)
    lines: Sequence[int] = [
        decision.place.line
        for decision in decisions
        if decision.place and (decision.subject in subjects or any(name in decision.evidence for name in names))
    ]
    return without(existing, lines)


def _entry(decision: Decision) -> str:
    asked = Finding(
        code=decision.code,
        severity=Severity.NOTE,
        message="",
        subject=decision.subject,
        evidence=decision.evidence,
    )
    return entry(asked, by=decision.by, when=decision.when, why=decision.why, printed=decision.printed)
