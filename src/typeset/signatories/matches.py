"""Rows compared with the list and with each other: new, known, doubtful or contradicting.

Two rows are one signatory only where their names are the same characters. Everything less is a doubt (`doubts`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from typeset.checks import check
from typeset.diagnostics import Finding, Severity
from typeset.languages import UNDETERMINED, scripts
from typeset.manuscript import Became, Former
from typeset.model import Counts, Kind, Letter, Signatory
from typeset.signatories.anonymity import spot
from typeset.signatories.answers import Answers
from typeset.signatories.rows import IMPORT, ListEntry, same_name
from typeset.signatories.vocabulary import sound
from typeset.sources import Sources
from typeset.tables import fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A row that makes no new signatory, and why. ``number`` is whose row it is, where it is somebody's on the list."""

    entry: ListEntry
    why: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Rows sorted: new signatories in the order of the rows, rows of known ones, and what was found on the way."""

    new: tuple[ListEntry, ...]
    known: tuple[tuple[Signatory, ListEntry], ...]
    left: tuple[Left, ...]
    findings: tuple[Finding, ...]


def same(name: str) -> str:
    """A name as it is compared: composed (NFC), since the same letters may be typed in two ways."""
    return unicodedata.normalize("NFC", name.strip())


def merge(
    entries: Iterable[ListEntry], listed: Iterable[Signatory], former: Iterable[Former], answers: Answers
) -> Merged:
    """The rows sorted."""
    on_list = {same(signatory.name): signatory for signatory in reversed(tuple(listed))}
    numbered = {signatory.number: signatory for signatory in on_list.values()}
    once = {same(one.name): one for one in former if one.name}
    new: dict[str, list[ListEntry]] = {}
    known: list[tuple[Signatory, ListEntry]] = []
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
                message = f"no. {one.number} withdrew, but the row still has the name; it is not listed"
                hint = "nothing to do; to add them again, run typesetter list add"
                findings.append(fault("withdrawn-again", message, entry.place, hint, Severity.NOTE))
            elif bearer := numbered.get(one.number):
                known.append((bearer, entry))
            else:
                left.append(Left(entry=entry, why=f"another name of no. {one.number}, who is no longer on the list"))
        elif answers.leaves_out(entry.name):
            left.append(Left(entry=entry, why="left out by a decision"))
        else:
            new.setdefault(name, []).append(entry)
    chosen: list[ListEntry] = []
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


def _namesakes(rows: list[ListEntry], answers: Answers) -> tuple[list[list[ListEntry]], list[Finding]]:
    """Persons of one name who seem to be two: rows with contacts that have nothing in common."""
    if rows[0].kind is not Kind.PERSON or len(rows) == 1:
        return [rows], []
    people: list[list[ListEntry]] = []
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
            f"two rows have the name {first.name} but different contacts, so they may be two ({spot(first.place)})",
            second.place,
            "ask them; then record that they are two, or write the name in print if they are one",
        ),
        subject=IMPORT,
        evidence=first.name,
        proposal=first.name,
    )
    decision = answers.to(found)
    one = decision is not None and decision.printed is not None
    return ([rows] if one else people), [found]


def _one(rows: list[ListEntry], answers: Answers) -> tuple[ListEntry, list[Finding], list[Left]]:
    """The entry that several rows of one signatory make. The first row counts where they are silent."""
    entry = rows[0]
    findings: list[Finding] = []
    left: list[Left] = []
    if len(rows) == 1:
        return entry, findings, left
    for row in rows[1:]:
        left.append(Left(entry=row, why=f"the same name as {spot(rows[0].place)}"))
        message = f"the name is also in another row ({spot(rows[0].place)}); together they are one signatory"
        findings.append(fault("row-repeated", message, row.place, "nothing to do", Severity.NOTE))
    for what, values in _disagreements(rows).items():
        found = replace(
            fault(
                "rows-disagree",
                f"rows of {entry.name} differ in their {what}: {' and '.join(map(repr, values))}",
                rows[1].place,
                f"ask the sender; then record which is right (the other row is {spot(rows[0].place)})",
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


def _disagreements(rows: list[ListEntry]) -> dict[str, dict[str, ListEntry]]:
    """What rows of one signatory say differently: the values, each with the first row that has it."""
    found: dict[str, dict[str, ListEntry]] = {}
    for row in rows:
        for what, value in _values(row):
            found.setdefault(what, {}).setdefault(value, row)
    return {what: values for what, values in found.items() if len(values) > 1}


def _values(row: ListEntry) -> Iterator[tuple[str, str]]:
    if "lang" in row.said:
        yield "lang", row.lang
    if "kind" in row.said:
        yield "kind", str(row.kind)
    if row.number:
        yield "number", str(row.number)
    if row.note:
        yield "note", row.note


def _with(entry: ListEntry, what: str, giver: ListEntry) -> ListEntry:
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


def _differs(entry: ListEntry, signatory: Signatory) -> Iterator[Finding]:
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
            message = f"the row has another {what} for no. {signatory.number}: {value!r}; {listed[what]!r} is kept"
            hint = "if the row is right, change signatories.csv"
            found = fault("list-differs", message, entry.place, hint, Severity.WARNING)
            yield replace(found, subject=IMPORT, evidence=f"{entry.name}: {what} {value} | {listed[what]}")


_PAIR = re.compile(r"signatories (\d+) and (\d+)")
_ONE = re.compile(r"(?:note on )?signatory (\d+)")
_CROWD = 4
"""How many signatories may share a domain and still be asked about: more have a host in common, and nothing else."""

# They ask about the list as a whole, or about what an import does not touch.
_NOT_OF_ROWS = frozenset({"number-gap", "number-order", "number-withdrawn", "number-repeated", "name-repeated"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A new signatory with the row it comes from."""

    signatory: Signatory
    entry: ListEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A finding about one new name or a pair with one, and the numbers it was found under."""

    finding: Finding
    asked: Finding | None
    """The finding that `check` will have of the letter, where it will have one."""
    numbers: tuple[int, ...]


def doubts(
    listed: Sequence[Signatory],
    arrivals: Sequence[Arrival],
    known: Iterable[tuple[Signatory, ListEntry]],
    *,
    anonymous: int,
) -> tuple[Doubt, ...]:
    """Every doubt about the arrivals."""
    fresh = {arrival.signatory.number: arrival for arrival in arrivals}
    names = {signatory.number: signatory for signatory in listed} | {
        number: arrival.signatory for number, arrival in fresh.items()
    }
    found: dict[tuple[str, str], Doubt] = {}
    clues: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    asked: dict[tuple[int, int], Finding] = {}
    for finding in _checked((*listed, *(arrival.signatory for arrival in arrivals)), anonymous):
        if pair := _PAIR.fullmatch(finding.subject):
            numbers = (int(pair[1]), int(pair[2]))
            if finding.code == "possible-duplicate" and fresh.keys() & set(numbers):
                asked[numbers] = finding
                clues[numbers].append(finding.message.rpartition("may be one signatory: ")[2])
        elif (one := _ONE.fullmatch(finding.subject)) and int(one[1]) in fresh:
            doubt = Doubt(finding=replace(finding, subject=IMPORT), asked=finding, numbers=(int(one[1]),))
            found[finding.code, finding.evidence] = doubt
    for clue in (_linked, _sounding_alike, _of_one_circle):
        for one_number, other_number, why in clue(names, fresh, tuple(known)):
            numbers = (min(one_number, other_number), max(one_number, other_number))
            if one_number != other_number and fresh.keys() & set(numbers):
                clues[numbers].append(why)
    return (
        *found.values(),
        *(_pair(numbers, names, fresh, whys, asked.get(numbers)) for numbers, whys in clues.items()),
    )


def letter_of(signatories: Sequence[Signatory], anonymous: int) -> Letter:
    """A letter that is nothing but its list, for `check` to look at."""
    return Letter(
        id="",
        date=None,
        page="A4",
        look="",
        recipients=(),
        versions=(),
        signatories=tuple(signatories),
        counts=Counts(named=len(signatories), anonymous=anonymous),
    )


def _checked(signatories: Sequence[Signatory], anonymous: int) -> Iterator[Finding]:
    letter = letter_of(signatories, anonymous)
    return (finding for finding in check(letter, Sources({})) if finding.code not in _NOT_OF_ROWS)


def _pair(
    numbers: tuple[int, int],
    names: dict[int, Signatory],
    fresh: dict[int, Arrival],
    whys: Sequence[str],
    asked: Finding | None,
) -> Doubt:
    """A pair that may be one signatory. Who is on the list is named first; of two new ones, the first by alphabet."""
    one, other = sorted((names[number] for number in numbers), key=lambda each: (each.number in fresh, each.name))
    said = f"no. {one.number} {one.name}" if one.number not in fresh else one.name
    place = fresh[other.number].entry.place
    finding = Finding(
        code="possible-duplicate",
        severity=Severity.WARNING,
        message=f"{said} and {other.name} may be one signatory: {'; '.join(dict.fromkeys(whys))}",
        place=place,
        hint=f"ask them; with print = “{one.name}” they become one, without print they stay two",
        subject=IMPORT,
        evidence=f"{one.name} | {other.name}",
        proposal=one.name,
    )
    return Doubt(finding=finding, asked=asked, numbers=numbers)


Clues = Iterator[tuple[int, int, str]]
Known = tuple[tuple[Signatory, ListEntry], ...]


def _linked(names: dict[int, Signatory], fresh: dict[int, Arrival], known: Known) -> Clues:
    """A row that gives a name in two languages, and another that has the second for its own."""
    by_name = {same_name(signatory.name): number for number, signatory in names.items()}
    rows = [(arrival.signatory.number, arrival.entry) for arrival in fresh.values()]
    rows += [(signatory.number, entry) for signatory, entry in known]
    for number, entry in rows:
        for also in entry.also:
            if (other := by_name.get(same_name(also), number)) != number:
                yield number, other, "one row has both names, in two languages"


def _sounding_alike(names: dict[int, Signatory], fresh: dict[int, Arrival], known: Known) -> Clues:
    """Names in two alphabets that sound the same."""
    heard: defaultdict[str, list[int]] = defaultdict(list)
    for number, signatory in names.items():
        if key := sound(signatory.name):
            heard[key].append(number)
    for numbers in heard.values():
        for at, number in enumerate(numbers):
            for earlier in numbers[:at]:
                if scripts(names[earlier].name) != scripts(names[number].name):
                    yield earlier, number, "the names sound the same in two alphabets"


def _of_one_circle(names: dict[int, Signatory], fresh: dict[int, Arrival], known: Known) -> Clues:
    """Rows whose contacts are at one domain of an organisation's own, or are the same."""
    rows = [(arrival.signatory.number, arrival.entry) for arrival in fresh.values()]
    rows += [(signatory.number, entry) for signatory, entry in known]
    for what, why in (
        ("circles", "their contacts have the same domain"),
        ("contacts", "they have the same contact"),
    ):
        sharing: defaultdict[bytes, set[int]] = defaultdict(set)
        for number, entry in rows:
            for digest in getattr(entry.likeness, what):
                sharing[digest].add(number)
        for numbers in sharing.values():
            together = sorted(numbers)
            if 1 < len(together) <= _CROWD:
                yield from ((one, other, why) for at, other in enumerate(together) for one in together[:at])
