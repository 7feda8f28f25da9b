"""One element of a retained document set again, where that cannot change anything else on any page.

The element is laid out alone, in the measure and at the place of the block it had. Before that counts, the same is
done with the words that stand there now: unless that draws, byte for byte, what was drawn, the element is left alone.
What comes of new words counts when it has the same number of lines at the same places, the same boxes for the structure
tree, the same glyphs in the file's fonts, and leaves the stream as it was left. Everything else is declined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

from typeset.engine.guard import ChangedEngine, source_digest
from typeset.engine.inventory import Widths
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


class Declined(Exception):
    """An element that cannot be shown to leave the rest alone."""


@dataclass(slots=True, kw_only=True)
class Place:
    """Where an element stands: its page, its block, its lines."""

    drawn: Drawn
    block: Any
    lines: list[Line]


@dataclass(slots=True, kw_only=True)
class Fresh:
    """What an element draws, line by line, what it was drawn with, and what else the stream refers to now."""

    lines: list[Line]
    boxes: list[Any]
    fonts: dict[Any, Any]
    resources: bool


def check() -> None:
    """Raises `ChangedEngine` when something called is not what is known."""
    for name, reached in _reached().items():
        if source_digest(reached) != RELIED_ON[name]:
            raise ChangedEngine(f"weasyprint: {name} has changed")


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
        place = self.place(element)
        before = _texts_of(element)
        texts = _texts_alike(element, like)
        _give(element, texts)
        try:
            fresh = self.set(place)
            self.compare(place, fresh)
        except Exception:
            _give(element, before)
            raise
        return self._exchange(place, fresh)

    def place(self, element: Any) -> Place:
        """Where an element stands. Raises `Declined` for one that has a say elsewhere, or is not set alike alone."""
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
            place = Place(drawn=drawn, block=block, lines=lines)
            self._prove(place)
            self._places[element] = place
        return self._places[element]

    def _prove(self, place: Place) -> None:
        """Whether setting alone gives what was drawn."""
        fresh = self.set(place)
        if [line.operators for line in fresh.lines] != [line.operators for line in place.lines]:
            raise Declined("by itself it is set otherwise")
        self.compare(place, fresh)

    def set(self, place: Place) -> Fresh:
        """What the element draws with the words that it has now."""
        boxes = self._lines(place)
        return self._drawn(place, boxes)

    def _lines(self, place: Place) -> list[Any]:
        from weasyprint.formatting_structure import build
        from weasyprint.layout.inline import iter_line_boxes

        context, block = self.retained.context, place.block
        made = build.element_to_box(
            block.element,
            context.style_for,
            context.get_image_from_uri,
            self.retained.html.base_url,
            context.target_collector,
            context.counter_style,
            [],
        )
        if len(made) != 1:
            raise Declined("it makes more than one box")
        box = made[0]
        box.process_whitespace()
        box.process_text_transform()
        box = build.create_anonymous_boxes(box)
        if len(box.children) != 1 or type(box.children[0]).__name__ != "LineBox":
            raise Declined("it is no longer a paragraph")
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

    def _drawn(self, place: Place, lines: list[Any]) -> Fresh:
        from weasyprint import draw
        from weasyprint.layout.background import layout_box_backgrounds
        from weasyprint.stacking import StackingContext

        page = place.drawn.page._page_box
        block = place.block.copy_with_children(lines)
        layout_box_backgrounds(page, block, self.retained.context.get_image_from_uri)
        stacking = StackingContext.from_box(block, page)
        fonts = {key: _to_draw_with(font) for key, font in self.retained.document.fonts.items()}
        before = place.lines[0]
        marks: dict[Any, Any] = dict.fromkeys(range(before.first_mark))
        resources = _counted(place.drawn.stream)
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
        return Fresh(lines=drawn, boxes=lines, fonts=fonts, resources=_counted(stream) != resources)

    def compare(self, place: Place, fresh: Fresh) -> None:
        """Raises `Declined` for whatever could change the file elsewhere."""
        block, lines = place.block, place.lines
        if [_measures(line) for line in fresh.boxes] != [_measures(line) for line in block.children]:
            raise Declined("its lines have other measures")
        if [_shape(line) for line in fresh.boxes] != [_shape(line) for line in block.children]:
            raise Declined("it has other boxes")
        if [line.first_mark for line in fresh.lines] != [line.first_mark for line in lines]:
            raise Declined("it has other marks")
        if fresh.resources:
            raise Declined("it draws pictures or shades")
        self.compare_state(place, fresh)
        self._compare_fonts(lines, fresh)
        self.compare_use(place, fresh)

    def compare_state(self, place: Place, fresh: Fresh) -> None:
        """Raises `Declined` where what follows would be drawn otherwise."""
        if fresh.lines[-1].after != place.lines[-1].after:
            raise Declined("it leaves another colour or font behind")

    def _compare_fonts(self, lines: Sequence[Line], fresh: Fresh) -> None:
        fonts = self.retained.document.fonts
        if fresh.fonts.keys() != fonts.keys():
            raise Declined("it has a font that is new")
        disputed = set()
        for key, font in fresh.fonts.items():
            known = fonts[key]
            if font.to_unicode != known.to_unicode or dict(font.widths) != dict(known.widths) or font.missing:
                raise Declined("it has a glyph that is new")
            disputed |= {(font.hash.encode(), b"%04x" % glyph) for glyph in font.typeset_disputed}
        old, new = glyphs_in(_joined(lines)), glyphs_in(_joined(fresh.lines))
        if disputed & (old.keys() | new.keys()):
            raise Declined("it has a glyph that stands for different letters")

    def compare_use(self, place: Place, fresh: Fresh) -> None:
        """Raises `Declined` where the fonts would have a glyph that is no longer drawn."""
        old, new = glyphs_in(_joined(place.lines)), glyphs_in(_joined(fresh.lines))
        # Whatever it no longer draws, somebody else does.
        counted = self.retained.glyphs
        if any(counted[glyph] - count + new[glyph] <= 0 for glyph, count in old.items()):
            raise Declined("a glyph is no longer in use")

    def _exchange(self, place: Place, fresh: Fresh) -> int:
        retained, drawn = self.retained, place.drawn
        retained.glyphs.subtract(glyphs_in(_joined(place.lines)))
        retained.glyphs.update(glyphs_in(_joined(fresh.lines)))
        for line, made in zip(place.lines, fresh.lines, strict=True):
            line.operators = made.operators
            line.before, line.after = made.before, made.after
        page = retained.drawn.index(drawn)
        retained.exchanged |= retained.plate.page(page, drawn.operators)
        return page


@contextmanager
def given(element: Any, like: Any) -> Iterator[None]:
    """An element with the words of another that has the same children, while the context lasts. Raises `Declined`."""
    before = _texts_of(element)
    _give(element, _texts_alike(element, like))
    try:
        yield
    finally:
        _give(element, before)


@contextmanager
def _block_formatting(context: Any) -> Any:
    """No floats to go round."""
    root = object()
    context.create_block_formatting_context(root)
    try:
        yield
    finally:
        context.finish_block_formatting_context()


def _to_draw_with(font: Any) -> Any:
    """A font that learns what is drawn without the document's own learning it."""
    other = copy(font)
    other.to_unicode = dict(font.to_unicode)
    other.widths = Widths(font.typeset_stated, font.widths)
    other.missing = dict(font.missing)
    other.typeset_disputed = set(font.typeset_disputed)
    return other


def _texts_of(element: Any) -> list[tuple[Any, str | None, str | None]]:
    return [(part, part.text, None if part is element else part.tail) for part in element.iter()]


def _texts_alike(element: Any, like: Any) -> list[tuple[Any, str | None, str | None]]:
    """The texts of another element for the places of this one, part by part."""
    own, others = list(element.iter()), list(like.iter())
    if [_kind(part) for part in own] != [_kind(part) for part in others]:
        raise Declined("it has other elements inside")
    return [
        (part, other.text, None if part is element else other.tail) for part, other in zip(own, others, strict=True)
    ]


def _kind(part: Any) -> tuple[Any, ...]:
    return part.tag, tuple(sorted(part.attrib.items())), len(part)


def _give(element: Any, texts: list[tuple[Any, str | None, str | None]]) -> None:
    for part, text, tail in texts:
        part.text = text
        if part is not element:
            part.tail = tail


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


def _counted(stream: Any) -> list[int]:
    """How many pictures, shades and the like there are by now."""
    resources = stream._resources
    return [len(resources[kind]) for kind in ("ExtGState", "XObject", "Pattern", "Shading")]


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
