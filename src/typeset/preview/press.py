"""The press: a process of its own that sets the pages, so that a look that never ends cannot take the app with it."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock
from typing import Any

from typeset.diagnostics import Finding, Severity
from typeset.preview.proofs import Ahead, OpenContext, Outcome, proof_of

_COURTESY = 1.0
"""Seconds that a question about approvals waits for a build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long one build may take, in seconds; how much memory the process may have, in bytes; how often it builds.

    A process that built so often is replaced: what the layout engine keeps of each build never adds up.
    """

    seconds: float = 300.0
    memory: int = 4 << 30
    builds: int = 200


class Press:
    """A process that stays warm between builds and is started anew where it ended or had to be ended."""

    def __init__(self, open_context: OpenContext, bounds: Bounds | None = None) -> None:
        self._open_context = open_context
        self._bounds = bounds or Bounds()
        self._lock = Lock()
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self._closed = False
        self._built = 0

    def start(self) -> None:
        """Start the process ahead of the first build."""
        with self._lock:
            self._running()

    def pull(
        self, folder: Path, known: Collection[str] = (), show: Callable[[tuple[Ahead, ...]], object] = lambda _: None
    ) -> Outcome:
        """Build the letter in a folder; waits for it. States that are ``known`` by their digests are not built again.

        Pages that are there before all the rest are shown.
        """
        with self._lock:
            line = self._running()
            try:
                line.send((str(folder), known))
                while line.poll(self._bounds.seconds):
                    outcome: Outcome | tuple[Ahead, ...] = line.recv()
                    if isinstance(outcome, tuple):
                        show(outcome)
                        continue
                    self._built += outcome.proof is not None
                    if self._built >= self._bounds.builds and not self._closed:
                        # The new one is warm by the time of the next save.
                        self._end()
                        self._running()
                    return outcome
            except (EOFError, OSError):
                self._end()
                if self._closed:
                    return Outcome(digest="")
                return Outcome(digest="", open=(_ended(self._bounds.memory),))
            self._end()
            return Outcome(digest="", open=(_endless(self._bounds.seconds),))

    def standing(self, folder: Path, digest: str) -> dict[str, Any] | None:
        """The approvals of a state of the sources that was built; None where the folder has another by now.

        None too while something is built: whoever asked will be told of a newer state, and asks again.
        """
        if not self._lock.acquire(timeout=_COURTESY):
            return None
        try:
            if self._closed:
                return None
            line = self._running()
            line.send((str(folder), digest, "standing"))
            if line.poll(self._bounds.seconds):
                told: dict[str, Any] | None = line.recv()
                return told
            self._end()
        except (EOFError, OSError):
            self._end()
        finally:
            self._lock.release()
        return None

    def abandon(self) -> None:
        """Give up what is being built; the next build has a new process."""
        if process := self._process:
            process.kill()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closed = True
        self.abandon()
        with self._lock:
            self._end()

    def _running(self) -> Connection:
        if self._line is not None and self._process is not None and self._process.is_alive():
            return self._line
        self._end()
        context = multiprocessing.get_context("spawn")
        self._built = 0
        self._line, theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(theirs, self._open_context, self._bounds.memory), daemon=True, name="typeset press"
        )
        self._process.start()
        theirs.close()
        return self._line

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None
        if self._line is not None:
            self._line.close()
            self._line = None


def work(line: Connection, open_context: OpenContext, memory: int) -> None:
    """What the process does: answer one folder after the other until nobody asks any more."""
    # The terminal sends its interrupt to everyone; only the app decides when the press ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound(memory)
    # Imported here: the app itself needs none of what approvals are held against.
    from typeset.preview.standing import Ledger
    from typeset.warm import Warm

    ledger, warm = Ledger(), Warm()
    while True:
        try:
            folder, known, *asked = line.recv()
            if asked:
                if not ledger.has(known):  # built by a process that was replaced since
                    proof_of(Path(folder), open_context, keep=ledger.take)
                line.send(ledger.told(Path(folder)) if ledger.has(known) else None)
                continue
        except (EOFError, OSError):
            return
        try:
            outcome = proof_of(Path(folder), open_context, known, ledger.take, warm, line.send)
        except MemoryError:
            outcome = Outcome(digest="", open=(_ended(memory),))
        except Exception as fault:  # noqa: BLE001 - shown with its traceback; the next save is another attempt
            outcome = Outcome(digest="", open=(_failed(fault),), fault=traceback.format_exc())
        try:
            line.send(outcome)
        except OSError:
            return
        warm.settle()


def _bound(memory: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))


def _endless(seconds: float) -> Finding:
    return Finding(
        code="endless",
        severity=Severity.ERROR,
        fact=f"the pages were not set within {seconds:.0f} seconds and were given up",
        hint="look for a template that repeats itself without end, or a table of enormous width",
        subject="layout",
    )


def _ended(memory: int) -> Finding:
    return Finding(
        code="press-ended",
        severity=Severity.ERROR,
        fact=f"the process that sets the pages ended; it may have {memory >> 20} MiB of memory",
        hint="save again to try once more; typesetter build works without this bound",
        subject="layout",
    )


def _failed(fault: BaseException) -> Finding:
    return Finding(
        code="program-fault",
        severity=Severity.ERROR,
        fact=f"the program failed: {type(fault).__name__}: {fault}",
        hint="this is a fault of typeset; the terminal shows where. The next save is another attempt",
        subject="layout",
    )
