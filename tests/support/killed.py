"""Commands run in a process of their own that ends at a chosen step, and two commands at once."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from click.testing import CliRunner

from typeset.cli import main
from typeset.trust_store import trust_folder

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate"}
)
"""Audit events of system calls that change a folder; opening a file for writing is one, too."""


class Steps:
    """Every system call of this process that changes something below a folder; it is killed before the chosen one.

    The first write to a file is two steps: before the second, half of the bytes are written.
    """

    def __init__(self, below: Path, last: int = 0) -> None:
        self.taken: list[str] = []
        self._below = str(below.resolve()) + os.sep
        self._last = last
        self._halved: set[str] = set()
        sys.addaudithook(self._hook)
        self._write, self._fsync = os.write, os.fsync
        for name, step in (("write", self._written), ("fsync", self._synced)):
            setattr(os, name, step)

    def _take(self, what: str, path: str) -> None:
        self.taken.append(f"{what} {path.removeprefix(self._below)}")
        if len(self.taken) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in CHANGES and not (event == "open" and _writes(arguments[2])):
            return
        if isinstance(arguments[0], (str, bytes, os.PathLike)):
            path = os.path.abspath(os.fsdecode(arguments[0]))
            if path.startswith(self._below):
                self._take(event, path)

    def _written(self, handle: int, data: bytes) -> int:
        if (path := _path(handle)).startswith(self._below) and len(data) > 1 and path not in self._halved:
            self._halved.add(path)
            self._take("write", path)
            half = self._write(handle, memoryview(data)[: len(data) // 2])
            self._take("half", path)
            return half
        return self._write(handle, data)

    def _synced(self, handle: int) -> None:
        if (path := _path(handle)).startswith(self._below):
            self._take("fsync", path)
        self._fsync(handle)


def _writes(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & WRITING)


def _path(handle: int) -> str:
    return os.readlink(f"/proc/self/fd/{handle}")


def forked(act: Callable[[], int]) -> int:
    """Start a process that does this and ends with the status that it returns; its id."""
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        status = act()
    finally:
        os._exit(status)


def ended(child: int) -> int:
    """Wait for a process: its exit status, or the negative number of the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def command(house: Path, arguments: Sequence[str]) -> int:
    """Run a command in a folder; what it printed stays in ``house/../said``."""
    os.chdir(house)
    result = CliRunner().invoke(main, list(arguments))
    with open(house.parent / f"said.{os.getpid()}", "w", encoding="utf-8") as said:
        said.write(result.output + (repr(result.exception) if result.exc_info and result.exit_code > 1 else ""))
    return result.exit_code


def run(house: Path, arguments: Sequence[str]) -> tuple[int, str]:
    """Run a command in a process of its own: its exit status, and what it printed."""
    trust_folder(house)
    child = forked(lambda: command(house, arguments))
    status = ended(child)
    path = house.parent / f"said.{child}"
    said = path.read_text(encoding="utf-8") if path.exists() else ""
    path.unlink(missing_ok=True)
    return status, said


def steps_of(house: Path, arguments: Sequence[str]) -> list[str]:
    """The steps of a command that is not killed. It changes the folder."""
    trust_folder(house)
    told = house.parent / "steps"

    def act() -> int:
        steps = Steps(house)
        status = command(house, arguments)
        with open(told, "w", encoding="utf-8") as file:
            file.write("\n".join(steps.taken))
        return status

    status = ended(forked(act))
    assert status == 0, (arguments, status)
    return told.read_text(encoding="utf-8").splitlines()


def killed_at(house: Path, arguments: Sequence[str], step: int) -> bool:
    """Run a command that is killed at a step; false if it ended before that."""
    trust_folder(house)

    def act() -> int:
        Steps(house, step)
        return command(house, arguments)

    status = ended(forked(act))
    assert status in (0, -signal.SIGKILL), (arguments, step, status)
    return status == -signal.SIGKILL


def kills(base: Path, into: Path, arguments: Sequence[str], steps: Sequence[int]) -> Iterator[tuple[int, Path]]:
    """A copy of a folder for each step that the command was killed at, as it was left then."""
    for step in steps:
        house = into / f"{step:04}" / base.name
        shutil.copytree(base, house, symlinks=True)
        if killed_at(house, arguments, step):
            yield step, house
        shutil.rmtree(house.parent, ignore_errors=True)


def at_once(house: Path, one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Run two commands that begin together: their exit statuses."""
    trust_folder(house)
    read, write = os.pipe()

    def act(arguments: Sequence[str]) -> int:
        os.close(write)
        os.read(read, 1)
        return command(house, arguments)

    children = [forked(lambda arguments=arguments: act(arguments)) for arguments in (one, other)]  # type: ignore[misc]
    os.close(read)
    os.close(write)
    first, second = map(ended, children)
    for child in children:
        (house.parent / f"said.{child}").unlink(missing_ok=True)
    return first, second
