"""The form for answers to many findings: written, and read when it is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from textwrap import fill
from typing import Any

from typeset.decisions.answers import answerable, may_stand, proposed_words, takes_words
from typeset.decisions.file import FILE, Decision, Lines, about, decision_of, entry_faults, fault, parsed, quoted
from typeset.decisions.questions import Answer, explained
from typeset.diagnostics import Finding, LetterError, Severity

INTRODUCTION = """\
# Answers to the findings of `typesetter check`. Write the reason of each answer in `why`; a finding with an empty `why`
# stays open. The text is printed as it is, unless you write other words in `print`. A proposal has a # before it;
# remove the # to use it. Then run: typesetter decide --from THIS-FILE. It records all answers, or none.

# Who decides: a role, or a person's name. You can also write `by` in an entry.
by = ""
"""


def template(findings: Sequence[Finding]) -> str:
    """A file to fill in, with every finding that a decision can answer."""
    asked = [finding for finding in findings if answerable(finding)]
    forms = (_form(finding, f"{number} of {len(asked)}") for number, finding in enumerate(asked, start=1))
    return "\n".join((INTRODUCTION, *forms))


def read_answers(data: bytes, file: str, *, by: str, today: date) -> tuple[tuple[Decision, ...], tuple[Finding, ...]]:
    """The decisions in a filled-in form, and its faults.

    ``by`` and ``today`` are used for entries that do not say who decided, and when. An entry without
    ``why`` and ``print`` was left empty and is no decision.
    """
    try:
        text, table = parsed(data)
    except LetterError as refused:
        return (), _in_file(refused.findings, file)
    lines = Lines(text)
    findings = [
        fault("unknown-key", f"{key} is not known here", lines.key(key), "write every entry under [[decision]]")
        for key in table
        if key not in ("decision", "by")
    ]
    entries = table.get("decision", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        entries = []
        findings.append(fault("wrong-type", "decision is not a list of entries", lines.key("decision"), "[[decision]]"))
    decisions: dict[tuple[str, str, str], Decision] = {}
    for index, entry in enumerate(entries):
        if _is_blank(entry.get("why", "")) and _is_blank(entry.get("print", "")):
            continue
        whole = {
            "why": "",
            **entry,
            "by": _first(entry.get("by"), table.get("by"), by),
            "when": entry.get("when", today),
        }
        if faults := tuple(entry_faults(whole, index, lines)):
            findings.extend(faults)
            continue
        decision = decision_of(whole, lines.entry(index))
        if decision.key in decisions:
            hint = "keep one of them"
            findings.append(about(decision, "answer-repeated", "the same finding is answered twice here", hint))
        decisions[decision.key] = decision
    placed = (replace(one, place=replace(one.place, file=file)) for one in decisions.values() if one.place)
    return tuple(placed), _in_file(findings, file)


def match(
    decisions: Iterable[Decision], open_findings: Sequence[Finding], recorded: Iterable[Decision]
) -> tuple[tuple[Answer, ...], tuple[Finding, ...]]:
    """The open findings that the decisions of a form answer, and a finding for each decision that answers none.

    A decision that is recorded already and prints the same is only a note.
    """
    answers: list[Answer] = []
    unmatched: list[Finding] = []
    by_key = {(finding.code, finding.subject, finding.evidence): finding for finding in open_findings}
    earlier = {decision.key: decision for decision in recorded}
    for decision in decisions:
        finding = by_key.get(decision.key)
        if finding is None or not answerable(finding):
            unmatched.append(_unmatched(decision, open_findings, earlier.get(decision.key)))
        elif decision.printed is None and not may_stand(decision.code):
            hint = "write other words in print, or correct the source"
            unmatched.append(about(decision, "answer-without-words", "this text cannot be kept as it is", hint))
        else:
            answers.append(
                Answer(finding=finding, by=decision.by, when=decision.when, why=decision.why, printed=decision.printed)
            )
    return tuple(answers), tuple(unmatched)


def _unmatched(decision: Decision, open_findings: Iterable[Finding], recorded: Decision | None) -> Finding:
    if recorded:
        where = f" (decisions.toml, line {recorded.place.line})" if recorded.place else ""
        if recorded.printed == decision.printed:
            message = f"this answer is already recorded{where}"
            return about(decision, "answered-already", message, "nothing to do", Severity.NOTE)
        message = f"this finding already has another answer{where}"
        return about(decision, "answered-otherwise", message, "change the entry there, or leave out this one")
    now = [one for one in open_findings if (one.code, one.subject) == (decision.code, decision.subject)]
    if now:
        message = f"{decision.code} of {decision.subject or 'the letter'} has a text that has changed since this answer"
        return about(decision, "stale-answer", message, f"the text is now {now[0].evidence}: answer again")
    message = f"there is no open finding {decision.code} of {decision.subject or 'the letter'}"
    return about(
        decision, "answers-nothing", message, "typesetter check lists the open findings; --template writes a new form"
    )


def _form(finding: Finding, which: str) -> str:
    lines = [_comment(f"{which}. {finding.severity}: {finding.message}")]
    if place := finding.place:
        spot = f", line {place.line}" if place.line else ""
        lines.append(_comment(f"{place.file}{spot}{f', column {place.column}' if place.column else ''}"))
    if explanation := explained(finding.code):
        lines.append(_comment(" ".join(explanation.sentences)))
    lines += ["[[decision]]", *(f"{key} = {quoted(getattr(finding, key))}" for key in ("code", "subject", "evidence"))]
    if takes_words(finding.code, finding.subject):
        proposal = proposed_words(finding)
        lines.append(f"# print = {quoted(proposal)}" if proposal or may_stand(finding.code) else 'print = ""')
    return "\n".join((*lines, 'why = ""', ""))


def _comment(text: str) -> str:
    # Escaped as in a string, so that a name cannot end the comment or hide in it.
    return fill(quoted(text)[1:-1], width=118, initial_indent="# ", subsequent_indent="# ", break_long_words=False)


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _first(*values: Any) -> Any:
    """The first value that is not empty, or the last value."""
    return next((value for value in values if value is not None and not _is_blank(value)), values[-1])


def _in_file(findings: Iterable[Finding], file: str) -> tuple[Finding, ...]:
    """Findings about decisions.toml, changed to name the form."""
    return tuple(
        replace(
            finding,
            subject=finding.subject.replace(FILE, file) if finding.subject.startswith(FILE) else finding.subject,
            place=replace(finding.place, file=file) if finding.place else None,
        )
        for finding in findings
    )
