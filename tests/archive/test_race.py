"""Several processes use one archive at once."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.outside.ocfl import root_complaints
from tests.support.archives import MADE, archive_with, edition, following, snapshot
from typeset.archive import deposit, editions, open_root, verify
from typeset.archive.reader import read_object, version_folders
from typeset.archive.storage import Disk, locked
from typeset.diagnostics import LetterError

PROJECT = Path(__file__).parents[2]
PUBLISHERS = 8


def race(folder: Path, rounds: int) -> list[list[str]]:
    """What became of the attempts of eight processes that begin together."""
    command = [sys.executable, "-m", "tests.support.archive_process", "race", str(folder)]
    runners = [
        subprocess.Popen(
            [*command, f"publisher {me}", str(rounds)],
            cwd=PROJECT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for me in range(PUBLISHERS)
    ]
    for runner in runners:
        assert runner.stdout
        assert runner.stdout.readline() == "ready\n"
    for runner in runners:
        assert runner.stdin
        runner.stdin.write("go\n")
        runner.stdin.flush()
    outcomes = [json.loads(runner.communicate(timeout=120)[0]) for runner in runners]
    assert [runner.returncode for runner in runners] == [0] * PUBLISHERS
    return outcomes


def test_of_eight_publishers_of_one_edition_one_succeeds_and_seven_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 1)

    outcomes = race(folder, rounds=0)

    assert sorted(outcomes) == [["2"]] + [["edition-moved"]] * (PUBLISHERS - 1)
    winner = outcomes.index(["2"])
    second = editions(open_root(folder), "small")[1]
    assert json.loads(second.read("manifest.json"))["publisher"] == f"publisher {winner}"
    assert second.by == f"publisher {winner}"
    assert root_complaints(folder) == []


def test_eight_publishers_that_try_again_all_get_their_editions_in(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 1)

    outcomes = race(folder, rounds=2)

    numbers = [int(outcome) for mine in outcomes for outcome in mine if outcome.isdigit()]
    assert sorted(numbers) == list(range(2, 2 + 2 * PUBLISHERS))
    assert {outcome for mine in outcomes for outcome in mine if not outcome.isdigit()} <= {"edition-moved"}
    shelf = editions(open_root(folder), "small")
    assert all(late.record.predecessor == early.record.digest for early, late in pairwise(shelf))
    assert [finding for checked in verify(open_root(folder)) for finding in checked.findings] == []
    assert root_complaints(folder) == []


def test_archive_that_stays_busy_is_told_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 1)
    given = following(folder)
    before = snapshot(folder)

    with locked(folder, Disk()), pytest.raises(LetterError) as refused:
        deposit(folder, given, patience=0.1)

    assert [finding.code for finding in refused.value.findings] == ["archive-busy"]
    assert snapshot(folder) == before


def test_reader_that_was_overtaken_looks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 1)
    overtaken: list[int] = []

    def late(object_folder: Path) -> list[int]:
        seen = version_folders(object_folder)
        if not overtaken:
            overtaken.append(0)
            for _ in range(2):
                deposit(folder, following(folder))
        return seen

    monkeypatch.setattr("typeset.archive.reader.version_folders", late)

    found = read_object(folder / "small")

    assert found.inventory
    assert (found.inventory.head, found.findings) == (3, ())


def test_reader_beside_a_writer_always_sees_whole_editions(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_with(folder, 2)
    seen: set[int] = set()

    class Observed(Disk):
        """Looks into the archive before every change of it."""

        def move(self, path: Path, target: Path) -> None:
            self.look()
            super().move(path, target)
            self.look()

        def look(self) -> None:
            shelf = editions(open_root(folder), "small")
            seen.add(len(shelf))
            assert [one.files()["manifest.json"] for one in shelf] == [
                edition(number).files["manifest.json"] for number in range(1, len(shelf) + 1)
            ]

    deposit(folder, following(folder, made=MADE), disk=Observed())

    assert seen == {2, 3}
