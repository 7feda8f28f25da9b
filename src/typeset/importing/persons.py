"""Natural persons among the signatories, where their own line says that they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from typeset.locales import ImporterWords


def says_person(name: str, tongues: Iterable[ImporterWords]) -> bool:
    """Whether a name says of itself that it is a person's: by a form of address, or by signing individually.

    ``Dr. Ada Example Foundation`` is a foundation: a word for an organisation outweighs the form of address.
    """
    known = tuple(tongues)
    if any(phrase.search(name) for tongue in known for phrase in tongue.person_phrases):
        return True
    words = {word.casefold() for word in re.findall(r"[\w.]+", name)}
    if any(words & tongue.organisation_words for tongue in known):
        return False
    return any(form.fullmatch(name) for tongue in known for form in tongue.person_forms)
