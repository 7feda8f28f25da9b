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

from typeset.engine.guard import ChangedEngine

RELIED_ON = {"block.py": "9457dca0528c378f", "column.py": "83ae1a3e83596293"}
"""The files of ``weasyprint.layout`` that say how a block may depend on where it stands, and the start of the SHA-256
of each: what is kept here would be wrong where they found a new dependence."""

_KEPT = "typeset_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
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
        kept: _Kept | None = vars(box).get(_KEPT) if ours else None
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
                kept = _Kept(
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
