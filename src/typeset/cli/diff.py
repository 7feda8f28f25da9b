"""``typesetter diff``: what changed between two states of a letter."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from typeset.archive import compare_states, write_comparison
from typeset.cli.output import (
    PATH,
    Clock,
    archive_of,
    archive_option,
    build_context,
    coloured,
    dump,
    json_option,
    line_of,
    refusals,
    shown,
)
from typeset.diff import ReportLine, as_data, tell
from typeset.edition_changes import FILE, changes_json
from typeset.letter_folder import find_letter
from typeset.model import Changes
from typeset.pipeline import GENERATOR, build, examine
from typeset.publishing import SincePredecessor, record_changes
from typeset.sources import Sources

_MOST_LINES = 24


@click.command()
@click.argument("before", required=False)
@click.argument("after", required=False)
@click.option("--html", "page", type=PATH, help="Write the comparison to this file, as one web page.")
@click.option("--pages/--no-pages", default=True, help="With --html: show the pages side by side.")
@click.option("--demonstration", is_flag=True, help="Compare with the latest demonstration.")
@click.option("--record", "keeping", is_flag=True, help="Write the changes to changes.json in the letter folder.")
@archive_option
@json_option
@refusals
def diff(
    before: str | None,
    after: str | None,
    page: Path | None,
    pages: bool,
    demonstration: bool,
    keeping: bool,
    place: Path | None,
    machine: bool,
) -> None:
    """Compare two states of a letter.

    A state is an edition in the archive (letter@2), a letter folder or a PDF. One state is compared with the letter as
    it is now. Without any, the letter is compared with its latest edition. What is compared: the list, the text, the
    decisions and the pages.

    With --record the letter is compared with the edition that its letter.toml follows, and the changes are written into
    the letter folder. The new edition carries them as data, and prints them where the letter has {changes}.
    """
    if keeping:
        if after or page:
            raise click.UsageError("--record takes one letter folder, and not --html")
        folder = find_letter(Path(before) if before else None, Path.cwd())
        changes = record_changes(folder, archive_of(place))
        click.echo(changes_json(changes).decode(), nl=False) if machine else _tell_recorded(folder, changes)
        return
    comparison = compare_states(
        before,
        after,
        here=Path.cwd(),
        archive=place,
        draw=_drafts if page and pages else None,
        demonstration=demonstration,
    )
    difference = comparison.difference
    if page:
        write_comparison(comparison, page, generator=GENERATOR, pages=pages)
    if machine:
        click.echo(dump({**as_data(difference), "remarks": list(comparison.remarks)}))
        return
    for remark in comparison.remarks:
        click.echo(remark, err=True)
    colour = coloured(sys.stdout)
    click.echo(line_of(ReportLine(heading=f"{difference.before} → {difference.after}"), colour=colour))
    for line in tell(difference):
        click.echo(line_of(line, colour=colour))
    if difference.is_empty:
        click.echo("nothing changed")
    if page:
        click.echo(f"{shown(page)}  ({page.stat().st_size / 1e6:.1f} MB)")


def lines_since(since: SincePredecessor) -> Iterator[str]:
    """What changed since the previous edition, as lines for the person who approves."""
    if since.predecessor is None:
        yield f"edition {since.number} is not in the archive, so it cannot be compared"
        return
    yield f"since {since.label}: {since.summary}"
    for line in since.lines[:_MOST_LINES]:
        yield line_of(line, colour=False)
    if len(since.lines) > _MOST_LINES:
        yield f"  and {len(since.lines) - _MOST_LINES} more lines: typesetter diff {since.predecessor}"
    for finding in since.findings:
        yield f"{finding.severity}[{finding.code}] {finding.message}: {finding.hint}"


def _tell_recorded(folder: Path, changes: Changes) -> None:
    counted = {
        "joined": len(changes.joined),
        "withdrawn": len(changes.withdrawn),
        "corrected": len(changes.corrected),
        "renumbered": len(changes.renumbered),
    }
    if texts := sum(not text.is_empty for text in changes.texts):
        counted["text changed" if texts == 1 else "texts changed"] = texts
    summary = ", ".join(f"{count} {what}" for what, count in counted.items() if count) or "no changes"
    click.echo(f"{shown(folder / FILE)}: since edition {changes.edition - 1}: {summary}")
    if named := [str(one.number) for one in changes.withdrawn if one.name]:
        click.echo(f"it names the withdrawn signatories {', '.join(named)}, as letter.toml asks")


def _drafts(sources: Sources) -> Mapping[str, bytes]:
    """The PDF of each version of a letter folder, to compare pages."""
    context = build_context(sources, Clock(shown=True))
    checked = examine(sources, context)
    langs = [version.lang for version in checked.letter.versions]
    return {made.lang: made.data for made in build(checked, context, formats=("pdf",), languages=langs)}
