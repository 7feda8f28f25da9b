"""The bytes that this version makes, recorded once for each version: ``python -m tests.measure.digests --record``."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from typeset import __version__
from typeset.cli import main
from typeset.engine.loader import tools

ROOT = Path(__file__).parents[2]
RECORDS = ROOT / "tests" / "inputs" / "digests"
FORMATS = ("pdf", "html", "docx", "txt", "csv", "json")
ARCHIVED = ROOT / "tests" / "inputs" / "version-0.1.0" / "workplace"


def system() -> dict[str, str]:
    """What bytes depend on that no lock holds: libraries of the system, and Python."""
    found = tools()
    python = ".".join(found["python"].split(".")[:2])
    return {"harfbuzz": found["harfbuzz"], "pango": found["pango"], "python": python, "zlib": found["zlib"]}


def digests() -> dict[str, str]:
    """The SHA-256 of every file that is made of the letters here, and of the copies of an archived edition."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder) / "workplace"
        shutil.copytree(ARCHIVED, here)
        with chdir(here), patch.dict(os.environ, TYPESET_CONFIG=str(Path(folder) / "own")):
            _run("trust", "folder", ".")
            for letter in letters():
                _run("build", str(letter), *(word for kind in FORMATS for word in ("--format", kind)))
            _run("deliver", "content/delta-appeal", "--no-seal", "--labels", "--print-run")
            return dict(_digests(here / "output"))


def letters() -> tuple[Path, ...]:
    """The letter folders of the repository."""
    return tuple(
        sorted(path.parent for folder in ("content", "examples") for path in ROOT.glob(f"{folder}/*/letter.toml"))
    )


def record(version: str = __version__) -> Path:
    """The file with what a version makes."""
    return RECORDS / f"{version}.json"


def recorded(where: Mapping[str, str], version: str = __version__) -> dict[str, str] | None:
    """What a version is known to make with these libraries; None where nobody has recorded it."""
    path = record(version)
    entries: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return next((dict(entry["files"]) for entry in entries if entry["system"] == where), None)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The files that both have and that differ, and those that are gone. A new file is no change of an old one."""
    return tuple(name for name, digest in before.items() if after.get(name) != digest)


def _digests(output: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(output.rglob("*")):
        # A report has the time that a stage took, a delivery's list the time that it was made.
        if path.suffix in (".pdf", ".html", ".docx", ".txt", ".csv", ".json") and path.name not in _TIMED:
            yield path.relative_to(output).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


_TIMED = frozenset({"build.json", "delivery.json", "delivery.csv", "index.html"})


def _run(*arguments: str) -> None:
    result = CliRunner().invoke(main, arguments)
    if result.exit_code:
        raise SystemExit(f"typesetter {' '.join(arguments)} ended with {result.exit_code}: {result.output}")


def _main(words: list[str]) -> None:
    where, made = system(), digests()
    if words != ["--record"]:
        print(json.dumps({"system": where, "files": made}, indent=1))
        return
    before = recorded(where)
    if before is not None and (differing := changed(before, made)):
        raise SystemExit(
            f"{__version__} is recorded with other bytes: raise the version first ({', '.join(differing)})"
        )
    path = record()
    entries = [entry for entry in (json.loads(path.read_text()) if path.exists() else []) if entry["system"] != where]
    path.write_text(json.dumps([*entries, {"system": where, "files": made}], indent=1) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    _main(sys.argv[1:])
