"""No hostile folder runs code, reads outside, takes long or ends in a traceback: a sample, and all in make prove."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.folders import ESCAPES, FOLDERS, Hostile, run

SAMPLE = {
    "template: cycler",
    "template: loops",
    "drawing: uses",
    "picture: 13,000 by 13,000",
    "settings: huge integer",
    "words: deep emphasis",
    "list: a million rows",
    "face: glyphs of noise",
    "disk: letter linked outside",
    "disk: letter is a pipe",
    "disk: names with escape codes",
    "table: entities",
    "file: deep arrays",
}


def folders() -> list[object]:
    marks = [() if one.name in SAMPLE else pytest.mark.long for one in FOLDERS]
    return [pytest.param(one, id=one.name, marks=mark) for one, mark in zip(FOLDERS, marks, strict=True)]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("hostile", folders())
def test_a_hostile_folder_does_no_harm(hostile: Hostile, tmp_path: Path, cache: Path) -> None:
    outcome = run(hostile, tmp_path, cache)

    assert outcome.faults == (), outcome


def test_there_are_at_least_sixty_and_the_sample_is_among_them() -> None:
    names = [one.name for one in FOLDERS]

    assert len(names) == len(set(names)) >= 60
    assert len(ESCAPES) >= 12
    assert set(names) >= SAMPLE


def test_a_harmless_folder_is_not_taken_for_a_hostile_one(tmp_path: Path, cache: Path) -> None:
    assert run(Hostile(name="harmless"), tmp_path, cache).faults == ("status 0", "no finding")
