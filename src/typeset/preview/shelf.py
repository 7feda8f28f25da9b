"""The shelf: the archived editions of the letter on the desk, looked up by the names they are listed under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from typeset.archive.names import EditionName, is_letter_id
from typeset.archive.reading import Edition, editions, object_ids
from typeset.archive.record import PROOF
from typeset.archive.root import is_vacant, open_root, resolved_folder
from typeset.preview.keeping import Kept
from typeset.preview.pages import pages_of
from typeset.preview.proofs import Proof, Sheet
from typeset.scripts import is_right_to_left

KEPT = 48 * 1024 * 1024
"""Bytes of archived files that are kept for whoever goes on comparing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """An edition as something to compare with: its pages as archived.

    ``drafts`` has, by language, the digests of the pages of the proof that people approved: the final pages differ
    from any draft by the mark on it alone.
    """

    proof: Proof
    drafts: Mapping[str, tuple[str, ...]]


class Shelf:
    """The editions in an archive; no archive is an empty shelf."""

    def __init__(self, archive: Path | None = None) -> None:
        self._archive = archive
        self._kept = Kept(KEPT)

    def listed(self, letter: str) -> tuple[Edition, ...]:
        """The editions of a letter, the latest first. Raises `Refused` for an archive that cannot be read."""
        if self._archive is None or not is_letter_id(letter) or is_vacant(resolved_folder(self._archive)):
            return ()
        root = open_root(self._archive)
        there = object_ids(root)
        names = (EditionName(letter=letter, demonstration=demonstration).object_id for demonstration in (False, True))
        return tuple(one for name in names if name in there for one in reversed(editions(root, name)))

    def edition(self, letter: str, name: str) -> Archived | None:
        """One of the editions listed. Raises `Refused` where it cannot be read."""
        edition = next((one for one in self.listed(letter) if str(one.name) == name), None)
        if edition is None:
            return None
        key = (str(edition.folder), edition.record.digest)
        archived: Archived | None = self._kept.get(key)
        if archived is None:
            archived = _archived(edition)
            self._kept.put(key, archived, sum(len(sheet.pdf) for sheet in archived.proof.sheets))
        return archived

    def proofs(self) -> tuple[Proof, ...]:
        """What was taken from the shelf lately."""
        return tuple(archived.proof for archived in self._kept.all())


def _archived(edition: Edition) -> Archived:
    # Imported here: it brings along all that reads finished files, and most previews compare with nothing archived.
    from typeset.archive.states import pdfs_of

    titles = edition.record.about.titles
    sheets = tuple(
        Sheet(
            lang=lang,
            title=titles.get(lang, ""),
            right_to_left=is_right_to_left(titles.get(lang, "")),
            name=f"{edition.name}.{lang}.pdf",
            pdf=pdf,
            html=b"",
            pages=pages_of(pdf),
            origins=(),
        )
        for lang, pdf in pdfs_of(edition).items()
    )
    letter = edition.name.letter
    drafts = {}
    for sheet in sheets:
        if (name := f"{PROOF}{letter}.{sheet.lang}.pdf") in edition.paths:
            drafts[sheet.lang] = tuple(page.digest for page in pages_of(edition.read(name)))
    return Archived(
        proof=Proof(
            letter=letter,
            digest=f"{edition.name} {edition.record.digest}",
            sources=dict(edition.sources()),
            sheets=sheets,
            facts={},
        ),
        drafts=drafts,
    )
