"""The commands of a letter's daily life: init, check, build."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from typeset.cli.drawing import summary
from typeset.cli.session import (
    Clock,
    json_option,
    leave,
    letter_folder,
    refusals,
    shown,
    strict_option,
    tell,
    workshop,
)
from typeset.diagnostics import Finding, Refused, Severity
from typeset.pipeline import EDITION, FORMATS, Artifact, Reading, examine
from typeset.pipeline import build as build_letter
from typeset.report import build_report, lengths
from typeset.sources import Sources
from typeset.workspace import find_letter, new_folder, read_sources, write_files


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
        from typeset.cli.beginning import begin

        begin(folder, lang, machine=machine)
        return
    # Whoever builds a letter does not wait for what reads raw text.
    from typeset.importing import import_raw

    raw = source.read_bytes()
    sources = Sources({source.name: raw})
    try:
        imported = import_raw(raw, id=folder.name, source_name=source.name, lang=lang)
        new_folder(folder, imported.files)
    except Refused as refused:
        tell(refused.findings, sources, shown(source.parent), machine=machine)
        sys.exit(1)
    decoded = Sources({source.name: imported.text.encode()})
    tell(imported.findings, decoded, shown(source.parent), machine=machine)
    if not machine:
        logged = f"{len(imported.fixes)} fixes, {summary(imported.findings)}"
        click.echo(f"{shown(folder)}: {len(imported.signatories)} signatories; {logged}")
        click.echo(f"next: read {shown(folder)}/import-report.md, then typeset check {shown(folder)}")


@click.command()
@letter_folder
@strict_option
@json_option
@refusals
def check(folder: Path | None, strict: bool, machine: bool) -> None:
    """Say everything that can be known of a letter without rendering it."""
    folder = find_letter(folder, Path.cwd())
    sources = read_sources(folder)
    reading = examine(sources, workshop(sources, Clock(shown=not machine)))
    tell(reading.open, sources, shown(folder), machine=machine)
    if not machine:
        click.echo(_verdict(reading))
    leave(reading.open, strict=strict)


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
    making = partial(
        _make,
        find_letter(folder, Path.cwd()),
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

        follow(find_letter(folder, Path.cwd()), look, making)
    else:
        making()


@refusals
def _make(
    folder: Path,
    *,
    formats: tuple[str, ...],
    languages: tuple[str, ...],
    columns: int,
    look: str | None,
    output: Path,
    strict: bool,
    machine: bool,
) -> None:
    sources = read_sources(folder, look)
    clock = Clock(shown=not machine)
    shop = replace(workshop(sources, clock), columns=columns)
    reading = examine(sources, shop)
    known = tuple(version.lang for version in reading.letter.versions)
    if unknown := set(languages) - set(known):
        raise click.UsageError(f"the letter has no version in {', '.join(sorted(unknown))}; it has {', '.join(known)}")
    try:
        if strict and (warnings := _warnings(reading)):
            raise Refused(warnings)
        made = build_letter(reading, shop, formats=formats or EDITION, languages=languages or known)
    except Refused as refused:
        tell(refused.findings, sources, shown(folder), machine=machine)
        _conclude(refused.findings, output, reading, machine)
        sys.exit(1)
    target = output / reading.letter.id
    with clock("write"):
        write_files(target, {artifact.name: artifact.data for artifact in made})
    report = build_report(reading, made, clock.seconds)
    write_files(target, {"build.json": report})
    tell(reading.open, sources, shown(folder), machine=False) if not machine else click.echo(report.decode())
    if not machine:
        for artifact in made:
            click.echo(_line(artifact, target))
        if {"docx", "txt"} & set(formats):
            for lang, words in lengths(reading).items():
                click.echo(f"{lang}: {words.letter:,} words in the letter, {words.names:,} in the names")
        click.echo(_verdict(reading))


def _warnings(reading: Reading) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=finding.code,
            severity=Severity.ERROR,
            fact=finding.fact,
            place=finding.place,
            hint=finding.hint,
            subject=finding.subject,
            evidence=finding.evidence,
            proposal=finding.proposal,
        )
        for finding in reading.open
        if finding.severity is Severity.WARNING
    )


def _conclude(findings: Sequence[Finding], output: Path, reading: Reading, machine: bool) -> None:
    """The last line of a refusal: how much there is to mend, and that what lies there is older than the sources."""
    if machine:
        return
    target = output / reading.letter.id
    earlier = reading.letter.id and any(target.glob("*.pdf"))
    older = f"; the files in {shown(target)} are from an earlier build" if earlier else ""
    click.echo(f"nothing was built: {summary(findings)}{older}", err=True)


def _line(artifact: Artifact, target: Path) -> str:
    pages = f"{artifact.pages} page{'s' if artifact.pages > 1 else ''}, " if artifact.pages else ""
    return f"{shown(target / artifact.name)}  ({pages}{len(artifact.data) / 1000:.0f} kB)"


def _verdict(reading: Reading) -> str:
    letter = reading.letter
    signed = f"{letter.counts.named} signatories by name"
    if letter.counts.anonymous:
        signed += f", {letter.counts.anonymous} anonymous"
    decided = f", {len(reading.answered)} decided" if reading.answered else ""
    return f"{letter.id or 'letter'}: {signed}; {summary(reading.open)}{decided}"
