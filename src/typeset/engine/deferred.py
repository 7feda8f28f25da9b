"""Modules that WeasyPrint imports for cases of its own, imported when such a case comes.

fontTools' subsetter is what WeasyPrint falls back to where HarfBuzz has none, and its instancer makes static faces of
variable ones. Importing both is a third of importing WeasyPrint, in time and in memory, and a letter in faces that were
cut before needs neither. While WeasyPrint is imported two other modules stand in their place; asked for anything, they
import the real one. Nobody else meets them: they are gone from ``sys.modules`` afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

SUBSETTER, INSTANCER = "fontTools.subset", "fontTools.varLib.instancer"


@contextmanager
def deferred() -> Iterator[None]:
    """Let imports of the two go to stand-ins, but for one that is there already."""
    wanted = [name for name in (SUBSETTER, INSTANCER) if name not in sys.modules]
    for name in wanted:
        sys.modules[name] = _StandIn(name)
    try:
        yield
    finally:
        for name in wanted:
            if isinstance(sys.modules.get(name), _StandIn):
                del sys.modules[name]


class _StandIn(ModuleType):
    """Has what its module has; a function of it is one that imports the module first."""

    def __getattr__(self, name: str) -> Any:
        # The import system looks for __path__ and the like.
        if name.startswith("__"):
            raise AttributeError(name)
        if isinstance(sys.modules.get(self.__name__), _StandIn):
            return _calling(self.__name__, name)
        return getattr(import_module(self.__name__), name)


def _calling(module: str, function: str) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        return getattr(import_module(module), function)(*arguments, **options)

    return call
