"""``fonts.toml`` and the files beside it, read into a catalogue."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from typeset.diagnostics import Finding, Place, Severity
from typeset.fonts.catalogue import Catalogue, Slot
from typeset.fonts.characters import MARKS
from typeset.fonts.faces import ITALIC, NORMAL, Face, FontFile

NAME = "fonts.toml"

_FACE = {
    "file": str,
    "family": str,
    "style": str,
    "weight": int,
    "scripts": list,
    "languages": list,
    "licence": str,
    "licence_file": str,
    "package": str,
    "version": str,
    "sha256": str,
}
_SLOT = {
    "name": str,
    "family": str,
    "languages": list,
    "except_languages": list,
    "scripts": list,
    "marks": list,
    "rank": int,
}
_ROOT = {"schema": int, "ideographs": str, "face": list, "slot": list}
_REQUIRED = {"face": ("file", "family", "licence", "sha256"), "slot": ("name", "family")}
_NAMED = {int: "a whole number", str: "text in quotes", list: "a list of texts in quotes"}


def open_catalogue(folder: Path, place: str = f"fonts/{NAME}") -> tuple[Catalogue, tuple[Finding, ...]]:
    """The catalogue of a folder of faces; the files are mapped when they are needed, not read.

    A folder without ``fonts.toml`` is an empty catalogue. ``place`` is what findings call the file.
    """
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Catalogue(), ()
    except (OSError, UnicodeDecodeError) as fault:
        return Catalogue(), (_unreadable(str(fault), place),)

    def opened(file: str) -> FontFile | None:
        return FontFile(folder / file) if (folder / file).is_file() else None

    return read_catalogue(text, opened, place)


def catalogue_of(files: Mapping[str, bytes], place: str = f"fonts/{NAME}") -> tuple[Catalogue, tuple[Finding, ...]]:
    """The catalogue of a letter's own fonts: ``fonts.toml`` and faces by file name, in memory."""
    if NAME not in files:
        return Catalogue(), ()
    try:
        text = files[NAME].decode("utf-8")
    except UnicodeDecodeError as fault:
        return Catalogue(), (_unreadable(str(fault), place),)
    return read_catalogue(text, lambda file: FontFile(files[file]) if file in files else None, place)


def read_catalogue(
    text: str, opened: Callable[[str], FontFile | None], place: str = f"fonts/{NAME}"
) -> tuple[Catalogue, tuple[Finding, ...]]:
    """The catalogue that a ``fonts.toml`` describes; every fault is a finding and leaves its entry out.

    ``opened`` gives the file of a face by its name, None where it is missing.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        return Catalogue(), (_unreadable(str(fault), place),)
    reader = _Reader(text, place)
    reader.known(table, _ROOT, "", 0)
    if table.get("schema") != 1:
        reader.fault("unknown-schema", "the catalogue does not say schema = 1", "write schema = 1 at the top", "", 0)
    faces: dict[str, Face] = {}
    slots: dict[str, Slot] = {}
    for index, row in enumerate(reader.rows(table, "face")):
        face = _face(row, index, reader, opened)
        if face and face.file in faces:
            reader.fault("face-listed-twice", f"{face.file} is listed twice", "keep one entry", "face", index)
        elif face:
            faces[face.file] = face
    for index, row in enumerate(reader.rows(table, "slot")):
        slot = _slot(row, index, reader)
        if slot and slot.name in slots:
            reader.fault("slot-listed-twice", f"the slot {slot.name} is there twice", "rename one", "slot", index)
        elif slot:
            slots[slot.name] = slot
    ideographs = table.get("ideographs", "")
    return (
        Catalogue(
            faces=tuple(faces.values()),
            slots=tuple(slots.values()),
            ideographs=ideographs if isinstance(ideographs, str) else "",
        ),
        tuple(reader.findings),
    )


def _face(row: Mapping[str, Any], index: int, reader: _Reader, opened: Callable[[str], FontFile | None]) -> Face | None:
    if not reader.known(row, _FACE, "face", index):
        return None
    file = row["file"]
    if not _is_plain(file):
        hint = "a face lies in the folder of its catalogue and is named without a path"
        reader.fault("face-outside", f"{file!r} is not the name of a file here", hint, "face", index)
        return None
    contents = opened(file)
    if contents is None:
        hint = "lay the file beside fonts.toml, or take its entry out"
        reader.fault("face-missing", f"there is no file {file}", hint, "face", index)
        return None
    licence_file = row.get("licence_file", "")
    if licence_file and (not _is_plain(licence_file) or opened(licence_file) is None):
        hint = "lay the text of the licence beside the face: most licences ask for it"
        fact = f"there is no file {licence_file}"
        reader.fault("licence-missing", fact, hint, "face", index, severity=Severity.WARNING)
    style, weight = row.get("style", NORMAL), row.get("weight", 400)
    if style not in (NORMAL, ITALIC):
        reader.fault("unknown-style", f"{style!r} is no style", "normal and italic are", "face", index)
        return None
    if not 1 <= weight <= 1000:
        hint = "400 is regular, 700 bold"
        reader.fault("unknown-weight", f"a weight lies between 1 and 1000, not at {weight}", hint, "face", index)
        return None
    return Face(
        file=file,
        family=row["family"],
        style=style,
        weight=weight,
        scripts=tuple(row.get("scripts", ())),
        languages=tuple(row.get("languages", ())),
        licence=row["licence"],
        licence_file=licence_file,
        package=row.get("package", ""),
        version=row.get("version", ""),
        digest=row["sha256"].lower(),
        contents=contents,
    )


def _is_plain(file: str) -> bool:
    """Whether a name stays in its folder."""
    return re.fullmatch(r"[^/\\\0]+", file) is not None and file not in (".", "..")


def _slot(row: Mapping[str, Any], index: int, reader: _Reader) -> Slot | None:
    if not reader.known(row, _SLOT, "slot", index):
        return None
    if not re.fullmatch(r"[a-z][a-z0-9-]*", row["name"]):
        hint = "a name in a style sheet: lowercase letters a to z, digits and hyphens, beginning with a letter"
        reader.fault("unusable-slot-name", f"{row['name']!r} cannot name a slot", hint, "slot", index)
        return None
    marks = frozenset(row.get("marks", ()))
    if unknown := marks - MARKS:
        named = ", ".join(sorted(unknown))
        reader.fault("unknown-marks", f"{named}: no kind of marks", ", ".join(sorted(MARKS)) + " are", "slot", index)
        return None
    return Slot(
        name=row["name"],
        family=row["family"],
        languages=tuple(row.get("languages", ())),
        except_languages=tuple(row.get("except_languages", ())),
        scripts=frozenset(row.get("scripts", ())),
        marks=marks,
        rank=row.get("rank", 0),
    )


class _Reader:
    """Collects findings about one ``fonts.toml``, each at the line of its entry."""

    def __init__(self, text: str, place: str) -> None:
        self._lines, self._place = text.split("\n"), place
        self.findings: list[Finding] = []

    def rows(self, table: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
        """The entries of an array of tables; anything else was said to be of the wrong type already."""
        rows = table.get(kind, [])
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def known(self, row: Mapping[str, Any], keys: Mapping[str, type], kind: str, index: int) -> bool:
        """Whether an entry has what it needs and nothing else; says what is amiss."""
        before = len(self.findings)
        for key, value in row.items():
            if key not in keys:
                fact = f"{key} is no setting of a {kind or 'catalogue'}"
                self.fault("unknown-key", fact, "known are " + ", ".join(keys), kind, index)
            elif not isinstance(value, keys[key]) or isinstance(value, bool) or not _texts(value, kind):
                self.fault("wrong-type", f"{key} should be {_NAMED[keys[key]]}", f"it is {value!r}", kind, index)
        for key in _REQUIRED.get(kind, ()):
            if not row.get(key):
                self.fault("missing-key", f"a {kind} has no {key}", f"write {key} = …", kind, index)
        return len(self.findings) == before

    def fault(
        self, code: str, fact: str, hint: str, kind: str, index: int, *, severity: Severity = Severity.ERROR
    ) -> None:
        """One more finding, about the n-th entry of a kind."""
        header = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
        lines = [number for number, line in enumerate(self._lines, start=1) if kind and header.match(line)]
        line = lines[index] if index < len(lines) else 0
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                fact=fact,
                place=Place(file=self._place, line=line, column=1 if line else 0),
                hint=hint,
                subject=f"{kind} {index + 1}" if kind else NAME,
            )
        )


def _texts(value: Any, kind: str) -> bool:
    """Whether a list is one of texts; the lists of the root are of tables."""
    wanted = str if kind else dict
    return not isinstance(value, list) or all(isinstance(item, wanted) for item in value)


def _unreadable(fault: str, place: str) -> Finding:
    found = re.search(r"at line (\d+), column (\d+)", fault)
    return Finding(
        code="catalogue-unreadable",
        severity=Severity.ERROR,
        fact=re.sub(r" \(at .*\)$", "", fault).lower(),
        place=Place(file=place, line=int(found[1]) if found else 0, column=int(found[2]) if found else 0),
        hint="fonts.toml is TOML in UTF-8, with a [[face]] for every file",
        subject=NAME,
    )
