"""From WeasyPrint's boxes to a paragraph in numbers: each text is shaped once for all its lines.

Import this module only after WeasyPrint (``engine.loader.load`` turns its system fonts off first).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.text.ffi import FROM_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, get_log_attrs, line_size

from typeset.engine.cjk.line_breaking import BreakableParagraph, LineSpan
from typeset.engine.cjk.marks import (
    OBJECT,
    LineCells,
    RegionMarks,
    line_ends,
    marks_for,
    set_marks_together,
    space_han_and_western,
    widen_interpuncts,
    without_narrow_marks,
)

INTS_IN_GLYPH = ffi.sizeof("PangoGlyphInfo") // 4
WIDTH_AT = ffi.offsetof("PangoGlyphInfo", "geometry") // 4
"""A glyph's row in the memory of a glyph string: the number of its numbers, and the index of its width."""

_DASHES = re.compile("[—―⸺]+")


class PlainLayout(Layout):  # type: ignore[misc]
    """A Pango layout without letter, word and justification spacing, which the line adds: only fonts and features
    count.

    A dash gets the form that fills one square, two dashes the form that fills two (CLREQ 3.1.2).
    """

    def set_text(self, text: str, justify: bool = False) -> None:
        """Shape a text; ``justify`` is a parameter of the stock engine and is ignored."""
        self.text = text
        data = text.encode()
        string = ffi.new("char[]", data)
        pango.pango_layout_set_text(self.layout, string, len(data))
        dashes = [match.span() for match in _DASHES.finditer(text)]
        if not dashes:
            return
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        for start, end in dashes:
            attribute = pango.pango_attr_font_features_new(b"fwid 1")
            attribute.start_index = len(text[:start].encode())
            attribute.end_index = attribute.start_index + len(text[start:end].encode())
            pango.pango_attr_list_insert(attributes, attribute)
        pango.pango_layout_set_attributes(self.layout, attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """A text in its faces. Lengths are in px; ``joined`` are the offsets inside clusters."""

    layout: Any
    advance: list[float]
    height: float
    baseline: float
    joined: list[int]


def shape(text: str, style: Any) -> Shaped | None:
    """A shaped text; None when part of it is from right to left."""
    layout = PlainLayout(style)
    layout.set_text(text)
    line, _ = layout.get_first_line()
    at = offsets_of(text)
    advance = [0.0] * len(text)
    clusters = set()
    run = line.runs[0]
    while run != ffi.NULL:
        item, run = run.data, run.next
        if item.item.analysis.level % 2:
            return None
        widths = glyph_rows(item.glyphs)[WIDTH_AT::INTS_IN_GLYPH]
        for width, cluster in zip(widths, clusters_of(item.glyphs), strict=True):
            index = at[item.item.offset + cluster]
            clusters.add(index)
            advance[index] += width * FROM_UNITS
    _, height = line_size(line, style)
    baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
    layout.deactivate()
    joined = [index for index in range(1, len(text)) if index not in clusters]
    return Shaped(layout=layout, advance=advance, height=height, baseline=baseline, joined=joined)


def offsets_of(text: str) -> dict[int, int]:
    """The position in a text of each offset in its UTF-8 bytes that begins a character, and of its end."""
    offsets = accumulate(map(_bytes_of, text), initial=0)
    return {offset: index for index, offset in enumerate(offsets)}


def glyph_rows(glyphs: Any) -> memoryview:
    """The memory of a glyph string as numbers: one row for each glyph."""
    return memoryview(ffi.buffer(glyphs.glyphs, glyphs.num_glyphs * INTS_IN_GLYPH * 4)).cast("i")


def clusters_of(glyphs: Any) -> list[int]:
    """The byte offset, in its item, of the cluster that each glyph belongs to."""
    clusters: list[int] = ffi.unpack(glyphs.log_clusters, glyphs.num_glyphs)
    return clusters


def _bytes_of(character: str) -> int:
    """How many bytes of UTF-8 a character is."""
    return 1 if character < "\x80" else 2 if character < "\u0800" else 3 if character < "\U00010000" else 4


PROPERTY = "__typeset_cjk"
"""How WeasyPrint keeps the custom property ``--typeset-cjk`` in a computed style."""

AUTOSPACE, TRIM, JUSTIFY = "autospace", "trim", "justify"

# The blocks of scripts that are set in squares. Text without them is left to the stock engine.
_EAST_ASIAN = re.compile(
    "[\u2e80-\u303f\u3041-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]"
)
# Right-to-left scripts, control characters that the stock engine handles, soft hyphens.
_NOT_OURS = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\u0000-\u0009\u000b-\u001f\u0085\u00ad\u2028\u2029\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


@dataclass(slots=True)
class BoxText:
    """The text of one box in a paragraph: its offsets, its layout, and the height and base line of its lines."""

    start: int
    end: int
    layout: Any = None
    height: float = 0.0
    baseline: float = 0.0
    flow: Flow | None = None


@dataclass(slots=True)
class Flow:
    """A line box before it is broken: its paragraph, the pieces by offset, and the line that is being made."""

    children: Any
    paragraph: BreakableParagraph
    span: LineSpan | None = None


@dataclass(slots=True)
class _Gathered:
    """What is collected from a line box."""

    marks: RegionMarks
    pieces: list[BoxText] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    marks_of: list[RegionMarks] = field(default_factory=list)
    em: list[float] = field(default_factory=list)
    advance: list[float] = field(default_factory=list)
    spacing: list[float] = field(default_factory=list)
    word_spacing: list[tuple[int, float]] = field(default_factory=list)
    edges: list[tuple[int, bool, float]] = field(default_factory=list)
    joined: set[int] = field(default_factory=set)
    length: int = 0


class NotOurs(Exception):
    """The line has something that is left to the stock engine."""


def keywords(style: Any) -> frozenset[str]:
    """The words of ``--typeset-cjk`` in a style; empty if it is missing or ``none``."""
    value = style[PROPERTY]
    return frozenset(token.lower_value for token in value if token.type == "ident") - {"none"} if value else frozenset()


def flow_of(line_box: Any) -> Flow | None:
    """The flow of a line box that the style sheet sets as East Asian text; None for all others.

    It is kept with the box, since a box is broken line by line and often more than once.
    """
    known = line_box.__dict__.get("typeset_flow", False)
    if known is None or (known and known.children is line_box.children):
        return known
    flow = line_box.typeset_flow = _make_flow(line_box)
    return flow


def _make_flow(line_box: Any) -> Flow | None:
    # Checked first, since most lines of a list of names have no such character.
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
        box.typeset_piece = BoxText(start=start, end=start)
        return
    if text == "\n" and white_space == "pre-line":
        box.typeset_piece = BoxText(start=start, end=start + 1)
        _add(found, text, style, [0.0])
        return
    if white_space not in ("normal", "nowrap") or "\n" in text or _NOT_OURS.search(text):
        raise NotOurs
    shaped = shape(text, style)
    if shaped is None:
        raise NotOurs
    box.typeset_piece = piece = BoxText(
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
    """The width of an inline block, if its style states it."""
    style = box.style
    width = style["width"]
    limited = style["min_width"] not in ("auto", (0, "px")) or style["max_width"] != (inf, "px")
    if getattr(width, "unit", None) != "px" or limited or style["box_sizing"] != "content-box":
        raise NotOurs
    return float(width.value + sum(_edges(box)))


def _paragraph(found: _Gathered, wanted: frozenset[str], style: Any) -> BreakableParagraph:
    text = "".join(found.text)
    length = len(text)
    classes = _classify(found)
    cells = LineCells(
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
    return BreakableParagraph(
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
    """The offset in the paragraph of a skip stack."""
    if skip_stack is None:
        return int(box.typeset_start)
    ((index, inner),) = skip_stack.items()
    if isinstance(box, boxes.TextBox):
        return int(box.typeset_start) + len(box.text.encode()[:index].decode())
    if index >= len(box.children):
        return int(box.typeset_end)
    return offset_at(box.children[index], inner)


def layout_for(piece: BoxText, text: str) -> Any:
    """A layout for one line of a piece, shaped when it is drawn."""
    layout = copy.copy(piece.layout)
    layout.text = text
    return layout
