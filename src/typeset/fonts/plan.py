"""The face of each character of a letter, chosen before layout; and the plan of an edited letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from typeset.diagnostics import Finding
from typeset.fonts.catalogue import ITALIC, Catalogue, Face, Slot, companions, follows, is_never_set, is_selector
from typeset.fonts.coverage import WordsToSet, uncovered, unknown_forms


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A slot in one weight and style: its face, and the code points that its subset needs.

    ``weight`` and ``style`` are those of the text, and the style sheet declares them too, so that no engine looks for
    another face; ``face`` may be an upright if there is no italic.
    """

    slot: str
    weight: int
    style: str
    face: Face
    characters: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRange:
    """Characters ``start`` to ``end`` (half open) of some words, set by one slot; empty if no face has them."""

    start: int
    end: int
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacePlan:
    """Every stretch of a letter with its slot, the cuts to be made, and findings about characters without a face."""

    letter_lang: str
    catalogue: Catalogue
    cuts: tuple[Cut, ...]
    lines: tuple[tuple[WordsToSet, tuple[SlotRange, ...]], ...]
    findings: tuple[Finding, ...]

    def stack(self, lang: str) -> tuple[str, ...]:
        """The font families of a language, in order: the first one that has a character is the planned one."""
        used = {cut.slot for cut in self.cuts}
        return tuple(slot.name for slot in self.catalogue.slots_for(lang, self.letter_lang) if slot.name in used)

    def stacks(self) -> Mapping[str, tuple[str, ...]]:
        """The stack of every language in the letter, by tag, in the order of appearance."""
        spoken = dict.fromkeys(words.lang for words, _ in self.lines)
        return MappingProxyType({lang: self.stack(lang) for lang in spoken})

    def set_by(self, *, leaving_out: str = "") -> Iterator[tuple[Face, str]]:
        """Every stretch with its face, without the words about one subject."""
        faces = {(cut.slot, cut.weight, cut.style): cut.face for cut in self.cuts}
        for words, stretches in self.lines:
            if not leaving_out or words.subject != leaving_out:
                for stretch in stretches:
                    if stretch.slot:
                        yield faces[stretch.slot, words.weight, words.style], words.text[stretch.start : stretch.end]

    @property
    def faces(self) -> tuple[Face, ...]:
        """The faces of the letter, in the order of the catalogue: only these may be in the PDF."""
        used = {cut.face.file for cut in self.cuts}
        return tuple(face for face in self.catalogue.faces if face.file in used)


def plan_faces(lines: Iterable[WordsToSet], catalogue: Catalogue, letter_lang: str) -> FacePlan:
    """The face of every character of a letter in one language version.

    A character belongs to the first slot of its language's stack that takes its kind and whose family has it in the
    wanted weight and style. A character that no slot has is an error that names the subject; the plan is still
    complete.
    """
    manners: dict[tuple[str, int, str], SlotChooser] = {}
    planned: list[tuple[WordsToSet, tuple[SlotRange, ...]]] = []
    findings: list[Finding] = []
    for words in lines:
        key = (words.lang, words.weight, words.style)
        manner = manners.get(key)
        if manner is None:
            manner = manners[key] = SlotChooser(catalogue, letter_lang, *key)
        stretches = manner.set(words.text)
        planned.append((words, stretches))
        if any(not stretch.slot for stretch in stretches):
            missing = dict.fromkeys(c for c in words.text if not follows(c) and not manner.choose(c))
            findings += uncovered(words, missing, manner.slots, catalogue, letter_lang)
        if any(map(is_selector, words.text)):
            findings += unknown_forms(words, manner.face_of)
    return FacePlan(
        letter_lang=letter_lang,
        catalogue=catalogue,
        cuts=_cuts(manners.values(), catalogue),
        lines=tuple(planned),
        findings=tuple(findings),
    )


class SlotChooser:
    """Chooses a slot for each character, for one language, weight and style, and remembers its choices."""

    def __init__(self, catalogue: Catalogue, letter_lang: str, lang: str, weight: int, style: str) -> None:
        self.slots = catalogue.slots_for(lang, letter_lang)
        self.weight, self.style = weight, style
        self.faces = {slot.name: face for slot in self.slots if (face := catalogue.face(slot.family, weight, style))}
        self.used: dict[str, set[str]] = {}
        self.followers: set[str] = set()
        self._chosen: dict[str, str] = {}

    def choose(self, character: str) -> str:
        """The slot that sets a character; empty if none can."""
        chosen = self._chosen.get(character)
        if chosen is None:
            chosen = self._chosen[character] = "" if is_never_set(character) else self._first(self.slots, character)
        return chosen

    def _first(self, slots: tuple[Slot, ...], character: str) -> str:
        for slot in slots:
            face = self.faces.get(slot.name)
            if face and face.covers(character) and slot.takes(character):
                return slot.name
        return ""

    def face_of(self, character: str) -> Face | None:
        """The face that sets a character."""
        return self.faces.get(self.choose(character))

    def set(self, text: str) -> tuple[SlotRange, ...]:
        """The text in stretches of one slot. Spaces and joiners belong to the text before them, or after."""
        present = set(text)
        following = {character for character in present if follows(character)}
        slots = {character: self.choose(character) for character in present - following}
        self.followers |= following
        for character, slot in slots.items():
            if slot:
                self.used.setdefault(slot, set()).add(character)
        if not text.isascii() or present & set("<>()[]{}"):
            for caller, companion in companions(text):
                if (slot := self.choose(companion)) and slot == self.choose(caller):
                    self.used.setdefault(slot, set()).add(companion)
        stretches: list[SlotRange] = []
        start, current = 0, ""
        begun = False
        for position, character in enumerate(text):
            slot = slots.get(character, current)
            if character in following or (slot == current and begun):
                continue
            if begun:
                stretches.append(SlotRange(start=start, end=position, slot=current))
                start = position
            current, begun = slot, True
        if text:
            stretches.append(SlotRange(start=start, end=len(text), slot=current if begun else self._space()))
        return tuple(stretches)

    def _space(self) -> str:
        """The slot of words that are only spaces: the first of the stack, as in a text engine."""
        first = next(iter(self.faces), "")
        if first:
            self.used.setdefault(first, set())
        return first


def _cuts(manners: Iterable[SlotChooser], catalogue: Catalogue) -> tuple[Cut, ...]:
    characters: dict[tuple[str, int, str], set[str]] = {}
    faces: dict[tuple[str, int, str], Face] = {}
    for manner in manners:
        for slot, used in manner.used.items():
            key = (slot, manner.weight, manner.style)
            face = faces[key] = manner.faces[slot]
            # A text engine sets a space in the face of either neighbour, so every cut has the spaces of its style.
            spaces = {c for c in manner.followers | {" "} if face.covers(c) or is_selector(c)}
            characters[key] = characters.get(key, set()) | used | spaces
    order = {slot.name: place for place, slot in enumerate(catalogue.slots)}
    return tuple(
        Cut(
            slot=slot,
            weight=weight,
            style=style,
            face=faces[slot, weight, style],
            characters=frozenset(map(ord, found)),
        )
        for (slot, weight, style), found in sorted(
            characters.items(), key=lambda item: (order[item[0][0]], item[0][1], item[0][2] == ITALIC)
        )
    )


class Replanning:
    """Counts how often each part of a plan's cuts is used: the cuts stay the same while all parts are used."""

    def __init__(self, plan: FacePlan) -> None:
        self.plan = plan
        self._manners: dict[tuple[str, int, str], SlotChooser] = {}
        self._owed: Counter[tuple[object, ...]] = Counter()
        for words, _ in plan.lines:
            self._owed.update(self._asked(words)[1])

    def exchange(self, old: Sequence[WordsToSet], new: Sequence[WordsToSet]) -> bool:
        """Replace neighbouring words of the plan by others, if its cuts stay the same. Returns whether they do."""
        lines = self.plan.lines
        at = _found([words for words, _ in lines], old)
        if at is None or [words.lang for words in new] != [words.lang for words in old]:
            return False
        if any(is_selector(character) for words in (*old, *new) for character in words.text):
            return False
        fresh = [(words, *self._asked(words)) for words in new]
        if any(not stretch.slot for _, stretches, _ in fresh for stretch in stretches):
            return False
        owed = Counter(key for _, _, keys in fresh for key in keys)
        owed.subtract(key for words in old for key in self._asked(words)[1])
        if any(self._owed[key] == 0 or self._owed[key] + change <= 0 for key, change in owed.items() if change):
            return False
        self._owed.update(owed)
        planned = tuple((words, stretches) for words, stretches, _ in fresh)
        self.plan = replace(self.plan, lines=(*lines[:at], *planned, *lines[at + len(old) :]))
        return True

    def _asked(self, words: WordsToSet) -> tuple[tuple[SlotRange, ...], list[tuple[object, ...]]]:
        """The slots of some words, and what they need in the cuts."""
        key = (words.lang, words.weight, words.style)
        manner = self._manners.get(key)
        if manner is None:
            manner = self._manners[key] = SlotChooser(self.plan.catalogue, self.plan.letter_lang, *key)
        manner.used, manner.followers = {}, set()
        stretches = manner.set(words.text)
        asks: list[tuple[object, ...]] = [(*key, slot) for slot in manner.used]
        asks += [(*key, slot, character) for slot, used in manner.used.items() for character in used]
        asks += [(*key, "", character) for character in manner.followers]
        return stretches, asks


def _found(all_words: Sequence[WordsToSet], some: Sequence[WordsToSet]) -> int | None:
    """The position where some words are together."""
    if not some:
        return None
    for at, words in enumerate(all_words):
        if words == some[0] and list(all_words[at : at + len(some)]) == list(some):
            return at
    return None
