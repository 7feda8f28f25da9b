"""A plan of faces whose words change a little: whether it still holds, without choosing every face anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from typeset.fonts.characters import is_selector
from typeset.fonts.plan import FacePlan, Manner, Stretch
from typeset.fonts.words import Words


class Replanning:
    """What a plan's cuts are owed to, counted: they stay as they are while nothing is owed to nobody."""

    def __init__(self, plan: FacePlan) -> None:
        self.plan = plan
        self._manners: dict[tuple[str, int, str], Manner] = {}
        self._owed: Counter[tuple[object, ...]] = Counter()
        for words, _ in plan.lines:
            self._owed.update(self._asked(words)[1])

    def exchange(self, old: Sequence[Words], new: Sequence[Words]) -> bool:
        """Put words in place of others that stand together in the plan, if its cuts stay the same. Tells whether."""
        lines = self.plan.lines
        at = _found([words for words, _ in lines], old)
        if at is None or [words.lang for words in new] != [words.lang for words in old]:
            return False
        if any(is_selector(character) for words in (*old, *new) for character in words.text):
            return False
        fresh = [(words, *self._asked(words)) for words in new]
        if any(not stretch.slot for _, stretches, _ in fresh for stretch in stretches):
            return False
        owed = Counter(key for _, _, keys in fresh for key in keys)
        owed.subtract(key for words in old for key in self._asked(words)[1])
        if any(self._owed[key] == 0 or self._owed[key] + change <= 0 for key, change in owed.items() if change):
            return False
        self._owed.update(owed)
        planned = tuple((words, stretches) for words, stretches, _ in fresh)
        self.plan = replace(self.plan, lines=(*lines[:at], *planned, *lines[at + len(old) :]))
        return True

    def _asked(self, words: Words) -> tuple[tuple[Stretch, ...], list[tuple[object, ...]]]:
        """The slots of some words, and what they ask of the cuts."""
        key = (words.lang, words.weight, words.style)
        manner = self._manners.get(key)
        if manner is None:
            manner = self._manners[key] = Manner(self.plan.catalogue, self.plan.letter_lang, *key)
        manner.used, manner.followers = {}, set()
        stretches = manner.set(words.text)
        asks: list[tuple[object, ...]] = [(*key, slot) for slot in manner.used]
        asks += [(*key, slot, character) for slot, used in manner.used.items() for character in used]
        asks += [(*key, "", character) for character in manner.followers]
        return stretches, asks


def _found(all_words: Sequence[Words], some: Sequence[Words]) -> int | None:
    """Where some words stand together."""
    if not some:
        return None
    for at, words in enumerate(all_words):
        if words == some[0] and list(all_words[at : at + len(some)]) == list(some):
            return at
    return None
