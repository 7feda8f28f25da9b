"""The words of a composed document in the manner they are set in, for choosing faces before anything is laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from typeset.engine.parsing import parse
from typeset.fonts.words import Words

__all__ = ["FURNITURE", "letterhead_texts", "parse", "text_runs"]

FURNITURE = "page furniture"
"""The subject of what stands in the margins of every page."""

LETTERHEAD = "letterhead"
"""The subject of what a look prints above the letter."""

_BLOCKS = frozenset({"p", "div", "address", "h2", "h3", "h4", "ul", "ol", "li", "header"})
_UNPRINTED = frozenset({"head", "style", "script", "template"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    lang: str
    bold: bool = False
    italic: bool = False
    subject: str = ""


def text_runs(
    root: Any, lang: str, bold: frozenset[str], italic: frozenset[str], furniture: tuple[str, ...]
) -> tuple[Words, ...]:
    """Every stretch of text in the body of a parsed page with its language and weight, then the text of the margins.

    ``bold`` and ``italic`` name elements, or classes with a dot; what is inside them inherits.
    """
    words = [
        Words(text=text, lang=manner.lang, bold=manner.bold, italic=manner.italic, subject=manner.subject)
        for text, manner in _texts(root, _Manner(lang=lang), bold, italic)
        if text.strip(" \t\n")
    ]
    words += [Words(text=text, lang=lang, subject=FURNITURE) for text in furniture if text]
    return tuple(words)


def letterhead_texts(root: Any) -> tuple[str, ...]:
    """What the letterhead of a parsed page says, block by block: words of the look, which are none of the letter's."""
    blocks = (
        block
        for head in root.iter()
        if head.get("data-subject") == LETTERHEAD
        for block in head.iter()
        if not any(child.tag in _BLOCKS for child in block.iter() if child is not block)
        and (block.tag in _BLOCKS or block is head)
    )
    return tuple(text for block in blocks if (text := " ".join("".join(block.itertext()).split())))


def _texts(
    element: Any, manner: _Manner, bold: frozenset[str], italic: frozenset[str]
) -> Iterator[tuple[str, _Manner]]:
    if not isinstance(element.tag, str) or element.tag in _UNPRINTED:
        return
    names = {element.tag, *(f".{name}" for name in (element.get("class") or "").split())}
    inside = replace(
        manner,
        lang=element.get("lang") or manner.lang,
        bold=manner.bold or not names.isdisjoint(bold),
        italic=manner.italic or not names.isdisjoint(italic),
        subject=element.get("data-subject") or manner.subject,
    )
    if element.text:
        yield element.text, inside
    for child in element:
        yield from _texts(child, inside, bold, italic)
        if child.tail:
            yield child.tail, inside
