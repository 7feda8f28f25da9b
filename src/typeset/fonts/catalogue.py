"""The catalogue of faces: font files, slots, and the order in which slots are asked for a character."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uharfbuzz as hb
from fontTools import unicodedata as ucd

from typeset.diagnostics import Finding, Location, Severity
from typeset.languages import EAST_ASIAN, NEUTRAL, UNDETERMINED, is_cjk, script

NORMAL, ITALIC = "normal", "italic"
REGULAR, BOLD = 400, 700


class FontFile:
    """The bytes of one font file, on disk or in memory.

    A file on disk is mapped, not read: looking up whether a character is there touches a few pages of it, so a build
    that finds its subsets made already never reads the ten megabytes of a CJK face.
    """

    __slots__ = ("_code_points", "_data", "_face", "_font", "_path")

    def __init__(self, source: Path | bytes) -> None:
        self._path = source if isinstance(source, Path) else None
        self._data = source if isinstance(source, bytes) else b""
        self._face: hb.Face | None = None
        self._font: hb.Font | None = None
        self._code_points: hb.Set | None = None

    def read(self) -> bytes:
        """The whole file. Raises `OSError` where it cannot be read."""
        return self._path.read_bytes() if self._path else self._data

    @property
    def size(self) -> int:
        """Bytes, without reading them."""
        return self._path.stat().st_size if self._path else len(self._data)

    @property
    def face(self) -> hb.Face:
        """HarfBuzz's view of the file; one without glyphs where the file is no font."""
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
        """What the character map covers; about a tenth of a millisecond for twenty thousand."""
        if self._code_points is None:
            self._code_points = self.face.unicodes
        return self._code_points


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One font file: what it is called, what it is for, under which licence, and its bytes.

    ``weight`` is 100 to 900 and ``style`` ``normal`` or ``italic``, as in CSS Fonts 4. ``scripts`` are ISO 15924
    codes it was made for; ``languages`` (BCP 47) are named where its forms belong to some languages only, as with
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
        """Whether the face knows this variation of the character (UTS 37, or a standardised one)."""
        face = self.contents.face
        return ord(selector) in face.variation_selectors and ord(character) in face.variation_unicodes(ord(selector))


def digest_of(data: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


COMMON = "common"
"""Digits, punctuation, symbols and combining marks of no script, as wide as their font makes them."""

AMBIGUOUS = "ambiguous"
"""Marks as wide as an ideograph in East Asian text and narrow elsewhere: dashes, ellipses, quotation marks (UAX 11)."""

WIDE = "wide"
"""Marks and forms that fill an em square everywhere: 、。「」（） and full-width letters (UAX 11, W and F)."""

MARKS = frozenset({COMMON, AMBIGUOUS, WIDE})

# Format characters with a shape of their own: number signs that enclose digits, annotation anchors, hieroglyph joiners
# (UAX 44, Cf without Default_Ignorable_Code_Point).
_VISIBLE_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\ufff9\ufffa\ufffb\U000110bd\U000110cd"
    + "".join(map(chr, range(0x13430, 0x13440)))
)


def is_selector(character: str) -> bool:
    """Whether a character picks a form of the one before it (VS1 to VS256)."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def follows(character: str) -> bool:
    """Whether a character takes the face of its neighbours, and asks for none.

    Spaces, joiners, bidi controls and variation selectors do; text engines choose no font for them either.
    """
    category = unicodedata.category(character)
    if category == "Cf":
        return character not in _VISIBLE_FORMATS
    return (category in ("Zs", "Zl", "Zp") and character != "\u1680") or character in "\t\n\r" or is_selector(character)


def is_never_set(character: str) -> bool:
    """Whether a character has no shape that two people agree on, whatever a font maps it to.

    Control characters, and what Unicode has not assigned or leaves to private use.
    """
    return unicodedata.category(character) == "Cc" or script(character) == "Zzzz"


def kinds(character: str) -> frozenset[str]:
    """The scripts a character is used in (ISO 15924, UAX 24), or the kind of mark it is where it has none."""
    category = unicodedata.category(character)
    width = unicodedata.east_asian_width(character)
    own = script(character)
    if own not in NEUTRAL:
        if width == "F" and own not in EAST_ASIAN:
            return frozenset({WIDE})
        # Ⅷ is Latin by script and drawn on the em square by East Asian fonts.
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
    """Punctuation, signs and circled numbers; not currency, accents and raised figures, which go with Latin digits."""
    if category == "No":
        return not unicodedata.decomposition(character).startswith(("<super>", "<sub>", "<fraction>"))
    return category[0] == "P" or category in ("Sm", "So")


def companions(text: str) -> Iterator[tuple[str, str]]:
    """Characters that setting a text may call for though it has them not, each with the one that calls.

    A bracket's mirror image where text runs right to left (UAX 9, rule L4); the hyphen printed at a soft hyphen; a
    letter precomposed with its marks, and one taken apart from them, since a shaper tries both.
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
    """Every character that some of a cluster's marks make with its letter, and the parts themselves."""
    made = {cluster[0]}
    for mark in cluster[1:]:
        made |= {c for letter in made if len(c := unicodedata.normalize("NFC", letter + mark)) == 1}
    return made | set(cluster)


def described(character: str) -> str:
    """A character as a finding names it: itself where it can be shown, its code point, its Unicode name."""
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
    """A purpose that a family serves: these kinds of characters, in these languages.

    Every slot is subset by itself and has a name of its own in the style sheet. A language's stack is the row of
    slots that serve it; a character belongs to the first of them that takes its kind and whose family has it. Since
    neither question looks at the other characters, the first subset in the stack that has a character is always the
    one that was planned for it.

    No ``languages`` means all of them but ``except_languages``. Slots of a higher ``rank`` are asked later.
    """

    name: str
    family: str
    languages: tuple[str, ...] = ()
    except_languages: tuple[str, ...] = ()
    scripts: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    rank: int = 0

    def takes(self, character: str) -> bool:
        """Whether a character is of a kind that this slot is for."""
        found = kinds(character)
        return not found.isdisjoint(self.scripts) or not found.isdisjoint(self.marks)

    def names(self, tag: str) -> bool:
        """Whether a language is among those this slot is restricted to."""
        return _within(tag, self.languages) and not _within(tag, self.except_languages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Faces and slots, in order. ``ideographs`` is whose forms a text of unknown language gets as a last resort."""

    faces: tuple[Face, ...] = ()
    slots: tuple[Slot, ...] = ()
    ideographs: str = ""

    def face(self, family: str, weight: int = REGULAR, style: str = NORMAL) -> Face | None:
        """The face of a family that sets this weight and style.

        Where the family has no italic its upright stands in, and its regular for a bold it has not: a chosen face,
        never a slanted or smeared one. Of two that fit alike the later entry wins, so that a letter's own face can
        take the place of the house's.
        """
        wanted = ((weight, style), (weight, NORMAL), (REGULAR, style), (REGULAR, NORMAL))
        members = [face for face in reversed(self.faces) if face.family == family]
        for manner in wanted:
            for face in members:
                if (face.weight, face.style) == manner:
                    return face
        return members[-1] if members else None

    def slots_for(self, lang: str, letter_lang: str) -> tuple[Slot, ...]:
        """The slots that serve text of a language inside a letter, in the order they are asked.

        Text in no East Asian language still meets ideographs, in names above all: they get the forms of the letter's
        own language where it writes with them, else those of ``ideographs``. Text of undetermined language gets what
        text in the letter's language gets, but keeps the narrow marks.
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
        """Every character that text of a language can be set with, besides spaces and joiners."""
        found: set[str] = set()
        for slot in self.slots_for(lang, letter_lang):
            if face := self.face(slot.family, weight, style):
                found |= {c for c in map(chr, face.contents.code_points) if c not in found and slot.takes(c)}
        return frozenset(c for c in found if not is_never_set(c) and not follows(c))


def merged(catalogues: Iterable[Catalogue]) -> Catalogue:
    """Several catalogues as one: a later face takes the place of one with its file name, a later slot by its name."""
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
    """Slots without a face: to be asked of a merged catalogue, since a slot may name a family listed elsewhere."""
    families = {face.family for face in catalogue.faces}
    return tuple(
        Finding(
            code="slot-without-face",
            severity=Severity.ERROR,
            message=f"the slot {slot.name} uses the family {slot.family}, which has no face",
            place=Location(file=file),
            hint="add a [[face]] of that family, or use one of " + ", ".join(sorted(families)),
            subject=f"slot {slot.name}",
            evidence=slot.family,
        )
        for slot in catalogue.slots
        if slot.family not in families
    )


def _within(tag: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a tag is one of these or narrower (RFC 4647, 3.3.1)."""
    lowered = tag.lower()
    return any(lowered == prefix.lower() or lowered.startswith(prefix.lower() + "-") for prefix in prefixes)
