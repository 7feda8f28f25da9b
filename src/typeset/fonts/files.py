"""`fonts.toml` and the font files beside it, checked and read into a catalogue."""

from __future__ import annotations

import io
import re
import struct
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import uharfbuzz as hb

from typeset.diagnostics import Finding, Location, Severity, error
from typeset.fonts.catalogue import ITALIC, MARKS, NORMAL, Catalogue, Face, FontFile, Slot, digest_of
from typeset.sources import parse_toml

NAME = "fonts.toml"
_PLACE = f"fonts/{NAME}"

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


def open_catalogue(folder: Path) -> tuple[Catalogue, tuple[Finding, ...]]:
    """The catalogue of a folder of faces; the files are mapped into memory when they are needed, not read.

    A folder without ``fonts.toml`` is an empty catalogue.
    """
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Catalogue(), ()
    except (OSError, UnicodeDecodeError) as fault:
        return Catalogue(), (_unreadable(str(fault)),)

    def opened(file: str) -> FontFile | None:
        return FontFile(folder / file) if (folder / file).is_file() else None

    return read_catalogue(text, opened)


def catalogue_of(files: Mapping[str, bytes]) -> tuple[Catalogue, tuple[Finding, ...]]:
    """The catalogue of a letter's own fonts: ``fonts.toml`` and faces by file name, in memory."""
    if NAME not in files:
        return Catalogue(), ()
    try:
        text = files[NAME].decode("utf-8")
    except UnicodeDecodeError as fault:
        return Catalogue(), (_unreadable(str(fault)),)
    return read_catalogue(text, lambda file: FontFile(files[file]) if file in files else None)


def read_catalogue(text: str, opened: Callable[[str], FontFile | None]) -> tuple[Catalogue, tuple[Finding, ...]]:
    """The catalogue in a ``fonts.toml``; every fault is a finding, and its entry is left out.

    ``opened`` returns the file of a face by its name, None if it is missing.
    """
    try:
        table = parse_toml(text)
    except tomllib.TOMLDecodeError as fault:
        return Catalogue(), (_unreadable(str(fault)),)
    reader = _FontsTomlReader(text)
    reader.known(table, _ROOT, "", 0)
    if table.get("schema") != 1:
        reader.fault("unknown-schema", "the catalogue has no line schema = 1", "write schema = 1 at the top", "", 0)
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
            reader.fault("slot-listed-twice", f"the slot {slot.name} is listed twice", "rename one", "slot", index)
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


def _face(
    row: Mapping[str, Any], index: int, reader: _FontsTomlReader, opened: Callable[[str], FontFile | None]
) -> Face | None:
    if not reader.known(row, _FACE, "face", index):
        return None
    file = row["file"]
    if not _is_plain(file):
        hint = "put the face into the folder of its catalogue, and write its name without a path"
        reader.fault("face-outside", f"{file!r} is not a file name without a path", hint, "face", index)
        return None
    contents = opened(file)
    if contents is None:
        hint = "put the file beside fonts.toml, or remove its entry"
        reader.fault("face-missing", f"there is no file {file}", hint, "face", index)
        return None
    licence_file = row.get("licence_file", "")
    if licence_file and (not _is_plain(licence_file) or opened(licence_file) is None):
        hint = "put the text of the licence beside the face: most licences require it"
        message = f"there is no file {licence_file}"
        reader.fault("licence-missing", message, hint, "face", index, severity=Severity.WARNING)
    style, weight = row.get("style", NORMAL), row.get("weight", 400)
    if style not in (NORMAL, ITALIC):
        reader.fault("unknown-style", f"{style!r} is not a style", "write normal or italic", "face", index)
        return None
    if not 1 <= weight <= 1000:
        hint = "400 is regular, 700 bold"
        reader.fault("unknown-weight", f"the weight {weight} is not between 1 and 1000", hint, "face", index)
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
    """Whether a name is a file name without a path."""
    return re.fullmatch(r"[^/\\\0]+", file) is not None and file not in (".", "..")


def _slot(row: Mapping[str, Any], index: int, reader: _FontsTomlReader) -> Slot | None:
    if not reader.known(row, _SLOT, "slot", index):
        return None
    if not re.fullmatch(r"[a-z][a-z0-9-]*", row["name"]):
        hint = "begin with a letter; use lowercase letters a to z, digits and hyphens"
        reader.fault("unusable-slot-name", f"{row['name']!r} cannot be the name of a slot", hint, "slot", index)
        return None
    marks = frozenset(row.get("marks", ()))
    if unknown := marks - MARKS:
        named = ", ".join(sorted(unknown))
        hint = "known are " + ", ".join(sorted(MARKS))
        reader.fault("unknown-marks", f"{named}: not a kind of marks", hint, "slot", index)
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


class _FontsTomlReader:
    """Collects findings about one ``fonts.toml``, each at the line of its entry."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self.findings: list[Finding] = []

    def rows(self, table: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
        """The entries of an array of tables; a wrong type was already reported."""
        rows = table.get(kind, [])
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def known(self, row: Mapping[str, Any], keys: Mapping[str, type], kind: str, index: int) -> bool:
        """Whether an entry has all required keys and no others; adds findings if not."""
        before = len(self.findings)
        for key, value in row.items():
            if key not in keys:
                message = f"{key} is not a setting of a {kind or 'catalogue'}"
                self.fault("unknown-key", message, "known are " + ", ".join(keys), kind, index)
            elif not isinstance(value, keys[key]) or isinstance(value, bool) or not _texts(value, kind):
                self.fault("wrong-type", f"{key} should be {_NAMED[keys[key]]}", f"it is {value!r} now", kind, index)
        for key in _REQUIRED.get(kind, ()):
            if not row.get(key):
                self.fault("missing-key", f"a {kind} has no {key}", f"write {key} = …", kind, index)
        return len(self.findings) == before

    def fault(
        self, code: str, message: str, hint: str, kind: str, index: int, *, severity: Severity = Severity.ERROR
    ) -> None:
        """Add a finding about the n-th entry of a kind."""
        header = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
        lines = [number for number, line in enumerate(self._lines, start=1) if kind and header.match(line)]
        line = lines[index] if index < len(lines) else 0
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                message=message,
                place=Location(file=_PLACE, line=line, column=1 if line else 0),
                hint=hint,
                subject=f"{kind} {index + 1}" if kind else NAME,
            )
        )


def _texts(value: Any, kind: str) -> bool:
    """Whether a list has only texts; the lists of the root have tables."""
    wanted = str if kind else dict
    return not isinstance(value, list) or all(isinstance(item, wanted) for item in value)


def _unreadable(fault: str) -> Finding:
    found = re.search(r"at line (\d+), column (\d+)", fault)
    return error(
        "catalogue-unreadable",
        re.sub(r" \(at .*\)$", "", fault).lower(),
        "fonts.toml is TOML in UTF-8, with a [[face]] for every file",
        place=Location(file=_PLACE, line=int(found[1]) if found else 0, column=int(found[2]) if found else 0),
        subject=NAME,
    )


_NEEDED = ("OS/2", "cmap", "head", "hhea", "hmtx", "maxp", "name", "post")

# OpenType OS/2, fsType. The lowest four bits say how a document may embed the font; the others restrict how.
_RESTRICTED, _PREVIEW_AND_PRINT, _EDITABLE = 0x0002, 0x0004, 0x0008
_NO_SUBSETTING, _BITMAPS_ONLY = 0x0100, 0x0200


def checked(face: Face) -> tuple[bytes, tuple[Finding, ...]]:
    """The bytes of a face, and findings: it is not the file in its catalogue, or it cannot be embedded."""
    try:
        data = face.contents.read()
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        return b"", (face_finding("face-missing", face.file, f"cannot be read: {reason}", "restore the file"),)
    if digest_of(data) == face.digest:
        return data, examine(data, face.file)
    message = f"is not the file that its catalogue lists: its sha256 is {digest_of(data)}"
    hint = "restore the file, or check it and write its new digest into fonts.toml"
    changed = face_finding("face-changed", face.file, message, hint, evidence=face.digest)
    return data, (changed, *examine(data, face.file))


def examine(data: bytes, file: str) -> tuple[Finding, ...]:
    """Findings about a font file that a letter cannot use."""
    if fault := _not_one_font(data):
        code, message, hint = fault
        return (face_finding(code, file, message, hint),)
    tables = _tables(data)
    if tables is None:
        hint = "download the file again: it is shorter than its table directory states"
        return (face_finding("face-truncated", file, "ends before the end of its last table", hint),)
    if missing := [tag for tag in _NEEDED if tag not in tables]:
        hint = "use the desktop font: a font made for the web may lack these tables"
        return (face_finding("face-incomplete", file, f"has no table {', '.join(missing)}", hint),)
    found = [*_outlines(data, tables, file), *_permissions(data, tables, file)]
    if not found and not hb.Face(hb.Blob(data)).unicodes:
        found.append(
            face_finding("face-empty", file, "maps no character to a glyph", "choose a face with a Unicode cmap")
        )
    return tuple(found)


def face_finding(
    code: str, file: str, message: str, hint: str, *, severity: Severity = Severity.ERROR, evidence: str = ""
) -> Finding:
    """A finding about a font file."""
    return Finding(
        code=code,
        severity=severity,
        message=f"{file} {message}",
        place=Location(file=f"fonts/{file}"),
        hint=hint,
        subject=f"face {file}",
        evidence=evidence,
    )


def _not_one_font(data: bytes) -> tuple[str, str, str] | None:
    """The fault of a file that does not begin like a single TrueType or OpenType font."""
    match data[:4]:
        case b"\0\1\0\0" | b"true" | b"OTTO":
            return None
        case b"ttcf":
            hint = "extract the face that you need as a .ttf or .otf file"
            return "face-collection", "is a collection of several faces", hint
        case b"wOFF" | b"wOF2":
            return "face-packed", "is a web font", "add the .ttf or .otf file that it was made from"
        case _:
            return (
                "not-a-font",
                "is not a TrueType or OpenType font",
                "use a .ttf file, or an .otf file with plain CFF",
            )


def _tables(data: bytes) -> dict[str, tuple[int, int]] | None:
    """Offset and length of every table (OpenType, table directory); None if the file ends before a table does."""
    if len(data) < 12:
        return None
    (count,) = struct.unpack_from(">H", data, 4)
    if len(data) < 12 + 16 * count:
        return None
    tables: dict[str, tuple[int, int]] = {}
    for record in range(count):
        tag, _, offset, length = struct.unpack_from(">4sLLL", data, 12 + 16 * record)
        if offset + length > len(data):
            return None
        tables[tag.decode("latin-1")] = (offset, length)
    return tables


def _outlines(data: bytes, tables: dict[str, tuple[int, int]], file: str) -> list[Finding]:
    if "fvar" in tables:
        hint = "make a static face of each weight that you need, and add those"
        return [face_finding("face-variable", file, "is a variable font; PDF/A does not allow its axes", hint)]
    if "glyf" in tables and "loca" in tables:
        return []
    if "CFF " not in tables:
        hint = "choose a face with outlines: a colour or bitmap font has none that print"
        return [face_finding("face-without-outlines", file, "has neither TrueType nor CFF outlines", hint)]
    keyed = _is_cid_keyed(data)
    if keyed is None:
        return [face_finding("face-unreadable", file, "has a CFF table that cannot be read", "download it again")]
    if keyed:
        hint = (
            "choose its TrueType edition: a CID-keyed face numbers glyphs in another way than a PDF, "
            "and some readers would show no text"
        )
        return [face_finding("face-cid-keyed", file, "has CID-keyed CFF outlines", hint)]
    return []


def _is_cid_keyed(data: bytes) -> bool | None:
    """Whether the CFF names its glyphs by CID (Adobe TN 5176, 18: a Top DICT that begins with ROS)."""
    # Imported here because almost every face is TrueType and does not need it.
    from fontTools.ttLib import TTFont

    try:
        top = TTFont(io.BytesIO(data), lazy=True)["CFF "].cff.topDictIndex[0]
        return hasattr(top, "ROS")
    except Exception:  # noqa: BLE001 - a broken file can raise any error in its parser
        return None


def _permissions(data: bytes, tables: dict[str, tuple[int, int]], file: str) -> list[Finding]:
    offset, length = tables["OS/2"]
    if length < 10:
        message = "has an OS/2 table without embedding rights"
        return [face_finding("face-incomplete", file, message, "download it again")]
    (rights,) = struct.unpack_from(">H", data, offset + 8)
    if rights & _RESTRICTED:
        hint = "ask its maker for a licence to embed and for a file that permits it, or choose another face"
        return [face_finding("face-restricted", file, "forbids embedding (OS/2 fsType, bit 1)", hint)]
    if rights & _NO_SUBSETTING:
        hint = "choose another face: a letter embeds only the characters it uses"
        return [face_finding("face-restricted", file, "forbids subsetting (OS/2 fsType, bit 8)", hint)]
    if rights & _BITMAPS_ONLY:
        hint = "choose another face: a letter embeds outlines"
        return [face_finding("face-restricted", file, "permits embedding bitmaps only (OS/2 fsType, bit 9)", hint)]
    if rights & _PREVIEW_AND_PRINT and not rights & _EDITABLE:
        hint = "a PDF may embed it; read its licence before you publish the HTML"
        message = "permits embedding for viewing and printing only (OS/2 fsType, bit 2)"
        return [face_finding("face-preview-only", file, message, hint, severity=Severity.WARNING)]
    return []
