"""Where things made from content are kept: a key names everything that went in, so an entry is never stale."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_MARK = b"typeset-kept-1\n"
_HEAD = len(_MARK) + 65


class Cache(Protocol):
    """Keeps bytes by a key of hexadecimal digits; may forget at any time, and never fails."""

    def get(self, key: str) -> bytes | None:
        """What was put under the key, None where nothing is kept."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes if possible."""
        ...


class MemoryCache:
    """Keeps for as long as the program runs."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """What was put under the key."""
        return self._kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes."""
        self._kept[key] = data


class FolderCache:
    """Keeps in a folder, at most ``limit`` bytes of it: what has been untouched longest goes first.

    Several builds may share a folder: entries are written beside their place and moved there whole. Each carries the
    digest of what it holds, and one that was cut short or altered counts as absent. A folder that cannot be written
    costs time, not the build.
    """

    def __init__(self, folder: Path, limit: int = 200_000_000) -> None:
        self._folder, self._limit = folder, limit

    def get(self, key: str) -> bytes | None:
        """What was put under the key, if it is still what was put there."""
        path = self._path(key)
        try:
            entry = path.read_bytes()
        except OSError:
            return None
        data = entry[_HEAD:]
        if entry[:_HEAD] != _head(data):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes, unless the folder refuses."""
        path = self._path(key)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            # A name of its own for every writer; the module for such names costs more to import than all of this.
            beside = self._folder / f".{os.getpid():x}-{os.urandom(8).hex()}"
            try:
                with beside.open("xb") as file:
                    file.write(_head(data) + data)
                os.replace(beside, path)
            except OSError:
                beside.unlink(missing_ok=True)
                raise
            self._make_room()

    def _path(self, key: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{16,128}", key):
            raise ValueError(f"a key is made of hexadecimal digits, not {key!r}")
        return self._folder / key

    def _make_room(self) -> None:
        entries = [(entry.stat(), entry.path) for entry in os.scandir(self._folder) if entry.is_file()]
        total = sum(status.st_size for status, _ in entries)
        for status, path in sorted(entries, key=lambda entry: entry[0].st_mtime_ns):
            if total <= self._limit:
                break
            os.unlink(path)
            total -= status.st_size


def _head(data: bytes) -> bytes:
    return _MARK + hashlib.sha256(data).hexdigest().encode() + b"\n"
