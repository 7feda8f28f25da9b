"""Parts of a structure tree that refer to each other by themselves, until they have numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any


def elements_of(parent: Any) -> Iterator[Any]:
    """The elements of the tree below one, each before its own, with what refers to annotations."""
    for kid in kids_of(parent):
        yield kid
        if "K" in kid:
            yield from elements_of(kid)


def kids_of(element: Any) -> Iterator[Any]:
    """The elements that an element has, in order."""
    kids = element["K"] if isinstance(element["K"], list) else [element["K"]]
    for kid in kids:
        if (target := target_of(kid)) is not None:
            yield target


def target_of(kid: Any) -> Any:
    """The element that something in an element's kids refers to; none for content."""
    return getattr(kid, "target", None)


def element(entries: dict[str, Any]) -> Any:
    """A part of a tree that is referred to by itself."""
    made = classes()[0](entries)
    made.number = 0
    return made


@cache
def classes() -> tuple[Any, Any]:
    """Elements that are referred to by themselves, and such a reference."""
    import pydyf

    class Reference(pydyf.Object):  # type: ignore[misc]
        def __init__(self, target: Any) -> None:
            super().__init__()
            self.target = target

        @property
        def data(self) -> bytes:
            return b"%d 0 R" % self.target.number

    class Element(pydyf.Dictionary):  # type: ignore[misc]
        @property
        def reference(self) -> Any:
            if not hasattr(self, "own_reference"):
                self.own_reference = Reference(self)
            return self.own_reference

    return Element, Reference
