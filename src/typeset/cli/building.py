"""The command that makes the files of a letter: takes them from a running preview, or has them made."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from typeset.cli.concluding import file_line, verdict
from typeset.cli.session import Clock, json_option, letter_folder, refusals, shown, strict_option, tell
from typeset.diagnostics import Severity
from typeset.preview.handed import KINDS, Handed, handed_over
from typeset.workspace import find_letter, write_files


class Formats(click.ParamType):  # type: ignore[type-arg]  # generic only in the latest releases
    """One of the outputs there are. What makes them is not imported for those that a preview has made."""

    name = "choice"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name of an output."""
        return value if value in KINDS else self._all().convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """All of their names."""
        return self._all().get_metavar(param, ctx)

    @staticmethod
    def _all() -> click.Choice[str]:
        from typeset.pipeline import FORMATS

        return click.Choice(tuple(FORMATS))


@click.command()
@letter_folder
@click.option("--format", "formats", multiple=True, type=Formats(), help="This output; several may be named.")
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

    While typesetter preview shows the letter, the files are those that it has made already.
    """
    folder = find_letter(folder, Path.cwd())
    if not (watch or look) and _from_preview(
        folder, formats or KINDS, languages, output=output, strict=strict, machine=machine
    ):
        return
    # Imported only now: most of what is done here is done by the time that all this is there.
    from typeset.cli.letters import make

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


def _from_preview(
    folder: Path, kinds: Sequence[str], languages: Sequence[str], *, output: Path, strict: bool, machine: bool
) -> bool:
    """Whether a running preview has made all this, and it was written and told as a build does.

    Whatever is to be refused is left to the build, which says it before it has set a page.
    """
    # A preview makes files of the letter's own day.
    if not set(kinds) <= set(KINDS) or os.environ.get("SOURCE_DATE_EPOCH"):
        return False
    with Clock(shown=not machine)("preview"):
        handed = handed_over(folder)
    if handed is None or not set(languages) <= set(handed.languages):
        return False
    if strict and any(finding.severity is Severity.WARNING for finding in handed.open):
        return False
    _take(handed, kinds, languages or handed.languages, folder, output, machine)
    return True


def _take(
    handed: Handed, kinds: Sequence[str], languages: Sequence[str], folder: Path, output: Path, machine: bool
) -> None:
    told, clock = handed.report, Clock(shown=not machine)
    made = handed.made(kinds, languages)
    target = output / told["letter"]
    with clock("write"):
        began = time.perf_counter()
        write_files(target, {one["name"]: handed.files[one["name"]] for one in made})
        seconds = {"write": round(time.perf_counter() - began, 4)}
    report = handed.report_of(made, kinds, seconds)
    write_files(target, {"build.json": report})
    if machine:
        click.echo(report.decode())
        return
    tell(handed.open, handed.sources, shown(folder), machine=False)
    for one in made:
        click.echo(file_line(target / one["name"], one.get("pages", 0), one["bytes"]))
    counts = told["counts"]
    click.echo(
        verdict(
            told["letter"],
            named=counts["named"],
            anonymous=counts["anonymous"],
            open=handed.open,
            decided=len(told["findings"]["decided"]),
        )
    )
    click.echo("built by the preview that is running", err=True)
