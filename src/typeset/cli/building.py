"""The command that makes the files of a letter."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from typeset.cli.letters import make
from typeset.cli.session import json_option, letter_folder, refusals, strict_option
from typeset.pipeline import FORMATS
from typeset.workspace import find_letter


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
        from typeset.cli.watching import follow
        from typeset.warm import Warm

        follow(folder, look, partial(making, warm=Warm()))
    else:
        making()
