"""What single cells mean: yes or no, kind, date, number, language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache

from typeset.importer import languages_of
from typeset.languages import UNDETERMINED, is_well_formed, scripts
from typeset.locales import languages
from typeset.model import Kind, Passage
from typeset.signatories.columns import Headed
from typeset.signatories.vocabulary import every_word, holds, phrase
from typeset.tables import Odd, SheetRow

_PARTS = re.compile(r"[/|()（）\n]")
_DATE = re.compile(r"\s*(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})|\s*(\d{1,2})[-./](\d{1,2})[-./](\d{4})")


class Visibility(StrEnum):
    """How a signatory wants to be listed; ``UNCLEAR`` is never guessed."""

    NAMED = "named"
    ANONYMOUS = "anonymous"
    UNCLEAR = "unclear"
    UNSAID = "unsaid"


def shown(role: str, cell: str, answers: Mapping[str, str]) -> Visibility:
    """What an answer in a column with this role (``anonymous`` or ``publish``) means.

    ``answers`` are what somebody has said of whole answers. Anything that is no plain yes, no or word for either is
    unclear, unless it asks for anonymity in so many words: then it is given.
    """
    text = " ".join(cell.split())
    if text in answers:
        return Visibility(answers[text])
    return Visibility.UNSAID if not text else _plain(role, text)


@lru_cache(maxsize=4096)
def _plain(role: str, text: str) -> Visibility:
    whole = _one_answer(role, text)
    if whole is not Visibility.UNCLEAR:
        return whole
    # The answers of a form in two languages say the same thing twice.
    meant = {_one_answer(role, part) for part in _PARTS.split(text) if part.strip()}
    if len(meant) == 1 and Visibility.UNCLEAR not in meant:
        return meant.pop()
    said = phrase(text)
    if any(holds(said, each) for each in every_word().values["anonymous"]):
        return Visibility.ANONYMOUS
    return Visibility.UNCLEAR


def _one_answer(role: str, text: str) -> Visibility:
    match every_word().says(text, "yes", "no", "anonymous", "named"):
        case "anonymous":
            return Visibility.ANONYMOUS
        case "named":
            return Visibility.NAMED
        case "yes":
            return Visibility.ANONYMOUS if role == "anonymous" else Visibility.NAMED
        case "no":
            return Visibility.NAMED if role == "anonymous" else Visibility.ANONYMOUS
    return Visibility.UNCLEAR


def speaks_of_anonymity(cell: str) -> bool:
    """Whether a short cell is a word for staying unnamed."""
    return 2 <= len(cell) <= 30 and not any(c.isdigit() or c == "@" for c in cell) and _is_anonymous(cell)


@lru_cache(maxsize=4096)
def _is_anonymous(cell: str) -> bool:
    return every_word().says(cell, "anonymous") == "anonymous"


@lru_cache(maxsize=4096)
def kind_of(cell: str) -> Kind | None:
    """The kind of signatory that a cell names; None where it names neither or both."""
    words = every_word()
    if said := words.says(cell, "organisation", "person"):
        return Kind(said)
    text = phrase(cell)
    found = [kind for kind in Kind if any(holds(text, each) for each in words.values[kind])]
    return found[0] if len(found) == 1 else None


def day(cell: str) -> str:
    """The date in a cell: as ISO 8601 where it can only be one, as written where day and month may be either."""
    found = _DATE.match(cell)
    if not found:
        return ""
    if found[1]:
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    first, second = int(found[4]), int(found[5])
    if first > 12 >= second or first == second:
        return f"{found[6]}-{second:02}-{first:02}"
    if second > 12 >= first:
        return f"{found[6]}-{first:02}-{second:02}"
    return found[0].strip()


def whole_number(cell: str) -> int:
    """The number in a cell; 0 where it is none that can number a signatory."""
    text = cell.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 7 else 0


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


class Cells:
    """Where in a line what stands."""

    __slots__ = ("_at", "headed", "heading_language", "name", "spans", "visible")

    def __init__(self, headed: Headed) -> None:
        self.headed = headed
        self._at = {role: headed.at(role) for role in headed.columns.roles}
        self.name = self._at["name"]
        self.spans = "spans" in self._at
        self.visible = next((role for role in ("anonymous", "publish") if role in self._at), "")
        self.heading_language = (
            heading_language(headed.columns.of("name")[0]) if len(headed.columns.of("name")) == 1 else ""
        )

    def at(self, role: str) -> tuple[int, ...]:
        """The columns with a role, from 0."""
        return self._at.get(role, ())

    def cell(self, line: SheetRow, at: int) -> str:
        """One cell without the spaces around it; empty where the row is too short."""
        return line.cells[at].strip() if at < len(line.cells) else ""

    def each(self, line: SheetRow, role: str) -> tuple[str, ...]:
        """What stands in the columns with a role."""
        return tuple(filter(None, (self.cell(line, at) for at in self.at(role))))

    def joined(self, line: SheetRow, role: str) -> str:
        """The same with spaces between."""
        return " ".join(self.each(line, role))

    def visibility(self, line: SheetRow) -> Visibility:
        """How the row asks to be shown; named where the table does not ask."""
        if not self.visible:
            return Visibility.NAMED
        at = self.at(self.visible)[0]
        if line.odd.get(at) in (Odd.FORMULA, Odd.ERROR, Odd.DATE):
            return Visibility.UNCLEAR
        said = shown(self.visible, self.cell(line, at), self.headed.columns.answers)
        # A box that nobody ticked says no to anonymity, and nothing at all to being named.
        return Visibility.NAMED if said is Visibility.UNSAID and self.visible == "anonymous" else said
