"""One element of a retained document set again, where that cannot change anything else on any page.

The element is laid out alone, in the measure and at the place of the block it had. Before that counts, the same is
done with the words that stand there now: unless that draws, byte for byte, what was drawn, the element is left alone.
What comes of new words counts when it has the same number of lines at the same places, the same boxes for the structure
tree, the same glyphs in the file's fonts, and leaves the stream as it was left. Everything else is declined.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from typeset.engine.declining import Declined, box_of, check_fonts, check_use, counted, given, to_draw_with
from typeset.engine.guard import hold
from typeset.engine.retained import STATE, Drawn, Line, Retained, glyphs_in, state_of, written

RELIED_ON = {
    "iter_line_boxes": "04aec48abfcad809",
    "element_to_box": "2d0a37e45b7f3e0c",
    "create_anonymous_boxes": "f1e76cc779a89855",
    "layout_box_backgrounds": "617a870678c82755",
    "StackingContext": "ec586508cac97684",
    "LayoutContext": "211f859ff4e2d663",
}
"""Functions and classes of WeasyPrint that are called by themselves, and the start of the SHA-256 of each."""

LOW = -1e9
"""Space at the bottom that no line ever reaches: where the page ends is not asked here."""


@dataclass(slots=True, kw_only=True)
class Place:
    """Where an element stands: its page, its block, its lines; and whether it is set alike alone."""

    drawn: Drawn
    block: Any
    lines: list[Line]
    proven: bool = False


@dataclass(slots=True, kw_only=True)
class Fresh:
    """What an element draws, line by line, what it was drawn with, and what else the stream refers to now."""

    lines: list[Line]
    box: Any
    boxes: list[Any]
    fonts: dict[Any, Any]
    resources: bool


def check() -> None:
    """Raises `ChangedEngine` when something called is not what is known."""
    hold(_reached(), RELIED_ON)


class Resetting:
    """Sets elements of one retained document again."""

    def __init__(self, retained: Retained) -> None:
        check()
        self.retained = retained
        self._places: dict[Any, Place] = {}

    def reset(self, element: Any, like: Any) -> int:
        """Give an element the words of another with the same children. The page's stream is exchanged.

        Which page that is, the first being 0.

        Raises `Declined`, and has changed nothing then.
        """
        place = self._found(element)
        if not place.proven:
            # Most that is declined has other lines, which is found before anything is drawn or proven.
            with given(element, like):
                self._compare_lines(place, self._lines(place, box_of(self.retained, element)))
        place = self.place(element)
        with given(element, like) as keep:
            fresh = self.set(place)
            self.compare(place, fresh)
            keep()
        return self._exchange(place, fresh)

    def forget(self) -> None:
        """Look for places anew: pages were laid out again."""
        self._places.clear()

    def place(self, element: Any) -> Place:
        """Where an element stands. Raises `Declined` for one that has a say elsewhere, or is not set alike alone."""
        place = self._found(element)
        if not place.proven:
            self._prove(place)
            place.proven = True
        return place

    def _found(self, element: Any) -> Place:
        if element not in self._places:
            found = list(self.retained.blocks_of(element))
            if len(found) != 1:
                raise Declined(f"it has {len(found)} blocks")
            drawn, block = found[0]
            lines = drawn.lines_of(element)
            if len(lines) != len(block.children):
                raise Declined("it is drawn in more lines than it has")
            if any(map(_speaks_elsewhere, (block, *block.descendants()))):
                raise Declined("it is a link, a target or a heading")
            self._places[element] = Place(drawn=drawn, block=block, lines=lines)
        return self._places[element]

    def _prove(self, place: Place) -> None:
        """Whether setting alone gives what was drawn."""
        fresh = self.set(place)
        if [line.operators for line in fresh.lines] != [line.operators for line in place.lines]:
            raise Declined("by itself it is set otherwise")
        self.compare(place, fresh)

    def set(self, place: Place) -> Fresh:
        """What the element draws with the words that it has now."""
        box = box_of(self.retained, place.block.element)
        return self._drawn(place, box, self._lines(place, box))

    def _lines(self, place: Place, box: Any) -> list[Any]:
        from weasyprint.layout.inline import iter_line_boxes

        context, block = self.retained.context, place.block
        lines = []
        with _block_formatting(context):
            for line, resume_at in iter_line_boxes(
                context,
                box.children[0],
                block.children[0].position_y,
                LOW,
                None,
                block,
                [],
                [],
                box.first_letter_style,
                box.first_line_style,
            ):
                line.resume_at = resume_at
                lines.append(line)
                if len(lines) > len(block.children):
                    raise Declined("it has more lines")
        return lines

    def _drawn(self, place: Place, box: Any, lines: list[Any]) -> Fresh:
        from weasyprint import draw
        from weasyprint.layout.background import layout_box_backgrounds
        from weasyprint.stacking import StackingContext

        page = place.drawn.page._page_box
        block = place.block.copy_with_children(lines)
        layout_box_backgrounds(page, block, self.retained.context.get_image_from_uri)
        stacking = StackingContext.from_box(block, page)
        fonts = {key: to_draw_with(font) for key, font in self.retained.document.fonts.items()}
        before = place.lines[0]
        marks: dict[Any, Any] = dict.fromkeys(range(before.first_mark))
        resources = counted(place.drawn.stream)
        stream = place.drawn.stream.clone(fonts=fonts, tags=marks)
        for name, value in zip(STATE, before.before, strict=True):
            setattr(stream, name, value)
        drawn = []
        for line in stacking.box.children:
            start, state, mark = len(stream.stream), state_of(stream), len(marks)
            draw.draw_inline_level(stream, page, line)
            drawn.append(
                Line(
                    element=block.element,
                    operators=written(stream.stream[start:]),
                    before=state,
                    after=state_of(stream),
                    first_mark=mark,
                )
            )
        return Fresh(lines=drawn, box=box, boxes=lines, fonts=fonts, resources=counted(stream) != resources)

    def compare(self, place: Place, fresh: Fresh) -> None:
        """Raises `Declined` for whatever could change the file elsewhere."""
        lines = place.lines
        self._compare_lines(place, fresh.boxes)
        if [line.first_mark for line in fresh.lines] != [line.first_mark for line in lines]:
            raise Declined("it has other marks")
        if fresh.resources:
            raise Declined("it draws pictures or shades")
        self.compare_state(place, fresh)
        old, new = glyphs_in(_joined(lines)), glyphs_in(_joined(fresh.lines))
        check_fonts(self.retained, fresh.fonts, old.keys() | new.keys())
        self.compare_use(place, fresh)

    def _compare_lines(self, place: Place, boxes: Sequence[Any]) -> None:
        """Raises `Declined` for lines that are not as high, or have not the same inside."""
        known = place.block.children
        if [_measures(line) for line in boxes] != [_measures(line) for line in known]:
            raise Declined("its lines have other measures")
        if [_shape(line) for line in boxes] != [_shape(line) for line in known]:
            raise Declined("it has other boxes")

    def compare_state(self, place: Place, fresh: Fresh) -> None:
        """Raises `Declined` where what follows would be drawn otherwise."""
        if fresh.lines[-1].after != place.lines[-1].after:
            raise Declined("it leaves another colour or font behind")

    def compare_use(self, place: Place, fresh: Fresh) -> None:
        """Raises `Declined` where the fonts would have a glyph that is no longer drawn."""
        check_use(self.retained, glyphs_in(_joined(place.lines)), glyphs_in(_joined(fresh.lines)))

    def _exchange(self, place: Place, fresh: Fresh) -> int:
        retained, drawn = self.retained, place.drawn
        retained.glyphs.subtract(glyphs_in(_joined(place.lines)))
        retained.glyphs.update(glyphs_in(_joined(fresh.lines)))
        for line, made in zip(place.lines, fresh.lines, strict=True):
            line.operators = made.operators
            line.before, line.after = made.before, made.after
        retained.put(place.block.element, fresh.box)
        vars(drawn).pop("glyphs", None)
        page = retained.drawn.index(drawn)
        retained.exchanged |= retained.plate.page(page, drawn.operators)
        return page


@contextmanager
def _block_formatting(context: Any) -> Any:
    """No floats to go round."""
    root = object()
    context.create_block_formatting_context(root)
    try:
        yield
    finally:
        context.finish_block_formatting_context()


def _speaks_elsewhere(box: Any) -> bool:
    """Whether a box has a say beyond its lines: in links, targets, outlines, running heads, counters."""
    style = box.style
    return (
        style["bookmark_level"] != "none"
        or bool(style["anchor"])
        or bool(box.link)
        or bool(style["transform"])
        or style["string_set"] != "none"
        or style["position"] != "static"
        or style["float"] != "none"
        or type(box).__name__ == "InlineReplacedBox"
    )


def _measures(line: Any) -> tuple[float, ...]:
    return line.position_y, line.height, line.baseline, line.margin_top, line.margin_bottom


def _shape(box: Any) -> tuple[Any, ...]:
    """What the structure tree takes from a box: its element and, in order, what is inside."""
    inside = tuple(_shape(child) for child in getattr(box, "children", ()))
    return type(box).__name__, box.element_tag, id(box.element), inside


def _joined(lines: Sequence[Line]) -> bytes:
    return b"\n".join(line.operators for line in lines)


def _reached() -> dict[str, Any]:
    from weasyprint.formatting_structure import build
    from weasyprint.layout import LayoutContext, background, inline
    from weasyprint.stacking import StackingContext

    return {
        "iter_line_boxes": inline.iter_line_boxes,
        "element_to_box": build.element_to_box,
        "create_anonymous_boxes": build.create_anonymous_boxes,
        "layout_box_backgrounds": background.layout_box_backgrounds,
        "StackingContext": StackingContext,
        "LayoutContext": LayoutContext,
    }
