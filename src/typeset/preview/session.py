"""The desk: what lies on it now, what lay there before, and everyone who looks on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.letter_folder import read_sources
from typeset.preview.build_result import Ahead, BuildOutcome, BuildResult, VersionOutput, shown_ahead
from typeset.preview.build_worker import BuildWorker
from typeset.sources import digest_of, house_folders

PATIENCE = 500
"""Milliseconds after which a folder that says nothing is looked at: it may be another one by now."""


async def changes(folder: Path, others: Sequence[Path] = ()) -> AsyncIterator[bool]:
    """One item for each burst of changes: whether the folder is there.

    Nothing is told of what changed; whoever listens reads the folder and sees.
    """
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
                rust_timeout=PATIENCE,
                yield_on_timeout=True,
                force_polling=polling or None,
            ):
                if _identity(folder) != known:
                    break
                # What was saved while the watch was being set up is told of after it.
                if seen or fresh:
                    yield True
                fresh = fresh and bool(seen)
        except (OSError, RuntimeError):
            # No more watches to be had from the system, or the folder went away in between.
            polling = _identity(folder) is not None
            await asyncio.sleep(0.2)
        if (now := _identity(folder)) is not None and now != known:
            yield True


def follow_letter(folder: Path, look: str | None, work: Callable[[], None], gone: Callable[[], None]) -> None:
    """Work now and after each change of the letter's sources, until interrupted; call ``gone`` without a folder."""
    asyncio.run(_follow(folder, look, work, gone))


async def _follow(folder: Path, look: str | None, work: Callable[[], None], gone: Callable[[], None]) -> None:
    done = _worked(folder, look, work)
    async for there in changes(folder, house_folders()):
        if not there:
            gone()
            done = ""
        elif not done or _state(folder, look) != done:
            done = _worked(folder, look, work)


def _worked(folder: Path, look: str | None, work: Callable[[], None]) -> str:
    """The state of the sources that the work was begun with."""
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


SETTLING = 0.12
"""Seconds after which a fault is believed: an editor may still be replacing the file that is missing."""

QUIET = 0.15
"""Seconds of work that nobody is told of: by then it is clear whether anything has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What everyone sees at one time.

    ``proof`` is the last good one; it is ``stale`` when the sources have moved on and cannot be printed as they are.
    ``before`` is the good one in front of it, ``opened`` the first there was. ``ahead`` has pages of the sources of now
    of which nothing else is known yet.
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
    """The version of a proof in a language."""
    return next((sheet for sheet in proof.sheets if sheet.lang == lang), None) if proof else None


class Session:
    """Builds whenever the folder changes, and tells all who wait.

    A build that takes three times as long as the last good one, and longer than ``patience`` in seconds, is given up
    for a newer state of the sources.
    """

    def __init__(self, folder: Path, press: BuildWorker, others: Sequence[Path] = (), patience: float = 15.0) -> None:
        self.folder = folder
        self.look = Snapshot(sources={})
        self._press = press
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
        """End the press."""
        self._press.close()

    async def looks(self, ended: Callable[[], bool]) -> AsyncIterator[Snapshot | None]:
        """The look of now and every later one; None each second in which nothing happens."""
        serial = -1
        while not ended():
            news = self._news
            if self.look.serial != serial:
                serial = self.look.serial
                yield self.look
                continue
            try:
                await asyncio.wait_for(news.wait(), 1)
            except TimeoutError:
                yield None

    async def standing(self) -> dict[str, Any] | None:
        """How it stands with the approvals of what is shown; None where that cannot be told now."""
        proof = self.look.proof
        return await asyncio.to_thread(self._press.standing, self.folder, proof.digest) if proof else None

    async def _watch(self) -> None:
        async for there in changes(self.folder, self._others):
            if there:
                self._due.set()
            else:
                self._known = ""
                finding = _gone(self.folder)
                await self._show(replace(self.look, gone=True, stale=True, setting=False, open=(finding,)))

    async def _build(self) -> None:
        try:
            outcome = await self._pulled()
            if outcome.proof is None and outcome.open and not self._due.is_set():
                await asyncio.sleep(SETTLING)
            if outcome.proof is None and self._due.is_set():
                return
        except Exception as fault:
            logging.getLogger(__name__).exception("the preview could not build")
            outcome = BuildOutcome(digest="", open=(_fault(fault),))
        if outcome.fault:
            logging.getLogger(__name__).error("%s", outcome.fault)
        if self.folder.is_dir() or outcome.proof:
            await self._take(outcome)

    async def _pulled(self) -> BuildOutcome:
        loop = asyncio.get_running_loop()

        def show(ahead: tuple[Ahead, ...]) -> None:
            asyncio.run_coroutine_threadsafe(self._show_ahead(ahead), loop)

        known = (self._known, self._built.digest)
        work = asyncio.create_task(asyncio.to_thread(self._press.pull, self.folder, known, show))
        began = monotonic()
        done, _ = await asyncio.wait({work}, timeout=QUIET)
        if not done and not self.look.setting:
            await self._show(replace(self.look, setting=True))
        while not done:
            done, _ = await asyncio.wait({work}, timeout=QUIET)
            # What was saved since may be the cure of what is hanging.
            if self._due.is_set() and monotonic() - began > max(self._patience, 3 * self._usual):
                self._press.abandon()
        outcome = await work
        if outcome.proof:
            self._usual = monotonic() - began
        return outcome

    async def _take(self, outcome: BuildOutcome) -> None:
        look = replace(self.look, setting=False, gone=False, ahead=None)
        if outcome.proof is None and not outcome.open and outcome.digest == self._built.digest:
            # The state that is shown is back: whatever came in between is undone.
            outcome = self._built
        if outcome.proof is None and not outcome.open:  # nothing that a build reads has changed
            await self._show(look)
            return
        self._known = outcome.digest
        look = replace(look, open=outcome.open, decided=outcome.decided, sources=outcome.sources or look.sources)
        proof = outcome.proof
        if proof is None:
            look = replace(look, stale=True)
        elif look.proof is not None and proof.digest == look.proof.digest:
            look = replace(look, proof=proof, stale=False)
        else:
            look = replace(look, proof=proof, before=look.proof, opened=look.opened or proof, stale=False)
        if proof:
            self._built = outcome
        await self._show(look)

    async def _show_ahead(self, ahead: tuple[Ahead, ...]) -> None:
        if self.look.proof is not None:
            await self._show(replace(self.look, setting=True, ahead=shown_ahead(self.look.proof, ahead)))

    async def _show(self, look: Snapshot) -> None:
        self.look = replace(look, serial=self.look.serial + 1)
        # Set once and for all: whoever waits for it may be given up at this very moment, and nothing is lost.
        self._news.set()
        self._news = asyncio.Event()


def _gone(folder: Path) -> Finding:
    return Finding(
        code="folder-gone",
        severity=Severity.ERROR,
        message=f"the folder {folder.name} is not there any more",
        place=Location(file=folder.name),
        hint="put it back where it was: the preview goes on by itself",
    )


def _fault(fault: BaseException) -> Finding:
    return Finding(
        code="program-fault",
        severity=Severity.ERROR,
        message=f"the program failed: {type(fault).__name__}: {fault}",
        hint="this is a fault of typeset; the terminal shows where. The next save is another attempt",
    )
