"""Lines that a page was too narrow for, put together again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from typeset.importing.lines import SOFT_HYPHEN
from typeset.scripts import is_east_asian, script

HYPHENS = "-\u2010"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"^[^\W\d_]+")
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONGEST_WORD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """Two lines made one: what the left one is now, with the space it needs, and the right one.

    ``other`` is what they may have been where the line end does not tell, ``why`` says so; ``attested`` that the
    text itself writes the word that way elsewhere.
    """

    left: str
    right: str
    other: str = ""
    why: str = ""
    attested: bool = False

    @property
    def text(self) -> str:
        """The two lines as one."""
        return self.left + self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every word and hyphenated word of a text, lower-cased: how its author writes them where no line ends."""

    whole: frozenset[str]
    hyphenated: frozenset[str]


def words_of(texts: Sequence[str]) -> Words:
    """The words that stand inside the lines, not at their ends."""
    whole: set[str] = set()
    hyphenated: set[str] = set()
    for text in texts:
        inner = text.casefold()
        if inner[-1:] in (*HYPHENS, SOFT_HYPHEN):
            inner = " ".join(inner.split()[:-1])
        whole.update(_WORD.findall(inner))
        for compound in _COMPOUND.findall(inner):
            hyphenated.update("-".join(pair) for pair in pairwise(compound.split("-")))
    return Words(whole=frozenset(whole), hyphenated=frozenset(hyphenated))


def seam(left: str, right: str, words: Words) -> Seam:
    """One line end undone. A hyphen there may be the writer's or the page's: both readings come back."""
    if left.endswith(SOFT_HYPHEN) or not left:
        return Seam(left=left.removesuffix(SOFT_HYPHEN), right=right)
    if len(left) > 1 and left[-1] in HYPHENS and left[-2].isalnum():
        return _hyphen(left, right, words)
    if len(left) > 1 and left[-1] == "/" and left[-2] != " ":
        why = "a line may end after a stroke with a space or without"
        return Seam(left=left, right=right, other=f"{left} {right}", why=why)
    wide_left, wide_right = is_east_asian(left[-1]), is_east_asian(right[0])
    if wide_left and wide_right:
        if script(left[-1]) == script(right[0]) == "Hang":
            why = "a Korean line may end within a word"
            return Seam(left=f"{left} ", right=right, other=left + right, why=why)
        return Seam(left=left, right=right)
    if wide_left != wide_right:
        why = "a line may end between two scripts with a space or without"
        return Seam(left=f"{left} ", right=right, other=left + right, why=why)
    return Seam(left=f"{left} ", right=right)


def _hyphen(left: str, right: str, words: Words) -> Seam:
    first, second = _LAST_WORD.search(left[-_LONGEST_WORD:-1]), _FIRST_WORD.match(right)
    if first and second:
        divided, compound = f"{first[0]}{second[0]}", f"{first[0]}-{second[0]}"
        is_divided, is_compound = divided.casefold() in words.whole, compound.casefold() in words.hyphenated
        if is_divided and not is_compound:
            why = f"{divided} stands elsewhere without a hyphen"
            return Seam(left=left[:-1], right=right, other=left + right, why=why, attested=True)
        if is_compound and not is_divided:
            why = f"{compound} stands elsewhere with its hyphen"
            return Seam(left=left, right=right, other=left[:-1] + right, why=why, attested=True)
    why = "a hyphen at a line's end may be the page's or the writer's"
    return Seam(left=left, right=right, other=left[:-1] + right, why=why)
