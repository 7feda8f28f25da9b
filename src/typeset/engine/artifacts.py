"""Running heads and page numbers as artifacts: furniture of the page, not what it says (ISO 32000-1, 14.8.2.2).

Stock WeasyPrint marks them as text and gives them structure elements that hang in no tree, so that some readers read
them out between two halves of a sentence.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from typeset.engine.guard import ChangedEngine, source_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

PATCHED = "3fa3acacbbf66422"
"""The start of the SHA-256 of ``weasyprint.pdf.stream.Stream.marked``, for the guard."""


def install() -> None:
    """Wrap the method that marks content, once. Raises `ChangedEngine` when it is not the known one."""
    import pydyf
    from weasyprint.pdf.stream import Stream

    stock = Stream.marked
    if getattr(stock, "leaves_furniture_out", False):
        return
    if source_digest(stock) != PATCHED:
        raise ChangedEngine("weasyprint.pdf.stream.Stream.marked has changed")

    @wraps(stock)
    @contextmanager
    def marked(self: Any, box: Any, tag: str) -> Iterator[None]:
        # Only what stands in a margin comes from no element.
        if self._tags is None or box.element is not None:
            with stock(self, box, tag):
                yield
            return
        properties = pydyf.Dictionary({"Type": "/Pagination"})
        pydyf.Stream.begin_marked_content(self, "Artifact", properties)
        try:
            yield
        finally:
            pydyf.Stream.end_marked_content(self)

    marked.leaves_furniture_out = True  # type: ignore[attr-defined]
    Stream.marked = marked
