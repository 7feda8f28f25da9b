"""Letters of other alphabets that look alike (UTS 39), and words typed on another keyboard layout."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from itertools import chain, groupby
from typing import Final

from typeset.checks.context import CheckContext, Text, TextRole
from typeset.checks.vocabulary import fold, known_words, plausible
from typeset.diagnostics import Finding, Rule, Severity
from typeset.languages import NEUTRAL, script, scripts

_ALPHABETS: Final = {
    "Latn": "Latin",
    "Cyrl": "Cyrillic",
    "Grek": "Greek",
    "Armn": "Armenian",
    "Geor": "Georgian",
    "Cher": "Cherokee",
    "Copt": "Coptic",
}
_WORD: Final = re.compile(r"[^\W\d_]+")


def mixed_words(reading: CheckContext) -> Iterable[Finding]:
    """Words with letters of more than one alphabet."""
    for text in reading.texts:
        if text.text.isascii():
            continue
        for found in _WORD.finditer(text.text):
            word = found[0]
            counted = Counter(s for s in map(script, word) if s in _ALPHABETS)
            if len(counted) < 2:
                continue
            yield _mixed(text, word, found.start(), counted)
            break


MIXED_ALPHABETS = Rule(
    code="mixed-alphabets",
    severity=Severity.WARNING,
    weight="warning; note for an acronym joined to a word",
    group="Characters",
    meaning="letters of two alphabets in a word, without look-alikes",
    remedy="ask the signatory",
    example="Фондsolidarity",
)


LOOK_ALIKE = Rule(
    code="look-alike",
    severity=Severity.ERROR,
    group="Characters",
    meaning="a letter of another alphabet inside a word (UTS 39)",
    remedy="type the word in one alphabet",
    example="Аmnesty International",
)


def _mixed(text: Text, word: str, start: int, counted: Counter[str]) -> Finding:
    whole = Counter(map(script, text.text))
    alphabets = sorted(counted, key=lambda alphabet: (-counted[alphabet], -whole[alphabet]))
    joined = _is_joined(word)
    for wanted in alphabets:
        other = "" if joined else as_written_in(word, wanted)
        if other:
            at = next(i for i, (a, b) in enumerate(zip(word, other, strict=True)) if a != b)
            return text.finding(
                LOOK_ALIKE,
                f"{word} has {_letters(word, other)} from another alphabet",
                start=start + at,
                end=start + at + 1,
                hint=f"type the word in one alphabet: {other}",
                proposal=text.text[:start] + other + text.text[start + len(word) :]
                if text.role is not TextRole.BODY
                else "",
            )
    return text.finding(
        MIXED_ALPHABETS,
        f"{word} mixes {' and '.join(_ALPHABETS[alphabet] for alphabet in alphabets)} letters",
        severity=Severity.NOTE if joined else Severity.WARNING,
        start=start,
        end=start + len(word),
        hint="ask the signatory whether it is intended; it is printed as typed",
    )


def _is_joined(word: str) -> bool:
    """Whether an acronym of one alphabet is joined to a word of another, which is seldom a slip."""
    stretches = [(alphabet, "".join(letters)) for alphabet, letters in groupby(word, script)]
    capitals = [letters.isupper() for _, letters in stretches]
    return len(stretches) == 2 and all(len(letters) > 1 for _, letters in stretches) and capitals[0] != capitals[1]


LOOK_ALIKE_WORD = Rule(
    code="look-alike-word",
    severity=Severity.WARNING,
    group="Characters",
    meaning="a whole word of look-alikes among words of another alphabet",
    remedy="ask which alphabet is meant",
    example="СОР Watch International",
)


def disguised_words(reading: CheckContext) -> Iterable[Finding]:
    """Words wholly of another alphabet's look-alikes among words of this one: СОС beside *Nederland*."""
    for text in (*reading.titles, *reading.names):
        if text.text.isascii():
            continue
        words = [(found.start(), found[0], script(found[0][0])) for found in _WORD.finditer(text.text)]
        present = {alphabet for _, _, alphabet in words} - NEUTRAL
        for start, word, alphabet in words:
            others = [other for at, other, theirs in words if theirs == alphabet and at != start]
            if alphabet == "Latn" or alphabet not in _ALPHABETS or "Latn" not in present or len(word) < 2:
                continue
            # One word that could only be of its own alphabet shows that the alphabet is meant.
            if all(as_written_in(other, "Latn") for other in [word, *others]):
                latin = as_written_in(word, "Latn")
                yield text.finding(
                    LOOK_ALIKE_WORD,
                    f"{word} is written in {_ALPHABETS[alphabet]} letters that look like {latin}",
                    start=start,
                    end=start + len(word),
                    hint="ask the signatory which alphabet is meant; it is printed as typed",
                    proposal=text.text[:start] + latin + text.text[start + len(word) :],
                )
                break


def as_written_in(word: str, alphabet: str) -> str:
    """The word with foreign letters replaced by an alphabet's look-alikes; empty where one has none."""
    written = ""
    for letter in word:
        own = script(letter)
        if own == alphabet or own not in _ALPHABETS:
            written += letter
        elif twin := _twin(letter, own, alphabet):
            written += twin
        else:
            return ""
    return written


def skeleton(text: str) -> str:
    """A text with every look-alike made Latin: two texts with one skeleton look the same (UTS 39, 4)."""
    if text.isascii():
        return text
    latin, _ = _twins()
    return "".join(latin.get(letter, letter) for letter in text)


def _twin(letter: str, own: str, alphabet: str) -> str:
    to_latin, from_latin = _twins()
    latin = letter if own == "Latn" else to_latin.get(letter, "")
    return latin if alphabet == "Latn" else from_latin[alphabet].get(latin, "")


@cache
def _twins() -> tuple[Mapping[str, str], Mapping[str, Mapping[str, str]]]:
    """Letters with the Latin ones that they look like, and the reverse for each alphabet."""
    table = tomllib.loads(files("typeset.checks").joinpath("confusables.toml").read_text("utf-8"))
    pairs = {
        alphabet: tuple(zip(rows["letters"], rows["latin"], strict=True))
        for alphabet, rows in table.items()
        if alphabet in _ALPHABETS
    }
    # Of several letters with one Latin twin, the first is the one in common use.
    return dict(chain.from_iterable(pairs.values())), {
        alphabet: {latin: letter for letter, latin in reversed(found)} for alphabet, found in pairs.items()
    }


def _letters(word: str, other: str) -> str:
    foreign = dict.fromkeys(
        f"{_ALPHABETS[script(a)]} {a} (U+{ord(a):04X})" for a, b in zip(word, other, strict=True) if a != b
    )
    return ", ".join(foreign)


_KEYS: Final = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_LAYOUTS: Final = {
    "Russian": "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ",
    "Ukrainian": "'йцукенгшщзхїфівапролджєячсмитьбю" + "'ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ",
}
_TO_CYRILLIC: Final = {name: str.maketrans(_KEYS, letters) for name, letters in _LAYOUTS.items()}
_KEYS_TO_LATIN: Final = {name: str.maketrans(letters, _KEYS) for name, letters in _LAYOUTS.items()}
_AROUND: Final = ".,;:'\"<>[]{}()"

# Bits per letter pair by which the other reading must be the likelier: much where the letters alone speak, little where
# the other reading is a known word or stands among words of its script. `_LIKELY` is what it must reach by
# itself; what is as good as `_WORD_LIKE` when typed is not asked at all.
_MARGIN: Final = 2.0
_SMALL_MARGIN: Final = 0.4
_LIKELY: Final = -4.6
_WORD_LIKE: Final = -3.9
_SHORTEST: Final = 4


KEYBOARD_LAYOUT = Rule(
    code="keyboard-layout",
    severity=Severity.WARNING,
    group="Typing",
    meaning="a word typed with the wrong keyboard layout (QWERTY, ЙЦУКЕН)",
    remedy="ask the signatory, then print what is meant",
    example="Ghfdj pfobns",
)


def keyboard_layout(reading: CheckContext) -> Iterable[Finding]:
    """Words that are none as typed and become one on another layout (QWERTY and ЙЦУКЕН)."""
    for text in (*reading.titles, *reading.names):
        words = [(found.start(), found[0]) for found in re.finditer(r"\S+", text.text)]
        present = scripts(text.text)
        read = {start: meant for start, word in words if (meant := _on_another_layout(word, present))}
        if not read:
            continue
        # Whoever left the wrong layout on typed the next word on it too, however short.
        beside = "".join(other for other, _ in read.values())
        read |= {start: meant for start, word in words if (meant := _on_another_layout(word, present, scripts(beside)))}
        mended = text.text
        for start, word in reversed(words):
            if start in read:
                mended = mended[:start] + read[start][0] + mended[start + len(word) :]
        start = min(read)
        word = next(word for at, word in words if at == start)
        other, layout = read[start]
        yield text.finding(
            KEYBOARD_LAYOUT,
            f"{word} is {other} typed with another keyboard layout ({layout})"
            + (f", and so is more in this {text.role}" if len(read) > 1 else ""),
            start=start,
            end=start + len(word),
            hint="ask the signatory; until then it is printed as typed",
            proposal=mended,
        )


def _on_another_layout(
    word: str, present: frozenset[str], beside: frozenset[str] = frozenset()
) -> tuple[str, str] | None:
    """What a word was meant to be and on which layout; None where it can stand as it is.

    ``present`` are the scripts of the text, ``beside`` that of the words in it that have been read so already.
    """
    bare = word.strip(_AROUND)
    if len(bare) < (1 if beside else _SHORTEST) or fold(bare) in known_words():
        return None
    found = scripts(bare)
    if found == {"Latn"} and bare.isascii():
        source, target, tables = "Latn", "Cyrl", _TO_CYRILLIC
    elif found == {"Cyrl"}:
        source, target, tables = "Cyrl", "Latn", _KEYS_TO_LATIN
    else:
        return None
    if beside and beside != {target}:
        return None
    as_typed = plausible(source)("".join(c for c in bare if c.isalpha()))
    if as_typed > _WORD_LIKE and len(bare) >= _SHORTEST:
        return None
    best: tuple[float, str, str] | None = None
    for candidate in dict.fromkeys((word, word.rstrip(_AROUND), bare)):
        for layout, table in tables.items():
            other = candidate.translate(table)
            letters = fold(other.strip("'"))
            if not _is_word(letters, target):
                continue
            known = letters in known_words()
            if len(bare) < _SHORTEST and not known:
                continue
            likely = plausible(target)(letters)
            # An acronym is a word in no language, and chance makes words of it elsewhere.
            margin = _MARGIN + (1.0 if bare.isupper() and len(bare) < 7 else 0.0)
            if known or beside or target in present:
                margin = _SMALL_MARGIN if len(bare) >= _SHORTEST else -math.inf
            score = likely + (1.0 if known else 0.0)
            if (known or likely > _LIKELY) and likely - as_typed > margin and (best is None or score > best[0]):
                best = (score, word.replace(candidate, other, 1), layout)
    return best and best[1:]


def _is_word(letters: str, script: str) -> bool:
    bare = letters.replace("'", "")
    return bare.isalpha() and scripts(bare) == {script} and (script == "Cyrl" or bare.isascii())
