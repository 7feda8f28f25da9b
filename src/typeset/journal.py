"""Changes of a folder: one writer at a time, and all files of a change or none, whenever the process ends.

New files are written beside the old ones; a journal names them with their digests; then they are moved in. The next
command that opens the folder finishes a change that has a journal, and removes what one without has left.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from typeset.diagnostics import LetterError, error, letter_error

JOURNAL, LOCK, UNFINISHED = ".typeset-journal.json", ".typeset-lock", ".unfinished-"
PATIENCE = 5.0
"""Seconds to wait for another command that is writing in a folder."""

_ATTEMPTS = 50
_BUSY = "another command is writing in this folder"
_CHANGED = "this file was changed while the command was running; nothing was written"
_AGAIN = "run the command again: it reads the file anew"
_HELD: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One file of a change: its name in the folder, the name that it is written under first, and its SHA-256."""

    name: str
    unfinished: str
    sha256: str


@contextmanager
def folder_lock(folder: Path, *, name: str = LOCK, patience: float = PATIENCE) -> Iterator[None]:
    """Lock a folder for this command, and finish or undo what an interrupted one has left in it.

    The lock can be taken again inside. The system releases it when the process ends. Raises `LetterError` with the code
    ``busy`` when another command keeps it for ``patience`` seconds.
    """
    # Needs 50 ms to import, and commands that only read take no lock.
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    path = folder.resolve() / name
    if path in _HELD.get():
        yield
        return
    lock = FileLock(path, timeout=patience, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise letter_error(
            "busy", _BUSY, "wait until it has finished, then run the command again", file=str(folder)
        ) from None
    held = _HELD.set(_HELD.get() | {path})
    try:
        if name == LOCK:
            _recover(folder)
        yield
    finally:
        _HELD.reset(held)
        # Remove the file while the lock is held: later, another command may hold it. Windows removes it on release.
        if os.name != "nt":
            path.unlink(missing_ok=True)
        lock.release()


def write_files(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    remove: Collection[str] = (),
    private: Collection[str] = (),
    read: Mapping[str, bytes] | None = None,
) -> None:
    """Write and remove files of a folder, all or none. Names may lead into folders below it.

    ``read`` are files that the change depends on, as they were read; an empty one was not there. Only the owner can
    read the ``private`` files and the folders made for them. Raises `LetterError` with the code ``changed-meanwhile``
    when one of the files has other content now, and ``busy`` when another command is writing.
    """
    with folder_lock(folder):
        if changed := [name for name, data in (read or {}).items() if _bytes(folder / name) != data]:
            raise LetterError(error("changed-meanwhile", _CHANGED, _AGAIN, file=name) for name in changed)
        for name in files:
            mode = 0o700 if name in private else 0o777
            (folder / name).parent.mkdir(mode=mode, parents=True, exist_ok=True)
        moves: list[Move] = []
        gone = [name for name in remove if name not in files and os.path.lexists(folder / name)]
        try:
            for name, data in files.items():
                move = Move(name=name, unfinished=_unused(), sha256=hashlib.sha256(data).hexdigest())
                moves.append(move)
                write_new(folder / move.unfinished, data, _mode(folder / name, private=name in private))
            if len(moves) + len(gone) > 1:
                _write_journal(folder, moves, gone)
        except BaseException:
            for name in (JOURNAL, *(move.unfinished for move in moves)):
                (folder / name).unlink(missing_ok=True)
            raise
        _move_in(folder, moves, gone)


def read_settled(folder: Path, read: Callable[[], _T]) -> _T:
    """What ``read`` returns when no command is changing the folder's files.

    Nothing is written, unless an interrupted command has left a change. Raises `LetterError` when that cannot be
    finished, as in a folder that is read-only.
    """
    for _ in range(_ATTEMPTS):
        before = _stamp(folder)
        for place in (folder, folder / "fonts"):
            if (place / JOURNAL).exists():
                _finish_interrupted(place)
                before = ()
        try:
            result = read()
        except (LetterError, OSError):
            if _stamp(folder) == before:
                raise
            continue
        if _stamp(folder) == before:
            return result
    with folder_lock(folder):
        return read()


def new_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create a folder with these files, all of it or nothing. Raises `LetterError` if it exists already."""
    with folder_lock(folder.parent):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise letter_error("folder-exists", f"{folder} exists already", "choose another name", file=str(folder))
        unfinished = folder.parent / _unused()
        try:
            unfinished.mkdir()
            for name, data in files.items():
                write_new(unfinished / name, data)
            sync_folder(unfinished)
            if folder.exists():
                folder.rmdir()
            unfinished.replace(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        sync_folder(folder.parent)


def write_new(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a new file, and wait until it is on the medium. The user's umask limits the mode."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0), mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the medium, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unused() -> str:
    return f"{UNFINISHED}{secrets.token_hex(8)}"


def _mode(target: Path, *, private: bool) -> int:
    """The mode of a new file: not more than the file that it replaces has."""
    with suppress(OSError):
        return target.stat().st_mode & (0o600 if private else 0o666)
    return 0o600 if private else 0o666


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _write_journal(folder: Path, moves: Collection[Move], remove: Collection[str]) -> None:
    document = {"files": [asdict(move) for move in moves], "remove": list(remove)}
    unfinished = folder / _unused()
    try:
        write_new(unfinished, json.dumps(document, ensure_ascii=False, indent=1).encode())
        unfinished.replace(folder / JOURNAL)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(folder)


def _move_in(folder: Path, moves: Collection[Move], remove: Collection[str]) -> None:
    for move in moves:
        (folder / move.unfinished).replace(folder / move.name)
    for name in remove:
        (folder / name).unlink(missing_ok=True)
    for place in dict.fromkeys((folder / name).parent for name in (*(move.name for move in moves), *remove)):
        sync_folder(place)
    (folder / JOURNAL).unlink(missing_ok=True)


def _recover(folder: Path) -> None:
    """Finish a change whose files are all there, and undo any other. The caller holds the lock."""
    if os.path.lexists(folder / JOURNAL):
        moves, remove = _read_journal(folder)
        left = [move for move in moves if os.path.lexists(folder / move.unfinished)]
        whole = all(_sha256(folder / move.unfinished) == move.sha256 for move in left)
        if whole and (len(left) == len(moves) or any(_sha256(folder / m.name) == m.sha256 for m in moves)):
            for move in left:
                (folder / move.name).parent.mkdir(parents=True, exist_ok=True)
            _move_in(folder, left, remove)
        elif len(left) < len(moves) and not whole:
            raise _unfinished(folder, "some of its files are damaged")
        (folder / JOURNAL).unlink(missing_ok=True)
    for entry in list(os.scandir(folder)):
        if entry.name.startswith(UNFINISHED):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


def _read_journal(folder: Path) -> tuple[list[Move], list[str]]:
    """The journal of a folder; nothing for one that this program did not write. It may not lead out of the folder."""
    try:
        document = json.loads((folder / JOURNAL).read_bytes())
        moves = [Move(**{name: str(each[name]) for name in Move.__slots__}) for each in document["files"]]
        remove = [str(name) for name in document["remove"]]
    except (OSError, ValueError, KeyError, TypeError):
        return [], []
    temporary = all(move.unfinished.startswith(UNFINISHED) and "/" not in move.unfinished for move in moves)
    inside = all(_is_inside(folder, name) for name in (*(move.name for move in moves), *remove))
    return (moves, remove) if temporary and inside else ([], [])


def _is_inside(folder: Path, name: str) -> bool:
    parts = PurePosixPath(name).parts
    plain = bool(parts) and not name.startswith("/") and "\\" not in name and ".." not in parts
    return plain and (folder / name).parent.resolve().is_relative_to(folder.resolve())


def _finish_interrupted(folder: Path) -> None:
    try:
        with folder_lock(folder):
            pass
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise _unfinished(folder, f"it cannot be finished here: {reason}") from fault


def _sha256(path: Path) -> str:
    return hashlib.sha256(_bytes(path)).hexdigest()


def _stamp(folder: Path) -> tuple[object, ...]:
    """What tells whether files of a folder were replaced: names, identities, times and sizes, without hidden files."""
    found: list[object] = []
    for place in (folder, folder / "fonts", folder / "intake"):
        with suppress(OSError):
            for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
                if not entry.name.startswith("."):
                    status = entry.stat(follow_symlinks=False)
                    found.append((entry.name, status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(found)


def _unfinished(folder: Path, reason: str) -> LetterError:
    message = f"an interrupted command did not finish its change of this folder, and {reason}"
    hint = f"make the folder writable and run the command again; or restore its files and delete {JOURNAL}"
    return letter_error("unfinished-change", message, hint, file=str(folder))
