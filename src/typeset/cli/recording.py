"""``typesetter diff --record``: what changed since the edition before, written down where it can be approved."""

from __future__ import annotations

from pathlib import Path

import click

from typeset.archive import Edition, Root, find_edition, open_root
from typeset.archive.configuration import archive_folder
from typeset.archive.names import EditionName
from typeset.archive.root import is_vacant
from typeset.archive.states import of_edition, of_sources
from typeset.changes import FILE, changes_json
from typeset.cli.session import shown
from typeset.cli.shelves import opened, shelf_with
from typeset.diagnostics import Finding, Place, Refused, Severity
from typeset.diff.recording import recorded
from typeset.model import Changes, Letter
from typeset.publishing.proposal import Proposal
from typeset.sources import Sources
from typeset.workspace import read_sources, write_files

_HINT = "typesetter diff --record compares with that edition in the archive and writes the file"


def record(folder: Path, place: Path | None) -> Changes:
    """Write ``changes.json`` into a letter folder. Raises `Refused` where no edition is named to compare with."""
    sources = read_sources(folder)
    letter = of_sources(sources, "this edition").state.letter
    if not letter.edition.predecessor:
        raise Refused([_first(archive_of(place), letter)])
    before = _predecessor(opened(place), letter)
    if before is None:
        number, digest = letter.edition.number - 1, letter.edition.predecessor
        fact = f"the archive has no edition {number} of {letter.id} with the manifest {digest}"
        hint = "predecessor in letter.toml is the digest that typesetter publish printed; see typesetter archive list"
        raise Refused([_fault("no-such-edition", fact, hint)])
    changes = _since(before, sources)
    write_files(folder, {FILE: changes_json(changes)})
    return changes


def tell_recorded(folder: Path, changes: Changes) -> None:
    """What was written, in a line or two."""
    counted = {
        "joined": len(changes.joined),
        "withdrawn": len(changes.withdrawn),
        "corrected": len(changes.corrected),
        "renumbered": len(changes.renumbered),
    }
    if texts := sum(not text.is_empty for text in changes.texts):
        counted["text changed" if texts == 1 else "texts changed"] = texts
    told = ", ".join(f"{count} {what}" for what, count in counted.items() if count) or "nothing changed in it"
    click.echo(f"{shown(folder / FILE)}: since edition {changes.edition - 1}: {told}")
    if named := [str(one.number) for one in changes.withdrawn if one.name]:
        click.echo(f"it names who withdrew as {', '.join(named)}, as letter.toml says")


def refuse_other_record(proposal: Proposal, folder: Path) -> None:
    """Hold the record of changes against the archive. Raises `Refused` where that edition tells another story."""
    letter, sources = proposal.checked.letter, proposal.checked.sources
    if letter.changes is None or is_vacant(folder):
        return
    before = _predecessor(open_root(folder), letter)
    if before and changes_json(_since(before, sources)) != changes_json(letter.changes):
        fact = f"what {FILE} says is not what changed since edition {letter.edition.number - 1} in the archive"
        raise Refused([_fault("stale-changes", fact, _HINT, FILE)])


def _since(before: Edition, sources: Sources) -> Changes:
    return recorded(of_edition(before).state, of_sources(sources, "this edition").state)


def _predecessor(root: Root, letter: Letter) -> Edition | None:
    shelf = shelf_with(root, letter.id, letter.edition.predecessor)
    return shelf[-1] if shelf else None


def _first(folder: Path, letter: Letter) -> Finding:
    fact = "letter.toml names no edition before this one, so there is nothing to compare with"
    try:
        if is_vacant(folder):
            raise Refused([])
        latest = find_edition(open_root(folder), EditionName(letter=letter.id))
    except Refused:
        return _fault("no-edition-before", fact, "only a later edition has changes to record")
    edition = f'number = {(latest.name.number or 0) + 1} and predecessor = "{latest.record.digest}"'
    return _fault("no-edition-before", fact, f"to follow the latest, write [edition] with {edition}")


def _fault(code: str, fact: str, hint: str, file: str = "letter.toml") -> Finding:
    place = Place(file=file)
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=place, hint=hint, subject="changes")


def archive_of(place: Path | None) -> Path:
    """The archive that a record is held against."""
    return place or archive_folder(Path.cwd())
