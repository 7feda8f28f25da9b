"""How many have signed, where the text says so in its own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from typeset.locales import ImporterWords


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCount:
    """A number in a text that says how many signed: ``total`` or ``anonymous``, and where it stands."""

    what: str
    number: int
    start: int
    end: int


def stated_counts(text: str, tongues: Iterable[ImporterWords]) -> tuple[StatedCount, ...]:
    """The counts that a text states, from left to right, one of a kind."""
    found: dict[str, StatedCount] = {}
    for pattern in (pattern for tongue in tongues for pattern in tongue.counts):
        for match in pattern.finditer(text):
            for what, digits in match.groupdict().items():
                start, end = match.span(what)
                taken = any(start < count.end and count.start < end for count in found.values())
                if digits and what not in found and not taken:
                    number = int("".join(character for character in digits if character.isdigit()))
                    found[what] = StatedCount(what=what, number=number, start=start, end=end)
    return tuple(sorted(found.values(), key=lambda count: count.start))


def pieces_of(text: str, counts: Sequence[StatedCount]) -> tuple[str, ...]:
    """The text cut at its counts: words at even places, the name of a count at odd ones."""
    pieces: list[str] = []
    position = 0
    for count in counts:
        pieces.extend((text[position : count.start], count.what))
        position = count.end
    return (*pieces, text[position:])
