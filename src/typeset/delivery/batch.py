"""Many copies on anything that has ``submit`` as an executor of ``concurrent.futures`` has: outcomes as they come.

A worker that is killed takes only its own copies along: they are tried again one by one, and one that takes a worker
along twice is given up.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from typeset.delivery import bench
from typeset.delivery.bench import Failed, Made, Order
from typeset.delivery.proving import fault
from typeset.diagnostics import Finding, Refused

_T = TypeVar("_T")


class Submits(Protocol):
    """What takes a job and promises its result."""

    def submit(self, fn: Callable[..., _T], /, *args: Any) -> Future[_T]:
        """Have ``fn`` called, here or elsewhere."""
        ...


Crew = Callable[[Order], Any]
"""Opens a context in which there is something to submit jobs to, each of whose places has prepared the order."""

Printer = Callable[[str], Made | Failed | None]
"""Prints the copy of a recipient by a quicker way; None where there is none."""

Sealer = Callable[[Made], bytes]
"""Puts the seal on a copy. Raises `Refused` where it cannot. The key does not leave this process."""


@contextmanager
def here(order: Order) -> Iterator[Submits]:
    """This process by itself: for few copies, and for tests."""
    bench.prepare(order)
    try:
        yield _Here()
    finally:
        bench.leave(order)


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
    def opened(order: Order) -> Iterator[Submits]:
        # Forked ones would inherit what a thread of the parent held, and its open files.
        context = multiprocessing.get_context("forkserver")
        pool = ProcessPoolExecutor(count, mp_context=context, initializer=bench.prepare_process, initargs=(order,))
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

    made: Made
    data: bytes


def copies(
    order: Order,
    names: Sequence[str],
    crew: Crew,
    *,
    printer: Printer = lambda _: None,
    sealer: Sealer | None = None,
    roots: Sequence[bytes] = (),
    ahead: int = 16,
) -> Iterator[Finished | Failed]:
    """The copies of these recipients as they are done: printed here, or made as a whole there; sealed here; proven
    there. At most ``ahead`` are under way, so that little is lost and little kept.
    """
    waiting, suspects = deque(names), list[str]()
    tools = printer, sealer, tuple(roots)
    while waiting:
        with crew(order) as executor:
            shift = _Shift(order, executor, *tools)
            yield from shift.work(waiting, ahead)
            suspects += shift.lost
    for name in suspects:
        # Alone: whoever takes a worker along now has done so before.
        with crew(order) as executor:
            shift = _Shift(order, executor, *tools)
            yield from shift.work(deque([name]), 1)
            if shift.lost:
                yield Failed(id=name, findings=(_lost(order, name),))


class _Shift:
    """What one executor is given to do, until all is done or the executor is broken."""

    def __init__(
        self, order: Order, executor: Submits, printer: Printer, sealer: Sealer | None, roots: tuple[bytes, ...]
    ) -> None:
        self.lost: list[str] = []
        self._order, self._executor = order, executor
        self._printer, self._sealer, self._roots = printer, sealer, roots
        self._under_way: dict[Future[Any], str | Finished] = {}
        """A recipient whose copy is being made, or a copy that is being proven."""
        self._broken = False

    def work(self, waiting: deque[str], ahead: int) -> Iterator[Finished | Failed]:
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
                    self._submit(job.made.id, bench.make, self._order.key, job.made.id)
                else:
                    yield Failed(id=job.made.id, findings=result) if result else job

    def _begin(self, name: str) -> Iterator[Failed]:
        printed = self._printer(name)
        if printed is None:
            self._submit(name, bench.make, self._order.key, name)
        else:
            yield from self._made(printed)

    def _made(self, outcome: Made | Failed) -> Iterator[Failed]:
        """A copy that is there: sealed where it is to be, and on its way to be proven."""
        if isinstance(outcome, Failed):
            yield outcome
            return
        try:
            data = self._sealer(outcome) if self._sealer else outcome.data
        except Refused as refused:
            yield Failed(id=outcome.id, findings=refused.findings)
            return
        roots = self._roots if self._sealer else None
        self._submit(Finished(made=outcome, data=data), bench.prove, self._order.key, outcome.id, data, roots)

    def _submit(self, job: str | Finished, fn: Callable[..., Any], *args: Any) -> None:
        try:
            self._under_way[self._executor.submit(fn, *args)] = job
        except BrokenExecutor:
            self._lose(job)

    def _lose(self, job: str | Finished) -> None:
        self._broken = True
        self.lost.append(job if isinstance(job, str) else job.made.id)


def _lost(order: Order, name: str) -> Finding:
    addressee = next(one for one in order.addressees if one.id == name)
    hint = "look whether the machine ran out of memory, then run the command again"
    return fault("worker-lost", addressee, "the process that made the copy was killed, and so was a second one", hint)
