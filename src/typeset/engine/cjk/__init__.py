"""East Asian lines for WeasyPrint: broken, spaced and justified as CLREQ requires, if a style sheet asks for it.

``--typeset-cjk: autospace trim justify`` on an element turns this on for its Chinese and Japanese lines. The words are
independent: ``autospace`` puts a quarter em between Han and Western text, ``trim`` sets marks together and cuts their
blanks at line ends, ``justify`` fills the lines of justified text. Lines are broken by the same rules with any of
them. Without the property WeasyPrint lays out a document as usual.
"""

from __future__ import annotations

from typing import Any

from typeset.engine.loader import ChangedEngine, source_digest

PATCHED = {
    "layout.inline.split_inline_box": "3a0cb7ca7e34c7ef",
    "layout.inline.split_text_box": "8c564329599ef23f",
    "layout.inline.text_align": "e953d41b87ccfc30",
    "layout.preferred.inline_line_widths": "6c24f789e3ce5bb7",
    "draw.text.draw_first_line": "1bb8eae6d88e71b1",
}
"""The replaced functions, and the start of the SHA-256 of their source, for the guard."""

RELIED_ON = {
    "layout.inline.get_next_linebox": "67af458c2545e74f",
    "layout.inline.split_inline_level": "d98c008c8fc00582",
    "layout.inline.skip_first_whitespace": "deb2f1a5e2a6c035",
    "layout.inline.remove_last_whitespace": "53f0c79c9fbbda50",
    "text.line_break.Layout": "681b737d1ba5e004",
    "text.line_break.line_size": "03fa04fd51fc69aa",
    "text.line_break.get_log_attrs": "65c1a1c4fa75ee95",
    "text.line_break.strut": "b57885b70dd08efe",
    "draw.text.draw_text": "ebaf96239c6ca363",
}
"""Code that calls the replaced functions or is used by ours, and must not change."""


def install() -> None:
    """Replace the functions, once. Raises `ChangedEngine` if one of them has changed.

    Call it after ``engine.loader.load`` has loaded WeasyPrint.
    """
    from typeset.engine.cjk import draw, text_layout

    around = {
        "split_inline_box": text_layout.around_split_inline_box,
        "split_text_box": text_layout.around_split_text_box,
        "text_align": text_layout.around_text_align,
        "inline_line_widths": text_layout.around_inline_line_widths,
        "draw_first_line": draw.around_draw_first_line,
    }
    if all(getattr(_found(name)[2], "sets_lines", False) for name in PATCHED):
        return
    for name, digest in (PATCHED | RELIED_ON).items():
        _, _, stock = _found(name)
        if source_digest(stock) != digest:
            raise ChangedEngine(f"weasyprint.{name} has changed")
    for name in PATCHED:
        module, function, stock = _found(name)
        ours: Any = around[function](stock)
        ours.sets_lines = True
        ours.stock = stock
        setattr(module, function, ours)


def uninstall() -> None:
    """Put the stock functions back."""
    for name in PATCHED:
        module, function, ours = _found(name)
        setattr(module, function, getattr(ours, "stock", ours))


def _found(name: str) -> tuple[Any, str, Any]:
    from importlib import import_module

    path, _, function = name.rpartition(".")
    module = import_module(f"weasyprint.{path}")
    return module, function, getattr(module, function)
