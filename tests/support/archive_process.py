"""Processes of their own that use an archive: ``python -m tests.support.archive_process crash|race|audit …``."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

from tests.support.archives import LONGEST, deadly_at, edition, following, watched_disk
from typeset.archive import Deposit, deposit
from typeset.diagnostics import LetterError


def crash(base: Path, into: Path, number: int, predecessor: str) -> None:
    """Deposit an edition again and again, each time in a child that is killed one step later, until one lives on.

    Every file is written in two or more pieces, so that some of the steps leave half a file. Each attempt leaves its
    folder; the names of those whose child was killed are told.
    """
    killed = []
    for step in itertools.count(1):
        place = into / f"{step:03}"
        place.mkdir(parents=True)
        if base.is_dir():
            shutil.copytree(base, place / "archive")
        child = os.fork()
        if child == 0:
            deposit(place / "archive", edition(number, predecessor), disk=deadly_at(step, longest=LONGEST))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            break
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            raise SystemExit(f"the child at step {step} ended with {status}")
        killed.append(place.name)
    print(json.dumps(killed))


def race(folder: Path, me: str, rounds: int) -> None:
    """Deposit editions beside others, each the next as this process sees it; tell what became of each attempt.

    No rounds: one attempt only, at the edition that was next before anyone began.
    """
    mine = _mine(folder, me)
    print("ready", flush=True)
    sys.stdin.readline()
    outcomes: list[str] = []
    while True:
        try:
            outcomes.append(str(deposit(folder, mine).number))
        except LetterError as refused:
            outcomes.append(",".join(finding.code for finding in refused.findings))
        if sum(outcome.isdigit() for outcome in outcomes) >= rounds or not rounds:
            break
        mine = _mine(folder, me)
    print(json.dumps(outcomes))


def _mine(folder: Path, me: str) -> Deposit:
    """The next edition, with a manifest by which to know whose it is."""
    next_one = following(folder, by=me)
    said = json.dumps({"publisher": me, "edition": next_one.number}).encode()
    return replace(next_one, files={**next_one.files, "manifest.json": said})


def audit(folder: Path, number: int, predecessor: str) -> None:
    """Deposit with Python's own audit of the process switched on: what it reports beside what the disk was asked."""
    asked: list[str] = []
    seen: list[str] = []
    kinds = {"os.mkdir": "make_folder", "os.rename": "move", "os.remove": "remove", "os.rmdir": "remove_folder"}
    others = ("os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate", "os.utime", "shutil.", "tempfile.")

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.mkdir" and os.path.isdir(str(arguments[0])):
            return  # the lock makes sure that its folder is there
        if event in kinds:
            seen.append(kinds[event])
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            if str(arguments[0]).endswith("/lock"):
                return
            seen.append("create")
        elif event.startswith(others):
            seen.append(event)

    disk = watched_disk(lambda step, name: asked.append(name))
    sys.addaudithook(hook)
    deposit(folder, edition(number, predecessor), disk=disk)
    told = [name for name in asked if name in {*kinds.values(), "create"}]
    print(json.dumps({"seen": list(seen), "asked": told, "all": asked}))


def main(act: str, *arguments: str) -> None:
    """Do what the test asks."""
    match act:
        case "crash":
            crash(Path(arguments[0]), Path(arguments[1]), int(arguments[2]), arguments[3])
        case "race":
            race(Path(arguments[0]), arguments[1], int(arguments[2]))
        case "audit":
            audit(Path(arguments[0]), int(arguments[1]), arguments[2])


if __name__ == "__main__":
    main(*sys.argv[1:])
