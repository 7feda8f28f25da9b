"""What each character is in an East Asian line, and how its marks stand in their squares, by language.

The rules differ by region (CLREQ 3.1.2, JLREQ 3.1.2), so they are data: one file in ``tables/`` for each way of
setting marks. A further language is a further file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

HAN = "H"
"""Ideographs, kana and bopomofo: set solid, each in its square."""
LETTER = "L"
"""Letters and digits of every other script: set in words."""
SPACE = "S"
OPENING, CLOSING, PAUSE, STOP, MIDDLE, EXCLAMATION = "o", "c", "p", "s", "k", "x"
INTERPUNCT, DASH, ELLIPSIS, CONNECTOR = "d", "m", "e", "t"
WIDE = "F"
"""Any other character that takes a square."""
WESTERN = "w"
"""Western punctuation and symbols."""
ATOMIC = "A"
"""A box in the line that is not text."""
BREAK = "n"
"""A line break that the author wrote."""
EXTENDING = "+"
"""A mark, selector or joiner that belongs to the character before it."""

OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"

BLANKED = OPENING + CLOSING + PAUSE + STOP + MIDDLE + EXCLAMATION
"""Marks that leave part of their square blank."""

_KINDS = {
    "opening": OPENING,
    "closing": CLOSING,
    "pause": PAUSE,
    "stop": STOP,
    "middle": MIDDLE,
    "exclamation": EXCLAMATION,
    "interpunct": INTERPUNCT,
    "dash": DASH,
    "ellipsis": ELLIPSIS,
    "connector": CONNECTOR,
}


_EXTENDED = re.compile(r"([^+]?)(\++)")


def _like_the_first(match: re.Match[str]) -> str:
    first, extending = match.groups()
    return first + (first or WESTERN) * len(extending)


class _Classes(dict[int, str]):
    """Classes by code point, for ``str.translate``: the marks that a table names, all else by what Unicode says."""

    def __missing__(self, code_point: int) -> str:
        found = self[code_point] = _by_unicode(chr(code_point))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks of one region. Widths are in em.

    ``blanks`` has, for each class of mark, how much of its square is blank on its left and on its right.
    """

    languages: tuple[str, ...]
    classes: Mapping[int, str]
    blanks: Mapping[str, tuple[float, float]]
    interpunct_width: float
    not_at_start: frozenset[str]
    not_at_end: frozenset[str]
    opening_quotes: frozenset[str] = field(default=frozenset("“‘"))
    closing_quotes: frozenset[str] = field(default=frozenset("”’"))

    def classify(self, text: str) -> str:
        """One class letter for each character; what extends a character has the class of that."""
        classes = text.translate(self.classes)
        return _EXTENDED.sub(_like_the_first, classes) if EXTENDING in classes else classes


def read_marks(table: Mapping[str, Any]) -> Marks:
    """The marks that a table in ``tables/`` describes."""
    classes = _Classes()
    for name, letter in _KINDS.items():
        classes.update(dict.fromkeys(map(ord, table.get(name, "")), letter))
    return Marks(
        languages=tuple(table["languages"]),
        classes=classes,
        blanks={_KINDS[name]: (left, right) for name, (left, right) in table["blanks"].items()},
        interpunct_width=table["interpunct_width"],
        not_at_start=frozenset(table["not_at_start"]),
        not_at_end=frozenset(table["not_at_end"]),
    )


def marks_for(lang: str | None) -> Marks | None:
    """The marks of a language (BCP 47), by the longest tag that a table names; none for other languages."""
    wanted = (lang or "").lower()
    return _by_tag(wanted) if wanted else None


@cache
def _by_tag(wanted: str) -> Marks | None:
    tables = _tables()
    while wanted:
        if wanted in tables:
            return tables[wanted]
        wanted = wanted.rpartition("-")[0]
    return None


@cache
def _tables() -> Mapping[str, Marks]:
    found = {}
    folder = resources.files("typeset.engine") / "tables"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            marks = read_marks(tomllib.loads(file.read_text(encoding="utf-8")))
            found.update({tag.lower(): marks for tag in marks.languages})
    return found


def _by_unicode(character: str) -> str:
    """The class of a character that no table names (UAX 11, UAX 44)."""
    if character in " \N{NO-BREAK SPACE}":
        return SPACE
    if character == OBJECT:
        return ATOMIC
    if character == "\n":
        return BREAK
    category = unicodedata.category(character)
    if category[0] == "M" or category == "Cf":
        return EXTENDING
    if unicodedata.east_asian_width(character) in "WF":
        # Korean is written in words; full-width letters and digits are squares without a quarter em beside them.
        if "HANGUL" in unicodedata.name(character, ""):
            return LETTER
        return HAN if category in ("Lo", "Lm", "Nl") else WIDE
    return LETTER if category[0] in "LN" else WESTERN
