"""``typesetter list``: import, add, withdraw and rename signatories."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from typeset.cli.output import (
    EXISTING,
    PATH,
    as_json,
    dump,
    json_option,
    refusals,
    shown,
    strict_option,
    summary,
    tell,
    visible,
)
from typeset.letter_folder import find_letter
from typeset.manuscript import ROLES
from typeset.signatories import (
    Asked,
    ListEdit,
    ListState,
    Plan,
    add,
    import_tables,
    open_list,
    rename,
    withdraw,
    withdraw_anonymous,
    write_list,
)

_MOST = 50
"""How many new names are shown after an import; a dry run shows all."""


def plan_lines(plan: Plan, folder: str, *, refused: bool, dry: bool) -> Iterator[str]:
    """An import as lines of text: columns, new signatories, and rows that add no signatory."""
    for each in plan.read:
        sheet = each.headed.sheet
        name = f"{each.file}, sheet {sheet.name}" if sheet.name else each.file
        facts = "; ".join(sheet.facts)
        named = f"{len(each.entries)} named" + (f", {len(each.unnamed)} anonymous" if each.unnamed else "")
        yield f"{visible(name)} ({facts}): {_many(each.rows, 'row')}, {named}"
        known = "from letter.toml" if each.headed.known else "from the headings or from --map"
        yield f"  columns, {known}:"
        for role in ROLES:
            for heading in each.headed.columns.of(role):
                yield f"    {role:<10} {visible(heading)}"
    for number in plan.withdrawn:
        yield f"- {number:>5}  withdrawn: wants to be anonymous"
    for arrival in plan.added if dry or refused or len(plan.added) <= _MOST else ():
        one = arrival.signatory
        yield f"+ {one.number:>5}  {visible(one.name)}  [{one.lang}, {one.kind}]  {arrival.entry.place.spot()}"
    for left in plan.left:
        yield f"  not new: {left.entry.place.spot()}  {visible(left.entry.name)}: {left.why}"
    for each in plan.read:
        for passed in each.passed:
            yield f"  not read: {passed.place.spot()}: {passed.why}"
    if plan.renumbered:
        yield f"  {len(plan.renumbered)} signatories get new numbers"
    known, decided = _many(plan.known, "row"), _many(len(plan.answered), "doubt")
    yield f"{known} of signatories who are already on the list; {decided} decided"
    yield f"named {plan.named[0]} → {plan.named[1]}, anonymous {plan.anonymous[0]} → {plan.anonymous[1]}"
    yield _verdict(plan, folder, refused=refused, dry=dry)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _verdict(plan: Plan, folder: str, *, refused: bool, dry: bool) -> str:
    if refused:
        return f"nothing was imported: {summary(plan.open)}; correct or decide these, then import again"
    if not plan.files:
        return "nothing to change"
    return f"{'would change' if dry else 'changed'} in {folder}: {', '.join(plan.files)}"


letter_option = click.option("--letter", "folder", type=PATH, help="Letter folder, if there are several.")
by_option = click.option("--by", default="", help="Who decides: a role or a person's name.")
why_option = click.option("--why", default="", help="The reason, for people who read it in ten years.")
dry_option = click.option("--dry-run", "dry", is_flag=True, help="Show what would change; change nothing.")
renumber_option = click.option(
    "--renumber", is_flag=True, help="Allow other signatories to get new numbers (list in alphabetical order)."
)


@click.group("list")
def listing() -> None:
    """Import signatories; add, rename or withdraw one."""


@listing.command("import")
@click.argument("files", nargs=-1, required=True, type=EXISTING)
@letter_option
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="ROLE=HEADING",
    help=f"What a column contains (repeatable): {', '.join(ROLES)}.",
)
@click.option(
    "--answer",
    "replies",
    multiple=True,
    metavar="TEXT=MEANING",
    help="Meaning of a reply: named or anonymous (repeatable).",
)
@click.option("--another", is_flag=True, help="Treat the table as new, even if its headings are known.")
@click.option("--sheet", "sheets", multiple=True, help="Only this sheet, even if it is hidden (repeatable).")
@click.option("--source", default="", help="Who sent the table, if several use the same headings.")
@click.option("--encoding", default="", help="Encoding of a CSV file that is not Unicode.")
@click.option("--answers", type=EXISTING, help="Read answers to open questions from this file.")
@click.option("--questions", type=PATH, help="Write the open questions to this file, with room for answers.")
@by_option
@renumber_option
@dry_option
@strict_option
@json_option
@refusals
def import_files(
    files: tuple[Path, ...],
    folder: Path | None,
    mapped: tuple[str, ...],
    replies: tuple[str, ...],
    another: bool,
    sheets: tuple[str, ...],
    source: str,
    encoding: str,
    answers: Path | None,
    questions: Path | None,
    by: str,
    renumber: bool,
    dry: bool,
    strict: bool,
    machine: bool,
) -> None:
    """Import signatories from CSV or XLSX files.

    The files are spreadsheets from partners or exports of web forms. Nothing is imported while an error is open, and
    importing a file twice changes nothing. Contacts are used to find duplicates and are not kept. Anonymous signatories
    are counted; their names are not kept.
    """
    folder = find_letter(folder, Path.cwd())
    asked = Asked(
        # An import is recorded with its date.
        today=date.today(),  # noqa: DTZ011
        fresh=secrets.token_bytes(32),
        mapped=_pairs(mapped, "--map", ROLES),
        replies={text: means[-1] for text, means in _pairs(replies, "--answer", (), turned=True).items()},
        another=another,
        sheets=sheets,
        source=source,
        encoding=encoding,
        renumber=renumber,
    )
    with _progress(shown_to=not machine) as watch:
        report = import_tables(
            folder, files, asked, answers=answers, by=by, questions=questions, strict=strict, dry=dry, watch=watch
        )
    if machine:
        click.echo(dump({"done": report.done, **report.plan.document(), "findings": as_json(report.plan.open, "")}))
    else:
        tell(report.plan.open, None, "", machine=False)
        for line in plan_lines(report.plan, shown(folder), refused=report.refused, dry=dry):
            click.echo(line)
    sys.exit(1 if report.refused else 0)


@listing.command("add")
@click.argument("name")
@letter_option
@click.option("--lang", default="", help="Language of the name (BCP 47).")
@click.option("--kind", type=click.Choice(("organisation", "person")), help="Kind of signatory.")
@click.option("--note", default="", help="Note on the signatory; it is published.")
@click.option("--source", default="", help="Who sent the name, for the record.")
@click.option("--consent", default="", help="Date on which the signatory agreed.")
@click.option("--named-after-all", is_flag=True, help="The signatory was anonymous until now and agrees to be named.")
@renumber_option
@dry_option
@json_option
@refusals
def add_one(
    name: str,
    folder: Path | None,
    lang: str,
    kind: str | None,
    note: str,
    source: str,
    consent: str,
    named_after_all: bool,
    renumber: bool,
    dry: bool,
    machine: bool,
) -> None:
    """Add one signatory to the list.

    The name is printed as you type it.
    """
    folder = find_letter(folder, Path.cwd())
    with open_list(folder, dry=dry) as state:
        edit = add(
            state,
            name,
            today=date.today(),  # noqa: DTZ011
            lang=lang,
            kind=kind or "",
            note=note,
            source=source,
            consent=consent,
            named_after_all=named_after_all,
            renumber=renumber,
        )
        _write(folder, edit, state, dry=dry)
    _tell(folder, edit, "added", dry=dry, machine=machine)


@listing.command("withdraw")
@click.argument("who", required=False)
@letter_option
@click.option("--anonymous", is_flag=True, help="Withdraw one anonymous signatory, instead of WHO.")
@click.option("--forget", is_flag=True, help="Delete the name everywhere; a later import can add it again.")
@by_option
@why_option
@renumber_option
@dry_option
@json_option
@refusals
def withdraw_one(
    who: str | None,
    folder: Path | None,
    anonymous: bool,
    forget: bool,
    by: str,
    why: str,
    renumber: bool,
    dry: bool,
    machine: bool,
) -> None:
    """Withdraw a signatory.

    WHO is the number or the name of the signatory. No other signatory gets the number, and no import adds the name
    again.
    """
    if (who is None) is not anonymous:
        raise click.UsageError("give the number or the name of the signatory, or --anonymous")
    folder = find_letter(folder, Path.cwd())
    today = date.today()  # noqa: DTZ011
    with open_list(folder, dry=dry) as state:
        if who is None:
            edit = withdraw_anonymous(state, today=today)
        else:
            edit = withdraw(state, who, today=today, by=by, why=why, forget=forget, renumber=renumber)
        _write(folder, edit, state, dry=dry)
    _tell(folder, edit, "withdrawn", dry=dry, machine=machine, silent=forget)


@listing.command("rename")
@click.argument("who")
@click.argument("name")
@letter_option
@click.option("--lang", default="", help="Language of the new name (BCP 47).")
@click.option("--forget", is_flag=True, help="Delete the earlier name everywhere; a later import does not know it.")
@by_option
@why_option
@dry_option
@json_option
@refusals
def rename_one(
    who: str, name: str, folder: Path | None, lang: str, forget: bool, by: str, why: str, dry: bool, machine: bool
) -> None:
    """Change the name of a signatory.

    WHO is the number or the present name of the signatory, who keeps the number.
    """
    folder = find_letter(folder, Path.cwd())
    today = date.today()  # noqa: DTZ011
    with open_list(folder, dry=dry) as state:
        edit = rename(state, who, name, today=today, by=by, why=why, lang=lang, forget=forget)
        _write(folder, edit, state, dry=dry)
    _tell(folder, edit, "renamed", dry=dry, machine=machine)


def _pairs(
    given: Sequence[str], option: str, known: Sequence[str], *, turned: bool = False
) -> dict[str, tuple[str, ...]]:
    """``role=heading`` options by role, in the given order."""
    pairs: dict[str, tuple[str, ...]] = {}
    for each in given:
        name, sign, value = each.rpartition("=") if turned else each.partition("=")
        value = " ".join(value.split())
        if not sign or (known and name not in known) or (turned and value not in ("named", "anonymous")):
            expected = "TEXT=named or TEXT=anonymous" if turned else f"a role and a heading: {', '.join(known)}"
            raise click.UsageError(f"{option} {each!r} should be {expected}")
        pairs[" ".join(name.split())] = (*pairs.get(name, ()), *((value,) if value else ()))
    return pairs


@contextmanager
def _progress(*, shown_to: bool) -> Iterator[Callable[[str, int], None]]:
    """A progress line on the terminal: the file, and the rows read so far."""
    terminal = shown_to and sys.stderr.isatty()

    def watch(step: str, rows: int) -> None:
        if terminal:
            progress = f"{rows:,} rows " if rows else ""
            click.echo(f"\r\033[K{visible(step)}: {progress}…", err=True, nl=False)

    try:
        yield watch
    finally:
        if terminal:
            click.echo("\r\033[K", err=True, nl=False)


def _write(folder: Path, edit: ListEdit, state: ListState, *, dry: bool) -> None:
    if not dry:
        write_list(folder, edit.files, state)


def _tell(folder: Path, edit: ListEdit, did: str, *, dry: bool, machine: bool, silent: bool = False) -> None:
    one = edit.signatory
    if machine:
        result = {"number": one.number, "name": "" if silent else one.name} if one else {"anonymous": edit.anonymous}
        click.echo(
            dump({"done": not dry, did: result, "files": list(edit.files), "findings": as_json(edit.findings, "")})
        )
        return
    tell(edit.findings, None, shown(folder), machine=False)
    name = "" if silent or one is None else f" {visible(one.name)}"
    click.echo(f"{'would be ' if dry else ''}{did}: no. {one.number}{name}" if one else f"anonymous: {edit.anonymous}")
    if edit.renumbered:
        click.echo(f"{len(edit.renumbered)} signatories get new numbers")
