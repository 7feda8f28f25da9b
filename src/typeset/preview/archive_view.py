"""The archived editions of the letter that the preview shows, by name."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typeset.archive import (
    PROOF,
    ArchivedEdition,
    EditionName,
    editions,
    is_letter_id,
    is_vacant,
    object_ids,
    open_root,
    resolved_folder,
)
from typeset.languages import is_right_to_left
from typeset.preview.build_result import BuildResult, VersionOutput
from typeset.preview.pages import pages_of


class SizedCache:
    """A least-recently-used cache, limited by size in bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._things: OrderedDict[object, tuple[Any, int]] = OrderedDict()

    def get(self, key: object) -> Any:
        """The value of a key, or None."""
        if key not in self._things:
            return None
        self._things.move_to_end(key)
        return self._things[key][0]

    def put(self, key: object, thing: Any, size: int) -> None:
        """Add a value; the least recently used are dropped to make room."""
        self._size -= self._things.pop(key, (None, 0))[1]
        self._things[key] = (thing, size)
        self._size += size
        while self._size > self._most and len(self._things) > 1:
            self._size -= self._things.popitem(last=False)[1][1]

    def drop(self, useless: Callable[[Any], bool]) -> None:
        """Drop the values of all keys that are ``useless``."""
        for key in [key for key in self._things if useless(key)]:
            self._size -= self._things.pop(key)[1]

    def all(self) -> tuple[Any, ...]:
        """All values."""
        return tuple(thing for thing, _ in self._things.values())


KEPT = 48 * 1024 * 1024
"""The most bytes of archived files that are cached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedView:
    """An archived edition to compare with.

    ``drafts`` has, by language, the digests of the pages of the proof that people approved. A draft is compared with
    these: it differs from the final pages in its draft mark.
    """

    proof: BuildResult
    drafts: Mapping[str, tuple[str, ...]]


class ArchiveView:
    """The editions in an archive; none if there is no archive."""

    def __init__(self, archive: Path | None = None) -> None:
        self._archive = archive
        self._kept = SizedCache(KEPT)

    def listed(self, letter: str) -> tuple[ArchivedEdition, ...]:
        """The editions of a letter, the latest first. Raises `LetterError` if the archive cannot be read."""
        if self._archive is None or not is_letter_id(letter) or is_vacant(resolved_folder(self._archive)):
            return ()
        root = open_root(self._archive)
        there = object_ids(root)
        names = (EditionName(letter=letter, demonstration=demonstration).object_id for demonstration in (False, True))
        return tuple(one for name in names if name in there for one in reversed(editions(root, name)))

    def edition(self, letter: str, name: str) -> ArchivedView | None:
        """One of the listed editions, or None. Raises `LetterError` if it cannot be read."""
        edition = next((one for one in self.listed(letter) if str(one.name) == name), None)
        if edition is None:
            return None
        key = (str(edition.folder), edition.record.digest)
        archived: ArchivedView | None = self._kept.get(key)
        if archived is None:
            archived = _archived(edition)
            self._kept.put(key, archived, sum(len(sheet.pdf) for sheet in archived.proof.sheets))
        return archived

    def proofs(self) -> tuple[BuildResult, ...]:
        """The editions that were compared with lately."""
        return tuple(archived.proof for archived in self._kept.all())


def _archived(edition: ArchivedEdition) -> ArchivedView:
    # Imported here: it imports the readers of finished files, and most previews compare with no edition.
    from typeset.archive import pdfs_of

    titles = edition.record.about.titles
    sheets = tuple(
        VersionOutput(
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
    return ArchivedView(
        proof=BuildResult(
            letter=letter,
            digest=f"{edition.name} {edition.record.digest}",
            sources=dict(edition.sources()),
            sheets=sheets,
            facts={},
        ),
        drafts=drafts,
    )
