"""Answers tried before they are recorded: what would be printed, and which errors it would cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from typeset.checks import check
from typeset.decisions.answers import proposed_words, takes_words
from typeset.decisions.file import FILE
from typeset.decisions.questions import Answer, Walk
from typeset.diagnostics import Finding, error, errors
from typeset.model import Letter
from typeset.sources import Sources


class Checked(Protocol):
    """A letter that was checked: its files, the letter as decided, and the findings that no decision answers."""

    @property
    def sources(self) -> Sources:
        """The letter folder."""

    @property
    def letter(self) -> Letter:
        """The letter, with decisions applied."""

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFolder:
    """A letter folder with its open findings. ``check`` checks it with other files, to try answers before writing.

    ``today`` is the date of the answers.
    """

    folder: Path
    checked: Checked
    check: Callable[[Sources], Checked]
    today: date

    @property
    def existing(self) -> bytes:
        """The decisions file as it is."""
        return self.checked.sources.get(FILE, b"")


def in_force(finding: Finding, walk: Walk, folder: CheckedFolder) -> str:
    """What the answers so far print for the text of a finding; empty if they keep it as typed."""
    letter = folder.checked.letter
    if words := walk.words_for(finding):
        return words
    if is_count(finding):
        return str(letter.counts.printed.get(finding.subject, ""))
    if not takes_words(finding.code, finding.subject):
        return ""
    text = finding.subject, finding.evidence
    return next((now for subject, typed, now in _texts(letter) if (subject, typed) == text and now != typed), "")


def text_if_kept(finding: Finding, walk: Walk, folder: CheckedFolder) -> str:
    """What is printed if a finding's text is kept; empty for a number inside a sentence."""
    if is_count(finding):
        shown = in_force(finding, walk, folder) or str(folder.checked.letter.counts.shown(finding.subject))
        return shown if proposed_words(finding) else ""
    return in_force(finding, walk, folder) or finding.evidence


def proposal(finding: Finding, walk: Walk, folder: CheckedFolder) -> str:
    """What can be printed instead, based on the words of an earlier answer if there is one."""
    proposed, words = proposed_words(finding), in_force(finding, walk, folder)
    if words and proposed and not is_count(finding):
        again = [
            found
            for found in check(_printing(folder.checked.letter, finding, words), Sources({}))
            if (found.code, found.subject) == (finding.code, finding.subject)
        ]
        # If those words correct this, too, they answer it as well.
        return proposed_words(again[0]) if again else words
    return proposed if proposed != text_if_kept(finding, walk, folder) else ""


def offered(finding: Finding, walk: Walk, folder: CheckedFolder) -> str:
    """A proposal that can be recorded without a new error; empty if there is none."""
    words = proposal(finding, walk, folder)
    return "" if words and faults(finding, words, walk, folder) else words


def with_whole_proposals(findings: Sequence[Finding], folder: CheckedFolder) -> tuple[Finding, ...]:
    """Findings with proposals that correct everything found in their text, so that they agree with each other.

    A proposal that would cause an error is left out.
    """
    walk = Walk(findings=tuple(findings))
    for finding in findings:
        if (words := proposal(finding, walk, folder)) and not is_count(finding):
            walk = walk.answered(Answer(finding=finding, by="?", when=folder.today, why="?", printed=words))
    refused = {error.subject for error in new_errors(walk, folder)} if walk.answers else set()
    return tuple(
        replace(one, proposal="" if one.subject in refused else walk.words_for(one) or one.proposal) for one in findings
    )


def new_errors(walk: Walk, folder: CheckedFolder) -> tuple[Finding, ...]:
    """The errors that the answers of a walk would add."""
    return _new_errors(_afterwards(walk, folder), folder)


def faults(finding: Finding, printed: str, walk: Walk, folder: CheckedFolder) -> tuple[Finding, ...]:
    """Why words cannot be printed in answer to a finding: new errors, or that the finding stays."""
    tried = walk.answered(Answer(finding=finding, by="?", when=folder.today, why="?", printed=printed))
    found = _afterwards(tried, folder)
    if new := _new_errors(found, folder):
        return new
    return (_no_answer(finding),) if _key(finding) in map(_key, found) else ()


def _new_errors(found: Iterable[Finding], folder: CheckedFolder) -> tuple[Finding, ...]:
    known = {_key(one) for one in errors(folder.checked.open)}
    return tuple(replace(one, place=None) for one in errors(found) if _key(one) not in known)


def _afterwards(walk: Walk, folder: CheckedFolder) -> tuple[Finding, ...]:
    return folder.check(Sources({**folder.checked.sources, FILE: walk.written(folder.existing)})).open


def is_count(finding: Finding) -> bool:
    """Whether a number is printed in answer to a finding."""
    takes = takes_words(finding.code, finding.subject)
    return takes and not finding.subject.startswith(("title", "signatory "))


def _printing(letter: Letter, finding: Finding, words: str) -> Letter:
    """The letter as if ``words`` had been typed for the text of a finding; without recipients."""
    return replace(
        letter,
        versions=tuple(
            replace(version, title=words, printed_title=words)
            for version in letter.versions
            if finding.subject in (f"title {version.lang}", "title")
        ),
        signatories=tuple(
            replace(one, name=words, printed=words, passages=())
            for one in letter.signatories
            if (f"signatory {one.number}", one.name) == (finding.subject, finding.evidence)
        ),
        recipients=(),
    )


def _texts(letter: Letter) -> Iterator[tuple[str, str, str]]:
    """Every text that other words can be printed for: its subject, as typed, as printed."""
    for version in letter.versions:
        yield f"title {version.lang}", version.title, version.printed_title
    for one in letter.signatories:
        yield f"signatory {one.number}", one.name, one.printed


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.subject, finding.evidence


def _no_answer(finding: Finding) -> Finding:
    return error(
        "no-answer",
        f"{finding.code} of {finding.subject} would stay open with this answer",
        "correct the source instead",
        subject=finding.subject,
    )
