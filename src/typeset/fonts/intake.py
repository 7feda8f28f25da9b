"""A face added to a letter's catalogue, and the report on which faces a letter uses."""

from __future__ import annotations

import io
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from typeset.diagnostics import Finding, Severity, errors, refuse_if_any
from typeset.fonts.catalogue import AMBIGUOUS, COMMON, ITALIC, NORMAL, WIDE, Face, FontFile, digest_of
from typeset.fonts.files import NAME, checked, examine, face_finding, read_catalogue
from typeset.fonts.plan import FacePlan
from typeset.fonts.subset import Subset
from typeset.journal import write_files
from typeset.languages import EAST_ASIAN, script

# Free licences by their SPDX identifier, and how a font's name table names them (OpenType name IDs 13 and 14).
_LICENCES = (
    ("OFL-1.1", r"sil open font license|scripts\.sil\.org/ofl|openfontlicense\.org"),
    ("Apache-2.0", r"apache license|apache\.org/licenses/license-2\.0"),
    ("Ubuntu-font-1.0", r"ubuntu font licen[cs]e|font\.ubuntu\.com"),
    ("GPL-3.0-or-later WITH Font-exception-2.0", r"general public license.{0,200}font exception"),
    ("Bitstream-Vera", r"bitstream vera"),
    ("LPPL-1.3c", r"gust font licen[cs]e|latex project public license"),
    ("CC0-1.0", r"creativecommons\.org/publicdomain/zero|\bcc0\b"),
    ("MIT", r"\bmit license|opensource\.org/licenses/mit"),
)

_ITALIC_BIT = 0x0001
"""OpenType OS/2, fsSelection."""

_ENOUGH = 20
"""A face with fewer letters of a script than this was not made for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _FontFacts:
    """What a font file says about itself."""

    family: str
    style: str
    weight: int
    version: str
    licence: str
    licence_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedFace:
    """A face that was added to a catalogue, and findings about it."""

    catalogue: Path
    findings: tuple[Finding, ...]


def add_face_file(
    folder: Path,
    file: Path,
    *,
    scripts: Iterable[str],
    languages: Iterable[str] = (),
    licence: str = "",
    licence_file: Path | None = None,
    package: str = "",
) -> AddedFace:
    """Copy a font file into a folder of faces, with the text of its licence, and add it to the catalogue there.

    The other parameters are those of `add_face`. Raises `LetterError` for a face that cannot be added.
    """
    catalogue = folder / NAME
    data = file.read_bytes()
    after, findings = add_face(
        data,
        catalogue.read_text(encoding="utf-8") if catalogue.exists() else "",
        file=file.name,
        scripts=scripts,
        languages=languages,
        licence=licence,
        licence_file=licence_file.name if licence_file else "",
        package=package,
    )
    refuse_if_any(findings)
    files = {file.name: data, NAME: after.encode()}
    if licence_file:
        files[licence_file.name] = licence_file.read_bytes()
    write_files(folder, files)
    return AddedFace(catalogue=catalogue, findings=findings)


def add_face(
    data: bytes,
    catalogue: str,
    *,
    file: str,
    scripts: Iterable[str] = (),
    languages: Iterable[str] = (),
    licence: str = "",
    licence_file: str = "",
    package: str = "",
) -> tuple[str, tuple[Finding, ...]]:
    """The text of a catalogue with one more face, and findings about it.

    The face is for these ``scripts`` (ISO 15924) and, if its forms are for some languages only, these ``languages``
    (BCP 47). The licence is read from the font unless it is given. Entries are only added: a family without a slot gets
    one after the others. If the findings have an error, the text is returned unchanged.
    """
    wanted, spoken = tuple(scripts), tuple(languages)
    before = catalogue or "schema = 1\n"
    found = [*_faults(before), *examine(data, file)]
    if errors(found):
        return catalogue, tuple(found)
    told = _told(data)
    if told is None:
        hint = "download the file again: its name and licence cannot be read"
        return catalogue, (*found, face_finding("face-unreadable", file, "has a damaged table", hint))
    present = tomllib.loads(before)
    if any(row["file"] == file for row in present.get("face", [])):
        hint = "give the file another name, or remove the entry by hand"
        found.append(face_finding("face-listed-twice", file, "is in the catalogue already", hint))
    found += [*_licence_doubts(told, licence, file), *_script_doubts(data, wanted, file)]
    face: dict[str, Any] = {
        "file": file,
        "family": told.family,
        "style": told.style,
        "weight": told.weight,
        "scripts": list(wanted),
        "languages": list(spoken),
        "licence": licence or told.licence,
        "licence_file": licence_file,
        "package": package,
        "version": told.version,
        "sha256": digest_of(data),
    }
    slots = present.get("slot", [])
    after = before.rstrip("\n") + "\n" + _entry("face", face)
    if told.family not in {row["family"] for row in slots}:
        added = _slots(told.family, wanted, spoken, {row["name"] for row in slots})
        after += "".join(_entry("slot", slot) for slot in added)
        found += _asked_before(added[0], slots, file)
    if not errors(found):
        found += _faults(after)
    return catalogue if errors(found) else after, tuple(found)


def _faults(catalogue: str) -> tuple[Finding, ...]:
    """Findings about a catalogue; its files are not checked here."""
    return read_catalogue(catalogue, lambda _: FontFile(b""))[1]


def _told(data: bytes) -> _FontFacts | None:
    """What the font says about itself; None if its tables cannot be read."""
    # Imported here because a build does not add faces.
    from fontTools.ttLib import TTFont

    try:
        font = TTFont(io.BytesIO(data), lazy=True)
        names, style, weight = font["name"], font["OS/2"].fsSelection, font["OS/2"].usWeightClass
    except Exception:  # noqa: BLE001 - a broken file can raise any error in its parser
        return None

    def name(*numbers: int) -> str:
        found = next(filter(None, map(names.getDebugName, numbers)), "")
        return " ".join("".join(c if c.isprintable() else " " for c in str(found)).split())

    text = name(13)
    licence_text = f"{text} {name(14)}".strip()
    version = re.search(r"\d+(\.\d+)*", name(5))
    return _FontFacts(
        family=name(16, 1),
        style=ITALIC if style & _ITALIC_BIT else NORMAL,
        weight=max(1, min(1000, weight)),
        version=version[0] if version else "",
        licence=next((spdx for spdx, words in _LICENCES if re.search(words, licence_text.lower())), ""),
        licence_text=licence_text,
    )


def _licence_doubts(told: _FontFacts, licence: str, file: str) -> Iterable[Finding]:
    if not told.family:
        yield face_finding("face-unnamed", file, "does not name its family", "give it a name table, or choose another")
    if not licence and not told.licence:
        says = (
            f"has this text about its licence: {told.licence_text[:120]!r}"
            if told.licence_text
            else "does not name its licence"
        )
        hint = "read its licence; if it permits embedding, name it: --licence OFL-1.1"
        yield face_finding("face-licence-unknown", file, says, hint)
    elif licence and told.licence and licence != told.licence:
        message = f"names the licence {told.licence}, not {licence}"
        hint = "the licence that you named is recorded; check that it is right"
        yield face_finding("face-licence-differs", file, message, hint, severity=Severity.WARNING)


def _script_doubts(data: bytes, scripts: tuple[str, ...], file: str) -> Iterable[Finding]:
    covered: dict[str, int] = {}
    for point in FontFile(data).code_points:
        found = script(chr(point))
        covered[found] = covered.get(found, 0) + 1
    good = sorted(s for s, count in covered.items() if count >= _ENOUGH and s[0] != "Z")
    listed = f"it covers {', '.join(good)}" if good else "it has few characters of every script"
    if not scripts:
        message = "is not for any script yet"
        yield face_finding("face-scripts-unstated", file, message, f"name the scripts with --script Xxxx: {listed}")
    for wanted in scripts:
        if wanted not in covered:
            yield face_finding("face-lacks-script", file, f"has no character of {wanted}", listed)


def _slots(family: str, scripts: tuple[str, ...], languages: tuple[str, ...], taken: set[str]) -> list[dict[str, Any]]:
    """The slots of a new family.

    A face for some languages only sets their ideographs and marks; but it sets hangul or kana in every language.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", family.lower()).strip("-") or "face"
    stem = plain if plain[0].isalpha() else f"face-{plain}"
    name = next(n for n in (stem, *(f"{stem}-{i}" for i in range(2, 1000))) if n not in taken)
    own = [script for script in scripts if script in EAST_ASIAN - {"Hani"}]
    marks = [COMMON] if EAST_ASIAN.isdisjoint(scripts) else [AMBIGUOUS, WIDE, COMMON]
    slot: dict[str, Any] = {"name": name, "family": family, "languages": list(languages), "scripts": list(scripts)}
    slots = [{**slot, "marks": marks}]
    if languages and own:
        elsewhere = {"name": f"{name}-elsewhere", "family": family, "except_languages": list(languages), "scripts": own}
        slots.append(elsewhere)
    return slots


def _asked_before(slot: dict[str, Any], slots: Iterable[dict[str, Any]], file: str) -> Iterable[Finding]:
    """A finding about slots for the same scripts: a new slot gets only the characters that they lack."""
    before = [s["name"] for s in slots if set(s.get("scripts", ())) & set(slot["scripts"])]
    if before:
        message = f"is used after {', '.join(before)} if they are for the same language"
        hint = f"if it should be used first, move the slot {slot['name']} up in fonts.toml"
        yield face_finding("slot-asked-later", file, message, hint, severity=Severity.NOTE)


def _entry(kind: str, row: dict[str, Any]) -> str:
    """One entry in TOML, without empty values."""
    import tomlkit

    table = tomlkit.table()
    for key, value in row.items():
        if value:
            table.add(key, value)
    entries = tomlkit.aot()
    entries.append(table)
    document = tomlkit.document()
    document.add(kind, entries)
    return "\n" + tomlkit.dumps(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceReport:
    """One face: how many characters of each script it covers, its size, and its findings."""

    face: Face
    scripts: Mapping[str, int]
    code_points: int
    size: int
    digest_ok: bool
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """The report without the findings, for JSON."""
        face = self.face
        return {
            "file": face.file,
            "family": face.family,
            "weight": face.weight,
            "style": face.style,
            "version": face.version,
            "licence": face.licence,
            "package": face.package,
            "sha256": face.digest,
            "digest_ok": self.digest_ok,
            "bytes": self.size,
            "characters": self.code_points,
            "scripts": dict(self.scripts),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a letter uses of one face in one slot, and the size of its subset if it was made."""

    slot: str
    weight: int
    style: str
    face: Face
    characters: str
    size: int = 0

    def document(self) -> dict[str, object]:
        """What is used of which face, for JSON."""
        return {
            "slot": self.slot,
            "weight": self.weight,
            "style": self.style,
            "file": self.face.file,
            "characters": self.characters,
        }


def coverage_report(faces: Iterable[Face]) -> tuple[FaceReport, ...]:
    """Read every face completely: its digest, its embedding rights, its characters."""
    return tuple(_report(face) for face in faces)


def _report(face: Face) -> FaceReport:
    data, findings = checked(face)
    covered = Counter(script(chr(point)) for point in face.contents.code_points) if data else Counter()
    return FaceReport(
        face=face,
        scripts=MappingProxyType(dict(covered.most_common())),
        code_points=covered.total(),
        size=len(data),
        digest_ok=digest_of(data) == face.digest,
        findings=findings,
    )


def needs(plan: FacePlan, made: Iterable[Subset] = ()) -> tuple[Need, ...]:
    """What a letter needs of each slot, with the sizes of the subsets if they are given."""
    sizes = {(s.cut.slot, s.cut.weight, s.cut.style): len(s.data) for s in made}
    return tuple(
        Need(
            slot=cut.slot,
            weight=cut.weight,
            style=cut.style,
            face=cut.face,
            characters="".join(map(chr, sorted(cut.characters))),
            size=sizes.get((cut.slot, cut.weight, cut.style), 0),
        )
        for cut in plan.cuts
    )
