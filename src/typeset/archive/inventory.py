"""An OCFL inventory: which bytes each edition of a letter has, and where they lie (OCFL 1.1, 3.5)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

TYPE = "https://ocfl.io/1.1/spec/#inventory"
ALGORITHM = "sha512"
INVENTORY = "inventory.json"
SIDECAR = f"{INVENTORY}.{ALGORITHM}"

_quoted = json.JSONEncoder(ensure_ascii=False).encode
_DIGEST = re.compile(r"[0-9a-f]{128}", re.ASCII)
_CONTENT = re.compile(r"v[1-9][0-9]{0,5}/content/", re.ASCII)
_CLIMBS = re.compile(r"(?:^|/)\.{0,2}(?:/|\Z)|\0")
_VERSION = re.compile(r"v([1-9][0-9]{0,5})", re.ASCII)


class Unreadable(Exception):
    """An inventory that is not one, or not of the kind written here; says what is the matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the object: digest by logical path, and who added it when and why."""

    state: Mapping[str, str]
    created: str
    message: str
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All versions of one object. ``manifest`` has the content path of every digest."""

    id: str
    manifest: Mapping[str, str]
    versions: tuple[Version, ...]

    @property
    def head(self) -> int:
        """The number of the latest version."""
        return len(self.versions)

    def path(self, number: int, name: str) -> str:
        """Where the bytes of a file of a version lie, relative to the object's folder."""
        return self.manifest[self.versions[number - 1].state[name]]

    def paths_of(self, number: int) -> Mapping[str, str]:
        """Content path to digest of the files that were added with a version."""
        prefix = f"v{number}/"
        return {path: digest for digest, path in self.manifest.items() if path.startswith(prefix)}

    def with_version(self, version: Version) -> Inventory:
        """The object with one more version: bytes that it has already are not added again."""
        number = self.head + 1
        manifest = dict(self.manifest)
        for name, digest in sorted(version.state.items()):
            manifest.setdefault(digest, f"v{number}/content/{name}")
        return replace(self, manifest=MappingProxyType(manifest), versions=(*self.versions, version))

    def continues(self, earlier: Inventory) -> bool:
        """Whether this is an earlier state of the same object and later versions, nothing of it changed."""
        return (
            self.id == earlier.id
            and self.versions[: earlier.head] == earlier.versions
            and all(self.manifest.get(digest) == path for digest, path in earlier.manifest.items())
        )


def digest_of(data: bytes) -> str:
    """The digest that inventories go by."""
    return hashlib.sha512(data).hexdigest()


def sidecar(inventory: bytes) -> bytes:
    """The file beside an inventory that vouches for its bytes."""
    return f"{digest_of(inventory)} {INVENTORY}\n".encode()


def write_inventory(inventory: Inventory) -> bytes:
    """An inventory as bytes: one line an entry, so that a person can read it and a line tool can compare two."""
    return earlier_inventories(inventory)(inventory.head)


def earlier_inventories(inventory: Inventory) -> Callable[[int], bytes]:
    """The inventory as it was when a version was the latest: its entries are put into words once for all of them."""
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
    """Bytes to an inventory. Raises `Unreadable` where it is not one that this program could have written."""
    try:
        document = json.loads(data, object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(f"it is not JSON: {str(fault).lower()}") from fault
    table = _table(document, "it")
    if (kind := table.get("type")) != TYPE:
        raise Unreadable(f"its type is {kind!r}, not {TYPE}")
    if table.get("digestAlgorithm") != ALGORITHM or table.get("contentDirectory", "content") != "content":
        raise Unreadable(
            f"it goes by {table.get('digestAlgorithm')!r} and {table.get('contentDirectory', 'content')!r}"
        )
    blocks = _table(table.get("versions"), "its versions")
    expected = [f"v{number}" for number in range(1, len(blocks) + 1)]
    if not blocks or sorted(blocks) != sorted(expected) or table.get("head") != expected[-1]:
        raise Unreadable("its versions are not v1 and so on up to its head")
    versions = tuple(_version(_table(blocks[name], name), name) for name in expected)
    inventory = Inventory(
        id=_text(table.get("id"), "its id"),
        manifest=MappingProxyType(_manifest(_table(table.get("manifest"), "its manifest"))),
        versions=versions,
    )
    used = {digest for version in versions for digest in version.state.values()}
    if used != inventory.manifest.keys():
        raise Unreadable("its manifest and its versions do not name the same bytes")
    if any((version_number(path.split("/")[0]) or 0) > len(versions) for path in inventory.manifest.values()):
        raise Unreadable("its manifest has a path in a version that it does not have")
    return inventory


def version_number(folder: str) -> int | None:
    """The number of a version folder; None for other names."""
    found = _VERSION.fullmatch(folder)
    return int(found[1]) if found else None


def _block(version: Version) -> str:
    """A version in one line."""
    state: dict[str, list[str]] = {}
    for name, digest in sorted(version.state.items()):
        state.setdefault(digest, []).append(name)
    files = ", ".join(f'"{digest}": [{", ".join(map(_quoted, names))}]' for digest, names in sorted(state.items()))
    address = f'"address": {_quoted(version.address)}, ' if version.address else ""
    return (
        f'{{"created": {_quoted(version.created)}, "message": {_quoted(version.message)}, "state": {{{files}}}, '
        f'"user": {{{address}"name": {_quoted(version.name)}}}}}'
    )


def _version(block: dict[str, Any], where: str) -> Version:
    state: dict[str, str] = {}
    for digest, names in _table(block.get("state"), f"the state of {where}").items():
        if not isinstance(names, list):
            raise Unreadable(f"the state of {where} has no lists of names")
        for name in names:
            if not is_relative(name) or name in state:
                raise Unreadable(f"{where} has a file called {name!r}")
            state[name] = digest
    user = _table(block.get("user", {"name": ""}), f"the user of {where}")
    return Version(
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
            raise Unreadable("its manifest does not give one path for each digest")
        path = paths[0]
        if not is_relative(path) or not _CONTENT.match(path):
            raise Unreadable(f"its manifest has the path {path!r}")
        manifest[digest] = path
    if len(set(manifest.values())) != len(manifest):
        raise Unreadable("its manifest has one path for several digests")
    return manifest


def is_relative(path: Any) -> bool:
    """Whether a path from an inventory stays where it is put: no root, no empty part, no dots, no NUL."""
    return isinstance(path, str) and not _CLIMBS.search(path)


def _table(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is not a table")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise Unreadable(f"{what} is not a text")
    return value


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key stands twice")
    return table
