"""Answers to open findings, written to ``decisions.toml``: one by one, many from a form, or a single one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from typeset.decisions.answers import answerable, apply, is_stale, may_stand, takes_words
from typeset.decisions.batch import match, read_answers, template
from typeset.decisions.file import FILE, append, entry, read_decisions
from typeset.decisions.questions import Answer, Walk, same_text
from typeset.decisions.trial import (
    Checked,
    CheckedFolder,
    faults,
    in_force,
    is_count,
    new_errors,
    offered,
    text_if_kept,
    with_whole_proposals,
)
from typeset.diagnostics import Finding, LetterError, Location, Option, Question, Severity, error, errors, letter_error
from typeset.journal import write_files
from typeset.letter_folder import LARGEST
from typeset.manuscript import read_letter

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}

WHO = Question(text="Who decides? (a role, or a person's name; asked once)")
END = Question(
    text="That was the last one.",
    options=(Option(key="f", label="finish"), Option(key="u", label="undo: back to the previous question")),
    default="f",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An answer that can be recorded: the words printed for the text of a finding; None keeps the text."""

    finding: Finding
    printed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Open findings asked one by one. Every step writes ``decisions.toml`` and returns the next session.

    ``written`` is the file as this session left it, so that changes by others are not overwritten.
    """

    folder: CheckedFolder
    walk: Walk
    written: bytes

    @property
    def finding(self) -> Finding | None:
        """The finding to ask about now; None at the end."""
        return self.walk.finding

    @property
    def left(self) -> int:
        """How many findings stay open."""
        return len(self.walk.findings) - len(self.walk.answers) - len(self.walk.removed)

    def in_force(self, finding: Finding) -> str:
        """What earlier answers print for the text of a finding; empty if they keep it as typed."""
        return in_force(finding, self.walk, self.folder)

    def question(self, finding: Finding) -> Question:
        """What can be answered to a finding. An option's value is what it prints; words are typed for the key ``o``."""
        return Question(text="Your answer", options=tuple(self._options(finding)))

    def words_question(self, finding: Finding, proposed: str) -> Question:
        """The question for other words to print; an empty answer goes back."""
        if is_count(finding):
            return Question(text="Number to print (empty: go back)")
        return Question(text="Words to print (empty: go back)", draft=proposed or finding.evidence)

    def why_question(self, before: str) -> Question:
        """The question for the reason, which may be the one ``before``."""
        if before:
            return Question(text=f"Why? (Enter: “{before}”)", default=before)
        return Question(text="Why? (for people who read this in ten years)")

    def tried(self, finding: Finding, printed: str | None) -> Tried:
        """An answer that can be recorded. Raises `LetterError` if its words cause a new error, or do not answer."""
        if printed is not None and (against := faults(finding, printed, self.walk, self.folder)):
            raise LetterError(against)
        return Tried(finding=finding, printed=printed)

    def answered(self, tried: Tried, *, by: str, why: str) -> Session:
        """The session with an answer recorded."""
        answer = Answer(finding=tried.finding, by=by, when=self.folder.today, why=why, printed=tried.printed)
        return self._kept(self.walk.answered(answer))

    def skipped(self) -> Session:
        """The next step; the finding stays open."""
        return self._kept(self.walk.skipped())

    def undone(self) -> Session:
        """The session before the last step."""
        return self._kept(self.walk.undone())

    def without_entry(self, finding: Finding) -> Session:
        """The session with the stale entry removed."""
        return self._kept(self.walk.without_entry(finding.place.line if finding.place else 0))

    def _options(self, finding: Finding) -> Iterator[Option]:
        words = takes_words(finding.code, finding.subject)
        proposed = offered(finding, self.walk, self.folder)
        kept = text_if_kept(finding, self.walk, self.folder) if words else ""
        if proposed == kept != "":
            yield Option(key="p", label=f"print “{proposed}”, which also answers this finding", value=proposed)
        elif proposed:
            as_stated = ", as the source states" if is_count(finding) else ""
            yield Option(key="p", label=f"print “{proposed}” instead{as_stated}", value=proposed)
        if is_stale(finding):
            yield Option(key="r", label=f"remove the entry from {FILE}")
        elif may_stand(finding.code) and (not proposed or proposed != kept):
            counted = is_count(finding) and not self.in_force(finding)
            as_counted = ", as counted in the list" if counted else ""
            yield Option(key="l", label=f"leave it: print “{kept}”{as_counted}" if kept else "leave it as it is")
        if words:
            yield Option(key="o", label="other number to print" if is_count(finding) else "other words to print")
        yield Option(key="s", label="skip: it stays open")
        if self.walk.before:
            yield Option(key="u", label="undo: back to the previous question")
        yield Option(key="q", label="quit: your answers are kept")

    def _kept(self, walk: Walk) -> Session:
        """Write the file after a step. Raises `LetterError` if another program has changed it since."""
        data = walk.written(self.folder.existing)
        if data != self.written:
            stays = data or FILE in self.folder.checked.sources
            try:
                write_files(
                    self.folder.folder, {FILE: data} if stays else {}, remove=(FILE,), read={FILE: self.written}
                )
            except LetterError as refused:
                raise LetterError(_with_the_others_kept(refused.findings)) from refused
        return replace(self, walk=walk, written=data)


def open_session(folder: CheckedFolder) -> Session:
    """Start a session about all findings that can be asked.

    Raises `LetterError` at once if entries cannot be added to the decisions file.
    """
    asked = asking_order(folder.checked)
    if asked:
        append(folder.existing, entry(asked[0], by="?", when=folder.today, why="?"))
    return Session(folder=folder, walk=Walk(findings=tuple(asked)), written=folder.existing)


def asking_order(checked: Checked) -> list[Finding]:
    """Findings that a decision can answer, and stale entries: errors first, all about one text together."""
    asked = [finding for finding in checked.open if answerable(finding) or is_stale(finding)]
    ranked = sorted(asked, key=lambda finding: _WEIGHT[finding.severity])
    order: list[Finding] = []
    for finding in ranked:
        twin = max((place for place, other in enumerate(order) if same_text(finding, other)), default=len(order) - 1)
        order.insert(twin + 1, finding)
    return order


def open_findings(folder: CheckedFolder, code: str, subject: str | None = None) -> tuple[Finding, ...]:
    """The open findings with a code, or those of them about a subject."""
    return tuple(one for one in folder.checked.open if one.code == code and subject in (None, one.subject))


def record_answer(
    folder: CheckedFolder,
    code: str,
    *,
    by: str,
    why: str,
    subject: str | None = None,
    printed: str | None = None,
    every: bool = False,
) -> tuple[Finding, ...]:
    """Record one answer to the open finding with a code, or to ``every`` one; the findings that it answers.

    Raises `LetterError` if no such finding is open, or if there are several.
    """
    chosen = open_findings(folder, code, subject)
    if not chosen or (len(chosen) > 1 and not every):
        raise LetterError([_choice(code, chosen)])
    data = folder.existing
    for finding in chosen:
        data = append(data, entry(finding, by=by, when=folder.today, why=why, printed=printed))
    write_files(folder.folder, {FILE: data}, read={FILE: folder.existing})
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A file to fill in with answers, and how many findings it asks about."""

    text: str
    findings: int


def answers_form(folder: CheckedFolder, path: Path | None = None) -> Form:
    """The form for all open findings, written to a new file if one is named. Raises `LetterError` if it exists."""
    asked = [finding for finding in asking_order(folder.checked) if not is_stale(finding)]
    text = template(with_whole_proposals(asked, folder))
    if path:
        if path.exists():
            hint = "it may contain answers: choose another name"
            raise letter_error("file-exists", f"{path} exists already", hint, place=Location(file=str(path)))
        write_files(path.parent, {path.name: text.encode()})
    return Form(text=text, findings=len(asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """The result of reading a form. If there is an error among the ``findings``, nothing was recorded."""

    data: bytes
    findings: tuple[Finding, ...]
    recorded: int = 0
    left: int = 0


def record_answers(folder: CheckedFolder, source: Path, *, by: str = "") -> BatchReport:
    """Record the answers of a filled-in form: all of them, or none.

    ``by`` is who decides if the form does not say.
    """
    if source.stat().st_size > LARGEST:
        raise letter_error(
            "too-large", f"{source} is too large", "give a file of answers", place=Location(file=str(source))
        )
    data = source.read_bytes()
    recorded, _ = read_decisions(folder.existing)
    decisions, findings = read_answers(data, source.name, by=by, today=folder.today)
    answers, unmatched = match(decisions, folder.checked.open, recorded)
    findings += unmatched
    if not findings:
        # Together with recorded decisions, so that no two print one text differently.
        _, unprintable = apply(read_letter(folder.checked.sources).letter, (*recorded, *decisions))
        findings += unprintable
    if not findings and not answers:
        findings += (
            error("no-answers", "no why is filled in", "write why for each answer", place=Location(file=source.name)),
        )
    walk = Walk(findings=(), answers=answers)
    if not errors(findings):
        findings += new_errors(walk, folder)
    if errors(findings) or not answers:
        return BatchReport(data=data, findings=findings)
    write_files(folder.folder, {FILE: walk.written(folder.existing)}, read={FILE: folder.existing})
    left = sum(map(answerable, folder.checked.open)) - len(answers)
    return BatchReport(data=data, findings=findings, recorded=len(answers), left=left)


def _choice(code: str, chosen: Sequence[Finding]) -> Finding:
    if not chosen:
        hint = "typesetter check lists the open ones with their codes"
        return error(
            "no-such-finding", f"there is no open finding {code} with this subject", hint, place=Location(file=FILE)
        )
    subjects = ", ".join(dict.fromkeys(finding.subject for finding in chosen))
    hint = f"name one with --subject ({subjects}), or answer all with --all"
    return error("which-finding", f"{len(chosen)} open findings have the code {code}", hint, place=Location(file=FILE))


def _with_the_others_kept(findings: Sequence[Finding]) -> Iterator[Finding]:
    hint = "earlier answers are saved, the last one is not: run typesetter decide again"
    return (replace(finding, hint=hint) for finding in findings)
