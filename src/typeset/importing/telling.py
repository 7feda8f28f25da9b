"""Which language a letter is in, as far as its own characters and words tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from typeset.importing.lines import Line
from typeset.language import UNDETERMINED
from typeset.locales import ImporterWords
from typeset.scripts import EAST_ASIAN, script

_ENOUGH_FORMS = 5
_ENOUGH_WORDS = 20
_ENOUGH_SHARE = 0.15
_CLEARLY_AHEAD = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A language, ``und`` where nothing told it, and what told it."""

    lang: str
    why: str


def tell_language(lines: Sequence[Line], tongues: Sequence[ImporterWords]) -> Told:
    """The language of a letter's own words, from the lines that they stand on.

    Kana and hangul tell Japanese and Korean by their share. Traditional and simplified Chinese are told by the
    characters that only one of Big5 and GB 2312 has, other languages by their most frequent small words.
    """
    text = "\n".join(line.text for line in lines)
    east_asian = [character for character in text if script(character) in EAST_ASIAN]
    letters = sum(character.isalpha() for character in text)
    if 2 * len(east_asian) > letters:
        return _by_script(east_asian, tongues) or _by_forms(east_asian, tongues)
    return _by_words(re.findall(r"[^\W\d_]+", text.lower()), tongues)


def _by_script(characters: Sequence[str], tongues: Sequence[ImporterWords]) -> Told | None:
    for tongue in tongues:
        found = sum(script(character) in tongue.scripts for character in characters)
        if tongue.scripts and found >= tongue.share * len(characters):
            return Told(lang=tongue.lang, why=f"{found} of {len(characters)} East Asian characters are of its script")
    return None


def _by_forms(characters: Sequence[str], tongues: Sequence[ImporterWords]) -> Told:
    counted = sorted(
        (
            (sum(_only_in(c, tongue.codec, tongue.not_codec) for c in characters), tongue.lang)
            for tongue in tongues
            if tongue.codec
        ),
        reverse=True,
    )
    if len(counted) > 1 and counted[0][0] >= _ENOUGH_FORMS and counted[0][0] >= 10 * counted[1][0]:
        (most, lang), (fewer, other) = counted[:2]
        return Told(lang=lang, why=f"{most} characters have a form of its own, {fewer} one of {other}")
    return Told(lang=UNDETERMINED, why="the characters are of no one standard")


def _only_in(character: str, codec: str, not_codec: str) -> bool:
    return _has(character, codec) and not _has(character, not_codec)


def _has(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _by_words(words: Sequence[str], tongues: Sequence[ImporterWords]) -> Told:
    counted = sorted(((sum(word in t.stopwords for word in words), t.lang) for t in tongues), reverse=True)
    if len(words) < _ENOUGH_WORDS:
        return Told(lang=UNDETERMINED, why="too few words to tell")
    (most, lang), (fewer, _) = counted[:2]
    if most < _ENOUGH_SHARE * len(words) or most < _CLEARLY_AHEAD * fewer:
        return Told(lang=UNDETERMINED, why="its words are of no language there is data for")
    return Told(lang=lang, why=f"{most} of {len(words)} words are its most frequent ones")
