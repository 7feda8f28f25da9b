"""Which boxes are in flow, and the pages their first and last ask for, found in fewer steps.

A box that floats, is positioned absolutely, runs or is a note is out of flow. The stock method asks for one after the
other; all five are what ``float`` and ``position`` say. The pages that a box asks for are those of its first and its
last child in flow, for each of which the stock method goes through all children, at every break between two boxes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from functools import wraps
from importlib import import_module
from operator import attrgetter, itemgetter
from typing import Any

import tinyhtml5
from tinyhtml5 import inputstream

from typeset.engine.loader import hold

RELIED_ON = {
    "Box.is_in_normal_flow": "5f49d6ab23da7e51",
    "Box.is_floated": "6e6071b81868ea92",
    "Box.is_footnote": "3550ea0c86860187",
    "Box.is_note": "2651f1110437e2e3",
    "Box.is_absolutely_positioned": "397e0c33b3087681",
    "Box.is_running": "1c451d5c39f4a663",
    "Box.page_values": "b788b7536da4b528",
    "ParentBox.page_values": "9bcfda076d1961e6",
}
"""Methods in ``weasyprint.formatting_structure.boxes``, and the start of the SHA-256 of each."""

_POSITIONS = frozenset({"static", "relative"})


def install() -> None:
    """Replace the methods, once. Raises `ChangedEngine` when one relied on is not the known one."""
    from weasyprint.formatting_structure import boxes

    if boxes.Box.is_in_normal_flow is is_in_normal_flow:
        return
    hold({name: attrgetter(name)(boxes) for name in RELIED_ON}, RELIED_ON, "weasyprint.formatting_structure.boxes")
    for owner, ours in ((boxes.Box, is_in_normal_flow), (boxes.ParentBox, page_values)):
        vars(ours)["stock"] = getattr(owner, ours.__name__)
        setattr(owner, ours.__name__, ours)


def uninstall() -> None:
    """Put the stock methods back."""
    from weasyprint.formatting_structure import boxes

    for owner, ours in ((boxes.Box, is_in_normal_flow), (boxes.ParentBox, page_values)):
        setattr(owner, ours.__name__, vars(ours).get("stock", getattr(owner, ours.__name__)))


def is_in_normal_flow(box: Any) -> bool:
    """``Box.is_in_normal_flow``."""
    style = box.style
    return style["float"] == "none" and style["position"] in _POSITIONS


def page_values(box: Any) -> tuple[Any, Any]:
    """``ParentBox.page_values``: the pages that a box wants to begin and to end on."""
    start = end = box.style["page"]
    first = next(filter(_breaks, box.children), None)
    if first is not None:
        last = next(filter(_breaks, reversed(box.children)))
        of_first = first.page_values()
        of_last = of_first if last is first else last.page_values()
        start, end = of_first[0] or start, of_last[1] or end
    return start, end


def _breaks(child: Any) -> bool:
    return bool(child.is_in_normal_flow() or child.is_floated())


LENGTHS_RELIED_ON = {
    "resolve_percentages": "71673078096fcf87",
    "resolve_one_percentage": "4cfaa9ad134e4f7b",
    "percentage": "ebe404ccd9da50bf",
    "adjust_box_sizing": "88f3351db0280d16",
}
"""Functions of ``weasyprint.layout.percent`` that say what decides a length, and the start of the SHA-256 of each."""

CALLERS = ("block", "inline", "column")
"""Modules of ``weasyprint.layout`` that lay out most boxes."""

_SIDES = ("top", "right", "bottom", "left")
_SIZES = ("width", "min_width", "max_width", "height", "min_height", "max_height")
LENGTHS = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *(f"border_{side}_width" for side in _SIDES),
    *_SIZES,
)
"""What the stock function sets on a box."""

_said = itemgetter(*LENGTHS, "box_sizing", "border_collapse")
_resolved = itemgetter(*LENGTHS)

MOST = 20_000
"""Answers that are kept at a time."""


def install_lengths() -> None:
    """Wrap the function that resolves lengths, once. Raises `ChangedEngine` when one relied on is not the known one."""
    from weasyprint.layout import percent

    hold({name: getattr(percent, name) for name in LENGTHS_RELIED_ON}, LENGTHS_RELIED_ON, "weasyprint.layout.percent")
    ours = _around(percent.resolve_percentages)
    for module in map(_module, CALLERS):
        if module.resolve_percentages is percent.resolve_percentages:
            module.resolve_percentages = ours


def uninstall_lengths() -> None:
    """Put the stock function back."""
    from weasyprint.layout import percent

    for module in map(_module, CALLERS):
        module.resolve_percentages = percent.resolve_percentages


def _module(name: str) -> Any:
    return import_module(f"weasyprint.layout.{name}")


def _around(stock: Callable[..., Any]) -> Callable[..., Any]:
    from weasyprint.css.properties import Dimension
    from weasyprint.formatting_structure import boxes

    kept: dict[Any, dict[str, Any]] = {}
    plain = (Dimension, str, int, float)

    @wraps(stock)
    def resolve_percentages(box: Any, containing_block: Any) -> None:
        if isinstance(containing_block, boxes.Box):
            measure = containing_block.width, containing_block.height
        else:
            measure = tuple(containing_block)
        said = _said(box.style)
        try:
            answer = kept.get((said, measure))
        except TypeError:  # what cannot be hashed is worked out each time
            stock(box, containing_block)
            return
        if answer is None:
            stock(box, containing_block)
            # A function in a style takes more than the style's lengths into account; collapsing borders, the table.
            if all(isinstance(value, plain) for value in said) and "collapse" not in said:
                if len(kept) >= MOST:
                    kept.clear()
                kept[said, measure] = dict(zip(LENGTHS, _resolved(vars(box)), strict=True))
        else:
            vars(box).update(answer)

    return resolve_percentages


PSEUDO = frozenset({"footnote-call", "footnote-marker", "note-call", "note-marker", "note-callback"})
"""Pseudo-elements that only a note has."""

NOTES_RELIED_ON = {"HTML._ua_stylesheets": "4fadfde9d15075b2", "Matcher.add_selector": "8c7e42c95ad424b9"}
"""What gives a document its style sheets (WeasyPrint) and keeps the rules of one (cssselect2), and the start of the
SHA-256 of each.
"""

_MENTIONED = re.compile(r"footnote|note\(", re.IGNORECASE)


def check() -> None:
    """Raises `ChangedEngine` when something relied on is not the known one."""
    from cssselect2 import Matcher
    from weasyprint import HTML

    hold({"HTML._ua_stylesheets": HTML._ua_stylesheets, "Matcher.add_selector": Matcher.add_selector}, NOTES_RELIED_ON)


def leave_out(document: Any, html: str) -> None:
    """Let a document of WeasyPrint do without styles for notes where its text mentions none."""
    stock = document._ua_stylesheets
    if not _MENTIONED.search(html):
        document._ua_stylesheets = lambda forms=False: [_without_notes(sheet) for sheet in stock(forms)]


def _without_notes(sheet: Any) -> Any:
    """The sheet but for rules that style the notes of just any element. An entry is (test, specificity, order,
    pseudo-element, declarations).
    """
    lean = copy(sheet)
    lean.matcher = copy(sheet.matcher)
    lean.matcher.other_selectors = [entry for entry in sheet.matcher.other_selectors if entry[3] not in PSEUDO]
    return lean


KEPT = "characters_until_regex"
"""The mapping in ``tinyhtml5.inputstream``. Where it has gone there is nothing to gain, and nothing is lost."""


class Patterns(dict[tuple[Iterable[str], bool], "re.Pattern[str]"]):
    """The pattern for a stretch without certain characters, or of no others."""

    def __missing__(self, key: tuple[Iterable[str], bool]) -> re.Pattern[str]:
        characters, only = key
        pattern = self[key] = re.compile(f"[{'' if only else '^'}{''.join(map(re.escape, characters))}]+")
        return pattern


def parse(html: str) -> Any:
    """The root of a document, its elements without a namespace."""
    if not isinstance(getattr(inputstream, KEPT, None), Patterns):
        setattr(inputstream, KEPT, Patterns())
    # As a string, what is short would be taken for the name of a file first.
    return tinyhtml5.parse(io.StringIO(html), namespace_html_elements=False)


SHARING_RELIED_ON = {"find_style_attributes": "c5b4eb4d3c008b07", "StyleFor": "dac5a13261681453"}
"""What makes the declarations and what compares them, in ``weasyprint.css``, and the start of the SHA-256 of each."""


def install_sharing() -> None:
    """Wrap the function that makes declarations of attributes, once.

    Raises `ChangedEngine` when something relied on is not the known one.
    """
    from weasyprint import css

    hold({name: getattr(css, name) for name in SHARING_RELIED_ON}, SHARING_RELIED_ON, "weasyprint.css")
    if not hasattr(css.find_style_attributes, "stock"):
        css.find_style_attributes = _sharing_around(css.find_style_attributes)


def uninstall_sharing() -> None:
    """Put the stock function back."""
    from weasyprint import css

    css.find_style_attributes = getattr(css.find_style_attributes, "stock", css.find_style_attributes)


def _sharing_around(stock: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(stock)
    def find_style_attributes(tree: Any, *rest: Any, **options: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
        kept: dict[str, Any] = {}
        for specificity, element, declarations, base_url in stock(tree, *rest, **options):
            # Elements are compared by the last of their attributes alone: one with a style stays what it is.
            if _is_language(declarations) and not element.get("style"):
                declarations = kept.setdefault(element.get("lang"), declarations)
            yield specificity, element, declarations, base_url

    vars(find_style_attributes)["stock"] = stock
    return find_style_attributes


def _is_language(declarations: Any) -> bool:
    return len(declarations) == 1 and getattr(declarations[0], "name", "") == "-weasy-lang"
