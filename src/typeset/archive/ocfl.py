"""OCFL inventories: the files of each edition of a letter, and their paths (OCFL 1.1, 3.5); names of editions."""

from __future__ import annotations

import errno
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from typeset.diagnostics import Finding, LetterError, Location, Severity, error

TYPE = "https://ocfl.io/1.1/spec/#inventory"
ALGORITHM = "sha512"
INVENTORY = "inventory.json"
SIDECAR = f"{INVENTORY}.{ALGORITHM}"

_quoted = json.JSONEncoder(ensure_ascii=False).encode
_DIGEST = re.compile(r"[0-9a-f]{128}", re.ASCII)
_CONTENT = re.compile(r"v[1-9][0-9]{0,5}/content/", re.ASCII)
_OUTSIDE = re.compile(r"(?:^|/)\.{0,2}(?:/|\Z)|\0")
_VERSION = re.compile(r"v([1-9][0-9]{0,5})", re.ASCII)


class UnreadableInventory(Exception):
    """An inventory that cannot be read, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVersion:
    """One version of an object: digests by logical path, and who added it, when and why."""

    state: Mapping[str, str]
    created: str
    message: str
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All versions of one object. ``manifest`` has the content path of each digest."""

    id: str
    manifest: Mapping[str, str]
    versions: tuple[ObjectVersion, ...]

    @property
    def head(self) -> int:
        """The number of the latest version."""
        return len(self.versions)

    def path(self, number: int, name: str) -> str:
        """The path of a file of a version, relative to the object's folder."""
        return self.manifest[self.versions[number - 1].state[name]]

    def paths_of(self, number: int) -> Mapping[str, str]:
        """The digests of the files that were added with a version, by content path."""
        prefix = f"v{number}/"
        return {path: digest for digest, path in self.manifest.items() if path.startswith(prefix)}

    def with_version(self, version: ObjectVersion) -> Inventory:
        """The object with one more version; bytes that it already has are not added again."""
        number = self.head + 1
        manifest = dict(self.manifest)
        for name, digest in sorted(version.state.items()):
            manifest.setdefault(digest, f"v{number}/content/{name}")
        return replace(self, manifest=MappingProxyType(manifest), versions=(*self.versions, version))

    def continues(self, earlier: Inventory) -> bool:
        """Whether this inventory is an earlier one with versions added and nothing changed."""
        return (
            self.id == earlier.id
            and self.versions[: earlier.head] == earlier.versions
            and all(self.manifest.get(digest) == path for digest, path in earlier.manifest.items())
        )


def digest_of(data: bytes) -> str:
    """The SHA-512 digest, as inventories use it."""
    return hashlib.sha512(data).hexdigest()


def sidecar(inventory: bytes) -> bytes:
    """The file beside an inventory with the inventory's digest."""
    return f"{digest_of(inventory)} {INVENTORY}\n".encode()


def write_inventory(inventory: Inventory) -> bytes:
    """An inventory as bytes, one line for each entry, so that people and line tools can read it."""
    return earlier_inventories(inventory)(inventory.head)


def earlier_inventories(inventory: Inventory) -> Callable[[int], bytes]:
    """A function that returns the inventory of an earlier version; entries are formatted once for all versions."""
    entries = [
        (version_number(path.split("/")[0]) or 0, f'  "{digest}": [{_quoted(path)}]')
        for digest, path in sorted(inventory.manifest.items())
    ]
    versions = [f'  "v{number}": {_block(version)}' for number, version in enumerate(inventory.versions, start=1)]
    head = f'{{\n "id": {_quoted(inventory.id)},\n "type": "{TYPE}",\n "digestAlgorithm": "{ALGORITHM}",\n'

    def written(number: int) -> bytes:
        manifest = ",\n".join(line for added, line in entries if added <= number)
        blocks = ",\n".join(versions[:number])
        return (
            f'{head} "head": "v{number}",\n "manifest": {{\n{manifest}\n }},\n "versions": {{\n{blocks}\n }}\n}}\n'
        ).encode()

    return written


def read_inventory(data: bytes) -> Inventory:
    """Bytes to an inventory. Raises `UnreadableInventory` when it has another form than this program writes."""
    try:
        document = json.loads(data, object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError) as fault:
        raise UnreadableInventory(f"it is not JSON: {str(fault).lower()}") from fault
    table = _table(document, "it")
    if (kind := table.get("type")) != TYPE:
        raise UnreadableInventory(f"its type is {kind!r}, not {TYPE}")
    if table.get("digestAlgorithm") != ALGORITHM or table.get("contentDirectory", "content") != "content":
        raise UnreadableInventory(
            f"its digestAlgorithm is {table.get('digestAlgorithm')!r}, its contentDirectory "
            f"{table.get('contentDirectory', 'content')!r}"
        )
    blocks = _table(table.get("versions"), "its versions")
    expected = [f"v{number}" for number in range(1, len(blocks) + 1)]
    if not blocks or sorted(blocks) != sorted(expected) or table.get("head") != expected[-1]:
        raise UnreadableInventory("its versions are not v1, v2 and so on up to its head")
    versions = tuple(_version(_table(blocks[name], name), name) for name in expected)
    inventory = Inventory(
        id=_text(table.get("id"), "its id"),
        manifest=MappingProxyType(_manifest(_table(table.get("manifest"), "its manifest"))),
        versions=versions,
    )
    used = {digest for version in versions for digest in version.state.values()}
    if used != inventory.manifest.keys():
        raise UnreadableInventory("its manifest and its versions do not have the same digests")
    if any((version_number(path.split("/")[0]) or 0) > len(versions) for path in inventory.manifest.values()):
        raise UnreadableInventory("its manifest has a path of a version that it does not list")
    return inventory


def version_number(folder: str) -> int | None:
    """The number of a version folder; None for other names."""
    found = _VERSION.fullmatch(folder)
    return int(found[1]) if found else None


def _block(version: ObjectVersion) -> str:
    """A version as one line of JSON."""
    state: dict[str, list[str]] = {}
    for name, digest in sorted(version.state.items()):
        state.setdefault(digest, []).append(name)
    files = ", ".join(f'"{digest}": [{", ".join(map(_quoted, names))}]' for digest, names in sorted(state.items()))
    address = f'"address": {_quoted(version.address)}, ' if version.address else ""
    return (
        f'{{"created": {_quoted(version.created)}, "message": {_quoted(version.message)}, "state": {{{files}}}, '
        f'"user": {{{address}"name": {_quoted(version.name)}}}}}'
    )


def _version(block: dict[str, Any], where: str) -> ObjectVersion:
    state: dict[str, str] = {}
    for digest, names in _table(block.get("state"), f"the state of {where}").items():
        if not isinstance(names, list):
            raise UnreadableInventory(f"the state of {where} has no lists of names")
        for name in names:
            if not is_relative(name) or name in state:
                raise UnreadableInventory(f"{where} has a file called {name!r}")
            state[name] = digest
    user = _table(block.get("user", {"name": ""}), f"the user of {where}")
    return ObjectVersion(
        state=MappingProxyType(state),
        created=_text(block.get("created"), f"the time of {where}"),
        message=_text(block.get("message", ""), f"the message of {where}"),
        name=_text(user.get("name"), f"the user of {where}"),
        address=_text(user.get("address", ""), f"the user of {where}"),
    )


def _manifest(table: dict[str, Any]) -> dict[str, str]:
    manifest: dict[str, str] = {}
    for digest, paths in table.items():
        if not _DIGEST.fullmatch(digest) or not isinstance(paths, list) or len(paths) != 1:
            raise UnreadableInventory("its manifest does not give one path for each digest")
        path = paths[0]
        if not is_relative(path) or not _CONTENT.match(path):
            raise UnreadableInventory(f"its manifest has the path {path!r}")
        manifest[digest] = path
    if len(set(manifest.values())) != len(manifest):
        raise UnreadableInventory("its manifest has one path for several digests")
    return manifest


def is_relative(path: Any) -> bool:
    """Whether a path is relative and stays in its folder: no root, no empty part, no dots, no NUL."""
    return isinstance(path, str) and not _OUTSIDE.search(path)


def _table(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableInventory(f"{what} is not a table")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise UnreadableInventory(f"{what} is not a text")
    return value


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key occurs twice")
    return table


DEMONSTRATION = ".demonstration"
"""The ending of object ids of demonstration editions. The id of a letter has no full stop."""

_TAKEN = frozenset({"extensions"})
"""Folders of a storage root that are not objects (OCFL 1.1, 4.3)."""

_LETTER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_EDITION = re.compile(r"(?P<letter>[^@]+?)(?:@(?P<number>[1-9][0-9]{0,5}))?", re.ASCII)
_LONGEST_PART, _LONGEST_NAME = 200, 800
# Invisible characters, and characters that other systems do not allow in names.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSAFE = frozenset('\\:*?"<>|')


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionName:
    """The name of an edition: ``some-letter@2``; without a number, the latest."""

    letter: str
    number: int | None = None
    demonstration: bool = False

    @property
    def object_id(self) -> str:
        """The id of the object with the letter's editions."""
        return object_id(self.letter, demonstration=self.demonstration)

    def __str__(self) -> str:
        return self.object_id + (f"@{self.number}" if self.number else "")


def is_letter_id(text: str) -> bool:
    """Whether a text can be a letter's id: lowercase letters a to z, digits, hyphens, at most 64."""
    return _LETTER.fullmatch(text) is not None and text not in _TAKEN


def is_object_id(text: str) -> bool:
    """Whether a text is the id of a letter or demonstration, which is also the name of its folder."""
    return is_letter_id(text.removesuffix(DEMONSTRATION))


def object_id(letter: str, *, demonstration: bool) -> str:
    """The id of the object with a letter's editions. Raises `LetterError` for an invalid letter id."""
    if not is_letter_id(letter):
        raise LetterError([unusable_id(letter)])
    return letter + DEMONSTRATION if demonstration else letter


def read_edition_name(text: str) -> EditionName:
    """``some-letter``, ``some-letter@2`` or ``some-letter.demonstration@1``. Raises `LetterError` for anything else."""
    parts = _EDITION.fullmatch(text)
    if parts is None or not is_object_id(parts["letter"]):
        raise LetterError([unusable_id(text)])
    return EditionName(
        letter=parts["letter"].removesuffix(DEMONSTRATION),
        number=int(parts["number"]) if parts["number"] else None,
        demonstration=parts["letter"].endswith(DEMONSTRATION),
    )


def unsafe_name(name: str) -> str:
    """Why a file name cannot be used on every system; empty when it can."""
    parts = name.split("/")
    reasons = {
        "it is empty or begins or ends with a slash": not all(parts),
        "it leads out of its folder": any(part in (".", "..") for part in parts),
        "it is too long": len(name.encode("utf-8", "replace")) > _LONGEST_NAME
        or any(len(part.encode("utf-8", "replace")) > _LONGEST_PART for part in parts),
        "it has invisible characters": any(unicodedata.category(c) in _UNSAFE_CATEGORIES for c in name),
        "it has characters that other systems do not allow": not _UNSAFE.isdisjoint(name),
        "a part of it ends with a full stop or has a space at an end": any(
            part.endswith(".") or part != part.strip() for part in parts
        ),
        "it is not in Unicode normalization form C": not unicodedata.is_normalized("NFC", name),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def unsafe_names(names: Iterable[str]) -> Iterator[Finding]:
    """Findings about the names of an edition's files: invalid names, and names that clash."""
    seen: dict[str, str] = {}
    folders: set[str] = set()
    listed = tuple(names)
    for name in listed:
        if reason := unsafe_name(name):
            yield _unusable_name(name, reason)
            continue
        folded = name.casefold()
        if other := seen.get(folded):
            yield _unusable_name(name, f"it differs from {other} only in upper and lower case")
        seen[folded] = name
        parts = folded.split("/")
        folders.update("/".join(parts[:length]) for length in range(1, len(parts)))
    for folded in sorted(folders & seen.keys()):
        yield _unusable_name(seen[folded], "there is also a folder of this name")


def unusable_id(text: str) -> Finding:
    """The finding for a text that is no name of a letter or an edition."""
    return error(
        "unusable-id",
        f"{text!r} is not the name of an edition",
        "an edition is named letter@number; a letter's id has lowercase letters a to z, digits and hyphens",
        subject=text,
    )


def _unusable_name(name: str, reason: str) -> Finding:
    return error(
        "unusable-name",
        f"a file called {name!r} cannot be archived: {reason}",
        "give the file a plain name",
        subject=name,
    )


def fault(
    code: str, message: str, path: Path | str, hint: str, *, subject: str = "", severity: Severity = Severity.ERROR
) -> Finding:
    """A finding about a file of the archive."""
    return Finding(
        code=code, severity=severity, message=message, place=Location(file=str(path)), hint=hint, subject=subject
    )


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """Turn errors of the operating system into findings, since the user has to repair the disk."""
    try:
        yield
    except OSError as refusal:
        raise LetterError([disk_fault(refusal, folder)]) from refusal


def disk_fault(refusal: OSError, folder: Path) -> Finding:
    """The finding for an error of the operating system. Nothing is archived in part when it is raised."""
    reason = (refusal.strerror or str(refusal)).lower()
    path = refusal.filename if isinstance(refusal.filename, str) else str(folder)
    match refusal.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return fault(
                "archive-full",
                f"the disk of the archive is full: {reason}",
                path,
                "free some space, then run the command again",
            )
        case errno.EROFS | errno.EACCES | errno.EPERM:
            hint = "make the folder and the one above it writable, or choose another archive"
            return fault("archive-read-only", f"the archive cannot be written: {reason}", path, hint)
        case errno.EXDEV | errno.EBUSY:
            hint = "choose a folder on the disk, not its top folder: the archive needs a work folder beside it"
            return fault(
                "archive-across-devices",
                f"the archive and its work folder are on different disks: {reason}",
                path,
                hint,
            )
        case _:
            hint = "check the disk, then run the command again; earlier editions are unchanged"
            return fault("archive-unreachable", f"the archive cannot be reached: {reason}", path, hint)
