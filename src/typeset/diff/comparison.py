"""Two states of a letter compared: settings, texts, signatories and decisions; the record of changes."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from typeset.diagnostics import Finding, Location, Severity
from typeset.diff.word_diff import TextPiece, WordEdit, likeness, steps_between, word_changes
from typeset.edition_changes import KINDS, state_of
from typeset.model import (
    Block,
    Changes,
    Counts,
    EditionSummary,
    Letter,
    Listed,
    Part,
    Recipient,
    Signatory,
    TextChange,
    Version,
    Withdrawn,
)

_SAME_NUMBER, _OTHER_NUMBER = 0.6, 0.8
"""How alike two names of one signatory have to be: less if their numbers are the same."""
_MOST_COMPARED = 250_000
"""The most pairs of names that are compared; with more, only names with the same number are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A changed signatory: ``name``, ``language``, ``kind``, ``note`` or ``number``."""

    before: Signatory
    after: Signatory
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    """From one list to another. ``reused`` are numbers of signatories who withdrew that others have now."""

    joined: tuple[Signatory, ...] = ()
    withdrawn: tuple[Signatory, ...] = ()
    corrected: tuple[Corrected, ...] = ()
    renumbered: tuple[Corrected, ...] = ()
    unchanged: int = 0

    @property
    def reused(self) -> tuple[int, ...]:
        """Numbers that somebody else has now."""
        moved = [one.before.number for one in (*self.corrected, *self.renumbered) if "number" in one.changed]
        left = {signatory.number for signatory in self.withdrawn} | set(moved)
        arrived = [one.after.number for one in (*self.corrected, *self.renumbered) if "number" in one.changed]
        taken = {signatory.number for signatory in self.joined} | set(arrived)
        return tuple(sorted(left & taken))

    @property
    def is_empty(self) -> bool:
        """Whether it is the same list."""
        return not (self.joined or self.withdrawn or self.corrected or self.renumbered)


def list_change(before: Sequence[Signatory], after: Sequence[Signatory]) -> ListChange:
    """Match the signatories of two lists. A name that is in both is one signatory, whatever its number."""
    pairs = list(_pairs(before, after))
    known, met = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
    told = [Corrected(before=one, after=other, changed=_changed(one, other)) for one, other in pairs]
    told.sort(key=lambda one: one.after.number)
    return ListChange(
        joined=tuple(signatory for signatory in after if id(signatory) not in met),
        withdrawn=tuple(signatory for signatory in before if id(signatory) not in known),
        corrected=tuple(one for one in told if one.changed and one.changed != ("number",)),
        renumbered=tuple(one for one in told if one.changed == ("number",)),
        unchanged=sum(not one.changed for one in told),
    )


def unstable_numbers(
    earlier: Mapping[int, str], before: Sequence[Signatory], after: Sequence[Signatory]
) -> Iterator[Finding]:
    """Findings about numbers that do not stay with their signatories: people quote signatories by number.

    ``before`` is the list of the previous edition, ``earlier`` the names by their numbers in any edition.
    """
    change = list_change(before, after)
    for one in (*change.renumbered, *change.corrected):
        if "number" in one.changed:
            message = f"signatory {one.before.number} of the previous edition now has the number {one.after.number}"
            yield _unstable("number-moved", message, one.after, f"give it the number {one.before.number} again")
    taken = {one.after.number for one in (*change.renumbered, *change.corrected)}
    for signatory in change.joined:
        had = earlier.get(signatory.number, signatory.name)
        if had != signatory.name and signatory.number not in taken:
            message = f"the number {signatory.number} belonged to {had}, but another signatory has it now"
            yield _unstable(
                "number-reused", message, signatory, "give the new signatory the next number that was never used"
            )


def _pairs(before: Sequence[Signatory], after: Sequence[Signatory]) -> Iterator[tuple[Signatory, Signatory]]:
    by_name: dict[str, list[Signatory]] = defaultdict(list)
    for signatory in after:
        by_name[signatory.printed].append(signatory)
    left: list[Signatory] = []
    waiting: list[Signatory] = []
    # If several have the same name, those that kept their number belong together.
    for one in before:
        same = next((other for other in by_name[one.printed] if other.number == one.number), None)
        if same:
            by_name[one.printed].remove(same)
            yield one, same
        else:
            waiting.append(one)
    for one in waiting:
        if by_name[one.printed]:
            yield one, by_name[one.printed].pop(0)
        else:
            left.append(one)
    yield from _alike(left, sorted((one for many in by_name.values() for one in many), key=lambda one: one.number))


def _alike(before: Sequence[Signatory], after: Sequence[Signatory]) -> Iterator[tuple[Signatory, Signatory]]:
    """Pairs of different names of one signatory, the most alike first."""
    numbers = {signatory.number: signatory for signatory in after}
    compared = (
        [(one, other) for one in before for other in after]
        if len(before) * len(after) <= _MOST_COMPARED
        else [(one, numbers[one.number]) for one in before if one.number in numbers]
    )
    scored = []
    for one, other in compared:
        same = one.number == other.number
        score = _likeness(one.printed, other.printed, _SAME_NUMBER if same else _OTHER_NUMBER)
        if score:
            scored.append((score + same, one, other))
    scored.sort(key=lambda item: (-item[0], item[1].number, item[2].number))
    known: set[int] = set()
    for _, one, other in scored:
        if id(one) not in known and id(other) not in known:
            known |= {id(one), id(other)}
            yield one, other


def _likeness(one: str, other: str, least: float) -> float:
    """How alike two names are by character, without case, width and accents; 0 below ``least``."""
    first, second = _folded(one), _folded(other)
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < least:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= least else 0.0


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in decomposed if unicodedata.category(character)[0] not in "MZC")


def _changed(before: Signatory, after: Signatory) -> tuple[str, ...]:
    def languages(one: Signatory) -> tuple[str, object]:
        return one.lang, [(one.name[passage.start : passage.end], passage.lang) for passage in one.passages]

    differing = {
        "number": before.number != after.number,
        "name": before.printed != after.printed,
        "language": languages(before) != languages(after),
        "kind": before.kind != after.kind,
        "note": before.note != after.note,
    }
    return tuple(what for what, differs in differing.items() if differs)


def _unstable(code: str, message: str, signatory: Signatory, hint: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING,
        message=message,
        place=signatory.place or Location(file="signatories.csv"),
        hint=hint,
        subject=f"signatory {signatory.number}",
        evidence=signatory.name,
    )


_LEAST_ALIKE = 0.35
"""How much two states of one paragraph have in common, at least."""
_MOST_PAIRED = 2_500
"""The most pairs of changed paragraphs that are compared; with more, they are paired in order."""


class Change(StrEnum):
    """The kind of a change."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """One changed paragraph. ``before`` and ``after`` are its places, from 1; 0 on the side where it is missing.

    ``manner`` says what changed besides the words: ``emphasis``, ``links``, ``languages``.
    """

    change: Change
    part: str
    before: int
    after: int
    pieces: tuple[TextPiece, ...]
    manner: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """One language version. ``change`` is None when both states have it; the title's pieces show its change."""

    lang: str
    title: tuple[TextPiece, ...]
    paragraphs: tuple[ParagraphChange, ...]
    change: Change | None = None
    unchanged: int = 0

    @property
    def title_changed(self) -> bool:
        """Whether the title changed."""
        return self.change is None and any(piece.edit is not WordEdit.KEPT for piece in self.title)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.change or self.title_changed or self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ComparedParagraph:
    place: int
    block: Block
    text: str

    @property
    def key(self) -> str:
        return f"{_kind(self.block)} {self.text}"


def version_changes(
    before: Sequence[Version], after: Sequence[Version], counts: tuple[Counts, Counts]
) -> tuple[VersionChange, ...]:
    """The language versions of two states of a letter: first those in both, in the order of the later state."""
    earlier = {version.lang: version for version in before}
    later = {version.lang: version for version in after}
    changes = [_version_change(earlier[lang], later[lang], counts) for lang in later if lang in earlier]
    changes += [_whole(later[lang], Change.ADDED, counts[1]) for lang in later if lang not in earlier]
    changes += [_whole(earlier[lang], Change.REMOVED, counts[0]) for lang in earlier if lang not in later]
    return tuple(changes)


def printed(block: Block, counts: Counts) -> str:
    """A paragraph's characters as printed, counts filled in."""
    return "".join(
        "\n" if run.line_break else str(counts.shown(run.placeholder)) if run.placeholder else run.text
        for run in block.runs
    )


def _version_change(before: Version, after: Version, counts: tuple[Counts, Counts]) -> VersionChange:
    one, other = _paragraphs(before, counts[0]), _paragraphs(after, counts[1])
    changes = tuple(_with_moves(list(_changes(one, other))))
    return VersionChange(
        lang=after.lang,
        title=word_changes(before.printed_title, after.printed_title),
        paragraphs=changes,
        unchanged=len(other) - sum(bool(change.after) for change in changes),
    )


def _whole(version: Version, change: Change, counts: Counts) -> VersionChange:
    texts = (version.printed_title, "") if change is Change.REMOVED else ("", version.printed_title)
    paragraphs = (_alone(paragraph, change) for paragraph in _paragraphs(version, counts))
    return VersionChange(lang=version.lang, title=word_changes(*texts), paragraphs=tuple(paragraphs), change=change)


def _paragraphs(version: Version, counts: Counts) -> list[_ComparedParagraph]:
    return [
        _ComparedParagraph(place=place, block=block, text=printed(block, counts))
        # The text that a slot of changes prints is not a paragraph of the letter.
        for place, block in enumerate((one for one in version.blocks if one.part is not Part.CHANGES), start=1)
    ]


def _changes(before: Sequence[_ComparedParagraph], after: Sequence[_ComparedParagraph]) -> Iterator[ParagraphChange]:
    for step, start, end, other_start, other_end in steps_between(
        [one.key for one in before], [other.key for other in after]
    ):
        if step == "equal":
            for one, other in zip(before[start:end], after[other_start:other_end], strict=True):
                if _manner(one.block, other.block):
                    yield _pair(one, other)
            continue
        for former, latter in _paired(before[start:end], after[other_start:other_end]):
            if former and latter:
                yield _pair(former, latter)
            elif former:
                yield _alone(former, Change.REMOVED)
            elif latter:
                yield _alone(latter, Change.ADDED)


def _paired(
    before: Sequence[_ComparedParagraph], after: Sequence[_ComparedParagraph]
) -> Iterator[tuple[_ComparedParagraph | None, _ComparedParagraph | None]]:
    """Paragraphs of both states in pairs, in order, so that the pairs together have most in common."""
    if not before or not after or len(before) * len(after) > _MOST_PAIRED:
        for place in range(max(len(before), len(after))):
            yield before[place] if place < len(before) else None, after[place] if place < len(after) else None
        return
    alike = [[_paragraphs_alike(one, other) for other in after] for one in before]
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            paired = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(before) and j < len(after):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            yield before[i], after[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield before[i], None
            i += 1
        else:
            yield None, after[j]
            j += 1
    yield from ((one, None) for one in before[i:])
    yield from ((None, other) for other in after[j:])


def _paragraphs_alike(one: _ComparedParagraph, other: _ComparedParagraph) -> float:
    ratio = likeness(one.text, other.text)
    same_part = one.block.part is other.block.part
    return ratio if ratio >= _LEAST_ALIKE or (same_part and not (one.text and other.text)) else 0.0


def _with_moves(changes: list[ParagraphChange]) -> Iterator[ParagraphChange]:
    """A paragraph that was removed in one place and added word for word in another has moved."""
    removed = {_text(one): one for one in changes if one.change is Change.REMOVED}
    moved = {_text(one) for one in changes if one.change is Change.ADDED and _text(one) in removed and _text(one)}
    for one in changes:
        if _text(one) not in moved or one.change is Change.CHANGED:
            yield one
        elif one.change is Change.ADDED:
            text = _text(one)
            yield replace(one, change=Change.MOVED, before=removed[text].before, pieces=word_changes(text, text))


def _text(change: ParagraphChange) -> str:
    return "".join(piece.text for piece in change.pieces)


def _pair(one: _ComparedParagraph, other: _ComparedParagraph) -> ParagraphChange:
    return ParagraphChange(
        change=Change.CHANGED,
        part=str(other.block.part),
        before=one.place,
        after=other.place,
        pieces=word_changes(one.text, other.text),
        manner=_manner(one.block, other.block),
    )


def _alone(one: _ComparedParagraph, change: Change) -> ParagraphChange:
    removed = change is Change.REMOVED
    return ParagraphChange(
        change=change,
        part=str(one.block.part),
        before=one.place if removed else 0,
        after=0 if removed else one.place,
        pieces=word_changes(one.text, "") if removed else word_changes("", one.text),
    )


def _manner(before: Block, after: Block) -> tuple[str, ...]:
    """What changed in a paragraph besides its words."""
    same_words = before.text == after.text

    def differs(manner: str) -> bool:
        one, other = _stretches(before, manner), _stretches(after, manner)
        # If the words changed too, only the styles can be compared, not which words have them.
        return one != other if same_words else [value for value, _ in one] != [value for value, _ in other]

    differing = {
        "emphasis": differs("strong") or differs("emphasis"),
        "links": differs("href"),
        "languages": differs("lang"),
        "kind": _kind(before) != _kind(after),
    }
    return tuple(what for what, changed in differing.items() if changed)


def _kind(block: Block) -> tuple[str, int, bool]:
    return str(block.part), block.level, bool(block.ordinal)


def _stretches(block: Block, manner: str) -> list[tuple[object, str]]:
    """The words in a style, with neighbours joined: how they were cut into runs does not matter."""
    found: list[tuple[object, str]] = []
    for run in block.runs:
        value = getattr(run, manner)
        if found and found[-1][0] == value:
            found[-1] = (value, found[-1][1] + run.text)
        else:
            found.append((value, run.text))
    return [(value, text) for value, text in found if value]


COUNTS = ("total", "named", "anonymous")


class Decided(Protocol):
    """A recorded answer to a finding."""

    @property
    def code(self) -> str:
        """The finding's code."""
        ...

    @property
    def subject(self) -> str:
        """What the finding was about."""
        ...

    @property
    def evidence(self) -> str:
        """The text it was found in."""
        ...

    @property
    def printed(self) -> str | None:
        """What is printed instead; None when the text is kept."""
        ...

    @property
    def by(self) -> str:
        """Who decided."""
        ...

    @property
    def when(self) -> date:
        """The day of the decision."""
        ...

    @property
    def why(self) -> str:
        """The reason."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterState:
    """A letter at one time: as printed, with its decisions, and the digests of all else that its pages are made from.

    ``label`` is what people call it: ``edition 2``, a folder.
    """

    label: str
    letter: Letter
    decisions: tuple[Decided, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """One value before and after; empty if there was none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionChange:
    """A decision that was added, removed or changed."""

    change: Change
    before: Decided | None
    after: Decided | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Everything that changed, the most important first."""

    before: str
    after: str
    signatories: ListChange
    counts: tuple[ValueChange, ...]
    versions: tuple[VersionChange, ...]
    recipients: tuple[ValueChange, ...]
    settings: tuple[ValueChange, ...]
    decisions: tuple[DecisionChange, ...]
    files: tuple[ValueChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        rest = (self.counts, self.recipients, self.settings, self.decisions, self.files)
        return self.signatories.is_empty and not any(rest) and all(version.is_empty for version in self.versions)


def compare(before: LetterState, after: LetterState) -> Difference:
    """The differences between two states of a letter."""
    one, other = before.letter, after.letter
    return Difference(
        before=before.label,
        after=after.label,
        signatories=list_change(one.signatories, other.signatories),
        counts=tuple(
            ValueChange(name=name, before=str(one.counts.shown(name)), after=str(other.counts.shown(name)))
            for name in COUNTS
            if one.counts.shown(name) != other.counts.shown(name)
        ),
        versions=version_changes(one.versions, other.versions, (one.counts, other.counts)),
        recipients=tuple(_recipients(one.recipients, other.recipients)),
        settings=tuple(_differing(_settings(one), _settings(other))),
        decisions=tuple(_decisions(before.decisions, after.decisions)),
        files=tuple(_differing(before.files, after.files)),
    )


def _settings(letter: Letter) -> dict[str, str]:
    return {
        "date": letter.date.isoformat() if letter.date else "",
        "languages": ", ".join(version.lang for version in letter.versions),
        "page": letter.page,
        "look": letter.look,
    }


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ValueChange]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name, "") != after.get(name, ""):
            yield ValueChange(name=name, before=before.get(name, ""), after=after.get(name, ""))


def _recipients(before: Sequence[Recipient], after: Sequence[Recipient]) -> Iterator[ValueChange]:
    """Addressees by office: the holder of an office can change, the office stays."""
    earlier, later = ({_told(one.office): _told(one.holder) for one in many} for many in (before, after))
    for office in (*earlier, *(office for office in later if office not in earlier)):
        if office not in later:
            yield ValueChange(name="", before=_with(office, earlier[office]), after="")
        elif office not in earlier:
            yield ValueChange(name="", before="", after=_with(office, later[office]))
        elif earlier[office] != later[office]:
            yield ValueChange(name=office, before=earlier[office], after=later[office])
    common = [office for office in earlier if office in later], [office for office in later if office in earlier]
    if common[0] != common[1]:
        yield ValueChange(name="order", before="; ".join(common[0]), after="; ".join(common[1]))


def _told(names: Mapping[str, str]) -> str:
    return " / ".join(dict.fromkeys(names.values()))


def _with(office: str, holder: str) -> str:
    return f"{office} ({holder})" if holder else office


def _decisions(before: Sequence[Decided], after: Sequence[Decided]) -> Iterator[DecisionChange]:
    earlier, later = ({(one.code, one.subject): one for one in many} for many in (before, after))
    for key, one in earlier.items():
        if key not in later:
            yield DecisionChange(change=Change.REMOVED, before=one, after=None)
        elif _content(one) != _content(later[key]):
            yield DecisionChange(change=Change.CHANGED, before=one, after=later[key])
    for key, other in later.items():
        if key not in earlier:
            yield DecisionChange(change=Change.ADDED, before=None, after=other)


def _content(decision: Decided) -> tuple[str, str | None, str, date, str]:
    return decision.evidence, decision.printed, decision.by, decision.when, decision.why


_PUBLIC = ("name", "language", "kind")
"""What readers see of a signatory; a note is only for those who keep the list."""


def recorded(before: LetterState, after: LetterState) -> Changes:
    """What an edition changed since its predecessor, as recorded in ``changes.json``."""
    one, other = before.letter, after.letter
    difference = compare(before, after)
    listed = difference.signatories
    renamed = _renamed(listed, other)
    return Changes(
        letter=other.id,
        edition=other.edition.number,
        predecessor=other.edition.predecessor,
        before=_standing(one),
        after=_standing(other),
        joined=tuple(Listed(number=new.number, name=new.printed) for new in listed.joined if new.number not in renamed),
        withdrawn=tuple(
            _withdrawn(old, named=old.number in other.may_be_named)
            for old in listed.withdrawn
            if old.number not in renamed
        ),
        corrected=tuple(sorted(_corrected(listed, renamed), key=lambda entry: entry.number)),
        renumbered=tuple(_renumbered(listed)),
        # A changed count in a paragraph is reported as a count: the words around it are the same.
        texts=tuple(
            _record_text(change) for change in version_changes(one.versions, other.versions, (other.counts,) * 2)
        ),
        recipients=_record_recipients(difference.recipients),
        state=state_of(other),
    )


def _standing(letter: Letter) -> EditionSummary:
    counts = {name: letter.counts.shown(name) for name in COUNTS}
    return EditionSummary(date=letter.date, listed=len(letter.signatories), counts=MappingProxyType(counts))


def _renamed(listed: ListChange, letter: Letter) -> Mapping[int, Signatory]:
    """Signatories with a completely different name who are the same according to the list."""
    left = {old.number for old in listed.withdrawn}
    return {new.number: new for new in listed.joined if new.number in left and new.number in letter.renamed}


def _withdrawn(old: Signatory, *, named: bool) -> Withdrawn:
    if not named:
        return Withdrawn(number=old.number)
    passages = ((passage.lang, old.name[passage.start : passage.end]) for passage in old.passages)
    in_print = tuple((lang, text) for lang, text in passages if text in old.printed)
    return Withdrawn(number=old.number, name=old.printed, lang=old.lang, passages=in_print)


def _corrected(listed: ListChange, renamed: Mapping[int, Signatory]) -> Iterator[Listed]:
    for one in listed.corrected:
        changed = tuple(what for what in one.changed if what in _PUBLIC)
        if changed:
            yield Listed(number=one.after.number, name=one.after.printed, before=_number_before(one), changed=changed)
    for number, new in renamed.items():
        yield Listed(number=number, name=new.printed, changed=("name",))


def _renumbered(listed: ListChange) -> Iterator[Listed]:
    moved = (one for one in (*listed.renumbered, *listed.corrected) if "number" in one.changed)
    for one in sorted(moved, key=lambda entry: entry.after.number):
        yield Listed(number=one.after.number, name=one.after.printed, before=one.before.number)


def _number_before(one: Corrected) -> int:
    return one.before.number if "number" in one.changed else 0


def _record_text(change: VersionChange) -> TextChange:
    if change.change:
        return TextChange(lang=change.lang, version=str(change.change))
    counted = Counter(str(paragraph.change) for paragraph in change.paragraphs)
    return TextChange(lang=change.lang, title=change.title_changed, paragraphs=_kinds(counted))


def _record_recipients(changes: Sequence[ValueChange]) -> Mapping[str, int]:
    def kind(one: ValueChange) -> str:
        if not (one.before and one.after):
            # If the office stays, another holder is a change; without an office, the addressee was added or removed.
            return "changed" if one.name else "removed" if one.before else "added"
        return "moved" if one.name == "order" else "changed"

    return _kinds(Counter(map(kind, changes)))


def _kinds(counted: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({kind: counted[kind] for kind in KINDS if counted.get(kind)})
