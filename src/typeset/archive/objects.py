"""One letter's object on the disk: what its inventories say, and whether its files are what they say."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from typeset.archive.faults import fault
from typeset.archive.inventory import (
    INVENTORY,
    SIDECAR,
    Inventory,
    Unreadable,
    digest_of,
    read_inventory,
    sidecar,
    version_number,
)
from typeset.archive.root import OBJECT_MARK
from typeset.diagnostics import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an object stands: what it holds for sure, and what an interrupted commit or a damage left to do.

    ``inventory`` is None where no inventory can be trusted. ``pending`` are its bytes where they belong at the object's
    root and are not there yet: the edition counts from the moment its folder is in.
    """

    inventory: Inventory | None
    pending: bytes | None = None
    findings: tuple[Finding, ...] = ()


def standing(folder: Path) -> Standing:
    """Read an object as it is, without changing anything or waiting for anyone."""
    found = Standing(inventory=None)
    for _ in range(10):
        seen = plain_bytes(folder, INVENTORY)
        found = _seen(folder)
        if not found.findings or plain_bytes(folder, INVENTORY) == seen:
            break  # otherwise another process committed while this one was looking
    return found


def _seen(folder: Path) -> Standing:
    versions = version_folders(folder)
    if plain_bytes(folder, OBJECT_MARK) != f"{OBJECT_MARK.removeprefix('0=')}\n".encode():
        return Standing(inventory=None, findings=(_damaged(folder, f"there is no {OBJECT_MARK} that says what it is"),))
    if versions != list(range(1, len(versions) + 1)) or not versions:
        shown = ", ".join(f"v{number}" for number in versions) or "none"
        return Standing(inventory=None, findings=(_damaged(folder, f"the versions that are there are {shown}"),))
    top = versions[-1]
    try:
        current, _ = _pair(folder, folder.name)
        trouble = ""
    except Unreadable as unreadable:
        current, trouble = None, str(unreadable)
    if current and current.head == top:
        return Standing(inventory=current)
    try:
        copy, data = _pair(folder / f"v{top}", folder.name)
    except Unreadable as unreadable:
        said = f"{trouble or f'its inventory ends before v{top}'}, and the one in v{top} does not help: {unreadable}"
        return Standing(inventory=current, findings=(_damaged(folder, said),))
    if copy.head != top or (current and not (copy.continues(current) and copy.head == current.head + 1)):
        return Standing(inventory=current, findings=(_damaged(folder, f"the inventory in v{top} is of other files"),))
    if broken := tuple(version_faults(folder, copy, top)):
        # The whole version was on the medium before it got its name: this is no interrupted commit but a damage.
        return Standing(inventory=current, findings=broken)
    return Standing(inventory=copy, pending=data)


def version_folders(folder: Path) -> list[int]:
    """The numbers of the versions that are there, in order."""
    found = (version_number(entry.name) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    return sorted(number for number in found if number)


def version_faults(
    folder: Path, inventory: Inventory, number: int, seen: dict[str, str] | None = None
) -> Iterator[Finding]:
    """What is wrong with the files that were added with a version: gone, changed, or not of it.

    ``seen`` gathers the SHA-256 of the files that are right, by their digest in the inventory.
    """
    version = folder / f"v{number}"
    expected = inventory.paths_of(number)
    own = {f"v{number}/{INVENTORY}", f"v{number}/{SIDECAR}"}
    for path in files_below(version):
        name = path.relative_to(folder).as_posix()
        if name in own or name in expected:
            continue
        yield fault("archive-stray-file", f"{name} does not belong to the letter", path, "nobody archived it: look")
    for name, digest in sorted(expected.items()):
        data = plain_bytes(folder, name)
        if data is None:
            yield fault("archive-file-missing", f"{name} is gone", folder / name, _RESTORE, subject=name)
        elif digest_of(data) != digest:
            yield fault(
                "archive-file-changed", f"{name} is not what was archived", folder / name, _RESTORE, subject=name
            )
        elif seen is not None:
            seen[digest] = hashlib.sha256(data).hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """Everything below a folder that is not a folder, and empty folders, in order; links are never followed."""
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
    """The bytes of a file inside a folder; None where there is no ordinary file, or a link on the way to it."""
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
    """The inventory in an object's or a version's folder. Raises `Unreadable` unless its sidecar vouches for it."""
    return _pair(folder, object_id)[0]


def is_listed(folder: Path, listing: bytes) -> bool:
    """Whether a folder has just this inventory, with its sidecar."""
    return plain_bytes(folder, INVENTORY) == listing and plain_bytes(folder, SIDECAR) == sidecar(listing)


def _pair(folder: Path, object_id: str) -> tuple[Inventory, bytes]:
    data, vouched = plain_bytes(folder, INVENTORY), plain_bytes(folder, SIDECAR)
    if data is None or vouched is None:
        raise Unreadable(f"it has no {INVENTORY if data is None else SIDECAR}")
    if vouched != sidecar(data):
        raise Unreadable(f"{SIDECAR} does not vouch for {INVENTORY}")
    inventory = read_inventory(data)
    if inventory.id != object_id:
        raise Unreadable(f"it is of {inventory.id!r}")
    return inventory, data


_RESTORE = "bring it back from a copy of the archive"


def _damaged(folder: Path, fact: str) -> Finding:
    return fault(
        "archive-damaged",
        f"{folder.name}: {fact}",
        folder,
        "do not publish into it; bring the folder back from a copy of the archive",
        subject=folder.name,
    )
