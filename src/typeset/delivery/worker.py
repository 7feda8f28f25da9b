"""Where copies are made: in this process or in another one, on this machine or elsewhere.

What all copies are made from is sent once (`prepare`); after that a recipient's id is enough.
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

from typeset.delivery.job import PreparedEdition, PreparedVersion, full_copy, issue_of, stock_of
from typeset.delivery.verification import Prover, fault
from typeset.diagnostics import Finding, LetterError
from typeset.manifest import NAME as MANIFEST, Manifest, digest_of, read_manifest
from typeset.pipeline import BuildContext
from typeset.publishing import sources_of
from typeset.recipients import Addressee
from typeset.sources import Sources

OpenContext = Callable[[Sources], BuildContext]
"""Opens the faces for sources; by name, so that another process can do it too."""


@dataclass(frozen=True, kw_only=True)
class DeliveryJob:
    """Everything that copies are made from: what the archive keeps of an edition, and the whole list of recipients.

    All recipients are in it, also where copies are made for some: faces are ready for everybody, so that a copy is the
    same whoever else gets one now.
    """

    edition: str
    kept: Mapping[str, bytes]
    addressees: tuple[Addressee, ...]
    open_context: OpenContext

    @cached_property
    def key(self) -> str:
        """What tells this order from another one."""
        return digest_of([self.edition, digest_of(self.kept[MANIFEST]), *(one.digest for one in self.addressees)])


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsealedCopy:
    """A copy without a seal, still to be proven."""

    id: str
    lang: str
    data: bytes
    pages: int
    kind: bytes = b""
    """What tells the plate that it was printed from; empty for one that was set as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCopy:
    """Why there is no copy for a recipient."""

    id: str
    findings: tuple[Finding, ...]


@dataclass
class CopyWorker:
    """An order, opened."""

    order: DeliveryJob
    restored: PreparedEdition | None = None
    """The edition, where it was opened already."""
    _stocks: dict[str, tuple[PreparedVersion, Mapping[str, tuple[Finding, ...]]]] = field(default_factory=dict)

    @cached_property
    def issue(self) -> PreparedEdition:
        """The edition."""
        if self.restored is not None:
            return self.restored
        context = self.order.open_context(sources_of(self.order.kept))
        return issue_of(self.order.edition, self.order.kept, context)

    @cached_property
    def rows(self) -> Mapping[str, Addressee]:
        """The recipients by their ids."""
        return {one.id: one for one in self.order.addressees}

    def stock(self, lang: str) -> tuple[PreparedVersion, Mapping[str, tuple[Finding, ...]]]:
        """The version in a language, ready for everybody who gets it."""
        if lang not in self._stocks:
            these = [one for one in self.order.addressees if one.lang == lang]
            self._stocks[lang] = stock_of(self.issue, lang, these)
        return self._stocks[lang]

    def make(self, name: str) -> UnsealedCopy | FailedCopy:
        """The copy of one recipient, without a seal."""
        addressee = self.rows[name]
        try:
            stock, wanting = self.stock(addressee.lang)
            if name in wanting:
                return FailedCopy(id=name, findings=wanting[name])
            copy = full_copy(stock, addressee)
        except LetterError as refused:
            return FailedCopy(id=name, findings=refused.findings)
        return UnsealedCopy(id=name, lang=addressee.lang, data=copy.data, pages=copy.pages)

    def prove(self, name: str, data: bytes, roots: Sequence[bytes] | None) -> tuple[Finding, ...]:
        """What stands against a copy; ``roots`` are for the seal of one that has a seal."""
        return self.prover.faults(data, self.rows[name], roots)

    @cached_property
    def manifest(self) -> Manifest:
        """What was approved. Raises `NotAManifest` for an archive that is damaged."""
        return read_manifest(self.order.kept[MANIFEST])

    @cached_property
    def prover(self) -> Prover:
        """Remembers what was proven."""
        return Prover(self.manifest)


_benches: dict[str, CopyWorker] = {}  # an executor's initializer has no other way to leave something for its jobs


def prepare(order: DeliveryJob) -> None:
    """Open an order in this process: the initializer of an executor."""
    _benches[order.key] = CopyWorker(order)


def prepare_process(order: DeliveryJob) -> None:
    """The same for a process of our own: an interrupt is the business of who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare(order)


def leave(order: DeliveryJob) -> None:
    """Forget an order."""
    _benches.pop(order.key, None)


def make(key: str, name: str) -> UnsealedCopy | FailedCopy:
    """The copy of a recipient."""
    bench = _benches[key]
    try:
        return bench.make(name)
    except Exception as unexpected:  # noqa: BLE001 - one recipient's trouble is not the others'
        return FailedCopy(id=name, findings=(_unexpected(bench, name, unexpected),))


def prove(key: str, name: str, data: bytes, roots: Sequence[bytes] | None) -> tuple[Finding, ...]:
    """What stands against a copy, sealed where there are ``roots``."""
    bench = _benches[key]
    try:
        return bench.prove(name, data, roots)
    except Exception as unexpected:  # noqa: BLE001 - one recipient's trouble is not the others'
        return (_unexpected(bench, name, unexpected),)


def _unexpected(bench: CopyWorker, name: str, trouble: Exception) -> Finding:
    message = f"the copy could not be made: {type(trouble).__name__}: {trouble}"
    return fault(
        "copy-failed", bench.rows[name], message, "report it with the recipient's row; the others are not affected"
    )


_T = TypeVar("_T")
_AHEAD = 16
"""Copies under way at one time: enough to keep workers busy, few enough to lose and to keep."""


class Submits(Protocol):
    """What takes a job and promises its result."""

    def submit(self, fn: Callable[..., _T], /, *args: Any) -> Future[_T]:
        """Have ``fn`` called, here or elsewhere."""
        ...


Crew = Callable[[DeliveryJob], Any]
"""Opens a context in which there is something to submit jobs to, each of whose places has prepared the order."""

Printer = Callable[[str], UnsealedCopy | FailedCopy | None]
"""Prints the copy of a recipient by a quicker way; None where there is none."""

Sealer = Callable[[UnsealedCopy], bytes]
"""Puts the seal on a copy. Raises `LetterError` where it cannot. The key does not leave this process."""


@contextmanager
def here(order: DeliveryJob) -> Iterator[Submits]:
    """This process by itself: for few copies, and for tests."""
    prepare(order)
    try:
        yield _Here()
    finally:
        leave(order)


class _Here:
    def submit(self, fn: Callable[..., _T], /, *args: Any) -> Future[_T]:
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args))
        except Exception as fault:  # noqa: BLE001 - a future carries whatever its job raised
            future.set_exception(fault)
        return future


def processes(count: int) -> Crew:
    """So many processes of this machine, each sent the order once."""

    @contextmanager
    def opened(order: DeliveryJob) -> Iterator[Submits]:
        # Forked ones would inherit what a thread of the parent held, and its open files.
        context = multiprocessing.get_context("forkserver")
        pool = ProcessPoolExecutor(count, mp_context=context, initializer=prepare_process, initargs=(order,))
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
    order: DeliveryJob,
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
        with crew(order) as executor:
            shift = _Shift(order, executor, *tools)
            yield from shift.work(waiting, _AHEAD)
            suspects += shift.lost
    for name in suspects:
        # Alone: whoever takes a worker along now has done so before.
        with crew(order) as executor:
            shift = _Shift(order, executor, *tools)
            yield from shift.work(deque([name]), 1)
            if shift.lost:
                yield FailedCopy(id=name, findings=(_lost(order, name),))


class _Shift:
    """What one executor is given to do, until all is done or the executor is broken."""

    def __init__(
        self, order: DeliveryJob, executor: Submits, printer: Printer, sealer: Sealer | None, roots: tuple[bytes, ...]
    ) -> None:
        self.lost: list[str] = []
        self._order, self._executor = order, executor
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
                    self._submit(job.made.id, make, self._order.key, job.made.id)
                else:
                    yield FailedCopy(id=job.made.id, findings=result) if result else job

    def _begin(self, name: str) -> Iterator[FailedCopy]:
        printed = self._printer(name)
        if printed is None:
            self._submit(name, make, self._order.key, name)
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
        self._submit(Finished(made=outcome, data=data), prove, self._order.key, outcome.id, data, roots)

    def _submit(self, job: str | Finished, fn: Callable[..., Any], *args: Any) -> None:
        try:
            self._under_way[self._executor.submit(fn, *args)] = job
        except BrokenExecutor:
            self._lose(job)

    def _lose(self, job: str | Finished) -> None:
        self._broken = True
        self.lost.append(job if isinstance(job, str) else job.made.id)


def _lost(order: DeliveryJob, name: str) -> Finding:
    addressee = next(one for one in order.addressees if one.id == name)
    hint = "look whether the machine ran out of memory, then run the command again"
    return fault("worker-lost", addressee, "the process that made the copy was killed, and so was a second one", hint)
