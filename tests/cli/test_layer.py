"""The command line parses and prints; what it prints is made in the packages, where programs find it too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import typeset.cli

MODULES = sorted(Path(typeset.cli.__file__).parent.glob("*.py"))
MADE_ELSEWHERE = {
    "Finding": "a finding",
    "open_root": "an open archive",
    "cpu_count": "a number of workers",
}


def calls(tree: ast.AST) -> set[str]:
    """The names of everything that is called."""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        one.id if isinstance(one, ast.Name) else one.attr for one in called if isinstance(one, ast.Name | ast.Attribute)
    }


def imports(tree: ast.AST) -> set[str]:
    """The modules that anything is imported from."""
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_commands_make_no_finding_open_no_archive_and_choose_no_number_of_workers(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert {MADE_ELSEWHERE[name] for name in calls(tree) & set(MADE_ELSEWHERE)} == set()
    assert {name for name in imports(tree) if name.startswith("typeset.archive.")} == set()


def test_a_finding_that_a_command_makes_is_seen() -> None:
    made = ast.parse(
        "raise LetterError([diagnostics.Finding(code='x')])\nfrom typeset.archive.storage import open_root\n"
    )

    assert "Finding" in calls(made)
    assert "typeset.archive.storage" in imports(made)
