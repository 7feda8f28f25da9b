"""Texts made comparable: what two spellings of one name have in common."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

from typeset.locales import CheckWords, locales

_HABITS = str.maketrans(
    {
        "ı": "i", "ł": "l", "đ": "d", "ð": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ß": "ss", "æ": "ae", "œ": "oe",
        "þ": "th", "ŋ": "n", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ə": "a", "ё": "е",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": "",
        "’": "'", "ʼ": "'", "ʻ": "'", "‘": "'", "`": "'", "´": "'", "\u200c": "", "\u200d": "",
    }
)  # fmt: skip
_PLAIN_WORD = re.compile(r"[a-zA-Z0-9]+(?:'[a-zA-Z0-9]+)*")
_INSIDE = frozenset("'’ʼʻ\u200c\u200d")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """A text without case, accents, width and the letters that differ by habit only (alef with or without hamza)."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    kept = ""
    for character in unicodedata.normalize("NFKD", lowered.translate(_HABITS)):
        # The breve of й makes another letter of it; the marks of Indic and other scripts are vowels, no accents.
        accent = "\u0300" <= character <= "\u036f" and not (character == "\u0306" and not kept[-1:].isascii())
        if not accent and not "\u064b" <= character <= "\u0652":
            kept += character
    return unicodedata.normalize("NFC", kept).translate(_HABITS)


def words(text: str) -> tuple[tuple[int, str], ...]:
    """The words of a text with where they begin: letters, marks and digits, with apostrophes and joiners inside."""
    if text.isascii():
        return tuple((found.start(), found[0]) for found in _PLAIN_WORD.finditer(text))
    found: list[tuple[int, str]] = []
    start = -1
    for position, character in enumerate(text + " "):
        inside = character.isalnum() or unicodedata.category(character)[0] == "M"
        if start >= 0 and character in _INSIDE:
            inside = text[position + 1 : position + 2].isalnum()
        if inside and start < 0:
            start = position
        elif not inside and start >= 0:
            found.append((start, text[start:position]))
            start = -1
    return tuple(found)


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text, folded; an ampersand is no word."""
    return tuple(fold(word) for _, word in words(text))


def has_letters(text: str) -> bool:
    """Whether anything in a text can be read: a letter or a digit."""
    return any(character.isalnum() for character in text)


def one_edit_apart(first: str, second: str) -> bool:
    """Whether one letter added, left out, changed or swapped with its neighbour makes one word the other."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    left, right = first[start:], second[start:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    return longer[1:] == shorter


def within_one_edit(word: str) -> set[str]:
    """Keys that a word shares with every word one edit away: itself, and itself less each letter."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


_NUMBER: Final = r"(?P<n>\d+(?:[.,\u00a0\u202f ]\d{3})*)"


@cache
def languages() -> tuple[CheckWords, ...]:
    """Every language there are words of, and every group of languages. All words are folded."""
    return tuple(_folded(words) for locale in locales() for words in locale.check)


def _folded(words: CheckWords) -> CheckWords:
    kinds = (field.name for field in fields(words) if isinstance(getattr(words, field.name), frozenset))
    folded = {kind: frozenset(map(fold, getattr(words, kind))) for kind in kinds}
    counting = {
        count: tuple(pattern.replace("{n}", _NUMBER) for pattern in patterns)
        for count, patterns in words.counting.items()
    }
    vocabulary = folded.pop("vocabulary") | folded["organisations"]
    return replace(words, vocabulary=vocabulary, counting=counting, **folded)  # type: ignore[arg-type]


@cache
def every(kind: str) -> frozenset[str]:
    """The words of one kind (``small``, ``organisations`` …) in all languages."""
    return frozenset().union(*(getattr(language, kind) for language in languages()))


@cache
def any_of(kind: str) -> re.Pattern[str]:
    """A pattern for the ways of one kind (``personal``, ``offices``) to say something, in all languages."""
    return re.compile(
        "|".join(pattern for language in languages() for pattern in getattr(language, kind)), re.IGNORECASE
    )


@cache
def known_words() -> frozenset[str]:
    """Every word of every language, folded."""
    return every("vocabulary") | every("small") | every("honorifics") | every("abbreviations")


_EDGE = " "


class Plausibility:
    """Letter pairs of known words, as the chance that one letter follows another (smoothed by the letters alone)."""

    __slots__ = ("_following", "_letters", "_pairs", "_total")

    def __init__(self, words: Iterable[str]) -> None:
        text = _EDGE + _EDGE.join(words) + _EDGE
        self._pairs = Counter(pairwise(text))
        self._following = Counter(text[:-1])
        self._letters = Counter(text[1:])
        self._total = len(text) - 1

    def __call__(self, word: str) -> float:
        """Bits per letter pair, at most 0: the nearer to 0, the more like a word."""
        edged = _EDGE + fold(word) + _EDGE
        bits = 0.0
        for first, second in pairwise(edged):
            alone = (self._letters[second] + 0.01) / (self._total + 1)
            bits += math.log2((self._pairs[first, second] + 4 * alone) / (self._following[first] + 4))
        return bits / (len(edged) - 1)


@cache
def plausible(script: str) -> Plausibility:
    """The measure for a script, from the words of all languages written in it."""
    return Plausibility(
        word for language in languages() if language.script == script for word in language.vocabulary | language.small
    )
