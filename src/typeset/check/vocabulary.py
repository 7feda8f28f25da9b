"""Words by language, from ``words/<language>.toml``: a new language is one data file and no Python.

A file gives the script, the general vocabulary of letters and organisations' names, the small words that carry no
initial, words that only an organisation has, forms of address, abbreviations, and patterns for counted signatories.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from typeset.check.folding import fold

_NUMBER = r"(?P<n>\d+(?:[.,\u00a0\u202f ]\d{3})*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What is known of one language, or of a group that a file takes together.

    ``small``: articles, prepositions and conjunctions. ``cut``: those that cannot end a name. ``suspended``: words
    that may follow a hyphen and a space (*pre- and post-war*). ``titles``: forms of address that no organisation
    begins with. ``personal``: ways to say that somebody signs for themselves; ``offices``: what only a person can have
    been. ``counting``: patterns by count, whose
    group ``n`` is the number. ``proper``: the words are names, so no word is mended to one. All words are folded.
    """

    tag: str
    script: str
    vocabulary: frozenset[str]
    small: frozenset[str]
    cut: frozenset[str]
    suspended: frozenset[str]
    organisations: frozenset[str]
    abbreviations: frozenset[str]
    honorifics: frozenset[str]
    titles: frozenset[str]
    personal: tuple[str, ...]
    offices: tuple[str, ...]
    counting: Mapping[str, tuple[str, ...]]
    proper: bool


@cache
def languages() -> tuple[Language, ...]:
    """Every language there is a file for."""
    folder = files("typeset.check").joinpath("words")
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(_language(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8"))) for file in found)


def _language(tag: str, table: Mapping[str, Any]) -> Language:
    def words(key: str) -> frozenset[str]:
        return frozenset(fold(word) for word in str(table.get(key, "")).split())

    return Language(
        tag=tag,
        script=table["script"],
        vocabulary=words("vocabulary") | words("organisations"),
        small=words("small"),
        cut=words("cut"),
        suspended=words("suspended"),
        organisations=words("organisations"),
        abbreviations=words("abbreviations"),
        honorifics=words("honorifics"),
        titles=words("titles"),
        personal=tuple(table.get("personal", ())),
        offices=tuple(table.get("offices", ())),
        counting=MappingProxyType(
            {
                count: tuple(pattern.replace("{n}", _NUMBER) for pattern in patterns)
                for count, patterns in table.get("counting", {}).items()
            }
        ),
        proper=table.get("proper", False),
    )


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
