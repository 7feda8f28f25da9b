"""A letter that a preview and a build have between them, and what a build left and said of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bilingual import CHINESE, SETTINGS
from tests.small import BODY, LIST, files
from typeset.cli import main
from typeset.preview import handed
from typeset.preview.note import Note, likeness, new_note
from typeset.workspace import cache_folder

SAID = "built by the preview that is running\n"
LIKENESS = likeness()
"""Taken once: somebody may be at work on the program while its tests run."""

DECISIONS = """[[decision]]
code = "trailing-dot"
subject = "signatory 1"
evidence = "Amis du Delta."
by = "demonstration"
when = 2026-03-01
why = "as they write themselves"
"""
FILES = {
    "letter.toml": SETTINGS,
    "letter.en.md": BODY,
    "letter.zh-Hant.md": CHINESE,
    "signatories.csv": LIST.replace("Amis du Delta", "Amis du Delta.") + "4,Rain Watch.,en,,organisation,\n",
    "decisions.toml": DECISIONS,
}
"""Two languages; a finding that is open, and one that is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What came of a build: its files by name, the report without its seconds, what it said, and how it ended."""

    files: dict[str, bytes]
    report: Any
    told: str
    said: str
    status: int

    @property
    def handed_over(self) -> bool:
        return self.said.endswith(SAID)


def build(folder: Path, *options: str, output: Path) -> Build:
    """Build a letter into a folder, as the command does."""
    done = CliRunner().invoke(main, ["build", str(folder), "--output", str(output), *options])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    files = {path.name: path.read_bytes() for path in output.glob("*/*")}
    report = files.pop("build.json", b"null")
    told = without_seconds(done.stdout) if "--json" in options else done.stdout
    return Build(
        files=files, report=without_seconds(report.decode()), told=told, said=done.stderr, status=done.exit_code
    )


def without_seconds(report: str) -> Any:
    """A report without what no two builds have alike; in its own order, which is part of it."""
    told = json.loads(report)
    for stage in (told or {}).get("stages", ()):
        del stage["seconds"]
    return json.dumps(told)


def alone(folder: Path, *options: str, output: Path) -> Build:
    """The same where nobody has left a note."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handed, "found", lambda _: None)
        return build(folder, *options, output=output)


@contextmanager
def own_cache(folder: Path) -> Iterator[None]:
    """A cache of one's own for notes; what makes builds quick is shared with everybody."""
    shared = cache_folder()
    (folder / "typeset").mkdir(parents=True)
    for name in ("subsets", "engine"):
        (shared / name).mkdir(parents=True, exist_ok=True)
        os.symlink(shared / name, folder / "typeset" / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setattr(handed, "likeness", lambda: LIKENESS)
        yield


def noting(bound: str, port: int) -> Note | None:
    """The note of a preview at an address."""
    return new_note(bound, port, LIKENESS)


def note_at(port: int) -> Note:
    """A note of somebody at a port of the loopback."""
    note = noting("127.0.0.1", port)
    assert note
    return note


def written(folder: Path) -> Path:
    """A small letter that nobody looks at."""
    folder.mkdir()
    for name, data in files().items():
        (folder / name).write_bytes(data)
    return folder


def notes(cache: Path) -> Sequence[Path]:
    """The notes that lie in a cache."""
    return sorted(cache.glob("typeset/previews/*"))
