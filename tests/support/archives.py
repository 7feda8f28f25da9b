"""Small editions as values, and disks that fail or end the process at a chosen step."""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from typeset.archive import About, Deposit, Receipt, SignOffRecord, deposit, latest, open_root
from typeset.archive.ocfl import object_id
from typeset.archive.storage import Disk

STEPS = tuple(name for name in vars(Disk) if not name.startswith("_"))
"""Every way in which the archive changes a disk."""

LONGEST = 700
"""Bytes of one write where files are to be written in pieces: the longer files take several."""

MADE = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def edition(number: int, predecessor: str = "", letter: str = "small", **changed: Any) -> Deposit:
    """An edition with a file that changes each time, one that never does, and one of another script."""
    rows = "".join(f"{row},Group {row},en,,organisation,\n" for row in range(1, number + 3))
    values: dict[str, Any] = {
        "files": {
            "manifest.json": json.dumps({"letter": letter, "edition": number}).encode(),
            "sources/letter.toml": b'schema = 1\nid = "small"\n',
            "sources/letter.zh-Hant.md": "# 小信\n".encode(),
            "sources/signatories.csv": f"number,name,lang,spans,kind,note\n{rows}".encode(),
            f"final/{letter}.en.ed{number}.signed.pdf": b"%PDF-1.7 signed " + bytes(range(256)),
            "approvals/chair.json": b"{}",
        },
        "made": MADE + timedelta(days=number),
        "by": "The secretariat",
        "address": "mailto:secretariat@example.org",
        "about": About(
            date=MADE.date(),
            titles={"en": "A small letter", "zh-Hant": "小信"},
            named=number + 2,
            anonymous=1,
            sign_off=(SignOffRecord(role="chair", name="Ada Osei", when="2026-03-04"),),
        ),
        "generator": "typeset 0.0.0",
    }
    return Deposit(letter=letter, number=number, predecessor=predecessor, **(values | changed))


def following(folder: Path, letter: str = "small", *, demonstration: bool = False, **changed: Any) -> Deposit:
    """The edition that comes next in an archive that is there."""
    head, digest = latest(open_root(folder), object_id(letter, demonstration=demonstration))
    return edition(head + 1, digest, letter, demonstration=demonstration, **changed)


def archive_with(folder: Path, editions: int, letter: str = "small") -> Receipt:
    """An archive of one letter in so many editions."""
    receipt = deposit(folder, edition(1, letter=letter), disk=quick_disk())
    for number in range(2, editions + 1):
        receipt = deposit(folder, edition(number, receipt.digest, letter), disk=quick_disk())
    return receipt


def snapshot(folder: Path) -> Mapping[str, bytes | None]:
    """Everything in a folder by its path: bytes of files, nothing for folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


Step = Callable[[int, str], None]
"""Told the number and name of each step before it is taken; may prevent it."""


def watched_disk(before: Step, *, longest: int = 0, real_sync: bool = False) -> Disk:
    """A disk that tells of every step before it takes it.

    ``longest`` is how many bytes one write takes at most. Syncs are counted and, unless ``real_sync``, left out: what
    is on the medium makes no difference to a process that ends. Left out, the sync of a whole filesystem has not been
    done, so that every file is waited for by itself.
    """
    taken = 0

    def watched(name: str) -> Callable[..., Any]:
        step = getattr(Disk, name)

        @wraps(step)
        def told(disk: Disk, *arguments: Any) -> Any:
            nonlocal taken
            taken += 1
            before(taken, name)
            if name == "write" and longest:
                return step(disk, arguments[0], arguments[1][:longest])
            if name.startswith("sync") and not real_sync:
                return None
            return step(disk, *arguments)

        return told

    kind: type[Disk] = type("WatchedDisk", (Disk,), {name: watched(name) for name in STEPS})
    return kind()


def failing_at(number: int, code: int = errno.ENOSPC, *, longest: int = 0) -> Disk:
    """A disk that refuses one step with a system error, and goes on afterwards."""

    def fail(step: int, name: str) -> None:
        if step == number:
            raise OSError(code, os.strerror(code), f"in {name}")

    return watched_disk(fail, longest=longest)


def broken_from(number: int, code: int = errno.EIO) -> Disk:
    """A disk that refuses every step from one on, clearing up included."""

    def fail(step: int, name: str) -> None:
        if step >= number:
            raise OSError(code, os.strerror(code), f"in {name}")

    return watched_disk(fail)


def deadly_at(number: int, *, longest: int = 0) -> Disk:
    """A disk that kills this process in place of a step, as the kernel or a lost battery would."""

    def kill(step: int, name: str) -> None:
        if step == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return watched_disk(kill, longest=longest, real_sync=True)


def quick_disk() -> Disk:
    """A disk that does everything but wait for the medium."""
    return watched_disk(_nothing)


def steps_of(act: Callable[[Disk], object], *, longest: int = 0, real_sync: bool = False) -> tuple[str, ...]:
    """The steps that an act takes, by name: how many points there are to fail at."""
    names: list[str] = []
    act(watched_disk(lambda step, name: names.append(name), longest=longest, real_sync=real_sync))
    return tuple(names)


def _nothing(step: int, name: str) -> None:
    pass
