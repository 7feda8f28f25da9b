"""One preview session: it watches the letter folder, builds after each change and keeps the last results."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from typeset.diagnostics import Finding, LetterError, Location, error
from typeset.letter_folder import read_sources
from typeset.preview.build_result import BuildOutcome, BuildResult, UpdatedPages, VersionOutput, with_updated_pages
from typeset.preview.build_worker import BuildWorker
from typeset.sources import digest_of, house_folders

POLL_MILLISECONDS = 500
"""Milliseconds after which a folder without events is checked: it may have been replaced."""


async def changes(folder: Path, others: Sequence[Path] = ()) -> AsyncIterator[bool]:
    """One item for each burst of changes: whether the folder exists. What changed is not reported."""
    from watchfiles import awatch

    polling = False
    while True:
        known = _identity(folder)
        if known is None:
            yield False
            while _identity(folder) is None:
                await asyncio.sleep(0.2)
            yield True
            continue
        fresh = True
        try:
            async for seen in awatch(
                folder,
                *(path for path in others if path.is_dir()),
                # An editor that replaces a file is done within a few milliseconds; a burst is one change.
                step=25,
                debounce=400,
                rust_timeout=POLL_MILLISECONDS,
                yield_on_timeout=True,
                force_polling=polling or None,
            ):
                if _identity(folder) != known:
                    break
                # A file may have been saved while the watch was being set up.
                if seen or fresh:
                    yield True
                fresh = fresh and bool(seen)
        except (OSError, RuntimeError):
            # The system has no more watches, or the folder was removed meanwhile.
            polling = _identity(folder) is not None
            await asyncio.sleep(0.2)
        if (now := _identity(folder)) is not None and now != known:
            yield True


def follow_letter(folder: Path, look: str | None, work: Callable[[], None], gone: Callable[[], None]) -> None:
    """Call ``work`` now and after each change of the sources, and ``gone`` when the folder is removed."""
    asyncio.run(_follow(folder, look, work, gone))


async def _follow(folder: Path, look: str | None, work: Callable[[], None], gone: Callable[[], None]) -> None:
    done = _start_work(folder, look, work)
    async for there in changes(folder, house_folders()):
        if not there:
            gone()
            done = ""
        elif not done or _state(folder, look) != done:
            done = _start_work(folder, look, work)


def _start_work(folder: Path, look: str | None, work: Callable[[], None]) -> str:
    """Call ``work``. Returns the digest of the sources before it."""
    state = _state(folder, look)
    work()
    return state


def _state(folder: Path, look: str | None) -> str:
    try:
        return digest_of(read_sources(folder, look))
    except (LetterError, OSError):
        return ""


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


SETTLE_SECONDS = 0.12
"""Seconds to wait before a failed build is shown: an editor may still be replacing a file."""

SILENT_SECONDS = 0.15
"""Seconds before a running build is shown; builds without changes end earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What every browser shows at one time.

    ``proof`` is the last good build. It is ``stale`` if the sources have changed since and cannot be built. ``before``
    is the good build before it, ``opened`` the first of the session. ``ahead`` has pages of a build that is running.
    """

    serial: int = 0
    setting: bool = True
    gone: bool = False
    proof: BuildResult | None = None
    before: BuildResult | None = None
    opened: BuildResult | None = None
    stale: bool = False
    ahead: BuildResult | None = None
    sources: dict[str, bytes]
    open: tuple[Finding, ...] = ()
    decided: tuple[Finding, ...] = ()

    def sheet(self, lang: str) -> VersionOutput | None:
        """The version in a language."""
        return sheet_of(self.proof, lang)


def sheet_of(proof: BuildResult | None, lang: str) -> VersionOutput | None:
    """The version of a build in a language; None if there is none."""
    return next((sheet for sheet in proof.sheets if sheet.lang == lang), None) if proof else None


class Session:
    """Builds after each change of the folder, and publishes snapshots.

    When the sources change again, a build that takes more than ``patience`` seconds and more than three times as long
    as the last good one is stopped.
    """

    def __init__(self, folder: Path, worker: BuildWorker, others: Sequence[Path] = (), patience: float = 15.0) -> None:
        self.folder = folder
        self.snapshot = Snapshot(sources={})
        self._worker = worker
        self._others = tuple(others)
        self._news = asyncio.Event()
        self._due = asyncio.Event()
        self._known = ""
        self._built = BuildOutcome(digest="")
        self._patience, self._usual = patience, 0.0

    async def run(self) -> None:
        """Watch and build until cancelled."""
        self._due.set()
        watching = asyncio.create_task(self._watch())
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                await self._build()
        finally:
            watching.cancel()

    def close(self) -> None:
        """End the worker process."""
        self._worker.close()

    async def snapshots(self, ended: Callable[[], bool]) -> AsyncIterator[Snapshot | None]:
        """The current snapshot and each later one; None after each second without a change."""
        serial = -1
        while not ended():
            news = self._news
            if self.snapshot.serial != serial:
                serial = self.snapshot.serial
                yield self.snapshot
                continue
            try:
                await asyncio.wait_for(news.wait(), 1)
            except TimeoutError:
                yield None

    async def standing(self) -> dict[str, Any] | None:
        """The approvals of the shown build as JSON data; None if they are not known now."""
        proof = self.snapshot.proof
        return await asyncio.to_thread(self._worker.standing, self.folder, proof.digest) if proof else None

    async def _watch(self) -> None:
        async for there in changes(self.folder, self._others):
            if there:
                self._due.set()
            else:
                self._known = ""
                finding = _folder_gone(self.folder)
                await self._show(replace(self.snapshot, gone=True, stale=True, setting=False, open=(finding,)))

    async def _build(self) -> None:
        try:
            outcome = await self._outcome()
            if outcome.proof is None and outcome.open and not self._due.is_set():
                await asyncio.sleep(SETTLE_SECONDS)
            if outcome.proof is None and self._due.is_set():
                return
        except Exception as fault:
            logging.getLogger(__name__).exception("the preview could not build")
            outcome = BuildOutcome(digest="", open=(_fault(fault),))
        if outcome.fault:
            logging.getLogger(__name__).error("%s", outcome.fault)
        if self.folder.is_dir() or outcome.proof:
            await self._take(outcome)

    async def _outcome(self) -> BuildOutcome:
        loop = asyncio.get_running_loop()

        def show(ahead: tuple[UpdatedPages, ...]) -> None:
            asyncio.run_coroutine_threadsafe(self._show_early(ahead), loop)

        known = (self._known, self._built.digest)
        work = asyncio.create_task(asyncio.to_thread(self._worker.build, self.folder, known, show))
        began = monotonic()
        done, _ = await asyncio.wait({work}, timeout=SILENT_SECONDS)
        if not done and not self.snapshot.setting:
            await self._show(replace(self.snapshot, setting=True))
        while not done:
            done, _ = await asyncio.wait({work}, timeout=SILENT_SECONDS)
            # The newer state may correct what makes the build hang.
            if self._due.is_set() and monotonic() - began > max(self._patience, 3 * self._usual):
                self._worker.abandon()
        outcome = await work
        if outcome.proof:
            self._usual = monotonic() - began
        return outcome

    async def _take(self, outcome: BuildOutcome) -> None:
        snapshot = replace(self.snapshot, setting=False, gone=False, ahead=None)
        if outcome.proof is None and not outcome.open and outcome.digest == self._built.digest:
            # The sources are again those of the last good build.
            outcome = self._built
        if outcome.proof is None and not outcome.open:  # no source has changed
            await self._show(snapshot)
            return
        self._known = outcome.digest
        snapshot = replace(
            snapshot, open=outcome.open, decided=outcome.decided, sources=outcome.sources or snapshot.sources
        )
        proof = outcome.proof
        if proof is None:
            snapshot = replace(snapshot, stale=True)
        elif snapshot.proof is not None and proof.digest == snapshot.proof.digest:
            snapshot = replace(snapshot, proof=proof, stale=False)
        else:
            snapshot = replace(
                snapshot, proof=proof, before=snapshot.proof, opened=snapshot.opened or proof, stale=False
            )
        if proof:
            self._built = outcome
        await self._show(snapshot)

    async def _show_early(self, ahead: tuple[UpdatedPages, ...]) -> None:
        if self.snapshot.proof is not None:
            await self._show(replace(self.snapshot, setting=True, ahead=with_updated_pages(self.snapshot.proof, ahead)))

    async def _show(self, snapshot: Snapshot) -> None:
        self.snapshot = replace(snapshot, serial=self.snapshot.serial + 1)
        # A new event for each snapshot: a waiter that is cancelled now loses nothing.
        self._news.set()
        self._news = asyncio.Event()


def _folder_gone(folder: Path) -> Finding:
    return error(
        "folder-gone",
        f"the folder {folder.name} was moved or deleted",
        "put it back; then the preview continues",
        place=Location(file=folder.name),
    )


def _fault(fault: BaseException) -> Finding:
    return error(
        "program-fault",
        f"the program failed: {type(fault).__name__}: {fault}",
        "this is a bug in typeset: report it with what the terminal shows; save a file to try again",
    )
