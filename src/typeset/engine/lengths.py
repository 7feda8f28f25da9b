"""Margins, paddings, borders and sizes of a box, worked out once for each style and measure.

Stock WeasyPrint resolves eighteen lengths of every box each time it lays it out, one after the other. In a list all but
a few boxes have the same styles and stand in the same measure. What a style says of these lengths and what they refer
to decides everything, so the answers are kept by just that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from operator import itemgetter
from typing import Any

from typeset.engine.guard import hold

RELIED_ON = {
    "resolve_percentages": "71673078096fcf87",
    "resolve_one_percentage": "4cfaa9ad134e4f7b",
    "percentage": "ebe404ccd9da50bf",
    "adjust_box_sizing": "88f3351db0280d16",
}
"""Functions of ``weasyprint.layout.percent`` that say what decides a length, and the start of the SHA-256 of each."""

CALLERS = ("block", "inline", "column")
"""Modules of ``weasyprint.layout`` that lay out most boxes."""

_SIDES = ("top", "right", "bottom", "left")
_SIZES = ("width", "min_width", "max_width", "height", "min_height", "max_height")
LENGTHS = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *(f"border_{side}_width" for side in _SIDES),
    *_SIZES,
)
"""What the stock function sets on a box."""

_said = itemgetter(*LENGTHS, "box_sizing", "border_collapse")
_resolved = itemgetter(*LENGTHS)

MOST = 20_000
"""Answers that are kept at a time."""


def install() -> None:
    """Wrap the function that resolves lengths, once. Raises `ChangedEngine` when one relied on is not the known one."""
    from weasyprint.layout import percent

    hold({name: getattr(percent, name) for name in RELIED_ON}, RELIED_ON, "weasyprint.layout.percent")
    ours = _around(percent.resolve_percentages)
    for module in map(_module, CALLERS):
        if module.resolve_percentages is percent.resolve_percentages:
            module.resolve_percentages = ours


def uninstall() -> None:
    """Put the stock function back."""
    from weasyprint.layout import percent

    for module in map(_module, CALLERS):
        module.resolve_percentages = percent.resolve_percentages


def _module(name: str) -> Any:
    return import_module(f"weasyprint.layout.{name}")


def _around(stock: Callable[..., Any]) -> Callable[..., Any]:
    from weasyprint.css.properties import Dimension
    from weasyprint.formatting_structure import boxes

    kept: dict[Any, dict[str, Any]] = {}
    plain = (Dimension, str, int, float)

    @wraps(stock)
    def resolve_percentages(box: Any, containing_block: Any) -> None:
        if isinstance(containing_block, boxes.Box):
            measure = containing_block.width, containing_block.height
        else:
            measure = tuple(containing_block)
        said = _said(box.style)
        try:
            answer = kept.get((said, measure))
        except TypeError:  # what cannot be hashed is worked out each time
            stock(box, containing_block)
            return
        if answer is None:
            stock(box, containing_block)
            # A function in a style takes more than the style's lengths into account; collapsing borders, the table.
            if all(isinstance(value, plain) for value in said) and "collapse" not in said:
                if len(kept) >= MOST:
                    kept.clear()
                kept[said, measure] = dict(zip(LENGTHS, _resolved(vars(box)), strict=True))
        else:
            vars(box).update(answer)

    return resolve_percentages
