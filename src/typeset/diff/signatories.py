"""What happened to a list of signatories: who joined, who withdrew, whose name was corrected, whose number changed."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from typeset.diagnostics import Finding, Place, Severity
from typeset.model import Signatory

_SAME_NUMBER, _OTHER_NUMBER = 0.6, 0.8
"""How alike two names have to be to be one signatory's: less where the number speaks for it."""
_MOST_COMPARED = 250_000
"""Pairs of names that are compared with each other; beyond that, only names with the same number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """One signatory, written otherwise: what changed of ``name``, ``language``, ``kind``, ``note``, ``number``."""

    before: Signatory
    after: Signatory
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    """From one list to another. ``reused`` are the numbers of somebody who withdrew that somebody else has now."""

    joined: tuple[Signatory, ...] = ()
    withdrawn: tuple[Signatory, ...] = ()
    corrected: tuple[Corrected, ...] = ()
    renumbered: tuple[Corrected, ...] = ()
    unchanged: int = 0

    @property
    def reused(self) -> tuple[int, ...]:
        """Numbers that stand for somebody else now."""
        moved = [one.before.number for one in (*self.corrected, *self.renumbered) if "number" in one.changed]
        left = {signatory.number for signatory in self.withdrawn} | set(moved)
        arrived = [one.after.number for one in (*self.corrected, *self.renumbered) if "number" in one.changed]
        taken = {signatory.number for signatory in self.joined} | set(arrived)
        return tuple(sorted(left & taken))

    @property
    def is_empty(self) -> bool:
        """Whether it is the same list."""
        return not (self.joined or self.withdrawn or self.corrected or self.renumbered)


def list_change(before: Sequence[Signatory], after: Sequence[Signatory]) -> ListChange:
    """Who is who in two lists. A name that is in both is one signatory, whatever its number."""
    pairs = list(_pairs(before, after))
    known, met = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
    told = [Corrected(before=one, after=other, changed=_changed(one, other)) for one, other in pairs]
    told.sort(key=lambda one: one.after.number)
    return ListChange(
        joined=tuple(signatory for signatory in after if id(signatory) not in met),
        withdrawn=tuple(signatory for signatory in before if id(signatory) not in known),
        corrected=tuple(one for one in told if one.changed and one.changed != ("number",)),
        renumbered=tuple(one for one in told if one.changed == ("number",)),
        unchanged=sum(not one.changed for one in told),
    )


def unstable_numbers(
    earlier: Mapping[int, str], before: Sequence[Signatory], after: Sequence[Signatory]
) -> Iterator[Finding]:
    """Numbers that do not stay with their signatories, which people quote them by.

    ``before`` is the list of the edition before, ``earlier`` the names by the numbers they ever had in any edition.
    """
    change = list_change(before, after)
    for one in (*change.renumbered, *change.corrected):
        if "number" in one.changed:
            fact = f"signatory {one.before.number} of the edition before has the number {one.after.number} now"
            yield _unstable("number-moved", fact, one.after, f"give back the number {one.before.number}")
    taken = {one.after.number for one in (*change.renumbered, *change.corrected)}
    for signatory in change.joined:
        had = earlier.get(signatory.number, signatory.name)
        if had != signatory.name and signatory.number not in taken:
            fact = f"{signatory.number} was the number of {had}, and is given to somebody else"
            yield _unstable("number-reused", fact, signatory, "give the new signatory the next number that nobody had")


def _pairs(before: Sequence[Signatory], after: Sequence[Signatory]) -> Iterator[tuple[Signatory, Signatory]]:
    by_name: dict[str, list[Signatory]] = defaultdict(list)
    for signatory in after:
        by_name[signatory.printed].append(signatory)
    left: list[Signatory] = []
    waiting: list[Signatory] = []
    # Of several of one name, those that kept their number belong together.
    for one in before:
        same = next((other for other in by_name[one.printed] if other.number == one.number), None)
        if same:
            by_name[one.printed].remove(same)
            yield one, same
        else:
            waiting.append(one)
    for one in waiting:
        if by_name[one.printed]:
            yield one, by_name[one.printed].pop(0)
        else:
            left.append(one)
    yield from _alike(left, sorted((one for many in by_name.values() for one in many), key=lambda one: one.number))


def _alike(before: Sequence[Signatory], after: Sequence[Signatory]) -> Iterator[tuple[Signatory, Signatory]]:
    """Names that are not the same and yet one signatory's: the most alike first."""
    numbers = {signatory.number: signatory for signatory in after}
    compared = (
        [(one, other) for one in before for other in after]
        if len(before) * len(after) <= _MOST_COMPARED
        else [(one, numbers[one.number]) for one in before if one.number in numbers]
    )
    scored = []
    for one, other in compared:
        same = one.number == other.number
        score = _likeness(one.printed, other.printed, _SAME_NUMBER if same else _OTHER_NUMBER)
        if score:
            scored.append((score + same, one, other))
    scored.sort(key=lambda item: (-item[0], item[1].number, item[2].number))
    known: set[int] = set()
    for _, one, other in scored:
        if id(one) not in known and id(other) not in known:
            known |= {id(one), id(other)}
            yield one, other


def _likeness(one: str, other: str, least: float) -> float:
    """How alike two names are, by character, whatever their case, width and accents; 0 below the least."""
    first, second = _folded(one), _folded(other)
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < least:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= least else 0.0


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in decomposed if unicodedata.category(character)[0] not in "MZC")


def _changed(before: Signatory, after: Signatory) -> tuple[str, ...]:
    def languages(one: Signatory) -> tuple[str, object]:
        return one.lang, [(one.name[passage.start : passage.end], passage.lang) for passage in one.passages]

    differing = {
        "number": before.number != after.number,
        "name": before.printed != after.printed,
        "language": languages(before) != languages(after),
        "kind": before.kind != after.kind,
        "note": before.note != after.note,
    }
    return tuple(what for what, differs in differing.items() if differs)


def _unstable(code: str, fact: str, signatory: Signatory, hint: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING,
        fact=fact,
        place=signatory.place or Place(file="signatories.csv"),
        hint=hint,
        subject=f"signatory {signatory.number}",
        evidence=signatory.name,
    )
