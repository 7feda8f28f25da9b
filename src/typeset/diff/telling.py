"""A difference in lines, for a terminal or a mail; what draws them knows nothing of letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from typeset.diff.difference import DecisionChange, Difference, ValueChange
from typeset.diff.paragraphs import Change, ParagraphChange, VersionChange
from typeset.diff.signatories import Corrected, ListChange
from typeset.diff.words import Edit, Piece, word_changes

MARKS = {Change.ADDED: "+", Change.REMOVED: "−", Change.CHANGED: "~", Change.MOVED: "↕"}
_CONTEXT = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: a heading, or an entry with its mark, what it is about, and the text with its changes."""

    heading: str = ""
    mark: str = ""
    label: str = ""
    pieces: tuple[Piece, ...] = ()


def tell(difference: Difference) -> Iterator[Line]:
    """Everything that changed; nothing where nothing did."""
    yield from _signatories(difference.signatories)
    yield from _values("counts", difference.counts)
    for version in difference.versions:
        yield from _version(version)
    yield from _values("recipients", difference.recipients)
    yield from _values("settings", difference.settings)
    yield from _decisions(difference.decisions)
    yield from _files(difference.files)


def summary(difference: Difference) -> str:
    """The difference in one line: ``12 joined, 1 withdrawn; 2 paragraphs changed in en``."""
    parts = [list_summary(difference.signatories)]
    parts += [told for version in difference.versions if (told := version_summary(version))]
    others = {
        "recipients": difference.recipients,
        "settings": difference.settings,
        "decisions": difference.decisions,
        "files": difference.files,
    }
    parts += [f"{name} changed" for name, changes in others.items() if changes]
    return "; ".join(part for part in parts if part) or "nothing changed"


def list_summary(change: ListChange) -> str:
    """``12 joined, 1 withdrawn``; empty where the list is the same."""
    counted = {
        "joined": change.joined,
        "withdrawn": change.withdrawn,
        "corrected": change.corrected,
        "renumbered": change.renumbered,
    }
    return ", ".join(f"{len(many)} {what}" for what, many in counted.items() if many)


def version_summary(version: VersionChange) -> str:
    """``2 paragraphs changed, 1 added in en``; empty where it is the same."""
    if version.change:
        return f"version in {version.lang} {version.change}"
    counted = {
        change: sum(one.change is change for one in version.paragraphs)
        for change in (Change.CHANGED, Change.ADDED, Change.REMOVED, Change.MOVED)
    }
    parts = ["title changed"] if version.title_changed else []
    for change, count in counted.items():
        if count:
            noun = f" paragraph{'s' if count > 1 else ''}" if not any("paragraph" in part for part in parts) else ""
            parts.append(f"{count}{noun} {change}")
    return f"{', '.join(parts)} in {version.lang}" if parts else ""


def number_change(one: Corrected) -> str:
    """``14``, or ``14 → 15``."""
    before, after = one.before.number, one.after.number
    return f"{after}" if before == after else f"{before} → {after}"


def shortened(pieces: Iterable[Piece], context: int = _CONTEXT) -> tuple[Piece, ...]:
    """Pieces with long stretches of kept text cut down to what is around the changes."""
    found = tuple(pieces)
    return tuple(
        Piece(edit=piece.edit, text=_cut(piece.text, context, first=place == 0, last=place == len(found) - 1))
        if piece.edit is Edit.KEPT
        else piece
        for place, piece in enumerate(found)
    )


def _cut(text: str, context: int, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * context or (first and last):
        return text
    if first:
        return f"…{text[-context:]}"
    if last:
        return f"{text[:context]}…"
    return f"{text[:context]}…{text[-context:]}"


def _signatories(change: ListChange) -> Iterator[Line]:
    if change.is_empty:
        return
    yield Line(heading=f"signatories: {list_summary(change)}; {change.unchanged} as before")
    for signatory in change.joined:
        yield Line(mark="+", label=str(signatory.number), pieces=word_changes("", signatory.printed))
    for signatory in change.withdrawn:
        yield Line(mark="−", label=str(signatory.number), pieces=word_changes(signatory.printed, ""))
    for one in change.corrected:
        yield Line(mark="~", label=number_change(one), pieces=(*_name(one), *_besides(one)))
    for one in change.renumbered:
        yield Line(mark="#", label=number_change(one), pieces=word_changes(one.after.printed, one.after.printed))
    if change.reused:
        numbers = ", ".join(map(str, change.reused))
        yield Line(mark="!", label="given to somebody else:", pieces=word_changes(numbers, numbers))


def _name(one: Corrected) -> tuple[Piece, ...]:
    return word_changes(one.before.printed, one.after.printed)


def _besides(one: Corrected) -> Iterator[Piece]:
    """What else changed of a signatory, after the name."""
    values = {
        "language": (one.before.lang, one.after.lang),
        "kind": (one.before.kind, one.after.kind),
        "note": (one.before.note, one.after.note),
    }
    told = [
        f"{what} {before or '—'} → {after or '—'}" if before != after else f"{what} of a part"
        for what, (before, after) in values.items()
        if what in one.changed
    ]
    if told:
        yield Piece(edit=Edit.KEPT, text=f"  ({'; '.join(told)})")


def _values(heading: str, changes: tuple[ValueChange, ...]) -> Iterator[Line]:
    if changes:
        yield Line(heading=heading)
    for one in changes:
        mark = "+" if not one.before else "−" if not one.after else "~"
        yield Line(mark=mark, label=one.name, pieces=whole_change(one.before, one.after))


def whole_change(before: str, after: str) -> tuple[Piece, ...]:
    """A value and the one that took its place, each as a whole."""
    pieces = (Piece(edit=Edit.REMOVED, text=before), Piece(edit=Edit.ADDED, text=after))
    return tuple(piece for piece in pieces if piece.text)


def _version(version: VersionChange) -> Iterator[Line]:
    if version.is_empty:
        return
    told = version_summary(version)
    yield Line(heading=told if version.change else f"{told}; {version.unchanged} as before")
    if version.change:
        yield Line(mark=MARKS[version.change], label="title", pieces=version.title)
        return
    if version.title_changed:
        yield Line(mark="~", label="title", pieces=version.title)
    for one in version.paragraphs:
        yield Line(mark=MARKS[one.change], label=place(one), pieces=(*shortened(one.pieces), *_manner(one)))


def place(one: ParagraphChange) -> str:
    """Which paragraph: its number now, or before."""
    if one.change is Change.MOVED:
        return f"¶{one.before} → ¶{one.after}"
    return f"¶{one.after or one.before}"


def _manner(one: ParagraphChange) -> Iterator[Piece]:
    if one.manner:
        yield Piece(edit=Edit.KEPT, text=f"  (changed: {', '.join(one.manner)})")


def _decisions(changes: tuple[DecisionChange, ...]) -> Iterator[Line]:
    if changes:
        yield Line(heading="decisions")
    for one in changes:
        decision = one.after or one.before
        assert decision is not None
        printed = (one.before.printed if one.before else None, one.after.printed if one.after else None)
        says = "; ".join((decision.why, f"by {decision.by}, {decision.when.isoformat()}"))
        pieces = (*whole_change(printed[0] or "", printed[1] or ""), Piece(edit=Edit.KEPT, text=f"  ({says})"))
        yield Line(mark=MARKS[one.change], label=f"{decision.code}, {decision.subject}:", pieces=pieces)


def _files(changes: tuple[ValueChange, ...]) -> Iterator[Line]:
    if changes:
        yield Line(heading="what else the pages are made from")
    for one in changes:
        mark = "+" if not one.before else "−" if not one.after else "~"
        yield Line(mark=mark, label=one.name)
