"""Lays out one element of a kept document again, if that cannot change anything else on any page.

The element is laid out alone, in the measure and at the place of its block. First this is done with the present words:
if the result is not the same, byte for byte, as what was drawn, the element is not changed. The result with new words
is used if it has the same number of lines at the same places, the same boxes for the structure tree, the same glyphs
in the file's fonts, and leaves the stream in the same state. Everything else is declined.

`Exchange` does the same for many copies of a document, whose faces have the glyphs of all copies, with two
differences. A glyph that a copy does not draw stays in the fonts, since another copy draws it. And an element with its
own marked content may end with any font: the next text sets its font (WeasyPrint's `Stream.begin_text` continues with
the font before only directly after the end of a text).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

from typeset.engine.incremental.document import (
    STATE,
    Declined,
    DrawnLine,
    DrawnPage,
    Glyph,
    Retained,
    glyphs_in,
    state_of,
    written,
)
from typeset.engine.loader import hold
from typeset.engine.pdf_output import Widths
from typeset.engine.speedups import parse

RELIED_ON = {
    "iter_line_boxes": "04aec48abfcad809",
    "element_to_box": "2d0a37e45b7f3e0c",
    "create_anonymous_boxes": "f1e76cc779a89855",
    "layout_box_backgrounds": "617a870678c82755",
    "StackingContext": "ec586508cac97684",
    "LayoutContext": "211f859ff4e2d663",
    "Stream.begin_text": "bf5f18b4689d4512",
    "Stream.end_text": "967bc1ae82320060",
    "Stream.__init__": "918b7e8bb22a7a82",
}
"""The WeasyPrint functions that are called directly, or that decide the order of texts and fonts, and the start of
the SHA-256 of each."""

LOW = -1e9
"""Space at the bottom that no line ever reaches, so that the end of the page does not matter here."""

_END = b"EMC"
_COLOURS = tuple(place for place, name in enumerate(STATE) if "font" not in name)
"""The entries of a state that are not for fonts."""


def check() -> None:
    """Raises `ChangedEngine` if code that this relies on has changed."""
    hold(_reached(), RELIED_ON)


@dataclass(slots=True, kw_only=True)
class ElementPlace:
    """The place of an element: its page, its block, its lines; and whether it was proven to look the same alone."""

    drawn: DrawnPage
    block: Any
    lines: list[DrawnLine]
    proven: bool = False


@dataclass(slots=True, kw_only=True)
class Fresh:
    """What an element draws, line by line, its fonts, and what else the stream refers to now."""

    lines: list[DrawnLine]
    box: Any
    boxes: list[Any]
    fonts: dict[Any, Any]
    resources: bool


class Relayout:
    """Lays out elements of one retained document again."""

    def __init__(self, retained: Retained) -> None:
        self.retained = retained
        self._places: dict[Any, ElementPlace] = {}

    def reset(self, element: Any, like: Any) -> int:
        """Give an element the words of another with the same children, and replace the page's stream.

        Returns the page, counted from 0. Raises `Declined`; then nothing has changed.
        """
        place = self._found(element)
        if not place.proven:
            # Most declined elements have other lines, which is found before anything is drawn or proven.
            with given(element, like):
                self._compare_lines(place, self._lines(place, box_of(self.retained, element)))
        place = self.place(element)
        with given(element, like) as keep:
            fresh = self.lay_out(place)
            self.compare(place, fresh)
            keep()
        return self._exchange(place, fresh)

    def forget(self) -> None:
        """Forget all places, since pages were laid out again."""
        self._places.clear()

    def place(self, element: Any) -> ElementPlace:
        """The place of an element. Raises `Declined` if it affects other places, or looks different alone."""
        place = self._found(element)
        if not place.proven:
            self._prove(place)
            place.proven = True
        return place

    def _found(self, element: Any) -> ElementPlace:
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
            self._places[element] = ElementPlace(drawn=drawn, block=block, lines=lines)
        return self._places[element]

    def _prove(self, place: ElementPlace) -> None:
        """Check that the element alone gives what was drawn."""
        fresh = self.lay_out(place)
        if [line.operators for line in fresh.lines] != [line.operators for line in place.lines]:
            raise Declined("laid out alone it looks different")
        self.compare(place, fresh)

    def lay_out(self, place: ElementPlace) -> Fresh:
        """What the element draws with its present words."""
        box = box_of(self.retained, place.block.element)
        return self._drawn(place, box, self._lines(place, box))

    def _lines(self, place: ElementPlace, box: Any) -> list[Any]:
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

    def _drawn(self, place: ElementPlace, box: Any, lines: list[Any]) -> Fresh:
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
                DrawnLine(
                    element=block.element,
                    operators=written(stream.stream[start:]),
                    before=state,
                    after=state_of(stream),
                    first_mark=mark,
                )
            )
        return Fresh(lines=drawn, box=box, boxes=lines, fonts=fonts, resources=counted(stream) != resources)

    def compare(self, place: ElementPlace, fresh: Fresh) -> None:
        """Raises `Declined` for a difference that could change other parts of the file."""
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

    def _compare_lines(self, place: ElementPlace, boxes: Sequence[Any]) -> None:
        """Raises `Declined` for lines with another height or other boxes."""
        known = place.block.children
        if [_measures(line) for line in boxes] != [_measures(line) for line in known]:
            raise Declined("its lines have other measures")
        if [_shape(line) for line in boxes] != [_shape(line) for line in known]:
            raise Declined("it has other boxes")

    def compare_state(self, place: ElementPlace, fresh: Fresh) -> None:
        """Raises `Declined` if the following text would look different."""
        if fresh.lines[-1].after != place.lines[-1].after:
            raise Declined("it leaves another colour or font behind")

    def compare_use(self, place: ElementPlace, fresh: Fresh) -> None:
        """Raises `Declined` if the fonts would have a glyph that is no longer drawn."""
        check_use(self.retained, glyphs_in(_joined(place.lines)), glyphs_in(_joined(fresh.lines)))

    def _exchange(self, place: ElementPlace, fresh: Fresh) -> int:
        retained, drawn = self.retained, place.drawn
        retained.glyphs.subtract(glyphs_in(_joined(place.lines)))
        retained.glyphs.update(glyphs_in(_joined(fresh.lines)))
        for line, made in zip(place.lines, fresh.lines, strict=True):
            line.operators = made.operators
            line.before, line.after = made.before, made.after
        retained.put(place.block.element, fresh.box)
        vars(drawn).pop("glyphs", None)
        page = retained.drawn.index(drawn)
        retained.exchanged |= retained.template.page(page, drawn.operators)
        return page


class Exchange(Relayout):
    """Draws other words in the places of a retained document, which does not change."""

    def __init__(self, retained: Retained) -> None:
        super().__init__(retained)
        self._known: dict[tuple[Any, str], tuple[bytes, ...] | Declined] = {}

    def operators(self, element: Any, markup: str) -> tuple[bytes, ...]:
        """What the lines of an element draw with the words of another, given as its markup. Raises `Declined`."""
        key = (element, markup)
        known = self._known.get(key)
        if known is None:
            try:
                known = self._drawn_with(element, parse(markup).find("body")[0])
            except Declined as declined:
                known = declined
            self._known[key] = known
        if isinstance(known, Declined):
            raise known
        return known

    def _drawn_with(self, element: Any, like: Any) -> tuple[bytes, ...]:
        place = self.place(element)
        with given(element, like):
            fresh = self.lay_out(place)
        self.compare(place, fresh)
        return tuple(line.operators for line in fresh.lines)

    def page_with(self, exchanged: Sequence[tuple[Any, Sequence[bytes]]]) -> tuple[int, bytes]:
        """The page with all these elements, and what it draws with other lines in their places.

        Raises `Declined` if they are on several pages.
        """
        pages = {id(drawn): drawn for element, _ in exchanged if (drawn := self.place(element).drawn)}
        if len(pages) != 1:
            raise Declined("the words are on several pages")
        (drawn,) = pages.values()
        lines = {
            id(line): operators
            for element, others in exchanged
            for line, operators in zip(self.place(element).lines, others, strict=True)
        }
        operators = b"\n".join(
            lines.get(id(piece), piece.operators) if isinstance(piece, DrawnLine) else piece for piece in drawn.pieces
        )
        return self.retained.drawn.index(drawn), operators

    def compare_state(self, place: ElementPlace, fresh: Fresh) -> None:
        """Raises `Declined` if the following text would have another colour, or the font before."""
        if not all(line.operators.endswith(_END) for line in (*fresh.lines, *place.lines)):
            raise Declined("it ends in the middle of a text")
        if [_colours(line) for line in fresh.lines] != [_colours(line) for line in place.lines]:
            raise Declined("it leaves another colour behind")

    def compare_use(self, place: ElementPlace, fresh: Fresh) -> None:
        """No check: other copies draw the glyphs that this one does not draw."""


def learn(document: Any, sheet: Any) -> None:
    """Let the fonts of a document have all glyphs of another document's pages, which are not shown.

    They learn these after the last page of the document is drawn, so that its own words come first.
    """
    import pydyf
    from weasyprint.pdf.stream import Stream

    last = document.pages[-1]
    stock = last.paint

    def paint(stream: Any, scale: float = 1) -> None:
        stock(stream, scale)
        for page in sheet.pages:
            resources = pydyf.Dictionary(
                {kind: pydyf.Dictionary() for kind in ("ExtGState", "XObject", "Pattern", "Shading", "ColorSpace")}
            )
            unseen = Stream(
                document.fonts,
                (0, 0, page.width, page.height),
                resources,
                {},
                {},
                document.color_profiles,
                document.output_intent,
                compress=True,
            )
            page.paint(unseen, scale)

    last.paint = paint


def box_of(retained: Retained, element: Any) -> Any:
    """The box of an element with its present words, not laid out. Raises `Declined` for more than lines."""
    from weasyprint.formatting_structure import build

    context = retained.context
    made = build.element_to_box(
        element,
        context.style_for,
        context.get_image_from_uri,
        retained.html.base_url,
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
    return box


def check_fonts(retained: Retained, fonts: dict[Any, Any], drawn: Set[Glyph]) -> None:
    """Raises `Declined` if fonts got a new glyph from what was drawn, or a glyph with other letters."""
    if fonts.keys() != retained.document.fonts.keys():
        raise Declined("it has a font that is new")
    disputed = set()
    for key, font in fonts.items():
        known = retained.document.fonts[key]
        if font.to_unicode != known.to_unicode or dict(font.widths) != dict(known.widths) or font.missing:
            raise Declined("it has a glyph that is new")
        disputed |= {(font.hash.encode(), b"%04x" % glyph) for glyph in font.typeset_disputed}
    if disputed & drawn:
        raise Declined("it has a glyph that stands for different letters")


def check_use(retained: Retained, old: Counter[Glyph], new: Counter[Glyph]) -> None:
    """Raises `Declined` if a glyph is not drawn any more."""
    counted = retained.glyphs
    if any(counted[glyph] - count + new[glyph] <= 0 for glyph, count in old.items()):
        raise Declined("a glyph is no longer in use")


def give(element: Any, like: Any) -> None:
    """Give an element the words of another. Raises `Declined` if they do not have the same children."""
    _give(element, _texts_alike(element, like))


@contextmanager
def given(element: Any, like: Any) -> Iterator[Callable[[], None]]:
    """An element with the words of another, during the context or, with the yielded function, permanently.

    Raises `Declined` if they do not have the same children.
    """
    before: list[Any] = _texts_of(element)
    give(element, like)
    try:
        yield before.clear
    finally:
        _give(element, before)


def to_draw_with(font: Any) -> Any:
    """A copy of a font, so that the document's own font does not learn what is drawn."""
    other = copy(font)
    other.to_unicode = dict(font.to_unicode)
    other.widths = Widths(font.typeset_stated, font.widths)
    other.missing = dict(font.missing)
    other.typeset_disputed = set(font.typeset_disputed)
    return other


def counted(stream: Any) -> list[int]:
    """The numbers of pictures, shadings and the like so far."""
    resources = stream._resources
    return [len(resources[kind]) for kind in ("ExtGState", "XObject", "Pattern", "Shading")]


def _texts_of(element: Any) -> list[tuple[Any, str | None, str | None]]:
    return [(part, part.text, None if part is element else part.tail) for part in element.iter()]


def _texts_alike(element: Any, like: Any) -> list[tuple[Any, str | None, str | None]]:
    """The texts of another element for the parts of this one."""
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


def _colours(line: DrawnLine) -> tuple[Any, ...]:
    """The state after a line, without its font."""
    return tuple(line.after[place] for place in _COLOURS)


@contextmanager
def _block_formatting(context: Any) -> Any:
    """A block formatting context without floats."""
    root = object()
    context.create_block_formatting_context(root)
    try:
        yield
    finally:
        context.finish_block_formatting_context()


def _speaks_elsewhere(box: Any) -> bool:
    """Whether a box affects more than its lines: links, targets, outlines, running heads, counters."""
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
    """The parts of a box that the structure tree uses: its element and, in order, what is inside."""
    inside = tuple(_shape(child) for child in getattr(box, "children", ()))
    return type(box).__name__, box.element_tag, id(box.element), inside


def _joined(lines: Sequence[DrawnLine]) -> bytes:
    return b"\n".join(line.operators for line in lines)


def _reached() -> dict[str, Any]:
    from weasyprint.formatting_structure import build
    from weasyprint.layout import LayoutContext, background, inline
    from weasyprint.pdf.stream import Stream
    from weasyprint.stacking import StackingContext

    return {
        "iter_line_boxes": inline.iter_line_boxes,
        "element_to_box": build.element_to_box,
        "create_anonymous_boxes": build.create_anonymous_boxes,
        "layout_box_backgrounds": background.layout_box_backgrounds,
        "StackingContext": StackingContext,
        "LayoutContext": LayoutContext,
        "Stream.begin_text": Stream.begin_text,
        "Stream.end_text": Stream.end_text,
        "Stream.__init__": Stream.__init__,
    }
