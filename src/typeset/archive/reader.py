"""A letter's object in the archive: its inventories, its files and its editions."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from typeset.archive.ocfl import (
    INVENTORY,
    SIDECAR,
    EditionName,
    Inventory,
    UnreadableInventory,
    digest_of,
    fault,
    is_object_id,
    on_disk,
    read_edition_name,
    read_inventory,
    sidecar,
    version_number,
)
from typeset.archive.record import RECORD, SOURCES, Record, described, read_record
from typeset.archive.storage import OBJECT_MARK, Root, open_root
from typeset.diagnostics import Finding, LetterError, Location, letter_error
from typeset.letter_folder import from_here
from typeset.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectState:
    """The state of an object: its valid inventory, an interrupted commit, and damage.

    ``inventory`` is None when no inventory is valid. ``pending`` are its bytes when an interrupted commit has not
    written them to the object's root yet.
    """

    inventory: Inventory | None
    pending: bytes | None = None
    findings: tuple[Finding, ...] = ()


def read_object(folder: Path) -> ObjectState:
    """Read an object without a lock and without changing anything."""
    found = ObjectState(inventory=None)
    for _ in range(10):
        seen = plain_bytes(folder, INVENTORY)
        found = _read_once(folder)
        if not found.findings or plain_bytes(folder, INVENTORY) == seen:
            break  # otherwise another process committed in the meantime
    return found


def _read_once(folder: Path) -> ObjectState:
    versions = version_folders(folder)
    if plain_bytes(folder, OBJECT_MARK) != f"{OBJECT_MARK.removeprefix('0=')}\n".encode():
        return ObjectState(
            inventory=None, findings=(_damaged(folder, f"the file {OBJECT_MARK} is missing or changed"),)
        )
    if versions != list(range(1, len(versions) + 1)) or not versions:
        shown = ", ".join(f"v{number}" for number in versions) or "none"
        return ObjectState(
            inventory=None, findings=(_damaged(folder, f"its versions should be v1, v2 and so on, but are {shown}"),)
        )
    top = versions[-1]
    try:
        current, _ = _pair(folder, folder.name)
        trouble = ""
    except UnreadableInventory as unreadable:
        current, trouble = None, str(unreadable)
    if current and current.head == top:
        return ObjectState(inventory=current)
    try:
        copy, data = _pair(folder / f"v{top}", folder.name)
    except UnreadableInventory as unreadable:
        message = (
            f"{trouble or f'its inventory ends before v{top}'}, and the one in v{top} cannot be used: {unreadable}"
        )
        return ObjectState(inventory=current, findings=(_damaged(folder, message),))
    if copy.head != top or (current and not (copy.continues(current) and copy.head == current.head + 1)):
        return ObjectState(
            inventory=current, findings=(_damaged(folder, f"the inventory in v{top} does not continue the one before"),)
        )
    if broken := tuple(version_faults(folder, copy, top)):
        # The whole version was on the medium before the rename, so this is damage, not an interrupted commit.
        return ObjectState(inventory=current, findings=broken)
    return ObjectState(inventory=copy, pending=data)


def version_folders(folder: Path) -> list[int]:
    """The numbers of the version folders, in order."""
    found = (version_number(entry.name) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    return sorted(number for number in found if number)


def version_faults(
    folder: Path, inventory: Inventory, number: int, seen: dict[str, str] | None = None
) -> Iterator[Finding]:
    """Faults of the files that were added with a version: missing, changed or unknown.

    ``seen`` receives the SHA-256 of the intact files, by their digest in the inventory.
    """
    version = folder / f"v{number}"
    expected = inventory.paths_of(number)
    own = {f"v{number}/{INVENTORY}", f"v{number}/{SIDECAR}"}
    for path in files_below(version):
        name = path.relative_to(folder).as_posix()
        if name in own or name in expected:
            continue
        yield fault("archive-stray-file", f"{name} is not part of the letter", path, STRAY)
    for name, digest in sorted(expected.items()):
        data = plain_bytes(folder, name)
        if data is None:
            yield fault("archive-file-missing", f"{name} is missing", folder / name, RESTORE, subject=name)
        elif digest_of(data) != digest:
            yield fault(
                "archive-file-changed",
                f"{name} was changed after it was archived",
                folder / name,
                RESTORE,
                subject=name,
            )
        elif seen is not None:
            seen[digest] = hashlib.sha256(data).hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """All files and empty folders below a folder, in order; links are not followed."""
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    if not entries:
        yield folder
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from files_below(path)
        else:
            yield path


def plain_bytes(folder: Path, name: str) -> bytes | None:
    """The bytes of a file inside a folder; None when it is not an ordinary file, or a link is in its path."""
    path = folder
    for part in name.split("/"):
        path = path / part
        try:
            mode = path.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISLNK(mode):
            return None
    if not stat.S_ISREG(mode):
        return None
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        return file.read()


def inventory_in(folder: Path, object_id: str) -> Inventory:
    """The inventory in the folder of an object or a version. Raises `UnreadableInventory`."""
    return _pair(folder, object_id)[0]


def is_listed(folder: Path, listing: bytes) -> bool:
    """Whether a folder has exactly this inventory, with its sidecar."""
    return plain_bytes(folder, INVENTORY) == listing and plain_bytes(folder, SIDECAR) == sidecar(listing)


def _pair(folder: Path, object_id: str) -> tuple[Inventory, bytes]:
    data, digests = plain_bytes(folder, INVENTORY), plain_bytes(folder, SIDECAR)
    if data is None or digests is None:
        raise UnreadableInventory(f"it has no {INVENTORY if data is None else SIDECAR}")
    if digests != sidecar(data):
        raise UnreadableInventory(f"{INVENTORY} does not match its digest in {SIDECAR}")
    inventory = read_inventory(data)
    if inventory.id != object_id:
        raise UnreadableInventory(f"it belongs to {inventory.id!r}")
    return inventory, data


_ARCHIVE = Location(file="archive")
RESTORE = "restore it from a copy of the archive"
STRAY = "typeset did not archive it: move it out of the archive"


def _damaged(folder: Path, message: str) -> Finding:
    return fault(
        "archive-damaged",
        f"{folder.name}: {message}",
        folder,
        "do not publish this letter; restore the folder from a copy of the archive",
        subject=folder.name,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedEdition:
    """One archived edition. ``paths`` has the path of each file by name, ``digests`` its SHA-512."""

    name: EditionName
    record: Record
    folder: Path
    paths: Mapping[str, Path]
    digests: Mapping[str, str]
    created: str
    by: str

    def document(self, *, with_files: bool = False) -> dict[str, object]:
        """The edition as JSON; ``with_files`` adds its files, with paths from the current folder."""
        record, about = self.record, self.record.about
        data = {
            "edition": str(self.name),
            "number": record.number,
            "demonstration": record.demonstration,
            "date": about.date.isoformat() if about.date else None,
            "deposited": self.created,
            "by": self.by,
            "titles": dict(about.titles),
            "counts": {"total": about.total, "named": about.named, "anonymous": about.anonymous},
            "sign_off": [{"role": sign.role, "name": sign.name, "when": sign.when} for sign in about.sign_off],
            "manifest": record.digest,
            "predecessor": record.predecessor or None,
            "generator": record.generator,
        }
        files = [
            {"name": name, "what": described(name), "path": from_here(path), "sha256": record.files.get(name)}
            for name, path in self.paths.items()
        ]
        return data | ({"files": files} if with_files else {})

    def read(self, file: str) -> bytes:
        """The bytes of a file as archived. Raises `LetterError` when it is missing or was changed."""
        if file not in self.paths:
            message = f"edition {self.name} has no file {file}"
            hint = f"typesetter archive show {self.name} lists what it has"
            raise letter_error("no-such-file", message, hint, place=_ARCHIVE)
        path = self.paths[file]
        with on_disk(path):
            data = plain_bytes(self.folder, path.relative_to(self.folder).as_posix())
        if data is None or digest_of(data) != self.digests[file]:
            fact = (
                f"{file} of edition {self.name} {'is missing' if data is None else 'was changed after it was archived'}"
            )
            raise LetterError([fault("archive-file-changed" if data else "archive-file-missing", fact, path, RESTORE)])
        return data

    def files(self) -> dict[str, bytes]:
        """All files, each checked. Raises `LetterError` with a finding for each missing or changed file."""
        files: dict[str, bytes] = {}
        findings: list[Finding] = []
        for name in self.paths:
            try:
                files[name] = self.read(name)
            except LetterError as refused:
                findings += refused.findings
        if findings:
            raise LetterError(findings)
        return files

    def sources(self) -> Sources:
        """The sources that the edition was built from."""
        names = (name for name in self.paths if name.startswith(SOURCES))
        return Sources({name.removeprefix(SOURCES): self.read(name) for name in names})


def object_ids(root: Root) -> tuple[str, ...]:
    """The ids of all letters and demonstrations in the archive, in order."""
    with on_disk(root.folder):
        return tuple(
            sorted(entry.name for entry in root.folder.iterdir() if entry.is_dir() and is_object_id(entry.name))
        )


def editions(root: Root, object_id: str) -> tuple[ArchivedEdition, ...]:
    """All editions of a letter, the first one first. Raises `LetterError` when its object cannot be read."""
    with on_disk(root.folder):
        folder = root.object_folder(object_id)
        if not folder.is_dir():
            known = ", ".join(object_ids(root)) or "no letters yet"
            raise letter_error(
                "no-such-letter", f"the archive has no letter {object_id}", f"it has {known}", place=_ARCHIVE
            )
        return tuple(_editions(folder))


def find_edition(root: Root, name: EditionName) -> ArchivedEdition:
    """The edition of that name, by default the latest. Raises `LetterError` when there is none."""
    found = editions(root, name.object_id)
    number = name.number or len(found)
    if number > len(found):
        message = f"{name.object_id} has no edition {number}"
        raise letter_error(
            "no-such-edition", message, f"its latest edition is {name.object_id}@{len(found)}", place=_ARCHIVE
        )
    return found[number - 1]


def edition_name(root: Root, text: str) -> EditionName:
    """The name of an edition as a user typed it: ``letter@2``, ``letter``, ``@2``, ``2``, or nothing for the latest.

    Raises `LetterError` when more than one letter is possible.
    """
    if text and not re.fullmatch(r"@?[0-9]+", text, re.ASCII):
        return read_edition_name(text)
    letters = [name for name in object_ids(root) if not read_edition_name(name).demonstration] or object_ids(root)
    if len(letters) != 1:
        message = f"the archive has {len(letters)} letters" + (f": {', '.join(letters)}" if letters else "")
        hint = f"name one, such as {letters[0]}@1" if letters else "typesetter publish archives the first edition"
        raise letter_error("which-letter", message, hint)
    number = text.lstrip("@").lstrip("0")
    return read_edition_name(f"{letters[0]}@{number}" if number else letters[0])


def open_edition(archive: Path, text: str = "") -> ArchivedEdition:
    """The edition that a user typed, as `edition_name` reads it."""
    root = open_root(archive)
    return find_edition(root, edition_name(root, text))


def editions_until(root: Root, letter: str, digest: str) -> tuple[ArchivedEdition, ...]:
    """The editions up to the one whose manifest has this digest, real or demonstrations; empty when there is none."""
    for demonstration in (False, True):
        name = EditionName(letter=letter, demonstration=demonstration).object_id
        kept = editions(root, name) if name in object_ids(root) else ()
        for place, edition in enumerate(kept, start=1):
            if edition.record.digest == digest:
                return kept[:place]
    return ()


def _editions(folder: Path) -> Iterator[ArchivedEdition]:
    found = read_object(folder)
    if found.inventory is None:
        raise LetterError(found.findings)
    inventory = found.inventory
    for number, version in enumerate(inventory.versions, start=1):
        paths = {name: folder / inventory.path(number, name) for name in sorted(version.state)}
        record = _record(folder, paths.get(RECORD), number)
        yield ArchivedEdition(
            name=EditionName(letter=record.letter, number=number, demonstration=record.demonstration),
            record=record,
            folder=folder,
            paths=paths,
            digests=version.state,
            created=version.created,
            by=version.name,
        )


def _record(folder: Path, path: Path | None, number: int) -> Record:
    data = plain_bytes(folder, path.relative_to(folder).as_posix()) if path else None
    try:
        if data is None:
            raise ValueError("it is missing")
        record = read_record(data)
    except ValueError as unreadable:
        message = f"the {RECORD} of edition {number} of {folder.name} cannot be read: {str(unreadable).lower()}"
        hint = "run typesetter archive verify, then restore the file from a copy of the archive"
        raise LetterError(
            [fault("archive-damaged", message, path or folder, hint, subject=folder.name)]
        ) from unreadable
    return record
