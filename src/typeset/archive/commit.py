"""The commit of an edition to the archive: written beside it, then moved in by one rename.

When the process ends before the rename, the archive is unchanged. When it ends after the rename, the edition is
archived, and only the inventory at the object's root may be the previous one; the next commit replaces it. Every file
is on the medium before the rename.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from typeset.archive.ocfl import (
    INVENTORY,
    SIDECAR,
    Inventory,
    ObjectVersion,
    digest_of,
    fault,
    on_disk,
    sidecar,
    write_inventory,
)
from typeset.archive.reader import plain_bytes, read_object
from typeset.archive.record import MANIFEST, Deposit, archived_files, deposit_faults, time_of
from typeset.archive.storage import (
    OBJECT_MARK,
    PATIENCE,
    Disk,
    Root,
    is_vacant,
    locked,
    make_root,
    move_new,
    no_archive,
    open_root,
    remove_tree,
    resolved_folder,
    sync_folder,
    write_synced,
)
from typeset.diagnostics import Finding, LetterError, Severity, refuse_if_any


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The result of a commit: the edition's folder and findings. ``earlier`` is true when it was archived before."""

    letter: str
    number: int
    digest: str
    folder: Path
    earlier: bool = False
    findings: tuple[Finding, ...] = ()


def deposit(folder: Path, edition: Deposit, *, disk: Disk | None = None, patience: float = PATIENCE) -> Receipt:
    """Put an edition into the archive in ``folder``. The first edition makes the archive.

    Raises `LetterError`: ``edition-moved`` when this edition does not follow the letter's latest one, other codes for
    faults of the edition, the archive or the disk. Then nothing of the edition is archived. The same edition can be
    given again.
    """
    refuse_if_any(deposit_faults(edition))
    disk = disk or Disk()
    with on_disk(folder):
        place = resolved_folder(folder)
        if is_vacant(place) and edition.number > 1:
            raise LetterError([no_archive(folder)])
        if not is_vacant(place):
            open_root(place)
        with locked(place, disk, patience) as work:
            if is_vacant(place):
                make_root(place, work, disk)
            return _commit(open_root(place, disk), work, edition)


def finish(folder: Path, *, disk: Disk | None = None) -> tuple[str, ...]:
    """Finish interrupted commits in all objects; returns the ids of the objects that had one."""
    with on_disk(folder):
        root = open_root(folder, disk)
        with locked(root.folder, root.disk) as work:
            return tuple(_finished(root, work))


def latest(root: Root, object_id: str) -> tuple[int, str]:
    """Number and manifest digest of a letter's latest edition; 0 and an empty string when there is none."""
    folder = root.object_folder(object_id)
    if not folder.exists():
        return 0, ""
    found = read_object(folder)
    if found.inventory is None:
        raise LetterError(found.findings)
    return found.inventory.head, _digest_of_manifest(folder, found.inventory)


def _commit(root: Root, work: Path, edition: Deposit) -> Receipt:
    folder = root.object_folder(edition.object_id)
    before = _recovered(root, folder, work) if folder.exists() else None
    head, digest = (before.head, _digest_of_manifest(folder, before)) if before else (0, "")
    if before and _is_there(before, edition):
        return _receipt(folder, edition, earlier=True)
    if before and _has_manifest(before, edition):
        raise LetterError([_archived(folder, edition)])
    if (edition.number, edition.predecessor) != (head + 1, digest):
        raise LetterError([_moved(folder, edition, head, digest)])
    files = archived_files(edition)
    version = ObjectVersion(
        state=MappingProxyType({name: digest_of(data) for name, data in files.items()}),
        created=time_of(edition.made),
        message=f"Edition {edition.number}" + " (demonstration)" * edition.demonstration,
        name=edition.by,
        address=edition.address,
    )
    empty = Inventory(id=edition.object_id, manifest=MappingProxyType({}), versions=())
    after = (before or empty).with_version(version)
    findings = tuple(_clock_faults(folder, before, version))
    _write(root, work, folder, after, {version.state[name]: data for name, data in files.items()})
    return _receipt(folder, edition, findings=findings)


def _write(root: Root, work: Path, folder: Path, inventory: Inventory, files: dict[str, bytes]) -> None:
    """Write the version into the work folder, then move it in."""
    number, disk = inventory.head, root.disk
    data = write_inventory(inventory)
    listing = {INVENTORY: data, SIDECAR: sidecar(data)}
    contents = {path: files[digest] for path, digest in inventory.paths_of(number).items()}
    version = contents | {f"v{number}/{name}": listed for name, listed in listing.items()}
    mark = {OBJECT_MARK: f"{OBJECT_MARK.removeprefix('0=')}\n".encode()}
    unfinished = work / "object"
    try:
        disk.make_folder(unfinished)
        write_synced(disk, unfinished, mark | listing | version if number == 1 else version | listing)
        if number == 1:
            move_new(disk, unfinished, folder)
        else:
            move_new(disk, unfinished / f"v{number}", folder / f"v{number}")
    except BaseException:
        with suppress(OSError):  # the next commit removes what cannot be removed now
            remove_tree(disk, unfinished)
        raise
    try:
        if number == 1:
            sync_folder(disk, root.folder)
        else:
            sync_folder(disk, folder)
            _install(disk, unfinished, folder)
    except OSError as refusal:
        reason = (refusal.strerror or str(refusal)).lower()
        raise LetterError(
            [
                fault(
                    "archive-unfinished",
                    f"edition {number} is in the archive, but its inventory could not be written: {reason}",
                    folder,
                    "repair the disk, then run typesetter archive verify --finish; do not publish this edition again",
                )
            ]
        ) from refusal
    if number > 1:
        with suppress(OSError):
            disk.remove_folder(unfinished)


def _install(disk: Disk, listing: Path, folder: Path) -> None:
    """Move the inventory to the object's root."""
    for name in (INVENTORY, SIDECAR):
        disk.move(listing / name, folder / name)
    sync_folder(disk, folder)


def _recovered(root: Root, folder: Path, work: Path) -> Inventory:
    """The object's inventory, after an interrupted commit is finished. Raises `LetterError` when it is damaged."""
    found = read_object(folder)
    if found.findings or found.inventory is None:
        raise LetterError(found.findings)
    if found.pending is None:
        return found.inventory
    listing = work / "listing"
    root.disk.make_folder(listing)
    write_synced(root.disk, listing, {INVENTORY: found.pending, SIDECAR: sidecar(found.pending)})
    _install(root.disk, listing, folder)
    root.disk.remove_folder(listing)
    again = read_object(folder)
    if again.inventory is None or again.pending or again.findings:
        raise LetterError(again.findings)
    return again.inventory


def _finished(root: Root, work: Path) -> Iterator[str]:
    for folder in sorted(root.folder.iterdir()):
        if folder.is_dir() and not folder.is_symlink() and read_object(folder).pending:
            _recovered(root, folder, work)
            yield folder.name


def _digest_of_manifest(folder: Path, inventory: Inventory) -> str:
    """The SHA-256 of the latest edition's manifest. Raises `LetterError` when that file was changed."""
    number = inventory.head
    digest = inventory.versions[-1].state.get(MANIFEST, "")
    data = plain_bytes(folder, inventory.manifest[digest]) if digest else None
    if data is None or digest_of(data) != digest:
        message = f"the {MANIFEST} of edition {number} of {folder.name} was changed or is missing"
        hint = "run typesetter archive verify, then restore the file from a copy of the archive"
        raise LetterError([fault("archive-damaged", message, folder, hint, subject=folder.name)])
    return hashlib.sha256(data).hexdigest()


def _is_there(inventory: Inventory, edition: Deposit) -> bool:
    """Whether the archive has this edition with the same files."""
    if edition.number > inventory.head:
        return False
    state = inventory.versions[edition.number - 1].state
    return all(state.get(name) == digest_of(data) for name, data in edition.files.items())


def _has_manifest(inventory: Inventory, edition: Deposit) -> bool:
    """Whether the edition of that number was made from the same manifest."""
    if edition.number > inventory.head:
        return False
    return inventory.versions[edition.number - 1].state.get(MANIFEST) == digest_of(edition.files[MANIFEST])


def _archived(folder: Path, edition: Deposit) -> Finding:
    name = f"{edition.object_id}@{edition.number}"
    message = f"edition {edition.number} of {edition.letter} is already in the archive, sealed at another time"
    hint = f"an edition is sealed once: get its signed files with typesetter archive export {name} --pdf --to FOLDER"
    return fault("edition-archived", message, folder, hint, subject=f"edition {edition.number}")


def _receipt(folder: Path, edition: Deposit, *, earlier: bool = False, findings: tuple[Finding, ...] = ()) -> Receipt:
    return Receipt(
        letter=edition.letter,
        number=edition.number,
        digest=edition.digest,
        folder=folder / f"v{edition.number}",
        earlier=earlier,
        findings=findings,
    )


def _moved(folder: Path, edition: Deposit, head: int, digest: str) -> Finding:
    follows = f"edition {edition.number - 1} ({edition.predecessor[:12]}…)" if edition.number > 1 else "nothing"
    holds = f"edition {head} ({digest[:12]}…)" if head else "no edition"
    return fault(
        "edition-moved",
        f"edition {edition.number} of {edition.letter} follows {follows}, but the latest in the archive is {holds}",
        folder,
        "compare with typesetter diff, then build, approve and publish the letter as the next edition"
        if head
        else "check whether this is the archive that has the earlier editions",
        subject=f"edition {edition.number}",
    )


def _clock_faults(folder: Path, before: Inventory | None, version: ObjectVersion) -> Iterator[Finding]:
    if before is None:
        return
    with suppress(ValueError):  # another program wrote the time in its own way
        earlier = datetime.fromisoformat(before.versions[-1].created)
        if datetime.fromisoformat(version.created) < earlier:
            later = f"edition {before.head + 1} is dated {version.created}"
            message = f"{later}, before edition {before.head}, which is dated {earlier:%FT%TZ}"
            yield fault(
                "clock-backwards",
                message,
                folder,
                "check the clock of this computer; the order of editions comes from their numbers, so nothing is lost",
                severity=Severity.WARNING,
            )
