"""``typesetter fonts``: list faces, show which ones a letter needs, add a face."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from typeset.cli.output import (
    EXISTING,
    PATH,
    Clock,
    build_context,
    dump,
    json_option,
    letter_folder,
    opened,
    output_option,
    refusals,
    shown,
    tell,
)
from typeset.diagnostics import LetterError
from typeset.font_specimen import face_plans, write_specimen
from typeset.fonts import FaceReport, Need, add_face_file, coverage_report, needs
from typeset.letter_folder import find_letter, read_sources
from typeset.project import check_project


@click.group()
def fonts() -> None:
    """List fonts, see which a letter needs, add a font."""


@fonts.command("list")
@click.option("--letter", "folder", type=PATH, help="Also list the fonts of this letter.")
@json_option
@refusals
def list_faces(folder: Path | None, machine: bool) -> None:
    """List fonts with their scripts, licence and state."""
    sources = read_sources(find_letter(folder, Path.cwd())) if folder else None
    reports = coverage_report(build_context(sources, Clock(shown=False)).catalogue.faces)
    if machine:
        click.echo(dump([report.document() for report in reports]))
    else:
        for report in reports:
            _draw_face(report)
    found = [finding for report in reports for finding in report.findings]
    if found:
        tell(found, sources, "", machine=False)
        sys.exit(1)


@fonts.command("needs")
@letter_folder
@json_option
@refusals
def needed(folder: Path | None, machine: bool) -> None:
    """Show which font sets which characters of a letter.

    A character that no font has is an error.
    """
    project = opened(folder, machine=True)
    plans = face_plans(project.sources, project.context)
    if machine:
        click.echo(dump({lang: [need.document() for need in needs(plan)] for lang, plan in plans.items()}))
    else:
        for lang, plan in plans.items():
            click.echo(f"{lang}:")
            for need in needs(plan):
                _draw_need(need)
    findings = [finding for plan in plans.values() for finding in plan.findings]
    if findings:
        tell(findings, project.sources, shown(project.folder), machine=False)
        sys.exit(1)


@fonts.command("add")
@click.argument("file", type=EXISTING)
@click.option("--to", "folder", type=PATH, help="Folder of fonts. Default: fonts/ in the letter folder.")
@click.option(
    "--script",
    "scripts",
    multiple=True,
    required=True,
    help="Script that the font is for (ISO 15924), e.g. Hang (repeatable).",
)
@click.option(
    "--lang", "languages", multiple=True, help="Language that the font is for, e.g. ko (repeatable). Default: all."
)
@click.option("--licence", default="", help="Licence (SPDX), if the file does not name it.")
@click.option("--licence-file", type=EXISTING, help="File with the text of the licence.")
@click.option("--package", default="", help="Where the font comes from, for the record.")
@refusals
def add(
    file: Path,
    folder: Path | None,
    scripts: tuple[str, ...],
    languages: tuple[str, ...],
    licence: str,
    licence_file: Path | None,
    package: str,
) -> None:
    """Add a font file to a folder of fonts.

    The file, its licence and its embedding rights are checked; then its entry in fonts.toml is written.
    """
    folder = folder or find_letter(None, Path.cwd()) / "fonts"
    try:
        added = add_face_file(
            folder,
            file,
            scripts=scripts,
            languages=languages,
            licence=licence,
            licence_file=licence_file,
            package=package,
        )
    except LetterError as refused:
        tell(refused.findings, None, shown(folder), machine=False)
        sys.exit(1)
    tell(added.findings, None, shown(folder), machine=False)
    click.echo(f"added {file.name} to {shown(added.catalogue)}")


@fonts.command("specimen")
@letter_folder
@output_option
@refusals
def make_specimen(folder: Path | None, output: Path) -> None:
    """Make a PDF that shows the fonts of a letter."""
    project = opened(folder)
    click.echo(shown(write_specimen(check_project(project), project.context, output)))


def _draw_face(report: FaceReport) -> None:
    face = report.face
    manner = f"{face.weight}{' italic' if face.style == 'italic' else ''}"
    own = {name: count for name, count in report.scripts.items() if name not in ("Zyyy", "Zinh", "Zzzz")}
    most = ", ".join(f"{name} {count}" for name, count in list(own.items())[:5])
    good = "" if report.digest_ok else "   the digest differs from fonts.toml"
    click.echo(f"{face.family} {manner}   {face.file}   {report.size / 1e6:.1f} MB   {face.licence}{good}")
    click.echo(f"    {report.code_points} characters: {most}" + (", …" if len(own) > 5 else ""))


def _draw_need(need: Need) -> None:
    sample = need.characters.strip()
    click.echo(
        f"  {need.slot} {need.weight}{' italic' if need.style == 'italic' else ''}   {need.face.file}   "
        f"{len(need.characters)} characters: {sample[:48]}{'…' if len(sample) > 48 else ''}"
    )
