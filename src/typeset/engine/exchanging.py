"""Words of one element exchanged for many copies of a document, whose faces are ready for all of them.

As `resetting` does for one edit, with two differences. A copy that no longer draws a glyph leaves it in the fonts,
since another copy draws it. And what stands in marked content of its own may end with any font: the next text names
its own (`Stream.begin_text` of WeasyPrint goes on with the font before only right after the end of a text).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typeset.engine.declining import Declined, given
from typeset.engine.guard import hold
from typeset.engine.parsing import parse
from typeset.engine.resetting import Fresh, Place, Resetting
from typeset.engine.retained import STATE, Line, Retained

RELIED_ON = {"begin_text": "bf5f18b4689d4512", "end_text": "967bc1ae82320060", "Stream.__init__": "918b7e8bb22a7a82"}
"""What tells how texts and fonts follow each other, and how a stream is made, in ``weasyprint.pdf.stream.Stream``, and
the start of the SHA-256 of each.
"""

_END = b"EMC"
_COLOURS = tuple(place for place, name in enumerate(STATE) if "font" not in name)
"""Entries of a state that are not about fonts."""


def check() -> None:
    """Raises `ChangedEngine` when something relied on is not what is known."""
    from weasyprint.pdf.stream import Stream

    found = {"begin_text": Stream.begin_text, "end_text": Stream.end_text, "Stream.__init__": Stream.__init__}
    hold(found, RELIED_ON, "weasyprint.pdf.stream")


class Exchanging(Resetting):
    """Draws other words in the places of a retained document, which stays as it is."""

    def __init__(self, retained: Retained) -> None:
        check()
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
            fresh = self.set(place)
        self.compare(place, fresh)
        return tuple(line.operators for line in fresh.lines)

    def page_with(self, exchanged: Sequence[tuple[Any, Sequence[bytes]]]) -> tuple[int, bytes]:
        """The page that all these elements stand on, and what it draws with other lines in their places.

        Raises `Declined` where they stand on several pages.
        """
        pages = {id(drawn): drawn for element, _ in exchanged if (drawn := self.place(element).drawn)}
        if len(pages) != 1:
            raise Declined("the words stand on several pages")
        (drawn,) = pages.values()
        lines = {
            id(line): operators
            for element, others in exchanged
            for line, operators in zip(self.place(element).lines, others, strict=True)
        }
        operators = b"\n".join(
            lines.get(id(piece), piece.operators) if isinstance(piece, Line) else piece for piece in drawn.pieces
        )
        return self.retained.drawn.index(drawn), operators

    def compare_state(self, place: Place, fresh: Fresh) -> None:
        """Raises `Declined` where what follows would be drawn in another colour, or in the font before."""
        if not all(line.operators.endswith(_END) for line in (*fresh.lines, *place.lines)):
            raise Declined("it ends in the middle of a text")
        if [_colours(line) for line in fresh.lines] != [_colours(line) for line in place.lines]:
            raise Declined("it leaves another colour behind")

    def compare_use(self, place: Place, fresh: Fresh) -> None:
        """Other copies draw what this one no longer does."""


def _colours(line: Line) -> tuple[Any, ...]:
    """What a line leaves behind, but for its font."""
    return tuple(line.after[place] for place in _COLOURS)


def learn(document: Any, sheet: Any) -> None:
    """Let the fonts of a document be ready for what the pages of another one draw, which nobody sees.

    That is learned once the document's own last page is drawn, so that its own words come first.
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
