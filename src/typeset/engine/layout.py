"""Patches for layout: lines on a grid, drawn spaces, and words that are not broken."""

from __future__ import annotations

from functools import wraps
from typing import Any

from typeset.engine.loader import ChangedEngine, source_digest

LEADING_PATCHED = "8c564329599ef23f"
"""The start of the SHA-256 of ``weasyprint.layout.inline.split_text_box``, for the guard."""


def install_leading() -> None:
    """Measure lines only by the first face of their style, so that a page keeps its grid.

    Stock WeasyPrint measures a text by all faces of its characters. Then a line with one ideograph among Latin letters
    has another base line than its neighbours, and is higher than its ``line-height`` by the difference. Browsers
    measure by the first available face (CSS Inline 3, 5.2); a page whose two columns share a grid needs this.

    Raises `ChangedEngine` if the function has changed.
    """
    from weasyprint.layout import inline
    from weasyprint.text.line_break import strut

    stock = inline.split_text_box
    if getattr(stock, "keeps_grid", False):
        return
    if source_digest(getattr(stock, "stock", stock)) != LEADING_PATCHED:
        raise ChangedEngine("weasyprint.layout.inline.split_text_box has changed")

    @wraps(stock)
    def split_text_box(context: Any, box: Any, *rest: Any, **options: Any) -> Any:
        made, resume, broken = stock(context, box, *rest, **options)
        if made is not None and made.style["line_height"] != "normal":
            shift = strut(made.style)[1] - made.baseline
            made.margin_top += shift
            made.margin_bottom -= shift
            made.baseline += shift
        return made, resume, broken

    split_text_box.keeps_grid = True  # type: ignore[attr-defined]
    inline.split_text_box = split_text_box


SPACES_PATCHED = "1bb8eae6d88e71b1"
"""The start of the SHA-256 of ``weasyprint.draw.text.draw_first_line``, for the guard."""


class _Drawn(str):
    """Spaces that do not count as empty when the stock function checks a text before it draws it."""

    __slots__ = ()

    def strip(self, *_: Any) -> str:
        return self


def install_spaces() -> None:
    """Draw spaces between two elements like other text.

    Stock WeasyPrint does not draw a text of spaces only, such as the one between a number and a name, or between two
    words in bold. This is not visible, but in a screen reader or copied text the two words are joined.

    Raises `ChangedEngine` if the function has changed.
    """
    from weasyprint.draw import text

    stock = text.draw_first_line
    if getattr(stock, "draws_spaces", False):
        return
    if source_digest(getattr(stock, "stock", stock)) != SPACES_PATCHED:
        raise ChangedEngine("weasyprint.draw.text.draw_first_line has changed")

    @wraps(stock)
    def draw_first_line(stream: Any, textbox: Any, *rest: Any) -> Any:
        if textbox.text and not textbox.text.strip(" \u00a0"):
            textbox.text = _Drawn(textbox.text)
        return stock(stream, textbox, *rest)

    draw_first_line.draws_spaces = True  # type: ignore[attr-defined]
    text.draw_first_line = draw_first_line


WHOLE_WORDS_PATCHED = {"split_inline_box": "3a0cb7ca7e34c7ef", "split_text_box": "8c564329599ef23f"}
"""The start of the SHA-256 of each patched function of ``weasyprint.layout.inline``, for the guard."""


def install_whole_words() -> None:
    """Keep words whole in the middle of a line.

    ``overflow-wrap: break-word`` breaks a word that is too long for any line, at the start of a line (CSS Text 3, 5.5).
    Stock WeasyPrint finds the start by the finished children of the line. In an element that continues from the line
    before there are none yet, so each passage in another language counted as a start, and its first word was broken
    where the line was full.

    Raises `ChangedEngine` if a function has changed.
    """
    from weasyprint.layout import inline

    if getattr(inline.split_text_box, "keeps_words", False):
        return
    for name, digest in WHOLE_WORDS_PATCHED.items():
        stock = getattr(inline, name)
        if source_digest(getattr(stock, "stock", stock)) != digest:
            raise ChangedEngine(f"weasyprint.layout.inline.{name} has changed")
    inline.split_inline_box = _around_box(inline.split_inline_box)
    inline.split_text_box = _around_text(inline.split_text_box)


def _starts(context: Any) -> list[float | None]:
    """Where the text begins in each line that is being filled: a line may be in a box of another line."""
    if not hasattr(context, "typeset_starts"):
        context.typeset_starts = []
    starts: list[float | None] = context.typeset_starts
    return starts


def _around_box(stock: Any) -> Any:
    from weasyprint.formatting_structure import boxes

    @wraps(stock)
    def split_inline_box(context: Any, box: Any, *rest: Any) -> Any:
        if not isinstance(box, boxes.LineBox):
            return stock(context, box, *rest)
        starts = _starts(context)
        starts.append(None)
        try:
            return stock(context, box, *rest)
        finally:
            starts.pop()

    return split_inline_box


def _around_text(stock: Any) -> Any:
    @wraps(stock)
    def split_text_box(
        context: Any, box: Any, available_width: Any, skip: Any, is_line_start: bool = True
    ) -> tuple[Any, Any, Any]:
        starts = _starts(context) if context is not None else []
        if starts:
            start = starts[-1]
            if start is None:
                start = starts[-1] = box.position_x
            is_line_start = is_line_start and box.position_x <= start
        made: tuple[Any, Any, Any] = stock(context, box, available_width, skip, is_line_start=is_line_start)
        return made

    split_text_box.keeps_words = True  # type: ignore[attr-defined]
    return split_text_box
