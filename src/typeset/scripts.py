"""Which script a character is in (ISO 15924, from the Unicode Character Database that fontTools carries)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

NEUTRAL = frozenset({"Zyyy", "Zinh", "Zzzz"})
"""Common, inherited and unknown: no script of their own, they follow their neighbours."""

EAST_ASIAN = frozenset({"Hani", "Hira", "Kana", "Bopo", "Hang", "Yiii"})
"""Scripts set in an em square."""

RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})


@cache
def script(character: str) -> str:
    """The ISO 15924 code of one character's script."""
    # Late: whoever only verifies a file has no fontTools.
    from fontTools import unicodedata as ucd

    return str(ucd.script(character))


def scripts(text: str) -> frozenset[str]:
    """The scripts a text is written in, without the neutral ones."""
    return frozenset(script(character) for character in text) - NEUTRAL


def is_east_asian(character: str) -> bool:
    """Whether a character is set in an em square: ideographs, kana, hangul, full-width forms and marks (UAX 11)."""
    return unicodedata.east_asian_width(character) in "WF"


def script_runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Half-open stretches of one script; neutral characters go with the text before them, or after at the start."""
    start, current = 0, ""
    for position, character in enumerate(text):
        found = script(character)
        if found in NEUTRAL or found == current:
            continue
        if current:
            yield start, position, current
            start = position
        current = found
    if text:
        yield start, len(text), current or "Zyyy"


def is_right_to_left(text: str) -> bool:
    """Whether the first strong character runs right to left (UAX 9, rules P2 and P3)."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return False
            case "R" | "AL":
                return True
    return False
