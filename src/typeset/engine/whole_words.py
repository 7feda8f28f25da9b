"""Words kept whole in the middle of a line.

``overflow-wrap: break-word`` parts a word that is too long for any line, at the start of one (CSS Text 3, 5.5). Stock
WeasyPrint looks for the start among the finished children of the line. Inside an element that goes on from the line
before there are none yet, so each passage in another language counted as a start there, and its first word was parted
wherever the line was full.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from typeset.engine.guard import ChangedEngine, source_digest

PATCHED = {"split_inline_box": "3a0cb7ca7e34c7ef", "split_text_box": "8c564329599ef23f"}
"""The start of the SHA-256 of each patched function of ``weasyprint.layout.inline``, for the guard."""


def install() -> None:
    """Wrap the functions that fill a line, once. Raises `ChangedEngine` when one is not the known one."""
    from weasyprint.layout import inline

    if getattr(inline.split_text_box, "keeps_words", False):
        return
    for name, digest in PATCHED.items():
        stock = getattr(inline, name)
        if source_digest(getattr(stock, "stock", stock)) != digest:
            raise ChangedEngine(f"weasyprint.layout.inline.{name} has changed")
    inline.split_inline_box = _around_box(inline.split_inline_box)
    inline.split_text_box = _around_text(inline.split_text_box)


def _starts(context: Any) -> list[float | None]:
    """Where the text begins in each line that is being filled: a line may stand in a box of another line."""
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
