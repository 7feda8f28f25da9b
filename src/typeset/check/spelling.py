"""Slips of the typing hand, where general words leave little doubt. Names are never put right without a decision."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from typeset.check.folding import fold, one_edit_apart, within_one_edit, words
from typeset.check.reading import Reading, Text
from typeset.check.vocabulary import Language, every, known_words, languages
from typeset.diagnostics import Finding, Severity
from typeset.scripts import script

# By script: the shortest word that is looked at, and how many last letters may differ by inflection alone.
_SHORTEST: Final = {"Latn": 6, "Cyrl": 7, "Arab": 5}
_INFLECTED: Final = {"Latn": 2, "Cyrl": 3, "Arab": 1}
# Arabic derives words by putting these letters into a root or before it, and writes some small words joined on.
_DERIVING: Final = frozenset("اويتهل")
# What a narrow cell or a tired hand leaves off; the stem before it is a word by itself too seldom to matter.
_LOST_ENDINGS: Final = frozenset(
    ["ent", "ents", "ence", "ency", "tion", "tions", "tional", "ional", "ation", "ations", "nment", "rnment"]
)
_DOUBLED_GENITIVE: Final = re.compile(r"\b(?P<stem>[^\W\d_]{4,}s)['’]s\b")
_OFTEN: Final = 4
_PREFIXES: Final = ("ال", "لل", "ل", "و", "وال", "ول", "ولل", "ب", "بال", "ف", "ك")


def misspellings(reading: Reading) -> Iterable[Finding]:
    """Unknown words one slip away from a word of the language that the name is in, or that the list often has."""
    often = _frequent(reading)
    for text in reading.names:
        slips = dict(_slips(text.text, often))
        if not slips:
            continue
        mended = text.text
        for start in sorted(slips, reverse=True):
            word, meant = slips[start]
            mended = mended[:start] + meant + mended[start + len(word) :]
        start = min(slips)
        word, meant = slips[start]
        yield text.finding(
            "misspelling",
            Severity.NOTE,
            f"{word} may be a slip for {meant}",
            start=start,
            end=start + len(word),
            hint="ask the signatory; it is printed as typed",
            proposal=mended,
        )


def doubled_words(reading: Reading) -> Iterable[Finding]:
    """A small word written twice: *of of*, *de de*."""
    for text in (*reading.titles, *reading.names):
        found = words(text.text)
        for (start, word), (again, other) in itertools.pairwise(found):
            if (
                len(word) > 1
                and word == other
                and fold(word) in every("small")
                and _only_space(text, start, word, again)
            ):
                yield text.finding(
                    "doubled-word",
                    Severity.WARNING,
                    f"“{word}” stands twice",
                    start=start,
                    end=again + len(other),
                    hint="take one out",
                    proposal=text.text[:again] + text.text[again + len(other) :].lstrip(),
                )
                break


def _only_space(text: Text, start: int, word: str, again: int) -> bool:
    return text.text[start + len(word) : again].isspace()


def _frequent(reading: Reading) -> Mapping[str, int]:
    """How many names each longer word stands in."""
    return Counter(
        word
        for text in reading.names
        for word in {fold(word) for _, word in words(text.text)}
        if len(word) >= _SHORTEST["Latn"]
    )


def _slips(name: str, often: Mapping[str, int]) -> Iterator[tuple[int, tuple[str, str]]]:
    for found in _DOUBLED_GENITIVE.finditer(name):
        if fold(found["stem"]) in every("vocabulary"):
            yield found.start(), (found[0], found["stem"] + found[0][len(found["stem"])])
    parts = tuple(_parts(name))
    for start, word in parts:
        folded = fold(word)
        written = script(word[0])
        if len(folded) < _SHORTEST.get(written, 1_000) or _is_known(folded) or not _is_plain(word):
            continue
        spoken = _spoken({fold(other) for at, other in parts if at != start}, written)
        candidates = {
            meant
            for language in spoken
            for key in within_one_edit(folded)
            for meant in _by_edit(language.tag).get(key, ())
            if _is_slip(folded, meant, written)
        }
        candidates |= {
            meant
            for meant in often
            if often[meant] >= _OFTEN and often[folded] == 1 and _is_slip(folded, meant, written)
        }
        if not candidates:
            # Of the words that it is the beginning of, the shortest leaves the least to have been lost.
            completed = {meant for language in spoken for meant in _completed(folded, language)}
            candidates = {min(completed, key=lambda meant: (len(meant), meant))} if completed else set()
        # Two words that are equally near say that neither is certain.
        if len(candidates) == 1:
            yield start, (word, _cased(candidates.pop(), word))


def _parts(name: str) -> Iterator[tuple[int, str]]:
    """Words with what stands before and after an apostrophe taken apart: *l'homme*."""
    for start, word in words(name):
        for part in re.finditer(r"[^'’ʼʻ]+", word):
            yield start + part.start(), part[0]


def _is_known(word: str) -> bool:
    """Whether a word is in a vocabulary, as it stands or with the prefixes that Arabic joins on."""
    return word in known_words() or any(
        word.startswith(prefix) and word[len(prefix) :] in known_words() for prefix in _PREFIXES
    )


def _is_plain(word: str) -> bool:
    """Whether a word is written as an ordinary one, not as an acronym or a made-up name."""
    return word.isalpha() and (word.islower() or word[1:].islower() or word.upper() == word.lower())


def _spoken(others: set[str], written: str) -> tuple[Language, ...]:
    """The language that most of the other words of a name are known in; several where they tie."""
    shares = [
        (len(others & language.vocabulary) + len(others & language.small), language)
        for language in languages()
        if not language.proper
        and language.script == written
        and any(len(word) >= 4 for word in others & language.vocabulary)
    ]
    most = max((share for share, _ in shares), default=0)
    return tuple(language for share, language in shares if share == most)


@cache
def _by_edit(tag: str) -> Mapping[str, tuple[str, ...]]:
    """A language's longer words by the keys that words one edit away share with them."""
    language = next(language for language in languages() if language.tag == tag)
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for word in language.vocabulary:
        if len(word) >= _SHORTEST[language.script] - 1:
            for key in within_one_edit(word):
                found[key] += (word,)
    return found


def _is_slip(word: str, meant: str, written: str) -> bool:
    """Whether one typing slip, not an inflection or a derivation, makes one word of the other."""
    if word[:1] != meant[:1] or len(meant) < _SHORTEST[written] or not one_edit_apart(word, meant):
        return False
    start = next((at for at, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    if start >= min(len(word), len(meant)) - _INFLECTED[written]:
        return False
    if written == "Arab" and sorted(word) != sorted(meant):
        changed = (Counter(word) - Counter(meant)) | (Counter(meant) - Counter(word))
        return not _DERIVING & set(changed)
    return True


def _completed(word: str, language: Language) -> Iterator[str]:
    """Words of a language that a word is the beginning of, where what is left off is an ending."""
    for meant in language.vocabulary:
        if meant.startswith(word) and meant[len(word) :] in _LOST_ENDINGS:
            yield meant


def _cased(meant: str, typed: str) -> str:
    return meant.capitalize() if typed[0].isupper() else meant
