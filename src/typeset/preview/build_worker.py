"""The process that builds for the preview, so that a build that hangs or fails does not end the app."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock
from typing import Any

from typeset.diagnostics import Finding, LetterError, error
from typeset.manifest import Manifest, changes
from typeset.model import Approval, Holder, Policy
from typeset.pipeline import Artifact, BuildContext, CheckedLetter
from typeset.preview.build_result import BuildOutcome, OpenContext, UpdatedPages, proof_of
from typeset.publishing import Proposal, proposal_of
from typeset.signing import earlier_manifest, read_statements
from typeset.signoff import WITHDRAW, ApprovalStatus, NotAnApproval, SignedStatement, Void, read_envelope, tally

_WAIT_SECONDS = 1.0
"""Seconds that a request for the approvals waits for a build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits of the process: seconds for a build, bytes of memory, and builds before it is replaced.

    It is replaced because the layout engine keeps some memory of each build.
    """

    seconds: float = 300.0
    memory: int = 4 << 30
    builds: int = 200


class BuildWorker:
    """A process that keeps its caches between builds, and is started again when it has ended."""

    def __init__(self, open_context: OpenContext, bounds: Bounds | None = None) -> None:
        self._open_context = open_context
        self._bounds = bounds or Bounds()
        self._lock = Lock()
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self._closed = False
        self._built = 0

    def start(self) -> None:
        """Start the process before the first build."""
        with self._lock:
            self._running()

    def build(
        self,
        folder: Path,
        known: Collection[str] = (),
        show: Callable[[tuple[UpdatedPages, ...]], object] = lambda _: None,
    ) -> BuildOutcome:
        """Build the letter in a folder, and wait for it. States whose digests are ``known`` are not built again.

        ``show`` is called with pages that are ready before the rest.
        """
        with self._lock:
            line = self._running()
            try:
                line.send((str(folder), known))
                while line.poll(self._bounds.seconds):
                    outcome: BuildOutcome | tuple[UpdatedPages, ...] = line.recv()
                    if isinstance(outcome, tuple):
                        show(outcome)
                        continue
                    self._built += outcome.proof is not None
                    if self._built >= self._bounds.builds and not self._closed:
                        # The new process loads its modules before the next save.
                        self._end()
                        self._running()
                    return outcome
            except (EOFError, OSError):
                self._end()
                if self._closed:
                    return BuildOutcome(digest="")
                return BuildOutcome(digest="", open=(_ended(self._bounds.memory),))
            self._end()
            return BuildOutcome(digest="", open=(_endless(self._bounds.seconds),))

    def standing(self, folder: Path, digest: str) -> dict[str, Any] | None:
        """The approvals of a state that was built; None if the folder has changed since, or a build is running.

        After the build the browser gets a newer state and asks again.
        """
        if not self._lock.acquire(timeout=_WAIT_SECONDS):
            return None
        try:
            if self._closed:
                return None
            line = self._running()
            line.send((str(folder), digest, "standing"))
            if line.poll(self._bounds.seconds):
                approvals: dict[str, Any] | None = line.recv()
                return approvals
            self._end()
        except (EOFError, OSError):
            self._end()
        finally:
            self._lock.release()
        return None

    def abandon(self) -> None:
        """Stop the build that is running; the next build starts a new process."""
        if process := self._process:
            process.kill()

    def close(self) -> None:
        """End the process, also during a build."""
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
            target=work, args=(theirs, self._open_context, self._bounds.memory), daemon=True, name="typeset worker"
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
    """The main loop of the process: answer requests until the connection closes."""
    # Ctrl-C in the terminal reaches every process; the app decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound(memory)
    # Imported here: the app itself does not need it.
    from typeset.incremental_build import IncrementalBuild

    last, warm = LastBuild(), IncrementalBuild()
    while True:
        try:
            folder, known, *asked = line.recv()
            if asked:
                if not last.has(known):  # built by a process that was replaced since
                    proof_of(Path(folder), open_context, keep=last.take)
                line.send(last.approvals(Path(folder)) if last.has(known) else None)
                continue
        except (EOFError, OSError):
            return
        try:
            outcome = proof_of(Path(folder), open_context, known, last.take, warm, line.send)
        except MemoryError:
            outcome = BuildOutcome(digest="", open=(_ended(memory),))
        except Exception as fault:  # noqa: BLE001 - shown with its traceback; the next save is another attempt
            outcome = BuildOutcome(digest="", open=(_failed(fault),), fault=traceback.format_exc())
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
    return error(
        "endless",
        f"the build was stopped: it took longer than {seconds:.0f} seconds",
        "look for an endless loop in a template, or a very wide table; then save",
        subject="layout",
    )


def _ended(memory: int) -> Finding:
    return error(
        "press-ended",
        f"the process that builds the pages ended; it may use {memory >> 20} MiB of memory",
        "save a file to try again; look for a very large picture, or a template that repeats itself",
        subject="layout",
    )


def _failed(fault: BaseException) -> Finding:
    return error(
        "program-fault",
        f"the program failed: {type(fault).__name__}: {fault}",
        "this is a bug in typeset: report it with what the terminal shows; save a file to try again",
        subject="layout",
    )


_MOST_CHANGES = 100


class LastBuild:
    """The last build of the worker. Its manifest is made when the approvals are asked for."""

    def __init__(self) -> None:
        self._built: tuple[str, CheckedLetter, BuildContext, tuple[Artifact, ...]] | None = None
        self._proposal: Proposal | None = None

    def take(self, digest: str, checked: CheckedLetter, context: BuildContext, proofs: tuple[Artifact, ...]) -> None:
        """Remember what a build was made from."""
        self._built, self._proposal = (digest, checked, context, proofs), None

    def has(self, digest: str) -> bool:
        """Whether the last build was of the state with this digest."""
        return self._built is not None and self._built[0] == digest

    def approvals(self, folder: Path) -> dict[str, Any]:
        """The approvals in a letter folder, compared with the last build, as JSON data."""
        if self._built is None or self._built[1].letter.policy is None:
            return {"policy": False}
        try:
            if self._proposal is None:
                self._proposal = proposal_of(*self._built[1:])
            return standing(self._proposal, read_statements(folder), folder)
        except LetterError as refused:
            return {"policy": True, "said": refused.findings[0].message}


def standing(proposal: Proposal, statements: Mapping[str, bytes], folder: Path) -> dict[str, Any]:
    """The statements compared with a proposal, for each person and role, as JSON data."""
    manifest, policy = proposal.manifest, proposal.policy
    counted = tally(statements, policy, manifest.digest)
    latest, strays = _void(counted, statements, policy)
    given = {(one.key, one.role): one for one in counted.approvals}
    people = len({one.key for one in counted.approvals})

    def role_data(holder: Holder, role: str) -> dict[str, Any]:
        signed, void = latest.get((holder.key, role), (None, None))
        approval = given.get((holder.key, role))
        return {
            "role": role,
            "titles": dict(policy.titles.get(role, {})),
            **_state(approval, signed, void, folder, manifest),
            "awaited": not counted.met and (people < policy.threshold or role in policy.required),
        }

    return {
        "policy": True,
        "edition": manifest.edition.number,
        "manifest": manifest.digest,
        "met": counted.met,
        "given": people,
        "threshold": policy.threshold,
        "required": [{"role": role, "titles": dict(policy.titles.get(role, {}))} for role in policy.required],
        "people": [
            {"name": holder.name, "lang": holder.lang, "roles": [role_data(holder, role) for role in holder.roles]}
            for holder in policy.holders
        ],
        "strays": [{"file": void.file, "why": void.why} for void in strays],
    }


def _void(
    counted: ApprovalStatus, statements: Mapping[str, bytes], policy: Policy
) -> tuple[dict[tuple[str, str], tuple[SignedStatement, Void]], list[Void]]:
    """The latest void statement of each holder in each role, and the files that no holder signed."""
    latest: dict[tuple[str, str], tuple[SignedStatement, Void]] = {}
    strays: list[Void] = []
    for void in counted.void:
        try:
            signed = read_envelope(statements[void.file])
        except NotAnApproval:
            strays.append(void)
            continue
        place = (signed.certified.key, signed.statement.role)
        holder = policy.holder(place[0])
        if holder is None or place[1] not in holder.roles:
            strays.append(void)
        elif place not in latest or latest[place][0].statement.when <= signed.statement.when:
            latest[place] = (signed, void)
    return latest, strays


def _state(
    approval: Approval | None, signed: SignedStatement | None, void: Void | None, folder: Path, manifest: Manifest
) -> dict[str, Any]:
    """One person's approval in one role; "open" after withdrawing an approval of an earlier state."""
    if approval:
        return _given("approved", approval.when.isoformat(), demonstration=approval.demonstration)
    if signed is None or void is None or (void.earlier and signed.statement.decision == WITHDRAW):
        return _given("open")
    when = signed.statement.when.isoformat()
    if not void.earlier:
        taken_back = "it was withdrawn" in void.why
        return _given("withdrawn" if taken_back else "void", when, why="" if taken_back else void.why)
    return _given("void", when, why=void.why, since=tuple(_since(folder, void.earlier, manifest)))


def _since(folder: Path, earlier: str, manifest: Manifest) -> Iterator[str]:
    before = earlier_manifest(folder, earlier)
    yield from changes(before, manifest)[:_MOST_CHANGES] if before else ()


def _given(
    state: str, when: str = "", *, demonstration: bool = False, why: str = "", since: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {"state": state, "when": when, "demonstration": demonstration, "why": why, "changes": list(since)}
