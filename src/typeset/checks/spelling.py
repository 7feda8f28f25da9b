"""Typing errors in common words, where there is little doubt. Names are never corrected without a decision."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from typeset.checks.context import CheckContext, Text
from typeset.checks.vocabulary import every, fold, known_words, languages, one_edit_apart, words
from typeset.diagnostics import Finding, Rule, Severity
from typeset.languages import script
from typeset.locales import CheckWords

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
_Slip = tuple[int, str, str]
_Sorted = Mapping[tuple[str, int], Sequence[str]]
_PREFIXES: Final = ("ال", "لل", "ل", "و", "وال", "ول", "ولل", "ب", "بال", "ف", "ك")


MISSPELLING = Rule(
    code="misspelling",
    severity=Severity.NOTE,
    group="Typing",
    meaning="an unknown word, one letter away from a word of the name's language or a frequent word of the list",
    remedy="ask the signatory",
    example="Amnesty Internatonal",
)


def misspellings(reading: CheckContext) -> Iterable[Finding]:
    """Unknown words one slip away from a word of the language that the name is in, or that the list often has."""
    often, frequent = _frequent(reading)
    for text in reading.names:
        slips = sorted(_slips(text.text, often, frequent))
        if not slips:
            continue
        mended = text.text
        for start, word, meant in reversed(slips):
            mended = mended[:start] + meant + mended[start + len(word) :]
        start, word, meant = slips[0]
        yield text.finding(
            MISSPELLING,
            f"{word} may be a typing error for {meant}",
            start=start,
            end=start + len(word),
            hint="ask the signatory; it is printed as typed",
            proposal=mended,
        )


DOUBLED_WORD = Rule(
    code="doubled-word",
    severity=Severity.WARNING,
    group="Typing",
    meaning="*of of*, *de de*",
    remedy="remove one",
    example="Friends of of the River",
)


def doubled_words(reading: CheckContext) -> Iterable[Finding]:
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
                    DOUBLED_WORD,
                    f"“{word}” is there twice",
                    start=start,
                    end=again + len(other),
                    hint="remove one",
                    proposal=text.text[:again] + text.text[again + len(other) :].lstrip(),
                )
                break


def _only_space(text: Text, start: int, word: str, again: int) -> bool:
    return text.text[start + len(word) : again].isspace()


def _frequent(reading: CheckContext) -> tuple[Mapping[str, int], _Sorted]:
    """In how many names each longer word occurs, and the frequent words."""
    often = Counter(
        word
        for text in reading.names
        for word in {fold(word) for _, word in words(text.text)}
        if len(word) >= _SHORTEST["Arab"]
    )
    return often, _sorted(word for word, times in often.items() if times >= _OFTEN)


def _slips(name: str, often: Mapping[str, int], frequent: _Sorted) -> Iterator[_Slip]:
    for found in _DOUBLED_GENITIVE.finditer(name):
        if fold(found["stem"]) in every("vocabulary"):
            yield found.start(), found[0], found["stem"] + found[0][len(found["stem"])]
    parts = [(start, word, fold(word)) for start, word in _parts(name)]
    for start, word, folded in parts:
        written = script(word[0])
        if written not in _SHORTEST or len(folded) < _SHORTEST[written]:
            continue
        if _is_known(folded) or not _is_plain(word):
            continue
        candidates = set(_slips_of(folded, _vocabulary(written), written))
        # Of the words that it is the beginning of, the shortest leaves the least to have been lost.
        completed = sorted((folded + ending for ending in _LOST_ENDINGS), key=lambda meant: (len(meant), meant))
        if candidates or any(meant in known_words() for meant in completed):
            likely = _languages_of([other for _, _, other in parts], folded, written)
            candidates = {meant for meant in candidates if any(meant in language.vocabulary for language in likely)}
            if not candidates:
                ending = (meant for meant in completed if any(meant in language.vocabulary for language in likely))
                candidates = {meant for meant in (next(ending, None),) if meant}
        if often[folded] == 1:
            candidates |= set(_slips_of(folded, frequent, written))
        # Two words that are equally near say that neither is certain.
        if len(candidates) == 1:
            yield start, word, _cased(candidates.pop(), word)


def _parts(name: str) -> Iterator[tuple[int, str]]:
    """Words, split at apostrophes: *l'homme*."""
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


def _languages_of(around: Sequence[str], word: str, written: str) -> tuple[CheckWords, ...]:
    """The language that most words around one are known in; several where they tie."""
    others = {other for other in around if other != word}
    shares = [
        (len(others & language.vocabulary) + len(others & language.small), language)
        for language in languages()
        if not language.proper
        and language.script == written
        and any(len(other) >= 4 for other in others & language.vocabulary)
    ]
    most = max((share for share, _ in shares), default=0)
    return tuple(language for share, language in shares if share == most)


@cache
def _vocabulary(written: str) -> _Sorted:
    """The longer words of a script's languages, but for names."""
    return _sorted(
        word
        for language in languages()
        if language.script == written and not language.proper
        for word in language.vocabulary
        if len(word) >= _SHORTEST[written] - 1
    )


def _sorted(known: Iterable[str]) -> _Sorted:
    """Words by their first letter and length, so that few have to be compared."""
    found: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for word in known:
        found[word[0], len(word)].append(word)
    return found


def _slips_of(word: str, known: _Sorted, written: str) -> Iterator[str]:
    """Known words that a word may be a typing error for."""
    for length in (len(word) - 1, len(word), len(word) + 1):
        yield from (meant for meant in known.get((word[0], length), ()) if _is_slip(word, meant, written))


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


def _cased(meant: str, typed: str) -> str:
    return meant.capitalize() if typed[0].isupper() else meant
