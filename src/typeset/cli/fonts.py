"""``typesetter fonts``: what covers what, what a letter needs, a face added."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from typeset.cli.output import Clock, build_context, dump, json_option, letter_folder, refusals, shown, tell
from typeset.diagnostics import errors
from typeset.font_specimen import specimen
from typeset.fonts import NAME, FacePlan, Need, add_face, coverage_report, needs
from typeset.letter_folder import find_letter, read_sources, write_files
from typeset.manuscript import read_letter
from typeset.pipeline import composed, examine, planned


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
        click.echo(
            dump(
                [
                    {
                        "file": report.face.file,
                        "family": report.face.family,
                        "weight": report.face.weight,
                        "style": report.face.style,
                        "version": report.face.version,
                        "licence": report.face.licence,
                        "package": report.face.package,
                        "sha256": report.face.digest,
                        "digest_ok": report.digest_ok,
                        "bytes": report.size,
                        "characters": report.code_points,
                        "scripts": dict(report.scripts),
                    }
                    for report in reports
                ]
            )
        )
    else:
        for report in reports:
            face = report.face
            manner = f"{face.weight}{' italic' if face.style == 'italic' else ''}"
            own = {name: count for name, count in report.scripts.items() if name not in ("Zyyy", "Zinh", "Zzzz")}
            most = ", ".join(f"{name} {count}" for name, count in list(own.items())[:5])
            good = "" if report.digest_ok else "   the file is not the one in fonts.toml"
            click.echo(f"{face.family} {manner}   {face.file}   {report.size / 1e6:.1f} MB   {face.licence}{good}")
            click.echo(f"    {report.code_points} characters: {most}" + (", …" if len(own) > 5 else ""))
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
    context = build_context(sources, Clock(shown=False))
    letter = read_letter(sources).letter
    plans = {
        version.lang: planned(composed(letter, version, sources, medium="print"), context.catalogue)[1]
        for version in letter.versions
    }
    if machine:
        click.echo(dump({lang: [_need(need) for need in needs(plan)] for lang, plan in plans.items()}))
    else:
        for lang, plan in plans.items():
            _draw(lang, plan)
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
    catalogue = folder / NAME
    before = catalogue.read_text(encoding="utf-8") if catalogue.exists() else ""
    data = file.read_bytes()
    after, findings = add_face(
        data,
        before,
        file=file.name,
        scripts=scripts,
        languages=languages,
        licence=licence,
        licence_file=licence_file.name if licence_file else "",
        package=package,
    )
    tell(findings, None, shown(folder), machine=False)
    if errors(findings):
        sys.exit(1)
    files = {file.name: data, NAME: after.encode()}
    if licence_file:
        files[licence_file.name] = licence_file.read_bytes()
    write_files(folder, files)
    click.echo(f"added {file.name} to {shown(catalogue)}")


@fonts.command("specimen")
@letter_folder
@click.option("--output", type=click.Path(path_type=Path), default=Path("output"), show_default=True)
@refusals
def make_specimen(folder: Path | None, output: Path) -> None:
    """Make a PDF that shows every face of a letter and every character it sets."""
    folder = find_letter(folder, Path.cwd())
    sources = read_sources(folder)
    context = build_context(sources, Clock(shown=True))
    checked = examine(sources, context)
    name = f"{checked.letter.id}.specimen.pdf"
    write_files(output / checked.letter.id, {name: specimen(checked, context)})
    click.echo(shown(output / checked.letter.id / name))


def _draw(lang: str, plan: FacePlan) -> None:
    click.echo(f"{lang}:")
    for need in needs(plan):
        sample = need.characters.strip()
        click.echo(
            f"  {need.slot} {need.weight}{' italic' if need.style == 'italic' else ''}   {need.face.file}   "
            f"{len(need.characters)} characters: {sample[:48]}{'…' if len(sample) > 48 else ''}"
        )


def _need(need: Need) -> dict[str, object]:
    return {
        "slot": need.slot,
        "weight": need.weight,
        "style": need.style,
        "file": need.face.file,
        "characters": need.characters,
    }
