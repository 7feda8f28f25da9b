"""How likely a string of letters is to be a word of some language written in a script."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from typeset.check.folding import fold
from typeset.check.vocabulary import languages

_EDGE = " "


class Plausibility:
    """Letter pairs of known words, as the chance that one letter follows another (smoothed by the letters alone)."""

    __slots__ = ("_following", "_letters", "_pairs", "_total")

    def __init__(self, words: Iterable[str]) -> None:
        text = _EDGE + _EDGE.join(words) + _EDGE
        self._pairs = Counter(pairwise(text))
        self._following = Counter(text[:-1])
        self._letters = Counter(text[1:])
        self._total = len(text) - 1

    def __call__(self, word: str) -> float:
        """Bits per letter pair, at most 0: the nearer to 0, the more like a word."""
        edged = _EDGE + fold(word) + _EDGE
        bits = 0.0
        for first, second in pairwise(edged):
            alone = (self._letters[second] + 0.01) / (self._total + 1)
            bits += math.log2((self._pairs[first, second] + 4 * alone) / (self._following[first] + 4))
        return bits / (len(edged) - 1)


@cache
def plausible(script: str) -> Plausibility:
    """The measure for a script, from the words of all languages written in it."""
    return Plausibility(
        word for language in languages() if language.script == script for word in language.vocabulary | language.small
    )
