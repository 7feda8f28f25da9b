"""The dialogue of ``typesetter decide``: each open finding is shown, explained and answered; answers can be undone.

It prints only lines and prompts, so that screen readers and terminals without colour get the same. Each answer is saved
before the next question, so that an interruption loses nothing.
"""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec

import click

from typeset.cli.output import coloured, draw, in_sentences, shown, visible
from typeset.decisions import END, WHO, Session, explained, is_stale, proposed_words, takes_words
from typeset.diagnostics import Finding, LetterError, Option, Question

_REORDERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


class Dialogue:
    """The questions of a session on the terminal. ``session`` has the answers so far."""

    def __init__(self, session: Session, *, by: str, plain: bool) -> None:
        self.session = session
        self._by = by
        self._plain = plain
        self._why = ""

    def hold(self) -> None:
        """Ask until there are no more questions or the user quits. Raises `click.Abort` when interrupted."""
        while True:
            if finding := self.session.finding:
                self._show(finding)
                if not self._answered(finding):
                    return
            elif not self._goes_back():
                return

    def _show(self, finding: Finding) -> None:
        sources, folder = self.session.folder.checked.sources, shown(self.session.folder.folder)
        # The dialogue itself shows the command of the hint, and the proposal as its first option.
        shortened = replace(
            finding,
            hint=re.sub(r": typesetter decide .*", "", finding.hint),
            proposal="" if proposed_words(finding) else finding.proposal,
        )
        click.echo(f"\nFinding {self.session.walk.position + 1} of {len(self.session.walk.findings)}\n")
        if self._plain:
            click.echo(in_sentences(shortened, sources, folder))
        else:
            click.echo(draw((shortened,), sources, folder, colour=coloured(sys.stdout)))
        if explanation := explained(finding.code):
            means, do = explanation.sentences
            click.echo(_wrapped(f"What it means: {means}") + "\n" + _wrapped(f"What to do: {do}"))
        if is_stale(finding):
            click.echo(f"It was made for {_quoted(finding.evidence)}.")
        if words := self.session.in_force(finding):
            click.echo(f"An earlier answer prints {_quoted(words)} here.")
        if not is_stale(finding) and not takes_words(finding.code, finding.subject):
            click.echo(
                "You cannot print other words here: keep the text as it is, or skip the finding and correct the source."
            )
        click.echo()

    def _answered(self, finding: Finding) -> bool:
        """Ask until the finding is answered or skipped. False if the user quits."""
        question = self.session.question(finding)
        proposed = next((option.value for option in question.options if option.key == "p"), "")
        while True:
            match choose(question).key:
                case "q":
                    return False
                case "s":
                    self.session = self.session.skipped()
                case "u":
                    self.session = self.session.undone()
                    click.echo("Undone.")
                case "r":
                    self.session = self.session.without_entry(finding)
                    click.echo("Removed the entry.")
                case "p":
                    if not self._recorded(finding, proposed):
                        continue
                case "l":
                    if not self._recorded(finding, None):
                        continue
                case _:
                    words = ask(self.session.words_question(finding, proposed), suffix=": ")
                    if not words or not self._recorded(finding, words):
                        continue
            return True

    def _recorded(self, finding: Finding, printed: str | None) -> bool:
        """Ask for reason and name, then save the answer. False if it was not saved."""
        try:
            tried = self.session.tried(finding, printed)
        except LetterError as refused:
            click.echo("\n" + draw(refused.findings, None, "", colour=coloured(sys.stdout)))
            click.echo("Nothing was recorded.\n")
            return False
        while not self._by:
            self._by = ask(WHO)
        why = ask(self.session.why_question(self._why))
        if not why:
            click.echo("An answer needs a reason. Nothing was recorded.\n")
            return False
        self._why = why
        words = self.session.walk.words_for(finding)
        self.session = self.session.answered(tried, by=self._by, why=why)
        about = visible(finding.subject) or "the letter"
        several = about.startswith("signatories ")
        kept = "stay as they are" if several else "stays as it is"
        done = kept if printed is None else f"{'print' if several else 'prints'} {_quoted(printed)}"
        click.echo(f"Recorded: {about} {done}. By {visible(self._by)}, {self.session.folder.today.isoformat()}.")
        if words and printed and words != printed:
            click.echo("The earlier answer for the same text now prints this, too.")
        return True

    def _goes_back(self) -> bool:
        """At the end, ask whether to undo the last answer."""
        if not self.session.walk.before:
            return False
        click.echo(f"\n{END.text}\n")
        back = choose(END).key == "u"
        if back:
            self.session = self.session.undone()
        return back


def is_terminal() -> bool:
    """Whether standard input is a terminal."""
    return sys.stdin.isatty()


def choose(question: Question) -> Option:
    """Ask a question with options, each on its own line; return the chosen one."""
    options = {option.key: option for option in question.options}
    for key, option in options.items():
        click.echo(f"  {key}  {visible(option.label)}{' (Enter)' if key == question.default else ''}")
    while True:
        typed = str(click.prompt("Your answer", default=question.default, show_default=False)).strip().lower()
        if typed in options:
            return options[typed]
        if named := [one for one in question.options if typed and visible(one.label).startswith(typed)]:
            return named[0]
        click.echo(f"Type one of these letters: {', '.join(options)}.")


def ask(question: Question, *, suffix: str = " ") -> str:
    """Ask for a text; only Enter gives the default."""
    text = visible(question.text)
    with _begun(_typeable(question.draft)):
        typed = click.prompt(text, default=question.default, show_default=False, prompt_suffix=suffix)
    return str(typed).strip()


def _wrapped(text: str) -> str:
    """Text wrapped to the terminal's width."""
    return click.wrap_text(text, width=min(shutil.get_terminal_size().columns, 100) - 1, subsequent_indent="  ")


@contextmanager
def _begun(text: str) -> Iterator[None]:
    """A prompt that already contains ``text`` to edit, if readline is available."""
    if not text or find_spec("readline") is None:
        yield
        return
    import readline

    readline.set_startup_hook(lambda: readline.insert_text(text))
    try:
        yield
    finally:
        readline.set_startup_hook()


def _typeable(text: str) -> str:
    """Text without control characters and bidi controls, safe to edit on a terminal."""
    return "".join(
        c for c in text if unicodedata.category(c) != "Cc" and unicodedata.bidirectional(c) not in _REORDERING
    )


def _quoted(text: str) -> str:
    return f"“{visible(text)}”"
