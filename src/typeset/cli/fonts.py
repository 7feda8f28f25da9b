"""``typesetter fonts``: what covers what, what a letter needs, a face added."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from typeset.cli.output import Clock, build_context, dump, json_option, letter_folder, refusals, shown, tell
from typeset.diagnostics import LetterError
from typeset.font_specimen import face_plans, write_specimen
from typeset.fonts import FaceReport, Need, add_face_file, coverage_report, needs
from typeset.letter_folder import find_letter, read_sources
from typeset.pipeline import examine


@click.group()
def fonts() -> None:
    """The faces there are, what a letter needs of them, and how to add one."""


@fonts.command("list")
@click.option("--letter", "folder", type=click.Path(path_type=Path), help="With the faces of this letter's own.")
@json_option
@refusals
def list_faces(folder: Path | None, machine: bool) -> None:
    """Every face with what it covers, its licence, and whether the file is what it should be."""
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
    """Which face sets which characters of a letter, and what no face can set."""
    folder = find_letter(folder, Path.cwd())
    sources = read_sources(folder)
    plans = face_plans(sources, build_context(sources, Clock(shown=False)))
    if machine:
        click.echo(dump({lang: [need.document() for need in needs(plan)] for lang, plan in plans.items()}))
    else:
        for lang, plan in plans.items():
            click.echo(f"{lang}:")
            for need in needs(plan):
                _draw_need(need)
    findings = [finding for plan in plans.values() for finding in plan.findings]
    if findings:
        tell(findings, sources, shown(folder), machine=False)
        sys.exit(1)


@fonts.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Folder of faces; the letter's fonts/ otherwise.")
@click.option("--script", "scripts", multiple=True, required=True, help="A script it is to set (ISO 15924): Hang.")
@click.option("--lang", "languages", multiple=True, help="A language whose forms it has, if not everybody's: ko.")
@click.option("--licence", default="", help="Its licence (SPDX), where the file itself does not say.")
@click.option(
    "--licence-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The licence's text."
)
@click.option("--package", default="", help="Where it comes from, for the record.")
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
    """Add a face: its file is examined, its licence and its embedding rights are looked at, its entry is written."""
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
@click.option("--output", type=click.Path(path_type=Path), default=Path("output"), show_default=True)
@refusals
def make_specimen(folder: Path | None, output: Path) -> None:
    """Make a PDF that shows every face of a letter and every character it sets."""
    folder = find_letter(folder, Path.cwd())
    sources = read_sources(folder)
    context = build_context(sources, Clock(shown=True))
    click.echo(shown(write_specimen(examine(sources, context), context, output)))


def _draw_face(report: FaceReport) -> None:
    face = report.face
    manner = f"{face.weight}{' italic' if face.style == 'italic' else ''}"
    own = {name: count for name, count in report.scripts.items() if name not in ("Zyyy", "Zinh", "Zzzz")}
    most = ", ".join(f"{name} {count}" for name, count in list(own.items())[:5])
    good = "" if report.digest_ok else "   the file is not the one in fonts.toml"
    click.echo(f"{face.family} {manner}   {face.file}   {report.size / 1e6:.1f} MB   {face.licence}{good}")
    click.echo(f"    {report.code_points} characters: {most}" + (", …" if len(own) > 5 else ""))


def _draw_need(need: Need) -> None:
    sample = need.characters.strip()
    click.echo(
        f"  {need.slot} {need.weight}{' italic' if need.style == 'italic' else ''}   {need.face.file}   "
        f"{len(need.characters)} characters: {sample[:48]}{'…' if len(sample) > 48 else ''}"
    )
