"""What an import asked and somebody answered: ``list-decisions.toml``.

The answers are kept apart from ``decisions.toml``: they are about rows of files that are not in the letter folder,
where nothing could find them stale, and about names that need not be on the list. An entry is written the same way,
with ``import`` for its subject. ``print`` gives what is taken instead: the name, the value, or which of two rows stays;
empty, it leaves the row out. An entry with the code ``left-out`` does so for a name that nothing else asks about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from typeset.decisions import Decision, append, entry, quoted, read_answers as filled_in, read_decisions
from typeset.diagnostics import Finding, Severity, error
from typeset.signatories.rows import IMPORT

FILE: Final = "list-decisions.toml"
LEFT_OUT: Final = "left-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Decisions on imports, by code and evidence."""

    decisions: Mapping[tuple[str, str], Decision] = field(default_factory=lambda: MappingProxyType({}))

    def to(self, finding: Finding) -> Decision | None:
        """The answer to a finding; none to one without evidence, which can only be mended."""
        return self.decisions.get((finding.code, finding.evidence)) if finding.evidence else None

    def leaves_out(self, name: str) -> bool:
        """Whether somebody left a name out for no reason that a finding gives."""
        return (LEFT_OUT, name) in self.decisions


def read_answers(data: bytes, file: str, findings: list[Finding]) -> tuple[Decision, ...]:
    """The decisions on imports in a file; what is wrong with it is told of that file."""
    decisions, faults = read_decisions(data)
    for fault in faults:
        place = replace(fault.place, file=file) if fault.place else None
        findings.append(replace(fault, place=place, subject=fault.subject.replace("decisions.toml", file)))
    findings.extend(
        error(
            "not-about-import",
            f"the decision on {decision.code} is not about an import",
            f'this file is only for decisions with subject = "{IMPORT}"; write others into decisions.toml',
            place=replace(decision.place, file=file) if decision.place else None,
            subject=file,
        )
        for decision in decisions
        if decision.subject != IMPORT
    )
    return tuple(decision for decision in decisions if decision.subject == IMPORT)


def answers(decisions: Iterable[Decision]) -> Answers:
    """Decisions ready to be asked; the latest counts."""
    return Answers(decisions=MappingProxyType({(each.code, each.evidence): each for each in decisions}))


def answers_file(existing: bytes, decisions: Iterable[Decision]) -> bytes:
    """``list-decisions.toml`` with these decisions at its end."""
    for each in decisions:
        asked = Finding(
            code=each.code, severity=Severity.NOTE, message="", subject=each.subject, evidence=each.evidence
        )
        existing = append(existing, entry(asked, by=each.by, when=each.when, why=each.why, printed=each.printed))
    return existing


def given_answers(data: bytes, file: str, findings: list[Finding], *, by: str, today: date) -> tuple[Decision, ...]:
    """The answers in a form that somebody filled in; an entry left empty is none."""
    decisions, faults = filled_in(data, file, by=by, today=today)
    findings.extend(faults)
    return tuple(decision for decision in decisions if decision.subject == IMPORT)


def questions_file(findings: Iterable[Finding]) -> bytes:
    """Open findings as a form to be filled in, for ``--answers``."""
    forms: dict[tuple[str, str], str] = {}
    for finding in findings:
        if finding.evidence and finding.severity is not Severity.NOTE:
            forms.setdefault((finding.code, finding.evidence), _form(finding))
    return "\n".join((_INTRODUCTION, *forms.values())).encode()


_INTRODUCTION = """\
# Answers to the questions of `typesetter list import`. Write the reason of each answer in `why`; a question with an
# empty `why` stays open. The row is used as it is, unless you write in `print` what to use instead: other words, the
# right one of two names, or the right value. Then run: typesetter list import FILE --answers THIS-FILE. It imports all
# rows, or none.

# Who decides: a role, or a person's name.
by = ""
"""


def _form(finding: Finding) -> str:
    asked = " ".join(quoted(f"{finding.severity}: {finding.message} {finding.hint}")[1:-1].split())
    proposal = f"# print = {quoted(finding.proposal)}" if finding.proposal else '# print = ""'
    lines = ["[[decision]]", f"code = {quoted(finding.code)}", f"subject = {quoted(IMPORT)}"]
    lines += [f"evidence = {quoted(finding.evidence)}", proposal, 'why = ""']
    return "\n".join((f"# {asked}", *lines, ""))
