"""Wheels without their faces: small enough for every edition, and made whole again by the digests in ``RECORD``."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

FACES = frozenset({".ttf", ".otf", ".ttc", ".woff", ".woff2"})
_DAY = (2020, 2, 2, 0, 0, 0)
"""The date of every file in a wheel of ours: the same files give the same bytes."""


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
    """A wheel cannot be made whole: ``entries`` are the faces that were not found."""

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
    """What finds a face of these folders by its SHA-256. The folders are read at the first question."""
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
