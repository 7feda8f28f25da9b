"""Tables in the words of a letter: Markdown has none (CommonMark 0.31), though many writers of it do."""

from __future__ import annotations

import re
from typing import Final

from typeset.diagnostics import Finding, Place, Severity

_RULE: Final = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_FEWEST: Final = 2


def table_in(text: str, place: Place, subject: str) -> Finding | None:
    """What is said of a paragraph with a table in it: rows set apart by strokes, or headings above a rule of them."""
    lines = [line.strip() for line in text.split("\n")]
    rows = [_is_row(line) for line in lines]
    for at, line in enumerate(lines):
        ruled = at + 1 < len(lines) and "|" in lines[at + 1] and _RULE.fullmatch(lines[at + 1])
        if ("|" in line and ruled) or (len(rows[at:]) >= _FEWEST and all(rows[at : at + _FEWEST])):
            end = next((after for after in range(at, len(lines)) if "|" not in lines[after]), len(lines))
            return Finding(
                code="no-tables",
                severity=Severity.WARNING,
                fact="a table stands here; its strokes and dashes are printed as they are typed, all in one paragraph",
                place=Place(file=place.file, line=place.line + at, column=place.column),
                hint="write a list or sentences instead; put a backslash before each | to print the strokes on purpose",
                subject=subject,
                evidence="\n".join(lines[at:end]),
            )
    return None


def _is_row(line: str) -> bool:
    """Whether a line begins and ends with a stroke, and has words between."""
    return len(line) > _FEWEST and line.startswith("|") and line.endswith("|") and not line.endswith("\\|")
