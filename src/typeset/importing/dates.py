"""The letter's date, where a line of its own gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from typeset.locales import ImporterWords

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_DIGITS = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_PLACE = re.compile(r"[^\d,，:：]{2,40}[,，]\s*(?=\d|\w+\s+\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateLine:
    """A line that is a date. ``day`` is None where day and month cannot be told apart; ``place`` stands before it."""

    day: date | None
    place: str = ""


def read_date(text: str, tongues: Iterable[ImporterWords]) -> DateLine | None:
    """The date that a whole line is, with a place before it or without; None where the line is anything else."""
    known = tuple(tongues)
    text = text.strip().rstrip(".")
    place = _PLACE.match(text)
    for start in dict.fromkeys((0, place.end() if place else 0)):
        for tongue in known:
            for pattern in (*tongue.dates, _ISO):
                found = pattern.fullmatch(text, start)
                day = _date(found, tongue) if found else None
                if day:
                    return DateLine(day=day, place=text[:start].rstrip(" ,，"))
        if found := _DIGITS.fullmatch(text, start):
            return _of_digits(int(found[1]), int(found[2]), int(found[3]), text[:start].rstrip(" ,，"))
    return None


def _date(found: re.Match[str], tongue: ImporterWords) -> date | None:
    month = found["month"]
    number = int(month) if month.isdigit() else tongue.months.index(month.casefold()) + 1
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
