"""The catalogue of faces: font files, slots, and the order in which slots are tried for a character."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uharfbuzz as hb
from fontTools import unicodedata as ucd

from typeset.diagnostics import Finding, error
from typeset.languages import EAST_ASIAN, NEUTRAL, UNDETERMINED, is_cjk, script

NORMAL, ITALIC = "normal", "italic"
REGULAR, BOLD = 400, 700


class FontFile:
    """The bytes of one font file, on disk or in memory.

    A file on disk is mapped into memory, not read: to look up a character only a few pages of it are loaded, so a build
    with all subsets in the cache never reads the ten megabytes of a CJK face.
    """

    __slots__ = ("_code_points", "_data", "_face", "_font", "_path")

    def __init__(self, source: Path | bytes) -> None:
        self._path = source if isinstance(source, Path) else None
        self._data = source if isinstance(source, bytes) else b""
        self._face: hb.Face | None = None
        self._font: hb.Font | None = None
        self._code_points: hb.Set | None = None

    def read(self) -> bytes:
        """The whole file. Raises `OSError` when it cannot be read."""
        return self._path.read_bytes() if self._path else self._data

    @property
    def size(self) -> int:
        """The size in bytes, without reading them."""
        return self._path.stat().st_size if self._path else len(self._data)

    @property
    def face(self) -> hb.Face:
        """The file as a HarfBuzz face; without glyphs if the file is not a font."""
        if self._face is None:
            blob = hb.Blob.from_file_path(str(self._path)) if self._path else hb.Blob(self._data)
            self._face = hb.Face(blob)
        return self._face

    @property
    def font(self) -> hb.Font:
        """The face at its own scale, for shaping."""
        if self._font is None:
            self._font = hb.Font(self.face)
        return self._font

    @property
    def code_points(self) -> hb.Set:
        """The code points of the character map; takes about 0.1 ms for twenty thousand."""
        if self._code_points is None:
            self._code_points = self.face.unicodes
        return self._code_points


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One font file: its name, its purpose, its licence and its bytes.

    ``weight`` is 100 to 900 and ``style`` ``normal`` or ``italic``, as in CSS Fonts 4. ``scripts`` are ISO 15924
    codes it was made for; ``languages`` (BCP 47) are given if its forms are for some languages only, as with
    ideographs. ``digest`` is the SHA-256 of the file in hexadecimal.
    """

    file: str
    family: str
    style: str = NORMAL
    weight: int = REGULAR
    scripts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    licence: str = ""
    licence_file: str = ""
    package: str = ""
    version: str = ""
    digest: str = ""
    contents: FontFile = field(repr=False, compare=False)

    def covers(self, character: str) -> bool:
        """Whether the face has a glyph for a character."""
        return ord(character) in self.contents.code_points

    def has_form(self, character: str, selector: str) -> bool:
        """Whether the face has this variation of the character (UTS 37, or a standardised one)."""
        face = self.contents.face
        return ord(selector) in face.variation_selectors and ord(character) in face.variation_unicodes(ord(selector))


def digest_of(data: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


COMMON = "common"
"""Digits, punctuation, symbols and combining marks without a script, in the widths of their font."""

AMBIGUOUS = "ambiguous"
"""Marks as wide as an ideograph in East Asian text and narrow elsewhere: dashes, ellipses, quotation marks (UAX 11)."""

WIDE = "wide"
"""Marks and forms that fill an em square everywhere: 、。「」（） and full-width letters (UAX 11, W and F)."""

MARKS = frozenset({COMMON, AMBIGUOUS, WIDE})

# Format characters with their own shape: number signs that enclose digits, annotation anchors, hieroglyph joiners
# (UAX 44, Cf without Default_Ignorable_Code_Point).
_VISIBLE_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\ufff9\ufffa\ufffb\U000110bd\U000110cd"
    + "".join(map(chr, range(0x13430, 0x13440)))
)


def is_selector(character: str) -> bool:
    """Whether a character selects a form of the one before it (VS1 to VS256)."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def follows(character: str) -> bool:
    """Whether a character takes the face of its neighbours and needs no face of its own.

    These are spaces, joiners, bidi controls and variation selectors; text engines choose no font for them either.
    """
    category = unicodedata.category(character)
    if category == "Cf":
        return character not in _VISIBLE_FORMATS
    return (category in ("Zs", "Zl", "Zp") and character != "\u1680") or character in "\t\n\r" or is_selector(character)


def is_never_set(character: str) -> bool:
    """Whether a character has no defined shape, even if a font has a glyph for it.

    These are control characters, unassigned characters and those for private use.
    """
    return unicodedata.category(character) == "Cc" or script(character) == "Zzzz"


def kinds(character: str) -> frozenset[str]:
    """The scripts of a character (ISO 15924, UAX 24), or its kind of mark if it has no script."""
    category = unicodedata.category(character)
    width = unicodedata.east_asian_width(character)
    own = script(character)
    if own not in NEUTRAL:
        if width == "F" and own not in EAST_ASIAN:
            return frozenset({WIDE})
        # Ⅷ is Latin by script, but fills an em square in East Asian fonts.
        return frozenset({own, AMBIGUOUS}) if category == "Nl" and width == "A" else frozenset({own})
    joins_letters = category[0] in "LM"
    if width in "WF" and not joins_letters:
        return frozenset({WIDE})
    if width == "A" and _is_mark(character, category):
        return frozenset({AMBIGUOUS})
    if used_in := frozenset(ucd.script_extension(character)) - NEUTRAL:
        return used_in
    return frozenset({WIDE if width in "WF" else COMMON})


def _is_mark(character: str, category: str) -> bool:
    """Punctuation, signs and circled numbers; not currency, accents and superscripts, which belong to Latin digits."""
    if category == "No":
        return not unicodedata.decomposition(character).startswith(("<super>", "<sub>", "<fraction>"))
    return category[0] == "P" or category in ("Sm", "So")


def companions(text: str) -> Iterator[tuple[str, str]]:
    """Characters that a text does not have but may need when it is laid out, each with the one that needs it.

    These are the mirror image of a bracket in text from right to left (UAX 9, rule L4); the hyphen printed at a soft
    hyphen; a letter composed with its marks, and decomposed from them, since a shaper tries both.
    """
    for character in set(text):
        if mirrored := ucd.mirrored(ord(character)):
            yield character, chr(mirrored)
    if "\u00ad" in text:
        yield "-", "-"
        yield "\u2010", "\u2010"
    if any(unicodedata.category(character)[0] == "M" or "\u1100" <= character <= "\u11ff" for character in text):
        for cluster in _clusters(unicodedata.normalize("NFD", text)):
            for shape in _compositions(cluster):
                yield cluster[0], shape


def _clusters(text: str) -> Iterator[str]:
    """Letters with the combining marks or conjoining jamo after them."""
    start = 0
    for position in range(1, len(text) + 1):
        if position == len(text) or not (
            unicodedata.category(text[position])[0] == "M" or "\u1160" <= text[position] <= "\u11ff"
        ):
            yield text[start:position]
            start = position


def _compositions(cluster: str) -> set[str]:
    """Every character that is composed of a cluster's letter and some of its marks, and the parts."""
    made = {cluster[0]}
    for mark in cluster[1:]:
        made |= {c for letter in made if len(c := unicodedata.normalize("NFC", letter + mark)) == 1}
    return made | set(cluster)


def described(character: str) -> str:
    """A character for a message: itself if it is visible, its code point and its Unicode name."""
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    if not name and script(character) == "Hani":
        name = f"CJK UNIFIED IDEOGRAPH-{ord(character):X}"
    if not name:
        name = {"Cc": "a control character", "Co": "for private use", "Cs": "half a surrogate pair"}.get(
            unicodedata.category(character), "not named by this version of Unicode"
        )
    shown = f"{character} " if character.isprintable() and not unicodedata.combining(character) else ""
    return f"{shown}({code} {name})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The use of a family: for these kinds of characters, in these languages.

    Every slot is subset separately and has its own name in the style sheet. The stack of a language is the list of its
    slots, in order; a character belongs to the first slot that takes its kind and whose family has it. This does not
    depend on other characters, so the first subset in the stack that has a character is always the planned one.

    No ``languages`` means all except ``except_languages``. Slots with a higher ``rank`` are tried later.
    """

    name: str
    family: str
    languages: tuple[str, ...] = ()
    except_languages: tuple[str, ...] = ()
    scripts: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    rank: int = 0

    def takes(self, character: str) -> bool:
        """Whether this slot is for a character of this kind."""
        found = kinds(character)
        return not found.isdisjoint(self.scripts) or not found.isdisjoint(self.marks)

    def names(self, tag: str) -> bool:
        """Whether this slot is restricted to languages, and this is one of them."""
        return _within(tag, self.languages) and not _within(tag, self.except_languages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Faces and slots, in order. Text of unknown language gets the forms of the language ``ideographs`` by default."""

    faces: tuple[Face, ...] = ()
    slots: tuple[Slot, ...] = ()
    ideographs: str = ""

    def face(self, family: str, weight: int = REGULAR, style: str = NORMAL) -> Face | None:
        """The face of a family that sets this weight and style.

        If the family has no italic, its upright is used; if it has no bold, its regular: never an artificially slanted
        or bold one. If two faces fit equally, the later entry is used, so that a letter's own face can replace the
        program's.
        """
        wanted = ((weight, style), (weight, NORMAL), (REGULAR, style), (REGULAR, NORMAL))
        members = [face for face in reversed(self.faces) if face.family == family]
        for manner in wanted:
            for face in members:
                if (face.weight, face.style) == manner:
                    return face
        return members[-1] if members else None

    def slots_for(self, lang: str, letter_lang: str) -> tuple[Slot, ...]:
        """The slots for text of a language inside a letter, in the order in which they are tried.

        Text in other than East Asian languages may have ideographs, mostly in names: they get the forms of the letter's
        language if it uses ideographs, otherwise those of ``ideographs``. Text of undetermined language is treated as
        text in the letter's language, but keeps the narrow marks.
        """
        spoken = lang or letter_lang
        tags = [spoken]
        if spoken.lower() == UNDETERMINED:
            tags.append(letter_lang)
        if not self._writes_ideographs(spoken):
            tags.append(letter_lang if self._writes_ideographs(letter_lang) else self.ideographs)
        serving = (
            slot
            for slot in self.slots
            if (any(map(slot.names, tags)) if slot.languages else not _within(spoken, slot.except_languages))
        )
        return tuple(sorted(serving, key=lambda slot: slot.rank))

    def _writes_ideographs(self, tag: str) -> bool:
        return is_cjk(tag) or any("Hani" in slot.scripts and slot.names(tag) for slot in self.slots)

    def settable(self, lang: str, letter_lang: str, weight: int = REGULAR, style: str = NORMAL) -> frozenset[str]:
        """Every character that can be set in text of a language, without spaces and joiners."""
        found: set[str] = set()
        for slot in self.slots_for(lang, letter_lang):
            if face := self.face(slot.family, weight, style):
                found |= {c for c in map(chr, face.contents.code_points) if c not in found and slot.takes(c)}
        return frozenset(c for c in found if not is_never_set(c) and not follows(c))


def merged(catalogues: Iterable[Catalogue]) -> Catalogue:
    """Several catalogues as one: a later face replaces one with its file name, a later slot one with its name."""
    faces: dict[str, Face] = {}
    slots: dict[str, Slot] = {}
    ideographs = ""
    for catalogue in catalogues:
        for face in catalogue.faces:
            faces[face.file] = face
        for slot in catalogue.slots:
            slots[slot.name] = slot
        ideographs = catalogue.ideographs or ideographs
    return Catalogue(faces=tuple(faces.values()), slots=tuple(slots.values()), ideographs=ideographs)


def gaps(catalogue: Catalogue, file: str) -> tuple[Finding, ...]:
    """Findings about slots without a face, for a merged catalogue: a slot may use a family of another catalogue."""
    families = {face.family for face in catalogue.faces}
    return tuple(
        error(
            "slot-without-face",
            f"the slot {slot.name} uses the family {slot.family}, which has no face",
            "add a [[face]] of that family, or use one of " + ", ".join(sorted(families)),
            file=file,
            subject=f"slot {slot.name}",
            evidence=slot.family,
        )
        for slot in catalogue.slots
        if slot.family not in families
    )


def _within(tag: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a tag is one of these or a subtag of one (RFC 4647, 3.3.1)."""
    lowered = tag.lower()
    return any(lowered == prefix.lower() or lowered.startswith(prefix.lower() + "-") for prefix in prefixes)
