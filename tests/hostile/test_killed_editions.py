"""`approve`, `build`, `publish` and `deliver` killed anywhere: run again, they complete, and nothing is made twice."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.cli.test_deliver import HEAD, ROWS
from tests.cli.test_signoff import House
from tests.hostile.test_killed import content, every, leftovers
from tests.support.killed import kills, run, steps_of
from typeset.archive import editions, open_root, verify
from typeset.journal import LOCK
from typeset.project import REPORT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the steps are those of Linux")

APPROVE = ("approve", "--role", "legal", "--identity", "legal", "--yes")
BUILD = ("build", "--format", "html", "--format", "txt")
PUBLISH = ("publish",)
DELIVER = ("deliver", "--labels")
Choose = Callable[[Sequence[str]], Sequence[int]]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Path]]:
    with letters_at_each_stage(tmp_path_factory.mktemp("stages")) as made:
        yield made


@contextmanager
def letters_at_each_stage(place: Path) -> Iterator[Mapping[str, Path]]:
    """A letter with recipients as it is written, as both have approved it, and as it is published."""
    stages = {stage: place / stage / "house" for stage in ("written", "approved", "published")}
    with pytest.MonkeyPatch.context() as patched:
        House(stages["written"], patched).write("recipients.csv", HEAD + ROWS)
        shutil.copytree(stages["written"], stages["approved"])
        for name in ("legal", "chair"):
            assert run(stages["approved"], ("approve", "--role", name, "--identity", name, "--yes"))[0] == 0
        shutil.copytree(stages["approved"], stages["published"])
        assert run(stages["published"], PUBLISH)[0] == 0
        yield stages


def assert_approved_once(house: Path) -> None:
    folder = house / "content" / "small" / "approvals"
    assert len(list(folder.glob("*.legal.approve.*.json"))) == 1
    assert len(list(folder.glob("*.manifest.json"))) == 1
    status, said = run(house, ("status", "--json"))
    assert (status, len(json.loads(said)["approvals"])) == (0, 1)


def assert_built(house: Path) -> None:
    folder = house / "output" / "small"
    report = json.loads((folder / REPORT).read_bytes())
    for one in report["files"]:
        assert hashlib.sha256((folder / one["name"]).read_bytes()).hexdigest() == one["sha256"]


def assert_published(house: Path) -> None:
    output = house / "output" / "small"
    record = json.loads((output / "small.ed1.json").read_bytes())
    (edition,) = editions(open_root(house / "archive"), "small.demonstration")
    for one in record["files"]:
        data = (output / one["name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == one["sha256"]
        assert data == edition.read(f"final/{one['name']}")
    assert (output / "small.ed1.json").read_bytes() == edition.read("final/small.ed1.json")
    assert {path.name for path in output.glob("*.ed1.*")} == {
        *(one["name"] for one in record["files"]),
        "small.ed1.json",
    }
    assert {Path(one["name"]).suffix for one in record["files"]} == {".pdf", ".html"}
    assert [finding for checked in verify(open_root(house / "archive")) for finding in checked.findings] == []


def assert_delivered(house: Path) -> None:
    folder = house / "output" / "small" / "delivery.ed1"
    copies = json.loads((folder / "delivery.json").read_bytes())["copies"]
    assert [one["id"] for one in copies] == ["chair", "clerk", "mission-france"]
    for one in copies:
        assert hashlib.sha256((folder / one["file"]).read_bytes()).hexdigest() == one["sha256"]
        assert (folder / one["note"]).is_file()
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["chair", "clerk", "mission-france"]
    assert (folder / "labels.pdf").is_file()
    assert not (folder / ".journal").exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A command, the stage of the letter before it, what it has to come to, and what it says when that is done."""

    stage: str
    command: Sequence[str]
    whole: Callable[[Path], None]
    done: str = ""


CASES = {
    "approve": Case(stage="written", command=APPROVE, whole=assert_approved_once, done="nothing to do"),
    "build": Case(stage="written", command=BUILD, whole=assert_built),
    "publish": Case(stage="approved", command=PUBLISH, whole=assert_published, done="edition-published"),
    "deliver": Case(stage="published", command=DELIVER, whole=assert_delivered),
}


def complete(base: Path, into: Path, name: str, choose: Choose) -> int:
    """Kill a command at these steps and run it again, each time; how often it was killed."""
    case = CASES[name]
    unharmed = into / "whole" / base.name
    shutil.copytree(base, unharmed)
    steps = steps_of(unharmed, case.command)
    case.whole(unharmed)
    before = content(base / "content")
    killed = 0
    for step, house in kills(base, into, case.command, choose(steps)):
        killed += 1

        status, said = run(house, case.command)

        assert status == 0 or (case.done and case.done in said), (step, steps[step - 1], said)
        case.whole(house)
        # A command that has nothing left to write takes no lock: the next one that writes uses and removes the file.
        left = {LOCK} if case.done and case.done in said else set()
        assert set(leftovers(house)) <= left, (step, steps[step - 1])
        assert name == "approve" or content(house / "content") == before
    return killed


def thorough(steps: Sequence[str]) -> Sequence[int]:
    """All steps; of those beside the archive every twelfth, since tests/archive/test_faults.py takes each of them."""
    return [step for step in every(steps) if ".archive.work" not in steps[step - 1] or step % 12 == 0]


def telling(steps: Sequence[str], chance: Random) -> Sequence[int]:
    """One step: the first after an edition was archived, which was a fault, or any."""
    archived = [at for at, step in enumerate(steps, start=1) if ".archive.work" in step]
    return [max(archived) + 1 if archived else chance.randint(1, len(steps))]


@pytest.mark.parametrize("name", CASES)
def test_command_killed_at_some_step_completes(
    name: str, stages: Mapping[str, Path], tmp_path: Path, chance: Random
) -> None:
    assert complete(stages[CASES[name].stage], tmp_path, name, lambda steps: telling(steps, chance)) == 1


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_command_killed_at_any_step_completes(name: str, stages: Mapping[str, Path], tmp_path: Path) -> None:
    assert complete(stages[CASES[name].stage], tmp_path, name, thorough) > 10
