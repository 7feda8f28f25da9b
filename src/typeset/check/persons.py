"""Natural persons in rows that are said to be organisations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from typeset.check.folding import fold, folded_words
from typeset.check.reading import Reading
from typeset.check.vocabulary import any_of, every, languages
from typeset.diagnostics import Finding, Severity
from typeset.scripts import EAST_ASIAN, script

_FIRST: Final = re.compile(r"\s*(?P<word>[^\W\d_]+(?:-[^\W\d_]+)?)(?P<dot>\.?)\s+(?=\S)")


def persons_among_organisations(reading: Reading) -> Iterable[Finding]:
    """Names that speak of a person: a form of address, *individually*, *in a personal capacity*, a former office."""
    for _, text in reading.organisations:
        spot = _says_so(text.text) or _address(text.text)
        if spot:
            start, end = spot
            yield text.finding(
                "person-among-organisations",
                Severity.WARNING,
                f"“{text.text[start:end].strip()}” speaks of a person, and the row says organisation",
                start=start,
                end=end,
                hint="write person in the row's kind, or record that this is an organisation's name",
            )


def _says_so(name: str) -> tuple[int, int] | None:
    """Where a name says that somebody signs for themselves, or gives the office that a person held."""
    if found := any_of("personal").search(name):
        return found.span()
    if (found := any_of("offices").search(name)) and not _has_organisation(name):
        return found.span()
    return None


def _address(name: str) -> tuple[int, int] | None:
    """The form of address that a name begins with, unless it is an organisation's that honours a person."""
    found = _FIRST.match(name)
    if not found or _has_organisation(name):
        return None
    word = fold(found["word"])
    # Ms is how a person is spoken of, MS a disease; Sir, Dr or M need their dot to be one and not a word of the name.
    written = found["word"][:1].upper() + found["word"][1:].lower() == found["word"] or not found["word"].isascii()
    addressed = word in every("titles") or (word in every("honorifics") and bool(found["dot"]))
    return found.span("word") if written and addressed else None


def _has_organisation(name: str) -> bool:
    if any(script(character) in EAST_ASIAN for character in name):
        return any(word in name for language in languages() for word in language.organisations if not word.isascii())
    words = set(folded_words(name))
    return bool(words & every("organisations"))
