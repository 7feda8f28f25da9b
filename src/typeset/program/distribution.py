"""The running program as an edition archives it: its wheels without faces, and the lock of its dependencies."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from typeset.diagnostics import Finding, Severity
from typeset.fonts import Cache
from typeset.sources import house

FACES = frozenset({".ttf", ".otf", ".ttc", ".woff", ".woff2"})
_DAY = (2020, 2, 2, 0, 0, 0)
"""The date of every file in an archived wheel, so that the same files give the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of ``RECORD``: a file of the wheel, its SHA-256 in hexadecimal digits and its size in bytes."""

    name: str
    sha256: str
    size: int

    def __str__(self) -> str:
        digest = base64.urlsafe_b64encode(bytes.fromhex(self.sha256)).rstrip(b"=").decode()
        return f"{_quoted(self.name)},sha256={digest},{self.size}"


class MissingFaces(Exception):
    """Faces of a wheel that were not found: ``entries``."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        super().__init__(", ".join(entry.name for entry in entries))


def is_face(name: str) -> bool:
    """Whether a file of a wheel is left out of the archive because it is a face."""
    return PurePosixPath(name).suffix.lower() in FACES


def entry_of(name: str, data: bytes) -> Entry:
    """The line of ``RECORD`` for a file."""
    return Entry(name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def bare_wheel(files: Mapping[str, bytes], faces: Mapping[str, Entry]) -> bytes:
    """A wheel of these files, whose ``RECORD`` names the faces too. The same files give the same bytes."""
    (info,) = {name.partition("/")[0] for name in files if name.partition("/")[0].endswith(".dist-info")}
    record = f"{info}/RECORD"
    kept = {name: data for name, data in files.items() if name != record and not is_face(name)}
    entries = {name: entry_of(name, data) for name, data in kept.items()} | dict(faces)
    lines = [*(str(entry) for _, entry in sorted(entries.items())), f"{record},,"]
    return _packed(kept | {record: ("\n".join(lines) + "\n").encode()}, zipfile.ZIP_DEFLATED)


def whole_wheel(bare: bytes, face: Callable[[str], bytes | None]) -> bytes:
    """The wheel with its faces, which ``face`` finds by their SHA-256. Raises `MissingFaces`."""
    with zipfile.ZipFile(io.BytesIO(bare)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    missing: list[Entry] = []
    for entry in _entries(files):
        if entry.name not in files:
            data = face(entry.sha256)
            if data is None:
                missing.append(entry)
            else:
                files[entry.name] = data
    if missing:
        raise MissingFaces(tuple(missing))
    return _packed(files, zipfile.ZIP_STORED)


def faces_in(*folders: Path) -> Callable[[str], bytes | None]:
    """A function that finds a face in these folders by its SHA-256; it reads the folders at its first call."""
    known: dict[str, Path] = {}

    def face(sha256: str) -> bytes | None:
        if not known:
            for path in (path for folder in folders for path in sorted(folder.rglob("*")) if is_face(path.name)):
                known.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), path)
        return known[sha256].read_bytes() if sha256 in known else None

    return face


def _entries(files: Mapping[str, bytes]) -> Iterator[Entry]:
    (record,) = (data for name, data in files.items() if name.endswith(".dist-info/RECORD"))
    for name, digest, size in csv.reader(io.StringIO(record.decode())):
        if digest.startswith("sha256="):
            value = digest.removeprefix("sha256=")
            sha256 = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex()
            yield Entry(name=name, sha256=sha256, size=int(size))


def _packed(files: Mapping[str, bytes], compression: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, _DAY)
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data, compression, 9)
    return packed.getvalue()


def _quoted(name: str) -> str:
    return f'"{name}"' if "," in name else name


LOCK = "letter.lock"
NAME = "typeset"
_INSTALLER = frozenset({"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"})
"""Files that an installer adds to the metadata of a wheel."""
_EPOCH = "1580601600"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Wheels and lock by file name, with findings. Empty when the program cannot be packed."""

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...] = ()

    @property
    def lock(self) -> bytes | None:
        """The dependencies with their digests, as pip reads them."""
        return self.files.get(LOCK)

    @property
    def wheels(self) -> Mapping[str, bytes]:
        """The wheels of the program."""
        return {name: data for name, data in self.files.items() if name.endswith(".whl")}


class _CannotPack(Exception):
    """The program cannot be packed, with the reason."""


def running_program(kept: Cache) -> Program:
    """The wheels and the lock of the running program; ``kept`` is a cache of packed wheels.

    A program that cannot be packed is only a warning: the edition is published without it.
    """
    findings: list[Finding] = []
    try:
        lock, own = _lock(), tuple(_own())
        files = dict(_wheel(one, kept, findings) for one in own)
    except _CannotPack as reason:
        message = f"the program was not archived with the edition: {reason}"
        return Program(files={}, findings=(_about_program("program-not-archived", Severity.WARNING, message, _KEEP),))
    findings += _uncommitted([project for one in own if (project := _project(one))])
    findings += _other_packages(lock)
    return Program(files=MappingProxyType({**files, LOCK: lock}), findings=tuple(findings))


_KEEP = "the edition is complete; keep the wheel and the lock of this version, for rebuild with --wheel and --lock"


def _lock() -> bytes:
    path = house() / "requirements" / LOCK
    try:
        return path.read_bytes()
    except OSError as fault:
        raise _CannotPack(f"{path} cannot be read") from fault


def _own() -> Iterator[Distribution]:
    """The distributions of the program: itself, and those it requires whose names begin with its own."""
    waiting, seen = [NAME], {NAME}
    while waiting:
        name = waiting.pop(0)
        try:
            found = distribution(name)
        except PackageNotFoundError as fault:
            raise _CannotPack(f"{name} is not installed here as a package") from fault
        yield found
        required = {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower() for line in found.requires or ()}
        waiting += sorted(one for one in required - seen if one.startswith(f"{NAME}-"))
        seen |= required


def _wheel(one: Distribution, kept: Cache, findings: list[Finding]) -> tuple[str, bytes]:
    """The file name and the bytes of the wheel of an installed distribution, without its faces."""
    if project := _project(one):
        key = _state_of(project)
        data = kept.get(key) or _built(project)
    else:
        files, faces = _installed(one, findings)
        entries = sorted(map(str, (*(entry_of(name, data) for name, data in files.items()), *faces.values())))
        key = hashlib.sha256("\n".join(entries).encode()).hexdigest()
        data = kept.get(key) or bare_wheel(files, faces)
    kept.put(key, data)
    return _file_name(data), data


def _project(one: Distribution) -> Path | None:
    """The checkout of an editable installation (PEP 610); None for an installed wheel."""
    origin = json.loads(one.read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(unquote(urlsplit(origin["url"]).path)))


def _inputs(project: Path) -> list[str]:
    """The files and folders that a wheel of a checkout is made of."""
    described = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    target = described.get("tool", {}).get("hatch", {}).get("build", {}).get("targets", {}).get("wheel", {})
    inside = [*target.get("only-include", ()), *target.get("force-include", ()), *target.get("packages", ())]
    about = described["project"]
    beside = [str(about.get("readme", "")), *about.get("license-files", ())]
    found = [path.relative_to(project).as_posix() for name in beside if name for path in project.glob(name)]
    return sorted({"pyproject.toml", *found, *inside})


def _files(project: Path) -> Iterator[Path]:
    for place in (project / name for name in _inputs(project)):
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and path.suffix != ".pyc")


def _state_of(project: Path) -> str:
    """A digest of what a wheel of a checkout is made of. A face counts by its size and time: it is large."""
    whole = hashlib.sha256(sys.version.encode())
    for path in _files(project):
        status = path.stat()
        content = f"{status.st_size} {status.st_mtime_ns}".encode() if is_face(path.name) else path.read_bytes()
        whole.update(f"{path.relative_to(project).as_posix()}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def _uncommitted(projects: Sequence[Path]) -> Iterator[Finding]:
    """A warning about uncommitted changes of a checkout, which only the archived wheels have."""
    if not projects:
        return
    # Resolved, since git does not look behind a link.
    inputs = sorted({str((project / name).resolve()) for project in projects for name in _inputs(project)})
    command = ["git", "-C", str(projects[0]), "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"]
    try:
        told = subprocess.run([*command, "--", *inputs], check=True, capture_output=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):  # no checkout of git, or no git
        return
    changed = [line[3:] for line in told.split("\0") if line]
    if changed:
        count = f"{len(changed)} files, such as {changed[0]}" if len(changed) > 1 else changed[0]
        message = f"the program has changes that are not committed: {count}"
        hint = "the archived wheel has these changes; commit them, so that the version can be found in the history"
        yield _about_program("program-uncommitted", Severity.NOTE, message, hint)


def _built(project: Path) -> bytes:
    """The wheel of a checkout, built by its own build backend."""
    if importlib.util.find_spec("hatchling") is None:
        raise _CannotPack("hatchling, which builds its wheel, is not installed")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        done = subprocess.run(
            command, cwd=project, check=False, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH}
        )
        if done.returncode:
            raise _CannotPack(f"building its wheel failed: {done.stderr.decode(errors='replace').strip()[-200:]}")
        (path,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(path) as built:
            files = {name: built.read(name) for name in built.namelist()}
    return bare_wheel(files, {name: entry_of(name, data) for name, data in files.items() if is_face(name)})


def _installed(one: Distribution, findings: list[Finding]) -> tuple[dict[str, bytes], dict[str, Entry]]:
    """The installed files of a distribution, and its faces; changed files are a finding."""
    files: dict[str, bytes] = {}
    faces: dict[str, Entry] = {}
    changed: list[str] = []
    for path in one.files or ():
        name = PurePosixPath(path).as_posix()
        if name.startswith("..") or path.suffix == ".pyc" or _is_installers(name):
            continue
        try:
            data = Path(str(one.locate_file(path))).read_bytes()
        except OSError as fault:
            raise _CannotPack(f"{name} of the installed program cannot be read") from fault
        entry = entry_of(name, data)
        if path.hash and str(entry).split(",")[-2] != f"{path.hash.mode}={path.hash.value}":
            changed.append(name)
        if is_face(name):
            faces[name] = entry
        else:
            files[name] = data
    if changed:
        count = f"{len(changed)} files, such as {changed[0]}," if len(changed) > 1 else changed[0]
        message = f"{count} of the installed program was changed after installation; the archived wheel has the change"
        findings.append(_about_program("program-altered", Severity.WARNING, message, "install the program again"))
    if not any(name.endswith(".dist-info/METADATA") for name in files):
        raise _CannotPack("the list of its installed files is missing")
    return files, faces


def _is_installers(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parent.name.endswith(".dist-info") and path.name in _INSTALLER


def _file_name(wheel: bytes) -> str:
    """The file name of a wheel, from its metadata."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        (info,) = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        about = archive.read(f"{info}/WHEEL").decode()
    (tag,) = re.findall(r"^Tag: (\S+)", about, re.MULTILINE)
    return f"{info.removesuffix('.dist-info')}-{tag}.whl"


def _other_packages(lock: bytes) -> Iterator[Finding]:
    """A warning about installed packages that are not those in the lock."""
    other = []
    for name, locked in re.findall(r"^([\w.-]+)==([^\s;]+)", lock.decode(), re.MULTILINE):
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue
        if installed != locked:
            other.append(f"{name} {installed} (locked: {locked})")
    if other:
        message = f"installed packages differ from the archived lock: {', '.join(other[:4])}" + "…" * (len(other) > 4)
        hint = "install the packages of the lock; otherwise a later rebuild may give other bytes"
        yield _about_program("lock-differs", Severity.WARNING, message, hint)


def _about_program(code: str, severity: Severity, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=severity, message=message, hint=hint, subject="program")
