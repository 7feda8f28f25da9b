"""Which faces there are, and in which order they are asked for a character: the closed world of a build's fonts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from typeset.diagnostics import Finding, Place, Severity
from typeset.fonts.characters import follows, is_never_set, kinds
from typeset.fonts.faces import NORMAL, REGULAR, Face
from typeset.language import UNDETERMINED, is_cjk


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
            fact=f"the slot {slot.name} wants {slot.family}, and no face is of that family",
            place=Place(file=file),
            hint="add a [[face]] of that family, or name one of " + ", ".join(sorted(families)),
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
