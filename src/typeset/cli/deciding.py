"""The command that records answers to findings: one by one on a terminal, many from a file, or one at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from typeset.cli.asking import Dialogue
from typeset.cli.drawing import visible
from typeset.cli.session import Clock, build_context, letter_folder, refusals, shown, tell
from typeset.cli.trying import FILE, Table, new_errors, with_whole_proposals
from typeset.decisions import (
    Walk,
    answerable,
    append,
    apply,
    entry,
    is_stale,
    match,
    read_answers,
    read_decisions,
    same_text,
    template,
)
from typeset.diagnostics import Finding, Place, Refused, Severity, errors
from typeset.manuscript import read_letter
from typeset.pipeline import CheckedLetter, examine
from typeset.sources import Sources
from typeset.workspace import LARGEST, find_letter, read_sources, write_files

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, as shells have it."""


@click.command()
@click.argument("code", required=False)
@letter_folder
@click.option("--subject", help="Which of several: what the finding is about, such as 'signatory 102'.")
@click.option("--print", "printed", help="What is printed instead; without it the text stands as it is.")
@click.option("--why", help="The reason, for whoever reads this in ten years.")
@click.option("--by", default="", help="Who decides: a role, or a person's name.")
@click.option("--all", "every", is_flag=True, help="Answer every open finding with this code alike.")
@click.option("--from", "source", type=click.Path(path_type=Path), help="Take the answers from this file.")
@click.option(
    "--template", "form", type=click.Path(path_type=Path), help="Write a file to fill in for --from; - is the terminal."
)
@click.option("--plain", is_flag=True, help="Ask in sentences alone, for a screen reader.")
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
    """Record answers to open findings in decisions.toml.

    \b
    typesetter decide              asks about one finding after the other
    typesetter decide --template answers.toml
    typesetter decide --from answers.toml
                                takes answers from a file: all of them, or none
    typesetter decide CODE --by … --why …
                                answers one finding at once
    """
    if code and folder is None and _names_a_folder(code):
        folder, code = Path(code), None
    if code and (source or form):
        raise click.UsageError("--from and --template are about all findings: leave CODE out")
    if source and form:
        raise click.UsageError("--template writes a file and --from takes one: one after the other")
    if not code and (subject or printed is not None or why or every):
        raise click.UsageError("--subject, --print, --why and --all answer one finding: name its CODE")
    if code and not (why and by):
        raise click.UsageError("an answer says who and why: --by … --why …")
    folder = find_letter(folder, Path.cwd())
    sources = read_sources(folder)
    context = build_context(sources, Clock(shown=True))
    table = Table(
        folder=folder,
        checked=examine(sources, context),
        examine=lambda changed: examine(changed, build_context(changed, Clock(shown=False))),
        # A decision bears the day it was taken; the program has no other use for a calendar.
        today=date.today(),  # noqa: DTZ011
    )
    if code:
        _decide_one(table, code, subject, printed, why or "", by, every=every)
    elif form:
        _write_form(table, form)
    elif source:
        _decide_batch(table, source, by)
    else:
        _ask(table, by, plain=plain)


def _names_a_folder(word: str) -> bool:
    return "/" in word or word in (".", "..") or (Path(word) / "letter.toml").is_file()


def _decide_one(
    table: Table, code: str, subject: str | None, printed: str | None, why: str, by: str, *, every: bool
) -> None:
    checked = table.checked
    chosen = [finding for finding in checked.open if finding.code == code and subject in (None, finding.subject)]
    if not chosen or (len(chosen) > 1 and not every):
        tell(chosen, checked.sources, shown(table.folder), machine=False)
        raise Refused([_choice(code, chosen)])
    data = table.existing
    for finding in chosen:
        data = append(data, entry(finding, by=by, when=table.today, why=why, printed=printed))
    write_files(table.folder, {FILE: data})
    for finding in chosen:
        click.echo(f"recorded: {finding.code}, {visible(finding.subject)}")


def _write_form(table: Table, form: Path) -> None:
    asked = [finding for finding in asking_order(table.checked) if not is_stale(finding)]
    text = template(with_whole_proposals(asked, table))
    if str(form) == "-":
        click.echo(text, nl=False)
        return
    if form.exists():
        fact, hint = f"{form} is there already", "somebody's answers may be in it: give another name"
        raise Refused([_fault("file-exists", fact, hint, str(form))])
    write_files(form.parent, {form.name: text.encode()})
    click.echo(
        f"{shown(form)}: {_counted(len(asked), 'finding')} to answer; then typesetter decide --from {shown(form)}"
    )


def _decide_batch(table: Table, source: Path, by: str) -> None:
    if source.stat().st_size > LARGEST:
        raise Refused([_fault("too-large", f"{source} is beyond all measure", "give a file of answers", str(source))])
    data = source.read_bytes()
    recorded, _ = read_decisions(table.existing)
    decisions, findings = read_answers(data, source.name, by=by, today=table.today)
    answers, unmatched = match(decisions, table.checked.open, recorded)
    findings += unmatched
    if not findings:
        # Together with what is recorded, so that no two of them print one text differently.
        _, unprintable = apply(read_letter(table.checked.sources).letter, (*recorded, *decisions))
        findings += unprintable
    if not findings and not answers:
        findings += (_fault("no-answers", "no why is filled in", "say why for each answer", source.name),)
    walk = Walk(findings=(), answers=answers)
    if not errors(findings):
        findings += new_errors(walk, table)
    said = Sources({source.name: data})
    if errors(findings):
        tell(findings, said, shown(source.parent), machine=False)
        click.echo("nothing was recorded", err=True)
        sys.exit(1)
    tell(findings, said, shown(source.parent), machine=False)
    if not answers:
        click.echo("nothing new to record")
        return
    write_files(table.folder, {FILE: walk.written(table.existing)})
    left = len([finding for finding in table.checked.open if answerable(finding)]) - len(answers)
    click.echo(f"{_counted(len(answers), 'answer')} recorded in {shown(table.folder / FILE)}{_open(left)}")


def _ask(table: Table, by: str, *, plain: bool) -> None:
    asked = asking_order(table.checked)
    others = len(table.checked.open) - len(asked)
    if others:
        click.echo(f"{_counted(others, 'finding')} only a change of the sources can answer: see typesetter check.")
    if not asked:
        click.echo("Nothing else stands open." if others else "No finding stands open: there is nothing to decide.")
        return
    if not is_terminal():
        raise click.UsageError(
            f"{_counted(len(asked), 'finding')} to ask about, and no terminal to answer on; "
            "typesetter decide --template FILE writes a form to fill in, and --from FILE takes it"
        )
    # A file that nothing can be added to is told of before anybody has thought about an answer.
    append(table.existing, entry(asked[0], by="?", when=table.today, why="?"))
    click.echo(f"{_counted(len(asked), 'open finding')} to answer in {shown(table.folder)}, one by one.")
    click.echo(f"Each answer goes into {FILE} at once; Ctrl-C stops, and keeps what was answered.")
    dialogue = Dialogue(Walk(findings=tuple(asked)), table, by=by, plain=plain)
    try:
        dialogue.hold()
    except click.Abort:
        click.echo("\n\nStopped; the question on the screen stays open.")
        _sum_up(dialogue.walk, table)
        sys.exit(INTERRUPTED)
    _sum_up(dialogue.walk, table)


def is_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def asking_order(checked: CheckedLetter) -> list[Finding]:
    """What a decision can answer, and entries gone stale: errors first, all about one text together."""
    asked = [finding for finding in checked.open if answerable(finding) or is_stale(finding)]
    ranked = sorted(asked, key=lambda finding: _WEIGHT[finding.severity])
    order: list[Finding] = []
    for finding in ranked:
        twin = max((place for place, other in enumerate(order) if same_text(finding, other)), default=len(order) - 1)
        order.insert(twin + 1, finding)
    return order


def _sum_up(walk: Walk, table: Table) -> None:
    done = len(walk.answers) + len(walk.removed)
    if done:
        parts = [f"{_counted(len(walk.answers), 'answer')} recorded"] if walk.answers else []
        parts += [f"{_counted(len(walk.removed), 'entry')} removed"] if walk.removed else []
        click.echo(f"\n{', '.join(parts)} in {shown(table.folder / FILE)}{_open(len(walk.findings) - done)}")
    else:
        click.echo(f"\nNothing was recorded{_open(len(walk.findings))}")


def _open(count: int) -> str:
    """How many findings are left, at the end of a sentence."""
    if not count:
        return "; none is left open."
    return f"; {_counted(count, 'finding')} {'stays' if count == 1 else 'stay'} open."


def _counted(count: int, one: str) -> str:
    many = f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"
    return f"{count} {one if count == 1 else many}"


def _choice(code: str, chosen: Sequence[Finding]) -> Finding:
    if not chosen:
        hint = "typesetter check lists the open ones with their codes"
        return _fault("no-such-finding", f"no open finding {code} is about that", hint, FILE)
    subjects = ", ".join(dict.fromkeys(finding.subject for finding in chosen))
    hint = f"name one with --subject ({subjects}), or answer them alike with --all"
    return _fault("which-finding", f"{len(chosen)} open findings have the code {code}", hint, FILE)


def _fault(code: str, fact: str, hint: str, file: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=Place(file=file), hint=hint)
