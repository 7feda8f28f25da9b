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
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from time import monotonic
from typing import NoReturn

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENT = PROJECT / ".venv"
PIP = (ENVIRONMENT / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-user")

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
    "openssl": "openssl",
    "softhsm2": "softhsm2-util",  # a PKCS#11 token in software
}
BENCH = {
    "chromium": "chromium",
    "fontconfig": "fc-list",
    "fonts-noto-core": "/usr/share/fonts/truetype/noto/NotoSerif-Regular.ttf",
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "poppler-utils": "pdftotext",
}
SYSTEM = {"letter": LETTER, "test": LETTER | TEST, "bench": LETTER | BENCH, "lock": {}}


def main(name: str) -> None:
    """Bring the environment to the state that the lock of this name describes; do nothing where it is there."""
    lock = PROJECT / "requirements" / f"{name}.lock"
    stamp = ENVIRONMENT / "set-up" / name
    state = digest(lock)
    if usable(ENVIRONMENT) and stamp.exists() and stamp.read_text() == state:
        return
    complete = install_system_packages(name)
    if not usable(ENVIRONMENT):
        run("making the virtual environment .venv", sys.executable, "-m", "venv", "--clear", ENVIRONMENT)
    # Without wheels pip would build from source, with build tools that no lock names; and a lock is complete, so what
    # it leaves out of a package's wishes was left out on purpose.
    packages = f"installing the Python packages of requirements/{lock.name}"
    run(packages, *PIP, "--no-deps", "--require-hashes", "--only-binary=:all:", "-r", lock)
    if name != "lock":
        trees = (PROJECT / "distributions" / "verify", PROJECT / "distributions" / "faces", PROJECT)
        editable = (word for tree in trees for word in ("--editable", tree))
        run("installing typeset itself", *PIP, "--no-deps", "--no-build-isolation", *editable)
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
        if set(wanted) - set(TEST | BENCH):
            refuse(f"needs {' '.join(wanted)}{'' if debian else ' (Debian names)'}; run: {fix}")
        say(f"tests that need {' '.join(wanted)} cannot run here{'; run: ' + fix if debian else ' (Debian names)'}")
        return False
    apt = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive", *proxies(), "apt-get", "-qq"]
    apt += ["-o", "DPkg::Lock::Timeout=300"]
    run("reading the package lists of apt", *apt, "update", fatal=False)  # an old list may do
    run(f"installing {' '.join(wanted)} with apt", *apt, *install[1:])
    return True


def as_root() -> Sequence[str] | None:
    """What to put before a command so that root runs it; nothing can be put where this person may not."""
    if os.geteuid() == 0:
        return ()
    if not which("sudo"):
        return None
    # On a terminal sudo may ask for the password; it remembers it for the commands that follow.
    ask = ["sudo", "--validate"] if sys.stdin.isatty() else ["sudo", "--non-interactive", "true"]
    return ("sudo", "--non-interactive") if subprocess.run(ask, check=False).returncode == 0 else None


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


def run(step: str, *command: str | Path, fatal: bool = True) -> None:
    """Run a command, counting its seconds on a terminal; what it says is heard only when it fails."""
    began = monotonic()
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said: bytes | None = None
        while said is None:
            progress(step, monotonic() - began)
            try:
                said = process.communicate(timeout=1)[0]
            except subprocess.TimeoutExpired:
                continue
    progress(step, monotonic() - began, last=True)
    if process.returncode and fatal:
        sys.stderr.buffer.write(said)
        refuse(f"{step} failed: {shlex.join(map(str, command))} ended with {process.returncode}")


def progress(step: str, seconds: float, *, last: bool = False) -> None:
    """Tell how long a step is taking; off a terminal, how long it took."""
    if sys.stderr.isatty():
        print(f"\rset-up: {step}  {seconds:.0f} s", end="\n" if last else "", file=sys.stderr, flush=True)
    elif last:
        say(f"{step}  {seconds:.0f} s")


def say(step: str) -> None:
    """Tell something about the set-up."""
    print(f"set-up: {step}", file=sys.stderr, flush=True)


def refuse(reason: str) -> NoReturn:
    """End the set-up with one line that says what to do."""
    say(reason)
    raise SystemExit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a person who stops the set-up needs no traceback
    main(*sys.argv[1:])
