"""Answers to many findings in one file: a form to fill in, and what was filled in."""

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
# Answers to what `typesetter check` asks. Say in `why` why a finding is answered so; one whose `why` stays empty is
# left open. A text stands as it is, unless `print` says what is printed instead. Proposals have a # before them; take
# it away to have them. Then: typesetter decide --from THIS-FILE. All of it is recorded, or nothing.

# Who decides: a role, or a person's name. An entry may have a `by` of its own.
by = ""
"""


def template(findings: Sequence[Finding]) -> str:
    """A file to fill in, with every finding that a decision can answer."""
    asked = [finding for finding in findings if answerable(finding)]
    forms = (_form(finding, f"{number} of {len(asked)}") for number, finding in enumerate(asked, start=1))
    return "\n".join((INTRODUCTION, *forms))


def read_answers(data: bytes, file: str, *, by: str, today: date) -> tuple[tuple[Decision, ...], tuple[Finding, ...]]:
    """The decisions that a filled-in file takes, and what is wrong with it.

    ``by`` is who decides where the file does not say; ``today`` is when, where it does not say. An entry without
    ``why`` and ``print`` was left empty and is no decision.
    """
    try:
        text, table = parsed(data)
    except LetterError as refused:
        return (), _in_file(refused.findings, file)
    lines = Lines(text)
    findings = [
        fault("unknown-key", f"{key} is not known here", lines.key(key), "every entry stands under [[decision]]")
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
            hint = "leave one of them"
            findings.append(about(decision, "answer-repeated", "the same finding is answered twice here", hint))
        decisions[decision.key] = decision
    placed = (replace(one, place=replace(one.place, file=file)) for one in decisions.values() if one.place)
    return tuple(placed), _in_file(findings, file)


def match(
    decisions: Iterable[Decision], open_findings: Sequence[Finding], recorded: Iterable[Decision]
) -> tuple[tuple[Answer, ...], tuple[Finding, ...]]:
    """What decisions of a file answer among the open findings, and the ones that answer nothing as it is now.

    One that is recorded already, word for word in what it prints, is only mentioned.
    """
    answers: list[Answer] = []
    said: list[Finding] = []
    by_key = {(finding.code, finding.subject, finding.evidence): finding for finding in open_findings}
    earlier = {decision.key: decision for decision in recorded}
    for decision in decisions:
        finding = by_key.get(decision.key)
        if finding is None or not answerable(finding):
            said.append(_unmatched(decision, open_findings, earlier.get(decision.key)))
        elif decision.printed is None and not may_stand(decision.code):
            hint = "say in print what is printed instead, or mend the source"
            said.append(about(decision, "answer-without-words", "no decision lets this text stand", hint))
        else:
            answers.append(
                Answer(finding=finding, by=decision.by, when=decision.when, why=decision.why, printed=decision.printed)
            )
    return tuple(answers), tuple(said)


def _unmatched(decision: Decision, open_findings: Iterable[Finding], recorded: Decision | None) -> Finding:
    if recorded:
        where = f" (decisions.toml, line {recorded.place.line})" if recorded.place else ""
        if recorded.printed == decision.printed:
            message = f"this is recorded already{where}"
            return about(decision, "answered-already", message, "nothing to do", Severity.NOTE)
        message = f"this is answered otherwise already{where}"
        return about(decision, "answered-otherwise", message, "change the entry there, or leave this one out")
    now = [one for one in open_findings if (one.code, one.subject) == (decision.code, decision.subject)]
    if now:
        message = f"{decision.code} of {decision.subject or 'the letter'} was answered on another text"
        return about(decision, "stale-answer", message, f"the text is {now[0].evidence} now: answer anew")
    message = f"no open finding is {decision.code} of {decision.subject or 'the letter'}"
    return about(
        decision, "answers-nothing", message, "typesetter check shows what is open; --template writes a new file"
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
    # As in a string, so that nothing of a name ends the comment or hides in it.
    return fill(quoted(text)[1:-1], width=118, initial_indent="# ", subsequent_indent="# ", break_long_words=False)


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _first(*values: Any) -> Any:
    """The first of these that says something; the last where none does."""
    return next((value for value in values if value is not None and not _is_blank(value)), values[-1])


def _in_file(findings: Iterable[Finding], file: str) -> tuple[Finding, ...]:
    """Findings that speak of decisions.toml, said of the file that was read instead."""
    return tuple(
        replace(
            finding,
            subject=finding.subject.replace(FILE, file) if finding.subject.startswith(FILE) else finding.subject,
            place=replace(finding.place, file=file) if finding.place else None,
        )
        for finding in findings
    )
