"""How commands come to the archive: where it is, which edition is meant, what came before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from typeset.archive import Edition, EditionName, Root, editions, object_ids, open_root, read_edition_name
from typeset.archive.configuration import archive_folder
from typeset.archive.root import is_vacant
from typeset.cli.drawing import line_of
from typeset.diagnostics import Finding, Refused, Severity
from typeset.publishing.proposal import Proposal

archive_option = click.option(
    "--archive", "place", type=click.Path(path_type=Path), help="The archive; otherwise as typeset.toml says, archive/."
)


def opened(place: Path | None) -> Root:
    """The archive that is meant."""
    return open_root(place or archive_folder(Path.cwd()))


def named(root: Root, text: str) -> EditionName:
    """An edition by what somebody typed: ``letter@2``, ``letter``, ``@2``, ``2``, or nothing for the latest of all.

    Raises `Refused` where that leaves a choice.
    """
    if text and not re.fullmatch(r"@?[0-9]+", text, re.ASCII):
        return read_edition_name(text)
    letters = [name for name in object_ids(root) if not read_edition_name(name).demonstration] or object_ids(root)
    if len(letters) != 1:
        fact = f"the archive has {len(letters)} letters" + (f": {', '.join(letters)}" if letters else "")
        hint = f"name one, such as {letters[0]}@1" if letters else "typesetter publish brings the first one in"
        raise Refused([Finding(code="which-letter", severity=Severity.ERROR, fact=fact, hint=hint)])
    number = text.lstrip("@").lstrip("0")
    return read_edition_name(f"{letters[0]}@{number}" if number else letters[0])


def since_predecessor(proposal: Proposal, place: Path | None) -> Iterator[str]:
    """What changed since the edition that this one follows, in lines for whoever is asked to approve it."""
    predecessor = proposal.manifest.edition.predecessor
    folder = place or archive_folder(Path.cwd())
    if not predecessor or is_vacant(folder):
        return
    # Imported here: nobody who approves a first edition needs any of it.
    from typeset.archive.states import difference, of_edition, of_sources
    from typeset.diff import unstable_numbers
    from typeset.diff.telling import summary, tell

    shelf = shelf_with(open_root(folder), proposal.manifest.letter, predecessor)
    if not shelf:
        yield f"edition {proposal.manifest.edition.number - 1} is not in the archive, so nothing is compared with it"
        return
    told, before, after, _ = difference(of_edition(shelf[-1]), of_sources(proposal.checked.sources, "this one"))
    yield f"since {told.before}: {summary(told)}"
    lines = [line_of(line, colour=False) for line in tell(told)]
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"  and {len(lines) - _MOST_LINES} lines more: typesetter diff {shelf[-1].name}"
    ever = {one.number: one.name for edition in shelf for one in of_edition(edition).state.letter.signatories}
    for finding in unstable_numbers(ever, before.letter.signatories, after.letter.signatories):
        yield f"{finding.severity}[{finding.code}] {finding.fact}: {finding.hint}"


_MOST_LINES = 24


def shelf_with(root: Root, letter: str, digest: str) -> tuple[Edition, ...]:
    """The editions up to the one whose manifest has this digest, real ones or demonstrations."""
    for demonstration in (False, True):
        name = EditionName(letter=letter, demonstration=demonstration).object_id
        shelf = editions(root, name) if name in object_ids(root) else ()
        for place, edition in enumerate(shelf, start=1):
            if edition.record.digest == digest:
                return shelf[:place]
    return ()
