"""WeasyPrint's lines are broken and set by this package if the style sheet asks for it with ``--typeset-cjk``.

Four functions are wrapped. ``split_inline_box`` gets the end of a line before it makes one, and an unlimited measure;
``split_text_box`` cuts there; ``text_align`` sets the resulting line; ``inline_line_widths`` gives the widths of boxes
that shrink to fit. All other boxes are passed on unchanged.

Import this module only after WeasyPrint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.text.line_break import strut

from typeset.engine.cjk.glyph_runs import BoxText, flow_of, layout_for, offset_at
from typeset.engine.cjk.line_breaking import BreakableParagraph, LineSpan, SetLine
from typeset.engine.cjk.marks import BREAK


def around_split_inline_box(stock: Callable[..., Any]) -> Callable[..., Any]:
    """``layout.inline.split_inline_box``: one line out of a line box."""

    def split_inline_box(
        context: Any,
        box: Any,
        position_x: float,
        max_x: float,
        bottom_space: float,
        skip_stack: Any,
        block: Any,
        *rest: Any,
    ) -> Any:
        # The last two are the styles of ::first-letter and ::first-line.
        ours = isinstance(box, boxes.LineBox) and not (rest[-1] or rest[-2])
        flow = flow_of(box) if ours else None
        if flow is None:
            return stock(context, box, position_x, max_x, bottom_space, skip_stack, block, *rest)
        measure = max_x - position_x
        span = flow.paragraph.next_line(
            offset_at(box, skip_stack),
            measure,
            measure + box.text_indent,
            fill=box.style["text_align_all"] == "justify",
        )
        flow.span = span
        try:
            made = stock(context, box, position_x, inf, bottom_space, skip_stack, block, *rest)
        finally:
            flow.span = None
        made[0].typeset_line = flow.paragraph, span
        return made

    return split_inline_box


def around_split_text_box(stock: Callable[..., Any]) -> Callable[..., Any]:
    """``layout.inline.split_text_box``: as much of a text as fits into the current line."""

    def split_text_box(
        context: Any, box: Any, available_width: Any, skip: int, is_line_start: bool = True
    ) -> tuple[Any, int | None, bool]:
        piece: BoxText | None = box.__dict__.get("typeset_piece")
        if piece is None or piece.flow is None or piece.flow.span is None or piece.layout is None:
            found: tuple[Any, int | None, bool] = stock(context, box, available_width, skip, is_line_start)
            return found
        span: LineSpan = piece.flow.span
        start = piece.start + (len(box.text.encode()[:skip].decode()) if skip else 0)
        end = min(span.end, piece.end)
        if start >= end:
            return None, None, False
        goes_on = span.end == end < len(piece.flow.paragraph.cells.text)
        resume = len(box.text[: end - piece.start].encode()) if goes_on else None
        end = min(end, span.visible)
        if start >= end:
            return None, resume, False
        return _fragment(box, piece, start, end), resume, False

    return split_text_box


def _fragment(box: Any, piece: BoxText, start: int, end: int) -> Any:
    """The part of a text box in one line. Its width and place are set later, with the line."""
    text = box.text[start - piece.start : end - piece.start]
    fragment = box.copy_with_text(text)
    fragment.typeset_range = start, end
    fragment.pango_layout = layout_for(piece, text)
    fragment.width = sum(piece.flow.paragraph.cells.advance[start:end]) if piece.flow else 0.0
    fragment.height = piece.height
    # As stock: the margin box is as high as the line (CSS 2.1, 10.8.1).
    line_height, _ = strut(box.style)
    fragment.margin_top = fragment.margin_bottom = (line_height - piece.height) / 2
    fragment.baseline = piece.baseline + fragment.margin_top
    return fragment


def around_text_align(stock: Callable[..., Any]) -> Callable[..., Any]:
    """``layout.inline.text_align``: where a finished line begins; here its characters get their places."""

    def text_align(context: Any, line: Any, available_width: float, last: bool) -> Any:
        made = line.__dict__.get("typeset_line")
        if made is None:
            return stock(context, line, available_width, last)
        paragraph, span = made
        style = line.style
        align = style["text_align_all"]
        if last and style["text_align_last"] != "auto":
            align = style["text_align_last"]
        natural = line.text_indent + paragraph.width(span.start, span.visible) + _decoration(line, paragraph, span)
        placing = _Placing(paragraph, paragraph.set_line(span, available_width - natural, fill=align == "justify"))
        line.width = placing.place(line, line.position_x + line.text_indent) - line.position_x
        placing.lead_on()
        return 0.0 if align == "justify" else stock(context, line, available_width, last)

    return text_align


def _decoration(line: Any, paragraph: BreakableParagraph, span: LineSpan) -> float:
    """The difference between the sides of a line's inline boxes and those in the paragraph: a box that continues in the
    next line has no right side there."""
    cells = paragraph.cells
    part = slice(span.start, span.visible)
    counted = sum(cells.edge_before[part]) + sum(cells.edge_after[part])
    return sum(_left(box) + _right(box) for box in _inline_boxes(line)) - counted


def _inline_boxes(box: Any) -> Iterator[Any]:
    for child in box.children:
        if isinstance(child, boxes.InlineBox):
            yield child
            yield from _inline_boxes(child)


def _left(box: Any) -> float:
    return float(box.margin_left + box.border_left_width + box.padding_left)


def _right(box: Any) -> float:
    return float(box.margin_right + box.border_right_width + box.padding_right)


class _Placing:
    """Puts the boxes of a line at their places, and gives each text the distances between its characters."""

    def __init__(self, paragraph: BreakableParagraph, line: SetLine) -> None:
        self._advance = paragraph.cells.advance
        self._line = line
        self._gap_given = line.start
        self._texts: list[tuple[Any, float, float]] = []

    def place(self, box: Any, x: float) -> float:
        """Place the children of a box from ``x`` on; returns where they end."""
        for child in box.children:
            if not child.is_in_normal_flow():
                continue
            x += self._gap_before(_first_offset(child))
            if isinstance(child, boxes.TextBox):
                child.position_x = x
                x = self._set_text(child, x)
            elif isinstance(child, boxes.InlineBox):
                child.position_x = x
                x += _left(child)
                end = self.place(child, x)
                child.width = end - x
                x = end + _right(child)
            else:
                child.translate(x - child.position_x, 0)
                self._texts.append((None, x, x))
                x += child.margin_width()
        return x

    def lead_on(self) -> None:
        """Let the last character of each text reach to the first of the next, so that readers find no gap between two
        texts that looks like a space."""
        for (text, _, end), (following, start, _) in zip(self._texts, self._texts[1:], strict=False):
            if text is not None and following is not None:
                text.typeset_advances[-1] += start + following.typeset_lead - end

    def _gap_before(self, offset: int | None) -> float:
        # A gap is outside the boxes that begin after it, so that no underline covers it.
        if offset is None or offset <= self._gap_given:
            return 0.0
        self._gap_given = offset
        return self._line.gap[offset - self._line.start]

    def _set_text(self, text: Any, x: float) -> float:
        start, end = text.typeset_range
        line, base = self._line, self._line.start
        before = line.before[start - base : end - base]
        after = line.after[start - base : end - base]
        gap = line.gap[start - base : end - base]
        advances = [
            advance + right + space + left
            for advance, right, space, left in zip(
                self._advance[start:end], after, (*gap[1:], 0.0), (*before[1:], 0.0), strict=True
            )
        ]
        text.typeset_advances = advances
        text.typeset_lead = before[0]
        text.width = before[0] + sum(advances)
        self._texts.append((text, x, x + text.width))
        return float(x + text.width)


def _first_offset(box: Any) -> int | None:
    if isinstance(box, boxes.TextBox):
        return int(box.typeset_range[0])
    if isinstance(box, boxes.InlineBox):
        for child in box.children:
            if child.is_in_normal_flow() and (offset := _first_offset(child)) is not None:
                return offset
        return None
    return int(box.typeset_start)


def around_inline_line_widths(stock: Callable[..., Any]) -> Callable[..., Any]:
    """``layout.preferred.inline_line_widths``: the widths of a box's lines when it is narrowest or widest."""

    def inline_line_widths(
        context: Any,
        box: Any,
        outer: bool,
        is_line_start: bool,
        minimum: bool,
        skip_stack: Any = None,
        first_line: bool = False,
    ) -> Iterator[float]:
        flow = flow_of(box) if isinstance(box, boxes.LineBox) else None
        indent = box.style["text_indent"]
        if flow is None or getattr(indent, "unit", None) not in ("px", "%"):
            yield from stock(context, box, outer, is_line_start, minimum, skip_stack, first_line)
            return
        start = offset_at(box, skip_stack)
        extra = 0.0 if skip_stack or indent.unit == "%" else indent.value
        yield from _widths(flow.paragraph, start, extra, minimum=minimum)

    return inline_line_widths


def _widths(paragraph: BreakableParagraph, start: int, indent: float, *, minimum: bool) -> Iterator[float]:
    if minimum:
        widths = paragraph.chunks(start)
    else:
        text, widths = paragraph.cells.text, []
        while start < len(text):
            stop = paragraph.segment_end(start)
            # The caller removes the spaces at the end.
            end = stop - 1 if paragraph.cells.classes[stop - 1] == BREAK else stop
            spaces = sum(paragraph.cells.advance[paragraph.visible(start, stop) : end])
            widths.append(paragraph.width(start, paragraph.visible(start, stop)) + spaces)
            start = stop
    for width in widths or [0.0]:
        yield width + indent
        indent = 0.0
