"""The tables of docs/findings.md, made of what the program explains with: ``python -m tests.findings_page``."""

from __future__ import annotations

import re
from pathlib import Path

from typeset.decisions.explaining import explanations, table

PAGE = Path(__file__).parent.parent / "docs" / "findings.md"


def with_tables(page: str) -> str:
    """The page with the table of each group as it has to be."""
    for group in dict.fromkeys(explanation.group for explanation in explanations()):
        section = re.compile(rf"(^## {re.escape(group)}\n(?:(?!##|\|).*\n)*)(?:\|.*\n)+", re.MULTILINE)
        page = section.sub(lambda found, group=group: found[1] + table(group) + "\n", page)  # type: ignore[misc]
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
