"""What answers do to new signatories: leave one out, make two one, say its kind or language, or go along with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from typeset.decisions import Decision
from typeset.diagnostics import Finding, Severity
from typeset.languages import is_well_formed
from typeset.model import Kind, Signatory
from typeset.signatories.answers import Answers
from typeset.signatories.matches import Arrival, Doubt, Left
from typeset.tables import fault

_OF_KIND = frozenset({"person-among-organisations", "unknown-kind-cell"})
_OF_LANGUAGE = frozenset({"language-script", "unknown-language-cell", "ambiguous-language"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The new signatories as decided, under their final numbers, and the decisions that go along into the letter."""

    arrivals: tuple[Arrival, ...]
    left: tuple[Left, ...]
    decided: tuple[Decision, ...]
    findings: tuple[Finding, ...]


def settle(
    doubts: Sequence[Doubt], listed: Iterable[Signatory], arrivals: Sequence[Arrival], answers: Answers, behind: int
) -> Settled:
    """The doubts held against the answers to them. Who is left takes the next numbers, so that no gap is made."""
    current = {arrival.signatory.number: arrival for arrival in arrivals}
    on_list = {signatory.number: signatory for signatory in listed}
    findings = [doubt.finding for doubt in doubts]
    dropped: list[Arrival] = []
    merged: dict[int, int] = {}
    for doubt in doubts:
        decision = answers.to(doubt.finding)
        if decision is None or decision.printed is None:
            continue
        if len(doubt.numbers) == 2:
            pair = _merged(doubt, decision, current, on_list)
            if pair is None:
                findings.append(_unusable(doubt, "print should be the one of the two names that stays on the list"))
            elif pair[0] in current:
                dropped.append(current.pop(pair[0]))
                merged[pair[0]] = pair[1]
            continue
        number = doubt.numbers[0]
        if number not in current:
            continue
        if not decision.printed:
            dropped.append(current.pop(number))
        elif doubt.finding.code in _OF_KIND | _OF_LANGUAGE:
            amended = _amended(current[number], doubt.finding.code, decision.printed)
            if amended is None:
                findings.append(_unusable(doubt, "print should be organisation or person, or the tag of a language"))
            else:
                current[number] = amended
    numbers = _closed_up(current, behind)
    left = []
    for arrival in dropped:
        stays = arrival.signatory.number
        while stays in merged:
            stays = merged[stays]
        if stays == arrival.signatory.number:
            left.append(Left(entry=arrival.entry, why="left out by decision"))
        else:
            number = numbers.get(stays, stays)
            left.append(Left(entry=arrival.entry, why=f"another name of no. {number} by decision", number=number))
    return Settled(
        arrivals=tuple(
            replace(arrival, signatory=replace(arrival.signatory, number=numbers[number]))
            for number, arrival in current.items()
        ),
        left=tuple(left),
        decided=tuple(_carried(doubts, answers, current, numbers, on_list)),
        findings=tuple(findings),
    )


def _merged(
    doubt: Doubt, decision: Decision, current: dict[int, Arrival], on_list: dict[int, Signatory]
) -> tuple[int, int] | None:
    """The number that goes and the one that stays; None where the answer does not say, or asks for another name."""
    names = {
        number: current[number].signatory.name if number in current else on_list[number].name
        for number in doubt.numbers
        if number in current or number in on_list
    }
    if len(names) < 2:
        return None if len(doubt.numbers) < 2 else (doubt.numbers[0], doubt.numbers[1])
    stays = [number for number, name in names.items() if name == decision.printed]
    if len(stays) != 1:
        return None
    goes = next(number for number in names if number != stays[0])
    # Whoever is on the list stays there; another name for them is a matter of typesetter list rename.
    return None if goes in on_list else (goes, stays[0])


def _amended(arrival: Arrival, code: str, said: str) -> Arrival | None:
    if code in _OF_KIND:
        if said not in set(Kind):
            return None
        return replace(arrival, signatory=replace(arrival.signatory, kind=Kind(said)))
    if not is_well_formed(said):
        return None
    return replace(arrival, signatory=replace(arrival.signatory, lang=said, passages=()))


def _closed_up(current: dict[int, Arrival], behind: int) -> dict[int, int]:
    """Final numbers: what a row gave stays, the others follow each other behind the list."""
    given = {number for number, arrival in current.items() if arrival.entry.number == number}
    following = max((behind, *given))
    rest = [number for number in sorted(current) if number not in given]
    return {number: number for number in given} | {
        number: following + place for place, number in enumerate(rest, start=1)
    }


def _carried(
    doubts: Sequence[Doubt],
    answers: Answers,
    current: dict[int, Arrival],
    numbers: dict[int, int],
    on_list: dict[int, Signatory],
) -> Iterable[Decision]:
    """Answers to what `check` will ask of the letter too, as decisions on the signatories that were asked about."""
    for doubt in doubts:
        decision = answers.to(doubt.finding)
        if decision is None or doubt.asked is None or decision.printed == "":
            continue
        if not all(number in current or number in on_list for number in doubt.numbers):
            continue
        if decision.printed is not None and doubt.finding.code in _OF_KIND | _OF_LANGUAGE:
            continue
        final = [numbers.get(number, number) for number in doubt.numbers]
        if len(final) == 2:
            subject = f"signatories {min(final)} and {max(final)}"
        else:
            subject = doubt.asked.subject.rpartition(" ")[0] + f" {final[0]}"
        yield replace(decision, subject=subject, evidence=doubt.asked.evidence, place=None)


def _unusable(doubt: Doubt, hint: str) -> Finding:
    found = fault(
        "answer-unusable", f"the answer to {doubt.finding.code} cannot be followed", "list-decisions.toml", hint
    )
    return replace(found, place=doubt.finding.place, severity=Severity.ERROR)
