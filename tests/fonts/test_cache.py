"""The cache: keeps what it was given, forgets what was damaged, and never fails a build."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from typeset.fonts import Cache, FolderCache, MemoryCache

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture(params=["folder", "memory"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    return FolderCache(tmp_path / "kept") if request.param == "folder" else MemoryCache()


def test_what_was_put_is_got(cache: Cache) -> None:
    cache.put(KEY, b"one")
    cache.put(OTHER, b"")
    cache.put(KEY, b"two")

    assert (cache.get(KEY), cache.get(OTHER), cache.get("c" * 64)) == (b"two", b"", None)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "append"])
def test_damaged_entry_counts_as_absent(damage: str, tmp_path: Path) -> None:
    cache = FolderCache(tmp_path)
    cache.put(KEY, b"something long enough")
    entry = (tmp_path / KEY).read_bytes()
    damaged = {"cut": entry[:-3], "flip": entry[:-1] + b"?", "empty": b"", "append": entry + b"x"}[damage]
    (tmp_path / KEY).write_bytes(damaged)

    assert cache.get(KEY) is None

    cache.put(KEY, b"again")
    assert cache.get(KEY) == b"again"


def test_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = FolderCache(tmp_path / "file" / "kept")

    cache.put(KEY, b"data")

    assert cache.get(KEY) is None


def test_entry_that_is_a_folder_is_no_entry(tmp_path: Path) -> None:
    (tmp_path / KEY).mkdir()
    cache = FolderCache(tmp_path)

    cache.put(KEY, b"data")

    assert cache.get(KEY) is None
    assert [path.name for path in tmp_path.iterdir()] == [KEY]


def test_nothing_half_written_is_left_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "replace", full)

    FolderCache(tmp_path).put(KEY, b"data")

    assert not list(tmp_path.iterdir())


def test_key_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        FolderCache(tmp_path).get("../../etc/passwd")


def test_longest_untouched_goes_first_when_the_folder_is_full(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, limit=2_500)
    for number, key in enumerate(("a" * 64, "b" * 64)):
        cache.put(key, bytes(1_000))
        os.utime(tmp_path / key, (number, number))

    cache.get("a" * 64)
    cache.put("c" * 64, bytes(1_000))

    assert [cache.get(letter * 64) is not None for letter in "abc"] == [True, False, True]


def test_many_writers_of_one_entry_leave_a_whole_one(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path)
    threads = [threading.Thread(target=cache.put, args=(KEY, bytes([n]) * 50_000)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = cache.get(KEY)

    assert kept is not None
    assert len(set(kept)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY]
