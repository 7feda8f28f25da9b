"""Environments for archived versions of the program, installed from lock and wheels into the user's cache."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from typeset.diagnostics import LetterError, error, letter_error
from typeset.program.distribution import MissingFaces, Program, whole_wheel

KEPT = 4
"""The number of environments kept in the cache, the ones used last; each has some 150 MB."""
_READY = "ready"


def environment(program: Program, face: Callable[[str], bytes | None], folder: Path, python: str = "") -> Path:
    """The Python of an environment with this program and its dependencies; made in ``folder`` when missing.

    ``face`` finds a face by its SHA-256. ``python`` is the wanted version (``3.11.7``). Raises
    `LetterError` when a face is missing or a package cannot be installed.
    """
    base = _interpreter(python)
    place = folder / _key(program, base)
    if not (place / _READY).exists() or not _python(place).exists():
        shutil.rmtree(place, ignore_errors=True)
        _make(program, face, place, base)
    with suppress(OSError):
        os.utime(place / _READY)
    _make_room(folder, place)
    return _python(place)


def _key(program: Program, base: str) -> str:
    whole = hashlib.sha256(f"{base}\n{platform.machine()}\n{sys.platform}\n".encode())
    for name, data in sorted(program.files.items()):
        whole.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return whole.hexdigest()[:32]


def _make(program: Program, face: Callable[[str], bytes | None], place: Path, base: str) -> None:
    wheels = {name: _whole(name, data, face) for name, data in program.wheels.items()}
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=place.parent, prefix=".unfinished-"))
    try:
        needed = unfinished / "needed"
        needed.mkdir()
        for name, data in {**wheels, "requirements.txt": program.lock or b""}.items():
            (needed / name).write_bytes(data)
        _run([base, "-m", "venv", *_without_pip(), str(unfinished)], "a virtual environment cannot be made")
        install = [*_pip(unfinished), "install", "--quiet", "--no-deps", "--no-compile", "--no-input", "--retries", "2"]
        locked = ["--require-hashes", "--only-binary=:all:", "--requirement", str(needed / "requirements.txt")]
        _run([*install, *locked], "its packages cannot be installed")
        _run([*install, "--no-index", *(str(needed / name) for name in wheels)], "it cannot be installed")
        shutil.rmtree(needed)
        (unfinished / _READY).touch()
        with suppress(OSError):  # another process was faster
            unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _whole(name: str, bare: bytes, face: Callable[[str], bytes | None]) -> bytes:
    try:
        return whole_wheel(bare, face)
    except MissingFaces as missing:
        findings = [
            error(
                "rebuild-face-missing",
                f"{name} needs the face {Path(entry.name).name} with the SHA-256 {entry.sha256}, which was not found",
                "name a folder that has it with --faces FOLDER; earlier versions of the program have it in fonts/",
                subject="program",
            )
            for entry in missing.entries
        ]
        raise LetterError(findings) from missing


def _interpreter(wanted: str) -> str:
    """A Python with the first two numbers of the wanted version; by default the running one."""
    minor = ".".join(wanted.split(".")[:2])
    running = ".".join(platform.python_version_tuple()[:2])
    found = shutil.which(f"python{minor}") if minor and minor != running else None
    return found or sys.executable


def _without_pip() -> Sequence[str]:
    return ("--without-pip",) if importlib.util.find_spec("pip") else ()


def _pip(place: Path) -> Sequence[str]:
    """The pip that installs into an environment: the one of this program, or else the environment's own."""
    if importlib.util.find_spec("pip"):
        return (sys.executable, "-m", "pip", "--python", str(_python(place)))
    return (str(_python(place)), "-m", "pip")


def _python(place: Path) -> Path:
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    if done.returncode == 0:
        return
    output = done.stderr + done.stdout
    if missing := re.findall(r"No matching distribution found for ([\w.-]+==\S+)", output):
        message = f"the archived version cannot be installed: pip found no {missing[0]}, which its lock names"
        hint = "connect to the network and run the command again, or set PIP_FIND_LINKS to a folder with the wheels"
        raise letter_error("rebuild-offline", message, hint, subject="program")
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "").strip()
    raise letter_error(
        "rebuild-setup", f"{what}: {last[-300:]}", "correct this, then run typesetter rebuild again", subject="program"
    )


def _make_room(folder: Path, used: Path) -> None:
    """Remove the environments that were used longest ago."""
    ready = [(path.stat().st_mtime, path.parent) for path in folder.glob(f"*/{_READY}") if path.parent != used]
    for _, place in sorted(ready, reverse=True)[KEPT - 1 :]:
        shutil.rmtree(place, ignore_errors=True)
