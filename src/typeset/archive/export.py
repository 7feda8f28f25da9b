"""Editions out of the archive: a letter folder as it was, files to hand over."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from typeset.archive.disk import Disk, move_new, prepared, remove_tree, sync_folder
from typeset.archive.faults import fault, on_disk
from typeset.archive.reading import Edition
from typeset.archive.record import APPROVALS, FINAL, MANIFEST, RECORD
from typeset.diagnostics import Finding, Refused, Severity

_TEMPLATES = "templates/"
_SIGNED = ".signed.pdf"


def letter_folder(edition: Edition, house: Mapping[str, bytes]) -> dict[str, bytes]:
    """The letter folder that an edition was published from, approvals included.

    Templates that the program has today word for word (``house``, by their names in the sources) are left out: the
    folder builds as it did then, and holds no more than its author put there.
    """
    sources = {
        name: data
        for name, data in edition.sources().items()
        if not (name.startswith(_TEMPLATES) and house.get(name) == data)
    }
    approvals = {name: edition.read(name) for name in edition.paths if name.startswith(APPROVALS)}
    return sources | approvals


def signed_files(edition: Edition, lang: str = "") -> dict[str, bytes]:
    """The signed PDFs of an edition, or the one in a language, with what proves them: record and manifest.

    Raises `Refused` where there is none.
    """
    letter = edition.name.letter
    start = f"{FINAL}{letter}.{lang}." if lang else f"{FINAL}{letter}."
    signed = [name for name in edition.paths if name.startswith(start) and name.endswith(_SIGNED)]
    if not signed:
        fact = f"edition {edition.name} has no signed PDF" + (f" in {lang}" if lang else "")
        hint = f"typesetter archive show {edition.name} lists what it has"
        raise Refused([Finding(code="no-such-file", severity=Severity.ERROR, fact=fact, hint=hint)])
    proof = [name for name in edition.paths if name == f"{FINAL}{letter}.ed{edition.name.number}.json"]
    files = {name.removeprefix(FINAL): edition.read(name) for name in (*signed, *proof)}
    return files | {f"{letter}.ed{edition.name.number}.{name}": edition.read(name) for name in (MANIFEST, RECORD)}


def write_folder(folder: Path, files: Mapping[str, bytes], disk: Disk | None = None) -> None:
    """A new folder with these files, whole or not at all. Raises `Refused` where one is there already."""
    disk = disk or Disk()
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}.unfinished")
    with on_disk(folder):
        if os.path.lexists(folder):
            hint = "choose another name; nothing is ever written over"
            raise Refused([fault("folder-exists", f"{folder} is there already", folder, hint)])
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            disk.make_folder(unfinished)
            prepared(disk, unfinished, files, mode=0o644)
            move_new(disk, unfinished, folder)
            sync_folder(disk, folder.parent)
        except BaseException:
            with suppress(OSError):
                remove_tree(disk, unfinished)
            raise
