"""The press: a process of its own that sets the pages, so that a look that never ends cannot take the app with it."""

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

from typeset.diagnostics import Finding, LetterError, Severity
from typeset.manifest import Manifest, changes
from typeset.model import Approval, Holder, Policy
from typeset.pipeline import Artifact, BuildContext, CheckedLetter
from typeset.preview.build_result import Ahead, BuildOutcome, OpenContext, proof_of
from typeset.publishing import Proposal, proposal_of
from typeset.signing import earlier_manifest, read_statements
from typeset.signoff import WITHDRAW, ApprovalStatus, NotAnApproval, SignedStatement, Void, read_envelope, tally

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


class BuildWorker:
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
    ) -> BuildOutcome:
        """Build the letter in a folder; waits for it. States that are ``known`` by their digests are not built again.

        Pages that are there before all the rest are shown.
        """
        with self._lock:
            line = self._running()
            try:
                line.send((str(folder), known))
                while line.poll(self._bounds.seconds):
                    outcome: BuildOutcome | tuple[Ahead, ...] = line.recv()
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
                    return BuildOutcome(digest="")
                return BuildOutcome(digest="", open=(_ended(self._bounds.memory),))
            self._end()
            return BuildOutcome(digest="", open=(_endless(self._bounds.seconds),))

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
    # MERGED
    from typeset.incremental_build import IncrementalBuild

    ledger, warm = Ledger(), IncrementalBuild()
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
    return Finding(
        code="endless",
        severity=Severity.ERROR,
        message=f"the pages were not set within {seconds:.0f} seconds and were given up",
        hint="look for a template that repeats itself without end, or a table of enormous width",
        subject="layout",
    )


def _ended(memory: int) -> Finding:
    return Finding(
        code="press-ended",
        severity=Severity.ERROR,
        message=f"the process that sets the pages ended; it may have {memory >> 20} MiB of memory",
        hint="save again to try once more; typesetter build works without this bound",
        subject="layout",
    )


def _failed(fault: BaseException) -> Finding:
    return Finding(
        code="program-fault",
        severity=Severity.ERROR,
        message=f"the program failed: {type(fault).__name__}: {fault}",
        hint="this is a fault of typeset; the terminal shows where. The next save is another attempt",
        subject="layout",
    )


_MOST_CHANGES = 100


class Ledger:
    """What the press keeps of its last build: the manifest of it is made when somebody asks, and not before."""

    def __init__(self) -> None:
        self._built: tuple[str, CheckedLetter, BuildContext, tuple[Artifact, ...]] | None = None
        self._proposal: Proposal | None = None

    def take(self, digest: str, checked: CheckedLetter, context: BuildContext, proofs: tuple[Artifact, ...]) -> None:
        """Note what a proof was built from."""
        self._built, self._proposal = (digest, checked, context, proofs), None

    def has(self, digest: str) -> bool:
        """Whether the last build was of this state of the sources."""
        return self._built is not None and self._built[0] == digest

    def told(self, folder: Path) -> dict[str, Any]:
        """The approvals in a letter's folder, held against the last build, as plain data."""
        if self._built is None or self._built[1].letter.policy is None:
            return {"policy": False}
        try:
            if self._proposal is None:
                self._proposal = proposal_of(*self._built[1:])
            return standing(self._proposal, read_statements(folder), folder)
        except LetterError as refused:
            return {"policy": True, "said": refused.findings[0].message}


def standing(proposal: Proposal, statements: Mapping[str, bytes], folder: Path) -> dict[str, Any]:
    """The statements held against a proposal, role by role."""
    manifest, policy = proposal.manifest, proposal.policy
    counted = tally(statements, policy, manifest.digest)
    latest, strays = _void(counted, statements, policy)
    given = {(one.key, one.role): one for one in counted.approvals}
    people = len({one.key for one in counted.approvals})

    def role_told(holder: Holder, role: str) -> dict[str, Any]:
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
            {"name": holder.name, "lang": holder.lang, "roles": [role_told(holder, role) for role in holder.roles]}
            for holder in policy.holders
        ],
        "strays": [{"file": void.file, "why": void.why} for void in strays],
    }


def _void(
    counted: ApprovalStatus, statements: Mapping[str, bytes], policy: Policy
) -> tuple[dict[tuple[str, str], tuple[SignedStatement, Void]], list[Void]]:
    """The latest void statement of each holder in each role, and the files that are no holder's."""
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
    """What there is of one person in one role. Somebody who took an earlier approval back has said nothing of this."""
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
