"""The commands of a letter's daily life, init and check, and what build does where nobody has done it yet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from typeset.cli.concluding import file_line, verdict
from typeset.cli.drawing import summary
from typeset.cli.session import (
    Clock,
    build_context,
    json_option,
    leave,
    letter_folder,
    refusals,
    shown,
    strict_option,
    tell,
)
from typeset.diagnostics import Finding, Refused, Severity
from typeset.pipeline import EDITION, CheckedLetter, examine
from typeset.pipeline import build as build_letter
from typeset.report import build_report, lengths
from typeset.sources import Sources
from typeset.workspace import find_letter, new_folder, read_sources, write_files

if TYPE_CHECKING:
    from typeset.warm import Warm


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
        click.echo(f"next: read {shown(folder)}/import-report.md, then typesetter check {shown(folder)}")


@click.command()
@letter_folder
@strict_option
@json_option
@refusals
def check(folder: Path | None, strict: bool, machine: bool) -> None:
    """Say everything that can be known of a letter without rendering it."""
    folder = find_letter(folder, Path.cwd())
    sources = read_sources(folder)
    checked = examine(sources, build_context(sources, Clock(shown=not machine)))
    tell(checked.open, sources, shown(folder), machine=machine)
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
    warm: Warm | None = None,
) -> None:
    """Build a letter, write its files and tell of them; upon what is ``warm``, where it is built again and again."""
    sources = read_sources(folder, look)
    clock = Clock(shown=not machine)
    context = replace(build_context(sources, clock), columns=columns)
    context = warm.at_work(context) if warm else context
    checked = examine(sources, context)
    known = tuple(version.lang for version in checked.letter.versions)
    if unknown := set(languages) - set(known):
        raise click.UsageError(f"the letter has no version in {', '.join(sorted(unknown))}; it has {', '.join(known)}")
    try:
        if strict and (warnings := _warnings(checked)):
            raise Refused(warnings)
        made = build_letter(checked, context, formats=formats or EDITION, languages=languages or known)
    except Refused as refused:
        tell(refused.findings, sources, shown(folder), machine=machine)
        _conclude(refused.findings, output, checked, machine)
        sys.exit(1)
    target = output / checked.letter.id
    with clock("write"):
        write_files(target, {artifact.name: artifact.data for artifact in made})
    report = build_report(checked, made, clock.seconds)
    write_files(target, {"build.json": report})
    tell(checked.open, sources, shown(folder), machine=False) if not machine else click.echo(report.decode())
    if not machine:
        for artifact in made:
            click.echo(file_line(target / artifact.name, artifact.pages, len(artifact.data)))
        if {"docx", "txt"} & set(formats):
            for lang, words in lengths(checked).items():
                click.echo(f"{lang}: {words.letter:,} words in the letter, {words.names:,} in the names")
        click.echo(_verdict(checked))
    if warm:
        warm.remember(checked)


def _warnings(checked: CheckedLetter) -> tuple[Finding, ...]:
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
        for finding in checked.open
        if finding.severity is Severity.WARNING
    )


def _conclude(findings: Sequence[Finding], output: Path, checked: CheckedLetter, machine: bool) -> None:
    """The last line of a refusal: how much there is to mend, and that what lies there is older than the sources."""
    if machine:
        return
    target = output / checked.letter.id
    earlier = checked.letter.id and any(target.glob("*.pdf"))
    older = f"; the files in {shown(target)} are from an earlier build" if earlier else ""
    click.echo(f"nothing was built: {summary(findings)}{older}", err=True)


def _verdict(checked: CheckedLetter) -> str:
    letter = checked.letter
    return verdict(
        letter.id,
        named=letter.counts.named,
        anonymous=letter.counts.anonymous,
        open=checked.open,
        decided=len(checked.answered),
    )
