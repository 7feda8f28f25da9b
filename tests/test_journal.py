"""Changes of a folder: one writer at a time, and all files of a change or none."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread, Timer

import pytest

from typeset import journal
from typeset.diagnostics import LetterError
from typeset.journal import JOURNAL, LOCK, UNFINISHED, folder_lock, new_folder, read_settled, write_files

OLD = {"one.csv": b"one", "two.csv": b"two", "gone.csv": b"gone"}
NEW = {"one.csv": b"ONE", "two.csv": b"TWO", "below/three.csv": b"THREE"}
AFTER = {"one.csv": b"ONE", "two.csv": b"TWO", "below/three.csv": b"THREE"}


class KilledError(BaseException):
    """Stands for the end of the process: nothing that tidies up is run."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in OLD.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def codes(refused: pytest.ExceptionInfo[LetterError]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Leave a folder as a process does that ends after so many files were moved in."""
    moved: list[str] = []

    def replace(path: Path, target: Path) -> Path:
        if target.name != JOURNAL and len(moved) == after:
            raise KilledError
        moved.extend([target.name] if target.name != JOURNAL else [])
        os.replace(path, target)
        return target

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(KilledError):
            write_files(folder, NEW, remove=("gone.csv",))


@contextmanager
def another_writer(folder: Path) -> Iterator[Event]:
    """Another thread that keeps the lock until the event is set."""
    held, free = Event(), Event()

    def write() -> None:
        with folder_lock(folder):
            held.set()
            free.wait(10)

    writer = Thread(target=write)
    writer.start()
    held.wait(10)
    try:
        yield free
    finally:
        free.set()
        writer.join()


def test_change_writes_and_removes_and_leaves_nothing_else(folder: Path) -> None:
    write_files(folder, NEW, remove=("gone.csv", "never-there.csv"))

    assert content(folder) == AFTER


@pytest.mark.parametrize("after", [0, 1, 2])
def test_interrupted_change_is_finished_by_the_next_reader(
    folder: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    interrupted(folder, monkeypatch, after)
    assert (folder / JOURNAL).exists()

    read = read_settled(folder, lambda: content(folder))

    assert read == AFTER


def test_interrupted_change_is_finished_by_the_next_writer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(folder, monkeypatch, 1)

    write_files(folder, {"four.csv": b"FOUR"})

    assert content(folder) == {**AFTER, "four.csv": b"FOUR"}


def test_change_without_a_journal_is_undone(folder: Path) -> None:
    (folder / f"{UNFINISHED}1").write_bytes(b"half")
    (folder / f"{UNFINISHED}2").mkdir()

    with folder_lock(folder):
        pass

    assert content(folder) == OLD
    assert sorted(path.name for path in folder.iterdir()) == sorted(OLD)


def test_change_with_a_damaged_file_is_undone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(folder, monkeypatch, 0)
    next(folder.glob(f"{UNFINISHED}*")).write_bytes(b"damaged")

    read = read_settled(folder, lambda: content(folder))

    assert read == OLD


def test_file_damaged_after_others_were_moved_in_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(folder, monkeypatch, 1)
    next(folder.glob(f"{UNFINISHED}*")).write_bytes(b"damaged")

    with pytest.raises(LetterError) as refused, folder_lock(folder):
        pass

    assert codes(refused) == ["unfinished-change"]


def test_file_that_a_person_edited_after_the_interruption_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(folder, monkeypatch, 2)
    (folder / "one.csv").write_bytes(b"by hand")

    read = read_settled(folder, lambda: content(folder))

    assert read == {**AFTER, "one.csv": b"by hand"}


def test_read_only_folder_with_a_journal_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(folder, monkeypatch, 1)

    def read_only(folder: Path) -> Iterator[None]:
        raise PermissionError(13, "Permission denied", str(folder / LOCK))

    monkeypatch.setattr(journal, "folder_lock", read_only)
    with pytest.raises(LetterError) as refused:
        read_settled(folder, lambda: content(folder))

    assert codes(refused) == ["unfinished-change"]
    assert "permission denied" in refused.value.findings[0].message


@pytest.mark.parametrize("name", ["../outside.csv", "/outside.csv", "link/outside.csv", "a\\..\\outside.csv", ""])
@pytest.mark.parametrize("part", ["files", "remove", "unfinished"])
def test_journal_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path, name: str, part: str) -> None:
    folder, outside = tmp_path / "letter", tmp_path / "outside.csv"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    outside.write_bytes(b"theirs")
    (folder / f"{UNFINISHED}1").write_bytes(b"hostile")
    move = {"name": "one.csv", "unfinished": f"{UNFINISHED}1", "sha256": hashlib.sha256(b"hostile").hexdigest()}
    if part != "remove":
        move["name" if part == "files" else "unfinished"] = name
    hostile = {"files": [move], "remove": [name] if part == "remove" else []}
    (folder / JOURNAL).write_text(json.dumps(hostile))

    with folder_lock(folder):
        pass

    assert outside.read_bytes() == b"theirs"
    assert sorted(path.name for path in folder.iterdir()) == ["link"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"files": [1], "remove": []}', b'{"remove": []}', b"\xff"])
def test_journal_that_cannot_be_read_undoes_the_change(folder: Path, data: bytes) -> None:
    (folder / JOURNAL).write_bytes(data)

    read = read_settled(folder, lambda: content(folder))

    assert read == OLD


def test_second_writer_is_told_that_the_folder_is_busy(folder: Path) -> None:
    with another_writer(folder), pytest.raises(LetterError) as refused, folder_lock(folder, patience=0.1):
        pass

    assert codes(refused) == ["busy"]
    assert refused.value.findings[0].message == "another command is writing in this folder"


def test_second_writer_waits_for_the_first(folder: Path) -> None:
    with another_writer(folder) as free:
        Timer(0.2, free.set).start()
        write_files(folder, {"one.csv": b"ONE"})

    assert content(folder) == {**OLD, "one.csv": b"ONE"}


def test_lock_is_taken_again_inside(folder: Path) -> None:
    with folder_lock(folder), folder_lock(folder, patience=0):
        write_files(folder, {"one.csv": b"ONE"})
        assert (folder / LOCK).exists()

    assert not (folder / LOCK).exists()


def test_reader_beside_a_writer_waits_for_the_whole_change(folder: Path) -> None:
    seen: list[dict[str, bytes]] = []
    first = Event()

    def read() -> dict[str, bytes]:
        found = {name: (folder / name).read_bytes() for name in ("one.csv",)}
        if not first.is_set():
            first.set()
            write_files(folder, {"one.csv": b"ONE", "two.csv": b"TWO"})
        return found | {"two.csv": (folder / "two.csv").read_bytes()}

    seen.append(read_settled(folder, read))

    assert seen == [{"one.csv": b"ONE", "two.csv": b"TWO"}]


def test_file_that_changed_since_it_was_read_stops_the_change(folder: Path) -> None:
    (folder / "one.csv").write_bytes(b"by hand")

    with pytest.raises(LetterError) as refused:
        write_files(folder, NEW, read={"one.csv": b"one", "two.csv": b"two", "new.csv": b""})

    assert codes(refused) == ["changed-meanwhile"]
    assert content(folder) == {**OLD, "one.csv": b"by hand"}


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o664)])
def test_umask_is_respected(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        new_folder(tmp_path / "letter", {"new.csv": b""})
        write_files(tmp_path / "letter", {"next.csv": b"", "below/third.csv": b""})
        write_files(tmp_path / "letter", {"key/secret": b""}, private=("key/secret",))
    finally:
        os.umask(before)

    paths = [tmp_path / "letter" / name for name in ("new.csv", "next.csv", "below/third.csv")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {mode}
    assert stat.S_IMODE((tmp_path / "letter").stat().st_mode) == 0o777 & ~mask
    assert stat.S_IMODE((tmp_path / "letter" / "key").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "letter" / "key" / "secret").stat().st_mode) == 0o600


def test_file_that_its_owner_closed_to_others_stays_closed(folder: Path) -> None:
    (folder / "one.csv").chmod(0o600)

    write_files(folder, {"one.csv": b"ONE"})

    assert stat.S_IMODE((folder / "one.csv").stat().st_mode) == 0o600


def test_interrupted_new_folder_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / f"{UNFINISHED}1"
    left.mkdir()
    (left / "letter.toml").write_bytes(b"")

    new_folder(tmp_path / "letter", {"letter.toml": b"schema = 1\n"})

    assert [path.name for path in tmp_path.iterdir()] == ["letter"]
