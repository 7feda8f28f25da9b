"""One style for all elements that say their language alike.

WeasyPrint gives elements under the same rules one computed style, unless they have attributes of their own that say
something of style. ``lang`` is such an attribute, made into a declaration that is another one for each element. In a
list where every name says its language no two names share a style, nor does anything inside them: an eighth of
rendering. One declaration for each language makes them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from typeset.engine.guard import hold

RELIED_ON = {"find_style_attributes": "c5b4eb4d3c008b07", "StyleFor": "dac5a13261681453"}
"""What makes the declarations and what compares them, in ``weasyprint.css``, and the start of the SHA-256 of each."""


def install() -> None:
    """Wrap the function that makes declarations of attributes, once.

    Raises `ChangedEngine` when something relied on is not the known one.
    """
    from weasyprint import css

    hold({name: getattr(css, name) for name in RELIED_ON}, RELIED_ON, "weasyprint.css")
    if not hasattr(css.find_style_attributes, "stock"):
        css.find_style_attributes = _around(css.find_style_attributes)


def uninstall() -> None:
    """Put the stock function back."""
    from weasyprint import css

    css.find_style_attributes = getattr(css.find_style_attributes, "stock", css.find_style_attributes)


def _around(stock: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(stock)
    def find_style_attributes(tree: Any, *rest: Any, **options: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
        kept: dict[str, Any] = {}
        for specificity, element, declarations, base_url in stock(tree, *rest, **options):
            # Elements are compared by the last of their attributes alone: one with a style stays what it is.
            if _is_language(declarations) and not element.get("style"):
                declarations = kept.setdefault(element.get("lang"), declarations)
            yield specificity, element, declarations, base_url

    vars(find_style_attributes)["stock"] = stock
    return find_style_attributes


def _is_language(declarations: Any) -> bool:
    return len(declarations) == 1 and getattr(declarations[0], "name", "") == "-weasy-lang"
