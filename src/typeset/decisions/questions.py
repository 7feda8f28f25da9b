"""Findings answered one after the other, with undo; and what each finding means."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

from typeset.checks import rules
from typeset.decisions.answers import COUNTS, takes_words
from typeset.decisions.file import append, entry, without
from typeset.diagnostics import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one finding: what is printed instead (None: the text as typed), by whom, when and why."""

    finding: Finding
    by: str
    when: date
    why: str
    printed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A walk through findings: the position, the answers so far, and the state before the last step.

    ``removed`` are lines of ``decisions.toml`` with stale entries to remove.
    """

    findings: tuple[Finding, ...]
    position: int = 0
    answers: tuple[Answer, ...] = ()
    removed: tuple[int, ...] = ()
    before: Walk | None = None

    @property
    def finding(self) -> Finding | None:
        """The finding to answer now; None at the end."""
        return self.findings[self.position] if self.position < len(self.findings) else None

    def answered(self, answer: Answer) -> Walk:
        """The next step, with an answer. Its words also replace those of earlier answers about the same text."""
        same = tuple(
            replace(earlier, printed=answer.printed) if _prints_anew(earlier, answer) else earlier
            for earlier in self.answers
        )
        return self._next(answers=(*same, answer))

    def skipped(self) -> Walk:
        """The next step; the finding stays open."""
        return self._next()

    def without_entry(self, line: int) -> Walk:
        """The next step, with a stale entry removed."""
        return self._next(removed=(*self.removed, line))

    def undone(self) -> Walk:
        """The state before the last step."""
        return self.before or self

    def words_for(self, finding: Finding) -> str | None:
        """What the answers so far print for the text of a finding; None if they keep it as it is."""
        return next(
            (
                answer.printed
                for answer in self.answers
                if answer.printed is not None and same_text(answer.finding, finding)
            ),
            None,
        )

    def written(self, existing: bytes) -> bytes:
        """The decisions file with all answers. Raises `LetterError` if entries cannot be added to it."""
        data = without(existing, self.removed)
        for answer in self.answers:
            data = append(
                data,
                entry(answer.finding, by=answer.by, when=answer.when, why=answer.why, printed=answer.printed),
            )
        return data

    def _next(self, *, answers: tuple[Answer, ...] | None = None, removed: tuple[int, ...] | None = None) -> Walk:
        return replace(
            self,
            position=self.position + 1,
            answers=self.answers if answers is None else answers,
            removed=self.removed if removed is None else removed,
            before=self,
        )


def same_text(one: Finding, other: Finding) -> bool:
    """Whether two findings are about the same printed words, so that one text is printed in answer to both."""
    if not (takes_words(one.code, one.subject) and takes_words(other.code, other.subject)):
        return False
    return one.subject == other.subject and (one.subject in COUNTS or one.evidence == other.evidence)


def _prints_anew(earlier: Answer, answer: Answer) -> bool:
    if earlier.printed is None or answer.printed is None:
        return False
    return same_text(earlier.finding, answer.finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What findings with these codes mean. All texts are Markdown; ``weight`` is as on docs/findings.md."""

    group: str
    codes: tuple[str, ...]
    weight: str
    means: str
    do: str
    example: str = ""

    @property
    def row(self) -> str:
        """Its row in a Markdown table."""
        codes = ", ".join(f"`{code}`" for code in self.codes)
        cells = [codes, self.weight, self.means, self.do, *([self.example] if self.example else [])]
        return f"| {' | '.join(cells)} |"

    @property
    def sentences(self) -> tuple[str, str]:
        """What it means and what to do, as two sentences without Markdown."""
        return _sentence(self.means), _sentence(self.do)


@cache
def explanations() -> tuple[Explanation, ...]:
    """All explanations: of the rules of `check`, then of explanations.toml."""
    data = files("typeset.decisions").joinpath("explanations.toml").read_text(encoding="utf-8")
    checked = tuple(
        Explanation(
            group=rule.group,
            codes=(rule.code,),
            weight=rule.weight or rule.severity,
            means=rule.meaning,
            do=rule.remedy,
            example=rule.example if not rule.shown_in else _visible(rule.example),
        )
        for rule in rules()
    )
    return checked + tuple(
        Explanation(
            group=entry["group"],
            codes=tuple(entry["codes"]),
            weight=entry["weight"],
            means=entry["means"],
            do=entry["do"],
        )
        for entry in tomllib.loads(data)["finding"]
    )


def table(group: str) -> str:
    """The Markdown table of one group of findings."""
    grouped = [explanation for explanation in explanations() if explanation.group == group]
    columns = ["code", "weight", "means", "do", *(["example"] if any(each.example for each in grouped) else [])]
    rows = (each.row if each.example or len(columns) == 4 else f"{each.row} |" for each in grouped)
    return "\n".join((f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *rows))


def explained(code: str) -> Explanation | None:
    """The explanation of a code, or None."""
    return next((explanation for explanation in explanations() if code in explanation.codes), None)


def _visible(words: str) -> str:
    """An example as code in a Markdown table: invisible characters escaped, long ones cut."""
    text = words.encode("unicode_escape").decode() if not words.isprintable() else words
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"`` {text} ``"


def _sentence(markdown: str) -> str:
    words = re.sub(r"`+ ?(.+?) ?`+", r"\1", markdown)
    words = re.sub(r"\*([^*]+)\*", r"\1", words)
    # A code at the start keeps its small letter: it is typed so.
    first = words[:1] if markdown.startswith("`") else words[:1].upper()
    return first + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")
