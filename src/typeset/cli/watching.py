"""A command that does its work again whenever the letter changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from typeset.cli.session import shown
from typeset.diagnostics import Refused
from typeset.sources import digest_of, house_folders
from typeset.workspace import read_sources


def follow(folder: Path, look: str | None, work: Callable[[], None]) -> None:
    """Do the work now and after each change of the sources, until interrupted. What refuses is drawn by the work."""
    click.echo(f"watching {shown(folder)}; Ctrl-C ends it", err=True)
    with suppress(KeyboardInterrupt):
        asyncio.run(_follow(folder, look, work))
    click.echo(err=True)


async def _follow(folder: Path, look: str | None, work: Callable[[], None]) -> None:
    # Nobody who builds once waits for what watches.
    from typeset.preview.watching import changes

    done = _once(folder, look, work)
    async for there in changes(folder, house_folders()):
        if not there:
            click.echo(f"{shown(folder)} is not there any more; waiting for it", err=True)
            done = ""
        elif not done or _state(folder, look) != done:
            done = _once(folder, look, work)


def _once(folder: Path, look: str | None, work: Callable[[], None]) -> str:
    """Work, and tell the state of the sources that it was begun with."""
    state = _state(folder, look)
    with suppress(SystemExit):
        work()
    return state


def _state(folder: Path, look: str | None) -> str:
    try:
        return digest_of(read_sources(folder, look))
    except (Refused, OSError):
        return ""
