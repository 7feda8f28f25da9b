"""What setting again asks of words, boxes and fonts, of one element or of whole pages: and why it is declined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from copy import copy
from typing import Any

from typeset.engine.inventory import Widths
from typeset.engine.retained import Glyph, Retained


class Declined(Exception):
    """An element that cannot be shown to leave the rest alone."""


def box_of(retained: Retained, element: Any) -> Any:
    """The box of an element with the words that it has now, not laid out. Raises `Declined` for more than lines."""
    from weasyprint.formatting_structure import build

    context = retained.context
    made = build.element_to_box(
        element,
        context.style_for,
        context.get_image_from_uri,
        retained.html.base_url,
        context.target_collector,
        context.counter_style,
        [],
    )
    if len(made) != 1:
        raise Declined("it makes more than one box")
    box = made[0]
    box.process_whitespace()
    box.process_text_transform()
    box = build.create_anonymous_boxes(box)
    if len(box.children) != 1 or type(box.children[0]).__name__ != "LineBox":
        raise Declined("it is no longer a paragraph")
    return box


def check_fonts(retained: Retained, fonts: dict[Any, Any], drawn: Set[Glyph]) -> None:
    """Raises `Declined` where fonts that something was drawn with have learnt of it, or might have learnt otherwise."""
    if fonts.keys() != retained.document.fonts.keys():
        raise Declined("it has a font that is new")
    disputed = set()
    for key, font in fonts.items():
        known = retained.document.fonts[key]
        if font.to_unicode != known.to_unicode or dict(font.widths) != dict(known.widths) or font.missing:
            raise Declined("it has a glyph that is new")
        disputed |= {(font.hash.encode(), b"%04x" % glyph) for glyph in font.typeset_disputed}
    if disputed & drawn:
        raise Declined("it has a glyph that stands for different letters")


def check_use(retained: Retained, old: Counter[Glyph], new: Counter[Glyph]) -> None:
    """Raises `Declined` where a glyph was drawn that nobody draws any more."""
    counted = retained.glyphs
    if any(counted[glyph] - count + new[glyph] <= 0 for glyph, count in old.items()):
        raise Declined("a glyph is no longer in use")


def give(element: Any, like: Any) -> None:
    """Give an element the words of another that has the same children. Raises `Declined` where it has not."""
    _give(element, _texts_alike(element, like))


@contextmanager
def given(element: Any, like: Any) -> Iterator[Callable[[], None]]:
    """An element with the words of another that has the same children, while the context lasts or for good.

    Raises `Declined` for one that has not.
    """
    before: list[Any] = _texts_of(element)
    give(element, like)
    try:
        yield before.clear
    finally:
        _give(element, before)


def to_draw_with(font: Any) -> Any:
    """A font that learns what is drawn without the document's own learning it."""
    other = copy(font)
    other.to_unicode = dict(font.to_unicode)
    other.widths = Widths(font.typeset_stated, font.widths)
    other.missing = dict(font.missing)
    other.typeset_disputed = set(font.typeset_disputed)
    return other


def _texts_of(element: Any) -> list[tuple[Any, str | None, str | None]]:
    return [(part, part.text, None if part is element else part.tail) for part in element.iter()]


def _texts_alike(element: Any, like: Any) -> list[tuple[Any, str | None, str | None]]:
    """The texts of another element for the places of this one, part by part."""
    own, others = list(element.iter()), list(like.iter())
    if [_kind(part) for part in own] != [_kind(part) for part in others]:
        raise Declined("it has other elements inside")
    return [
        (part, other.text, None if part is element else other.tail) for part, other in zip(own, others, strict=True)
    ]


def _kind(part: Any) -> tuple[Any, ...]:
    return part.tag, tuple(sorted(part.attrib.items())), len(part)


def _give(element: Any, texts: list[tuple[Any, str | None, str | None]]) -> None:
    for part, text, tail in texts:
        part.text = text
        if part is not element:
            part.tail = tail


def counted(stream: Any) -> list[int]:
    """How many pictures, shades and the like there are by now."""
    resources = stream._resources
    return [len(resources[kind]) for kind in ("ExtGState", "XObject", "Pattern", "Shading")]
