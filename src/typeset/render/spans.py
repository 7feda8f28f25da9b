"""Paragraphs and items in the markup of a page: where they stand, and which of them two pages have otherwise."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from typeset.engine.declining import Declined

_ELEMENTS = re.compile(r"<(p|li)\b[^>]*>(?:(?!<(?:p|li|ul|ol|div)\b).)*?</\1>", re.DOTALL)
"""Paragraphs and items with no block inside: what may be set again by itself."""

_OPENINGS = {tag: re.compile(rf"<{tag}\b") for tag in ("p", "li")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where an element stands in a page's markup, as characters from ``start`` to ``end``, and which it is."""

    start: int
    end: int
    element: Any

    def moved(self, by: int) -> Span:
        """The element further on."""
        return Span(start=self.start + by, end=self.end + by, element=self.element)

    def grown(self, by: int) -> Span:
        """The element with more inside."""
        return Span(start=self.start, end=self.end + by, element=self.element)


def differing(old: str, new: str, spans: list[Span]) -> tuple[list[tuple[Any, str]], list[Span]]:
    """The elements whose markup is another one now, with that markup, and where all of them stand now.

    Raises `Declined` where anything else differs.
    """
    start, end = _apart(old, new)
    at = bisect_right(spans, start, key=lambda span: span.start) - 1
    if at >= 0 and end <= spans[at].end:
        changed, grown = spans[at], len(new) - len(old)
        fragment = new[changed.start : changed.end + grown]
        if _ELEMENTS.fullmatch(fragment):
            moved = [span.moved(grown) for span in spans[at + 1 :]]
            return [(changed.element, fragment)], [*spans[:at], changed.grown(grown), *moved]
    found = [match.span() for match in _ELEMENTS.finditer(new)]
    before = [(span.start, span.end) for span in spans]
    if len(found) != len(before) or _skeleton(new, found) != _skeleton(old, before):
        raise Declined("something else has changed than the words of paragraphs and items")
    changes = [
        (span.element, new[begin:stop])
        for span, (begin, stop) in zip(spans, found, strict=True)
        if new[begin:stop] != old[span.start : span.end]
    ]
    return changes, [
        Span(start=begin, end=stop, element=span.element) for span, (begin, stop) in zip(spans, found, strict=True)
    ]


def spans_of(html: str, root: Any) -> Iterator[Span]:
    """Paragraphs and items in a page's markup, with the elements that were made of them."""
    elements = {tag: list(root.iter(tag)) for tag in _OPENINGS}
    opened = {tag: [match.start() for match in pattern.finditer(html)] for tag, pattern in _OPENINGS.items()}
    if any(len(elements[tag]) != len(opened[tag]) for tag in _OPENINGS):
        raise Declined("the markup is not what was made of it")
    for match in _ELEMENTS.finditer(html):
        tag = match[1]
        element = elements[tag][bisect_right(opened[tag], match.start()) - 1]
        yield Span(start=match.start(), end=match.end(), element=element)


def _skeleton(html: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """What stands between some spans."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(html)]
    return [html[end:start] for end, start in zip(ends, starts, strict=True)]


def _apart(one: str, other: str) -> tuple[int, int]:
    """Where a text first differs from another, and from where on it is the same again."""
    start = _common(one, other)
    same = _common(one[start:][::-1], other[start:][::-1])
    return start, len(one) - same


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
