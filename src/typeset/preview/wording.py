"""The app's own words in each interface language: one file a language, chosen by what the browser asks for."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from typeset.locales import locales

FIRST = "en"
"""What is spoken to whoever asks for a language that is not there."""

_FURTHEST = 30
"""How far a language may be from the one asked for (CLDR's distance): Traditional Chinese does for Simplified."""
_NAMED = re.compile(r"\{([a-z]+(?:[.-][a-z]+)+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What the app says in one language, by key; ``name`` is what that language calls itself.

    ``formats`` is the locale whose manner of writing dates and numbers goes with it.
    """

    lang: str
    name: str
    formats: str
    said: Mapping[str, str]

    def filled(self, page: str) -> str:
        """A page of the app with its ``{keys}`` filled in."""
        return _NAMED.sub(lambda named: html.escape(self.said[named[1]]), page)

    def module(self, others: Sequence[Wording]) -> str:
        """The words as a script that others import, with the languages that there are."""
        names = {one.lang: one.name for one in others}
        words, languages = (json.dumps(value, ensure_ascii=False) for value in (dict(self.said), names))
        formats = json.dumps(self.formats)
        return f"export default {words};\nexport const languages = {languages};\nexport const formats = {formats};\n"


def wordings() -> tuple[Wording, ...]:
    """Every interface language that has a file, the first one first."""
    found = [
        Wording(lang=one.tag, name=words.name, formats=words.formats, said=words.said)
        for one in locales()
        if (words := one.preview)
    ]
    return tuple(sorted(found, key=lambda one: (one.lang != FIRST, one.lang)))


def chosen(given: Sequence[Wording], accepted: str, preferred: str = "") -> Wording:
    """The wording that somebody prefers by its tag, or the nearest to what a browser accepts (RFC 9110, 12.5.4)."""
    by_lang = {one.lang: one for one in given}
    if preferred in by_lang:
        return by_lang[preferred]
    # Imported here: its tables are only read when somebody comes.
    from langcodes import closest_match
    from langcodes.tag_parser import LanguageTagError

    for tag in _accepted(accepted):
        try:
            match, _ = closest_match(tag, list(by_lang), max_distance=_FURTHEST)
        except (LanguageTagError, ValueError):
            continue
        if match in by_lang:
            return by_lang[match]
    return given[0]


def _accepted(header: str) -> Iterator[str]:
    """The tags of an Accept-Language header, the most wanted first."""
    wanted = []
    for place, entry in enumerate(header[:1000].split(",")):
        tag, _, quality = entry.strip().partition(";")
        weight = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", quality) if quality else None
        share = float(weight[1]) if weight else 0.0 if quality else 1.0
        if share and re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", tag.strip()):
            wanted.append((-share, place, tag.strip()))
    return (tag for _, _, tag in sorted(wanted))
