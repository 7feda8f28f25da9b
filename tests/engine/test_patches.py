"""Another WeasyPrint: slower where only speed depends on what changed in it, refused where a correct file does."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from tests.support.letters import files
from typeset import engine
from typeset.engine import patches

PRETEND = """
import sys
from functools import wraps
from typeset.cli import main
from typeset.engine import speedups
from typeset.engine.loader import load

def changed(owner, name):
    # The same in other words, so that its source is another one.
    stock = getattr(owner, name)
    setattr(owner, name, lambda *given, **options: stock(*given, **options))

load().VERSION = "70.1"
"""
SLOWER = """
from cssselect2 import Matcher
import pydyf
from weasyprint import css
from weasyprint.formatting_structure import boxes
from weasyprint.layout import percent

changed(percent, "percentage")
changed(boxes.Box, "is_floated")
changed(css, "StyleFor")
changed(Matcher, "add_selector")
changed(pydyf.PDF, "write")
speedups.COLUMNS_RELIED_ON["block.py"] = "another"
"""
WRONG = """
from weasyprint.pdf import tags
changed(tags, "_build_box_tree")
"""
BUILD = "main(['build', sys.argv[1], '--output', sys.argv[2]])"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small letter."""
    made = tmp_path / "small"
    made.mkdir()
    for name, data in files().items():
        (made / name).write_bytes(data)
    return made


def build(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build a letter after a program has changed WeasyPrint; results are beside the folder."""
    command = [sys.executable, "-c", PRETEND + program + BUILD, str(folder), str(folder.parent)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def words(pdf: Path) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def test_another_release_with_the_same_functions_is_used_with_a_warning(folder: Path) -> None:
    done = build("", folder)

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning[other-engine]") == 1
    assert "pages are set by WeasyPrint 70.1, and this program is made for 70.0\n" in done.stderr


def test_what_only_saves_time_is_left_out_where_the_engine_has_changed(folder: Path) -> None:
    build("", folder)
    pdf = folder / "small.en.pdf"
    known = words(pdf)
    pdf.unlink()

    done = build(SLOWER, folder)

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning[other-engine]") == 1
    assert f"without {', '.join(sorted(patch.name for patch in patches.FASTER))}\n" in done.stderr
    assert words(pdf) == known


def test_a_build_is_refused_where_a_correct_file_depends_on_what_has_changed(folder: Path) -> None:
    done = build(WRONG, folder)

    assert done.returncode == 1
    assert "error[unfit-engine]" in done.stderr
    assert "_build_box_tree has changed; it is patched so that the tags give each list" in done.stderr
    assert "hint: install WeasyPrint 70.0" in done.stderr
    assert not (folder / "small.en.pdf").exists()


def test_every_guarded_patch_is_in_one_of_the_two_groups() -> None:
    groups = {(patch.apply.__module__, patch.apply.__name__) for patch in (*patches.NEEDED, *patches.FASTER)}

    assert groups == set(guarded(Path(engine.__file__).parent))


def guarded(folder: Path) -> Iterator[tuple[str, str]]:
    """The functions below the engine's folder that patch WeasyPrint or check that it is the known one."""
    for path in (*folder.glob("*.py"), *folder.glob("cjk/*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        module = ".".join(("typeset.engine", *(part for part in parts if part != "__init__")))
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or path.stem == "patches":
                continue
            if re.match(r"(install|check)(_|$)", node.name) and "`ChangedEngine`" in str(ast.get_docstring(node)):
                yield module, node.name
