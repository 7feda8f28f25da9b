"""Lines measured by the first face of their style alone, so that a page keeps its grid.

Stock WeasyPrint measures a text by whatever faces its characters came out in. A line with one ideograph among Latin
letters has another base line than its neighbours then, and is higher than its ``line-height`` by the difference.
Browsers measure by the first available face (CSS Inline 3, 5.2), and so does a page whose two columns share a grid.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from typeset.engine.guard import ChangedEngine, source_digest

PATCHED = "8c564329599ef23f"
"""The start of the SHA-256 of ``weasyprint.layout.inline.split_text_box``, for the guard."""


def install() -> None:
    """Wrap the function that makes text boxes, once. Raises `ChangedEngine` when it is not the known one."""
    from weasyprint.layout import inline
    from weasyprint.text.line_break import strut

    stock = inline.split_text_box
    if getattr(stock, "keeps_grid", False):
        return
    if source_digest(getattr(stock, "stock", stock)) != PATCHED:
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
