"""The note that a preview leaves for builds: whom it is for, what it stands for, and when it is gone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.handed import note_at, notes, own_cache, written
from typeset.preview import note as noted
from typeset.preview.note import found, leave, new_note


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    with own_cache(tmp_path / "cache"):
        yield tmp_path / "cache"


def test_a_note_that_others_may_have_read_or_written_counts_for_nothing(cache: Path, tmp_path: Path) -> None:
    letter = written(tmp_path / "letter")
    before = set(notes(cache))
    leave(note_at(9), letter)
    (note,) = set(notes(cache)) - before
    believed = [found(letter) is not None]

    note.chmod(0o640)
    believed.append(found(letter) is not None)
    note.chmod(0o600)
    elsewhere = note.rename(tmp_path / "note.json")
    note.symlink_to(elsewhere)
    believed.append(found(letter) is not None)
    note.unlink()
    note.write_text("[]")
    note.chmod(0o600)
    believed.append(found(letter) is not None)
    note.unlink()

    assert believed == [True, False, False, False]


def test_whatever_makes_other_bytes_makes_another_likeness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "house", lambda: tmp_path)
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "one.ttf").write_bytes(b"face")
    monkeypatch.syspath_prepend(tmp_path)
    ways = [noted.likeness(), noted.likeness()]

    (tmp_path / "fonts" / "one.ttf").write_bytes(b"other face")
    ways.append(noted.likeness())
    (tmp_path / "weasyprint-71.0.dist-info").mkdir()
    ways.append(noted.likeness())
    monkeypatch.setattr("typeset.__version__", "9.9")
    ways.append(noted.likeness())

    assert ways[0] == ways[1]
    assert len(set(ways)) == 4


def test_the_likeness_is_of_the_program_as_it_stands_and_not_of_what_running_it_leaves(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "one.pyc").write_bytes(b"")

    lines = tuple(noted._standing(Path(noted.__file__).parents[1]))

    assert any("/render/pdf.py " in line for line in lines)
    assert tuple(noted._standing(tmp_path)) == (str(tmp_path),)


@pytest.mark.parametrize(
    ("bound", "host"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.168.7.20", None)],
)
def test_builds_come_over_the_loopback_or_not_at_all(bound: str, host: str | None) -> None:
    note = new_note(bound, 80, "likeness")

    assert (note.host if note else None) == host


def test_a_note_that_nobody_stands_by_any_more_is_cleared_away_by_the_next(cache: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        left = note_at(gone.getsockname()[1])
    with socket.create_server(("127.0.0.1", 0)) as there:
        leave(left, tmp_path / "killed")
        leave(note_at(there.getsockname()[1]), tmp_path / "running")

        leave(replace(left, port=9), tmp_path / "new")

    assert [found(tmp_path / name) is not None for name in ("killed", "running", "new")] == [False, True, True]
    assert len(notes(cache)) == 2


def test_a_cache_that_cannot_be_written_has_no_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "typeset").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    leave(note_at(9), tmp_path)

    assert found(tmp_path) is None
