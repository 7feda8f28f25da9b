"""Names of different alphabets made comparable: as they sound when written in Latin letters."""

from __future__ import annotations

import re
from typing import Final

from anyascii import anyascii

from typeset.check.folding import fold
from typeset.scripts import script

_SOUNDED: Final = frozenset({"Latn", "Cyrl", "Grek", "Geor", "Armn", "Hira", "Kana", "Hang", "Zinh", "Zyyy"})
"""Scripts whose letters tell how a name sounds. Ideographs do not, nor do scripts that leave vowels out."""
_TOGETHER: Final = {"αυ": "au", "ευ": "eu", "ου": "ou", "ու": "u"}
"""Two letters for one sound; anyascii takes each letter alone."""
_HABITS: Final = {
    "tsch": "č", "tch": "č", "ch": "č", "sch": "š", "sh": "š", "zh": "ž", "dzh": "ǆ", "dj": "ǆ", "kh": "h", "gh": "g",
    "ph": "f", "th": "t", "ck": "k", "qu": "k", "q": "k", "x": "ks", "c": "k", "w": "v", "y": "i", "j": "i", "ou": "u",
    "oo": "u", "ee": "i", "ie": "e", "ia": "a", "ya": "a", "ja": "a", "iu": "u", "yu": "u",
}  # fmt: skip
"""Habits of the systems of romanisation made one."""
_LEAST: Final = 5
"""Letters of a sound that tells two names apart from chance."""


def _any_of(spellings: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(spellings, key=len, reverse=True)))


_TWO_LETTERS, _HABIT = _any_of(_TOGETHER), _any_of(_HABITS)


def sound(name: str) -> str:
    """A name in the Latin letters it sounds like, less the habits of spelling; empty where too little can be told."""
    letters = "".join(character for character in fold(name) if character.isalnum())
    if not {script(letter) for letter in letters} <= _SOUNDED:
        return ""
    latin = anyascii(_TWO_LETTERS.sub(lambda found: _TOGETHER[found[0]], letters)).lower()
    plain = _HABIT.sub(lambda found: _HABITS[found[0]], "".join(filter(str.isalnum, latin)))
    plain = re.sub(r"(.)\1+", r"\1", plain)
    return plain if len(plain) >= _LEAST else ""
