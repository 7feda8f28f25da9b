"""Words typed with the wrong keyboard layout switched on: Latin letters where Cyrillic was meant, and the reverse."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

from typeset.check.folding import fold
from typeset.check.plausibility import plausible
from typeset.check.reading import Reading
from typeset.check.vocabulary import known_words
from typeset.diagnostics import Finding, Severity
from typeset.scripts import scripts

_KEYS: Final = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_LAYOUTS: Final = {
    "Russian": "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ",
    "Ukrainian": "'йцукенгшщзхїфівапролджєячсмитьбю" + "'ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ",
}
_TO_CYRILLIC: Final = {name: str.maketrans(_KEYS, letters) for name, letters in _LAYOUTS.items()}
_TO_LATIN: Final = {name: str.maketrans(letters, _KEYS) for name, letters in _LAYOUTS.items()}
_AROUND: Final = ".,;:'\"<>[]{}()"

# Bits per letter pair by which the other reading must be the likelier: much where the letters alone speak, little where
# the other reading is a known word or stands among words of its script. `_LIKELY` is what it must reach by
# itself; what is as good as `_WORD_LIKE` when typed is not asked at all.
_MARGIN: Final = 2.0
_SMALL_MARGIN: Final = 0.4
_LIKELY: Final = -4.6
_WORD_LIKE: Final = -3.9
_SHORTEST: Final = 4


def keyboard_layout(reading: Reading) -> Iterable[Finding]:
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
            "keyboard-layout",
            Severity.WARNING,
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
        source, target, tables = "Cyrl", "Latn", _TO_LATIN
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
