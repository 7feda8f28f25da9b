"""Workers that make copies: in this process, in other processes, or on other computers.

The data that all copies need are sent once (`prepare`); after that a recipient's id is enough.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from typeset.delivery.job import PreparedEdition, PreparedVersion, full_copy, prepare_edition, prepare_version
from typeset.delivery.verification import Prover, fault
from typeset.diagnostics import Finding, LetterError
from typeset.manifest import NAME as MANIFEST, Manifest, digest_of, read_manifest
from typeset.pipeline import BuildContext
from typeset.publishing import sources_of
from typeset.recipients import Addressee
from typeset.sources import Sources

OpenContext = Callable[[Sources], BuildContext]
"""Opens the faces for sources; a function of a module, so that another process can call it."""


@dataclass(frozen=True, kw_only=True)
class DeliveryJob:
    """Everything that copies are made from: the archived files of an edition, and all recipients.

    It has all recipients, even when only some get copies now: the faces serve all of them, so that a copy does not
    depend on who else gets one.
    """

    edition: str
    kept: Mapping[str, bytes]
    addressees: tuple[Addressee, ...]
    open_context: OpenContext

    @cached_property
    def key(self) -> str:
        """The digest that identifies this job."""
        return digest_of([self.edition, digest_of(self.kept[MANIFEST]), *(one.digest for one in self.addressees)])


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsealedCopy:
    """A copy without a seal, not verified yet."""

    id: str
    lang: str
    data: bytes
    pages: int
    kind: bytes = b""
    """Identifies the plate that it was made from; empty for a copy that was set in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCopy:
    """A recipient without a copy, and why."""

    id: str
    findings: tuple[Finding, ...]


@dataclass
class CopyWorker:
    """Makes and verifies the copies of one job."""

    job: DeliveryJob
    restored: PreparedEdition | None = None
    """The edition, when it is already open."""
    _versions: dict[str, tuple[PreparedVersion, Mapping[str, tuple[Finding, ...]]]] = field(default_factory=dict)

    @cached_property
    def edition(self) -> PreparedEdition:
        """The prepared edition."""
        if self.restored is not None:
            return self.restored
        context = self.job.open_context(sources_of(self.job.kept))
        return prepare_edition(self.job.edition, self.job.kept, context)

    @cached_property
    def rows(self) -> Mapping[str, Addressee]:
        """The recipients by id."""
        return {one.id: one for one in self.job.addressees}

    def prepared_version(self, lang: str) -> tuple[PreparedVersion, Mapping[str, tuple[Finding, ...]]]:
        """The version in a language, prepared for all its recipients."""
        if lang not in self._versions:
            these = [one for one in self.job.addressees if one.lang == lang]
            self._versions[lang] = prepare_version(self.edition, lang, these)
        return self._versions[lang]

    def make(self, name: str) -> UnsealedCopy | FailedCopy:
        """The copy of one recipient, without a seal."""
        addressee = self.rows[name]
        try:
            version, unset = self.prepared_version(addressee.lang)
            if name in unset:
                return FailedCopy(id=name, findings=unset[name])
            copy = full_copy(version, addressee)
        except LetterError as refused:
            return FailedCopy(id=name, findings=refused.findings)
        return UnsealedCopy(id=name, lang=addressee.lang, data=copy.data, pages=copy.pages)

    def prove(self, name: str, data: bytes, roots: Sequence[bytes] | None) -> tuple[Finding, ...]:
        """Faults of a copy; ``roots`` are the trusted certificates for a sealed one."""
        return self.prover.faults(data, self.rows[name], roots)

    @cached_property
    def manifest(self) -> Manifest:
        """The approved manifest. Raises `NotAManifest` for a damaged archive."""
        return read_manifest(self.job.kept[MANIFEST])

    @cached_property
    def prover(self) -> Prover:
        """Keeps proven copies as references."""
        return Prover(self.manifest)


_workers: dict[str, CopyWorker] = {}  # the initializer of an executor can only pass data to its jobs like this


def prepare(job: DeliveryJob) -> None:
    """Open a job in this process: the initializer of an executor."""
    _workers[job.key] = CopyWorker(job)


def prepare_process(job: DeliveryJob) -> None:
    """The same in a worker process, where an interrupt is left to the parent process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare(job)


def leave(job: DeliveryJob) -> None:
    """Close a job in this process."""
    _workers.pop(job.key, None)


def make(key: str, name: str) -> UnsealedCopy | FailedCopy:
    """The copy of a recipient."""
    worker = _workers[key]
    try:
        return worker.make(name)
    except Exception as unexpected:  # noqa: BLE001 - the other copies are not affected
        return FailedCopy(id=name, findings=(_unexpected(worker, name, unexpected),))


def prove(key: str, name: str, data: bytes, roots: Sequence[bytes] | None) -> tuple[Finding, ...]:
    """Faults of a copy; it is sealed when there are ``roots``."""
    worker = _workers[key]
    try:
        return worker.prove(name, data, roots)
    except Exception as unexpected:  # noqa: BLE001 - the other copies are not affected
        return (_unexpected(worker, name, unexpected),)


def _unexpected(worker: CopyWorker, name: str, trouble: Exception) -> Finding:
    message = f"the copy could not be made: {type(trouble).__name__}: {trouble}"
    return fault(
        "copy-failed",
        worker.rows[name],
        message,
        "report this with the recipient's row; the other copies are not affected",
    )


_T = TypeVar("_T")
_AHEAD = 16
"""The number of copies in work at one time: enough to keep all workers busy."""


class Submits(Protocol):
    """An executor, as of `concurrent.futures`."""

    def submit(self, fn: Callable[..., _T], /, *args: Any) -> Future[_T]:
        """Call ``fn``, here or in another process."""
        ...


Crew = Callable[[DeliveryJob], Any]
"""Opens a context with an executor whose workers have prepared the job."""

Printer = Callable[[str], UnsealedCopy | FailedCopy | None]
"""Makes a recipient's copy in a quicker way; None when there is none."""

Sealer = Callable[[UnsealedCopy], bytes]
"""Seals a copy. Raises `LetterError`. The key does not leave this process."""


@contextmanager
def here(job: DeliveryJob) -> Iterator[Submits]:
    """Make copies in this process: for few copies, and for tests."""
    prepare(job)
    try:
        yield _Here()
    finally:
        leave(job)


class _Here:
    def submit(self, fn: Callable[..., _T], /, *args: Any) -> Future[_T]:
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args))
        except Exception as fault:  # noqa: BLE001 - a future carries whatever its job raised
            future.set_exception(fault)
        return future


def processes(count: int) -> Crew:
    """Make copies in this number of processes; each receives the job once."""

    @contextmanager
    def opened(job: DeliveryJob) -> Iterator[Submits]:
        # Forked processes would inherit locks and open files of the parent.
        context = multiprocessing.get_context("forkserver")
        pool = ProcessPoolExecutor(count, mp_context=context, initializer=prepare_process, initargs=(job,))
        try:
            yield pool
        except BaseException:
            _end(pool)
            raise
        pool.shutdown()

    return opened


def _end(pool: Executor) -> None:
    """Whoever interrupts does not wait for copies that nobody will take."""
    started = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in started:
        process.terminate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A copy that may go out: with its seal, where one was asked for."""

    made: UnsealedCopy
    data: bytes


def copies(
    job: DeliveryJob,
    names: Sequence[str],
    crew: Crew,
    *,
    printer: Printer = lambda _: None,
    sealer: Sealer | None = None,
    roots: Sequence[bytes] = (),
) -> Iterator[Finished | FailedCopy]:
    """The copies of these recipients as they are done: printed here, or made as a whole there; sealed here; proven
    there. At most `_AHEAD` are under way, so that little is lost and little kept.
    """
    waiting, suspects = deque(names), list[str]()
    tools = printer, sealer, tuple(roots)
    while waiting:
        with crew(job) as executor:
            shift = _Shift(job, executor, *tools)
            yield from shift.work(waiting, _AHEAD)
            suspects += shift.lost
    for name in suspects:
        # Alone: whoever takes a worker along now has done so before.
        with crew(job) as executor:
            shift = _Shift(job, executor, *tools)
            yield from shift.work(deque([name]), 1)
            if shift.lost:
                yield FailedCopy(id=name, findings=(_lost(job, name),))


class _Shift:
    """What one executor is given to do, until all is done or the executor is broken."""

    def __init__(
        self, job: DeliveryJob, executor: Submits, printer: Printer, sealer: Sealer | None, roots: tuple[bytes, ...]
    ) -> None:
        self.lost: list[str] = []
        self._job, self._executor = job, executor
        self._printer, self._sealer, self._roots = printer, sealer, roots
        self._under_way: dict[Future[Any], str | Finished] = {}
        """A recipient whose copy is being made, or a copy that is being proven."""
        self._broken = False

    def work(self, waiting: deque[str], ahead: int) -> Iterator[Finished | FailedCopy]:
        """Outcomes as they come. What was under way when the executor broke is ``lost``."""
        while self._under_way or (waiting and not self._broken):
            while waiting and not self._broken and len(self._under_way) < ahead:
                yield from self._begin(waiting.popleft())
            for future in wait(self._under_way, return_when=FIRST_COMPLETED).done:
                job = self._under_way.pop(future)
                try:
                    result = future.result()
                except BrokenExecutor:
                    self._lose(job)
                    continue
                if isinstance(job, str):
                    yield from self._made(result)
                elif result and job.made.kind:
                    # What was printed is set as a whole instead, which also says best why that cannot be.
                    self._submit(job.made.id, make, self._job.key, job.made.id)
                else:
                    yield FailedCopy(id=job.made.id, findings=result) if result else job

    def _begin(self, name: str) -> Iterator[FailedCopy]:
        printed = self._printer(name)
        if printed is None:
            self._submit(name, make, self._job.key, name)
        else:
            yield from self._made(printed)

    def _made(self, outcome: UnsealedCopy | FailedCopy) -> Iterator[FailedCopy]:
        """A copy that is there: sealed where it is to be, and on its way to be proven."""
        if isinstance(outcome, FailedCopy):
            yield outcome
            return
        try:
            data = self._sealer(outcome) if self._sealer else outcome.data
        except LetterError as refused:
            yield FailedCopy(id=outcome.id, findings=refused.findings)
            return
        roots = self._roots if self._sealer else None
        self._submit(Finished(made=outcome, data=data), prove, self._job.key, outcome.id, data, roots)

    def _submit(self, job: str | Finished, fn: Callable[..., Any], *args: Any) -> None:
        try:
            self._under_way[self._executor.submit(fn, *args)] = job
        except BrokenExecutor:
            self._lose(job)

    def _lose(self, job: str | Finished) -> None:
        self._broken = True
        self.lost.append(job if isinstance(job, str) else job.made.id)


def _lost(job: DeliveryJob, name: str) -> Finding:
    addressee = next(one for one in job.addressees if one.id == name)
    hint = "check whether the computer ran out of memory, then run the command again"
    return fault("worker-lost", addressee, "the process that made this copy was killed, twice", hint)
