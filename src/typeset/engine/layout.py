"""Blocks in columns, laid out once.

Stock WeasyPrint finds the height of columns by trying: it lays out all that a page takes, then again for each height
that would balance its columns, and once more when it knows. A list of signatories is laid out three times and more in
that way, which was a third of what rendering costs. A block of a column that came out whole is kept with its box, and
moved when the next try wants it elsewhere; the boxes of a try live no longer than the page's columns.

A block is kept only where nothing but its width decides what becomes of it, and moved only to where it fits whole:
whatever breaks, floats, is positioned, or has a margin above it to collapse with goes the stock way each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from math import inf
from pathlib import Path
from typing import Any

from typeset.engine.loader import ChangedEngine, source_digest

RELIED_ON = {"block.py": "9457dca0528c378f", "column.py": "83ae1a3e83596293"}
"""The files of ``weasyprint.layout`` that say how a block may depend on where it stands, and the start of the SHA-256
of each: what is kept here would be wrong where they found a new dependence."""

_KEPT = "typeset_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class _LaidBlock:
    """A block as it came out whole: where, how far down it reaches, and what its parent was told."""

    width: float
    block: Any
    shift: tuple[float, float]
    height: float
    next_page: dict[str, Any]
    margins: tuple[float, ...]
    collapses: bool


def install() -> None:
    """Wrap the function that lays out blocks, once. Raises `ChangedEngine` when a file is not the known one."""
    from weasyprint.layout import block

    if getattr(block.block_level_layout, "keeps_blocks", False):
        return
    folder = Path(block.__file__).parent
    for name, digest in RELIED_ON.items():
        if file_digest(folder / name) != digest:
            raise ChangedEngine(f"weasyprint/layout/{name} has changed")
    block.block_level_layout = _around(block.block_level_layout)


def uninstall() -> None:
    """Put the stock function back."""
    from weasyprint.layout import block

    block.block_level_layout = getattr(block.block_level_layout, "stock", block.block_level_layout)


def file_digest(path: Path) -> str:
    """What the guard remembers of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _around(stock: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(stock)
    def block_level_layout(
        context: Any,
        box: Any,
        bottom_space: float,
        skip_stack: Any,
        containing_block: Any,
        page_is_empty: bool = True,
        absolute_boxes: Any = None,
        fixed_boxes: Any = None,
        adjoining_margins: Any = None,
        first_letter_style: Any = None,
        first_line_style: Any = None,
        discard: bool = False,
        max_lines: Any = None,
    ) -> Any:
        left, top = box.position_x, box.position_y
        ours = (
            getattr(containing_block, "is_column", False)
            and skip_stack is None
            and not (first_letter_style or first_line_style or discard or any(adjoining_margins or ()))
            and max_lines is None
            and not (context.footnotes or context.excluded_shapes)
        )
        kept: _LaidBlock | None = vars(box).get(_KEPT) if ours else None
        if (
            kept
            and kept.width == containing_block.width
            and not context.overflows_page(bottom_space, top + kept.height)
        ):
            block = kept.block
            block.translate(left + kept.shift[0] - block.position_x, top + kept.shift[1] - block.position_y)
            return block, None, dict(kept.next_page), list(kept.margins), kept.collapses, None
        result = stock(
            context, box, bottom_space, skip_stack, containing_block, page_is_empty, absolute_boxes, fixed_boxes,
            adjoining_margins, first_letter_style, first_line_style, discard, max_lines,
        )  # fmt: skip
        block, resume_at, next_page, margins, collapses, _ = result
        if ours and block is not None and resume_at is None and _stands_alone(box):
            shift = (block.position_x - left, block.position_y - top)
            height = shift[1] + block.margin_height()
            if not context.overflows_page(bottom_space, top + height):
                kept = _LaidBlock(
                    width=containing_block.width,
                    block=block,
                    shift=shift,
                    height=height,
                    next_page=dict(next_page),
                    margins=tuple(margins),
                    collapses=collapses,
                )
                setattr(box, _KEPT, kept)
        return result

    block_level_layout.keeps_blocks = True  # type: ignore[attr-defined]
    block_level_layout.stock = stock  # type: ignore[attr-defined]
    return block_level_layout


def _stands_alone(box: Any) -> bool:
    """Whether a block holds nothing but lines, as high as they are: such a block depends on its width alone."""
    from weasyprint.formatting_structure import boxes

    known = (boxes.BlockBox, boxes.LineBox, boxes.InlineBox, boxes.TextBox, boxes.InlineBlockBox)
    return box.style["position"] == "static" and all(
        type(inside) in known
        and inside.is_in_normal_flow()
        and (not isinstance(inside, boxes.BlockBox) or _is_plain(inside))
        for inside in box.descendants()
    )


def _is_plain(block: Any) -> bool:
    style = block.style
    return bool(
        style["height"] == "auto"
        and style["max_height"].value == inf
        and style["clear"] == "none"
        # What ::first-letter and ::first-line change, a layout changes for the next one.
        and block.first_letter_style is block.first_line_style is None
        and style["column_width"] == style["column_count"] == "auto"
    )


PATCHED = "8c564329599ef23f"
"""The start of the SHA-256 of ``weasyprint.layout.inline.split_text_box``, for the guard."""


def install_leading() -> None:
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


SPACES_PATCHED = "1bb8eae6d88e71b1"
"""The start of the SHA-256 of ``weasyprint.draw.text.draw_first_line``, for the guard."""


class _Drawn(str):
    """Spaces that pass for more than nothing: what the stock function asks of a text before it draws it."""

    __slots__ = ()

    def strip(self, *_: Any) -> str:
        return self


def install_spaces() -> None:
    """Wrap the function that draws text, once. Raises `ChangedEngine` when it is not the known one."""
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
    """Wrap the functions that fill a line, once. Raises `ChangedEngine` when one is not the known one."""
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
