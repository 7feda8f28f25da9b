"""``letter.toml`` as TOML: its table, and where in it a fault is."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from typeset.diagnostics import Finding, Location, Severity
from typeset.manuscript.text import line_of_key

LETTER_FILE = "letter.toml"


class TomlReader:
    """Collects findings about one TOML text, each with the line of its key."""

    def __init__(self, text: str, findings: list[Finding]) -> None:
        self.text, self.findings = text, findings

    def fault(self, code: str, fact: str, hint: str, key: str = "", table: str = "", occurrence: int = 0) -> None:
        """Record a fault at a key: at the top, or in the n-th table of a name."""
        line = line_of_key(self.text, key, table, occurrence) or (
            line_of_key(self.text, "", table, occurrence) if table else 0
        )
        self.findings.append(
            Finding(
                code=code,
                severity=Severity.ERROR,
                fact=fact,
                place=Location(file=LETTER_FILE, line=line, column=1 if line else 0),
                hint=hint,
                subject=" ".join(filter(None, (f"{table} {occurrence + 1}" if table else "", key))) or LETTER_FILE,
            )
        )


def parsed_table(text: str, findings: list[Finding]) -> dict[str, Any] | None:
    """The table in the text; None and a finding where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        found = re.search(r"at line (\d+), column (\d+)", str(fault))
        line, column = (int(found[1]), int(found[2])) if found else (0, 0)
        findings.append(
            Finding(
                code="not-toml",
                severity=Severity.ERROR,
                fact=re.sub(r" \(at .*\)$", "", str(fault)).lower(),
                place=Location(file=LETTER_FILE, line=line, column=column),
                hint="values stand in quotes or are numbers, dates or lists, each key on a line of its own",
                subject=LETTER_FILE,
            )
        )
        return None
