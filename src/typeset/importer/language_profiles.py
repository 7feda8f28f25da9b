"""What the importer recognises in each language: words, dates and stated counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from typeset.locales import ImporterWords, locales


@cache
def every_language() -> tuple[ImporterWords, ...]:
    """Every language the importer has data for, by tag."""
    return tuple(words for one in locales() if (words := one.importer))


def language_of(lang: str, languages: Iterable[ImporterWords]) -> ImporterWords:
    """The data for a language, by its longest matching tag (``fr`` serves ``fr-CH``); an empty one where none is."""
    fitting = [language for language in languages if f"{lang}-".lower().startswith(f"{language.lang}-".lower())]
    return max(fitting, key=lambda language: len(language.lang), default=ImporterWords(lang=lang))


_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_DIGITS = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_PLACE = re.compile(r"[^\d,，:：]{2,40}[,，]\s*(?=\d|\w+\s+\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateLine:
    """A line that is a date. ``day`` is None where it may be the month; ``place`` is the place before it."""

    day: date | None
    place: str = ""


def read_date(text: str, languages: Iterable[ImporterWords]) -> DateLine | None:
    """The date that a whole line is, with a place before it or without; None where the line is anything else."""
    known = tuple(languages)
    text = text.strip().rstrip(".")
    place = _PLACE.match(text)
    for start in dict.fromkeys((0, place.end() if place else 0)):
        for language in known:
            for pattern in (*language.dates, _ISO):
                found = pattern.fullmatch(text, start)
                day = _date(found, language) if found else None
                if day:
                    return DateLine(day=day, place=text[:start].rstrip(" ,，"))
        if found := _DIGITS.fullmatch(text, start):
            return _of_digits(int(found[1]), int(found[2]), int(found[3]), text[:start].rstrip(" ,，"))
    return None


def _date(found: re.Match[str], language: ImporterWords) -> date | None:
    month = found["month"]
    number = int(month) if month.isdigit() else language.months.index(month.casefold()) + 1
    try:
        return date(int(found["year"]), number, int(found["day"]))
    except ValueError:
        return None


def _of_digits(first: int, second: int, year: int, place: str) -> DateLine | None:
    """Only one of 31/12 and 12/31 is a day; of 4/3 and 3/4 both are."""
    if first <= 12 and second <= 12 and first != second:
        return DateLine(day=None, place=place)
    day, month = (first, second) if second <= 12 else (second, first)
    try:
        return DateLine(day=date(year, month, day), place=place)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCount:
    """A number in a text that says how many signed: ``total`` or ``anonymous``, and where it is."""

    what: str
    number: int
    start: int
    end: int


def stated_counts(text: str, languages: Iterable[ImporterWords]) -> tuple[StatedCount, ...]:
    """The counts that a text states, from left to right, one of a kind."""
    found: dict[str, StatedCount] = {}
    for pattern in (pattern for language in languages for pattern in language.counts):
        for match in pattern.finditer(text):
            for what, digits in match.groupdict().items():
                start, end = match.span(what)
                taken = any(start < count.end and count.start < end for count in found.values())
                if digits and what not in found and not taken:
                    number = int("".join(character for character in digits if character.isdigit()))
                    found[what] = StatedCount(what=what, number=number, start=start, end=end)
    return tuple(sorted(found.values(), key=lambda count: count.start))


def pieces_of(text: str, counts: Sequence[StatedCount]) -> tuple[str, ...]:
    """The text cut at its counts: words at even places, the name of a count at odd ones."""
    pieces: list[str] = []
    position = 0
    for count in counts:
        pieces.extend((text[position : count.start], count.what))
        position = count.end
    return (*pieces, text[position:])
