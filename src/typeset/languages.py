"""Languages as BCP 47 tags, scripts (ISO 15924), and which language a script indicates."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from typeset.model import Passage

NEUTRAL = frozenset({"Zyyy", "Zinh", "Zzzz"})
"""Common, inherited and unknown: characters without their own script, which take that of their neighbours."""

EAST_ASIAN = frozenset({"Hani", "Hira", "Kana", "Bopo", "Hang", "Yiii"})
"""Scripts set in an em square."""

RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})


@cache
def script(character: str) -> str:
    """The ISO 15924 code of one character's script."""
    # Imported here: the verifier is installed without fontTools.
    from fontTools import unicodedata as ucd

    return str(ucd.script(character))


def scripts(text: str) -> frozenset[str]:
    """The scripts of a text, without the neutral ones."""
    return frozenset(script(character) for character in text) - NEUTRAL


def is_east_asian(character: str) -> bool:
    """Whether a character is set in an em square: ideographs, kana, hangul, full-width forms and marks (UAX 11)."""
    return unicodedata.east_asian_width(character) in "WF"


def script_runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Half-open ranges of one script; neutral characters belong to the text before them; at the start, after them."""
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


UNDETERMINED = "und"

CJK_LANGUAGES = ("zh", "ja", "ko")
_SIMPLIFIED = ("zh-hans", "zh-cn", "zh-sg", "zh-my")


WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        tag: script_code
        for script_code, tags in {
            "": "und",
            "Latn": "cs da de en es et fi fr hr hu id it lt lv nl no pl pt ro sk sl sq sv sw tr vi",
            "Cyrl": "bg ru uk",
            "Arab": "ar fa ur",
            "Hans": "zh-Hans",
            "Hant": "zh-Hant",
            "Jpan": "ja",
            "Kore": "ko",
            "Grek": "el",
            "Hebr": "he",
            "Deva": "hi",
            "Thai": "th",
        }.items()
        for tag in tags.split()
    }
)
"""Tags that need no look-up, and the script that such text nearly always has (RFC 5646, 3.1.9)."""


def is_well_formed(tag: str) -> bool:
    """Whether a tag is valid BCP 47: registered subtags in the right order, or ``und``."""
    if tag in WRITTEN:
        return True
    # Imported here because loading the registry takes as long as a stage, and most letters do not need it.
    from langcodes import tag_is_valid

    return tag_is_valid(tag)


def primary(tag: str) -> str:
    """The primary language subtag: ``zh`` of ``zh-Hant-TW``."""
    return tag.split("-", 1)[0].lower()


def form_language(tag: str) -> str:
    """The language whose character forms a tag needs. Chinese is traditional unless its tag says simplified."""
    if primary(tag) != "zh":
        return primary(tag)
    low = tag.lower()
    return "zh-Hans" if any(low == one or low.startswith(f"{one}-") for one in _SIMPLIFIED) else "zh-Hant"


def is_cjk(tag: str) -> bool:
    """Whether the characters of this language fill em squares."""
    return primary(tag) in CJK_LANGUAGES


def only_japanese(character: str) -> bool:
    """Whether only Japan uses this ideograph: it is in JIS X 0208, but not in Big5 or GB 2312."""
    return _has(character, "shift_jis") and not _has(character, "big5") and not _has(character, "gb2312")


def _has(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def passages_of_scripts(text: str) -> tuple[Passage, ...]:
    """The passages whose language is clear from their script.

    A range of ideographs and kana is Japanese if it has kana or an ideograph that only Japan uses; one with hangul is
    Korean. Ideographs alone, Latin, Cyrillic and Arabic do not show a language.
    """
    return tuple(
        Passage(start=start, end=end, lang=lang)
        for start, end in east_asian_stretches(text)
        if (lang := _language_of_script(text[start:end]))
    )


def _language_of_script(stretch: str) -> str:
    found = {script(character) for character in stretch}
    if "Hang" in found:
        return "ko"
    if found & {"Hira", "Kana"} or any(script(c) == "Hani" and only_japanese(c) for c in stretch):
        return "ja"
    return ""


def east_asian_stretches(text: str) -> Iterator[tuple[int, int]]:
    """Half-open ranges of ideographs, kana and hangul, with the prolonged sound marks between them."""
    start = -1
    for position, character in enumerate(text + "\0"):
        inside = script(character) in EAST_ASIAN or (character in "ー゛゜々〆・" and start >= 0)
        if inside and start < 0:
            start = position
        elif not inside and start >= 0:
            yield start, position
            start = -1
