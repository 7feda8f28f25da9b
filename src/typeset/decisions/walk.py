"""Findings answered one after the other: what was asked, what was said, and how to take it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from typeset.decisions.choices import COUNTS, takes_words
from typeset.decisions.writing import append, entry, without
from typeset.diagnostics import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was said to one finding: what is printed instead (None: the text stands), by whom, when and why."""

    finding: Finding
    by: str
    when: date
    why: str
    printed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A way through findings: where it has come to, what was answered so far, and the step before.

    ``removed`` are lines of ``decisions.toml`` whose entries are to go, because they have gone stale.
    """

    findings: tuple[Finding, ...]
    position: int = 0
    answers: tuple[Answer, ...] = ()
    removed: tuple[int, ...] = ()
    before: Walk | None = None

    @property
    def finding(self) -> Finding | None:
        """What is to be answered now; None at the end."""
        return self.findings[self.position] if self.position < len(self.findings) else None

    def answered(self, answer: Answer) -> Walk:
        """One step on, with an answer. Other words for a text take the place of those in answers about it so far."""
        same = tuple(
            replace(earlier, printed=answer.printed) if _prints_anew(earlier, answer) else earlier
            for earlier in self.answers
        )
        return self._next(answers=(*same, answer))

    def skipped(self) -> Walk:
        """One step on; the finding stays open."""
        return self._next()

    def without_entry(self, line: int) -> Walk:
        """One step on, with an entry that has gone stale taken out."""
        return self._next(removed=(*self.removed, line))

    def undone(self) -> Walk:
        """One step back, with everything as it was then."""
        return self.before or self

    def words_for(self, finding: Finding) -> str | None:
        """What the answers so far print for the text of a finding; None where they leave it as it stands."""
        return next(
            (
                answer.printed
                for answer in self.answers
                if answer.printed is not None and same_text(answer.finding, finding)
            ),
            None,
        )

    def written(self, existing: bytes) -> bytes:
        """A decisions file with everything that was answered. Raises `Refused` where nothing can be added to it."""
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
