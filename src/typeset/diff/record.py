"""A difference as an edition tells it to its readers: numbers and counts, no words that it does not print itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from typeset.diff.comparison import (
    COUNTS,
    Corrected,
    LetterState,
    ListChange,
    ValueChange,
    VersionChange,
    compare,
    version_changes,
)
from typeset.edition_changes import KINDS, state_of
from typeset.model import Changes, EditionSummary, Letter, Listed, Signatory, TextChange, Withdrawn

_PUBLIC = ("name", "language", "kind")
"""What of a signatory readers can see; a note is for those who keep the list."""


def recorded(before: LetterState, after: LetterState) -> Changes:
    """What an edition changed since its predecessor, as it is written down in ``changes.json``."""
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
        # A count that a paragraph prints is told as a count: the words around it are as they were.
        texts=tuple(_text(change) for change in version_changes(one.versions, other.versions, (other.counts,) * 2)),
        recipients=_recipients(difference.recipients),
        state=state_of(other),
    )


def _standing(letter: Letter) -> EditionSummary:
    counts = {name: letter.counts.shown(name) for name in COUNTS}
    return EditionSummary(date=letter.date, listed=len(letter.signatories), counts=MappingProxyType(counts))


def _renamed(listed: ListChange, letter: Letter) -> Mapping[int, Signatory]:
    """Signatories whose names have nothing in common with what they were, and who the list says are the same."""
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


def _text(change: VersionChange) -> TextChange:
    if change.change:
        return TextChange(lang=change.lang, version=str(change.change))
    counted = Counter(str(paragraph.change) for paragraph in change.paragraphs)
    return TextChange(lang=change.lang, title=change.title_changed, paragraphs=_kinds(counted))


def _recipients(changes: Sequence[ValueChange]) -> Mapping[str, int]:
    def kind(one: ValueChange) -> str:
        if not (one.before and one.after):
            # Of an office that stays, a holder who came or went is a change; of none, the addressee came or went.
            return "changed" if one.name else "removed" if one.before else "added"
        return "moved" if one.name == "order" else "changed"

    return _kinds(Counter(map(kind, changes)))


def _kinds(counted: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({kind: counted[kind] for kind in KINDS if counted.get(kind)})
