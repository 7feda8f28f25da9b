"""Letters of one alphabet that pass for another's inside a word (UTS 39, 5.1 mixed scripts and 4 confusables)."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from itertools import chain, groupby
from typing import Final

from typeset.check.reading import Reading, Role, Text
from typeset.diagnostics import Finding, Severity
from typeset.scripts import NEUTRAL, script

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


def mixed_words(reading: Reading) -> Iterable[Finding]:
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


def _mixed(text: Text, word: str, start: int, counted: Counter[str]) -> Finding:
    whole = Counter(map(script, text.text))
    alphabets = sorted(counted, key=lambda alphabet: (-counted[alphabet], -whole[alphabet]))
    joined = _is_joined(word)
    for wanted in alphabets:
        other = "" if joined else as_written_in(word, wanted)
        if other:
            at = next(i for i, (a, b) in enumerate(zip(word, other, strict=True)) if a != b)
            return text.finding(
                "look-alike",
                Severity.ERROR,
                f"{word} has {_letters(word, other)} from another alphabet",
                start=start + at,
                end=start + at + 1,
                hint=f"type the word in one alphabet: {other}",
                proposal=text.text[:start] + other + text.text[start + len(word) :]
                if text.role is not Role.BODY
                else "",
            )
    return text.finding(
        "mixed-alphabets",
        Severity.NOTE if joined else Severity.WARNING,
        f"{word} mixes {' and '.join(_ALPHABETS[alphabet] for alphabet in alphabets)} letters",
        start=start,
        end=start + len(word),
        hint="ask the signatory whether it is meant; it is printed as typed",
    )


def _is_joined(word: str) -> bool:
    """Whether an acronym of one alphabet is joined to a word of another, which is seldom a slip."""
    stretches = [(alphabet, "".join(letters)) for alphabet, letters in groupby(word, script)]
    capitals = [letters.isupper() for _, letters in stretches]
    return len(stretches) == 2 and all(len(letters) > 1 for _, letters in stretches) and capitals[0] != capitals[1]


def disguised_words(reading: Reading) -> Iterable[Finding]:
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
                    "look-alike-word",
                    Severity.WARNING,
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
    table = tomllib.loads(files("typeset.check").joinpath("confusables.toml").read_text("utf-8"))
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
