"""Patches that only save time: each gives the same pages as the stock engine.

docs/performance.md says how much each saves. Without them a letter has the same bytes; a patch that does not fit the
installed WeasyPrint is left out.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from math import inf
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

import tinyhtml5
from tinyhtml5 import inputstream

from typeset.engine.loader import ChangedEngine, hold

COLUMNS_RELIED_ON = {"block.py": "9457dca0528c378f", "column.py": "83ae1a3e83596293"}
"""The files of ``weasyprint.layout`` that decide how a block depends on its place, and the start of the SHA-256 of
each: with a new dependence the kept blocks could be wrong."""

_KEPT = "typeset_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class _LaidBlock:
    """A block that was laid out as a whole: its place, its end, and what its parent got."""

    width: float
    block: Any
    shift: tuple[float, float]
    height: float
    next_page: dict[str, Any]
    margins: tuple[float, ...]
    collapses: bool


def install_columns() -> None:
    """Lay out blocks in columns once.

    Stock WeasyPrint finds the height of columns by trying: it lays out the content of a page, again for each height
    that might balance the columns, and once more with the final height. So a list of signatories is laid out three
    times or more, which was a third of the time of rendering. A block that was laid out as a whole is kept with its
    box, and moved when the next try needs it in another place; these boxes are kept only until the columns of the page
    are finished.

    A block is kept only if its layout depends only on its width, and moved only if it fits as a whole: blocks that
    break, float, are positioned, or collapse with a margin above are laid out by the stock function each time.

    Raises `ChangedEngine` if a file has changed.
    """
    from weasyprint.layout import block

    if getattr(block.block_level_layout, "keeps_blocks", False):
        return
    folder = Path(block.__file__).parent
    for name, digest in COLUMNS_RELIED_ON.items():
        if file_digest(folder / name) != digest:
            raise ChangedEngine(f"weasyprint/layout/{name} has changed")
    block.block_level_layout = _columns_around(block.block_level_layout)


def uninstall_columns() -> None:
    """Put the stock function back."""
    from weasyprint.layout import block

    block.block_level_layout = getattr(block.block_level_layout, "stock", block.block_level_layout)


def file_digest(path: Path) -> str:
    """The digest of a file, for the guard."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _columns_around(stock: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(stock)
    def block_level_layout(
        context: Any,
        box: Any,
        bottom_space: float,
        skip_stack: Any,
        containing_block: Any,
        page_is_empty: bool = True,
        absolute_boxes: Any = None,
        fixed_boxes: Any = None,
        adjoining_margins: Any = None,
        first_letter_style: Any = None,
        first_line_style: Any = None,
        discard: bool = False,
        max_lines: Any = None,
    ) -> Any:
        left, top = box.position_x, box.position_y
        ours = (
            getattr(containing_block, "is_column", False)
            and skip_stack is None
            and not (first_letter_style or first_line_style or discard or any(adjoining_margins or ()))
            and max_lines is None
            and not (context.footnotes or context.excluded_shapes)
        )
        kept: _LaidBlock | None = vars(box).get(_KEPT) if ours else None
        if (
            kept
            and kept.width == containing_block.width
            and not context.overflows_page(bottom_space, top + kept.height)
        ):
            block = kept.block
            block.translate(left + kept.shift[0] - block.position_x, top + kept.shift[1] - block.position_y)
            return block, None, dict(kept.next_page), list(kept.margins), kept.collapses, None
        result = stock(
            context, box, bottom_space, skip_stack, containing_block, page_is_empty, absolute_boxes, fixed_boxes,
            adjoining_margins, first_letter_style, first_line_style, discard, max_lines,
        )  # fmt: skip
        block, resume_at, next_page, margins, collapses, _ = result
        if ours and block is not None and resume_at is None and _stands_alone(box):
            shift = (block.position_x - left, block.position_y - top)
            height = shift[1] + block.margin_height()
            if not context.overflows_page(bottom_space, top + height):
                kept = _LaidBlock(
                    width=containing_block.width,
                    block=block,
                    shift=shift,
                    height=height,
                    next_page=dict(next_page),
                    margins=tuple(margins),
                    collapses=collapses,
                )
                setattr(box, _KEPT, kept)
        return result

    block_level_layout.keeps_blocks = True  # type: ignore[attr-defined]
    block_level_layout.stock = stock  # type: ignore[attr-defined]
    return block_level_layout


def _stands_alone(box: Any) -> bool:
    """Whether a block has only lines, and their height: its layout depends only on its width."""
    from weasyprint.formatting_structure import boxes

    known = (boxes.BlockBox, boxes.LineBox, boxes.InlineBox, boxes.TextBox, boxes.InlineBlockBox)
    return box.style["position"] == "static" and all(
        type(inside) in known
        and inside.is_in_normal_flow()
        and (not isinstance(inside, boxes.BlockBox) or _is_plain(inside))
        for inside in box.descendants()
    )


def _is_plain(block: Any) -> bool:
    style = block.style
    return bool(
        style["height"] == "auto"
        and style["max_height"].value == inf
        and style["clear"] == "none"
        # With ::first-letter and ::first-line a layout changes the box for the next layout.
        and block.first_letter_style is block.first_line_style is None
        and style["column_width"] == style["column_count"] == "auto"
    )


FLOW_RELIED_ON = {
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


def install_flow() -> None:
    """Find boxes in flow, and the pages of the first and last of them, in fewer steps.

    A box that floats, is positioned absolutely, is a running element or a note is out of flow. The stock method checks
    these one after the other, but ``float`` and ``position`` decide all five. The pages of a box are those of its first
    and its last child in flow; for each of them the stock method goes through all children, at every break between two
    boxes.

    Raises `ChangedEngine` if code that this relies on has changed.
    """
    from weasyprint.formatting_structure import boxes

    if boxes.Box.is_in_normal_flow is is_in_normal_flow:
        return
    hold(
        {name: attrgetter(name)(boxes) for name in FLOW_RELIED_ON},
        FLOW_RELIED_ON,
        "weasyprint.formatting_structure.boxes",
    )
    for owner, ours in ((boxes.Box, is_in_normal_flow), (boxes.ParentBox, page_values)):
        vars(ours)["stock"] = getattr(owner, ours.__name__)
        setattr(owner, ours.__name__, ours)


def uninstall_flow() -> None:
    """Put the stock methods back."""
    from weasyprint.formatting_structure import boxes

    for owner, ours in ((boxes.Box, is_in_normal_flow), (boxes.ParentBox, page_values)):
        setattr(owner, ours.__name__, vars(ours).get("stock", getattr(owner, ours.__name__)))


def is_in_normal_flow(box: Any) -> bool:
    """``Box.is_in_normal_flow``."""
    style = box.style
    return style["float"] == "none" and style["position"] in _POSITIONS


def page_values(box: Any) -> tuple[Any, Any]:
    """``ParentBox.page_values``: the named pages on which a box begins and ends."""
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
"""Functions of ``weasyprint.layout.percent`` that resolve lengths, and the start of the SHA-256 of each."""

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
"""The attributes that the stock function sets on a box."""

_said = itemgetter(*LENGTHS, "box_sizing", "border_collapse")
_resolved = itemgetter(*LENGTHS)

MOST = 20_000
"""The most results that are kept."""


def install_lengths() -> None:
    """Resolve margins, paddings, borders and sizes of boxes once for each style and measure.

    Stock WeasyPrint resolves eighteen lengths of every box each time it lays it out. In a list nearly all boxes have
    the same styles and the same measure. The result depends only on the lengths in the style and on what they refer to,
    so results are kept by these.

    Raises `ChangedEngine` if code that this relies on has changed.
    """
    from weasyprint.layout import percent

    hold({name: getattr(percent, name) for name in LENGTHS_RELIED_ON}, LENGTHS_RELIED_ON, "weasyprint.layout.percent")
    ours = _lengths_around(percent.resolve_percentages)
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


def _lengths_around(stock: Callable[..., Any]) -> Callable[..., Any]:
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
        except TypeError:  # a value that cannot be hashed is resolved each time
            stock(box, containing_block)
            return
        if answer is None:
            stock(box, containing_block)
            # A function in a style can depend on more than its lengths; collapsing borders depend on the table.
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
"""The code for a document's style sheets (WeasyPrint) and for their rules (cssselect2), and the start of the SHA-256
of each."""

_MENTIONED = re.compile(r"footnote|note\(", re.IGNORECASE)


def check_notes() -> None:
    """Raises `ChangedEngine` if code that this relies on has changed."""
    from cssselect2 import Matcher
    from weasyprint import HTML

    hold({"HTML._ua_stylesheets": HTML._ua_stylesheets, "Matcher.add_selector": Matcher.add_selector}, NOTES_RELIED_ON)


def leave_out_notes(document: Any, html: str) -> None:
    """Leave out styles for footnotes if the text of a document has no footnotes.

    WeasyPrint's style sheet styles the call and the marker of a note for every element, since any may become a note.
    These are five more computed styles for each element, a tenth of the time of rendering a list. A page whose markup
    and styles do not mention notes cannot have one.
    """
    stock = document._ua_stylesheets
    if not _MENTIONED.search(html):
        document._ua_stylesheets = lambda forms=False: [_without_notes(sheet) for sheet in stock(forms)]


def _without_notes(sheet: Any) -> Any:
    """The sheet without rules for notes of any element. An entry is (test, specificity, order, pseudo-element,
    declarations)."""
    lean = copy(sheet)
    lean.matcher = copy(sheet.matcher)
    lean.matcher.other_selectors = [entry for entry in sheet.matcher.other_selectors if entry[3] not in PSEUDO]
    return lean


KEPT = "characters_until_regex"
"""The mapping in ``tinyhtml5.inputstream``. If it is gone, this patch has no effect."""


class Patterns(dict[tuple[Iterable[str], bool], "re.Pattern[str]"]):
    """Patterns for text without certain characters, or with only these."""

    def __missing__(self, key: tuple[Iterable[str], bool]) -> re.Pattern[str]:
        characters, only = key
        pattern = self[key] = re.compile(f"[{'' if only else '^'}{''.join(map(re.escape, characters))}]+")
        return pattern


def parse(html: str) -> Any:
    """Parse HTML in half the time; returns the root element, with elements without a namespace.

    tinyhtml5 keeps a regular expression for each set of characters, but under a key that it never looks up again, so it
    makes a new one for nearly every tag and attribute. Its mapping is replaced by one with the right keys, which makes
    missing patterns; WeasyPrint's own parsing becomes faster, too.
    """
    if not isinstance(getattr(inputstream, KEPT, None), Patterns):
        setattr(inputstream, KEPT, Patterns())
    # A short string could be taken for a file name.
    return tinyhtml5.parse(io.StringIO(html), namespace_html_elements=False)


SHARING_RELIED_ON = {"find_style_attributes": "c5b4eb4d3c008b07", "StyleFor": "dac5a13261681453"}
"""The code that makes and compares declarations in ``weasyprint.css``, and the start of the SHA-256 of each."""


def install_sharing() -> None:
    """Share one style between all elements with the same ``lang`` attribute.

    WeasyPrint gives elements with the same rules one computed style, unless they have attributes that count as style.
    ``lang`` is such an attribute, and each element gets its own declaration for it. So in a list in which every name
    has its language, no two names share a style, and no elements inside them: an eighth of the time of rendering. With
    one declaration for each language they share it.

    Raises `ChangedEngine` if code that this relies on has changed.
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
            # Elements are compared only by their last attribute: one with a style attribute is left unchanged.
            if _is_language(declarations) and not element.get("style"):
                declarations = kept.setdefault(element.get("lang"), declarations)
            yield specificity, element, declarations, base_url

    vars(find_style_attributes)["stock"] = stock
    return find_style_attributes


def _is_language(declarations: Any) -> bool:
    return len(declarations) == 1 and getattr(declarations[0], "name", "") == "-weasy-lang"
