"""Doubts about new signatories: all that `check` knows of names, and what only the rows they came in can tell.

Findings are about names, since rows and numbers are others in next week's export. Two names may be one signatory's,
with what speaks for it; none are ever merged without a decision.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from typeset.check import check
from typeset.diagnostics import Finding, Severity
from typeset.listing.digests import same_name
from typeset.listing.rows import IMPORT, Entry
from typeset.listing.sounds import sound
from typeset.model import Counts, Letter, Signatory
from typeset.scripts import scripts
from typeset.sources import Sources

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
    entry: Entry


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
    known: Iterable[tuple[Signatory, Entry]],
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
                clues[numbers].append(finding.fact.rpartition("may be one signatory: ")[2])
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
        fact=f"{said} and {other.name} may be one signatory: {'; '.join(dict.fromkeys(whys))}",
        place=place,
        hint=f"ask them; print = “{one.name}” makes them one, without print they stay two",
        subject=IMPORT,
        evidence=f"{one.name} | {other.name}",
        proposal=one.name,
    )
    return Doubt(finding=finding, asked=asked, numbers=numbers)


Clues = Iterator[tuple[int, int, str]]
Known = tuple[tuple[Signatory, Entry], ...]


def _linked(names: dict[int, Signatory], fresh: dict[int, Arrival], known: Known) -> Clues:
    """A row that gives a name in two languages, and another that has the second for its own."""
    by_name = {same_name(signatory.name): number for number, signatory in names.items()}
    rows = [(arrival.signatory.number, arrival.entry) for arrival in fresh.values()]
    rows += [(signatory.number, entry) for signatory, entry in known]
    for number, entry in rows:
        for also in entry.also:
            if (other := by_name.get(same_name(also), number)) != number:
                yield number, other, "one row gives both names, as names in two languages"


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
                    yield earlier, number, "one name is the other in another alphabet"


def _of_one_circle(names: dict[int, Signatory], fresh: dict[int, Arrival], known: Known) -> Clues:
    """Rows whose contacts are at one domain of an organisation's own, or are the same."""
    rows = [(arrival.signatory.number, arrival.entry) for arrival in fresh.values()]
    rows += [(signatory.number, entry) for signatory, entry in known]
    for what, why in (
        ("circles", "their contacts are at one domain"),
        ("contacts", "they give the same contact"),
    ):
        sharing: defaultdict[bytes, set[int]] = defaultdict(set)
        for number, entry in rows:
            for digest in getattr(entry.likeness, what):
                sharing[digest].add(number)
        for numbers in sharing.values():
            together = sorted(numbers)
            if 1 < len(together) <= _CROWD:
                yield from ((one, other, why) for at, other in enumerate(together) for one in together[:at])
