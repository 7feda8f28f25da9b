"""The tables of docs/findings.md, made of what the program explains with: ``python -m tests.support.findings_page``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from tests.support.finding_codes import codes_said, modules
from typeset.decisions.questions import explanations, table

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "findings.md"
OTHERS: Final = {
    "list.md#what-an-import-can-report": "tables that are brought into a list, and its single signatories",
    "recipients.md#what-is-checked": "recipients, addresses and labels",
    "archive.md#what-can-go-wrong": "the archive and its disk",
}
"""The pages that explain the findings of a subject of their own, beside it."""
ELSEWHERE = "Explained on other pages"


def with_tables(page: str) -> str:
    """The page with the table of each group as it has to be."""
    tables = {group: table(group) for group in dict.fromkeys(each.group for each in explanations())}
    for group, rows in {**tables, ELSEWHERE: _index()}.items():
        section = re.compile(rf"(^## {re.escape(group)}\n(?:(?!##|\|).*\n)*)(?:\|.*\n)+", re.MULTILINE)
        page = section.sub(lambda found, rows=rows: found[1] + rows + "\n", page)  # type: ignore[misc]
    return page


def explained_in(page: str) -> set[str]:
    """Every code that begins a row of a table, alone or with others."""
    rows = re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([^`]+)`", row)}


def explained_elsewhere() -> dict[str, set[str]]:
    """The codes that the other pages explain and this one does not."""
    here = {code for each in explanations() for code in each.codes}
    said = set(codes_said(modules()))
    pages = {page: explained_in((DOCS / page.partition("#")[0]).read_text(encoding="utf-8")) for page in OTHERS}
    return {page: {code for code in codes if said_as(code, said)} - here for page, codes in pages.items()}


def said_as(code: str, said: Iterable[str]) -> set[str]:
    """The codes in the sources that a code on a page is: itself, or one that is put together."""
    return {each for each in said if fnmatchcase(code, each)}


def _index() -> str:
    rows = []
    for page, codes in explained_elsewhere().items():
        listed = ", ".join(f"`{code}`" for code in sorted(codes))
        rows.append(f"| [docs/{page.partition('#')[0]}]({page}): {OTHERS[page]} | {listed} |")
    return "\n".join(("| page | codes |", "|---|---|", *rows))


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
