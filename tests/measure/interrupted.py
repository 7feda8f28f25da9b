"""Every writing command killed at every step, and pairs of commands at once: ``python -m tests.measure.interrupted``.

A name that is lost or a change that is half there ends the run. It takes about ten minutes.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.hostile import test_killed as folders, test_killed_editions as published, test_writers as writers

PAIRS = 100


def main() -> None:
    """Print a table of the commands with the number of kills."""
    print("| command | killed | lost or half there |\n|---|--:|--:|")
    with TemporaryDirectory() as name:
        place = Path(name)
        base = folders.letter_with_tables(place / "base" / "house")
        for case in folders.CASES:
            killed = folders.survive(base, place / case.name, case, folders.every)
            print(f"| {case.name} | {killed} | 0 |", flush=True)
        with published.letters_at_each_stage(place / "stages") as stages:
            for command, each in published.CASES.items():
                killed = published.complete(stages[each.stage], place / command, command, published.thorough)
                print(f"| {command} | {killed} | 0 |", flush=True)
        told = sum(writers.assert_nothing_is_lost(base, place / "pairs", Random(at), at) for at in range(PAIRS))
    print(f"\n{PAIRS} pairs of commands at once: 0 names lost, {told} commands told to come again")


if __name__ == "__main__":
    main()
