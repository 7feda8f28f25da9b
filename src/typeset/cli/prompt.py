"""Open findings asked one by one on a terminal: show, explain, propose, answer, take back.

Everything is a line of words or a prompt, so that a screen reader, a terminal without colour and a slow line get the
same. Each answer is written down before the next question: stopping at any moment loses nothing.
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
    """The questions of a session on the terminal. ``session`` is what has been answered so far."""

    def __init__(self, session: Session, *, by: str, plain: bool) -> None:
        self.session = session
        self._by = by
        self._plain = plain
        self._why = ""

    def hold(self) -> None:
        """Ask until all is asked or somebody quits. Raises `click.Abort` when interrupted."""
        while True:
            if finding := self.session.finding:
                self._show(finding)
                if not self._answered(finding):
                    return
            elif not self._goes_back():
                return

    def _show(self, finding: Finding) -> None:
        sources, folder = self.session.folder.checked.sources, shown(self.session.folder.folder)
        # The hint names the command that is running, and the proposal is the first choice.
        told = replace(
            finding,
            hint=re.sub(r": typesetter decide .*", "", finding.hint),
            proposal="" if proposed_words(finding) else finding.proposal,
        )
        click.echo(f"\nFinding {self.session.walk.position + 1} of {len(self.session.walk.findings)}\n")
        if self._plain:
            click.echo(in_sentences(told, sources, folder))
        else:
            click.echo(draw((told,), sources, folder, colour=coloured(sys.stdout)))
        if explanation := explained(finding.code):
            means, do = explanation.sentences
            click.echo(_wrapped(f"What it means: {means}") + "\n" + _wrapped(f"What to do: {do}"))
        if is_stale(finding):
            click.echo(f"It was taken on {_quoted(finding.evidence)}.")
        if words := self.session.in_force(finding):
            click.echo(f"An earlier answer prints {_quoted(words)} here.")
        if not is_stale(finding) and not takes_words(finding.code, finding.subject):
            click.echo("No other words can be printed here: let it stand, or skip it and mend the source.")
        click.echo()

    def _answered(self, finding: Finding) -> bool:
        """Ask one question until it is settled; whether to go on to the next."""
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
        """Write an answer down, once it is known why and by whom; whether it was."""
        try:
            tried = self.session.tried(finding, printed)
        except LetterError as refused:
            click.echo("\n" + draw(refused.findings, None, "", colour=coloured(sys.stdout)))
            click.echo("So nothing was recorded.\n")
            return False
        while not self._by:
            self._by = ask(WHO)
        why = ask(self.session.why_question(self._why))
        if not why:
            click.echo("An answer needs its reason, so nothing was recorded.\n")
            return False
        self._why = why
        words = self.session.walk.words_for(finding)
        self.session = self.session.answered(tried, by=self._by, why=why)
        about = visible(finding.subject) or "the letter"
        several = about.startswith("signatories ")
        stands = "stand as they are" if several else "stands as it is"
        done = stands if printed is None else f"{'print' if several else 'prints'} {_quoted(printed)}"
        click.echo(f"Recorded: {about} {done}. By {visible(self._by)}, {self.session.folder.today.isoformat()}.")
        if words and printed and words != printed:
            click.echo("The earlier answer about the same text prints this too now.")
        return True

    def _goes_back(self) -> bool:
        """At the end: whether the last answer is taken back after all."""
        if not self.session.walk.before:
            return False
        click.echo(f"\n{END.text}\n")
        back = choose(END).key == "u"
        if back:
            self.session = self.session.undone()
        return back


def is_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def choose(question: Question) -> Option:
    """One of the options of a question, each on a line of its own."""
    options = {option.key: option for option in question.options}
    for key, option in options.items():
        click.echo(f"  {key}  {visible(option.label)}{' (Enter)' if key == question.default else ''}")
    while True:
        said = str(click.prompt("Your answer", default=question.default, show_default=False)).strip().lower()
        if said in options:
            return options[said]
        if named := [one for one in question.options if said and visible(one.label).startswith(said)]:
            return named[0]
        click.echo(f"Type one of the letters {', '.join(options)}.")


def ask(question: Question, *, suffix: str = " ") -> str:
    """A text that somebody types; the default where they only press Enter."""
    text = visible(question.text)
    with _begun(_typeable(question.draft)):
        said = click.prompt(text, default=question.default, show_default=False, prompt_suffix=suffix)
    return str(said).strip()


def _wrapped(text: str) -> str:
    """Words in lines that fit the terminal."""
    return click.wrap_text(text, width=min(shutil.get_terminal_size().columns, 100) - 1, subsequent_indent="  ")


@contextmanager
def _begun(text: str) -> Iterator[None]:
    """A prompt that begins with words to edit, where there are any and the terminal can."""
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
    """A text as it can be edited on a terminal: without what would act on the terminal or reorder the line."""
    return "".join(
        c for c in text if unicodedata.category(c) != "Cc" and unicodedata.bidirectional(c) not in _REORDERING
    )


def _quoted(text: str) -> str:
    return f"“{visible(text)}”"
