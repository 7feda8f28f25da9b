"""Two commands that change one letter at once: each does its work, or says that it did not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from tests.support.killed import at_once
from tests.support.letters import files
from tests.support.lists import written
from typeset.journal import new_folder
from typeset.manuscript import read_settings, read_signatories
from typeset.signatories import read_list

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

PAIRS, MANY = 4, 100
ASK = "May we publish your name?"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A letter with three signatories."""
    folder = tmp_path_factory.mktemp("base") / "house"
    new_folder(folder / "content" / "small", files())
    return folder


def signatories(house: Path) -> set[str]:
    text = (house / "content" / "small" / "signatories.csv").read_text(encoding="utf-8")
    return {one.name for one in read_signatories(text, [])}


def imports(house: Path, file: str, names: Sequence[str]) -> tuple[str, ...]:
    """An import of these names and of one who stays anonymous; each file has headings of its own."""
    rows = [[f"Name {file}", ASK], *([name, "Yes"] for name in names), [f"Canary {file}", "No"]]
    (house / f"{file}.csv").write_text(written(rows), encoding="utf-8")
    return ("list", "import", f"{file}.csv", "--map", f"name=Name {file}")


def assert_nothing_is_lost(base: Path, into: Path, chance: Random, pair: int) -> int:
    """Run a pair of commands; how many of them were told to come again."""
    house = into / f"{pair}" / "house"
    shutil.copytree(base, house)
    wanted: list[tuple[tuple[str, ...], set[str], int]] = []
    for side, prefix in enumerate(("Oak", "Elm")):
        if chance.random() < 0.6:
            names = {f"{prefix} {kind}" for kind in ("Forum", "Union", "League")[: chance.randint(1, 3)]}
            wanted.append((imports(house, prefix.lower(), sorted(names)), names, 1))
        elif chance.random() < 0.6:
            wanted.append((("list", "add", f"{prefix} Watch"), {f"{prefix} Watch"}, 0))
        else:
            wanted.append((("list", "rename", f"{side + 1}", f"{prefix} Office"), {f"{prefix} Office"}, 0))
    before = read_settings((house / "content/small/letter.toml").read_text(encoding="utf-8"), []).anonymous

    statuses = at_once(house, wanted[0][0], wanted[1][0])

    there = signatories(house)
    done = [names for status, (_, names, _) in zip(statuses, wanted, strict=True) if status == 0]
    told = [names for status, (_, names, _) in zip(statuses, wanted, strict=True) if status != 0]
    assert set(statuses) <= {0, 1}
    assert all(names <= there for names in done), (wanted, statuses, there)
    assert not any(names & there for names in told)
    counted = sum(more for status, (_, _, more) in zip(statuses, wanted, strict=True) if status == 0)
    state = read_list(house / "content" / "small")
    assert state.settings.anonymous == before + counted
    assert len({one.number for one in state.signatories}) == len(state.signatories)
    assert len(state.imports) == counted
    return len(told)


def test_pairs_of_writers_lose_nothing(house: Path, tmp_path: Path, chance: Random) -> None:
    told = [assert_nothing_is_lost(house, tmp_path, chance, pair) for pair in range(PAIRS)]

    assert sum(told) == 0


@pytest.mark.long
def test_a_hundred_pairs_of_writers_lose_nothing(house: Path, tmp_path: Path, chance: Random) -> None:
    told = [assert_nothing_is_lost(house, tmp_path, chance, pair) for pair in range(MANY)]

    assert sum(told) == 0


def test_of_two_who_add_the_same_name_one_is_told(house: Path, tmp_path: Path) -> None:
    place = tmp_path / "house"
    shutil.copytree(house, place)

    statuses = at_once(place, ("list", "add", "Oak Forum"), ("list", "add", "Oak Forum"))

    assert sorted(statuses) == [0, 1]
    assert "Oak Forum" in signatories(place)
