"""``typesetter diff``: what changed between two states of a letter."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from typeset.archive import EditionName, find_edition
from typeset.archive.states import Operand, difference, of_edition, of_pdf, of_sources
from typeset.changes import changes_json
from typeset.cli.drawing import coloured, dump, line_of
from typeset.cli.recording import record, tell_recorded
from typeset.cli.session import Clock, build_context, json_option, refusals, shown
from typeset.cli.shelves import archive_option, named, opened
from typeset.diagnostics import Finding, Refused, Severity
from typeset.diff.data import as_data
from typeset.diff.page import difference_page
from typeset.diff.pages import Pages, compare_pages
from typeset.diff.telling import Line, tell
from typeset.drafts import GENERATOR
from typeset.pipeline import build, examine
from typeset.workspace import find_letter, read_sources, write_files


@click.command()
@click.argument("before", required=False)
@click.argument("after", required=False)
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write one self-contained page, pages compared.")
@click.option("--pages/--no-pages", default=True, help="With --html: the pages side by side.")
@click.option("--demonstration", is_flag=True, help="Hold it against the latest demonstration.")
@click.option("--record", "keeping", is_flag=True, help="Keep what changed in the letter folder, as changes.json.")
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
    """What changed from one state of a letter to another: its list, its words, its decisions, its pages.

    Each is an edition in the archive (letter@2), a letter folder, or a PDF. With one, the letter as it is now is held
    against it; with none, against its latest edition.

    With --record the letter is held against the edition that its letter.toml follows, and what changed is kept beside
    it: the new edition carries it as data, and prints it where the letter has {changes}.
    """
    if keeping:
        if after or page:
            raise click.UsageError("--record takes a letter folder and nothing else")
        folder = find_letter(Path(before) if before else None, Path.cwd())
        changes = record(folder, place)
        click.echo(changes_json(changes).decode(), nl=False) if machine else tell_recorded(folder, changes)
        return
    drawn = bool(page) and pages
    one, other = (
        (_operand(before, place, drawn), _operand(after, place, drawn))
        if before and after
        else _since(before, place, drawn, demonstration=demonstration)
    )
    told, then, now, remarks = difference(one, other)
    if page:
        seen = _pages(one, other) if pages else {}
        data = difference_page(told, then, now, seen, generator=GENERATOR, remarks=remarks)
        write_files(page.parent, {page.name: data})
    if machine:
        click.echo(dump({**as_data(told), "remarks": list(remarks)}))
        return
    for remark in remarks:
        click.echo(remark, err=True)
    colour = coloured(sys.stdout)
    click.echo(line_of(Line(heading=f"{told.before} → {told.after}"), colour=colour))
    for line in tell(told):
        click.echo(line_of(line, colour=colour))
    if told.is_empty:
        click.echo("nothing changed")
    if page:
        click.echo(f"{shown(page)}  ({page.stat().st_size / 1e6:.1f} MB)")


def _since(before: str | None, place: Path | None, drawn: bool, *, demonstration: bool) -> tuple[Operand, Operand]:
    """A letter as it is now, and what it is held against: the named state, or its own latest edition."""
    if before and not Path(before).is_dir():
        return _operand(before, place, drawn), _folder(find_letter(None, Path.cwd()), drawn)
    now = _folder(find_letter(Path(before) if before else None, Path.cwd()), drawn)
    name = EditionName(letter=now.state.letter.id, demonstration=demonstration)
    return of_edition(find_edition(opened(place), name)), now


def _operand(text: str, place: Path | None, drawn: bool) -> Operand:
    path = Path(text)
    if path.is_dir():
        return _folder(path, drawn)
    if path.is_file():
        return of_pdf(path.read_bytes(), path.name)
    if text.endswith(".pdf") or "/" in text:
        fact = f"there is no file or folder {text}"
        raise Refused([Finding(code="no-such-file", severity=Severity.ERROR, fact=fact, hint="name one, or letter@2")])
    root = opened(place)
    return of_edition(find_edition(root, named(root, text)))


def _folder(folder: Path, drawn: bool) -> Operand:
    """A letter folder; its pages are built where they are to be seen and can be."""
    sources = read_sources(folder)
    pdfs: dict[str, bytes] = {}
    if drawn:
        context = build_context(sources, Clock(shown=True))
        checked = examine(sources, context)
        langs = [version.lang for version in checked.letter.versions]
        pdfs = {made.lang: made.data for made in build(checked, context, formats=("pdf",), languages=langs)}
    return of_sources(sources, shown(folder), pdfs)


def _pages(before: Operand, after: Operand) -> Mapping[str, Pages]:
    """The pages of every language that both sides have; of two PDFs, whatever they are."""
    if "" in (*before.pdfs, *after.pdfs):
        pairs = {"": (next(iter(before.pdfs.values()), b""), next(iter(after.pdfs.values()), b""))}
    else:
        pairs = {lang: (before.pdfs[lang], data) for lang, data in after.pdfs.items() if lang in before.pdfs}
    return {lang: compare_pages(*pair) for lang, pair in pairs.items() if all(pair)}
