"""What the importer recognises, language by language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from typeset.locales import ImporterWords, locales


@cache
def every_tongue() -> tuple[ImporterWords, ...]:
    """Every language the importer has data for, by tag."""
    return tuple(words for one in locales() if (words := one.importer))


def tongue_of(lang: str, tongues: Iterable[ImporterWords]) -> ImporterWords:
    """The data for a language, by its longest matching tag (``fr`` serves ``fr-CH``); an empty one where none is."""
    fitting = [tongue for tongue in tongues if f"{lang}-".lower().startswith(f"{tongue.lang}-".lower())]
    return max(fitting, key=lambda tongue: len(tongue.lang), default=ImporterWords(lang=lang))
