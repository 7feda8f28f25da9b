"""Word of changes in a letter folder, for as long as somebody listens: the folder may go away and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

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


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
