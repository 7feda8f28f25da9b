"""Where the programs of others are found, and what happens where they are missing."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import NoReturn

import pytest


def program(name: str) -> Path:
    """A program on the search path."""
    found = which(name)
    return Path(found) if found else absent(name)


def packaged(package: str, path: str) -> Path:
    """A file that an installed Python package carries."""
    spec = find_spec(package)
    found = Path(spec.origin).parent / path if spec and spec.origin else None
    return found if found and found.exists() else absent(f"{path} of {package}")


def system_file(path: str) -> Path:
    """A file that a Debian package puts at a fixed place."""
    return Path(path) if Path(path).exists() else absent(path)


def absent(what: str) -> NoReturn:
    """Skip the running test for want of a program; in continuous integration, where nothing may be wanting, fail it."""
    reason = f"{what} is not on this machine: make setup"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def environment() -> dict[str, str]:
    """The environment for a program that is not ours: without the closed font world of our own engine."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG_")}


def output(*command: str | Path) -> str:
    """What a program that ends well says on its standard output; one that does not is quoted in the error."""
    done = subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", errors="replace", env=environment()
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {(done.stderr + done.stdout).strip()}")
    return done.stdout
