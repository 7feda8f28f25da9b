"""Every change of an archive is found, and what is found says what to do."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha512
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from tests.support.archives import archive_with, edition, following, snapshot
from typeset.archive import ArchivedEdition, deposit, editions, find_edition, open_root, read_edition_name, verify
from typeset.archive.ocfl import INVENTORY, SIDECAR, read_inventory, sidecar, write_inventory
from typeset.diagnostics import Finding, LetterError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    archive_with(tmp_path / "archive", 3)
    deposit(tmp_path / "archive", edition(1, demonstration=True))
    return tmp_path / "archive"


def found(folder: Path) -> list[Finding]:
    """All that verify has to say, and what opening the archive is refused for."""
    try:
        return [finding for checked in verify(open_root(folder)) for finding in checked.findings]
    except LetterError as refused:
        return list(refused.findings)


def overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def every_file(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_flipped_bit_in_any_file_is_found(folder: Path, chance: random.Random) -> None:
    files = every_file(folder)
    assert len(files) > 40
    for path in files:
        whole = path.read_bytes()
        for place in {0, len(whole) - 1, chance.randrange(len(whole))}:
            flipped = bytearray(whole)
            flipped[place] ^= 1 << chance.randrange(8)
            overwrite(path, bytes(flipped))

            findings = found(folder)

            assert findings, f"byte {place} of {path.relative_to(folder)}"
            assert all(finding.hint and finding.place for finding in findings)
        overwrite(path, whole)
    assert found(folder) == []


def test_removed_shortened_and_emptied_file_is_found(folder: Path) -> None:
    for path in every_file(folder):
        whole = path.read_bytes()
        path.unlink()
        assert found(folder), f"without {path.relative_to(folder)}"
        path.write_bytes(whole[:-1])
        assert found(folder), f"a byte less in {path.relative_to(folder)}"
        path.write_bytes(b"")
        assert found(folder), f"nothing in {path.relative_to(folder)}"
        path.write_bytes(whole)
    assert found(folder) == []


@pytest.mark.parametrize(
    "path",
    [
        "stray.txt",
        "small/stray.txt",
        "small/v1/stray.txt",
        "small/v2/content/stray.txt",
        "small/v2/content/sources/stray.txt",
        "small/v4/content/stray.txt",
        "small/v02/content/stray.txt",
        "small/logs/log.txt",
        "Other/stray.txt",
        "small/extensions/stray.txt",
    ],
)
def test_file_that_nobody_archived_is_found(folder: Path, path: str) -> None:
    stray = folder / path
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"stray")

    assert {finding.code for finding in found(folder)} & {"archive-stray-file", "archive-damaged"}


@pytest.mark.parametrize("path", ["empty", "small/empty", "small/v2/content/empty"])
def test_empty_folder_that_nobody_archived_is_found(folder: Path, path: str) -> None:
    (folder / path).mkdir()

    assert found(folder)


@pytest.mark.parametrize(
    "path",
    ["small/v1/content/manifest.json", "small/v2/content", "small/v1", "small", "small/inventory.json", "README.txt"],
)
def test_link_in_the_place_of_what_was_archived_is_found(folder: Path, path: str) -> None:
    linked, elsewhere = folder / path, folder.parent / "elsewhere"
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere)

    assert found(folder)


@pytest.mark.parametrize("path", ["manifest.json", "sources"])
def test_link_is_not_followed_in_reading(folder: Path, path: str) -> None:
    linked, elsewhere = folder / "small" / "v1" / "content" / path, folder.parent / "elsewhere"
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere)

    with pytest.raises(LetterError) as refused:
        editions(open_root(folder), "small")[0].files()

    assert {finding.code for finding in refused.value.findings} == {"archive-file-missing"}


def test_link_in_the_place_of_a_letter_is_not_written_through(folder: Path) -> None:
    given = following(folder)
    (folder / "small").rename(folder.parent / "elsewhere")
    (folder / "small").symlink_to(folder.parent / "elsewhere")
    before = snapshot(folder.parent / "elsewhere")

    with pytest.raises(LetterError) as refused:
        deposit(folder, given)

    assert [finding.code for finding in refused.value.findings] == ["archive-symlink"]
    assert snapshot(folder.parent / "elsewhere") == before


def test_editions_in_another_order_are_found(folder: Path) -> None:
    (folder / "small" / "v2").rename(folder / "aside")
    (folder / "small" / "v3").rename(folder / "small" / "v2")
    (folder / "aside").rename(folder / "small" / "v3")

    assert found(folder)


def test_unfinished_edition_that_is_damaged_is_left_for_a_person(folder: Path) -> None:
    small = folder / "small"
    for name in (INVENTORY, SIDECAR):  # as if the third edition had been interrupted before its listing
        overwrite(small / name, (small / "v2" / name).read_bytes())
    (small / "v3" / "content" / "approvals").mkdir()
    (small / "v3" / "content" / "approvals" / "late.json").write_bytes(b"{}")
    before = snapshot(folder)

    findings = found(folder)
    with pytest.raises(LetterError) as refused:
        deposit(folder, edition(3, "0" * 64))

    assert "archive-stray-file" in {finding.code for finding in findings}
    assert [finding.code for finding in refused.value.findings] == ["archive-stray-file"]
    assert snapshot(folder) == before


def test_last_edition_taken_away_is_found_and_nothing_takes_its_place(folder: Path) -> None:
    rmtree(folder / "small" / "v3")
    before = snapshot(folder)

    findings = found(folder)
    with pytest.raises(LetterError) as refused:
        deposit(folder, edition(3, "0" * 64))

    assert findings
    assert [finding.code for finding in refused.value.findings] == ["archive-damaged"]
    assert snapshot(folder) == before


def rewritten(folder: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> None:
    """The latest edition exchanged by somebody who knows OCFL: all its digests and inventories are right again."""
    head = folder / "v3"
    inventory = read_inventory((folder / INVENTORY).read_bytes())
    state = dict(inventory.versions[2].state)
    manifest = dict(inventory.manifest)
    for name, data in change({name: (folder / inventory.path(3, name)).read_bytes() for name in state}).items():
        digest = sha512(data).hexdigest()
        if digest not in manifest:
            (head / "content" / name).unlink(missing_ok=True)
            (head / "content" / name).parent.mkdir(parents=True, exist_ok=True)
            (head / "content" / name).write_bytes(data)
            manifest = {d: path for d, path in manifest.items() if path != f"v3/content/{name}"}
            manifest[digest] = f"v3/content/{name}"
        state[name] = digest
    versions = (*inventory.versions[:2], replace(inventory.versions[2], state=state))
    data = write_inventory(replace(inventory, manifest=manifest, versions=versions))
    for place in (folder, head):
        overwrite(place / INVENTORY, data)
        overwrite(place / SIDECAR, sidecar(data))


@pytest.mark.parametrize("name", ["manifest.json", "final/small.en.ed3.signed.pdf"])
def test_file_exchanged_with_all_digests_made_right_breaks_the_chain(folder: Path, name: str) -> None:
    rewritten(folder / "small", lambda files: {name: b"another file"})

    assert {finding.code for finding in found(folder)} == {"archive-chain"}


@pytest.mark.parametrize(
    "told", [{"predecessor": "0" * 64}, {"manifest": "0" * 64}, {"edition": 4}, {"letter": "other"}, {"files": {}}]
)
def test_record_that_tells_another_story_breaks_the_chain(folder: Path, told: dict[str, object]) -> None:
    def other(files: dict[str, bytes]) -> dict[str, bytes]:
        return {"edition.json": json.dumps(json.loads(files["edition.json"]) | told).encode()}

    rewritten(folder / "small", other)

    assert [finding.code for finding in found(folder)] == ["archive-chain"]


def test_damaged_latest_inventory_hides_no_edition_and_the_next_deposit_mends_it(folder: Path) -> None:
    overwrite(folder / "small" / INVENTORY, b"{}")

    assert found(folder)
    assert len(editions(open_root(folder), "small")) == 3
    deposit(folder, following(folder))

    assert found(folder) == []
    assert len(editions(open_root(folder), "small")) == 4


def test_damaged_predecessor_refuses_the_next_edition(folder: Path) -> None:
    given = following(folder)
    overwrite(folder / "small" / "v3" / "content" / "manifest.json", b"{}")
    before = snapshot(folder)

    with pytest.raises(LetterError) as refused:
        deposit(folder, given)

    assert [finding.code for finding in refused.value.findings] == ["archive-damaged"]
    assert snapshot(folder) == before


def test_what_is_read_is_what_was_archived_or_nothing(folder: Path) -> None:
    overwrite(folder / "small" / "v1" / "content" / "sources" / "letter.toml", b"id = 'other'")
    (folder / "small" / "v1" / "content" / "approvals" / "chair.json").unlink()
    first = find_edition(open_root(folder), read_edition_name("small@1"))

    with pytest.raises(LetterError) as refused:
        first.files()

    assert {finding.code for finding in refused.value.findings} == {"archive-file-changed", "archive-file-missing"}
    assert first.read("manifest.json") == edition(1).files["manifest.json"]


def test_verify_proves_more_where_it_is_given_how(folder: Path) -> None:
    proven: list[str] = []

    def prove(one: ArchivedEdition) -> tuple[Finding, ...]:
        proven.append(str(one.name))
        return ()

    checked = list(verify(open_root(folder), ("small",), prove))

    assert proven == ["small@1", "small@2", "small@3"]
    assert (checked[0].editions, checked[0].findings) == (3, ())
    assert checked[0].files == len(every_file(folder / "small"))


def test_copy_of_the_archive_is_as_good_as_the_archive(folder: Path) -> None:
    copytree(folder, folder.parent / "copy")
    os.rename(folder, folder.parent / "gone")

    deposit(folder.parent / "copy", following(folder.parent / "copy"))

    assert found(folder.parent / "copy") == []
