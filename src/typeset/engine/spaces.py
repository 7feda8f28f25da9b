"""Spaces between two elements, drawn like any other.

Stock WeasyPrint draws no text that is nothing but spaces, such as the one between a number and a name, or between two
words in bold. The eye does not miss it; a screen reader, and whoever copies the text, gets two words grown together.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from typeset.engine.guard import ChangedEngine, source_digest

PATCHED = "1bb8eae6d88e71b1"
"""The start of the SHA-256 of ``weasyprint.draw.text.draw_first_line``, for the guard."""


class _Drawn(str):
    """Spaces that pass for more than nothing: what the stock function asks of a text before it draws it."""

    __slots__ = ()

    def strip(self, *_: Any) -> str:
        return self


def install() -> None:
    """Wrap the function that draws text, once. Raises `ChangedEngine` when it is not the known one."""
    from weasyprint.draw import text

    stock = text.draw_first_line
    if getattr(stock, "draws_spaces", False):
        return
    if source_digest(getattr(stock, "stock", stock)) != PATCHED:
        raise ChangedEngine("weasyprint.draw.text.draw_first_line has changed")

    @wraps(stock)
    def draw_first_line(stream: Any, textbox: Any, *rest: Any) -> Any:
        if textbox.text and not textbox.text.strip(" \u00a0"):
            textbox.text = _Drawn(textbox.text)
        return stock(stream, textbox, *rest)

    draw_first_line.draws_spaces = True  # type: ignore[attr-defined]
    text.draw_first_line = draw_first_line
