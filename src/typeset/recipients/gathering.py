"""Every recipient of a list once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from typeset.diagnostics import Finding, Place
from typeset.recipients.addressee import Addressee
from typeset.recipients.addressing import Target
from typeset.recipients.meaning import Meant, folded
from typeset.recipients.rows import fault


def gathered(read: Sequence[Meant], findings: list[Finding]) -> tuple[Target, ...]:
    """The recipients in the order of the list. A row about one of a set says what is different about them."""
    targets: dict[str, Target] = {}
    alone: dict[str, Target] = {}
    for each in read:
        if each.group:
            _add_set(each, targets, alone, findings)
            continue
        (target,) = each.targets
        key = _key(target)
        if key in alone:
            _twice(target.id, target.row.place, alone[key].row.place, findings)
            continue
        alone[key] = target
        targets[key] = targets[key].overridden(target.row) if key in targets else target
    return tuple(targets.values())


def _add_set(each: Meant, targets: dict[str, Target], alone: dict[str, Target], findings: list[Finding]) -> None:
    again = [target.id for target in each.targets if _key(target) in targets and _key(target) not in alone]
    if again:
        fact = f"{len(again)} of {each.group} are on the list already, {again[0]} for one"
        hint = "leave out one of the sets; a row about one recipient may stand beside a set"
        findings.append(fault("recipient-twice", fact, each.row.place, hint, each.row.subject))
    for target in each.targets:
        key = _key(target)
        if key in alone:
            targets[key] = target.overridden(alone[key].row)
        else:
            targets.setdefault(key, target)


def _key(target: Target) -> str:
    """What makes two rows the same recipient, whatever they are called."""
    return target.office or (target.state.code if target.state else f"row {target.id}")


def without_twins(addressees: Iterable[Addressee], findings: list[Finding]) -> tuple[Addressee, ...]:
    """Those whose copies would not be one file, and who are not the same person twice under two names."""
    kept: list[Addressee] = []
    places: dict[tuple[str, ...], Place] = {}
    for addressee in addressees:
        assert addressee.place is not None
        keys = (("id", addressee.id), ("office", folded(addressee.office), folded(addressee.holder)))
        first = next((places[key] for key in keys if key in places), None)
        if first:
            _twice(addressee.id, addressee.place, first, findings)
        else:
            kept.append(addressee)
        for key in keys:
            places.setdefault(key, addressee.place)
    return tuple(kept)


def _twice(name: str, place: Place, first: Place, findings: list[Finding]) -> None:
    fact = f"{name} is on the list already, in line {first.line}"
    hint = "leave one of them out, or give them different ids and offices where they are two"
    findings.append(fault("recipient-twice", fact, place, hint, f"recipient {name}"))
