"""``typesetter check`` and ``typesetter build``: the findings of a letter, and its files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from typeset.cli.output import (
    Clock,
    json_option,
    leave,
    letter_folder,
    made,
    output_option,
    refusals,
    shown,
    strict_option,
    summary,
    tell,
)
from typeset.letter_folder import find_letter
from typeset.pipeline import FORMATS
from typeset.project import (
    LetterReport,
    OutputFile,
    build_isolated,
    build_letter,
    check_isolated,
    check_project,
    open_project,
    written,
)

if TYPE_CHECKING:
    from typeset.incremental_build import IncrementalBuild


@click.command()
@letter_folder
@strict_option
@json_option
@refusals
def check(folder: Path | None, strict: bool, machine: bool) -> None:
    """Check a letter for problems without building it."""
    folder = find_letter(folder, Path.cwd())
    report = check_isolated(folder, Clock(shown=not machine))
    tell(report.open, report.sources, shown(folder), machine=machine)
    if not machine:
        click.echo(_verdict(report))
    leave(report.open, strict=strict)


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

    Every page is marked as a draft until the letter is signed off.

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
    wanted: dict[str, Any] = {"formats": formats, "languages": languages, "strict": strict}
    clock = Clock(shown=not machine)
    if warm is None:
        report = build_isolated(folder, output, look=look, made=made(), columns=columns, watch=clock, **wanted)
    else:
        project = open_project(folder, look=look, watch=clock, made=made())
        project = replace(project, context=warm.at_work(replace(project.context, columns=columns)))
        checked = check_project(project)
        report = written(build_letter(project, checked, **wanted), output)
    target = output / report.letter
    if report.refused:
        if report.refused[0].code == "unknown-version":
            raise click.UsageError(report.refused[0].message)
        tell(report.refused, report.sources, shown(folder), machine=machine)
        if not machine:
            click.echo(f"nothing was built: {summary(report.refused)}{_older(report, target)}", err=True)
        sys.exit(1)
    if machine:
        click.echo(report.data.decode())
    else:
        tell(report.open, report.sources, shown(folder), machine=False)
        for file in report.files:
            click.echo(_file_line(target / file.name, file))
        if {"docx", "txt"} & set(formats):
            for lang, (words, names) in report.words.items():
                click.echo(f"{lang}: {words:,} words in the letter, {names:,} in the names")
        click.echo(_verdict(report))
    if warm:
        warm.remember(checked)


def _older(report: LetterReport, target: Path) -> str:
    """What to add to the last line of a refused build when files of an earlier one are there."""
    earlier = report.letter and any(target.glob("*.pdf"))
    return f"; the files in {shown(target)} are from an earlier build" if earlier else ""


def _file_line(path: Path, file: OutputFile) -> str:
    pages = f"{file.pages} page{'s' if file.pages > 1 else ''}, " if file.pages else ""
    return f"{shown(path)}  ({pages}{len(file.data) / 1000:.0f} kB)"


def _verdict(report: LetterReport) -> str:
    """How many signed a letter, and how many findings it has."""
    signed = f"{report.named} signatories by name"
    if report.anonymous:
        signed += f", {report.anonymous} anonymous"
    decided = f", {report.decided} decided" if report.decided else ""
    return f"{report.letter or 'letter'}: {signed}; {summary(report.open)}{decided}"
