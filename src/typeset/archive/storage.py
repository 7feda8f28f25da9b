"""The OCFL storage root: a folder for each letter, and beside the root a work folder for unfinished versions."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from typeset.archive.ocfl import digest_of, fault, on_disk
from typeset.diagnostics import Finding, LetterError

# A filesystem that cannot sync a folder says so with one of these; nothing more can be done there.
_CANNOT_SYNC_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})

READ_ONLY = 0o444
"""The mode of archived files, so that no one changes one by mistake."""


class Disk:
    """The system calls that a commit is made of, in the order it makes them.

    A test counts them and lets each one fail, or kills the process in its place: what is not a method here does not
    change the disk.
    """

    def create(self, path: Path, mode: int) -> int:
        """Open a file that was not there before."""
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, mode)

    def write(self, handle: int, data: memoryview) -> int:
        """Write some of the bytes, and return how many."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Wait until the file is on the medium."""
        os.fsync(handle)

    def sync_filesystem(self, handle: int) -> bool:
        """Wait until a folder's whole filesystem is on the medium. False when the system cannot do that.

        For the many files of an edition this takes a tenth of the time of waiting for each file.
        """
        call = _syncfs()
        if call is None:
            return False
        if call(handle) == 0:
            return True
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def sync_folder(self, handle: int) -> None:
        """Wait until the names in a folder are on the medium."""
        os.fsync(handle)

    def make_folder(self, path: Path) -> None:
        """Make one folder."""
        path.mkdir(mode=0o755)

    def move(self, path: Path, target: Path) -> None:
        """Rename a file or folder in one step; a file that has the new name is replaced."""
        os.rename(path, target)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()


def write_file(disk: Disk, path: Path, data: bytes, mode: int = READ_ONLY) -> None:
    """Write a new file. Its bytes may not be on the medium yet when this returns."""
    handle = disk.create(path, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[disk.write(handle, rest) :]
    finally:
        os.close(handle)


def sync_file(disk: Disk, path: Path) -> None:
    """Wait until a file's bytes are on the medium."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        disk.sync(handle)
    finally:
        os.close(handle)


def sync_folder(disk: Disk, path: Path) -> None:
    """Wait until the names in a folder are on the medium."""
    with _opened_folder(path) as handle:
        try:
            disk.sync_folder(handle)
        except OSError as fault:
            if fault.errno not in _CANNOT_SYNC_FOLDERS:
                raise


def make_folders(disk: Disk, base: Path, below: Path) -> None:
    """Make the missing folders of ``below`` inside ``base``."""
    for folder in (*reversed(below.parents), below):
        path = base / folder
        if not path.is_dir():
            disk.make_folder(path)


def write_synced(disk: Disk, base: Path, files: Mapping[str, bytes], mode: int = READ_ONLY) -> None:
    """Write files into a new folder, with the folders that they need, and wait until all are on the medium."""
    for name, data in files.items():
        make_folders(disk, base, Path(name).parent)
        write_file(disk, base / name, data, mode)
    with _opened_folder(base) as handle:
        if disk.sync_filesystem(handle):
            return
    for folder, _, names in os.walk(base, topdown=False):
        for name in sorted(names):
            sync_file(disk, Path(folder) / name)
        sync_folder(disk, Path(folder))


def move_new(disk: Disk, path: Path, target: Path) -> None:
    """Move to a free name. An empty folder, which a rename would replace, counts as taken."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    disk.move(path, target)


def remove_tree(disk: Disk, path: Path) -> None:
    """Remove a file, a link (not its target) or a folder with everything in it."""
    if not stat.S_ISDIR(path.lstat().st_mode):
        disk.remove(path)
        return
    for entry in sorted(path.iterdir()):
        remove_tree(disk, entry)
    disk.remove_folder(path)


@cache
def _syncfs() -> Callable[[int], int] | None:
    """The syncfs call of Linux, which reports failed writes since version 5.8."""
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    if sys.platform != "linux" or not found or (int(found[1]), int(found[2])) < (5, 8):
        return None
    call: Callable[[int], int] | None = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    return call


@contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


ROOT_MARK, OBJECT_MARK = "0=ocfl_1.1", "0=ocfl_object_1.1"
LAYOUT_FILE = "ocfl_layout.json"
GUIDE, GUIDE_SIDECAR = "README.txt", "README.txt.sha512"
LAYOUT = b"""{
 "extension": "0002-flat-direct-storage-layout",
 "description": "One folder for each letter, called as the letter is"
}
"""
GUIDE_TEXT = b"""AN ARCHIVE OF JOINT LETTERS

Each folder here is a letter, and in it v1, v2, v3 and so on are its editions
as they were published. Begin with the README.txt in the folder v1/content of
a letter: it says what the files are and how to check that they are intact.
Folders whose names end with ".demonstration" hold trial runs that nobody
signed off.

Nothing here is ever changed or removed; a new edition is a new folder. The
layout is the Oxford Common File Layout, version 1.1, an open specification
for keeping files for a long time: https://ocfl.io/1.1/spec/

To take a letter elsewhere, copy its whole folder. To copy the archive, copy
everything. Please do not add, rename or edit files here.
"""
PATIENCE = 120.0
"""Seconds to wait for another process that is writing to the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A storage root that can be read: its folder, with symbolic links resolved, and the disk calls."""

    folder: Path
    disk: Disk

    @property
    def work(self) -> Path:
        """The folder for unfinished versions, on the same filesystem, so that one rename moves them in."""
        return work_folder(self.folder)

    def object_folder(self, object_id: str) -> Path:
        """The folder of an object. Raises `LetterError` when it is not an ordinary folder inside the root."""
        folder = self.folder / object_id
        if folder.parent != self.folder or folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise LetterError(
                [
                    fault(
                        "archive-symlink",
                        f"{object_id} in the archive is a link or a file, not a folder",
                        folder,
                        "an archive must not contain links: replace the link by a copy of the folder that it points to",
                    )
                ]
            )
        return folder


def work_folder(folder: Path) -> Path:
    """The folder beside the root for versions that are not archived yet."""
    return folder.with_name(f".{folder.name}.work")


def open_root(folder: Path, disk: Disk | None = None) -> Root:
    """The archive in a folder. Raises `LetterError` when there is none, or its format is unknown."""
    with on_disk(folder):
        resolved = resolved_folder(folder)
        if is_vacant(resolved):
            raise LetterError([no_archive(folder)])
        names = sorted(entry.name for entry in os.scandir(resolved))
        refuse_unknown(resolved, names)
        return Root(folder=resolved, disk=disk or Disk())


def resolved_folder(folder: Path) -> Path:
    """The real path of a folder, with symbolic links resolved."""
    return Path(os.path.realpath(folder))


def is_vacant(folder: Path) -> bool:
    """Whether there is no folder yet, or an empty one."""
    return not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir()))


def refuse_unknown(folder: Path, names: list[str]) -> None:
    """Raise `LetterError` for a storage root of another version or layout, or a folder that is none."""
    marks = [name for name in names if name.startswith("0=")]
    if marks != [ROOT_MARK]:
        other = next((mark for mark in marks if mark.startswith("0=ocfl_")), "")
        raise LetterError(
            [
                fault(
                    "archive-newer",
                    f"{folder} is declared as {' and '.join(marks)}; this version of typeset knows {ROOT_MARK}",
                    folder,
                    "use the version of typeset that made it, or a newer one; nothing was changed",
                )
                if other
                else fault(
                    "archive-foreign",
                    f"{folder} is not an archive, but there are files in it",
                    folder,
                    "choose another folder for the archive; this one was not changed",
                )
            ]
        )
    if not (folder / LAYOUT_FILE).is_file() or (folder / LAYOUT_FILE).read_bytes() != LAYOUT:
        raise LetterError(
            [
                fault(
                    "archive-foreign",
                    f"{folder} is an OCFL storage root with another layout than the one that typeset uses",
                    folder / LAYOUT_FILE,
                    "if typeset made it, restore ocfl_layout.json from a copy; otherwise choose another folder",
                )
            ]
        )


@contextmanager
def locked(folder: Path, disk: Disk, patience: float = PATIENCE) -> Iterator[Path]:
    """Lock the archive for this process; yields the work folder, without the files of interrupted processes.

    The operating system releases the lock when the process ends. Raises `LetterError` when another process keeps
    the lock for ``patience`` seconds.
    """
    # Needs 50 ms to import, and reading an archive takes no lock.
    from filelock import FileLock, Timeout

    work = work_folder(folder)
    if work.is_symlink():
        raise LetterError(
            [fault("archive-symlink", f"{work} is a link", work, "remove it: the work folder keeps nothing")]
        )
    if not work.is_dir():
        make_parents(disk, work)
    lock = FileLock(work / "lock", timeout=patience, fallback_to_soft=False)
    try:
        held = lock.acquire()
    except Timeout:
        raise LetterError(
            [
                fault(
                    "archive-busy",
                    f"another process has been using the archive for {patience:.0f} seconds",
                    folder,
                    "wait until it has finished, then run the command again",
                )
            ]
        ) from None
    with held:
        for left in sorted(work.iterdir()):
            if left.name != "lock":
                remove_tree(disk, left)
        yield work


def make_root(folder: Path, work: Path, disk: Disk) -> None:
    """Make an empty archive, complete or not at all. The caller holds the lock."""
    files = {
        ROOT_MARK: b"ocfl_1.1\n",
        LAYOUT_FILE: LAYOUT,
        GUIDE: GUIDE_TEXT,
        GUIDE_SIDECAR: f"{digest_of(GUIDE_TEXT)}  {GUIDE}\n".encode(),
    }
    unfinished = work / "root"
    disk.make_folder(unfinished)
    write_synced(disk, unfinished, files)
    if folder.is_dir():  # an empty folder that the user made for the archive
        disk.remove_folder(folder)
    move_new(disk, unfinished, folder)
    sync_folder(disk, folder.parent)


def make_parents(disk: Disk, folder: Path) -> None:
    """Make a folder and the missing ones above it; another process may do the same."""
    for path in (*reversed(folder.parents), folder):
        if not path.is_dir():
            try:
                disk.make_folder(path)
            except FileExistsError:
                continue
            sync_folder(disk, path.parent)


def no_archive(folder: Path) -> Finding:
    """The finding when a folder has no archive."""
    return fault(
        "archive-missing",
        f"there is no archive in {folder}",
        folder,
        "connect its disk, or name the right folder in typeset.toml; publishing edition 1 makes a new archive",
    )
