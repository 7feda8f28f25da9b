"""A command that is killed at any system call that writes: nothing is lost, and nothing is half there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.cli.test_signoff import House
from tests.support.killed import kills, run, steps_of
from tests.support.lists import written
from typeset.journal import JOURNAL, LOCK, UNFINISHED
from typeset.letter_folder import read_folder
from typeset.manuscript import read_signatories

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the steps are those of Linux")

LETTER = "content/small"
SHORT = 2
"""Steps of one command that `make test` draws; `make prove` takes all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A command that writes: what was run before it, and what may be said when it is run again after it was done."""

    name: str
    command: Sequence[str]
    before: Sequence[Sequence[str]] = ()
    settled: str = LETTER
    done: Sequence[str] = ()
    next: Sequence[str] = ("list", "add", "Delta Circle")


CASES = (
    Case(name="import", command=("list", "import", "one.csv", "two.csv")),
    Case(name="add", command=("list", "add", "Delta Forum"), done=("already-listed",)),
    Case(name="withdraw", command=("list", "withdraw", "2"), done=("no-such-signatory",)),
    Case(name="withdraw and forget", command=("list", "withdraw", "2", "--forget"), done=("no-such-signatory",)),
    Case(name="rename", command=("list", "rename", "1", "Delta Forum"), done=("already-listed",)),
    Case(
        name="decide",
        command=("decide", "possible-duplicate", "--by", "chair", "--why", "two"),
        before=(("list", "add", "Amis du Deltas"),),
        done=("no-such-finding",),
    ),
    Case(
        name="init",
        command=("init", "content/next"),
        settled="content/next",
        done=("folder-exists",),
        next=("init", "content/other"),
    ),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return letter_with_tables(tmp_path_factory.mktemp("base") / "house")


def letter_with_tables(folder: Path) -> Path:
    """A letter with its keys, and two tables with names and with people who stay anonymous."""
    with pytest.MonkeyPatch.context() as patched:
        House(folder, patched)
    for name, heading, rows in (("one", "Name", ("Oak Forum", "Hill Forum")), ("two", "Group", ("Lake Forum",))):
        people = [[heading, "May we publish your name?"], *([each, "Yes"] for each in rows), [f"Canary {name}", "No"]]
        (folder / f"{name}.csv").write_text(written(people), encoding="utf-8")
    return folder


def content(folder: Path) -> Mapping[str, bytes]:
    """The visible files below a folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in found
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def leftovers(folder: Path) -> list[str]:
    """What an interrupted command leaves for the next."""
    names = (JOURNAL, LOCK, ".publishing")
    return [
        path.name for path in folder.rglob("*") if path.name in names or path.name.startswith((UNFINISHED, ".gone"))
    ]


def prepared(base: Path, into: Path, case: Case) -> Path:
    """The folder as it is before the command."""
    house = into / "start" / base.name
    shutil.copytree(base, house)
    for arguments in case.before:
        status, said = run(house, arguments)
        assert status == 0, said
    return house


def every(steps: Sequence[str]) -> Sequence[int]:
    """All steps."""
    return range(1, len(steps) + 1)


def drawn(steps: Sequence[str], chance: Random) -> Sequence[int]:
    """Some steps, and the one after the first file was moved in."""
    moves = [at for at, step in enumerate(steps, start=1) if step.startswith("os.rename")]
    return sorted({*chance.sample(every(steps), SHORT), *moves[2:3]})


def survive(base: Path, into: Path, case: Case, choose: Callable[[Sequence[str]], Sequence[int]]) -> int:
    """Kill a command at these steps; how often it was killed. Each time what is there is whole and can be completed."""
    start = prepared(base, into, case)
    before = content(start / case.settled)
    whole = into / "whole" / base.name
    shutil.copytree(start, whole)
    steps = steps_of(whole, case.command)
    after = content(whole / case.settled)
    assert before != after
    assert leftovers(whole) == []

    killed = 0
    for step, house in kills(start, into, case.command, choose(steps)):
        killed += 1
        if (house / case.settled).is_dir():
            read_folder(house / case.settled)
        assert content(house / case.settled) in (before, after), (step, steps[step - 1])

        status, said = run(house, case.command)

        assert status == 0 or any(code in said for code in case.done), (step, steps[step - 1], said)
        assert content(house / case.settled) == after, (step, steps[step - 1], said)
        if status:  # it was done, so the last run wrote nothing: the next that writes tidies up
            assert run(house, case.next)[0] == 0
        assert leftovers(house) == [], (step, steps[step - 1])
    return killed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_command_killed_at_some_steps_is_whole_or_not_there(
    case: Case, house: Path, tmp_path: Path, chance: Random
) -> None:
    assert survive(house, tmp_path, case, lambda steps: drawn(steps, chance)) > 0


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_command_killed_at_any_step_is_whole_or_not_there(case: Case, house: Path, tmp_path: Path) -> None:
    assert survive(house, tmp_path, case, every) > 10


def test_names_of_a_killed_import_are_all_on_the_list(house: Path, tmp_path: Path, chance: Random) -> None:
    case = CASES[0]
    start = prepared(house, tmp_path, case)
    expected = {"Oak Forum", "Hill Forum", "Lake Forum", "Delta Forum"}

    for _, hurt in kills(start, tmp_path, case.command, chance.sample(range(1, 60), SHORT)):
        run(hurt, ("list", "add", "Delta Forum"))
        run(hurt, case.command)

        listed = read_signatories((hurt / LETTER / "signatories.csv").read_text(encoding="utf-8"), [])
        assert expected <= {one.name for one in listed}
