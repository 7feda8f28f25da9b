"""A letter with a list many times as long: every name again with a number after it, so that no two are alike."""

from __future__ import annotations

import csv
import io
import re
import shutil
from functools import partial
from pathlib import Path

LIST = "signatories.csv"

_RECKONING = re.compile(r"\d+ named \+ (\d+) anonymous = \d+")


def longer(letter: Path, times: int, target: Path) -> Path:
    """A copy of a letter folder in ``target`` whose list is so many times as long. Decisions about it go with it."""
    folder = target / letter.name
    shutil.copytree(letter, folder)
    rows = list(csv.DictReader(io.StringIO((letter / LIST).read_text(encoding="utf-8"))))
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for round_ in range(times):
        for row in rows:
            name = row["name"] if not round_ else f"{row['name']} {round_ + 1}"
            writer.writerow(row | {"number": str(int(row["number"]) + round_ * len(rows)), "name": name})
    (folder / LIST).write_text(text.getvalue(), encoding="utf-8")
    decisions = folder / "decisions.toml"
    if decisions.exists():
        recorded = decisions.read_text(encoding="utf-8")
        decisions.write_text(_RECKONING.sub(partial(_reckoned, len(rows) * times), recorded), encoding="utf-8")
    return folder


def _reckoned(named: int, match: re.Match[str]) -> str:
    """What a decision about the total was taken on, of the longer list."""
    anonymous = int(match[1])
    return f"{named} named + {anonymous} anonymous = {named + anonymous}"
