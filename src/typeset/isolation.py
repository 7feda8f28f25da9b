"""A process with bounds for work on files of others: its results come back as JSON and bytes, never as objects.

The process is forked after the imports. It has no network and no keys, sees the letter's folder read-only, and may use
only so much time and memory. Where the system cannot give a bound, the result names it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from typeset.diagnostics import Finding, LetterError, Location, Severity, error
from typeset.letter_folder import system_fault

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

Watch = Callable[[str], AbstractContextManager[object]]
Work = Callable[[Watch], tuple[Any, Sequence[bytes]]]
"""The work of the process: called with a watch of its stages, it returns a value for JSON, and files."""

FACTOR: Final = "TYPESET_BOUNDS"
"""The environment variable that multiplies the bounds on time and memory, for slow computers and very large letters."""

_HEAD: Final = struct.Struct("!cQ")
_STAGE, _STAGE_END, _VALUE, _FILE, _REFUSED, _FAULT, _MISSING = b"s", b"e", b"v", b"f", b"r", b"x", b"m"

# From linux/sched.h, sys/mount.h and linux/prctl.h.
_NEW_USER, _NEW_NET, _NEW_MOUNTS = 0x10000000, 0x40000000, 0x00020000
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE, _KEPT_FLAGS = 1, 32, 4096, 16384, 1 << 18, 0b1110
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds of processor time and by the clock, bytes of memory, of a file that is written, and of the answer.

    ``folder`` is made read-only.
    """

    cpu: float = 15.0
    seconds: float = 25.0
    memory: int = 2 << 30
    file: int = 256 << 20
    answer: int = 1 << 30
    network: bool = False
    folder: Path | None = None

    def scaled(self) -> Bounds:
        """These bounds, multiplied by the number in ``TYPESET_BOUNDS``."""
        try:
            factor = max(float(os.environ.get(FACTOR, "1")), 0.1)
        except ValueError:
            return self
        return replace(
            self, cpu=self.cpu * factor, seconds=self.seconds * factor, memory=int(self.memory * max(factor, 1))
        )


class Result(NamedTuple):
    """What the process has sent back, and the names of the bounds that the system could not give it."""

    value: Any
    files: tuple[bytes, ...]
    missing: tuple[str, ...]


class WorkerFault(Exception):
    """A fault of the program in the process, with its traceback as text."""


def isolated(
    work: Work, bounds: Bounds, *, suspect: Callable[[str], str], watch: Watch = nullcontext, foreign: bool = False
) -> Result:
    """Do the work in a process with bounds.

    ``suspect`` names the file that is most likely the cause of a fault in a stage. Raises `LetterError` with the
    findings of the work, when it passes a bound, and for any fault when it is ``foreign``: its files have code and
    pictures that other programs read. Raises `WorkerFault` for any other fault.
    """
    if not hasattr(os, "fork"):
        value, files = work(watch)
        return Result(json.loads(json.dumps(value)), tuple(files), ("time", "memory", "network", "read-only folder"))
    bounds = bounds.scaled()
    ours, theirs = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _work(work, bounds, theirs)
    os.close(theirs)
    answer = _Answer(watch)
    ended = 0
    try:
        late = not answer.read(ours, time.monotonic() + bounds.seconds, bounds.answer)
        refused = tuple(map(finding_of, answer.refused or ()))
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise WorkerFault("the answer of the process is malformed") from fault
    finally:
        os.close(ours)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, ended = os.waitpid(child, 0)
        answer.stages.close()
    if late or (os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGXCPU):
        raise LetterError([_endless(bounds.seconds if late else bounds.cpu, suspect(answer.stage))])
    if refused:
        raise LetterError(refused)
    if answer.fault:
        kind, said, trace = answer.fault
        if kind == "MemoryError":
            raise LetterError([_ended(bounds.memory, suspect(answer.stage))])
        if kind == "RecursionError":
            raise LetterError([_too_deep(suspect(answer.stage))])
        if foreign:
            raise LetterError([_failed(kind, said, suspect(answer.stage))])
        raise WorkerFault(trace)
    if not answer.complete:
        raise LetterError([_ended(bounds.memory, suspect(answer.stage))])
    return Result(answer.value, tuple(answer.files), answer.missing)


class _Answer:
    """What the process has sent so far."""

    def __init__(self, watch: Watch) -> None:
        self.stage, self.value, self.complete = "", None, False
        self.files: list[bytes] = []
        self.refused: list[Any] | None = None
        self.fault: tuple[str, str, str] | None = None
        self.missing: tuple[str, ...] = ()
        self.stages = ExitStack()
        self._watch = watch

    def read(self, line: int, end: float, most: int) -> bool:
        """Read until the process has ended; False when it takes too long or sends too much."""
        waiting = bytearray()
        while True:
            ready, _, _ = select.select([line], [], [], max(end - time.monotonic(), 0))
            if not ready:
                return False
            piece = os.read(line, 1 << 20)
            if not piece:
                return True
            waiting += piece
            most -= len(piece)
            if most < 0:
                return False
            while len(waiting) >= _HEAD.size:
                kind, size = _HEAD.unpack_from(waiting)
                if len(waiting) < _HEAD.size + size:
                    break
                self._take(kind, bytes(waiting[_HEAD.size : _HEAD.size + size]))
                del waiting[: _HEAD.size + size]

    def _take(self, kind: bytes, data: bytes) -> None:
        if kind == _STAGE:
            self.stage = data.decode()
            self.stages.enter_context(self._watch(self.stage))
        elif kind == _STAGE_END:
            self.stages.close()
        elif kind == _VALUE:
            self.value, self.complete = json.loads(data), True
        elif kind == _FILE:
            self.files.append(data)
        elif kind == _REFUSED:
            self.refused = list(json.loads(data))
        elif kind == _MISSING:
            self.missing = tuple(map(str, json.loads(data)))
        elif kind == _FAULT:
            self.fault = tuple(map(str, json.loads(data)))  # type: ignore[assignment]


def _work(work: Work, bounds: Bounds, line: int) -> None:
    """The process: set the bounds, do the work, send the answer, end."""
    status = 1

    def send(kind: bytes, data: bytes = b"") -> None:
        rest = memoryview(_HEAD.pack(kind, len(data)) + data)
        while rest:
            rest = rest[os.write(line, rest) :]

    @contextmanager
    def watch(stage: str) -> Iterator[None]:
        send(_STAGE, stage.encode())
        try:
            yield
        finally:
            send(_STAGE_END)

    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        send(_MISSING, json.dumps(_bound(bounds)).encode())
        value, files = work(watch)
        for file in files:
            send(_FILE, file)
        send(_VALUE, json.dumps(value).encode())
        status = 0
    except LetterError as refused:
        send(_REFUSED, json.dumps([asdict(finding) for finding in refused.findings]).encode())
    except OSError as fault:
        with suppress(OSError):
            send(_REFUSED, json.dumps([asdict(system_fault(fault))]).encode())
    # The parent decides what becomes of a fault.
    except BaseException as fault:  # noqa: BLE001
        import traceback

        said = str(fault).partition("\n")[0][:200]
        trace = traceback.format_exc(limit=-50)
        with suppress(BaseException):
            send(_FAULT, json.dumps([type(fault).__name__, said, trace]).encode())
    finally:
        os._exit(status)


def _bound(bounds: Bounds) -> list[str]:
    """Set the bounds of this process; the names of those that the system does not give."""
    missing = ["network", "read-only folder"]
    if sys.platform == "linux":
        missing = list(_set_apart(bounds))
    if resource is None:
        return ["time", "memory", *missing]
    for kind, most in (
        ("RLIMIT_CPU", int(bounds.cpu)),
        ("RLIMIT_AS", bounds.memory),
        ("RLIMIT_FSIZE", bounds.file),
        ("RLIMIT_CORE", 0),
    ):
        with suppress(AttributeError, OSError, ValueError):
            _, hard = resource.getrlimit(getattr(resource, kind))
            soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(getattr(resource, kind), (soft, hard))
    # macOS takes the number, but does not keep to it.
    return ["memory", *missing] if sys.platform == "darwin" else missing


def _set_apart(bounds: Bounds) -> Iterator[str]:
    """Cut the network off, and make the folder read-only; the names of what the system refuses."""
    # Imported in the process: the program itself does not need it.
    import ctypes

    libc = ctypes.CDLL(None)
    libc.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    wanted = (0 if bounds.network else _NEW_NET) | _NEW_MOUNTS
    # Who is not root needs a new user namespace for it.
    apart = libc.unshare(wanted) == 0 or libc.unshare(_NEW_USER | wanted) == 0
    if not bounds.network and not apart:
        yield "network"
    if bounds.folder:
        path = os.fsencode(bounds.folder.resolve())
        flags = _REMOUNT | _BIND | _READ_ONLY | (os.statvfs(path).f_flag & _KEPT_FLAGS)
        steps = ((b"none", b"/", _RECURSIVE | _PRIVATE), (path, path, _BIND), (b"none", path, flags))
        if not apart or any(
            libc.mount(source, target, None, ctypes.c_ulong(how), None) for source, target, how in steps
        ):
            yield "read-only folder"
        # The current folder may be inside, and would still be the one below.
        os.chdir(os.getcwd())


def _endless(seconds: float, file: str) -> Finding:
    message = f"the work was stopped: it took longer than {seconds:.0f} seconds"
    hint = "look for a template with an endless loop, a very complex picture, or a very wide table"
    return error("endless", message, hint, file=file)


def _ended(memory: int, file: str) -> Finding:
    message = f"the process that does the work ended too early; it may use at most {memory >> 20} MiB of memory"
    hint = f"look at this file first; {FACTOR}=4 in the environment gives it four times as much"
    return error("press-ended", message, hint, file=file)


def _too_deep(file: str) -> Finding:
    message = f"{file or 'the file'} is nested too deeply to be read"
    return error("too-large", message, "write it with fewer levels inside each other", file=file)


def _failed(kind: str, said: str, file: str) -> Finding:
    hint = "look at this file first; if there is nothing wrong with it, please report this"
    return error("program-fault", f"the program failed: {kind}: {said}", hint, file=file)


def finding_of(entry: Mapping[str, Any]) -> Finding:
    """A finding from JSON, each value checked. Raises `ValueError` or `TypeError` for anything else."""
    place = entry["place"]
    texts = {name: _text(entry[name]) for name in ("code", "message", "hint", "subject", "evidence", "proposal")}
    if place is not None:
        place = Location(
            file=_text(place["file"]),
            sheet=_text(place["sheet"]),
            cell=_text(place["cell"]),
            line=_number(place["line"]),
            column=_number(place["column"]),
            length=_number(place["length"]),
        )
    return Finding(severity=Severity(entry["severity"]), place=place, **texts)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} is not a number")
    return value
