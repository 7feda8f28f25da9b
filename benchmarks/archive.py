"""``python -m benchmarks.archive``: our archive beside ocfl-py, both writing and checking the same editions in one run.

A thousand letters with an edition each, then two hundred editions of one letter. Ours waits for the disk after every
edition, ocfl-py never does; so ours is measured a second time without waiting, which is the fair comparison. The three
take turns edition by edition, so that whatever else the machine does meets all of them.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from tests.outside.ocfl import imported

from typeset.archive import Deposit, deposit, open_root, verify
from typeset.archive.storage import Disk

OURS, UNSYNCED, OTHER = "typeset", "typeset, not waiting for the disk", "ocfl-py"
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class Unsynced(Disk):
    """A disk that nobody waits for."""

    def sync(self, handle: int) -> None:
        """Do not wait."""

    def sync_folder(self, handle: int) -> None:
        """Do not wait."""

    def sync_filesystem(self, handle: int) -> bool:
        """Do not wait, and say that it is done."""
        return True


@dataclass(slots=True)
class Tally:
    """What one contender took: seconds of each commit, of checking everything, and the bytes it left."""

    commits: list[float] = field(default_factory=list)
    checking: float = 0.0
    size: int = 0

    def of(self, start: int, end: int | None) -> float:
        """The median of some commits, in milliseconds."""
        return median(self.commits[start:end]) * 1000


def editions(letter: str, count: int) -> Iterator[Deposit]:
    """Editions as letters have them: a list that grows, pages that are new each time, much that stays."""
    chance = random.Random(letter)
    stays = {f"sources/templates/part-{part:02}.css": chance.randbytes(2_000) for part in range(16)}
    stays |= {f"faces/face-{part}.ttf": chance.randbytes(20_000) for part in range(3)}
    predecessor = ""
    for number in range(1, count + 1):
        rows = "".join(f"{row},Group {row} of {letter},en,,organisation,\n" for row in range(40 + number))
        files = {
            **stays,
            "manifest.json": json.dumps({"letter": letter, "edition": number, "before": predecessor}).encode(),
            "sources/signatories.csv": rows.encode(),
            "sources/letter.en.md": f"# {letter}\n\nEdition {number}.\n".encode(),
            f"final/{letter}.en.ed{number}.pdf": chance.randbytes(30_000),
            f"final/{letter}.en.ed{number}.signed.pdf": chance.randbytes(40_000),
            "proof/proof.pdf": chance.randbytes(30_000),
        }
        edition = Deposit(
            letter=letter,
            number=number,
            predecessor=predecessor,
            files=files,
            made=_BEGAN + timedelta(days=number),
            by="The secretariat",
            address="mailto:secretariat@example.org",
        )
        predecessor = edition.digest
        yield edition


def ours(folder: Path, disk: Disk) -> Callable[[Deposit], float]:
    """A commit of ours, in seconds."""

    def commit(edition: Deposit) -> float:
        began = time.perf_counter()
        deposit(folder, edition, disk=disk)
        return time.perf_counter() - began

    return commit


def theirs(folder: Path, scratch: Path) -> Callable[[Deposit], float]:
    """A commit of ocfl-py, in seconds; laying its files out for it is not counted."""
    ocfl: Any = imported()
    root = ocfl.StorageRoot(str(folder), layout_name="0002-flat-direct-storage-layout")
    root.initialize()

    def commit(edition: Deposit) -> float:
        shutil.rmtree(scratch, ignore_errors=True)
        for name, data in edition.files.items():
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            (scratch / name).write_bytes(data)
        about = ocfl.VersionMetadata(message=f"Edition {edition.number}", name=edition.by, address=edition.address)
        place = str(folder / edition.letter)
        began = time.perf_counter()
        if edition.number == 1:
            ocfl.Object(identifier=edition.letter).create(str(scratch), metadata=about, objdir=place)
        else:
            changed = ocfl.Object(identifier=edition.letter)
            changed.add_version_with_content(objdir=place, srcdir=str(scratch), metadata=about)
        return time.perf_counter() - began

    return commit


def run(letters: int, count: int, place: Path) -> dict[str, Tally]:
    """So many letters in so many editions, by each contender in turn."""
    folders = {OURS: place / "ours", UNSYNCED: place / "unsynced", OTHER: place / "theirs"}
    commits = {
        OURS: ours(folders[OURS], Disk()),
        UNSYNCED: ours(folders[UNSYNCED], Unsynced()),
        OTHER: theirs(folders[OTHER], place / "scratch"),
    }
    tallies = {name: Tally() for name in commits}
    for letter in range(letters):
        for edition in editions(f"letter-{letter:04}", count):
            for name, commit in commits.items():
                tallies[name].commits.append(commit(edition))
    checks: dict[str, Callable[[], bool]] = {
        OURS: lambda: not any(one.findings for one in verify(open_root(folders[OURS]))),
        UNSYNCED: lambda: not any(one.findings for one in verify(open_root(folders[UNSYNCED]))),
        OTHER: lambda: bool(imported().StorageRoot(str(folders[OTHER])).validate(log_warnings=False, log_errors=False)),
    }
    for name, check in checks.items():
        began = time.perf_counter()
        if not check():
            raise SystemExit(f"{name} does not accept what it wrote")
        tallies[name].checking = time.perf_counter() - began
        tallies[name].size = sum(path.stat().st_size for path in folders[name].rglob("*") if path.is_file())
    return tallies


def report(title: str, tallies: dict[str, Tally], edge: int) -> Iterator[str]:
    """A table with the ratios to ocfl-py."""
    other = tallies[OTHER]
    total, checking = sum(other.commits), other.checking
    yield f"{title}\n"
    columns = ("", "commits, s", f"first {edge}, ms each", f"last {edge}, ms each", "check, s", "MB")
    yield f"| {' | '.join(columns)} | commits : {OTHER} | check : {OTHER} |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, tally in tallies.items():
        spent = sum(tally.commits)
        yield (
            f"| {name} | {spent:.2f} | {tally.of(0, edge):.1f} | {tally.of(-edge, None):.1f} | {tally.checking:.2f} "
            f"| {tally.size / 1e6:.1f} | 1 : {total / spent:.1f} | 1 : {checking / tally.checking:.1f} |"
        )
    yield ""


def main() -> None:
    """Read the command line, run both series, print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("--letters", type=int, default=1000, help="letters with an edition each (1000)")
    parser.add_argument("--editions", type=int, default=200, help="editions of one letter (200)")
    parser.add_argument("--place", type=Path, help="a folder on the disk that is to be measured")
    options = parser.parse_args()
    for letters, count in ((options.letters, 1), (1, options.editions)):
        with tempfile.TemporaryDirectory(dir=options.place) as place:
            tallies = run(letters, count, Path(place))
            title = f"{letters} letters, an edition each" if count == 1 else f"{count} editions of one letter"
            print("\n".join(report(title, tallies, min(20, letters * count))), flush=True)
            if count > 1:
                listing = (Path(place) / "ours" / "letter-0000" / "inventory.json").stat().st_size
                first = (Path(place) / "ours" / "letter-0000" / "v1" / "inventory.json").stat().st_size
                print(
                    f"the inventory grew from {first / 1000:.1f} to {listing / 1000:.1f} kB ({listing / first:.0f} : 1)"
                )


if __name__ == "__main__":
    main()
