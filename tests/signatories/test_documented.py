from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKERS = {"fault", "error", "letter_error", "ask", "Finding"}
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
FURTHER = {"namesakes", "unknown-kind-cell", "unknown-language-cell", "renumbering-not-asked"}
"""Codes that are put together, or have no hyphen to be known by."""


def codes_in(path: Path) -> Iterator[str]:
    """The codes of the findings that a module makes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in MAKERS | {
            "replace"
        }:
            given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "code")]
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and CODE.fullmatch(value.value):
                    yield value.value


def test_every_finding_of_an_import_is_explained_and_nothing_else_is() -> None:
    made = {
        code
        for path in (
            *(ROOT / "src/typeset/signatories").glob("*.py"),
            *(ROOT / "src/typeset/tables").glob("*.py"),
        )
        for code in codes_in(path)
    } | FURTHER
    page = (ROOT / "docs" / "list.md").read_text(encoding="utf-8").partition("## What an import can report")[2]
    rows = re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)
    explained = {code for row in rows for code in re.findall(r"`([^`]+)`", row)}

    assert len(made) > 40
    assert made == explained
