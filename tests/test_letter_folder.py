from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.letters import files
from typeset import letter_folder
from typeset.diagnostics import LetterError
from typeset.journal import new_folder, write_files
from typeset.letter_folder import find_letter, read_sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "content" / "small"
    new_folder(folder, files())
    return folder


def codes(refused: pytest.ExceptionInfo[LetterError]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def test_sources_hold_the_folder_and_its_look(folder: Path) -> None:
    sources = read_sources(folder)

    assert sources["letter.toml"] == files()["letter.toml"]
    assert "templates/letter.html.j2" in sources
    assert "templates/languages/en.toml" in sources


def test_two_checkouts_read_the_same(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    new_folder(elsewhere, files())

    assert dict(read_sources(folder)) == dict(read_sources(elsewhere))


def test_a_file_of_the_letters_own_takes_the_place_of_the_looks(folder: Path) -> None:
    write_files(folder / "templates", {"letterhead.html.j2": b"<p>ours</p>"})

    assert read_sources(folder)["templates/letterhead.html.j2"] == b"<p>ours</p>"


def test_a_path_that_climbs_out_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "decisions.toml").symlink_to(tmp_path / "secret")
    (folder / "templates").mkdir()
    (folder / "templates" / "letterhead.html.j2").symlink_to(tmp_path / "secret")

    with pytest.raises(LetterError) as refused:
        read_sources(folder)

    assert codes(refused) == ["outside-reference", "outside-reference"]


def test_what_is_no_file_is_refused(folder: Path) -> None:
    (folder / "decisions.toml").mkdir()
    os.mkfifo(folder / "letter.fr.md")

    with pytest.raises(LetterError) as refused:
        read_sources(folder)

    assert codes(refused) == ["not-a-file", "not-a-file"]


def test_a_file_beyond_all_measure_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_folder, "LARGEST", 1_000_000)
    (folder / "signatories.csv").write_bytes(b"x" * 1_000_001)

    with pytest.raises(LetterError) as refused:
        read_sources(folder)

    assert codes(refused) == ["too-large"]


@pytest.mark.parametrize("look", ["nowhere", "../letter", "languages"])
def test_a_look_that_is_not_there_is_refused(folder: Path, look: str) -> None:
    (folder / "letter.toml").write_bytes(files()["letter.toml"].replace(b"schema = 1", f'look = "{look}"'.encode()))

    with pytest.raises(LetterError) as refused:
        read_sources(folder)

    assert codes(refused) == ["unknown-look"]
    assert "letter" in refused.value.findings[0].hint


def test_the_only_letter_need_not_be_named(folder: Path) -> None:
    assert find_letter(None, folder.parent.parent) == folder
    assert find_letter(None, folder) == folder


def test_a_choice_of_letters_is_asked_for(folder: Path) -> None:
    new_folder(folder.parent / "other", files())

    with pytest.raises(LetterError) as refused:
        find_letter(None, folder.parent.parent)

    assert codes(refused) == ["which-letter"]


def test_a_new_folder_never_overwrites(folder: Path) -> None:
    before = sorted(path.name for path in folder.iterdir())

    with pytest.raises(LetterError) as refused:
        new_folder(folder, {"letter.toml": b"other"})

    assert codes(refused) == ["folder-exists"]
    assert sorted(path.name for path in folder.iterdir()) == before
    assert list(folder.parent.iterdir()) == [folder]


def test_a_failed_write_leaves_everything_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    synced: list[int] = []

    def full_disk(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_files(folder, {"letter.toml": b"new", "signatories.csv": b"new"})

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
