"""Folders that are no archive of ours, or cannot be used as one."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.outside.ocfl import foreign_root, root_complaints
from tests.support.archives import archive_with, edition, failing_at, following, snapshot
from typeset.archive import deposit, editions, open_root, verify
from typeset.archive.storage import Disk, move_new
from typeset.diagnostics import LetterError


def codes(refused: pytest.ExceptionInfo[LetterError]) -> list[str]:
    assert all(finding.hint and finding.place for finding in refused.value.findings)
    return [finding.code for finding in refused.value.findings]


def test_first_edition_makes_the_archive_with_a_letter_to_the_finder(tmp_path: Path) -> None:
    deposit(tmp_path / "deep" / "down" / "archive", edition(1))

    folder = tmp_path / "deep" / "down" / "archive"
    assert (folder / "0=ocfl_1.1").read_bytes() == b"ocfl_1.1\n"
    assert "AN ARCHIVE OF JOINT LETTERS" in (folder / "README.txt").read_text()
    assert root_complaints(folder) == []


def test_empty_folder_becomes_the_archive(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()

    deposit(tmp_path / "archive", edition(1))

    assert len(editions(open_root(tmp_path / "archive"), "small")) == 1


def test_link_to_an_archive_is_followed(tmp_path: Path) -> None:
    archive_with(tmp_path / "disk" / "archive", 1)
    (tmp_path / "archive").symlink_to(tmp_path / "disk" / "archive")

    deposit(tmp_path / "archive", following(tmp_path / "archive"))

    assert len(editions(open_root(tmp_path / "disk" / "archive"), "small")) == 2
    assert (tmp_path / "archive").is_symlink()


@pytest.mark.parametrize("empty", [False, True], ids=["no folder", "an empty place to mount it on"])
def test_vanished_archive_is_not_begun_anew(tmp_path: Path, empty: bool) -> None:
    folder = tmp_path / "archive"
    given = edition(2, archive_with(folder, 1).digest)
    folder.rename(tmp_path / "gone")
    if empty:
        folder.mkdir()
    before = snapshot(tmp_path)

    with pytest.raises(LetterError) as refused:
        deposit(folder, given)
    with pytest.raises(LetterError) as unread:
        open_root(folder)

    assert codes(refused) == codes(unread) == ["archive-missing"]
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"0=ocfl_2.0": b"ocfl_2.0\n"}, "archive-newer"),
        ({"0=ocfl_1.1": b"ocfl_1.1\n", "0=ocfl_1.2": b"ocfl_1.2\n"}, "archive-newer"),
        ({"0=ocfl_1.0": b"ocfl_1.0\n"}, "archive-newer"),
        ({"0=bagit": b""}, "archive-foreign"),
        ({"holiday.jpg": b"jpeg"}, "archive-foreign"),
        ({"0=ocfl_1.1": b"ocfl_1.1\n"}, "archive-foreign"),
        ({"0=ocfl_1.1": b"ocfl_1.1\n", "ocfl_layout.json": b"{}"}, "archive-foreign"),
    ],
)
def test_folder_that_is_no_archive_of_ours_is_left_alone(tmp_path: Path, files: dict[str, bytes], code: str) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    before = snapshot(tmp_path)

    with pytest.raises(LetterError) as refused:
        deposit(folder, edition(1))
    with pytest.raises(LetterError) as unread:
        open_root(folder)

    assert codes(refused) == codes(unread) == [code]
    assert snapshot(tmp_path) == before


def test_root_made_by_another_tool_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    foreign_root(folder, "0003-hash-and-id-n-tuple-storage-layout")
    before = snapshot(tmp_path)

    with pytest.raises(LetterError) as refused:
        deposit(folder, edition(1))

    assert codes(refused) == ["archive-foreign"]
    assert snapshot(tmp_path) == before


def test_object_made_by_another_tool_is_told_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 1)
    foreign_root(tmp_path / "other", "0002-flat-direct-storage-layout", object_id="theirs")
    (tmp_path / "other" / "theirs").rename(folder / "theirs")
    before = snapshot(folder)

    told = {checked.object_id: checked.findings for checked in verify(open_root(folder))}
    with pytest.raises(LetterError):
        deposit(folder, edition(2, "0" * 64, "theirs"))

    assert told["theirs"]
    assert told["small"] == told[""] == ()
    assert snapshot(folder) == before
    assert root_complaints(folder) == []


def test_move_to_a_new_name_never_replaces_even_an_empty_folder(tmp_path: Path) -> None:
    for name in ("from", "to"):
        (tmp_path / name).mkdir()

    with pytest.raises(FileExistsError):
        move_new(Disk(), tmp_path / "from", tmp_path / "to")

    assert (tmp_path / "from").is_dir()


def test_file_in_the_place_of_a_letter_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 1)
    (folder / "other").write_bytes(b"")

    with pytest.raises(LetterError) as refused:
        deposit(folder, edition(1, letter="other"))

    assert codes(refused) == ["archive-symlink"]


def test_file_in_the_place_of_the_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(b"")

    with pytest.raises(LetterError) as refused:
        deposit(tmp_path / "archive", edition(1))

    assert codes(refused) == ["archive-unreachable"]


def test_loop_of_links_in_the_place_of_the_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "archive").symlink_to(tmp_path / "archive")

    with pytest.raises(LetterError) as refused:
        deposit(tmp_path / "archive", edition(1))

    assert len(codes(refused)) == 1


def test_read_only_disk_can_still_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    given = edition(2, archive_with(folder, 1).digest)

    with pytest.raises(LetterError) as refused:
        deposit(folder, given, disk=failing_at(1, errno.EROFS))

    assert codes(refused) == ["archive-read-only"]
    assert [checked.findings for checked in verify(open_root(folder))] == [(), ()]
