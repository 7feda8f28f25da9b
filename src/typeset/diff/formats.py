"""A comparison as lines for a terminal, as a page, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from typeset.diff.comparison import (
    Change,
    Corrected,
    Decided,
    DecisionChange,
    Difference,
    LetterState,
    ListChange,
    ParagraphChange,
    ValueChange,
    VersionChange,
)
from typeset.diff.page_marks import ComparedPages
from typeset.diff.word_diff import TextPiece, WordEdit, word_changes
from typeset.model import Signatory
from typeset.page_style import fill_sheet

MARKS = {Change.ADDED: "+", Change.REMOVED: "−", Change.CHANGED: "~", Change.MOVED: "↕"}
_CONTEXT = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One line: a heading, or an entry with its mark, its subject, and the text with its changes."""

    heading: str = ""
    mark: str = ""
    label: str = ""
    pieces: tuple[TextPiece, ...] = ()


def tell(difference: Difference) -> Iterator[ReportLine]:
    """Everything that changed, as lines."""
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
    """``12 joined, 1 withdrawn``; empty when the list is the same."""
    counted = {
        "joined": change.joined,
        "withdrawn": change.withdrawn,
        "corrected": change.corrected,
        "renumbered": change.renumbered,
    }
    return ", ".join(f"{len(many)} {what}" for what, many in counted.items() if many)


def version_summary(version: VersionChange) -> str:
    """``2 paragraphs changed, 1 added in en``; empty when it is the same."""
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


def shortened(pieces: Iterable[TextPiece]) -> tuple[TextPiece, ...]:
    """Pieces with long unchanged parts shortened to the text around the changes."""
    found = tuple(pieces)
    return tuple(
        TextPiece(edit=piece.edit, text=_cut(piece.text, first=place == 0, last=place == len(found) - 1))
        if piece.edit is WordEdit.KEPT
        else piece
        for place, piece in enumerate(found)
    )


def _cut(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * _CONTEXT or (first and last):
        return text
    before, after = text[-_CONTEXT:], text[:_CONTEXT]
    if first:
        return f"…{before}"
    if last:
        return f"{after}…"
    return f"{after}…{before}"


def _signatories(change: ListChange) -> Iterator[ReportLine]:
    if change.is_empty:
        return
    yield ReportLine(heading=f"signatories: {list_summary(change)}; {change.unchanged} as before")
    for signatory in change.joined:
        yield ReportLine(mark="+", label=str(signatory.number), pieces=word_changes("", signatory.printed))
    for signatory in change.withdrawn:
        yield ReportLine(mark="−", label=str(signatory.number), pieces=word_changes(signatory.printed, ""))
    for one in change.corrected:
        yield ReportLine(mark="~", label=number_change(one), pieces=(*_name(one), *_besides(one)))
    for one in change.renumbered:
        yield ReportLine(mark="#", label=number_change(one), pieces=word_changes(one.after.printed, one.after.printed))
    if change.reused:
        numbers = ", ".join(map(str, change.reused))
        yield ReportLine(mark="!", label="given to somebody else:", pieces=word_changes(numbers, numbers))


def _name(one: Corrected) -> tuple[TextPiece, ...]:
    return word_changes(one.before.printed, one.after.printed)


def _besides(one: Corrected) -> Iterator[TextPiece]:
    """What else changed in a signatory, after the name."""
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
        yield TextPiece(edit=WordEdit.KEPT, text=f"  ({'; '.join(told)})")


def _values(heading: str, changes: tuple[ValueChange, ...]) -> Iterator[ReportLine]:
    if changes:
        yield ReportLine(heading=heading)
    for one in changes:
        mark = "+" if not one.before else "−" if not one.after else "~"
        yield ReportLine(mark=mark, label=one.name, pieces=whole_change(one.before, one.after))


def whole_change(before: str, after: str) -> tuple[TextPiece, ...]:
    """A value and the one that replaced it, each as a whole."""
    pieces = (TextPiece(edit=WordEdit.REMOVED, text=before), TextPiece(edit=WordEdit.ADDED, text=after))
    return tuple(piece for piece in pieces if piece.text)


def _version(version: VersionChange) -> Iterator[ReportLine]:
    if version.is_empty:
        return
    told = version_summary(version)
    yield ReportLine(heading=told if version.change else f"{told}; {version.unchanged} as before")
    if version.change:
        yield ReportLine(mark=MARKS[version.change], label="title", pieces=version.title)
        return
    if version.title_changed:
        yield ReportLine(mark="~", label="title", pieces=version.title)
    for one in version.paragraphs:
        yield ReportLine(mark=MARKS[one.change], label=place(one), pieces=(*shortened(one.pieces), *_manner(one)))


def place(one: ParagraphChange) -> str:
    """Which paragraph: its number after the change, or before."""
    if one.change is Change.MOVED:
        return f"¶{one.before} → ¶{one.after}"
    return f"¶{one.after or one.before}"


def _manner(one: ParagraphChange) -> Iterator[TextPiece]:
    if one.manner:
        yield TextPiece(edit=WordEdit.KEPT, text=f"  (changed: {', '.join(one.manner)})")


def _decisions(changes: tuple[DecisionChange, ...]) -> Iterator[ReportLine]:
    if changes:
        yield ReportLine(heading="decisions")
    for one in changes:
        decision = one.after or one.before
        assert decision is not None
        printed = (one.before.printed if one.before else None, one.after.printed if one.after else None)
        says = "; ".join((decision.why, f"by {decision.by}, {decision.when.isoformat()}"))
        pieces = (*whole_change(printed[0] or "", printed[1] or ""), TextPiece(edit=WordEdit.KEPT, text=f"  ({says})"))
        yield ReportLine(mark=MARKS[one.change], label=f"{decision.code}, {decision.subject}:", pieces=pieces)


def _files(changes: tuple[ValueChange, ...]) -> Iterator[ReportLine]:
    if changes:
        yield ReportLine(heading="what else the pages are made from")
    for one in changes:
        mark = "+" if not one.before else "−" if not one.after else "~"
        yield ReportLine(mark=mark, label=one.name)


_TEMPLATE = Path(__file__).with_name("difference.html.j2")
_PARTS = {
    "paragraph": "paragraph",
    "item": "list item",
    "recipients": "addressees",
    "signatories": "list of signatories",
}


def difference_page(
    difference: Difference,
    before: LetterState,
    after: LetterState,
    pages: Mapping[str, ComparedPages],
    *,
    generator: str,
    remarks: tuple[str, ...] = (),
) -> bytes:
    """The page, in HTML. ``pages`` are those of each language version; ``remarks`` are warnings at the top."""
    values = {
        "generator": generator,
        "difference": difference,
        "before": before,
        "after": after,
        "pages": pages,
        "remarks": remarks,
        "summary": summary(difference),
        "marked": marked,
        "name_marked": name_marked,
        "number_change": number_change,
        "besides": _page_besides,
        "place": place,
        "part": lambda one: _PARTS.get(one.part, one.part),
        "Change": Change,
    }
    return fill_sheet(_TEMPLATE, values)


def marked(pieces: tuple[TextPiece, ...]) -> Markup:
    """Text with its changes as ``<ins>`` and ``<del>``, with words that a screen reader reads for each."""
    content = Markup()
    for piece in pieces:
        text = escape(piece.text).replace("\n", Markup("<br>"))
        match piece.edit:
            case WordEdit.ADDED:
                content += Markup(
                    '<ins><span class="unseen">[added: </span>{}<span class="unseen">]</span></ins>'
                ).format(text)
            case WordEdit.REMOVED:
                content += Markup(
                    '<del><span class="unseen">[removed: </span>{}<span class="unseen">]</span></del>'
                ).format(text)
            case _:
                content += text
    return content


def name_marked(one: Corrected) -> Markup:
    """A corrected name with what was removed and added."""
    return marked(word_changes(one.before.printed, one.after.printed))


def _page_besides(one: Corrected) -> list[tuple[str, str, str]]:
    """What else changed in a signatory: what, before, after."""
    values = {
        "number": (str(one.before.number), str(one.after.number)),
        "language": (one.before.lang, one.after.lang),
        "kind": (str(one.before.kind), str(one.after.kind)),
        "note": (one.before.note, one.after.note),
    }
    told = []
    for what, (before, after) in values.items():
        if what in one.changed:
            told.append((what, before, after) if before != after else (f"{what} of a part of the name", "", ""))
    return told


def as_data(difference: Difference) -> dict[str, Any]:
    """Everything that changed, as values for JSON."""
    change = difference.signatories
    return {
        "before": difference.before,
        "after": difference.after,
        "changed": not difference.is_empty,
        "summary": summary(difference),
        "signatories": {
            "joined": [_signatory(one) for one in change.joined],
            "withdrawn": [_signatory(one) for one in change.withdrawn],
            "corrected": [_corrected(one) for one in change.corrected],
            "renumbered": [_corrected(one) for one in change.renumbered],
            "numbers_given_to_others": list(change.reused),
            "unchanged": change.unchanged,
        },
        "counts": _data_values(difference.counts),
        "versions": [_data_version(version) for version in difference.versions],
        "recipients": _data_values(difference.recipients),
        "settings": _data_values(difference.settings),
        "decisions": [
            {"change": str(one.change), "before": _decision(one.before), "after": _decision(one.after)}
            for one in difference.decisions
        ],
        "files": _data_values(difference.files),
    }


def _signatory(one: Signatory) -> dict[str, Any]:
    return {"number": one.number, "name": one.printed, "lang": one.lang, "kind": str(one.kind), "note": one.note}


def _corrected(one: Corrected) -> dict[str, Any]:
    return {"changed": list(one.changed), "before": _signatory(one.before), "after": _signatory(one.after)}


def _data_values(changes: Iterable[ValueChange]) -> list[dict[str, Any]]:
    return [{"name": one.name, "before": one.before or None, "after": one.after or None} for one in changes]


def _data_version(version: VersionChange) -> dict[str, Any]:
    return {
        "lang": version.lang,
        "change": str(version.change) if version.change else None,
        "title": _pieces(version.title),
        "unchanged": version.unchanged,
        "paragraphs": [
            {
                "change": str(one.change),
                "part": one.part,
                "before": one.before or None,
                "after": one.after or None,
                "text": _pieces(one.pieces),
                "manner": list(one.manner),
            }
            for one in version.paragraphs
        ],
    }


def _pieces(pieces: Iterable[TextPiece]) -> list[dict[str, str]]:
    return [{"edit": str(piece.edit), "text": piece.text} for piece in pieces]


def _decision(decision: Decided | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "code": decision.code,
        "subject": decision.subject,
        "evidence": decision.evidence,
        "printed": decision.printed,
        "by": decision.by,
        "when": decision.when.isoformat(),
        "why": decision.why,
    }
