"""The OCFL storage root: a folder for each letter, and beside it, never inside, what is being worked on."""

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

# A filesystem that cannot sync a folder says so with one of these; there is nothing more to do on it.
_CANNOT_SYNC_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})

READ_ONLY = 0o444
"""The mode of archived files, from the start: nobody changes one by mistake."""


class Disk:
    """The system calls that a commit is made of, in the order it makes them.

    A test counts them and lets each one fail, or kills the process in its place: what is not a method here does not
    change the disk.
    """

    def create(self, path: Path, mode: int) -> int:
        """Open a file that was not there before."""
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, mode)

    def write(self, handle: int, data: memoryview) -> int:
        """Write some of the bytes; tell how many."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Wait until the file is on the medium."""
        os.fsync(handle)

    def sync_filesystem(self, handle: int) -> bool:
        """Wait until all that was written to the filesystem of a folder is on the medium; False where that cannot be.

        For the many files of an edition it takes a tenth of the time of waiting for each by itself.
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
        """Give a file or folder another name, in one step; a file of that name is replaced."""
        os.rename(path, target)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()


def write_file(disk: Disk, path: Path, data: bytes, mode: int = READ_ONLY) -> None:
    """A new file with these bytes. Nobody has waited for the medium when this returns."""
    handle = disk.create(path, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[disk.write(handle, rest) :]
    finally:
        os.close(handle)


def sync_file(disk: Disk, path: Path) -> None:
    """A file's bytes, on the medium when this returns."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        disk.sync(handle)
    finally:
        os.close(handle)


def sync_folder(disk: Disk, path: Path) -> None:
    """The names in a folder, on the medium when this returns."""
    with _opened_folder(path) as handle:
        try:
            disk.sync_folder(handle)
        except OSError as fault:
            if fault.errno not in _CANNOT_SYNC_FOLDERS:
                raise


def make_folders(disk: Disk, base: Path, below: Path) -> None:
    """The folders of ``below`` inside ``base``, as far as they are missing."""
    for folder in (*reversed(below.parents), below):
        path = base / folder
        if not path.is_dir():
            disk.make_folder(path)


def prepared(disk: Disk, base: Path, files: Mapping[str, bytes], mode: int = READ_ONLY) -> None:
    """Files in a folder of their own, with the folders they need, all on the medium when this returns."""
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
    """Move to a name that is free: an empty folder of that name, which a rename would replace, counts as taken."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    disk.move(path, target)


def remove_tree(disk: Disk, path: Path) -> None:
    """Remove a file, a link (never what it leads to) or a folder with all that is in it."""
    if not stat.S_ISDIR(path.lstat().st_mode):
        disk.remove(path)
        return
    for entry in sorted(path.iterdir()):
        remove_tree(disk, entry)
    disk.remove_folder(path)


@cache
def _syncfs() -> Callable[[int], int] | None:
    """Linux's call, where it tells of what could not be written: since 5.8."""
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
"""Seconds to wait for another process that is depositing: long for a commit, short for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A storage root that is there and can be read: its folder, free of symbolic links, and the disk under it."""

    folder: Path
    disk: Disk

    @property
    def work(self) -> Path:
        """Where versions are made ready: on the same filesystem, so that one step moves them in."""
        return work_folder(self.folder)

    def object_folder(self, object_id: str) -> Path:
        """The folder of an object. Raises `Refused` where it is not a plain folder inside the root."""
        folder = self.folder / object_id
        if folder.parent != self.folder or folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise LetterError(
                [
                    fault(
                        "archive-symlink",
                        f"{object_id} in the archive is not a folder of its own",
                        folder,
                        "an archive holds no links: copy the folder that it leads to into its place",
                    )
                ]
            )
        return folder


def work_folder(folder: Path) -> Path:
    """The folder beside the root for what is not archived yet."""
    return folder.with_name(f".{folder.name}.work")


def open_root(folder: Path, disk: Disk | None = None) -> Root:
    """The archive in a folder. Raises `Refused` where there is none, or one that this program does not know."""
    with on_disk(folder):
        resolved = resolved_folder(folder)
        if is_vacant(resolved):
            raise LetterError([missing(folder)])
        names = sorted(entry.name for entry in os.scandir(resolved))
        refuse_unknown(resolved, names)
        return Root(folder=resolved, disk=disk or Disk())


def resolved_folder(folder: Path) -> Path:
    """The folder that a path means, links on the way to it followed."""
    return Path(os.path.realpath(folder))


def is_vacant(folder: Path) -> bool:
    """Whether nothing is there yet: no folder, or an empty one."""
    return not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir()))


def refuse_unknown(folder: Path, names: list[str]) -> None:
    """Raise `Refused` for a storage root of another kind, or a folder that is none."""
    marks = [name for name in names if name.startswith("0=")]
    if marks != [ROOT_MARK]:
        other = next((mark for mark in marks if mark.startswith("0=ocfl_")), "")
        raise LetterError(
            [
                fault(
                    "archive-newer",
                    f"{folder} is declared as {' and '.join(marks)}; this version of typeset knows {ROOT_MARK}",
                    folder,
                    "use the typeset that made it, or a newer one; nothing was changed",
                )
                if other
                else fault(
                    "archive-foreign",
                    f"{folder} has files in it and is no archive",
                    folder,
                    "name another folder for the archive; this one was left as it is",
                )
            ]
        )
    if not (folder / LAYOUT_FILE).is_file() or (folder / LAYOUT_FILE).read_bytes() != LAYOUT:
        raise LetterError(
            [
                fault(
                    "archive-foreign",
                    f"{folder} is an OCFL storage root that is laid out in another way than typeset does",
                    folder / LAYOUT_FILE,
                    "if typeset made it, restore ocfl_layout.json from a copy; otherwise name another folder",
                )
            ]
        )


@contextmanager
def locked(folder: Path, disk: Disk, patience: float = PATIENCE) -> Iterator[Path]:
    """Hold the archive for one process; yields the work folder, cleared of what an interrupted process left.

    The lock is the operating system's, so it ends with the process whatever happens to it. Raises `Refused` where the
    archive stays busy.
    """
    # Needs 50 ms to import, and whoever only reads an archive takes no lock.
    from filelock import FileLock, Timeout

    work = work_folder(folder)
    if work.is_symlink():
        raise LetterError(
            [fault("archive-symlink", f"{work} is a link", work, "remove it: it is only a place of work")]
        )
    if not work.is_dir():
        make_ready(disk, work)
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
                    "wait for it to end, then run the command again",
                )
            ]
        ) from None
    with held:
        for left in sorted(work.iterdir()):
            if left.name != "lock":
                remove_tree(disk, left)
        yield work


def make_root(folder: Path, work: Path, disk: Disk) -> None:
    """Make an empty archive, whole or not at all. The caller holds the lock."""
    files = {
        ROOT_MARK: b"ocfl_1.1\n",
        LAYOUT_FILE: LAYOUT,
        GUIDE: GUIDE_TEXT,
        GUIDE_SIDECAR: f"{digest_of(GUIDE_TEXT)}  {GUIDE}\n".encode(),
    }
    unfinished = work / "root"
    disk.make_folder(unfinished)
    prepared(disk, unfinished, files)
    if folder.is_dir():  # an empty folder that was made ready for the archive
        disk.remove_folder(folder)
    move_new(disk, unfinished, folder)
    sync_folder(disk, folder.parent)


def make_ready(disk: Disk, folder: Path) -> None:
    """Make a folder and those above it as far as they are missing; another process may do the same."""
    for path in (*reversed(folder.parents), folder):
        if not path.is_dir():
            try:
                disk.make_folder(path)
            except FileExistsError:
                continue
            sync_folder(disk, path.parent)


def missing(folder: Path) -> Finding:
    """There is no archive where one was to be."""
    return fault(
        "archive-missing",
        f"there is no archive in {folder}",
        folder,
        "connect the disk that it is on, or name its folder; the first edition published makes a new one",
    )
