"""A document that stays laid out and painted, so that one of its elements can be laid out again.

It keeps what WeasyPrint discards when a file is written: the layout context, the pages as boxes, and what each page
draws. This is split at the lines of paragraphs, so that one line can be replaced without the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial, wraps
from hashlib import md5
from typing import Any

from typeset.engine.loader import hold
from typeset.engine.pdf_file import PdfFile, stream_object


class PdfTemplate:
    """A file that can be written again with other pages or another attached file."""

    def __init__(self, file: PdfFile) -> None:
        self.pdf = file.pdf
        self.files = file.files
        self._file = file
        self._entries = {number: dict(file.pdf.objects[number].extra) for number in file.files.values()}

    @property
    def prefix(self) -> bytes:
        """The common beginning of all files that are made of it."""
        return self._file.prefix

    def page(self, place: int, operators: bytes) -> dict[int, bytes]:
        """The objects to replace so that a page draws something else; the first page is 0."""
        number = self._file.pages[place]
        return {number: stream_object(number, operators)}

    def file(self, name: str, data: bytes) -> dict[int, bytes]:
        """The objects to replace so that an attached file has other content (ISO 32000-1, 7.11.4)."""
        import pydyf

        number = self._file.files[name]
        entries = pydyf.Dictionary(self._entries[number])
        about = pydyf.Dictionary(entries["Params"])
        about["CheckSum"] = f"<{md5(data, usedforsecurity=False).hexdigest()}>"
        about["Size"] = len(data)
        entries["Params"] = about
        return {number: stream_object(number, data, entries.data[2:-2])}

    def renew(self, numbers: Collection[int]) -> None:
        """Write some objects again, as they are in the PDF now. These must not be replaceable ones."""
        for number in numbers:
            self._file.data[number] = self.pdf.objects[number].data
        self._file.pack()

    def filled(self, replaced: Mapping[int, bytes]) -> bytes:
        """The file with some objects replaced: `page` and `file` make the new ones."""
        return self._file.written(replaced)


PATCHED = {
    "draw_inline_level": "068162a401d00efd",
    "Document._build_layout_context": "2b072254ab89701b",
    "Page.paint": "b2f0dcbda755b5d5",
}
"""The code that is wrapped or relied on in ``weasyprint.draw`` and ``.document``, and the start of its SHA-256."""

STATE = (
    "_current_color",
    "_current_color_stroke",
    "_current_alpha",
    "_current_alpha_stroke",
    "_current_font",
    "_current_font_size",
    "_old_font",
    "_old_font_size",
)
"""The state of a WeasyPrint stream that lets it leave out repeated operators."""

_SHOWN = re.compile(rb"/(\S+) \S+ Tf|\[(.*)\] TJ")
_GLYPHS = re.compile(rb"<([0-9a-f]+)>")

Glyph = tuple[bytes, bytes]
"""A font by its name on the page, and a glyph by its number in hexadecimal digits."""


class Declined(Exception):
    """A change that might affect the rest of a document."""


@dataclass(slots=True, kw_only=True)
class DrawnLine:
    """One line of a block as it was drawn: its operators, the state of the stream, and its marks."""

    element: Any
    operators: bytes
    before: tuple[Any, ...]
    after: tuple[Any, ...]
    first_mark: int


@dataclass(eq=False, kw_only=True)
class DrawnPage:
    """A page: its operators, as lines and what is between them, in order; and its marks, by their boxes."""

    page: Any
    stream: Any
    marks: dict[Any, Any]
    pieces: list[bytes | DrawnLine] = field(default_factory=list)

    @property
    def operators(self) -> bytes:
        """All operators of the page."""
        return b"\n".join(piece.operators if isinstance(piece, DrawnLine) else piece for piece in self.pieces)

    @cached_property
    def glyphs(self) -> Counter[Glyph]:
        """How often each glyph is drawn, when the page was painted."""
        return glyphs_in(self.operators)

    def lines_of(self, element: Any) -> list[DrawnLine]:
        """The lines of an element on this page."""
        return [piece for piece in self.pieces if isinstance(piece, DrawnLine) and piece.element is element]

    def blocks_of(self, element: Any) -> list[Any]:
        """The boxes of an element on this page that have lines."""
        return self._blocks.get(element, [])

    @cached_property
    def _blocks(self) -> dict[Any, list[Any]]:
        from weasyprint.formatting_structure import boxes

        found: dict[Any, list[Any]] = {}
        for box in self.page._page_box.descendants():
            if isinstance(box, boxes.BlockBox) and _has_lines(box):
                found.setdefault(box.element, []).append(box)
        return found


class Retained:
    """A document with its pages, while its fonts are loaded."""

    def __init__(
        self, html: Any, root: Any, context: Any, document: Any, drawn: list[DrawnPage], file: PdfFile
    ) -> None:
        self.html, self.root, self.context, self.document = html, root, context, document
        self.drawn, self.template = drawn, PdfTemplate(file)
        self.places = _places(root)
        self.exchanged: dict[int, bytes] = {}
        """Streams that have changed since the file was first written."""

    @cached_property
    def glyphs(self) -> Counter[Glyph]:
        """How often each glyph is drawn."""
        return sum((page.glyphs for page in self.drawn), Counter())

    def put(self, element: Any, box: Any) -> None:
        """Use a new box for an element when its page is laid out again."""
        parent, place = self.places[element]
        children = list(parent.children)
        children[place] = box
        parent.children = tuple(children)

    def file(self) -> bytes:
        """The file as it is now."""
        return self.template.filled(self.exchanged)

    def blocks_of(self, element: Any) -> Iterator[tuple[DrawnPage, Any]]:
        """The boxes of an element that have lines, each with its page."""
        return ((drawn, box) for drawn in self.drawn for box in drawn.blocks_of(element))


def install() -> None:
    """Wrap the function that draws lines, once. Raises `ChangedEngine` if code that this relies on has changed."""
    from weasyprint import document, draw

    if hasattr(draw.draw_inline_level, "tells_lines"):
        return
    found = {
        "draw_inline_level": draw.draw_inline_level,
        "Document._build_layout_context": document.Document._build_layout_context.__func__,
        "Page.paint": document.Page.paint,
    }
    hold(found, PATCHED)
    draw.draw_inline_level = _telling_lines(draw.draw_inline_level)


class Recorder:
    """Records one document from its layout to its pages."""

    def __init__(self) -> None:
        self.context: Any = None
        self.root: Any = None
        self.document: Any = None
        self.drawn: list[DrawnPage] = []

    def render(self, html: Any, *, font_config: Any, **options: Any) -> Any:
        """``HTML.render``, with recording."""
        from weasyprint import DEFAULT_OPTIONS, document
        from weasyprint.document import Document

        stock = document.layout_document
        recorder = self

        class Recorded(Document):  # type: ignore[misc]
            @classmethod
            def _build_layout_context(cls, *arguments: Any) -> Any:
                recorder.context = super()._build_layout_context(*arguments)
                return recorder.context

        def layout_document(html: Any, root: Any, context: Any, *rest: Any) -> Any:
            self.root = root
            return stock(html, root, context, *rest)

        document.layout_document = layout_document
        try:
            self.document = Recorded._render(html, font_config, None, None, {**DEFAULT_OPTIONS, **options})
        finally:
            document.layout_document = stock
        for page in self.document.pages:
            page.paint = partial(self._paint, page)
        return self.document

    def retained(self, html: Any, file: PdfFile | None) -> Retained:
        """The recorded document after it is written. Raises `Declined` for a file whose streams cannot be replaced."""
        if file is None:
            raise Declined("the file is not written in the order in which parts of it can be replaced")
        return Retained(html, self.root, self.context, self.document, self.drawn, file)

    def _paint(self, page: Any, stream: Any, scale: float = 1) -> None:
        self.drawn.append(painted(page, stream, scale))


def painted(page: Any, stream: Any, scale: float) -> DrawnPage:
    """Paint a page and record what it draws."""
    noted: list[Any] = []
    stream.typeset_lines = noted
    type(page).paint(page, stream, scale)
    del stream.typeset_lines
    drawn = DrawnPage(page=page, stream=stream, marks=dict(stream._tags))
    at = 0
    for element, start, end, before, after, mark in noted:
        if start > at:
            drawn.pieces.append(written(stream.stream[at:start]))
        if end > start:
            operators = written(stream.stream[start:end])
            drawn.pieces.append(
                DrawnLine(element=element, operators=operators, before=before, after=after, first_mark=mark)
            )
        at = end
    if at < len(stream.stream):
        drawn.pieces.append(written(stream.stream[at:]))
    return drawn


def state_of(stream: Any) -> tuple[Any, ...]:
    """The state of a stream."""
    return tuple(getattr(stream, name) for name in STATE)


def glyphs_in(operators: bytes) -> Counter[Glyph]:
    """How often each glyph is drawn by these operators."""
    found: Counter[Glyph] = Counter()
    font = b""
    for name, shown in _SHOWN.findall(operators):
        if name:
            font = name
            continue
        for digits in _GLYPHS.findall(shown):
            found.update((font, digits[at : at + 4]) for at in range(0, len(digits), 4))
    return found


def written(operators: list[Any]) -> bytes:
    """Operators as bytes of a file."""
    import pydyf

    return b"\n".join(map(pydyf._to_bytes, operators))


def _telling_lines(stock: Any) -> Any:
    from weasyprint.formatting_structure import boxes

    @wraps(stock)
    def draw_inline_level(stream: Any, page: Any, box: Any, *rest: Any, **options: Any) -> None:
        noted = getattr(stream, "typeset_lines", None)
        if noted is None or not isinstance(box, boxes.LineBox):
            stock(stream, page, box, *rest, **options)
            return
        # Lines in a box that is itself part of a line belong to that line.
        del stream.typeset_lines
        start, before, mark = len(stream.stream), state_of(stream), len(stream._tags or ())
        stock(stream, page, box, *rest, **options)
        noted.append((box.element, start, len(stream.stream), before, state_of(stream), mark))
        stream.typeset_lines = noted

    draw_inline_level.tells_lines = True  # type: ignore[attr-defined]
    return draw_inline_level


def _places(root: Any) -> dict[Any, tuple[Any, int]]:
    """The parent of each element's box before layout, and its index there; not for an element with several boxes."""
    found: dict[Any, tuple[Any, int]] = {}
    twice = set()
    for parent in (root, *root.descendants()):
        for place, child in enumerate(getattr(parent, "children", ())):
            if child.element is not parent.element and child.element is not None:
                twice |= {child.element} & found.keys()
                found[child.element] = (parent, place)
    return {element: place for element, place in found.items() if element not in twice}


def _has_lines(box: Any) -> bool:
    from weasyprint.formatting_structure import boxes

    return bool(box.children) and all(isinstance(child, boxes.LineBox) for child in box.children)
