"""``typesetter check`` and ``typesetter build``: the findings of a letter, and its files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from typeset.cli.output import (
    json_option,
    leave,
    letter_folder,
    opened,
    output_option,
    refusals,
    shown,
    strict_option,
    summary,
    tell,
)
from typeset.diagnostics import Finding, LetterError
from typeset.letter_folder import find_letter
from typeset.pipeline import FORMATS, Artifact, CheckedLetter
from typeset.project import build_project, check_project, lengths, no_version

if TYPE_CHECKING:
    from typeset.incremental_build import IncrementalBuild


@click.command()
@letter_folder
@strict_option
@json_option
@refusals
def check(folder: Path | None, strict: bool, machine: bool) -> None:
    """Check a letter for problems without building it."""
    project = opened(folder, machine=machine)
    checked = check_project(project)
    tell(checked.open, project.sources, shown(project.folder), machine=machine)
    if not machine:
        click.echo(_verdict(checked))
    leave(checked.open, strict=strict)


@click.command()
@letter_folder
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(tuple(FORMATS)), help="Output format (repeatable)."
)
@click.option("--lang", "languages", multiple=True, help="Only this language version (repeatable).")
@click.option(
    "--columns",
    type=click.IntRange(min=0),
    default=72,
    show_default=True,
    help="Line width of txt; 0 puts each paragraph on one line.",
)
@click.option("--look", help="Use this look (a folder in templates/), not the letter's own.")
@output_option
@click.option("--watch", is_flag=True, help="Build again after each change of a file, until interrupted.")
@strict_option
@json_option
@refusals
def build(folder: Path | None, look: str | None, watch: bool, **options: Any) -> None:
    """Build the PDF and HTML of a letter.

    Every page says that it is a draft until the letter is signed off.

    Where PDF is not accepted, use --format: docx for Word, txt for mail and forms, csv and json for the list. Each file
    is read back and compared with the letter before it is written.
    """
    folder = find_letter(folder, Path.cwd())
    build_once = partial(make, folder, look=look, **options)
    if watch:
        from typeset.incremental_build import IncrementalBuild

        follow(folder, look, partial(build_once, warm=IncrementalBuild()))
    else:
        build_once()


def follow(folder: Path, look: str | None, work: Callable[[], None]) -> None:
    """Build now and after each change of the sources, until interrupted."""
    # Imported here: a single build does not need to watch files.
    from typeset.preview import follow_letter

    def done() -> None:
        with suppress(SystemExit):
            work()

    def gone() -> None:
        click.echo(f"{shown(folder)} was removed; waiting until it is back", err=True)

    click.echo(f"watching {shown(folder)}; press Ctrl-C to stop", err=True)
    with suppress(KeyboardInterrupt):
        follow_letter(folder, look, done, gone)
    click.echo(err=True)


@refusals
def make(
    folder: Path,
    *,
    formats: tuple[str, ...],
    languages: tuple[str, ...],
    columns: int,
    look: str | None,
    output: Path,
    strict: bool,
    machine: bool,
    warm: IncrementalBuild | None = None,
) -> None:
    """Build a letter, write its files and list them. ``warm`` keeps laid-out pages between builds with --watch."""
    project = opened(folder, look=look, machine=machine)
    context = replace(project.context, columns=columns)
    project = replace(project, context=warm.at_work(context) if warm else context)
    checked = check_project(project)
    if missing := no_version(checked.letter, languages):
        raise click.UsageError(missing.message)
    try:
        report = build_project(project, checked, output, formats=formats, languages=languages, strict=strict)
    except LetterError as refused:
        tell(refused.findings, project.sources, shown(folder), machine=machine)
        _conclude(refused.findings, output, checked, machine)
        sys.exit(1)
    if machine:
        click.echo(report.data.decode())
    else:
        tell(report.checked.open, project.sources, shown(folder), machine=False)
        for artifact in report.artifacts:
            click.echo(_file_line(report.folder / artifact.name, artifact))
        if {"docx", "txt"} & set(formats):
            for lang, words in lengths(checked).items():
                click.echo(f"{lang}: {words.letter:,} words in the letter, {words.names:,} in the names")
        click.echo(_verdict(report.checked))
    if warm:
        warm.remember(checked)


def _conclude(findings: Sequence[Finding], output: Path, checked: CheckedLetter, machine: bool) -> None:
    """The last line of a refused build: the number of findings, and whether files of an earlier build are there."""
    if machine:
        return
    target = output / checked.letter.id
    earlier = checked.letter.id and any(target.glob("*.pdf"))
    older = f"; the files in {shown(target)} are from an earlier build" if earlier else ""
    click.echo(f"nothing was built: {summary(findings)}{older}", err=True)


def _file_line(path: Path, made: Artifact) -> str:
    pages = f"{made.pages} page{'s' if made.pages > 1 else ''}, " if made.pages else ""
    return f"{shown(path)}  ({pages}{len(made.data) / 1000:.0f} kB)"


def _verdict(checked: CheckedLetter) -> str:
    """How many signed a letter, and how many findings it has."""
    counts = checked.letter.counts
    signed = f"{counts.named} signatories by name"
    if counts.anonymous:
        signed += f", {counts.anonymous} anonymous"
    decided = f", {len(checked.answered)} decided" if checked.answered else ""
    return f"{checked.letter.id or 'letter'}: {signed}; {summary(checked.open)}{decided}"
