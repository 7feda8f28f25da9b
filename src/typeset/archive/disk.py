"""Everything that the archive changes on the disk: one method a system call, so that each can be failed in a test."""

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
from functools import cache
from pathlib import Path

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
