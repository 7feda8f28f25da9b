"""Set up what a make target needs, once: ``prepare.py letter|test|bench|lock``.

System libraries and programs come from apt where this person may use it, Python packages from the lock of that name in
``requirements/`` by their digests alone: no address is written anywhere, so proxies and mirrors of the machine hold.
Only the standard library is used here, since nothing else is there yet.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import NoReturn

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"

# What each set needs beyond Python packages: Debian's package, and the library, file or program that shows it is there.
LETTER = {
    "libpango-1.0-0": "libpango-1.0.so.0",
    "libpangoft2-1.0-0": "libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "libharfbuzz-subset.so.0",
}
TEST = {
    "chromium": "chromium",
    "libatomic1": "libatomic.so.1",  # for the driver that Playwright carries
    "default-jre-headless": "java",
    "libjaxb-java": "/usr/share/java/jaxb-runtime.jar",
    "poppler-utils": "pdftotext",
    "qpdf": "qpdf",
}
SYSTEM = {"letter": LETTER, "test": LETTER | TEST, "bench": LETTER | TEST, "lock": {}}


def main(name: str) -> None:
    """Bring the environment to the state that the lock of this name describes; do nothing where it is there."""
    lock = PROJECT / "requirements" / f"{name}.lock"
    stamp = ENVIRONMENT / "set-up" / name
    state = digest(lock)
    if usable(ENVIRONMENT) and stamp.exists() and stamp.read_text() == state:
        return
    complete = install_system_packages(name)
    if not usable(ENVIRONMENT):
        say("making the virtual environment .venv")
        run(sys.executable, "-m", "venv", "--clear", ENVIRONMENT)
    say(f"installing the Python packages of requirements/{lock.name}")
    # Without wheels pip would build from source, with build tools that no lock names.
    pip("install", "--require-hashes", "--only-binary=:all:", "-r", lock)
    if name != "lock":
        pip("install", "--no-deps", "--no-build-isolation", "--editable", PROJECT)
    if complete:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(state)


def digest(lock: Path) -> str:
    """What a set-up depends on: the lock, the package's own description, this file, and where all of it stands."""
    described = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    package = json.dumps([described["build-system"], described["project"]], default=str)
    parts = (lock.read_bytes(), package.encode(), Path(__file__).read_bytes(), bytes(PROJECT))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def usable(environment: Path) -> bool:
    """Whether the environment is whole, still has its Python, and stands where its programs were told it does."""
    pip = environment / "bin" / "pip"  # the last file that is written
    return os.access(environment / "bin" / "python", os.X_OK) and pip.exists() and str(environment) in pip.read_text()


def missing(name: str) -> Iterator[str]:
    """Debian packages still to be installed: found by use, so that other systems pass as well."""
    if not (find_spec("ensurepip") and find_spec("venv")):
        yield f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    yield from (package for package, sign in SYSTEM[name].items() if not there(sign))


def there(sign: str) -> bool:
    """Whether a library loads, a file exists, or a program is on the search path."""
    if ".so." in sign:
        return loads(sign) or loads(sign.replace(".so.", ".") + ".dylib")
    return Path(sign).exists() if sign.startswith("/") else which(sign) is not None


def loads(library: str) -> bool:
    """Whether the system's loader finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_system_packages(name: str) -> bool:
    """Install what is missing with apt and tell whether all is there; where apt may not be used, say what to run.

    Only what a letter needs ends the set-up: tests of programs that are not there are skipped, or fail where CI is set.
    """
    wanted = list(missing(name))
    if not wanted:
        return True
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *wanted]
    debian = which("apt-get") is not None
    if not debian or (privilege := as_root()) is None:
        fix = f"sudo {shlex.join(install)}" if debian else elsewhere()
        if set(wanted) - set(TEST):
            refuse(f"needs {' '.join(wanted)}{'' if debian else ' (Debian names)'}; run: {fix}")
        say(f"tests that need {' '.join(wanted)} cannot run here{'; run: ' + fix if debian else ' (Debian names)'}")
        return False
    say(f"installing {' '.join(wanted)} with apt")
    apt = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive", *proxies(), "apt-get", "-o", "DPkg::Lock::Timeout=300"]
    quiet = [] if sys.stderr.isatty() else ["-qq"]
    run(*apt, *quiet, "update", fatal=False)  # an old list may do
    run(*apt, *quiet, *install[1:])
    return True


def as_root() -> Sequence[str] | None:
    """What to put before a command so that root runs it; nothing can be put where this person may not."""
    if os.geteuid() == 0:
        return ()
    if not which("sudo"):
        return None
    if sys.stdin.isatty():
        return ("sudo",)
    allowed = subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0
    return ("sudo", "-n") if allowed else None


def proxies() -> Iterator[str]:
    """The proxies in force, which sudo would drop."""
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        if value := os.environ.get(name) or os.environ.get(name.upper()):
            yield f"{name}={value}"


def elsewhere() -> str:
    """The one command that brings Pango, HarfBuzz and Python's venv on a system without apt."""
    commands = {
        "dnf": "sudo dnf install python3 pango harfbuzz",
        "zypper": "sudo zypper install python311 libpango-1_0-0 libharfbuzz-subset0",
        "pacman": "sudo pacman -S python pango harfbuzz",
        "apk": "sudo apk add python3 pango harfbuzz",
        "brew": "brew install python pango",
    }
    known = (command for program, command in commands.items() if which(program))
    return next(known, "your package manager for Pango, HarfBuzz and Python 3.11 with venv")


def pip(command: str, *arguments: str | Path) -> None:
    """Run the environment's own pip, with its progress bars on a terminal only."""
    os.environ["PIP_USER"] = "0"  # a person's own setting; refused inside an environment
    quiet = [] if sys.stderr.isatty() else ["--quiet", "--progress-bar=off"]
    run(PYTHON, "-m", "pip", "--disable-pip-version-check", command, *quiet, *arguments)


def run(*command: str | Path, fatal: bool = True) -> None:
    """Run a command that talks to the terminal; off a terminal it is heard only when it fails."""
    talks = sys.stderr.isatty()
    done = subprocess.run(
        command,
        check=False,
        cwd=PROJECT,
        stdout=None if talks else subprocess.PIPE,
        stderr=None if talks else subprocess.STDOUT,
    )
    if done.returncode and fatal:
        sys.stderr.buffer.write(done.stdout or b"")
        refuse(f"{shlex.join(map(str, command))} ended with {done.returncode}")


def say(step: str) -> None:
    """Tell what is being set up."""
    print(f"set-up: {step}", file=sys.stderr, flush=True)


def refuse(reason: str) -> NoReturn:
    """End the set-up with one line that says what to do."""
    say(reason)
    raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
