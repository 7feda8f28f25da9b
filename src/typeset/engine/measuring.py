"""From WeasyPrint's boxes to a paragraph in numbers: each text is shaped once, for all of its lines.

To be imported only when WeasyPrint is (``engine.weasyprint.load`` closes its font world first).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.text.ffi import ffi
from weasyprint.text.line_break import get_log_attrs

from typeset.engine.glyphs import shape
from typeset.engine.kinsoku import line_ends
from typeset.engine.lines import Paragraph, Span
from typeset.engine.marks import OBJECT, Marks, marks_for
from typeset.engine.spacing import (
    Cells,
    set_marks_together,
    space_han_and_western,
    widen_interpuncts,
    without_narrow_marks,
)

PROPERTY = "__typeset_cjk"
"""How WeasyPrint keeps the custom property ``--typeset-cjk`` in a computed style."""

AUTOSPACE, TRIM, JUSTIFY = "autospace", "trim", "justify"

# The blocks of scripts that are set in squares. What has none of them is left to the stock engine at once.
_EAST_ASIAN = re.compile(
    "[\u2e80-\u303f\u3041-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]"
)
# Right-to-left scripts, controls that the stock engine acts on, soft hyphens.
_NOT_OURS = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\u0000-\u0009\u000b-\u001f\u0085\u00ad\u2028\u2029\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


@dataclass(slots=True)
class Piece:
    """The text of one box in a paragraph: its offsets, its layout, and what a line of it looks like."""

    start: int
    end: int
    layout: Any = None
    height: float = 0.0
    baseline: float = 0.0
    flow: Flow | None = None


@dataclass(slots=True)
class Flow:
    """A line box before it is broken: its paragraph, the pieces by offset, and the line being made of it."""

    children: Any
    paragraph: Paragraph
    span: Span | None = None


@dataclass(slots=True)
class _Gathered:
    """What is found on the way through a line box."""

    marks: Marks
    pieces: list[Piece] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    marks_of: list[Marks] = field(default_factory=list)
    em: list[float] = field(default_factory=list)
    advance: list[float] = field(default_factory=list)
    spacing: list[float] = field(default_factory=list)
    word_spacing: list[tuple[int, float]] = field(default_factory=list)
    edges: list[tuple[int, bool, float]] = field(default_factory=list)
    joined: set[int] = field(default_factory=set)
    length: int = 0


class NotOurs(Exception):
    """Something in the line that is left to the stock engine."""


def keywords(style: Any) -> frozenset[str]:
    """What a style asks for with ``--typeset-cjk``; nothing where it is absent or ``none``."""
    value = style[PROPERTY]
    return frozenset(token.lower_value for token in value if token.type == "ident") - {"none"} if value else frozenset()


def flow_of(line_box: Any) -> Flow | None:
    """The flow of a line box that the style sheet wants set as East Asian text; none for all others.

    Kept with the box, since a box is broken line by line and often more than once.
    """
    known = line_box.__dict__.get("typeset_flow", False)
    if known is None or (known and known.children is line_box.children):
        return known
    flow = line_box.typeset_flow = _make_flow(line_box)
    return flow


def _make_flow(line_box: Any) -> Flow | None:
    # Asked first, for most lines of a list of names have no such character.
    if not any(map(_EAST_ASIAN.search, _texts(line_box))):
        return None
    style = line_box.style
    wanted, marks = keywords(style), marks_for(style["lang"])
    if not wanted or marks is None or style["direction"] != "ltr":
        return None
    gathered = _Gathered(marks=marks)
    try:
        _gather(line_box, gathered)
    except NotOurs:
        return None
    flow = Flow(children=line_box.children, paragraph=_paragraph(gathered, wanted, style))
    for piece in gathered.pieces:
        piece.flow = flow
    return flow


def _texts(box: Any) -> Iterator[str]:
    for child in box.children:
        if isinstance(child, boxes.TextBox):
            yield child.text
        elif isinstance(child, boxes.InlineBox):
            yield from _texts(child)


def _gather(box: Any, found: _Gathered) -> None:
    box.typeset_start = found.length
    if box.is_leader:
        raise NotOurs
    for child in box.children:
        child.typeset_start = found.length
        if not child.is_in_normal_flow():
            if child.is_floated():
                raise NotOurs
        elif isinstance(child, boxes.TextBox):
            _gather_text(child, found)
        elif isinstance(child, boxes.InlineBox):
            before, after = _edges(child)
            found.edges.append((found.length, True, before))
            _gather(child, found)
            found.edges.append((found.length - 1, False, after))
        elif isinstance(child, boxes.AtomicInlineLevelBox):
            _add(found, OBJECT, child.style, [_outer_width(child)])
        else:
            raise NotOurs
    box.typeset_end = found.length


def _gather_text(box: Any, found: _Gathered) -> None:
    text, style = box.text, box.style
    white_space = style["white_space"]
    start = found.length
    if not text or not style["font_size"]:
        box.typeset_piece = Piece(start=start, end=start)
        return
    if text == "\n" and white_space == "pre-line":
        box.typeset_piece = Piece(start=start, end=start + 1)
        _add(found, text, style, [0.0])
        return
    if white_space not in ("normal", "nowrap") or "\n" in text or _NOT_OURS.search(text):
        raise NotOurs
    shaped = shape(text, style)
    if shaped is None:
        raise NotOurs
    box.typeset_piece = piece = Piece(
        start=start,
        end=start + len(text),
        layout=shaped.layout,
        height=shaped.height,
        baseline=shaped.baseline,
    )
    found.pieces.append(piece)
    found.joined.update(start + index for index in shaped.joined)
    if white_space == "nowrap":
        found.joined.update(range(start + 1, start + len(text)))
    _add(found, text, style, shaped.advance)


def _add(found: _Gathered, text: str, style: Any, advance: list[float]) -> None:
    length = len(text)
    found.text.append(text)
    found.marks_of += [marks_for(style["lang"]) or found.marks] * length
    found.em += [style["font_size"]] * length
    found.advance += advance
    spacing = style["letter_spacing"]
    found.spacing += [0.0 if spacing == "normal" or text in (OBJECT, "\n") else spacing] * length
    if style["word_spacing"]:
        found.word_spacing += [
            (found.length + index, style["word_spacing"])
            for index, character in enumerate(text)
            if character in " \xa0"
        ]
    found.length += length


def _edges(box: Any) -> tuple[float, float]:
    """Margin, border and padding of an inline box on its left and right, in px."""
    style = box.style
    widths = []
    for side in ("left", "right"):
        width = style[f"border_{side}_width"]
        for name in (f"margin_{side}", f"padding_{side}"):
            length = style[name]
            if length == "auto":
                continue
            if getattr(length, "unit", None) != "px":
                raise NotOurs
            width += length.value
        widths.append(width)
    return widths[0], widths[1]


def _outer_width(box: Any) -> float:
    """The width of an inline block that states it."""
    style = box.style
    width = style["width"]
    limited = style["min_width"] not in ("auto", (0, "px")) or style["max_width"] != (inf, "px")
    if getattr(width, "unit", None) != "px" or limited or style["box_sizing"] != "content-box":
        raise NotOurs
    return float(width.value + sum(_edges(box)))


def _paragraph(found: _Gathered, wanted: frozenset[str], style: Any) -> Paragraph:
    text = "".join(found.text)
    length = len(text)
    classes = _classify(found)
    cells = Cells(
        text=text,
        classes=without_narrow_marks(classes, found.advance, found.em),
        marks=found.marks_of,
        em=found.em,
        advance=found.advance,
        before=[0.0] * length,
        after=[0.0] * length,
        gap=[0.0, *found.spacing[:-1]] if any(found.spacing) else [0.0] * length,
        edge_before=[0.0] * length,
        edge_after=[0.0] * length,
        inside=frozenset(found.joined),
    )
    for offset in found.joined:
        cells.gap[offset] = 0.0
    for index, width in found.word_spacing:
        cells.after[index] += width
    for index, opens, width in found.edges:
        if width and 0 <= index < length:
            (cells.edge_before if opens else cells.edge_after)[index] += width
    if AUTOSPACE in wanted:
        space_han_and_western(cells)
    if TRIM in wanted:
        widen_interpuncts(cells)
        set_marks_together(cells)
    attributes = get_log_attrs(text, style["lang"])
    allowed = [bool(bits & 1) for bits in memoryview(ffi.buffer(attributes)).cast("I")]
    ends = line_ends(text, cells.classes, found.marks_of, allowed, cells.inside)
    return Paragraph(
        cells,
        ends,
        trims=TRIM in wanted,
        fills=JUSTIFY in wanted,
        breaks_words=style["overflow_wrap"] != "normal" or style["word_break"] == "break-all",
    )


def _classify(found: _Gathered) -> str:
    parts, start = [], 0
    for text in found.text:
        parts.append(found.marks_of[start].classify(text))
        start += len(text)
    return "".join(parts)


def offset_at(box: Any, skip_stack: Any) -> int:
    """The offset in the paragraph that a skip stack stands for."""
    if skip_stack is None:
        return int(box.typeset_start)
    ((index, inner),) = skip_stack.items()
    if isinstance(box, boxes.TextBox):
        return int(box.typeset_start) + len(box.text.encode()[:index].decode())
    if index >= len(box.children):
        return int(box.typeset_end)
    return offset_at(box.children[index], inner)


def layout_for(piece: Piece, text: str) -> Any:
    """A layout for one line of a piece, to be shaped when it is drawn."""
    layout = copy.copy(piece.layout)
    layout.text = text
    return layout
