"""The edition that a letter follows: changes recorded since it, held against the archive, shown to who approves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from typeset.archive import (
    ArchivedEdition,
    EditionName,
    Root,
    difference,
    editions_until,
    find_edition,
    is_vacant,
    of_edition,
    of_sources,
    open_root,
)
from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.diff import ReportLine, recorded, summary, tell, unstable_numbers
from typeset.edition_changes import FILE, changes_json
from typeset.letter_folder import read_sources, write_files
from typeset.model import Changes, Letter
from typeset.sources import Sources

if TYPE_CHECKING:
    from typeset.publishing.proposal import Proposal

_HINT = "typesetter diff --record compares with that edition in the archive and writes the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class SincePredecessor:
    """What changed since the edition that a proposal follows.

    ``predecessor`` is None where the archive has not got that edition, so that nothing is compared; ``findings`` are
    about numbers that an earlier edition gave to another signatory.
    """

    number: int
    predecessor: EditionName | None = None
    label: str = ""
    summary: str = ""
    lines: tuple[ReportLine, ...] = ()
    findings: tuple[Finding, ...] = ()


def since_predecessor(proposal: Proposal, archive: Path) -> SincePredecessor | None:
    """What changed since the edition before, for whoever is asked to approve; None where nothing came before."""
    manifest = proposal.manifest
    if not manifest.edition.predecessor or is_vacant(archive):
        return None
    number = manifest.edition.number - 1
    kept = editions_until(open_root(archive), manifest.letter, manifest.edition.predecessor)
    if not kept:
        return SincePredecessor(number=number)
    told, before, after, _ = difference(of_edition(kept[-1]), of_sources(proposal.checked.sources, "this one"))
    ever = {one.number: one.name for edition in kept for one in of_edition(edition).state.letter.signatories}
    return SincePredecessor(
        number=number,
        predecessor=kept[-1].name,
        label=told.before,
        summary=summary(told),
        lines=tuple(tell(told)),
        findings=tuple(unstable_numbers(ever, before.letter.signatories, after.letter.signatories)),
    )


def record_changes(folder: Path, archive: Path) -> Changes:
    """Write ``changes.json`` into a letter folder. Raises `Refused` where no edition is named to compare with."""
    sources = read_sources(folder)
    letter = of_sources(sources, "this edition").state.letter
    if not letter.edition.predecessor:
        raise LetterError([_first(archive, letter)])
    before = _predecessor(open_root(archive), letter)
    if before is None:
        number, digest = letter.edition.number - 1, letter.edition.predecessor
        fact = f"the archive has no edition {number} of {letter.id} with the manifest {digest}"
        hint = "predecessor in letter.toml is the digest that typesetter publish printed; see typesetter archive list"
        raise LetterError([_fault("no-such-edition", fact, hint)])
    changes = _since(before, sources)
    write_files(folder, {FILE: changes_json(changes)})
    return changes


def refuse_other_record(proposal: Proposal, archive: Path) -> None:
    """Hold the record of changes against the archive. Raises `Refused` where that edition tells another story."""
    letter, sources = proposal.checked.letter, proposal.checked.sources
    if letter.changes is None or is_vacant(archive):
        return
    before = _predecessor(open_root(archive), letter)
    if before and changes_json(_since(before, sources)) != changes_json(letter.changes):
        fact = f"what {FILE} says is not what changed since edition {letter.edition.number - 1} in the archive"
        raise LetterError([_fault("stale-changes", fact, _HINT, FILE)])


def _since(before: ArchivedEdition, sources: Sources) -> Changes:
    return recorded(of_edition(before).state, of_sources(sources, "this edition").state)


def _predecessor(root: Root, letter: Letter) -> ArchivedEdition | None:
    kept = editions_until(root, letter.id, letter.edition.predecessor)
    return kept[-1] if kept else None


def _first(archive: Path, letter: Letter) -> Finding:
    fact = "letter.toml names no edition before this one, so there is nothing to compare with"
    try:
        if is_vacant(archive):
            raise LetterError([])
        latest = find_edition(open_root(archive), EditionName(letter=letter.id))
    except LetterError:
        return _fault("no-edition-before", fact, "only a later edition has changes to record")
    edition = f'number = {(latest.name.number or 0) + 1} and predecessor = "{latest.record.digest}"'
    return _fault("no-edition-before", fact, f"to follow the latest, write [edition] with {edition}")


def _fault(code: str, fact: str, hint: str, file: str = "letter.toml") -> Finding:
    place = Location(file=file)
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=place, hint=hint, subject="changes")
