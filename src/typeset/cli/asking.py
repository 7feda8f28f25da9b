"""Open findings asked one by one on a terminal: show, explain, propose, answer, take back.

Everything is a line of words or a prompt, so that a screen reader, a terminal without colour and a slow line get the
same. Each answer is written down before the next question: stopping at any moment loses nothing.
"""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import click

from typeset.cli.drawing import coloured, draw, visible
from typeset.cli.sentences import in_sentences
from typeset.cli.session import shown
from typeset.cli.trying import FILE, Table, faults, in_force, is_count, offered, standing
from typeset.decisions import Answer, Walk, explained, is_stale, may_stand, proposed_words, takes_words
from typeset.diagnostics import Finding, Place, Refused, Severity
from typeset.workspace import remove_files, write_files

_REORDERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


class Dialogue:
    """One sitting. ``walk`` is what has been answered, and written down, so far."""

    def __init__(self, walk: Walk, table: Table, *, by: str, plain: bool) -> None:
        self.walk = walk
        self._table = table
        self._by = by
        self._plain = plain
        self._why = ""
        self._written = table.existing

    def hold(self) -> None:
        """Ask until all is asked or somebody quits. Raises `click.Abort` when interrupted."""
        while True:
            if finding := self.walk.finding:
                self._show(finding)
                if not self._answered(finding):
                    return
            elif not self._goes_back():
                return

    def _show(self, finding: Finding) -> None:
        sources, folder = self._table.checked.sources, shown(self._table.folder)
        # Nobody needs to be told of the command that is running, or twice of what the first choice is.
        told = replace(
            finding,
            hint=re.sub(r": typesetter decide .*", "", finding.hint),
            proposal="" if proposed_words(finding) else finding.proposal,
        )
        click.echo(f"\nFinding {self.walk.position + 1} of {len(self.walk.findings)}\n")
        if self._plain:
            click.echo(in_sentences(told, sources, folder))
        else:
            click.echo(draw((told,), sources, folder, colour=coloured(sys.stdout)))
        if explanation := explained(finding.code):
            means, do = explanation.sentences
            click.echo(_wrapped(f"What it means: {means}") + "\n" + _wrapped(f"What to do: {do}"))
        if is_stale(finding):
            click.echo(f"It was taken on {_quoted(finding.evidence)}.")
        if words := in_force(finding, self.walk, self._table):
            click.echo(f"An earlier answer prints {_quoted(words)} here.")
        if not is_stale(finding) and not takes_words(finding.code, finding.subject):
            click.echo("No other words can be printed here: let it stand, or skip it and mend the source.")
        click.echo()

    def _answered(self, finding: Finding) -> bool:
        """Ask one question until it is settled; whether to go on to the next."""
        proposed = offered(finding, self.walk, self._table)
        while True:
            match _choose(self._choices(finding, proposed)):
                case "q":
                    return False
                case "s":
                    self._keep(self.walk.skipped())
                case "u":
                    self._keep(self.walk.undone())
                    click.echo("Undone.")
                case "r":
                    self._keep(self.walk.without_entry(finding.place.line if finding.place else 0))
                    click.echo("Removed the entry.")
                case "p":
                    if not self._recorded(finding, proposed):
                        continue
                case "l":
                    if not self._recorded(finding, None):
                        continue
                case _:
                    words = _other_words(finding, proposed)
                    if not words or not self._recorded(finding, words):
                        continue
            return True

    def _choices(self, finding: Finding, proposed: str) -> Mapping[str, str]:
        words = takes_words(finding.code, finding.subject)
        choices: dict[str, str] = {}
        stands = standing(finding, self.walk, self._table) if words else ""
        if proposed == stands != "":
            choices["p"] = f"print {_quoted(proposed)}, which answers this too"
        elif proposed:
            as_stated = ", as the source states" if is_count(finding) else ""
            choices["p"] = f"print {_quoted(proposed)} instead{as_stated}"
        if is_stale(finding):
            choices["r"] = f"remove the entry from {FILE}"
        elif may_stand(finding.code) and (not proposed or proposed != stands):
            counted = is_count(finding) and not in_force(finding, self.walk, self._table)
            as_counted = ", as the list comes to" if counted else ""
            choices["l"] = f"let it stand: print {_quoted(stands)}{as_counted}" if stands else "let it stand"
        if words:
            choices["o"] = "other number to print" if is_count(finding) else "other words to print"
        choices["s"] = "skip: it stays open"
        if self.walk.before:
            choices["u"] = "undo: back to the question before"
        choices["q"] = "quit: what was answered is kept"
        return choices

    def _recorded(self, finding: Finding, printed: str | None) -> bool:
        """Write an answer down, once it is known why and by whom; whether it was."""
        if printed is not None and (against := faults(finding, printed, self.walk, self._table)):
            click.echo("\n" + draw(against, None, "", colour=coloured(sys.stdout)))
            click.echo("So nothing was recorded.\n")
            return False
        while not self._by:
            label = "Who decides? (a role, or a person's name; asked once)"
            self._by = click.prompt(label, default="", show_default=False, prompt_suffix=" ").strip()
        label = f"Why? (Enter: {_quoted(self._why)})" if self._why else "Why? (for whoever reads this in ten years)"
        why = click.prompt(label, default=self._why, show_default=False, prompt_suffix=" ").strip()
        if not why:
            click.echo("An answer needs its reason, so nothing was recorded.\n")
            return False
        self._why = why
        answer = Answer(finding=finding, by=self._by, when=self._table.today, why=why, printed=printed)
        words = self.walk.words_for(finding)
        self._keep(self.walk.answered(answer))
        about = visible(finding.subject) or "the letter"
        several = about.startswith("signatories ")
        stands = "stand as they are" if several else "stands as it is"
        done = stands if printed is None else f"{'print' if several else 'prints'} {_quoted(printed)}"
        click.echo(f"Recorded: {about} {done}. By {visible(self._by)}, {self._table.today.isoformat()}.")
        if words and printed and words != printed:
            click.echo("The earlier answer about the same text prints this too now.")
        return True

    def _goes_back(self) -> bool:
        """At the end: whether the last answer is taken back after all."""
        if not self.walk.before:
            return False
        click.echo("\nThat was the last one.\n")
        back = _choose({"f": "finish", "u": "undo: back to the question before"}, default="f") == "u"
        if back:
            self._keep(self.walk.undone())
        return back

    def _keep(self, walk: Walk) -> None:
        """Write the file as a step leaves it. Raises `Refused` where somebody else has written it meanwhile."""
        data = walk.written(self._table.existing)
        path = self._table.folder / FILE
        if data != self._written:
            if (path.read_bytes() if path.exists() else b"") != self._written:
                raise Refused([_changed_meanwhile()])
            if data or FILE in self._table.checked.sources:
                write_files(self._table.folder, {FILE: data})
            else:
                remove_files(self._table.folder, (FILE,))
            self._written = data
        self.walk = walk


def _wrapped(text: str) -> str:
    """Words in lines that fit the terminal."""
    return click.wrap_text(text, width=min(shutil.get_terminal_size().columns, 100) - 1, subsequent_indent="  ")


def _choose(choices: Mapping[str, str], default: str = "") -> str:
    """The letter of one of several choices, each on a line of its own."""
    for letter, label in choices.items():
        click.echo(f"  {letter}  {label}{' (Enter)' if letter == default else ''}")
    while True:
        said = str(click.prompt("Your answer", default=default, show_default=False)).strip().lower()
        if said in choices:
            return said
        if named := [letter for letter, label in choices.items() if said and label.startswith(said)]:
            return named[0]
        click.echo(f"Type one of the letters {', '.join(choices)}.")


def _other_words(finding: Finding, proposed: str) -> str:
    """Words that somebody types; none to go back."""
    if is_count(finding):
        return str(click.prompt("Number to print (empty: go back)", default="", show_default=False)).strip()
    with _begun(proposed or _typeable(finding.evidence)):
        return str(click.prompt("Words to print (empty: go back)", default="", show_default=False)).strip()


@contextmanager
def _begun(text: str) -> Iterator[None]:
    """A prompt that begins with words to edit, where the terminal can."""
    try:
        import readline
    except ImportError:
        yield
        return
    readline.set_startup_hook(lambda: readline.insert_text(text))
    try:
        yield
    finally:
        readline.set_startup_hook()


def _typeable(text: str) -> str:
    """A text as it can be edited on a terminal: without what would act on the terminal or reorder the line."""
    return "".join(
        c for c in text if unicodedata.category(c) != "Cc" and unicodedata.bidirectional(c) not in _REORDERING
    )


def _quoted(text: str) -> str:
    return f"“{visible(text)}”"


def _changed_meanwhile() -> Finding:
    return Finding(
        code="changed-meanwhile",
        severity=Severity.ERROR,
        fact="somebody else has changed this file since the questions began",
        place=Place(file=FILE),
        hint="the last answer is not in it, all earlier ones are; run typesetter decide again",
        subject=FILE,
    )
