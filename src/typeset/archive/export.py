"""Exports from the archive: the letter folder of an edition, a bag (BagIt), signed PDFs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from typeset.archive.ocfl import ALGORITHM, INVENTORY, SIDECAR, EditionName, digest_of, fault, on_disk
from typeset.archive.reader import ArchivedEdition, open_edition
from typeset.archive.record import APPROVALS, FINAL, MANIFEST, PROGRAM, RECORD, Record
from typeset.archive.storage import (
    LAYOUT_FILE,
    OBJECT_MARK,
    ROOT_MARK,
    Disk,
    move_new,
    remove_tree,
    sync_folder,
    write_synced,
)
from typeset.diagnostics import LetterError, letter_error
from typeset.letter_folder import house_sources, look_of


def bag(name: EditionName, record: Record, files: Mapping[str, bytes], *, packed: date, agent: str) -> dict[str, bytes]:
    """The files of a bag (BagIt 1.0) with an edition as its payload, by their paths in the bag.

    ``packed`` is the date of packing, ``agent`` the program that packs it.
    """
    payload = {f"data/{path}": data for path, data in files.items()}
    size = sum(map(len, payload.values()))
    about = "".join(f"{label}: {_one_line(value)}\n" for label, value in _information(name, record, packed, agent))
    tags = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"{about}Payload-Oxum: {size}.{len(payload)}\n".encode(),
        f"manifest-{ALGORITHM}.txt": _listed(payload),
    }
    return {**tags, f"tagmanifest-{ALGORITHM}.txt": _listed(tags), **payload}


def _information(name: EditionName, record: Record, packed: date, agent: str) -> Iterator[tuple[str, str]]:
    """The entries of bag-info.txt (RFC 8493, 2.2.2)."""
    about = record.about
    yield "External-Identifier", str(name)
    for lang, title in about.titles.items():
        yield "External-Description", f"{title} ({lang})"
    demonstration = " of a demonstration, which nobody signed off" if record.demonstration else ""
    counts = f"{about.named} signatories by name, {about.anonymous} anonymous"
    yield (
        "Internal-Sender-Description",
        f"Edition {record.number}{demonstration}; {counts}; deposited {record.deposited}",
    )
    yield "Internal-Sender-Identifier", f"sha256:{record.digest}"
    yield "Bagging-Date", packed.isoformat()
    yield "Bag-Software-Agent", agent


def _listed(files: Mapping[str, bytes]) -> bytes:
    """A manifest of a bag: one line for each file, with the escapes of RFC 8493, 2.1.3."""
    return "".join(f"{digest_of(data)}  {_escaped(path)}\n" for path, data in sorted(files.items())).encode()


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _one_line(text: str) -> str:
    return " ".join(text.split())


_TEMPLATES = "templates/"
_SIGNED = ".signed.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An edition that was written into a new folder, and the number of files."""

    edition: EditionName
    folder: Path
    files: int


def export_edition(
    archive: Path, text: str, folder: Path, *, packed: date, agent: str, signed: bool = False, lang: str = ""
) -> Exported:
    """Write an edition into a new folder: as a bag (BagIt), or only its ``signed`` PDFs with their proof.

    ``lang`` limits the signed PDFs to one language version. Raises `LetterError` when the folder exists.
    """
    edition = open_edition(archive, text)
    if signed:
        files = signed_files(edition, lang)
    else:
        files = bag(edition.name, edition.record, edition.files(), packed=packed, agent=agent)
    write_folder(folder, files)
    return Exported(edition=edition.name, folder=folder, files=len(files))


def restore_letter(archive: Path, text: str, folder: Path) -> Exported:
    """Write the letter folder that an edition was published from. Raises `LetterError` when the folder exists."""
    edition = open_edition(archive, text)
    sources = edition.sources()
    today = house_sources(look_of(sources.get("letter.toml", b"")), sources)
    files = letter_folder(edition, today)
    write_folder(folder, files)
    return Exported(edition=edition.name, folder=folder, files=len(files))


def letter_folder(edition: ArchivedEdition, house: Mapping[str, bytes]) -> dict[str, bytes]:
    """The letter folder that an edition was published from, approvals included.

    Templates that are the same in this program (``house``, by their names in the sources) are left out: the folder
    builds as it did then, and has only what its author put there.
    """
    sources = {
        name: data
        for name, data in edition.sources().items()
        if not (name.startswith(_TEMPLATES) and house.get(name) == data)
    }
    approvals = {name: edition.read(name) for name in edition.paths if name.startswith(APPROVALS)}
    return sources | approvals


def snapshot(edition: ArchivedEdition, folder: Path) -> None:
    """Write an archive that ends with this edition into a new folder.

    The archived program is left out. Raises `LetterError` when a file was changed.
    """
    kept = folder / edition.folder.name
    number = edition.record.number
    with on_disk(edition.folder):
        for mark, place in ((ROOT_MARK, folder), (LAYOUT_FILE, folder), (OBJECT_MARK, kept)):
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile((edition.folder if place is kept else edition.folder.parent) / mark, place / mark)
        for version in (f"v{one}" for one in range(1, number + 1)):
            for name in (INVENTORY, SIDECAR, f"content/{RECORD}"):
                (kept / version / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(edition.folder / version / name, kept / version / name)
        for name in (INVENTORY, SIDECAR):
            shutil.copyfile(edition.folder / f"v{number}" / name, kept / name)
        for name, path in edition.paths.items():
            if not name.startswith(PROGRAM):
                target = kept / path.relative_to(edition.folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(edition.read(name))


def signed_files(edition: ArchivedEdition, lang: str = "") -> dict[str, bytes]:
    """The signed PDFs of an edition, or the one in a language, with record and manifest.

    Raises `LetterError` when there is none.
    """
    letter = edition.name.letter
    start = f"{FINAL}{letter}.{lang}." if lang else f"{FINAL}{letter}."
    signed = [name for name in edition.paths if name.startswith(start) and name.endswith(_SIGNED)]
    if not signed:
        message = f"edition {edition.name} has no signed PDF" + (f" in {lang}" if lang else "")
        hint = f"typesetter archive show {edition.name} lists what it has"
        raise letter_error("no-such-file", message, hint)
    proof = [name for name in edition.paths if name == f"{FINAL}{letter}.ed{edition.name.number}.json"]
    files = {name.removeprefix(FINAL): edition.read(name) for name in (*signed, *proof)}
    return files | {f"{letter}.ed{edition.name.number}.{name}": edition.read(name) for name in (MANIFEST, RECORD)}


def write_folder(folder: Path, files: Mapping[str, bytes], disk: Disk | None = None) -> None:
    """Write a new folder with these files, complete or not at all. Raises `LetterError` when it exists."""
    disk = disk or Disk()
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}.unfinished")
    with on_disk(folder):
        if os.path.lexists(folder):
            hint = "choose another folder; existing files are never replaced"
            raise LetterError([fault("folder-exists", f"{folder} already exists", folder, hint)])
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            disk.make_folder(unfinished)
            write_synced(disk, unfinished, files, mode=0o644)
            move_new(disk, unfinished, folder)
            sync_folder(disk, folder.parent)
        except BaseException:
            with suppress(OSError):
                remove_tree(disk, unfinished)
            raise
