"""The steps of CONTRIBUTING.md that add a check and a format work as they are written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.support.letters import files
from typeset.sources import house

LANDMARK = (
    r"(?:Append to `(?P<appended>[^`]+)`|Add to `(?P<inserted>[^`]+)` (?P<where>after|before) `(?P<line>[^`]+)`):\n\n"
)
BLOCK = re.compile(rf"(?:{LANDMARK})?^ *```(?P<kind>sh|python|text)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


def steps(section: str) -> Iterator[re.Match[str]]:
    """The code blocks of a section, in their order, each with the file that it belongs to."""
    text = (house() / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {section}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found
    return BLOCK.finditer(found[1])


def follow(section: str, tree: Path) -> list[str]:
    """Follow the steps of a section in a copy of the repository; the commands that were run."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "XDG_CACHE_HOME": str(tree / "cache")}
    commands = []
    for step in steps(section):
        text = dedent(step["text"])
        if step["kind"] == "sh":
            command = re.sub("^typesetter", "python -m typeset", text.strip()).replace("python", sys.executable, 1)
            done = subprocess.run(command, shell=True, cwd=tree, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
            commands.append(text.strip())
        elif step["appended"]:
            with (tree / step["appended"]).open("a", encoding="utf-8") as file:
                file.write(f"\n\n{text}")
        else:
            path = tree / step["inserted"]
            before = path.read_text(encoding="utf-8")
            line = f"    {step['line']}\n" if step["where"] == "after" else f"\n{step['line']}\n"
            added = f"{line}{indent(text, '    ')}" if step["where"] == "after" else f"\n{text}\n{line}"
            assert before.count(line) == 1
            path.write_text(before.replace(line, added), encoding="utf-8")
    return commands


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the steps change and run, with a letter in content/try."""
    for folder in ("src", "locales", "templates", "docs"):
        shutil.copytree(house() / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__.py", "conftest.py", "slow.txt", "support", "checks"):
        source = house() / "tests" / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        (tmp_path / "tests").mkdir(exist_ok=True)
        copy(source, tmp_path / "tests" / name)
    shutil.copy(house() / "pyproject.toml", tmp_path)
    (tmp_path / "fonts").symlink_to(house() / "fonts")
    for name, data in files().items():
        path = tmp_path / "content" / "try" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def test_steps_of_contributing_add_a_check(tree: Path) -> None:
    commands = follow("Add a check", tree)

    assert len(commands) == 2
    assert "| `repeated-mark` |" in (tree / "docs/findings.md").read_text(encoding="utf-8")


def test_steps_of_contributing_add_a_format(tree: Path) -> None:
    commands = follow("Add a format", tree)

    (made,) = (tree / "output").rglob("*.names")
    assert len(commands) == 1
    assert made.read_text(encoding="utf-8").startswith("1\t")
