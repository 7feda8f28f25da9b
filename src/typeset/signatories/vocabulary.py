"""Column headings, values and transliterations that tables use, in all languages together.

Phrases are compared without case, accents and marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from anyascii import anyascii

from typeset.checks import fold, words
from typeset.languages import EAST_ASIAN, script
from typeset.locales import locales

_ITEM = re.compile(r"^\s*(?:[A-Z]{0,3}\d{1,3}(?:[._]\d+)*[.):_]?\s+|\[[A-Z]{0,3}\d+\]\s*)(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVocabulary:
    """Every language's words together: phrases of headings by role, and ways to say a value."""

    columns: Mapping[str, frozenset[str]]
    values: Mapping[str, frozenset[str]]

    def says(self, cell: str, *meanings: str) -> str:
        """Which of these meanings a cell has; empty where none of them, or more than one, is what it says."""
        said = phrase(cell) or cell.strip()
        found = [meaning for meaning in meanings if said in self.values[meaning]]
        return found[0] if len(found) == 1 else ""


@cache
def every_word() -> ListVocabulary:
    """What all languages call things."""
    columns: dict[str, set[str]] = {}
    values: dict[str, set[str]] = {}
    for language in filter(None, (locale.signatories for locale in locales())):
        for kept, given in ((columns, language.columns), (values, language.values)):
            for name, phrases in given.items():
                kept.setdefault(name, set()).update(phrase(each) or each for each in phrases)
    return ListVocabulary(
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


_SOUNDED: Final = frozenset({"Latn", "Cyrl", "Grek", "Geor", "Armn", "Hira", "Kana", "Hang", "Zinh", "Zyyy"})
"""Scripts whose letters tell how a name sounds. Ideographs do not, nor do scripts that leave vowels out."""
_TOGETHER: Final = {"αυ": "au", "ευ": "eu", "ου": "ou", "ու": "u"}
"""Two letters for one sound; anyascii takes each letter alone."""
_HABITS: Final = {
    "tsch": "č", "tch": "č", "ch": "č", "sch": "š", "sh": "š", "zh": "ž", "dzh": "ǆ", "dj": "ǆ", "kh": "h", "gh": "g",
    "ph": "f", "th": "t", "ck": "k", "qu": "k", "q": "k", "x": "ks", "c": "k", "w": "v", "y": "i", "j": "i", "ou": "u",
    "oo": "u", "ee": "i", "ie": "e", "ia": "a", "ya": "a", "ja": "a", "iu": "u", "yu": "u",
}  # fmt: skip
"""Habits of the systems of romanisation made one."""
_LEAST: Final = 5
"""Letters of a sound that tells two names apart from chance."""


def _any_of(spellings: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(spellings, key=len, reverse=True)))


_TWO_LETTERS, _HABIT = _any_of(_TOGETHER), _any_of(_HABITS)


def sound(name: str) -> str:
    """A name in the Latin letters it sounds like, less the habits of spelling; empty where too little can be told."""
    letters = "".join(character for character in fold(name) if character.isalnum())
    if not {script(letter) for letter in letters} <= _SOUNDED:
        return ""
    latin = anyascii(_TWO_LETTERS.sub(lambda found: _TOGETHER[found[0]], letters)).lower()
    plain = _HABIT.sub(lambda found: _HABITS[found[0]], "".join(filter(str.isalnum, latin)))
    plain = re.sub(r"(.)\1+", r"\1", plain)
    return plain if len(plain) >= _LEAST else ""
