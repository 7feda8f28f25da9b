from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAKERS = {"finding", "Finding", "_listed", "_containing", "fault", "about"}
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+|undated|misspelling")


def codes_in(path: Path) -> Iterator[str]:
    """The codes of findings that a module makes: constants that its calls, returns and names of constants give."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in MAKERS:
            given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "code")]
        elif isinstance(node, ast.Return | ast.Assign) and isinstance(node.value, ast.Tuple):
            given = node.value.elts[:1]
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "CODE" and node.value:
            given = [node.value]
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and CODE.fullmatch(value.value):
                yield value.value


def test_every_code_is_explained_and_every_explained_code_exists() -> None:
    rooms = ROOT / "src" / "typeset"
    modules = [*(rooms / "check").glob("*.py"), *(rooms / "decisions").glob("*.py"), rooms / "fonts" / "uncovered.py"]
    made = {code for path in modules for code in codes_in(path)}
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    explained = {
        code for row in re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE) for code in re.findall(r"`([^`]+)`", row)
    }

    assert len(made) > 50
    assert made == explained
