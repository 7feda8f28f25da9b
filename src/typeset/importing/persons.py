"""Natural persons among the signatories, where their own line says that they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from typeset.importing.tongue import Tongue


def says_person(name: str, tongues: Iterable[Tongue]) -> bool:
    """Whether a name says of itself that it is a person's: by a form of address, or by signing individually.

    ``Dr. Ada Example Foundation`` is a foundation: a word for an organisation outweighs the form of address.
    """
    known = tuple(tongues)
    if any(phrase.search(name) for tongue in known for phrase in tongue.person_phrases):
        return True
    words = {word.casefold() for word in re.findall(r"[\w.]+", name)}
    if any(words & tongue.organisation_words for tongue in known):
        return False
    return any(_addressed(name, tongue) for tongue in known)


def _addressed(name: str, tongue: Tongue) -> bool:
    before = "|".join(re.escape(word) for word in tongue.person_before)
    after = "|".join(re.escape(word) for word in tongue.person_after)
    if before and re.match(rf"(?:{before})\.?\s+[^\W\d_]+\.?(?:[\s-]+[^\W\d_]+\.?){{1,3}}(?:\s*[,(].*)?$", name):
        return True
    return bool(after and re.fullmatch(rf"[^\W\d_·‧・ ]{{2,4}}(?:[·‧・ ][^\W\d_]{{1,8}})*(?:{after})", name))
