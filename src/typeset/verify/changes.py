"""``changes.json`` in a finished file, held against the edition and the list that it travels with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from typeset.changes import FILE, contradictions, read_changes
from typeset.manifest import Manifest


def disagreements(data: bytes, manifest: Manifest, rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Where it tells of another edition, or of other signatories, than the file does."""
    try:
        changes = read_changes(data)
    except ValueError as fault:
        yield f"{FILE} cannot be read: {fault}"
        return
    edition = manifest.edition
    if (changes.letter, changes.edition, changes.predecessor) != (manifest.letter, edition.number, edition.predecessor):
        yield f"{FILE} tells of edition {changes.edition} of {changes.letter}, after another one than this edition is"
    if changes.after.counts != manifest.counts:
        yield f"{FILE} has other counts"
    for said in contradictions(changes, {int(row["number"]): str(row["name"]) for row in rows}):
        yield f"{FILE}: {said}"
