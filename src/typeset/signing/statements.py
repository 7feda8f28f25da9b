"""The folder ``approvals/``: each signed statement, and the manifest that it approves, so that changes can be named."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from typeset.diagnostics import LetterError, error, letter_error
from typeset.journal import folder_lock, write_files
from typeset.manifest import Manifest, NotAManifest, read_manifest
from typeset.signoff import LARGEST, read_envelope

FOLDER = "approvals"
_MANIFEST = ".manifest.json"
_MOST = 1000
"""Files of one folder. More are a mistake or an attack."""


def read_statements(letter: Path) -> Mapping[str, bytes]:
    """The statements in a letter's folder, by file name. Raises `LetterError` when there are too many."""
    found: dict[str, bytes] = {}
    paths = sorted((letter / FOLDER).glob("*.json"))
    if len(paths) > _MOST:
        raise letter_error(
            "too-many", f"{FOLDER} has {len(paths)} files", f"keep at most {_MOST} files in it", subject=FOLDER
        )
    for path in paths:
        if path.name.endswith(_MANIFEST) or path.name.startswith("."):
            continue
        # A link may lead anywhere, and statements are short: links and long files are reported as unreadable.
        readable = path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST
        found[path.name] = path.read_bytes() if readable else b""
    return found


def earlier_manifest(letter: Path, digest: str) -> Manifest | None:
    """The manifest that an earlier statement approved; None when it is missing or was changed."""
    path = letter / FOLDER / f"{digest[:16]}{_MANIFEST}"
    try:
        manifest = read_manifest(path.read_bytes())
    except (OSError, NotAManifest):
        return None
    return manifest if manifest.digest == digest else None


def add_statement(letter: Path, envelope: bytes, manifest: Manifest) -> Path:
    """Write a statement and its manifest into the folder; existing files stay."""
    statement = read_envelope(envelope).statement
    # The same statement may be signed twice at the same time, with different signatures.
    own = hashlib.sha256(envelope).hexdigest()[:12]
    name = f"{statement.digest[:16]}.{statement.role}.{statement.decision}.{own}.json"
    files = {f"{FOLDER}/{statement.digest[:16]}{_MANIFEST}": manifest.data, f"{FOLDER}/{name}": envelope}
    with folder_lock(letter):
        there = {name: (letter / name).read_bytes() for name in files if (letter / name).exists()}
        if other := [name for name, data in there.items() if data != files[name]]:
            hint = "move it away, then run the command again"
            raise LetterError(
                error("file-exists", f"{one} exists and is another file", hint, file=one) for one in other
            )
        write_files(letter, {name: data for name, data in files.items() if name not in there})
    return letter / FOLDER / name


@contextmanager
def publishing_lock(folder: Path) -> Iterator[None]:
    """Lock a folder's edition for `publish` or `deliver`, which may take minutes; drafts can be built meanwhile.

    Raises `LetterError` when another command keeps the lock for some seconds.
    """
    with folder_lock(folder, name=".publishing"):
        with folder_lock(folder):
            pass  # what an interrupted command has left is finished now
        yield


def write_secret(path: Path, data: bytes) -> None:
    """A new file that only its owner can read. Raises `LetterError` when it exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise letter_error(
            "file-exists", f"{path} already exists", "choose another file name", subject=FOLDER
        ) from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)
