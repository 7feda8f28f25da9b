"""What tables call their columns and what people write in them, in all languages together.

Phrases are compared without case, accents and marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from typeset.check.folding import fold, words
from typeset.locales import locales
from typeset.scripts import EAST_ASIAN, script

_ITEM = re.compile(r"^\s*(?:[A-Z]{0,3}\d{1,3}(?:[._]\d+)*[.):_]?\s+|\[[A-Z]{0,3}\d+\]\s*)(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every language's words together: phrases of headings by role, and ways to say a value."""

    columns: Mapping[str, frozenset[str]]
    values: Mapping[str, frozenset[str]]

    def says(self, cell: str, *meanings: str) -> str:
        """Which of these meanings a cell has; empty where none of them, or more than one, is what it says."""
        said = phrase(cell) or cell.strip()
        found = [meaning for meaning in meanings if said in self.values[meaning]]
        return found[0] if len(found) == 1 else ""


@cache
def every_word() -> Words:
    """What all languages call things."""
    columns: dict[str, set[str]] = {}
    values: dict[str, set[str]] = {}
    for language in filter(None, (locale.signatories for locale in locales())):
        for kept, given in ((columns, language.columns), (values, language.values)):
            for name, phrases in given.items():
                kept.setdefault(name, set()).update(phrase(each) or each for each in phrases)
    return Words(
        columns=MappingProxyType({name: frozenset(phrases) for name, phrases in columns.items()}),
        values=MappingProxyType({name: frozenset(phrases) for name, phrases in values.items()}),
    )


def phrase(text: str) -> str:
    """The words of a text, folded, with a space between them; an apostrophe parts words as a space does."""
    return " ".join(fold(word) for _, word in words(text.replace("'", " ").replace("’", " ")))


def parts(heading: str) -> tuple[str, ...]:
    """A heading as a whole, and what stands between slashes, brackets, dashes and line ends: the languages of it."""
    bare = _ITEM.sub("", heading)
    pieces = re.split(r"[/|\n()（）\[\]【】:：;；]|\s[-–—]\s|[?？。]", bare)
    found = [phrase(bare), *(phrase(piece) for piece in pieces)]
    return tuple(dict.fromkeys(filter(None, found)))


def holds(text: str, words_in_it: str) -> bool:
    """Whether a phrase stands in another as whole words; in a script without spaces, as part of it."""
    if any(script(character) in EAST_ASIAN for character in words_in_it):
        return words_in_it in text
    return f" {words_in_it} " in f" {text} "
