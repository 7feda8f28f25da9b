"""What the importer knows of a language: one data file each under ``tongues/``, and no code.

A file may hold any of these; what is absent is simply not known:

``[told]``        how the language shows: ``stopwords``; or ``scripts`` and the ``share`` of East Asian characters
                  they make up; or ``codec`` and ``not_codec``, the national character sets its own forms are in and
                  not in. ``encodings`` and ``frequent`` characters tell a legacy encoding.
``[addressees]``  ``labels`` before the addressees, ``copies`` before those who get a copy; ``separators`` (single
                  characters) and ``conjunctions`` between them; ``offices``, ``groups``, ``honorifics``; words that
                  are ``not_a_name``; ``surnames`` and ``name_marks`` where names carry no spaces.
``[list]``        ``headings`` a list of signatories may have.
``[counts]``      ``patterns`` in which ``{total}`` and ``{anonymous}`` stand for a number.
``[persons]``     words ``before`` and ``after`` a person's name, ``phrases`` that say a person signs alone, and
                  ``organisation_words`` that say the opposite.
``[pages]``       ``numbers``: lines that number a page, ``{page}`` for the number.
``[date]``        ``months`` from January on and ``patterns`` with ``{day}``, ``{month}``, ``{year}``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """One language's data file. Words are lower-cased where case does not matter, patterns compiled."""

    lang: str
    stopwords: frozenset[str] = frozenset()
    scripts: frozenset[str] = frozenset()
    share: float = 1.0
    codec: str = ""
    not_codec: str = ""
    encodings: tuple[str, ...] = ()
    frequent: frozenset[str] = frozenset()
    labels: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    separators: str = ";；,，"
    conjunctions: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    honorifics: tuple[str, ...] = ()
    not_a_name: frozenset[str] = frozenset()
    surnames: frozenset[str] = frozenset()
    name_marks: frozenset[str] = frozenset()
    list_headings: tuple[str, ...] = ()
    counts: tuple[re.Pattern[str], ...] = ()
    person_forms: tuple[re.Pattern[str], ...] = ()
    person_phrases: tuple[re.Pattern[str], ...] = ()
    organisation_words: frozenset[str] = frozenset()
    page_numbers: tuple[re.Pattern[str], ...] = ()
    months: tuple[str, ...] = ()
    dates: tuple[re.Pattern[str], ...] = ()


def every_tongue() -> tuple[Tongue, ...]:
    """Every language the importer has data for, by tag."""
    folder = files("typeset.importing") / "tongues"
    texts = (entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted((_tongue(tomllib.loads(text)) for text in texts), key=lambda tongue: tongue.lang))


def tongue_of(lang: str, tongues: Iterable[Tongue]) -> Tongue:
    """The data for a language, by its longest matching tag (``fr`` serves ``fr-CH``); an empty one where none is."""
    fitting = [tongue for tongue in tongues if f"{lang}-".lower().startswith(f"{tongue.lang}-".lower())]
    return max(fitting, key=lambda tongue: len(tongue.lang), default=Tongue(lang=lang))


def _tongue(data: dict[str, Any]) -> Tongue:
    told, addressees = data.get("told", {}), data.get("addressees", {})
    persons, dates = data.get("persons", {}), data.get("date", {})
    months = tuple(dates.get("months", ()))
    return Tongue(
        lang=data["lang"],
        stopwords=frozenset(told.get("stopwords", ())),
        scripts=frozenset(told.get("scripts", ())),
        share=float(told.get("share", 1)),
        codec=told.get("codec", ""),
        not_codec=told.get("not_codec", ""),
        encodings=tuple(told.get("encodings", ())),
        frequent=frozenset(told.get("frequent", "")),
        labels=_longest_first(addressees.get("labels", ())),
        copies=_longest_first(addressees.get("copies", ())),
        separators=addressees.get("separators", ";；,，"),
        conjunctions=_longest_first(addressees.get("conjunctions", ())),
        offices=_longest_first(addressees.get("offices", ())),
        groups=tuple(addressees.get("groups", ())),
        honorifics=_longest_first(addressees.get("honorifics", ())),
        not_a_name=frozenset(addressees.get("not_a_name", ())),
        surnames=frozenset(addressees.get("surnames", "")),
        name_marks=frozenset(addressees.get("name_marks", "")),
        list_headings=tuple(data.get("list", {}).get("headings", ())),
        counts=_patterns(data.get("counts", {}).get("patterns", ())),
        person_forms=tuple(_person_forms(persons.get("before", ()), persons.get("after", ()))),
        person_phrases=_patterns(persons.get("phrases", ())),
        organisation_words=frozenset(persons.get("organisation_words", ())),
        page_numbers=_patterns(data.get("pages", {}).get("numbers", ())),
        months=months,
        dates=_patterns(dates.get("patterns", ()), months),
    )


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=len, reverse=True))


def _person_forms(before: Iterable[str], after: Iterable[str]) -> Iterator[re.Pattern[str]]:
    """A form of address and two to four words; or, without spaces, two to four characters and a form of address."""
    words = "|".join(map(re.escape, _longest_first(before)))
    if words:
        yield re.compile(rf"(?:{words})\.?\s+[^\W\d_]+\.?(?:[\s-]+[^\W\d_]+\.?){{1,3}}(?:\s*[,(].*)?")
    words = "|".join(map(re.escape, _longest_first(after)))
    if words:
        yield re.compile(rf"[^\W\d_·‧・ ]{{2,4}}(?:[·‧・ ][^\W\d_]{{1,8}})*(?:{words})")


def _patterns(patterns: Iterable[str], months: Iterable[str] = ()) -> tuple[re.Pattern[str], ...]:
    month = "|".join(map(re.escape, months)) or r"\d{1,2}"
    named = {
        "{total}": r"(?<![\d.,])(?P<total>\d{1,3}(?:[,.\u00a0\u202f']\d{3})+|\d+)",
        "{anonymous}": r"(?<![\d.,])(?P<anonymous>\d{1,3}(?:[,.\u00a0\u202f']\d{3})+|\d+)",
        "{page}": r"(?P<page>\d{1,4})",
        "{day}": r"(?P<day>\d{1,2})",
        "{month}": f"(?P<month>{month})",
        "{year}": r"(?P<year>\d{4})",
    }
    compiled = []
    for pattern in patterns:
        for name, expression in named.items():
            pattern = pattern.replace(name, expression)
        compiled.append(re.compile(pattern, re.IGNORECASE))
    return tuple(compiled)
