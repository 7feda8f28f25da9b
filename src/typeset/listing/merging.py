"""Rows held against the list and against each other: which are new, which are known, where they disagree.

Two rows are one signatory only where their names are the same characters. Everything less is a doubt (`doubts`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from typeset.diagnostics import Finding, Severity
from typeset.language import UNDETERMINED
from typeset.listing.anonymity import spot
from typeset.listing.answers import Answers
from typeset.listing.rows import IMPORT, Entry
from typeset.manuscript.former import Became, Former
from typeset.model import Kind, Signatory
from typeset.tables.faults import fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A row that makes no new signatory, and why. ``number`` is whose row it is, where it is somebody's on the list."""

    entry: Entry
    why: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Rows sorted: new signatories in the order of the rows, rows of known ones, and what was found on the way."""

    new: tuple[Entry, ...]
    known: tuple[tuple[Signatory, Entry], ...]
    left: tuple[Left, ...]
    findings: tuple[Finding, ...]


def same(name: str) -> str:
    """A name as it is compared: composed (NFC), since the same letters may be typed in two ways."""
    return unicodedata.normalize("NFC", name.strip())


def merge(entries: Iterable[Entry], listed: Iterable[Signatory], former: Iterable[Former], answers: Answers) -> Merged:
    """The rows sorted."""
    on_list = {same(signatory.name): signatory for signatory in reversed(tuple(listed))}
    numbered = {signatory.number: signatory for signatory in on_list.values()}
    once = {same(one.name): one for one in former if one.name}
    new: dict[str, list[Entry]] = {}
    known: list[tuple[Signatory, Entry]] = []
    left: list[Left] = []
    findings: list[Finding] = []
    for entry in entries:
        name = same(entry.name)
        if signatory := on_list.get(name):
            known.append((signatory, entry))
            findings.extend(_differs(entry, signatory))
        elif one := once.get(name):
            if one.became is Became.WITHDRAWN:
                left.append(Left(entry=entry, why=f"withdrew (no. {one.number})"))
                fact = f"no. {one.number} withdrew, and the row still has the name; it is not listed"
                hint = "nothing to do; typesetter list add takes them in again"
                findings.append(fault("withdrawn-again", fact, entry.place, hint, Severity.NOTE))
            elif bearer := numbered.get(one.number):
                known.append((bearer, entry))
            else:
                left.append(Left(entry=entry, why=f"another name of no. {one.number}, who is off the list"))
        elif answers.leaves_out(entry.name):
            left.append(Left(entry=entry, why="left out by decision"))
        else:
            new.setdefault(name, []).append(entry)
    chosen: list[Entry] = []
    for rows in new.values():
        people, doubts = _namesakes(rows, answers)
        findings.extend(doubts)
        for group in people:
            entry, doubts, repeats = _one(group, answers)
            chosen.append(entry)
            findings.extend(doubts)
            left.extend(repeats)
    rank = {id(entry): at for at, entry in enumerate(entry for rows in new.values() for entry in rows)}
    chosen.sort(key=lambda entry: rank.get(id(entry), 0))
    return Merged(new=tuple(chosen), known=tuple(known), left=tuple(left), findings=tuple(findings))


def _namesakes(rows: list[Entry], answers: Answers) -> tuple[list[list[Entry]], list[Finding]]:
    """Persons of one name who seem to be two: rows with contacts that have nothing in common."""
    if rows[0].kind is not Kind.PERSON or len(rows) == 1:
        return [rows], []
    people: list[list[Entry]] = []
    for entry in rows:
        contacts = entry.likeness.contacts
        for group in people:
            theirs = frozenset[bytes]().union(*(each.likeness.contacts for each in group))
            if not contacts or not theirs or contacts & theirs:
                group.append(entry)
                break
        else:
            people.append([entry])
    if len(people) == 1:
        return people, []
    first, second = people[0][0], people[1][0]
    found = replace(
        fault(
            "namesakes",
            f"two rows name {first.name} and give different contacts: one person or two ({spot(first.place)})",
            second.place,
            "ask them; then record that they are two, or print the name where they are one",
        ),
        subject=IMPORT,
        evidence=first.name,
        proposal=first.name,
    )
    decision = answers.to(found)
    one = decision is not None and decision.printed is not None
    return ([rows] if one else people), [found]


def _one(rows: list[Entry], answers: Answers) -> tuple[Entry, list[Finding], list[Left]]:
    """The entry that several rows of one signatory make. The first row counts where they are silent."""
    entry = rows[0]
    findings: list[Finding] = []
    left: list[Left] = []
    if len(rows) == 1:
        return entry, findings, left
    for row in rows[1:]:
        left.append(Left(entry=row, why=f"the same name as {spot(rows[0].place)}"))
        fact = f"the row gives a name again ({spot(rows[0].place)}); one signatory is made of them"
        findings.append(fault("row-repeated", fact, row.place, "nothing to do", Severity.NOTE))
    for what, values in _disagreements(rows).items():
        found = replace(
            fault(
                "rows-disagree",
                f"rows of {entry.name} give another {what}: {' and '.join(map(repr, values))}",
                rows[1].place,
                f"ask whoever sent them; then record which holds ({spot(rows[0].place)})",
            ),
            subject=IMPORT,
            evidence=f"{entry.name}: {what} {' | '.join(values)}",
            proposal=next(iter(values)),
        )
        findings.append(found)
        decision = answers.to(found)
        printed = decision.printed if decision else None
        holding = values.get(printed or next(iter(values)), rows[0])
        entry = _with(entry, what, holding)
    silent = {what for what in ("lang", "kind", "spans") if what not in entry.said}
    for what in silent:
        if giver := next((row for row in rows if what in row.said), None):
            entry = _with(entry, what, giver)
    if not entry.number and (numbered := next((row for row in rows if row.number), None)):
        entry = _with(entry, "number", numbered)
    circles = replace(
        entry.likeness,
        same=frozenset[bytes]().union(*(row.likeness.same for row in rows)),
        contacts=frozenset[bytes]().union(*(row.likeness.contacts for row in rows)),
        circles=frozenset[bytes]().union(*(row.likeness.circles for row in rows)),
    )
    also = tuple(dict.fromkeys(each for row in rows for each in row.also))
    return replace(entry, likeness=circles, also=also), findings, left


def _disagreements(rows: list[Entry]) -> dict[str, dict[str, Entry]]:
    """What rows of one signatory say differently: the values, each with the first row that has it."""
    found: dict[str, dict[str, Entry]] = {}
    for row in rows:
        for what, value in _values(row):
            found.setdefault(what, {}).setdefault(value, row)
    return {what: values for what, values in found.items() if len(values) > 1}


def _values(row: Entry) -> Iterator[tuple[str, str]]:
    if "lang" in row.said:
        yield "lang", row.lang
    if "kind" in row.said:
        yield "kind", str(row.kind)
    if row.number:
        yield "number", str(row.number)
    if row.note:
        yield "note", row.note


def _with(entry: Entry, what: str, giver: Entry) -> Entry:
    said = entry.said | {what}
    match what:
        case "lang":
            return replace(entry, lang=giver.lang, passages=giver.passages, said=said)
        case "spans":
            return replace(entry, passages=giver.passages, said=said)
        case "kind":
            return replace(entry, kind=giver.kind, said=said)
        case "note":
            return replace(entry, note=giver.note)
    return replace(entry, number=giver.number)


def _differs(entry: Entry, signatory: Signatory) -> Iterator[Finding]:
    """What a row says of somebody on the list that the list does not. The list stays as it is."""
    listed: Mapping[str, str] = {
        "lang": signatory.lang,
        "kind": str(signatory.kind),
        "number": str(signatory.number),
        "note": signatory.note,
    }
    for what, value in _values(entry):
        # Where the list says nothing there is nothing to be asked.
        if value != listed[what] and listed[what] not in ("", UNDETERMINED):
            fact = (
                f"the row gives no. {signatory.number} the {what} {value!r}, the list {listed[what]!r}; the list stays"
            )
            hint = "change it in signatories.csv, if the row is right"
            found = fault("list-differs", fact, entry.place, hint, Severity.WARNING)
            yield replace(found, subject=IMPORT, evidence=f"{entry.name}: {what} {value} | {listed[what]}")
