"""Whether what is recorded of changes since the edition before is there, and still about this letter."""

from __future__ import annotations

from collections.abc import Iterator

from typeset.changes import FILE, contradictions, state_of
from typeset.diagnostics import Finding, Place, Severity
from typeset.model import Block, Changes, Letter, Part

UNFIT = frozenset({"missing-changes", "stale-changes"})
"""What keeps an edition from being signed off, whatever anybody decides about it."""

_REFRESH = "typesetter diff --record compares with that edition in the archive and writes the file"


def check_changes(letter: Letter) -> tuple[Finding, ...]:
    """What has to be said of the record that lies beside a letter, as it is printed. Nothing where it may be told."""
    slot = next((block for version in letter.versions for block in version.blocks if block.part is Part.CHANGES), None)
    edition = letter.edition
    if letter.changes:
        if faults := tuple(_faults(letter.changes, letter)):
            return (_stale(faults),)
    elif edition.predecessor:
        return (_missing(slot, edition.number),)
    elif slot:
        fact = "{changes} stands here, and no edition came before this one: nothing is printed for it"
        hint = "leave it for the next edition; [edition] in letter.toml names the one before"
        return (finding("no-edition-before", Severity.NOTE, fact, slot.place, hint),)
    return ()


def _faults(changes: Changes, letter: Letter) -> Iterator[str]:
    edition = letter.edition
    if changes.letter != letter.id:
        yield f"it is of another letter, {changes.letter}"
    if changes.edition != edition.number:
        yield f"it is of edition {changes.edition}, and this is edition {edition.number}"
    elif changes.predecessor != edition.predecessor:
        yield f"it compares with an edition {edition.number - 1} that is not the predecessor in letter.toml"
    now = state_of(letter)
    moved = [part for part in {**changes.state, **now} if changes.state.get(part) != now.get(part)]
    if moved:
        yield f"changed since it was written: {', '.join(moved)}"
    else:
        yield from contradictions(changes, {one.number: one.printed for one in letter.signatories})
    withdrawn = {one.number for one in changes.withdrawn}
    if strangers := letter.may_be_named - withdrawn:
        yield f"letter.toml names among those who withdrew {_told(strangers)}, and it does not"
    if {one.number for one in changes.withdrawn if one.name} != letter.may_be_named & withdrawn:
        yield "it does not name those who withdrew as letter.toml says"


def _told(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _stale(faults: tuple[str, ...]) -> Finding:
    told = "; ".join(faults)
    fact = f"what {FILE} says is not printed: {told}"
    return finding("stale-changes", Severity.WARNING, fact, Place(file=FILE), _REFRESH, told)


def _missing(slot: Block | None, number: int) -> Finding:
    if slot:
        fact = f"{{changes}} stands here, and nothing is recorded of what changed since edition {number - 1}"
        return finding("missing-changes", Severity.WARNING, fact, slot.place, _REFRESH)
    fact = f"nothing is recorded of what changed since edition {number - 1}, so the edition does not carry it as data"
    return finding("untold-changes", Severity.NOTE, fact, Place(file="letter.toml"), _REFRESH)


def finding(code: str, severity: Severity, fact: str, place: Place | None, hint: str, evidence: str = "") -> Finding:
    """What is said of the record, always of the same subject."""
    return Finding(
        code=code, severity=severity, fact=fact, place=place, hint=hint, subject="changes", evidence=evidence
    )
