"""Whether a file is a font that can be embedded here: what it is made of, and what its maker permits."""

from __future__ import annotations

import io
import struct

import uharfbuzz as hb

from typeset.diagnostics import Finding, Place, Severity
from typeset.fonts.faces import Face, digest_of

_NEEDED = ("OS/2", "cmap", "head", "hhea", "hmtx", "maxp", "name", "post")

# OpenType OS/2, fsType. The lowest four bits say how a document may embed the font; the others restrict how.
_RESTRICTED, _PREVIEW_AND_PRINT, _EDITABLE = 0x0002, 0x0004, 0x0008
_NO_SUBSETTING, _BITMAPS_ONLY = 0x0100, 0x0200


def checked(face: Face) -> tuple[bytes, tuple[Finding, ...]]:
    """The bytes of a face, and everything that speaks against them: not its catalogue's file, or not fit to embed."""
    try:
        data = face.contents.read()
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        return b"", (face_finding("face-missing", face.file, f"cannot be read: {reason}", "put the file back"),)
    if digest_of(data) == face.digest:
        return data, examine(data, face.file)
    fact = f"is another file than its catalogue says: its sha256 is {digest_of(data)}"
    hint = "put the file back, or look at it and write its new digest into fonts.toml"
    changed = face_finding("face-changed", face.file, fact, hint, evidence=face.digest)
    return data, (changed, *examine(data, face.file))


def examine(data: bytes, file: str) -> tuple[Finding, ...]:
    """Everything that speaks against setting a letter in this file."""
    if fault := _not_one_font(data):
        code, fact, hint = fault
        return (face_finding(code, file, fact, hint),)
    tables = _tables(data)
    if tables is None:
        hint = "fetch the file again: it is shorter than its own table of contents says"
        return (face_finding("face-truncated", file, "ends before its last table does", hint),)
    if missing := [tag for tag in _NEEDED if tag not in tables]:
        hint = "a desktop font has these; one cut up for the web may not"
        return (face_finding("face-incomplete", file, f"has no table {', '.join(missing)}", hint),)
    found = [*_outlines(data, tables, file), *_permissions(data, tables, file)]
    if not found and not hb.Face(hb.Blob(data)).unicodes:
        found.append(
            face_finding("face-empty", file, "maps no character to a glyph", "choose a face with a Unicode cmap")
        )
    return tuple(found)


def face_finding(
    code: str, file: str, fact: str, hint: str, *, severity: Severity = Severity.ERROR, evidence: str = ""
) -> Finding:
    """A finding about a font file."""
    return Finding(
        code=code,
        severity=severity,
        fact=f"{file} {fact}",
        place=Place(file=f"fonts/{file}"),
        hint=hint,
        subject=f"face {file}",
        evidence=evidence,
    )


def _not_one_font(data: bytes) -> tuple[str, str, str] | None:
    """Files that begin like something else than a single TrueType or OpenType font."""
    match data[:4]:
        case b"\0\1\0\0" | b"true" | b"OTTO":
            return None
        case b"ttcf":
            hint = "take the one face out of it, as a .ttf or .otf file of its own"
            return "face-collection", "is a collection of several faces", hint
        case b"wOFF" | b"wOF2":
            return "face-packed", "is a web font", "add the .ttf or .otf file that it was made from"
        case _:
            return (
                "not-a-font",
                "is no TrueType or OpenType font",
                "a face is a .ttf file, or an .otf one with plain CFF",
            )


def _tables(data: bytes) -> dict[str, tuple[int, int]] | None:
    """Offset and length of every table (OpenType, table directory); None where the file ends before they do."""
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
        hint = "make a static face of each weight that is wanted, and add those"
        return [face_finding("face-variable", file, "is a variable font; PDF/A has no place for its axes", hint)]
    if "glyf" in tables and "loca" in tables:
        return []
    if "CFF " not in tables:
        hint = "choose a face with outlines: a colour or bitmap font has none that print"
        return [face_finding("face-without-outlines", file, "has neither TrueType nor CFF outlines", hint)]
    keyed = _is_cid_keyed(data)
    if keyed is None:
        return [face_finding("face-unreadable", file, "has a CFF table that cannot be read", "fetch the file again")]
    if keyed:
        hint = (
            "choose its TrueType edition: PDFs address glyphs by number, a CID-keyed face by another one, "
            "and some readers would show no text at all"
        )
        return [face_finding("face-cid-keyed", file, "has CID-keyed CFF outlines", hint)]
    return []


def _is_cid_keyed(data: bytes) -> bool | None:
    """Whether the CFF names its glyphs by CID (Adobe TN 5176, 18: a Top DICT that begins with ROS)."""
    # Imported here because almost every face is TrueType and never asks.
    from fontTools.ttLib import TTFont

    try:
        top = TTFont(io.BytesIO(data), lazy=True)["CFF "].cff.topDictIndex[0]
        return hasattr(top, "ROS")
    except Exception:  # noqa: BLE001 - whatever a stranger's file does to its parser is a fact about the file
        return None


def _permissions(data: bytes, tables: dict[str, tuple[int, int]], file: str) -> list[Finding]:
    offset, length = tables["OS/2"]
    if length < 10:
        return [face_finding("face-incomplete", file, "has an OS/2 table without embedding rights", "fetch it again")]
    (rights,) = struct.unpack_from(">H", data, offset + 8)
    if rights & _RESTRICTED:
        hint = "ask its maker for a licence to embed, and for a file that says so, or choose another face"
        return [face_finding("face-restricted", file, "forbids embedding (OS/2 fsType, bit 1)", hint)]
    if rights & _NO_SUBSETTING:
        hint = "choose another face: a letter embeds only the characters it uses"
        return [face_finding("face-restricted", file, "forbids subsetting (OS/2 fsType, bit 8)", hint)]
    if rights & _BITMAPS_ONLY:
        hint = "choose another face: a letter embeds outlines"
        return [face_finding("face-restricted", file, "permits embedding bitmaps only (OS/2 fsType, bit 9)", hint)]
    if rights & _PREVIEW_AND_PRINT and not rights & _EDITABLE:
        hint = "a PDF may have it; read its licence before publishing the HTML"
        fact = "permits embedding for viewing and printing only (OS/2 fsType, bit 2)"
        return [face_finding("face-preview-only", file, fact, hint, severity=Severity.WARNING)]
    return []
