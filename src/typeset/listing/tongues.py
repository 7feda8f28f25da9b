"""The language of a name, from what its row, its column, its script and its country say: `und` rather than wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from typeset.importing.names import languages_of
from typeset.language import UNDETERMINED, is_well_formed
from typeset.listing.words import holds, phrase
from typeset.locales import languages
from typeset.model import Passage
from typeset.scripts import scripts

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


@cache
def _by_name() -> Mapping[str, str]:
    """Tags by what their languages are called in any language."""
    return {phrase(each): tag for tag, one in languages().items() for each in (one.name, *one.names)}


@cache
def _at_home(country: str) -> frozenset[str]:
    """The languages that names in their script are in, in a country."""
    return frozenset(tag for tag, one in languages().items() if country in map(phrase, one.countries))


@lru_cache(maxsize=1024)
def said_language(cell: str) -> str:
    """The language that a cell names, by tag or in words; empty where it names none or several."""
    said = cell.strip()
    if _TAG.fullmatch(said) and is_well_formed(said):
        return said
    return _by_name().get(phrase(said), "")


@lru_cache(maxsize=256)
def heading_language(heading: str) -> str:
    """The one language that the heading of a column of names speaks of: *Name in French*."""
    found = {tag for name, tag in _by_name().items() if holds(phrase(heading), name)}
    # Who says traditional Chinese says Chinese too.
    narrow = {tag for tag in found if not any(other != tag and other.startswith(f"{tag}-") for other in found)}
    return narrow.pop() if len(narrow) == 1 else ""


def told(name: str, *, said: str, heading: str, country: str) -> tuple[str, tuple[Passage, ...]]:
    """The language of a name and of passages in it.

    What the row says is taken as it is, but for Chinese without a script, where the characters or the country may tell
    which. A heading or a country is believed only where the letters agree.
    """
    alone, passages = languages_of(name)
    if said and said.lower() not in ("zh", "cmn"):
        return said, passages if said != alone else ()
    found = scripts(name)
    home = _at_home(phrase(country))
    if found == {"Hani"}:
        forms = _forms(name)
        here = next((tag for tag in ("zh-Hant", "zh-Hans") if tag in home), "")
        if said:
            return forms or here or said, ()
        if here and forms in ("", here):
            return here, ()
        if "ja" in home and not passages:
            return "ja", ()
        return alone, passages
    if alone != UNDETERMINED or said:
        return (alone if alone != UNDETERMINED else said), passages
    if len(found) == 1:
        script = next(iter(found))
        for tag, one in languages().items():
            if one.script == script:
                return tag, ()
            letters = one.letters
            if not letters or letters.script != script or tag not in home or set(letters.never) & set(name):
                continue
            # Russian names are common in Ukraine, so a name there needs a letter that Russian has not.
            if tag != "uk" or set(letters.own) & set(name):
                return tag, ()
        if heading and _may_be(heading, script):
            return heading, ()
    return UNDETERMINED, passages


def _forms(name: str) -> str:
    """The standard whose own characters are in a name, if only one's are: Big5 traditional, GB 2312 simplified."""
    traditional = any(_has(c, "big5") and not _has(c, "gb2312") for c in name)
    simplified = any(_has(c, "gb2312") and not _has(c, "big5") for c in name)
    return "" if traditional == simplified else "zh-Hant" if traditional else "zh-Hans"


def _has(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=256)
def _may_be(tag: str, script: str) -> bool:
    """Whether a language is written in a script, by custom (RFC 5646, 3.1.9)."""
    from langcodes import Language

    written = Language.get(tag).assume_script().script or ""
    return script == {"Hans": "Hani", "Hant": "Hani", "Jpan": "Hani", "Kore": "Hang"}.get(written, written)
