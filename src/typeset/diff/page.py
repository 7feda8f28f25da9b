"""A difference as one self-contained page, to be sent to people who decide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup, escape

from typeset.diff.difference import Difference, State
from typeset.diff.pages import Pages
from typeset.diff.paragraphs import Change
from typeset.diff.signatories import Corrected
from typeset.diff.telling import number_change, place, summary
from typeset.diff.words import Edit, Piece, word_changes
from typeset.sheet import fill_sheet

_TEMPLATE = Path(__file__).with_name("difference.html.j2")
_PARTS = {
    "paragraph": "paragraph",
    "item": "list item",
    "recipients": "addressees",
    "signatories": "list of signatories",
}


def difference_page(
    difference: Difference,
    before: State,
    after: State,
    pages: Mapping[str, Pages],
    *,
    generator: str,
    remarks: tuple[str, ...] = (),
) -> bytes:
    """The page, in HTML. ``pages`` are those of each language version; ``remarks`` stand at the top as warnings."""
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
        "besides": _besides,
        "place": place,
        "part": lambda one: _PARTS.get(one.part, one.part),
        "Change": Change,
    }
    return fill_sheet(_TEMPLATE, values)


def marked(pieces: tuple[Piece, ...]) -> Markup:
    """Text with its changes as ``<ins>`` and ``<del>``, which say what they are to those who hear the page too."""
    content = Markup()
    for piece in pieces:
        text = escape(piece.text).replace("\n", Markup("<br>"))
        match piece.edit:
            case Edit.ADDED:
                content += Markup(
                    '<ins><span class="unseen">[added: </span>{}<span class="unseen">]</span></ins>'
                ).format(text)
            case Edit.REMOVED:
                content += Markup(
                    '<del><span class="unseen">[removed: </span>{}<span class="unseen">]</span></del>'
                ).format(text)
            case _:
                content += text
    return content


def name_marked(one: Corrected) -> Markup:
    """A corrected name with what was taken out and put in."""
    return marked(word_changes(one.before.printed, one.after.printed))


def _besides(one: Corrected) -> list[tuple[str, str, str]]:
    """What else changed of a signatory: what, before, after."""
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
