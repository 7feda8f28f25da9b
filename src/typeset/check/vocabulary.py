"""The words of all languages that names and texts are checked with, folded."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from functools import cache
from typing import Final

from typeset.check.folding import fold
from typeset.locales import CheckWords, locales

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
