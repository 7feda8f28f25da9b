"""Texts made comparable: what two spellings of one name have in common."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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
