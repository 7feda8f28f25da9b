"""``typesetter archive`` and ``rebuild``: list, verify, export and rebuild archived editions."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from typeset.archive import (
    KINDS,
    Exported,
    Milestone,
    contents,
    described,
    export_edition,
    finish,
    open_edition,
    restore_letter,
    verify_archive,
    write_report,
)
from typeset.cli.output import (
    EXISTING,
    PATH,
    Clock,
    archive_of,
    archive_option,
    as_json,
    build_context,
    dump,
    json_option,
    leave,
    refusals,
    shown,
    summary,
    tell,
    trust_option,
    visible,
)
from typeset.diagnostics import Finding
from typeset.letter_folder import cache_folder
from typeset.pipeline import GENERATOR
from typeset.signing import read_configuration, trusted_roots
from typeset.sources import house
from typeset.trust_store import is_trusted


@click.group()
def archive() -> None:
    """List, show, verify and export published editions.

    Name an edition as letter@number, for example some-letter@2. Without the number the latest edition is used; without
    any name, the only letter in the archive.
    """


@archive.command("list")
@click.argument("letters", nargs=-1)
@archive_option
@json_option
@refusals
def list_editions(letters: tuple[str, ...], place: Path | None, machine: bool) -> None:
    """List editions with date, counts, approvals and digest."""
    found = contents(archive_of(place), letters)
    if machine:
        click.echo(dump({name: [one.document() for one in grown] for name, grown in found.letters.items()}))
        leave(found.findings)
    for name, grown in found.letters.items():
        demonstration = "   (demonstrations)" if grown[-1].edition.name.demonstration else ""
        click.echo(f"{name}{demonstration}")
        for one in grown:
            click.echo(f"  {_line(one)}")
    if not (found.letters or found.findings):
        click.echo("the archive is empty: typesetter publish adds an edition")
    tell(found.findings, None, "", machine=False)
    leave(found.findings)


@archive.command("show")
@click.argument("edition", required=False, default="")
@click.argument("file", required=False)
@archive_option
@json_option
@refusals
def show(edition: str, file: str | None, place: Path | None, machine: bool) -> None:
    """Show an edition and its files, or print one of its files."""
    one = open_edition(archive_of(place), edition)
    if file:
        sys.stdout.buffer.write(one.read(file))
        return
    if machine:
        click.echo(dump(one.document(with_files=True)))
        return
    record = one.record
    for lang, title in record.about.titles.items():
        click.echo(f"{visible(title)} ({lang})")
    counts = f"{record.about.total}: {record.about.named} by name, {record.about.anonymous} anonymous"
    click.echo(f"edition    {one.name}{' (demonstration)' if record.demonstration else ''}")
    click.echo(f"dated      {record.about.date or 'no date'}")
    click.echo(f"signed by  {counts}")
    for sign in record.about.sign_off:
        click.echo(f"approved   {visible(sign.name)} as {visible(sign.role)}, {sign.when[:10]}")
    click.echo(f"deposited  {one.created} by {visible(one.by)}, {record.generator}")
    click.echo(f"manifest   {record.digest}")
    click.echo(f"follows    {record.predecessor or 'none: this is the first edition'}")
    heading = ""
    order = [what for _, _, what in KINDS]
    for name, path in sorted(one.paths.items(), key=lambda item: (order.index(described(item[0])), item[0])):
        if described(name) != heading:
            heading = described(name)
            click.echo(heading)
        click.echo(f"  {visible(name)}  ({path.stat().st_size / 1000:.1f} kB)")


@archive.command("verify")
@click.argument("letters", nargs=-1)
@click.option("--finish", "complete", is_flag=True, help="First complete deposits that were interrupted.")
@click.option("--fixity", is_flag=True, help="Check only the files and the chain of editions, not the signatures.")
@trust_option
@archive_option
@json_option
@refusals
def verify(
    letters: tuple[str, ...], complete: bool, fixity: bool, trust: tuple[Path, ...], place: Path | None, machine: bool
) -> None:
    """Verify files, the chain of editions, and signatures."""
    kept = archive_of(place)
    finished = finish(kept) if complete else ()
    configuration = read_configuration(Path.cwd())
    tell(configuration.ignored, None, "", machine=False)
    trusted = trusted_roots(configuration, trust)
    findings: list[Finding] = []
    checks: list[dict[str, Any]] = []
    for checked in verify_archive(kept, letters, roots=trusted, now=datetime.now(UTC), fixity_only=fixity):
        findings += [_from_here(finding) for finding in checked.findings]
        what = checked.object_id or "archive root"
        checks.append({"object": checked.object_id, "editions": checked.editions, "files": checked.files})
        if not machine:
            size = f"{checked.editions} editions, {checked.files} files, {checked.size / 1e6:.1f} MB; "
            click.echo(f"{what}: {size if checked.object_id else ''}{summary(checked.findings)}")
    if machine:
        click.echo(dump({"finished": list(finished), "checked": checks, "findings": as_json(findings, "")}))
    else:
        for name in finished:
            click.echo(f"{name}: an interrupted deposit was completed")
        tell(findings, None, "", machine=False)
    leave(findings)


@archive.command("export")
@click.argument("edition", required=False, default="")
@click.option("--to", "target", required=True, type=PATH, help="New folder to write to.")
@click.option("--pdf", is_flag=True, help="Export only the signed PDF and its proof, not the whole edition.")
@click.option("--lang", default="", help="With --pdf: only this language version.")
@archive_option
@refusals
def export(edition: str, target: Path, pdf: bool, lang: str, place: Path | None) -> None:
    """Export an edition as a bag (BagIt) or as a signed PDF.

    A bag is what archives and libraries accept.
    """
    today = datetime.now(UTC).date()
    _tell_exported(
        export_edition(archive_of(place), edition, target, packed=today, agent=GENERATOR, signed=pdf, lang=lang)
    )


@archive.command("restore")
@click.argument("edition")
@click.argument("folder", type=PATH)
@archive_option
@refusals
def restore(edition: str, folder: Path, place: Path | None) -> None:
    """Restore the letter folder that an edition was made from."""
    _tell_exported(restore_letter(archive_of(place), edition, folder))


@archive.command("report")
@click.argument("letter", required=False, default="")
@click.option("--output", type=PATH, help="File to write. Default: output/LETTER/editions.html.")
@archive_option
@refusals
def report(letter: str, output: Path | None, place: Path | None) -> None:
    """Write one page that shows all editions of a letter.

    It has a time line, the growth of the list, and links to every file.
    """
    written = write_report(archive_of(place), letter, output, generator=GENERATOR)
    click.echo(f"{shown(written.page)}: {written.editions} editions")


@click.command()
@click.argument("edition", required=False, default="")
@click.option("--archived", is_flag=True, help="Use the archived program, even if it is the same version as this one.")
@click.option("--wheel", "wheels", multiple=True, type=EXISTING, help="Use this program instead (repeatable).")
@click.option("--lock", type=EXISTING, help="Packages that the program of --wheel needs.")
@click.option("--faces", multiple=True, type=PATH, help="Folder with the fonts of that program (repeatable).")
@archive_option
@json_option
@refusals
def rebuild(
    edition: str,
    archived: bool,
    wheels: tuple[Path, ...],
    lock: Path | None,
    faces: tuple[Path, ...],
    place: Path | None,
    machine: bool,
) -> None:
    """Build an archived edition again and compare every byte.

    If another version of typeset made the edition, that version is installed from the archive into your cache folder
    and builds it. If a file differs, the finding names the tool that has another version.
    """
    # Imported here: commands that only read an archive need no layout engine.
    from typeset.program import LOCK, Program
    from typeset.rebuild import EarlierVersions, changed_tools, rebuild_edition

    if bool(wheels) != bool(lock):
        raise click.UsageError("--wheel and --lock must be given together")
    given = {path.name: path.read_bytes() for path in wheels} | ({LOCK: lock.read_bytes()} if lock else {})
    earlier = EarlierVersions(
        own=_trusted_archive(),
        folder=cache_folder() / "environments",
        faces=(house() / "fonts", *faces),
        always=archived,
        given=Program(files=given) if given else None,
        announce=lambda what: click.echo(what, err=True),
    )
    clock = Clock(shown=not machine)
    rebuilt = rebuild_edition(archive_of(place), edition, lambda sources: build_context(sources, clock), earlier)
    if machine:
        tools = [{"name": tool.name, "then": tool.then or None, "now": tool.now or None} for tool in rebuilt.tools]
        files = {name: str(match) for name, match in rebuilt.files.items()}
        document = {"edition": str(rebuilt.edition), "same": rebuilt.same, "files": files, "tools": tools}
        document |= {"program": rebuilt.program} if rebuilt.program else {}
        click.echo(dump({**document, "findings": as_json(rebuilt.findings, "")}))
    else:
        for name, match in rebuilt.files.items():
            click.echo(f"{match:<8}  {name}")
        tell(rebuilt.findings, None, "", machine=False)
        if rebuilt.same:
            others = f" ({changed_tools(rebuilt.tools)})" if rebuilt.tools else ""
            by = f" by {rebuilt.program}" if rebuilt.program else ""
            click.echo(f"{rebuilt.edition} was rebuilt{by}: every byte is the same{others}")
    leave(rebuilt.findings)


def _trusted_archive() -> Path | None:
    """The archive whose programs may be run: one that the user's settings name, or that of a trusted folder."""
    here, own = Path.cwd(), archive_of(None)
    return own if is_trusted(here) or own != here / "archive" else None


def _tell_exported(exported: Exported) -> None:
    click.echo(f"{shown(exported.folder)}: {exported.files} files of edition {exported.edition}")


def _line(one: Milestone) -> str:
    record = one.edition.record
    about = record.about
    signed = ", ".join(f"{visible(sign.name)} ({visible(sign.role)})" for sign in about.sign_off)
    joined, withdrawn = len(one.change.joined), len(one.change.withdrawn)
    came = f"+{joined} −{withdrawn}" if withdrawn else f"+{joined}"
    return "   ".join(
        part
        for part in (
            f"@{record.number}",
            one.edition.created[:10],
            f"{about.total} signatories ({came})" if one.letter else f"{about.total} signatories",
            f"signed off by {signed}" if signed else "",
            record.digest[:16],
        )
        if part
    )


def _from_here(finding: Finding) -> Finding:
    """A finding with its path relative to the current folder."""
    place = finding.place
    return replace(finding, place=replace(place, file=shown(Path(place.file)))) if place else finding
