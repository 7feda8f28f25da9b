"""Locks on folders: they hold others up on every system, end with their process and leave nothing behind."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

import typeset
from typeset.archive.storage import Disk, locked
from typeset.diagnostics import LetterError
from typeset.signing import publishing_lock

SOURCES = sorted(Path(typeset.__file__).parent.rglob("*.py"))
HOLDER = """
import sys
from pathlib import Path
from typeset.signing import publishing_lock
with publishing_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
PATIENCE = 60.0


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that works on a folder's edition until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_no_module_needs_the_locks_of_one_system() -> None:
    importers = [
        path.name
        for path in SOURCES
        if {"fcntl", "msvcrt"} & set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    ]

    assert SOURCES
    assert importers == []


@pytest.mark.parametrize("end", ["by itself", "killed"])
def test_second_writer_of_an_edition_waits_until_the_first_has_ended(tmp_path: Path, end: str) -> None:
    entered = Event()

    def write() -> None:
        with publishing_lock(tmp_path):
            entered.set()

    with another_process(tmp_path) as first:
        second = Thread(target=write)
        second.start()
        waited = not entered.wait(0.3)
        if end == "killed":
            first.kill()
        else:
            assert first.stdin
            first.stdin.close()
        second.join(PATIENCE)

    assert waited
    assert entered.is_set()


def test_lock_of_the_archive_is_free_again_after_each_use(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with locked(folder, Disk()), pytest.raises(LetterError, match="0 seconds"), locked(folder, Disk(), patience=0):
        pass

    with locked(folder, Disk(), patience=0) as work:
        left = sorted(path.name for path in work.iterdir())

    assert left == ["lock"]
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows may keep the file")
def test_lock_of_an_edition_leaves_nothing_even_when_the_command_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), publishing_lock(tmp_path):
        raise ZeroDivisionError

    assert list(tmp_path.iterdir()) == []


def test_lock_file_of_a_process_that_was_killed_is_used_and_removed(tmp_path: Path) -> None:
    with another_process(tmp_path) as first:
        first.kill()
        first.wait(PATIENCE)
    left = [path.name for path in tmp_path.iterdir()]

    with publishing_lock(tmp_path):
        pass

    assert left == [".publishing"]
    assert list(tmp_path.iterdir()) == []
