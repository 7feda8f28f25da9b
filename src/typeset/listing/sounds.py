"""Names of different alphabets made comparable: as they sound when written in Latin letters."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from typeset.check.folding import fold
from typeset.scripts import script

_NAMED = re.compile(r"(?:KATAKANA|HIRAGANA) LETTER (?:SMALL )?(?P<kana>[A-Z]+)$|HANGUL SYLLABLE (?P<hangul>[A-Z]+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What ``transliteration.toml`` says: a letter in Latin ones, and habits of spelling made one."""

    latin: Mapping[str, str]
    habits: Mapping[str, str]
    habit: re.Pattern[str]


@cache
def _letters() -> Letters:
    table = tomllib.loads(files("typeset.listing").joinpath("transliteration.toml").read_text("utf-8"))
    habits = _pairs(table["habits"]["pairs"])
    longest = sorted(habits, key=len, reverse=True)
    return Letters(
        latin={letter: latin for written in table["letters"].values() for letter, latin in _pairs(written).items()},
        habits=habits,
        habit=re.compile("|".join(map(re.escape, longest))),
    )


def _pairs(written: str) -> dict[str, str]:
    return {each.partition("=")[0]: each.partition("=")[2] for each in written.split()}


def sound(name: str) -> str:
    """A name in the Latin letters it sounds like, less the habits of spelling; empty where too little can be told.

    Ideographs and the scripts that leave vowels out say nothing of how they sound.
    """
    known = _letters()
    written = ""
    for character in fold(name):
        if character.isascii():
            written += character if character.isalnum() else ""
        elif character in known.latin:
            written += known.latin[character]
        elif found := _NAMED.match(unicodedata.name(character, "")):
            written += (found["kana"] or found["hangul"]).lower()
        elif character == "ー":
            continue
        elif character.isalpha() and script(character) != "Latn":
            return ""
    plain = known.habit.sub(lambda found: known.habits[found[0]], written)
    plain = re.sub(r"(.)\1+", r"\1", plain)
    return plain if len(plain) >= 5 else ""
