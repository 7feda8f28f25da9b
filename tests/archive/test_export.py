"""Editions leave the archive whole: as a bag, as a signed file with its proof, as a letter folder."""

from __future__ import annotations

import errno
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.archives import archive_with, edition, failing_at, snapshot, steps_of
from typeset.archive import About, ArchivedEdition, deposit, find_edition, open_root, read_edition_name, restore_letter
from typeset.archive.export import bag, letter_folder, signed_files, write_folder
from typeset.diagnostics import LetterError
from typeset.letter_folder import house_sources


@pytest.fixture
def second(tmp_path: Path) -> ArchivedEdition:
    archive_with(tmp_path / "archive", 2)
    return find_edition(open_root(tmp_path / "archive"), read_edition_name("small@2"))


@pytest.fixture
def judge() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import bagit
    return bagit


def packed(one: ArchivedEdition, folder: Path) -> Path:
    write_folder(folder, bag(one.name, one.record, one.files(), packed=date(2026, 5, 6), agent="typeset 0.0.0"))
    return folder


def test_library_of_congress_accepts_the_bag(second: ArchivedEdition, tmp_path: Path, judge: Any) -> None:
    folder = packed(second, tmp_path / "bag")

    received = judge.Bag(str(folder))

    received.validate(processes=1, completeness_only=False)
    assert received.version_info == (1, 0)
    assert received.info["External-Identifier"] == "small@2"
    assert received.info["External-Description"] == ["A small letter (en)", "小信 (zh-Hant)"]
    assert received.info["Bagging-Date"] == "2026-05-06"
    assert {path.removeprefix("data/") for path in received.payload_files()} == second.files().keys()
    assert (folder / "data/sources/letter.zh-Hant.md").read_bytes() == "# 小信\n".encode()


def test_title_of_several_lines_stays_one_line_of_the_bag(tmp_path: Path, judge: Any) -> None:
    about = About(titles={"en": "A letter\nPayload-Oxum: 0.0"})
    deposit(tmp_path / "archive", edition(1, about=about))
    one = find_edition(open_root(tmp_path / "archive"), read_edition_name("small"))

    received = judge.Bag(str(packed(one, tmp_path / "bag")))

    assert received.is_valid()
    assert received.info["External-Description"] == "A letter Payload-Oxum: 0.0 (en)"


@pytest.mark.parametrize("file", ["data/manifest.json", "bag-info.txt", "manifest-sha512.txt"])
def test_bag_that_was_changed_on_the_way_is_not_accepted(
    second: ArchivedEdition, tmp_path: Path, judge: Any, file: str
) -> None:
    folder = packed(second, tmp_path / "bag")
    (folder / file).write_bytes((folder / file).read_bytes() + b"\n")

    assert not judge.Bag(str(folder)).is_valid()


def test_signed_file_comes_with_what_proves_it(second: ArchivedEdition) -> None:
    files = signed_files(second)

    assert set(files) == {"small.en.ed2.signed.pdf", "small.ed2.manifest.json", "small.ed2.edition.json"}
    assert files["small.en.ed2.signed.pdf"] == edition(2).files["final/small.en.ed2.signed.pdf"]
    with pytest.raises(LetterError, match="no signed PDF in fr"):
        signed_files(second, "fr")


def test_restored_letter_has_its_own_words_of_a_language_and_nothing_of_the_house(tmp_path: Path) -> None:
    own = {"templates/languages/fa.toml": b'name = "own"'}
    house = house_sources("letter", own)
    assert "templates/cldr/fa.toml" in house
    sources = {f"sources/{name}": data for name, data in {**house, **own}.items()}
    deposit(tmp_path / "archive", edition(1, files={**edition(1).files, **sources}))

    restored = restore_letter(tmp_path / "archive", "small", tmp_path / "again")

    assert {path.relative_to(restored.folder).as_posix() for path in restored.folder.glob("templates/**/*.*")} == {*own}


def test_letter_folder_comes_back_as_it_was(tmp_path: Path) -> None:
    own = {"sources/letter.toml": b"id", "sources/templates/own.css": b"own", "sources/fonts/own.ttf": b"ttf"}
    house = {"sources/templates/letter.html.j2": b"house", "sources/templates/print.css.j2": b"as it was then"}
    files = {**edition(1).files, **own, **house}
    deposit(tmp_path / "archive", edition(1, files=files))
    one = find_edition(open_root(tmp_path / "archive"), read_edition_name("small"))

    restored = letter_folder(one, {"templates/letter.html.j2": b"house", "templates/print.css.j2": b"as it is now"})

    assert restored == {
        "approvals/chair.json": b"{}",
        "fonts/own.ttf": b"ttf",
        "letter.toml": b"id",
        "letter.zh-Hant.md": "# 小信\n".encode(),
        "signatories.csv": files["sources/signatories.csv"],
        "templates/own.css": b"own",
        "templates/print.css.j2": b"as it was then",
    }


def test_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    files = {"a.txt": b"a", "deep/b.txt": b"b", "deep/down/c.txt": b"c"}
    steps = steps_of(lambda disk: write_folder(tmp_path / "count", files, disk))
    assert len(steps) > 15

    for number in range(1, len(steps) + 1):
        folder = tmp_path / "place" / f"{number}"
        with pytest.raises(LetterError) as refused:
            write_folder(folder, files, failing_at(number, errno.ENOSPC))

        assert [finding.code for finding in refused.value.findings] == ["archive-full"]
        assert not folder.exists() or snapshot(folder) == snapshot(tmp_path / "count")
        assert [path for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_folder_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    with pytest.raises(LetterError, match="folder-exists"):
        write_folder(tmp_path / "mine", {"a": b""})

    assert list((tmp_path / "mine").iterdir()) == []
