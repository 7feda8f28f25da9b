"""What decisions do: they answer findings, and they change what is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from typeset.decisions.file import FILE, Decision, about
from typeset.diagnostics import Finding, Severity
from typeset.model import Letter

COUNT_CODE: Final = "count-mismatch"
STALE_CODE: Final = "stale-decision"
COUNTS: Final = ("total", "named", "anonymous")

# These are not about the printed words, so other words cannot answer them.
_ASK_NO_WORDS: Final = frozenset(
    {
        "ambiguous-language",
        "language-script",
        "name-repeated",
        "number-gap",
        "number-order",
        "number-repeated",
        "number-withdrawn",
        "person-among-organisations",
        "possible-duplicate",
        "unknown-language",
    }
)
# The first two must not be printed, and the third cannot be: only other words answer them.
_ASK_OTHER_WORDS: Final = frozenset({"bidi-control", "control-character", "uncovered-character"})


def answerable(finding: Finding) -> bool:
    """Whether a decision can answer a finding at all.

    An error without evidence is about a file that cannot be read: there is nothing in it to decide on. Faults of
    ``decisions.toml`` are corrected there, and the record of changes is written again.
    """
    if finding.subject == "changes" or (finding.place and finding.place.file == FILE):
        return False
    return bool(finding.evidence) or finding.severity is not Severity.ERROR


def is_stale(finding: Finding) -> bool:
    """Whether a finding is about a decision whose text has changed since."""
    return finding.code == STALE_CODE


def may_stand(code: str) -> bool:
    """Whether the text may be left as it is."""
    return code not in _ASK_OTHER_WORDS


def takes_words(code: str, subject: str) -> bool:
    """Whether an answer to a finding can print other words."""
    if subject in COUNTS:
        return code == COUNT_CODE
    return code not in _ASK_NO_WORDS and re.fullmatch(r"title( \S+)?|signatory \d+", subject) is not None


def proposed_words(finding: Finding) -> str:
    """The words that a finding proposes to print, or the count that the source states; empty if there are none.

    A proposal to change the source does not count.
    """
    if not takes_words(finding.code, finding.subject):
        return ""
    if finding.subject in COUNTS:
        stated = re.match(r"(\d+) stated; ", finding.evidence)
        return stated[1] if stated else ""
    return finding.proposal if finding.proposal.strip() else ""


def unprintable(decision: Decision) -> Finding | None:
    """Why other words cannot be printed for a decision; None where they can."""
    printed = decision.printed or ""
    if not takes_words(decision.code, decision.subject):
        message = f"other words cannot be printed for {decision.code} of {decision.subject or 'the letter'}"
        return about(decision, "print-without-place", message, "leave out print, or correct the source")
    if decision.subject in COUNTS:
        if printed.isascii() and printed.isdigit() and len(printed) <= 7:
            return None
        return about(decision, "print-no-number", f"{printed!r} is not a number", "print a whole number in digits")
    if not printed.strip():
        return about(decision, "print-empty", "print is empty", "leave out print to print the text as typed")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Findings compared with decisions: the open ones, the answered ones, and the stale decisions."""

    open: tuple[Finding, ...]
    answered: tuple[tuple[Finding, Decision], ...]
    stale: tuple[Finding, ...]


def answer(findings: Iterable[Finding], decisions: Iterable[Decision], letter: Letter | None = None) -> Answered:
    """Compare findings with decisions. If two decisions answer one finding, the later in the file counts.

    With the ``letter`` as typed, a decision that prints other words is not stale while the typed words are unchanged,
    even without a finding: with other words in their place, the fault may no longer be found.
    """
    latest = {decision.key: decision for decision in decisions}
    still_open: list[Finding] = []
    answered: list[tuple[Finding, Decision]] = []
    met: set[tuple[str, str, str]] = set()
    for finding in findings:
        key = finding.code, finding.subject, finding.evidence
        decision = latest.get(key)
        if decision is not None:
            met.add(key)
        if decision is None or (finding.severity is Severity.ERROR and not finding.evidence):
            # An error without evidence is about a file that cannot be read; there is nothing in it to decide on.
            still_open.append(finding)
        elif not may_stand(finding.code) and decision.printed is None:
            hint = "this text cannot be kept: correct the source, or record other words with --print"
            still_open.append(replace(finding, hint=hint))
        else:
            answered.append((finding, decision))
    return Answered(
        open=tuple(still_open),
        answered=tuple(answered),
        stale=tuple(
            _stale(decision, still_open)
            for key, decision in latest.items()
            if key not in met and not (letter and decision.printed is not None and _is_current(decision, letter))
        ),
    )


def apply(letter: Letter, decisions: Iterable[Decision]) -> tuple[Letter, tuple[Finding, ...]]:
    """The letter with what decisions print in place of the typed words, and the decisions that cannot be printed.

    The typed words are kept. A decision about a text that has changed since changes nothing.
    """
    findings: list[Finding] = []
    chosen: dict[tuple[str, str], tuple[Decision, str]] = {}
    for decision in {decision.key: decision for decision in decisions}.values():
        if decision.printed is None:
            continue
        if fault := unprintable(decision):
            findings.append(fault)
        elif _is_current(decision, letter):
            # There is one of each count; a name is known by its number and its typed text.
            target = (decision.subject, "" if decision.subject in COUNTS else decision.evidence)
            earlier = chosen.setdefault(target, (decision, decision.printed))
            if earlier[1] != decision.printed:
                findings.append(_conflict(decision, earlier[0]))
    counts = {which: int(chosen[which, ""][1]) for which in COUNTS if (which, "") in chosen}
    return replace(
        letter,
        versions=tuple(
            replace(version, printed_title=_printed(chosen, _title_subjects(version.lang), version.title))
            for version in letter.versions
        ),
        signatories=tuple(
            replace(signatory, printed=_printed(chosen, (f"signatory {signatory.number}",), signatory.name))
            for signatory in letter.signatories
        ),
        counts=replace(letter.counts, printed=MappingProxyType({**letter.counts.printed, **counts})),
    ), tuple(findings)


def _printed(chosen: Mapping[tuple[str, str], tuple[Decision, str]], subjects: tuple[str, ...], typed: str) -> str:
    """What is printed for a text: the words of the decision on it, else as typed."""
    return next((chosen[subject, typed][1] for subject in subjects if (subject, typed) in chosen), typed)


def _is_current(decision: Decision, letter: Letter) -> bool:
    """Whether the letter still has the text that a decision is about."""
    if decision.subject in COUNTS:
        reckoning = letter.counts.reckoning(decision.subject)
        return decision.evidence.endswith((f"; {reckoning}", f" [{reckoning}]"))
    texts = [(subject, version.title) for version in letter.versions for subject in _title_subjects(version.lang)]
    texts += [(f"signatory {signatory.number}", signatory.name) for signatory in letter.signatories]
    return (decision.subject, decision.evidence) in texts


def _title_subjects(lang: str) -> tuple[str, str]:
    return f"title {lang}", "title"


def _conflict(decision: Decision, earlier: Decision) -> Finding:
    where = f" (line {earlier.place.line})" if earlier.place else ""
    message = f"another decision prints {decision.subject} differently{where}: {earlier.printed}"
    return about(decision, "decisions-disagree", message, "write the same print in both, or remove one")


def _stale(decision: Decision, still_open: Sequence[Finding]) -> Finding:
    same = [f for f in still_open if (f.code, f.subject) == (decision.code, decision.subject)]
    hint = (
        f"the text is now {same[0].evidence}: record a new answer, then remove this entry"
        if same
        else "there is no such finding any more; remove the entry"
    )
    message = f"the decision on {decision.code} of {decision.subject or 'the letter'} is about a text that has changed"
    return about(decision, "stale-decision", message, hint, Severity.WARNING)
