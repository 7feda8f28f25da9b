"""The commands of a letter's daily life, init and check, and what build does where nobody has done it yet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from typeset.build_report import lengths
from typeset.cli.output import json_option, leave, letter_folder, opened, refusals, shown, strict_option, summary, tell
from typeset.diagnostics import Finding, LetterError
from typeset.letter_folder import find_letter, new_folder
from typeset.pipeline import Artifact, CheckedLetter
from typeset.project import build_project, check_project, no_version
from typeset.sources import Sources

if TYPE_CHECKING:
    from typeset.incremental_build import IncrementalBuild


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--from", "source", type=click.Path(path_type=Path), help="Raw text of the letter and its list.")
@click.option("--lang", default="", help="Its language (BCP 47); of raw text where it does not tell.")
@json_option
@refusals
def init(folder: Path, source: Path | None, lang: str, machine: bool) -> None:
    """Make a letter folder, from raw text where there is some.

    Everything that the import mends, and every doubt it leaves to you, stands in import-report.md in the new folder.
    Without --from the folder is for a letter still to be written: what belongs where is said in its files.
    """
    if source is None:
        # MERGED

        begin(folder, lang, machine=machine)
        return
    # Whoever builds a letter does not wait for what reads raw text.
    from typeset.importer import import_raw

    raw = source.read_bytes()
    sources = Sources({source.name: raw})
    try:
        imported = import_raw(raw, id=folder.name, source_name=source.name, lang=lang)
        new_folder(folder, imported.files)
    except LetterError as refused:
        tell(refused.findings, sources, shown(source.parent), machine=machine)
        sys.exit(1)
    decoded = Sources({source.name: imported.text.encode()})
    tell(imported.findings, decoded, shown(source.parent), machine=machine)
    if not machine:
        logged = f"{len(imported.fixes)} fixes, {summary(imported.findings)}"
        click.echo(f"{shown(folder)}: {len(imported.signatories)} signatories; {logged}")
        click.echo(f"next: read {shown(folder)}/import-report.md, then typesetter check {shown(folder)}")


@click.command()
@letter_folder
@strict_option
@json_option
@refusals
def check(folder: Path | None, strict: bool, machine: bool) -> None:
    """Say everything that can be known of a letter without rendering it."""
    project = opened(find_letter(folder, Path.cwd()), machine=machine)
    checked = check_project(project)
    tell(checked.open, project.sources, shown(project.folder), machine=machine)
    if not machine:
        click.echo(_verdict(checked))
    leave(checked.open, strict=strict)


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
    """Build a letter, write its files and tell of them; upon what is ``warm``, where it is built again and again."""
    project = opened(folder, look=look, machine=machine)
    context = replace(project.context, columns=columns)
    project = replace(project, context=warm.at_work(context) if warm else context)
    checked = check_project(project)
    if missing := no_version(checked.letter, languages):
        raise click.UsageError(missing.fact)
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
    """The last line of a refusal: how much there is to mend, and that what lies there is older than the sources."""
    if machine:
        return
    target = output / checked.letter.id
    earlier = checked.letter.id and any(target.glob("*.pdf"))
    older = f"; the files in {shown(target)} are from an earlier build" if earlier else ""
    click.echo(f"nothing was built: {summary(findings)}{older}", err=True)


def _file_line(path: Path, made: Artifact) -> str:
    told = f"{made.pages} page{'s' if made.pages > 1 else ''}, " if made.pages else ""
    return f"{shown(path)}  ({told}{len(made.data) / 1000:.0f} kB)"


def _verdict(checked: CheckedLetter) -> str:
    """Who signs a letter, and what there is to say of it."""
    counts = checked.letter.counts
    signed = f"{counts.named} signatories by name"
    if counts.anonymous:
        signed += f", {counts.anonymous} anonymous"
    decided = f", {len(checked.answered)} decided" if checked.answered else ""
    return f"{checked.letter.id or 'letter'}: {signed}; {summary(checked.open)}{decided}"


def begin(folder: Path, lang: str, *, machine: bool) -> None:
    """Make the folder and say what comes next. Raises `Refused` where it is there already or cannot be called so."""
    from typeset.importer import new_letter

    # Of ``.`` and ``content/..`` only the folder itself knows its name.
    files = new_letter(id=folder.resolve().name, lang=lang)
    new_folder(folder, files)
    if machine:
        tell((), None, "", machine=True)
        return
    click.echo(f"{shown(folder)}: {', '.join(files)}")
    click.echo(f"write where [?] stands; typesetter check {shown(folder)} says what is still missing,")
    click.echo(f"and typesetter preview {shown(folder)} shows the pages while you write")
