"""The language of a name, from what its row, its column, its script and its country say: `und` rather than wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from typeset.importing.names import languages_of
from typeset.language import UNDETERMINED, is_well_formed
from typeset.listing.words import holds, phrase
from typeset.model import Passage
from typeset.scripts import scripts

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What tells a language from the others of its script: letters of its own, and letters it never has."""

    script: str
    own: frozenset[str]
    never: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What ``languages.toml`` says."""

    by_name: Mapping[str, str]
    by_script: Mapping[str, str]
    by_country: Mapping[str, frozenset[str]]
    letters: Mapping[str, Letters]
    public_mail: frozenset[str]


@cache
def knowledge() -> Knowledge:
    """What is known of languages and countries."""
    table = tomllib.loads(files("typeset.listing").joinpath("languages.toml").read_text("utf-8"))
    return Knowledge(
        by_name=MappingProxyType({phrase(each): tag for tag, given in table["names"].items() for each in given}),
        by_script=MappingProxyType(table["scripts"]),
        by_country=MappingProxyType(
            {tag: frozenset(map(phrase, given)) for tag, given in table["countries"].items()},
        ),
        letters=MappingProxyType(
            {
                tag: Letters(script=said["script"], own=frozenset(said["own"]), never=frozenset(said["never"]))
                for tag, said in table["letters"].items()
            }
        ),
        public_mail=frozenset(table["mail"]["public"]),
    )


@lru_cache(maxsize=1024)
def said_language(cell: str) -> str:
    """The language that a cell names, by tag or in words; empty where it names none or several."""
    said = cell.strip()
    if _TAG.fullmatch(said) and is_well_formed(said):
        return said
    return knowledge().by_name.get(phrase(said), "")


@lru_cache(maxsize=256)
def heading_language(heading: str) -> str:
    """The one language that the heading of a column of names speaks of: *Name in French*."""
    found = {tag for name, tag in knowledge().by_name.items() if holds(phrase(heading), name)}
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
    place = phrase(country)
    if found == {"Hani"}:
        forms = _forms(name)
        here = next((tag for tag in ("zh-Hant", "zh-Hans") if place in knowledge().by_country[tag]), "")
        if said:
            return forms or here or said, ()
        if here and forms in ("", here):
            return here, ()
        if place in knowledge().by_country["ja"] and not passages:
            return "ja", ()
        return alone, passages
    if alone != UNDETERMINED or said:
        return (alone if alone != UNDETERMINED else said), passages
    if len(found) == 1:
        script = next(iter(found))
        if tag := knowledge().by_script.get(script, ""):
            return tag, ()
        for tag, letters in knowledge().letters.items():
            if letters.script == script and not letters.never & set(name):
                at_home = place in knowledge().by_country.get(tag, frozenset())
                if at_home and (script != "Cyrl" or tag != "uk" or letters.own & set(name)):
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
