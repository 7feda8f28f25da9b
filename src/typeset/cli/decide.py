"""``typesetter decide``: answers to findings, asked one by one, read from a file, or given as options."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from typeset.cli.output import PATH, Clock, build_context, letter_folder, opened, refusals, shown, tell, visible
from typeset.cli.prompt import Dialogue, is_terminal
from typeset.decisions import (
    FILE,
    CheckedFolder,
    Session,
    answers_form,
    asking_order,
    open_findings,
    open_session,
    record_answer,
    record_answers,
)
from typeset.diagnostics import errors
from typeset.pipeline import examine
from typeset.project import check_project
from typeset.sources import Sources

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells use it."""


@click.command()
@click.argument("code", required=False)
@letter_folder
@click.option("--subject", help="Answer only the finding about this, e.g. 'signatory 102'.")
@click.option("--print", "printed", help="Print this instead. Without it the text stays as it is.")
@click.option("--why", help="The reason, for people who read it in ten years.")
@click.option("--by", default="", help="Who decides: a role or a person's name.")
@click.option("--all", "every", is_flag=True, help="Give this answer to every open finding with this code.")
@click.option("--from", "source", type=PATH, help="Read the answers from this file.")
@click.option("--template", "form", type=PATH, help="Write a form for --from to this file; - prints it.")
@click.option("--plain", is_flag=True, help="Ask in plain sentences, for screen readers.")
@refusals
def decide(
    code: str | None,
    folder: Path | None,
    subject: str | None,
    printed: str | None,
    why: str | None,
    by: str,
    every: bool,
    source: Path | None,
    form: Path | None,
    plain: bool,
) -> None:
    """Record answers to findings in decisions.toml.

    \b
    typesetter decide
        asks about each open finding in turn
    typesetter decide --template answers.toml
        writes a form with all open findings
    typesetter decide --from answers.toml
        reads the answers from that form: all of them or none
    typesetter decide CODE --by WHO --why REASON
        answers one finding
    """
    if code and folder is None and _names_a_folder(code):
        folder, code = Path(code), None
    if code and (source or form):
        raise click.UsageError("--from and --template work on all findings: leave out CODE")
    if source and form:
        raise click.UsageError("--template and --from cannot be used together: write the form first, then read it")
    if not code and (subject or printed is not None or why or every):
        raise click.UsageError("--subject, --print, --why and --all need the CODE of a finding")
    if code and not (why and by):
        raise click.UsageError("an answer needs a name and a reason: --by … --why …")
    project = opened(folder)
    letter = CheckedFolder(
        folder=project.folder,
        checked=check_project(project),
        check=lambda changed: examine(changed, build_context(changed, Clock(shown=False))),
        # A decision records the day when it was made.
        today=date.today(),  # noqa: DTZ011
    )
    if code:
        if len(several := open_findings(letter, code, subject)) > 1 and not every:
            tell(several, project.sources, shown(project.folder), machine=False)
        for finding in record_answer(letter, code, by=by, why=why or "", subject=subject, printed=printed, every=every):
            click.echo(f"recorded: {finding.code}, {visible(finding.subject)}")
    elif form:
        _write_form(letter, form)
    elif source:
        _record_batch(letter, source, by)
    else:
        _ask(letter, by, plain=plain)


def _names_a_folder(word: str) -> bool:
    return "/" in word or word in (".", "..") or (Path(word) / "letter.toml").is_file()


def _write_form(letter: CheckedFolder, path: Path) -> None:
    if str(path) == "-":
        click.echo(answers_form(letter).text, nl=False)
        return
    asked = _counted(answers_form(letter, path).findings, "finding")
    click.echo(f"{shown(path)}: {asked} to answer; fill it in, then run: typesetter decide --from {shown(path)}")


def _record_batch(letter: CheckedFolder, source: Path, by: str) -> None:
    report = record_answers(letter, source, by=by)
    tell(report.findings, Sources({source.name: report.data}), shown(source.parent), machine=False)
    if errors(report.findings):
        click.echo("nothing was recorded", err=True)
        sys.exit(1)
    if not report.recorded:
        click.echo("nothing new to record")
        return
    path = shown(letter.folder / FILE)
    click.echo(f"{_counted(report.recorded, 'answer')} recorded in {path}{_open(report.left)}")


def _ask(letter: CheckedFolder, by: str, *, plain: bool) -> None:
    asked = len(asking_order(letter.checked))
    others = len(letter.checked.open) - asked
    if others:
        click.echo(f"{_counted(others, 'finding')} cannot be decided: correct the sources, as typesetter check shows.")
    if not asked:
        click.echo("No other finding is open." if others else "No finding is open: there is nothing to decide.")
        return
    if not is_terminal():
        raise click.UsageError(
            f"{_counted(asked, 'finding')} to answer, but this is not a terminal; "
            "write a form with typesetter decide --template FILE, fill it in, and read it with --from FILE"
        )
    session = open_session(letter)
    click.echo(f"{_counted(asked, 'open finding')} to answer in {shown(letter.folder)}, one by one.")
    click.echo(f"Each answer is saved in {FILE} at once. Press Ctrl-C to stop; your answers are kept.")
    dialogue = Dialogue(session, by=by, plain=plain)
    try:
        dialogue.hold()
    except click.Abort:
        click.echo("\n\nStopped. The question on the screen stays open.")
        _sum_up(dialogue.session)
        sys.exit(INTERRUPTED)
    _sum_up(dialogue.session)


def _sum_up(session: Session) -> None:
    answers, removed = len(session.walk.answers), len(session.walk.removed)
    if answers or removed:
        parts = [f"{_counted(answers, 'answer')} recorded"] if answers else []
        parts += [f"{_counted(removed, 'entry')} removed"] if removed else []
        click.echo(f"\n{', '.join(parts)} in {shown(session.folder.folder / FILE)}{_open(session.left)}")
    else:
        click.echo(f"\nNothing was recorded{_open(session.left)}")


def _open(count: int) -> str:
    """How many findings are left, at the end of a sentence."""
    if not count:
        return "; no finding is open."
    return f"; {_counted(count, 'finding')} {'is' if count == 1 else 'are'} still open."


def _counted(count: int, one: str) -> str:
    many = f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"
    return f"{count} {one if count == 1 else many}"
