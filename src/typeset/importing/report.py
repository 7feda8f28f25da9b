"""``import-report.md``: everything the importer did and everything it doubts, for the person who has the last word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from typeset.diagnostics import Finding
from typeset.importing.fixes import Fix, FixKind


def report_file(*, source_name: str, facts: Iterable[str], fixes: Sequence[Fix], findings: Sequence[Finding]) -> bytes:
    """The report on one raw text. Lines are those of the raw text, counted from 1."""
    lines = [
        f"# Import of {_code(source_name)}",
        "",
        "Line numbers are those of the raw text. `typesetter check` says more about the words and names themselves.",
        "",
        *(f"- {fact}" for fact in facts),
        "",
        *_doubts(findings),
        *_silent([fix for fix in fixes if fix.kind.silent]),
        *_logged([fix for fix in fixes if not fix.kind.silent]),
    ]
    return ("\n".join(lines).rstrip("\n") + "\n").encode()


def _doubts(findings: Sequence[Finding]) -> Iterator[str]:
    yield f"## Doubts ({len(findings)})"
    yield ""
    if not findings:
        yield "None."
        yield ""
    for finding in findings:
        line = f"line {finding.place.line}, " if finding.place and finding.place.line else ""
        yield f"- **{finding.code}** ({finding.severity}), {line}{finding.subject}: {_plain(finding.fact)}"
        if finding.evidence:
            yield f"  - stands: {_code(finding.evidence)}"
        if finding.proposal:
            yield f"  - may be: {_code(finding.proposal)}"
        yield f"  - {_plain(finding.hint)}"
    if findings:
        yield ""


def _silent(fixes: Sequence[Fix]) -> Iterator[str]:
    yield f"## Silent fixes ({len(fixes)})"
    yield ""
    counted = Counter(fix.kind for fix in fixes)
    for kind in FixKind:
        if counted[kind]:
            yield f"- {kind}: {counted[kind]}"
    if not fixes:
        yield "None."
    yield ""


def _logged(fixes: Sequence[Fix]) -> Iterator[str]:
    yield f"## Logged fixes ({len(fixes)})"
    yield ""
    if not fixes:
        yield "None."
    for kind in FixKind:
        made = [fix for fix in fixes if fix.kind is kind]
        if not made:
            continue
        yield f"### {kind[0].upper()}{kind[1:]} ({len(made)})"
        yield ""
        for fix in sorted(made, key=lambda fix: fix.line):
            after = f" → {_code(fix.after)}" if fix.after else ""
            yield f"- line {fix.line}: {_code(fix.before)}{after}"
        yield ""


def _code(text: str) -> str:
    """Text as a code span that shows every character, line ends as a sign (CommonMark 6.1)."""
    shown = re.sub(r"\n+", " ⏎ ", text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    padded = f" {shown} " if shown.startswith("`") or shown.endswith("`") or shown.strip() != shown else shown
    return f"{fence}{padded}{fence}"


def _plain(text: str) -> str:
    """A sentence with the marks in it kept from being markup."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", re.sub(r"\s*\n\s*", " ⏎ ", text))
