"""The editions that an archive holds, for whoever asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from typeset.archive.faults import fault, on_disk
from typeset.archive.inventory import digest_of
from typeset.archive.names import EditionName, is_object_id, read_edition_name
from typeset.archive.objects import plain_bytes, standing
from typeset.archive.record import RECORD, SOURCES, Record, read_record
from typeset.archive.root import Root, open_root
from typeset.diagnostics import Finding, Place, Refused, Severity
from typeset.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One archived edition. ``paths`` has where each of its files lies, ``digests`` its SHA-512."""

    name: EditionName
    record: Record
    folder: Path
    paths: Mapping[str, Path]
    digests: Mapping[str, str]
    created: str
    by: str

    def read(self, file: str) -> bytes:
        """The bytes of a file as they were archived. Raises `Refused` where they are not there any more."""
        if file not in self.paths:
            fact = f"edition {self.name} has no file {file}"
            hint = f"typesetter archive show {self.name} lists what it has"
            raise Refused([_absent("no-such-file", fact, hint)])
        path = self.paths[file]
        with on_disk(path):
            data = plain_bytes(self.folder, path.relative_to(self.folder).as_posix())
        if data is None or digest_of(data) != self.digests[file]:
            said = f"{file} of edition {self.name} is {'gone' if data is None else 'not what was archived'}"
            hint = "bring it back from a copy of the archive"
            raise Refused([fault("archive-file-changed" if data else "archive-file-missing", said, path, hint)])
        return data

    def files(self) -> dict[str, bytes]:
        """All of its files, each checked. Raises `Refused` with everything that is not what was archived."""
        files: dict[str, bytes] = {}
        findings: list[Finding] = []
        for name in self.paths:
            try:
                files[name] = self.read(name)
            except Refused as refused:
                findings += refused.findings
        if findings:
            raise Refused(findings)
        return files

    def sources(self) -> Sources:
        """What it was built from."""
        names = (name for name in self.paths if name.startswith(SOURCES))
        return Sources({name.removeprefix(SOURCES): self.read(name) for name in names})


def object_ids(root: Root) -> tuple[str, ...]:
    """The ids of all objects that typeset made, letters and demonstrations, in order."""
    with on_disk(root.folder):
        return tuple(
            sorted(entry.name for entry in root.folder.iterdir() if entry.is_dir() and is_object_id(entry.name))
        )


def editions(root: Root, object_id: str) -> tuple[Edition, ...]:
    """All editions of a letter, the first one first. Raises `Refused` where its object cannot be read."""
    with on_disk(root.folder):
        folder = root.object_folder(object_id)
        if not folder.is_dir():
            known = ", ".join(object_ids(root)) or "nothing yet"
            raise Refused([_absent("no-such-letter", f"the archive has no letter {object_id}", f"it has {known}")])
        return tuple(_editions(folder))


def find_edition(root: Root, name: EditionName) -> Edition:
    """The edition of that name, or the latest. Raises `Refused` where there is none."""
    found = editions(root, name.object_id)
    number = name.number or len(found)
    if number > len(found):
        fact = f"{name.object_id} has no edition {number}"
        raise Refused([_absent("no-such-edition", fact, f"the latest is {name.object_id}@{len(found)}")])
    return found[number - 1]


def edition_name(root: Root, text: str) -> EditionName:
    """An edition by what somebody typed: ``letter@2``, ``letter``, ``@2``, ``2``, or nothing for the latest of all.

    Raises `Refused` where that leaves a choice.
    """
    if text and not re.fullmatch(r"@?[0-9]+", text, re.ASCII):
        return read_edition_name(text)
    letters = [name for name in object_ids(root) if not read_edition_name(name).demonstration] or object_ids(root)
    if len(letters) != 1:
        fact = f"the archive has {len(letters)} letters" + (f": {', '.join(letters)}" if letters else "")
        hint = f"name one, such as {letters[0]}@1" if letters else "typesetter publish brings the first one in"
        raise Refused([Finding(code="which-letter", severity=Severity.ERROR, fact=fact, hint=hint)])
    number = text.lstrip("@").lstrip("0")
    return read_edition_name(f"{letters[0]}@{number}" if number else letters[0])


def open_edition(archive: Path, text: str = "") -> Edition:
    """The edition in an archive that somebody typed, as `edition_name` reads it."""
    root = open_root(archive)
    return find_edition(root, edition_name(root, text))


def editions_until(root: Root, letter: str, digest: str) -> tuple[Edition, ...]:
    """The editions up to the one whose manifest has this digest, real ones or demonstrations; none where none has."""
    for demonstration in (False, True):
        name = EditionName(letter=letter, demonstration=demonstration).object_id
        kept = editions(root, name) if name in object_ids(root) else ()
        for place, edition in enumerate(kept, start=1):
            if edition.record.digest == digest:
                return kept[:place]
    return ()


def _editions(folder: Path) -> Iterator[Edition]:
    found = standing(folder)
    if found.inventory is None:
        raise Refused(found.findings)
    inventory = found.inventory
    for number, version in enumerate(inventory.versions, start=1):
        paths = {name: folder / inventory.path(number, name) for name in sorted(version.state)}
        record = _record(folder, paths.get(RECORD), number)
        yield Edition(
            name=EditionName(letter=record.letter, number=number, demonstration=record.demonstration),
            record=record,
            folder=folder,
            paths=paths,
            digests=version.state,
            created=version.created,
            by=version.name,
        )


def _record(folder: Path, path: Path | None, number: int) -> Record:
    data = plain_bytes(folder, path.relative_to(folder).as_posix()) if path else None
    try:
        if data is None:
            raise ValueError("it is gone")
        record = read_record(data)
    except ValueError as unreadable:
        said = f"the {RECORD} of edition {number} of {folder.name} cannot be read: {str(unreadable).lower()}"
        hint = "run typesetter archive verify; bring the file back from a copy of the archive"
        raise Refused([fault("archive-damaged", said, path or folder, hint, subject=folder.name)]) from unreadable
    return record


def _absent(code: str, fact: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=Place(file="archive"), hint=hint)
