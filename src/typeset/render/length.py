"""How long a letter is, for places that set a limit in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from typeset.render.flow import Paragraph, Role
from typeset.scripts import is_east_asian, script


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """Words of the letter itself, and of the names that signed it."""

    letter: int
    names: int


def length(said: Iterable[Paragraph]) -> Length:
    """The length of one language version; numbers of a list are no words of it."""
    letter = names = 0
    for paragraph in said:
        count = words_in(paragraph.text)
        if paragraph.role is Role.SIGNATORY:
            names += count
        else:
            letter += count
    return Length(letter=letter, names=names)


def words_in(text: str) -> int:
    """Words as Word counts them: each ideograph, kana and full-width mark is one, and each of what spaces divide.

    Korean has spaces between its words and is counted by them.
    """
    spaced = "".join(f" {c} " if is_east_asian(c) and script(c) != "Hang" else c for c in text)
    return len(spaced.split())
