"""Whatever fails, and wherever the process ends: no edition is lost, none is half there, and the next one goes in."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from shutil import copytree

import pytest

from tests.outside.ocfl import root_complaints
from tests.support.archives import (
    LONGEST,
    STEPS,
    archive_with,
    broken_from,
    edition,
    failing_at,
    quick_disk,
    snapshot,
    steps_of,
)
from typeset.archive import Deposit, deposit, editions, finish, open_root, verify
from typeset.archive.storage import Disk
from typeset.diagnostics import Finding, LetterError

PROJECT = Path(__file__).parents[2]
FIRST, NEXT = "first edition", "third edition"


@pytest.fixture(params=[FIRST, NEXT])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Deposit]:
    """An archive as it is before a deposit, if there is one, and the edition to deposit."""
    base = tmp_path / "base"
    if request.param == FIRST:
        return base, edition(1)
    return base, edition(3, archive_with(base, 2).digest)


def started(base: Path, place: Path) -> Path:
    """A copy of the archive to be hurt."""
    place.mkdir()
    if base.is_dir():
        copytree(base, place / "archive")
    return place / "archive"


def assert_no_edition_is_lost_or_half_there(folder: Path, given: Deposit, *, may_be_absent: bool = True) -> None:
    """What a reader sees after a fault: all earlier editions, whole, and the new one whole or not at all."""
    before = given.number - 1
    if not folder.is_dir() or not (folder / "small").is_dir():
        assert before == 0
        assert may_be_absent
        return
    shelf = editions(open_root(folder), "small")
    assert len(shelf) in ({before, given.number} if may_be_absent else {given.number})
    for number, one in enumerate(shelf, start=1):
        files, meant = one.files(), given.files if number == given.number else edition(number).files
        assert {name: files[name] for name in meant} == meant


def assert_next_deposit_mends_everything(folder: Path, given: Deposit) -> None:
    """The same publication run once more, then the next one, and nobody finds anything."""
    receipt = deposit(folder, given, disk=quick_disk())
    assert_no_edition_is_lost_or_half_there(folder, given, may_be_absent=False)
    deposit(folder, edition(given.number + 1, receipt.digest), disk=quick_disk())
    assert [finding for checked in verify(open_root(folder)) for finding in checked.findings] == []
    assert root_complaints(folder) == []
    assert [path.name for path in folder.with_name(".archive.work").iterdir()] == ["lock"]


def refusal(folder: Path, given: Deposit, disk: Disk) -> tuple[Finding, ...]:
    """What a deposit onto this disk is refused for."""
    try:
        deposit(folder, given, disk=disk)
    except LetterError as refused:
        return refused.findings
    return ()


def points(base: Path, given: Deposit, place: Path, *, longest: int = 0, real_sync: bool = False) -> range:
    """Every step of the deposit, counted by taking them once."""
    taken = steps_of(lambda disk: deposit(started(base, place), given, disk=disk), longest=longest, real_sync=real_sync)
    assert {"create", "write", "sync_filesystem", "sync_folder", "make_folder", "move"} <= set(taken) <= set(STEPS)
    assert real_sync or taken.count("sync") == taken.count("create")
    assert len(taken) > 30
    return range(1, len(taken) + 1)


def test_failure_of_any_step_leaves_whole_editions(case: tuple[Path, Deposit], tmp_path: Path) -> None:
    base, given = case
    assert len(points(base, given, tmp_path / "whole")) < len(points(base, given, tmp_path / "torn", longest=LONGEST))
    for number in points(base, given, tmp_path / "count", longest=LONGEST):
        folder = started(base, tmp_path / f"{number}")

        findings = refusal(folder, given, failing_at(number, longest=LONGEST))

        assert {finding.code for finding in findings} <= {"archive-full", "archive-unfinished"}
        assert all(finding.hint and finding.place for finding in findings)
        assert_no_edition_is_lost_or_half_there(folder, given)
        assert_next_deposit_mends_everything(folder, given)


def test_disk_that_stays_broken_from_any_step_on_leaves_whole_editions(
    case: tuple[Path, Deposit], tmp_path: Path
) -> None:
    base, given = case
    for number in points(base, given, tmp_path / "count"):
        folder = started(base, tmp_path / f"{number}")

        findings = refusal(folder, given, broken_from(number))

        assert {finding.code for finding in findings} <= {"archive-unreachable", "archive-unfinished"}
        assert_no_edition_is_lost_or_half_there(folder, given)
        assert_next_deposit_mends_everything(folder, given)


def test_process_killed_at_any_step_leaves_whole_editions(case: tuple[Path, Deposit], tmp_path: Path) -> None:
    base, given = case
    into = tmp_path / "killed"
    command = [sys.executable, "-m", "tests.support.archive_process", "crash", str(base), str(into), str(given.number)]
    done = subprocess.run([*command, given.predecessor], cwd=PROJECT, check=True, capture_output=True, text=True)
    killed = json.loads(done.stdout)
    assert len(killed) == len(points(base, given, tmp_path / "count", longest=LONGEST, real_sync=True))

    for name in killed:
        assert_no_edition_is_lost_or_half_there(into / name / "archive", given)
        assert_next_deposit_mends_everything(into / name / "archive", given)


def test_recovery_may_itself_be_interrupted_anywhere(tmp_path: Path) -> None:
    base = tmp_path / "base"
    given = edition(3, archive_with(base, 2).digest)
    interrupted = 0
    for number in points(base, given, tmp_path / "count"):
        hurt = started(base, tmp_path / f"hurt-{number}")
        refusal(hurt, given, broken_from(number))
        if snapshot(hurt) == snapshot(base):
            continue  # nothing of the edition is there, so there is nothing to recover
        interrupted += 1
        for second in recovery_points(hurt, tmp_path):
            folder = started(hurt, tmp_path / f"{number}-{second}")
            with suppress(LetterError):
                finish(folder, disk=broken_from(second))

            assert_no_edition_is_lost_or_half_there(folder, given)
            assert_next_deposit_mends_everything(folder, given)
    assert interrupted > 2


def recovery_points(hurt: Path, tmp_path: Path) -> range:
    place = tmp_path / f"recover-{hurt.parent.name}"
    taken = steps_of(lambda disk: finish(started(hurt, place), disk=disk))
    return range(1, len(taken) + 1)


@pytest.mark.parametrize("move", [1, 2], ids=["inventory not in", "its sidecar not in"])
def test_verify_tells_an_unfinished_deposit_and_finish_completes_it(tmp_path: Path, move: int) -> None:
    folder = tmp_path / "archive"
    given = edition(2, archive_with(folder, 1).digest)
    steps = steps_of(lambda disk: deposit(started(folder, tmp_path / "count"), given, disk=disk))
    moves = [number for number, name in enumerate(steps, start=1) if name == "move"]  # the version, then its listing
    folder = started(folder, tmp_path / "hurt")
    with pytest.raises(LetterError) as refused:
        deposit(folder, given, disk=broken_from(moves[move]))
    assert [finding.code for finding in refused.value.findings] == ["archive-unfinished"]

    told = [finding.code for checked in verify(open_root(folder)) for finding in checked.findings]
    finished = finish(folder)

    assert told == ["archive-unfinished"]
    assert finished == ("small",)
    assert [finding for checked in verify(open_root(folder)) for finding in checked.findings] == []
    assert len(editions(open_root(folder), "small")) == 2


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "archive-full"),
        (errno.EDQUOT, "archive-full"),
        (errno.EROFS, "archive-read-only"),
        (errno.EACCES, "archive-read-only"),
        (errno.EXDEV, "archive-across-devices"),
        (errno.ESTALE, "archive-unreachable"),
        (errno.ENOENT, "archive-unreachable"),
    ],
)
def test_each_kind_of_failure_has_its_own_finding(tmp_path: Path, code: int, said: str) -> None:
    folder = tmp_path / "archive"
    given = edition(2, archive_with(folder, 1).digest)
    before = snapshot(folder)

    with pytest.raises(LetterError) as refused:
        deposit(folder, given, disk=failing_at(5, code))

    assert [finding.code for finding in refused.value.findings] == [said]
    assert snapshot(folder) == before


def test_interrupt_by_the_user_leaves_the_archive_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    given = edition(2, archive_with(folder, 1).digest)
    before = snapshot(folder)

    class Interrupted(Disk):
        def move(self, path: Path, target: Path) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deposit(folder, given, disk=Interrupted())

    assert snapshot(folder) == before
    assert [path.name for path in (tmp_path / ".archive.work").iterdir()] == ["lock"]


@pytest.mark.parametrize("editions_before", [0, 2])
def test_every_change_of_the_disk_is_a_step_that_can_fail(tmp_path: Path, editions_before: int) -> None:
    folder = tmp_path / "archive"
    predecessor = archive_with(folder, editions_before).digest if editions_before else ""
    command = [
        sys.executable,
        "-m",
        "tests.support.archive_process",
        "audit",
        str(folder),
        str(editions_before + 1),
        predecessor,
    ]

    done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)

    told = json.loads(done.stdout)
    assert told["seen"] == told["asked"]
    assert told["all"].count("sync") == told["all"].count("create")
