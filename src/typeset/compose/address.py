"""Where a copy says whom it is for: the block above the letter, and the salutation before its first words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from typeset.model import Part

SALUTATION = "salutation"
"""The part of a letter that only a copy has."""


class _HasPart(Protocol):
    @property
    def part(self) -> str: ...


_S = TypeVar("_S", bound=_HasPart)


def greeted(sections: Iterable[_S], salutation: _S) -> Iterator[_S]:
    """The sections of a letter with the salutation before the first of them that is not its addressees."""
    said = False
    for section in sections:
        if not said and section.part != Part.RECIPIENTS:
            said = True
            yield salutation
        yield section
    if not said:
        yield salutation
