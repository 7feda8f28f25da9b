"""Where a delivery is put: a folder for each recipient, whole or not there, and a journal of what is done."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from typeset.letter_folder import write_files

RECORD, JOURNAL = "delivery.json", ".journal"
_UNFINISHED, _GONE = ".unfinished-", ".gone-"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What a disk says that has no more room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredCopy:
    """One copy as it lies in the folder. ``key`` is what it was made of: edition, recipient, seal."""

    id: str
    key: str
    lang: str
    file: str
    note: str
    sha256: str
    bytes: int
    pages: int
    seal: str = ""
    """Whose seal it bears; empty for a copy without one."""


class DeliveryFolder:
    """The folder of one delivery."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> None:
        """Make it, and take away what an earlier run left half done."""
        self.path.mkdir(parents=True, exist_ok=True)
        for left in self.path.iterdir():
            if left.name.startswith((_UNFINISHED, _GONE)):
                shutil.rmtree(left, ignore_errors=True)

    def standing(self) -> dict[str, DeliveredCopy]:
        """The copies that are there, by recipient: those on record whose file is just what the record says."""
        found = {entry.id: entry for entry in (*self._recorded(), *self._journal())}
        return {name: entry for name, entry in found.items() if self._is_there(entry)}

    def put(self, entry: DeliveredCopy, files: Mapping[str, bytes]) -> None:
        """A recipient's files, named by their paths from here, all in one folder; then a line in the journal."""
        unfinished = Path(tempfile.mkdtemp(dir=self.path, prefix=_UNFINISHED))
        try:
            for name, data in files.items():
                (unfinished / Path(name).name).write_bytes(data)
            unfinished.chmod(0o755)
            self.remove(entry.id)
            unfinished.replace(self.path / entry.id)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        self._write_down(entry)

    def remove(self, name: str) -> None:
        """Take a recipient's copy away."""
        target = self.path / name
        if target.exists():
            gone = Path(tempfile.mkdtemp(dir=self.path, prefix=_GONE))
            target.replace(gone / name)
            shutil.rmtree(gone, ignore_errors=True)

    def keep_only(self, names: Iterable[str]) -> None:
        """Take away the folders of recipients who are not among these; nothing else is touched."""
        for name in {entry.id for entry in (*self._recorded(), *self._journal())} - set(names):
            self.remove(name)

    def finish(self, files: Mapping[str, bytes]) -> None:
        """Lay what is said of all copies beside them, the record among it; then the journal has served."""
        write_files(self.path, files)
        (self.path / JOURNAL).unlink(missing_ok=True)

    def add(self, files: Mapping[str, bytes]) -> None:
        """Lay more files beside the copies."""
        write_files(self.path, files)

    def drop(self, names: Iterable[str]) -> None:
        """Take files away that no longer go with the copies."""
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
                continue  # the line that a power cut came into
            if entry:
                yield entry

    def _is_there(self, entry: DeliveredCopy) -> bool:
        try:
            data = (self.path / entry.file).read_bytes()
            return hashlib.sha256(data).hexdigest() == entry.sha256 and (self.path / entry.note).is_file()
        except OSError:
            return False

    def _write_down(self, entry: DeliveredCopy) -> None:
        # On a line of its own, whatever a full disk has left of the one before; in one write.
        line = "\n" + json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        handle = os.open(self.path / JOURNAL, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def _entry(said: Any) -> DeliveredCopy | None:
    """An entry of a record; None for what is none, or leads out of the folder."""
    try:
        entry = DeliveredCopy(**{name: said[name] for name in DeliveredCopy.__slots__} | {"seal": said["seal"] or ""})
        inside = all(Path(name).parts == (entry.id, Path(name).name) for name in (entry.file, entry.note))
    except (KeyError, TypeError):
        return None
    return entry if inside and entry.id not in ("", ".", "..") else None
