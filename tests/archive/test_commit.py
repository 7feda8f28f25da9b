"""Editions go into the archive once, in their order, and come out as they went in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.outside.ocfl import root_complaints
from tests.support.archives import MADE, STEPS, archive_with, edition, following, snapshot
from typeset.archive import deposit, editions, find_edition, latest, object_ids, open_root, read_edition_name, verify
from typeset.archive.storage import Disk
from typeset.diagnostics import LetterError, Severity


def codes(refused: pytest.ExceptionInfo[LetterError]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def test_archived_editions_are_read_back_as_they_were_given(tmp_path: Path) -> None:
    archive_with(tmp_path / "archive", 3)

    shelf = editions(open_root(tmp_path / "archive"), "small")

    assert [str(one.name) for one in shelf] == ["small@1", "small@2", "small@3"]
    for number, one in enumerate(shelf, start=1):
        files = one.files()
        given = edition(number).files
        assert {name: files[name] for name in given} == given
        assert files.keys() - given.keys() == {"README.txt", "edition.json"}
        assert one.sources()["letter.zh-Hant.md"] == "# 小信\n".encode()
        assert (one.record.about.named, one.record.about.total) == (number + 2, number + 3)
        assert one.record.about.sign_off[0].role == "chair"


def test_another_implementation_accepts_the_archive(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 3)
    archive_with(folder, 1, "other-letter")
    deposit(folder, edition(1, demonstration=True))

    assert root_complaints(folder) == []
    assert object_ids(open_root(folder)) == ("other-letter", "small", "small.demonstration")
    assert [checked.findings for checked in verify(open_root(folder))] == [()] * 4


def test_other_implementation_sees_a_damage(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    receipt = archive_with(folder, 1)
    changed = receipt.folder / "content" / "manifest.json"
    changed.chmod(0o644)
    changed.write_bytes(b"{}")

    assert root_complaints(folder)


def test_unchanged_files_are_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 3)

    copies = [path.relative_to(folder).as_posix() for path in folder.rglob("letter.zh-Hant.md")]

    assert copies == ["small/v1/content/sources/letter.zh-Hant.md"]
    assert find_edition(open_root(folder), read_edition_name("small@3")).sources()["letter.zh-Hant.md"]


def test_edition_names_the_manifest_of_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 2)

    first, second = editions(open_root(folder), "small")

    assert second.record.predecessor == hashlib.sha256(first.read("manifest.json")).hexdigest()
    assert latest(open_root(folder), "small") == (2, hashlib.sha256(second.read("manifest.json")).hexdigest())


@pytest.mark.parametrize(
    ("number", "predecessor"),
    [(1, ""), (2, "0" * 64), (3, "right"), (4, "right")],
    ids=["again as the first", "after another one", "as if one were missing", "as if two were missing"],
)
def test_edition_that_does_not_follow_the_latest_is_refused(tmp_path: Path, number: int, predecessor: str) -> None:
    folder = tmp_path / "archive"
    receipt = archive_with(folder, 1)
    before = snapshot(folder)
    files = dict(edition(number).files) | {"manifest.json": b"another"}
    late = edition(number, receipt.digest if predecessor == "right" else predecessor, files=files)

    with pytest.raises(LetterError) as refused:
        deposit(folder, late)

    assert codes(refused) == ["edition-moved"]
    assert "edition 1" in refused.value.findings[0].message
    assert snapshot(folder) == before


def test_edition_sealed_once_more_is_refused_and_the_first_is_shown_the_way_to(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 2)
    before = snapshot(folder)
    again = edition(1, files=dict(edition(1).files) | {"final/small.en.ed1.signed.pdf": b"%PDF sealed again"})

    with pytest.raises(LetterError) as refused:
        deposit(folder, again)

    assert codes(refused) == ["edition-archived"]
    assert "typesetter archive export small@1 --pdf" in refused.value.findings[0].hint
    assert snapshot(folder) == before


def test_same_edition_handed_over_again_is_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    first = archive_with(folder, 2)
    before = snapshot(folder)

    again = deposit(folder, replace(edition(1), made=MADE + timedelta(days=9)))

    assert again.earlier
    assert again.folder == first.folder.parent / "v1"
    assert snapshot(folder) == before


def test_demonstrations_are_counted_apart_and_say_what_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 2)

    receipt = deposit(folder, following(folder, demonstration=True))

    assert receipt.number == 1
    shown = editions(open_root(folder), "small.demonstration")[0]
    assert shown.record.demonstration
    assert "THIS IS A DEMONSTRATION" in shown.read("README.txt").decode()
    assert latest(open_root(folder), "small")[0] == 2


def test_clock_that_runs_backwards_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    first = archive_with(folder, 1)

    receipt = deposit(folder, edition(2, first.digest, made=MADE - timedelta(days=400)))

    assert [(finding.code, finding.severity) for finding in receipt.findings] == [("clock-backwards", Severity.WARNING)]
    assert [one.name.number for one in editions(open_root(folder), "small")] == [1, 2]
    assert root_complaints(folder) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"letter": "../small"}, "unusable-id"),
        ({"letter": "small.demonstration"}, "unusable-id"),
        ({"letter": "small\n"}, "unusable-id"),
        ({"letter": "small\0"}, "unusable-id"),
        ({"letter": "%2e%2e"}, "unusable-id"),
        ({"letter": "ｓmall"}, "unusable-id"),
        ({"letter": "smaⅼl"}, "unusable-id"),
        ({"letter": "Small"}, "unusable-id"),
        ({"letter": "-small"}, "unusable-id"),
        ({"letter": ""}, "unusable-id"),
        ({"letter": "a" * 65}, "unusable-id"),
        ({"letter": "extensions"}, "unusable-id"),
        ({"files": {"manifest.json": b"", "../out": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "/etc/out": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "a//b": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "a\0b": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "a\u202eb": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "e\u0301": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "A": b"", "a": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "a": b"", "a/b": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "README.txt": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "c:\\out": b""}}, "unusable-name"),
        ({"files": {"manifest.json": b"", "x" * 300: b""}}, "unusable-name"),
        ({"files": {"letter.toml": b""}}, "unfit-edition"),
        ({"made": datetime(2026, 3, 4)}, "unfit-edition"),
        ({"by": " "}, "unfit-edition"),
        ({"number": 2}, "unfit-edition"),
        ({"number": 0}, "unfit-edition"),
    ],
)
def test_what_cannot_be_archived_is_refused_before_the_disk_is_touched(
    tmp_path: Path, changed: dict[str, Any], code: str
) -> None:
    with pytest.raises(LetterError) as refused:
        deposit(tmp_path / "archive", replace(edition(1), **changed))

    assert set(codes(refused)) == {code}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["small@0", "small@", "@1", "../small@1", "small@1\n", "small@01", "small@٣", "a/b", "small@1@2", "."]
)
def test_name_that_is_no_editions_is_refused(name: str) -> None:
    with pytest.raises(LetterError) as refused:
        read_edition_name(name)

    assert codes(refused) == ["unusable-id"]


def test_editions_that_are_not_there_are_named(tmp_path: Path) -> None:
    archive_with(tmp_path / "archive", 2)
    root = open_root(tmp_path / "archive")

    with pytest.raises(LetterError) as no_letter:
        find_edition(root, read_edition_name("other"))
    with pytest.raises(LetterError) as no_edition:
        find_edition(root, read_edition_name("small@3"))

    assert codes(no_letter) + codes(no_edition) == ["no-such-letter", "no-such-edition"]
    assert "small@2" in no_edition.value.findings[0].hint


def test_record_and_letter_to_the_finder_say_what_is_there(tmp_path: Path) -> None:
    archive_with(tmp_path / "archive", 2)
    second = find_edition(open_root(tmp_path / "archive"), read_edition_name("small"))

    record, finder = json.loads(second.read("edition.json")), second.read("README.txt").decode()

    assert record["about"]["counts"] == {"named": 4, "anonymous": 1, "total": 5}
    pdf = "final/small.en.ed2.signed.pdf"
    assert record["files"][pdf]["sha256"] == hashlib.sha256(second.read(pdf)).hexdigest()
    for said in ("EDITION 2 OF THE JOINT LETTER small", "小信 (zh-Hant)", pdf, second.record.digest, "ocfl.io"):
        assert said in finder
    assert second.record.predecessor in finder


def test_commit_costs_what_is_new_and_its_inventory_twice(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    receipt = archive_with(folder, 1)
    for number in range(2, 30):
        steps: list[str] = []
        written: list[int] = []
        given = edition(number, receipt.digest)

        receipt = deposit(folder, given, disk=weighed(steps, written))

        added = [path for path in (folder / "small" / f"v{number}" / "content").rglob("*") if path.is_file()]
        listing = (folder / "small" / "inventory.json").stat().st_size
        new = sum(path.stat().st_size for path in added)
        assert sum(written) == new + 2 * (listing + len("inventory.json") + 128 + 2)
        assert len(steps) < 4 * len(added) + 25  # whatever the number of editions before


def weighed(steps: list[str], written: list[int]) -> Disk:
    """A disk that tells what it does and how much it writes."""

    class Weighed(Disk):
        def write(self, handle: int, data: memoryview) -> int:
            written.append(len(data))
            return super().write(handle, data)

        def sync_filesystem(self, handle: int) -> bool:
            return True

    for name in STEPS:
        setattr(Weighed, name, _counted(steps, name, getattr(Weighed, name)))
    return Weighed()


def _counted(steps: list[str], name: str, step: Callable[..., Any]) -> Callable[..., Any]:
    def taken(*arguments: Any) -> Any:
        steps.append(name)
        return step(*arguments)

    return taken
