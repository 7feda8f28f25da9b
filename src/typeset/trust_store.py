"""What the user trusts, in the user's own configuration: folders whose ``typeset.toml`` counts, and pinned keys.

A working folder may come from anybody, so its ``typeset.toml`` names no root, key, program, service or archive before
the user has trusted that folder with that file (`typesetter trust folder`). The user's own ``typeset.toml`` counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from typeset.diagnostics import Finding, Location, Severity, letter_error
from typeset.journal import write_files
from typeset.letter_folder import from_here

SETTINGS = "typeset.toml"
STORE = "trust.json"
SEAL_ROLE = "seal"
_SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A key that the user knows to speak for an organisation, for one letter, in some roles, for a term.

    ``key`` is the SHA-256 of the public key. ``ended`` is the first day on which its signatures no longer count.
    """

    letter: str
    organisation: str
    key: str
    roles: tuple[str, ...]
    since: date
    until: date
    added: date
    ended: date | None = None

    def refusal(self, proven: datetime | None, now: datetime) -> str:
        """Why a signature does not count; empty when it does. ``proven`` is its time, where a timestamp proves it."""
        when = (proven or now).date()
        if self.ended and (proven is None or when >= self.ended):
            return f"you ended its key on {self.ended}, and no trusted timestamp proves that it signed before"
        if not self.since <= when <= self.until:
            return f"you pinned its key from {self.since} to {self.until}, and it signed outside that term"
        return ""

    def document(self) -> dict[str, Any]:
        """The pin as JSON."""
        return {
            "letter": self.letter,
            "organisation": self.organisation,
            "key": self.key,
            "roles": list(self.roles),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "added": self.added.isoformat(),
            "ended": self.ended.isoformat() if self.ended else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """The pins, and the digest of ``typeset.toml`` for each trusted folder."""

    folders: Mapping[str, str]
    pins: tuple[Pin, ...] = ()
    read: bytes = b""
    """The bytes that it was read from: if they have changed, nothing is written."""


def configuration_folder() -> Path:
    """The folder of the user's own configuration (XDG Base Directory), or the one that TYPESET_CONFIG names."""
    if given := os.environ.get("TYPESET_CONFIG"):
        return Path(given)
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    return (Path(base) if os.path.isabs(base) else Path.home() / ".config") / "typeset"


def read_store() -> TrustStore:
    """What the user trusts; by default nothing. Raises `LetterError` for a damaged file."""
    path = configuration_folder() / STORE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return TrustStore(folders={})
    try:
        document: Any = json.loads(data)
        if document["schema"] != _SCHEMA:
            raise ValueError(f"its schema is {document['schema']!r}")
        folders = {str(one["folder"]): str(one["sha256"]) for one in document["folders"]}
        return TrustStore(folders=folders, pins=tuple(_pin(one) for one in document["pins"]), read=data)
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        message, hint = (
            f"{path} cannot be read: {fault}",
            "correct the file, or delete it and trust again what you know",
        )
        raise letter_error("trust-store", message, hint, subject="trust") from fault


def _pin(entry: Mapping[str, Any]) -> Pin:
    return Pin(
        letter=str(entry["letter"]),
        organisation=str(entry["organisation"]),
        key=str(entry["key"]),
        roles=tuple(map(str, entry["roles"])),
        since=date.fromisoformat(entry["since"]),
        until=date.fromisoformat(entry["until"]),
        added=date.fromisoformat(entry["added"]),
        ended=date.fromisoformat(entry["ended"]) if entry["ended"] else None,
    )


def _write(store: TrustStore) -> None:
    document = {
        "schema": _SCHEMA,
        "folders": [{"folder": folder, "sha256": sha256} for folder, sha256 in sorted(store.folders.items())],
        "pins": [pin.document() for pin in store.pins],
    }
    data = json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
    write_files(configuration_folder(), {STORE: data}, private=(STORE,), read={STORE: store.read})


def trust_folder(folder: Path) -> str:
    """Trust a folder with its ``typeset.toml`` as it is now, or without one; returns the digest."""
    if not folder.is_dir():
        message = f"{from_here(folder)} is not a folder"
        raise letter_error("not-trusted", message, f"name the folder that has the {SETTINGS}", subject="trust")
    digest, store = hashlib.sha256(_bytes(folder) or b"").hexdigest(), read_store()
    _write(replace(store, folders={**store.folders, str(folder.resolve()): digest}))
    return digest


def add_pin(pin: Pin) -> None:
    """Pin a key; it takes the place of an earlier pin of the same key for the same letter."""
    store = read_store()
    others = [one for one in store.pins if (one.letter, one.key) != (pin.letter, pin.key)]
    _write(replace(store, pins=(*others, pin)))


def remove(what: str, key: str = "", since: date | None = None) -> tuple[str, ...]:
    """Remove a folder, or the pins of a letter (with ``key`` only those of that key), and say what was done.

    With ``since`` the pins stay for what was signed before that day. Raises `LetterError` when nothing is removed.
    """
    store = read_store()
    gone = [pin for pin in store.pins if pin.letter == what and pin.key.startswith(key)]
    folder = str(Path(what).resolve())
    if not gone and folder not in store.folders:
        message = f"you do not trust anything called {what}{f' with the key {key}' if key else ''}"
        raise letter_error("not-trusted", message, "typesetter trust list shows what you trust", subject="trust")
    if not gone:
        _write(replace(store, folders={name: sha256 for name, sha256 in store.folders.items() if name != folder}))
        return (f"{folder}: its {SETTINGS} is no longer used",)
    kept = tuple(
        replace(pin, ended=since) if pin in gone else pin for pin in store.pins if since is not None or pin not in gone
    )
    _write(replace(store, pins=kept))
    how = f"no longer counts for what was signed on {since} or later" if since else "is no longer pinned"
    return tuple(f"{pin.letter}: the key {pin.key} {how}" for pin in gone)


def settings_in_force(here: Path) -> Iterator[tuple[Path, bytes]]:
    """Each ``typeset.toml`` that counts, with its folder: that of a trusted folder, then the user's own."""
    own = configuration_folder()
    data = _bytes(here)
    if data is not None and here.resolve() != own.resolve() and _counts(here, data):
        yield here, data
    mine = _bytes(own)
    if mine is not None:
        yield own, mine


def ignored_settings(here: Path) -> tuple[Finding, ...]:
    """A warning that names every entry of a folder's ``typeset.toml`` that is ignored; none when it counts."""
    entries = ignored_entries(here)
    if not entries:
        return ()
    known = str(here.resolve()) in read_store().folders
    why = "it changed since you trusted it" if known else "you have not trusted this folder"
    return (
        Finding(
            code="untrusted-folder",
            severity=Severity.WARNING,
            message=f"these entries of {SETTINGS} are ignored, because {why}: {', '.join(entries)}",
            place=Location(file=SETTINGS),
            hint=f"read the file; if you know who wrote it, run: typesetter trust folder {from_here(here)}",
            subject="trust",
        ),
    )


def ignored_entries(here: Path) -> tuple[str, ...]:
    """The entries of a folder's ``typeset.toml`` that are ignored, such as ``archive.folder``."""
    data = _bytes(here)
    if data is None or here.resolve() == configuration_folder().resolve() or _counts(here, data):
        return ()
    return tuple(_entries(data))


def _entries(data: bytes) -> Iterator[str]:
    """The entries of a ``typeset.toml`` by name, tables with one name for each of their entries."""
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        yield "all, since it is not valid TOML"
        return
    for name, value in table.items():
        yield from (f"{name}.{key}" for key in value) if isinstance(value, dict) else (name,)


def is_trusted(here: Path) -> bool:
    """Whether the user has trusted a folder, and its ``typeset.toml`` has not changed since."""
    return _counts(here, _bytes(here) or b"")


def _counts(here: Path, data: bytes) -> bool:
    return read_store().folders.get(str(here.resolve())) == hashlib.sha256(data).hexdigest()


def _bytes(folder: Path) -> bytes | None:
    path = folder / SETTINGS
    return path.read_bytes() if path.is_file() else None
