"""What took time to make, kept for the next who asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any


class Kept:
    """Things that took time to make, the latest asked for, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._things: OrderedDict[object, tuple[Any, int]] = OrderedDict()

    def get(self, key: object) -> Any:
        """What is kept under a key; None where it is not."""
        if key not in self._things:
            return None
        self._things.move_to_end(key)
        return self._things[key][0]

    def put(self, key: object, thing: Any, size: int) -> None:
        """Keep a thing; the least asked for make room."""
        self._size -= self._things.pop(key, (None, 0))[1]
        self._things[key] = (thing, size)
        self._size += size
        while self._size > self._most and len(self._things) > 1:
            self._size -= self._things.popitem(last=False)[1][1]

    def drop(self, useless: Callable[[Any], bool]) -> None:
        """Keep nothing under keys that nobody will ask for any more."""
        for key in [key for key in self._things if useless(key)]:
            self._size -= self._things.pop(key)[1]

    def all(self) -> tuple[Any, ...]:
        """Everything that is kept now."""
        return tuple(thing for thing, _ in self._things.values())
