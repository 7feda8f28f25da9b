"""How one copy of a letter is addressed: the lines of the address block, and the salutation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text in one language (BCP 47)."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What only this copy says: an address block of so many lines, and a salutation."""

    lines: tuple[Line, ...]
    salutation: Line

    @property
    def spoken(self) -> tuple[Line, ...]:
        """All of it in the order of the page."""
        return (*self.lines, self.salutation)
