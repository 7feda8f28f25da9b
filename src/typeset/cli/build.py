"""The command that makes the files of a letter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from typeset.cli.letters import make
from typeset.cli.output import json_option, letter_folder, refusals, shown, strict_option
from typeset.diagnostics import LetterError
from typeset.letter_folder import find_letter, read_sources
from typeset.pipeline import FORMATS
from typeset.sources import digest_of, house_folders


@click.command()
@letter_folder
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(tuple(FORMATS)), help="This output; several may be named."
)
@click.option("--lang", "languages", multiple=True, help="Only this language version.")
@click.option(
    "--columns",
    type=click.IntRange(min=0),
    default=72,
    show_default=True,
    help="Where txt is wrapped; 0 leaves each paragraph on one line, for forms.",
)
@click.option("--look", help="Another look than the letter's own: a folder of templates/.")
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("output"), show_default=True, help="Where results go."
)
@click.option("--watch", is_flag=True, help="Build again whenever a source is saved, until interrupted.")
@strict_option
@json_option
@refusals
def build(
    folder: Path | None,
    formats: tuple[str, ...],
    languages: tuple[str, ...],
    columns: int,
    look: str | None,
    output: Path,
    watch: bool,
    strict: bool,
    machine: bool,
) -> None:
    """Make the HTML and PDF of a letter. Until it is signed off every page says that it is a draft.

    For places that refuse PDF: --format docx for Word, txt for mail and forms, csv and json for the list. What they
    say is what the pages say, and is read back before it counts.
    """
    folder = find_letter(folder, Path.cwd())
    making = partial(
        make,
        folder,
        formats=formats,
        languages=languages,
        columns=columns,
        look=look,
        output=output,
        strict=strict,
        machine=machine,
    )
    if watch:
        # MERGED
        from typeset.incremental_build import IncrementalBuild

        follow(folder, look, partial(making, warm=IncrementalBuild()))
    else:
        making()


def follow(folder: Path, look: str | None, work: Callable[[], None]) -> None:
    """Do the work now and after each change of the sources, until interrupted. What refuses is drawn by the work."""
    click.echo(f"watching {shown(folder)}; Ctrl-C ends it", err=True)
    with suppress(KeyboardInterrupt):
        asyncio.run(_follow(folder, look, work))
    click.echo(err=True)


async def _follow(folder: Path, look: str | None, work: Callable[[], None]) -> None:
    # Nobody who builds once waits for what watches.
    from typeset.preview import changes

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
    except (LetterError, OSError):
        return ""
