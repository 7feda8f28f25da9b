"""What may answer a finding: that the text stands, other words, or nothing but a change of the source."""

from __future__ import annotations

import re
from typing import Final

from typeset.decisions.record import FILE, Decision, about
from typeset.diagnostics import Finding, Severity

COUNT_CODE: Final = "count-mismatch"
STALE_CODE: Final = "stale-decision"
COUNTS: Final = ("total", "named", "anonymous")

# What these ask is not about the words that are printed, so no other words can answer them.
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
# Nobody can want the first two in print, and nothing can print the third: only other words answer them.
_ASK_OTHER_WORDS: Final = frozenset({"bidi-control", "control-character", "uncovered-character"})


def answerable(finding: Finding) -> bool:
    """Whether a decision can answer a finding at all.

    An error without evidence is about a file that cannot be read: there is nothing in it to decide on. What is wrong
    with ``decisions.toml`` is mended there, and what is recorded of changes is recorded anew.
    """
    if finding.subject == "changes" or (finding.place and finding.place.file == FILE):
        return False
    return bool(finding.evidence) or finding.severity is not Severity.ERROR


def is_stale(finding: Finding) -> bool:
    """Whether a finding is about a recorded decision that was taken on another text."""
    return finding.code == STALE_CODE


def may_stand(code: str) -> bool:
    """Whether the text may be left as it is."""
    return code not in _ASK_OTHER_WORDS


def takes_words(code: str, subject: str) -> bool:
    """Whether something else can be printed in answer to a finding."""
    if subject in COUNTS:
        return code == COUNT_CODE
    return code not in _ASK_NO_WORDS and re.fullmatch(r"title( \S+)?|signatory \d+", subject) is not None


def proposed_words(finding: Finding) -> str:
    """What may be printed instead, where the finding tells; a count that the source states, for a count.

    A proposal that is a change of the source is none.
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
        fact = f"nothing can be printed in answer to {decision.code} of {decision.subject or 'the letter'}"
        return about(decision, "print-without-place", fact, "leave print out, and mend the source where it is wrong")
    if decision.subject in COUNTS:
        if printed.isascii() and printed.isdigit() and len(printed) <= 7:
            return None
        return about(
            decision, "print-no-number", f"{printed!r} is no number to print", "print a whole number in digits"
        )
    if not printed.strip():
        return about(decision, "print-empty", "there is nothing to print", "leave print out to print the text as typed")
    return None
