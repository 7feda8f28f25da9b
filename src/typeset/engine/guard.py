"""The guard of every patch: what is patched in WeasyPrint is what the patch was written for."""

from __future__ import annotations

import hashlib
import inspect
import linecache
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any


class ChangedEngine(RuntimeError):
    """A patched function of WeasyPrint is not the one that the patch was written for."""


def hold(reached: Mapping[str, Any], digests: Mapping[str, str], where: str = "weasyprint") -> None:
    """Raises `ChangedEngine` for the first of some functions and classes whose source is not the known one."""
    for name, found in reached.items():
        if source_digest(found) != digests[name]:
            raise ChangedEngine(f"{where}.{name} has changed")


def source_digest(reached: Any) -> str:
    """What a guard remembers of a function or a class; nothing of one whose source is not there to read."""
    try:
        source = source_of(reached)
    except (AttributeError, IndexError, OSError, StopIteration, TypeError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def source_of(reached: Any) -> str:
    """The lines of a function or a class by their indentation: `inspect.getsource` takes them apart into tokens first,
    and with a guard before every patch that was a thirtieth of rendering.
    """
    reached = inspect.unwrap(reached)
    if inspect.isclass(reached):
        lines = linecache.getlines(inspect.getfile(reached))
        start = next(place for place, line in enumerate(lines) if re.match(rf"class {reached.__name__}\b", line))
    else:
        lines = linecache.getlines(reached.__code__.co_filename)
        start = reached.__code__.co_firstlineno - 1
    head = next(place for place in range(start, len(lines)) if not lines[place].lstrip().startswith("@")) + 1
    outer = _indentation(lines[start])
    body = takewhile(
        lambda line: not line.strip() or _indentation(line) > outer or line.lstrip()[0] == ")", lines[head:]
    )
    return "".join((*lines[start:head], *body)).rstrip() + "\n"


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
