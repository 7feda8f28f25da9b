"""The output folder of a delivery: a complete folder for each recipient, and a journal of finished copies."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from typeset.journal import UNFINISHED, folder_lock, write_files

RECORD, JOURNAL = "delivery.json", ".journal"
_GONE = ".gone-"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Error numbers of a full disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredCopy:
    """One finished copy. ``key`` is the digest of edition, recipient and seal; ``bytes`` its size."""

    id: str
    key: str
    lang: str
    file: str
    note: str
    sha256: str
    bytes: int
    pages: int
    seal: str = ""
    """The name of its seal; empty for a copy without one."""


class DeliveryFolder:
    """The folder of one delivery."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> None:
        """Make the folder, and remove unfinished files of an earlier run."""
        with folder_lock(self.path):
            for left in self.path.glob(f"{_GONE}*"):
                shutil.rmtree(left, ignore_errors=True)

    def finished_copies(self) -> dict[str, DeliveredCopy]:
        """The recorded copies whose files are intact, by recipient."""
        found = {entry.id: entry for entry in (*self._recorded(), *self._journal())}
        return {name: entry for name, entry in found.items() if self._is_there(entry)}

    def put(self, entry: DeliveredCopy, files: Mapping[str, bytes]) -> None:
        """Write a recipient's files, named by their paths from this folder, and a line in the journal.

        The line comes first: it tells the next run what to look for. A line without its files counts as nothing.
        """
        unfinished = self.path / f"{UNFINISHED}{secrets.token_hex(8)}"
        try:
            unfinished.mkdir()
            for name, data in files.items():
                (unfinished / Path(name).name).write_bytes(data)
            self._write_down(entry)
            self.remove(entry.id)
            unfinished.replace(self.path / entry.id)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def remove(self, name: str) -> None:
        """Remove a recipient's copy."""
        target = self.path / name
        if target.exists():
            gone = Path(tempfile.mkdtemp(dir=self.path, prefix=_GONE))
            target.replace(gone / name)
            shutil.rmtree(gone, ignore_errors=True)

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove the copies of all recipients except these; other files stay."""
        for name in {entry.id for entry in (*self._recorded(), *self._journal())} - set(names):
            self.remove(name)

    def finish(self, files: Mapping[str, bytes]) -> None:
        """Write the records of all copies, then remove the journal."""
        write_files(self.path, files, remove=(JOURNAL,))

    def add(self, files: Mapping[str, bytes]) -> None:
        """Write more files into the folder."""
        write_files(self.path, files)

    def drop(self, names: Iterable[str]) -> None:
        """Remove files that are no longer up to date."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def _recorded(self) -> Iterator[DeliveredCopy]:
        try:
            entries = json.loads((self.path / RECORD).read_bytes())["copies"]
            yield from filter(None, (_entry(one) for one in entries))
        except (OSError, ValueError, KeyError, TypeError):
            return

    def _journal(self) -> Iterator[DeliveredCopy]:
        try:
            lines = (self.path / JOURNAL).read_bytes().splitlines()
        except OSError:
            return
        for line in filter(None, lines):
            try:
                entry = _entry(json.loads(line))
            except ValueError:
                continue  # a line that a power failure has cut off
            if entry:
                yield entry

    def _is_there(self, entry: DeliveredCopy) -> bool:
        try:
            data = (self.path / entry.file).read_bytes()
            return hashlib.sha256(data).hexdigest() == entry.sha256 and (self.path / entry.note).is_file()
        except OSError:
            return False

    def _write_down(self, entry: DeliveredCopy) -> None:
        # In one write, after a new line: a full disk may have cut off the line before.
        line = "\n" + json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        handle = os.open(self.path / JOURNAL, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def _entry(record: Any) -> DeliveredCopy | None:
    """A finished copy from its record; None for an invalid one, or a path outside the folder."""
    try:
        entry = DeliveredCopy(
            **{name: record[name] for name in DeliveredCopy.__slots__} | {"seal": record["seal"] or ""}
        )
        inside = all(Path(name).parts == (entry.id, Path(name).name) for name in (entry.file, entry.note))
    except (KeyError, TypeError):
        return None
    return entry if inside and entry.id not in ("", ".", "..") else None
