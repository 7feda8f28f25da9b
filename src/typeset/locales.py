"""Languages: all words that are printed or recognised in each of them, from its folder in ``locales/``.

A folder has a BCP 47 tag as its name and a file for each section: ``page.toml`` what a page says besides the
letter's own words, ``delivery.toml``, ``states.csv`` and ``note.txt.j2`` how recipients are addressed and written to,
``importer.toml`` and ``signatories.toml`` what is recognised in raw letters and in tables, ``check.toml`` the words
that names and texts are checked with, ``preview.toml`` what the preview says, ``cldr.toml`` how dates and lists are
written, from CLDR. What two scripts of one language share is in the folder of the shorter tag (``zh``); vocabulary of
several languages together is in ``mul``. docs/languages.md says what each key means.

A section is read only when it is used.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from typeset.sources import house

FOLDER = "locales"

LONGEST_FIRST = "longest first"
"""Marks words that are searched one after the other: a longer one may begin with a shorter one."""
_ByLength = Annotated[tuple[str, ...], LONGEST_FIRST]

_NUMBER = r"\d{1,3}(?:[,.\u00a0\u202f']\d{3})+|\d+"
_PLACEHOLDERS = MappingProxyType(
    {
        "{total}": rf"(?<![\d.,])(?P<total>{_NUMBER})",
        "{anonymous}": rf"(?<![\d.,])(?P<anonymous>{_NUMBER})",
        "{page}": r"(?P<page>\d{1,4})",
        "{day}": r"(?P<day>\d{1,2})",
        "{month}": r"(?P<month>\d{1,2})",
        "{year}": r"(?P<year>\d{4})",
    }
)
_S = TypeVar("_S")


class NotALocale(ValueError):
    """A file of locale data that is not valid; names the file and the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """What a page says besides the letter's own words, by key.

    ``page``, ``date`` and ``recipient`` have placeholders in braces. ``lang`` is the primary language subtag.
    ``digits`` are the digits of dates when they are not 0 to 9.
    """

    lang: str
    phrases: Mapping[str, str]
    months: tuple[str, ...] = ()
    digits: str = ""

    def __getattr__(self, name: str) -> str:
        try:
            return self.phrases[name]
        except KeyError:
            raise AttributeError(name) from None

    def date_of(self, day: date) -> str:
        """A date as letters in this language write it."""
        own = str.maketrans("0123456789", self.digits) if self.digits else {}
        year, month, number = (str(one).translate(own) for one in (day.year, day.month, day.day))
        month_name = self.months[day.month - 1] if self.months else month
        return self.phrases["date"].format(year=year, month=month, month_name=month_name, day=number)

    def recipient_of(self, office: str, holder: str) -> str:
        """An addressee as one line: the office and, if known, its holder."""
        return self.phrases["recipient"].format(office=office, holder=holder) if holder else office


@dataclass(frozen=True, slots=True, kw_only=True)
class Cldr:
    """How a language writes dates and lists, from the Common Locale Data Repository of this ``version``.

    ``date`` is the long pattern in our braces, ``months`` from January on in the form that it needs, ``digits`` those
    of the default numbering system; ``list`` has the patterns for ``two`` items, and for the ``start``, ``middle`` and
    ``end`` of more.
    """

    version: str
    date: str
    months: tuple[str, ...]
    digits: str
    list: Mapping[str, str]

    @property
    def joiner(self) -> str:
        """The separator between two items in the middle of a list."""
        return self.list["middle"].replace("{0}", "").replace("{1}", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class StateName:
    """What a State is called in one language; ``of`` is the name as it follows *Permanent Mission*."""

    name: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressForm:
    """How the holder of one office is addressed in one language, in patterns of ``{holder}``, ``{of}``, ``{place}``.

    ``named`` and ``unnamed`` are the lines of the address block with a holder and without, ``place`` the lines that say
    where the office is. ``holder`` is who held it when the data were compiled, ``salutation_of_holder`` the salutation
    for this person only.
    """

    office: str
    honour: str
    salutation: str
    named: tuple[str, ...]
    unnamed: tuple[str, ...]
    place: tuple[str, ...]
    holder: str = ""
    salutation_of_holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWords:
    """How recipients are addressed: forms by a State's status or by office, States by ISO 3166-1 alpha-3 code.

    ``honorifics`` are the words that honour a holder.
    """

    lang: str
    honorifics: tuple[str, ...]
    missions: Mapping[str, AddressForm]
    offices: Mapping[str, AddressForm]
    names: Mapping[str, StateName]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImporterWords:
    """What is recognised in raw letters. Words are in lower case if case does not matter; patterns ignore case.

    The language is recognised by its ``stopwords``; or by ``scripts`` and their ``share`` of the East Asian characters;
    or by ``codec`` and ``not_codec``, national character sets that have its own forms and that do not. ``encodings``
    and ``frequent`` characters identify a legacy encoding. ``labels`` come before addressees, ``copies`` before those
    who get a copy, ``separators`` (single characters) and ``conjunctions`` between them; ``surnames`` and
    ``name_marks`` are for names without spaces. A language that is ``complete`` has all that its script needs.
    """

    lang: str
    complete: bool = False
    stopwords: frozenset[str] = frozenset()
    scripts: frozenset[str] = frozenset()
    share: float = 1.0
    codec: str = ""
    not_codec: str = ""
    encodings: tuple[str, ...] = ()
    frequent: str = ""
    labels: _ByLength = ()
    copies: _ByLength = ()
    separators: str = ";；,，"
    conjunctions: _ByLength = ()
    offices: _ByLength = ()
    groups: tuple[str, ...] = ()
    honorifics: _ByLength = ()
    not_a_name: frozenset[str] = frozenset()
    surnames: str = ""
    name_marks: str = ""
    list_headings: tuple[str, ...] = ()
    counts: tuple[re.Pattern[str], ...] = ()
    person_before: _ByLength = ()
    person_after: _ByLength = ()
    person_phrases: tuple[re.Pattern[str], ...] = ()
    organisation_words: frozenset[str] = frozenset()
    page_numbers: tuple[re.Pattern[str], ...] = ()
    months: tuple[str, ...] = ()
    date_lines: tuple[str, ...] = ()

    @property
    def dates(self) -> tuple[re.Pattern[str], ...]:
        """The patterns of ``date_lines``."""
        return _date_patterns(self.date_lines, self.months)

    @property
    def person_forms(self) -> tuple[re.Pattern[str], ...]:
        """A form of address and a person's name, or a name and a form of address."""
        return _person_forms(self.person_before, self.person_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatoryWords:
    """What tables call their columns, and what people write in them.

    ``columns`` has phrases by role (`typeset.manuscript.listing.ROLES`; ``given`` and ``family`` are parts of a name)
    and, as ``watch``, the beginnings of words about publication: a heading with one of them is never ignored.
    ``values`` has the words for ``yes`` and ``no``, ``anonymous`` and ``named``, ``organisation`` and ``person``. A
    language that is ``complete`` has them all.
    """

    complete: bool = False
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """The words that names and texts are checked with, of one language or of a group of languages in one file.

    ``vocabulary``: the general words of letters and of organisations' names. ``small``: articles, prepositions and
    conjunctions. ``cut``: those that cannot end a name. ``suspended``: words that may follow a hyphen and a space
    (*pre- and post-war*). ``organisations``: words that only an organisation has. ``titles``: forms of address, with
    which no organisation begins. ``personal``: phrases of people who sign for themselves; ``offices``: what only a
    person can have been. ``counting``: patterns by count, ``{n}`` for the number. ``proper``: the words are names, so
    no word is corrected to one of them.
    """

    tag: str
    script: str
    complete: bool = False
    vocabulary: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    cut: frozenset[str] = frozenset()
    suspended: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    honorifics: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    personal: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    counting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    proper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewWords:
    """What the preview says, by key.

    ``name`` is the language's name for itself; ``formats`` is the locale of its dates and numbers.
    """

    name: str
    formats: str
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """One language; a section is None (or empty) when the language does not have it."""

    tag: str
    folder: Path

    @property
    def page(self) -> Phrases | None:
        """What a page says besides the letter's own words."""
        table = _toml(self.folder / "page.toml")
        return phrases(self.tag, table, self.cldr) if table else None

    @property
    def cldr(self) -> Cldr | None:
        """How dates and lists are written."""
        return self._section(Cldr, "cldr")

    @property
    def note(self) -> str:
        """The template of the note that goes with a copy."""
        path = self.folder / "note.txt.j2"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    @property
    def delivery(self) -> DeliveryWords | None:
        """How recipients are addressed."""
        return self._section(DeliveryWords, "delivery", lang=self.tag, names=self._states())

    @property
    def importer(self) -> ImporterWords | None:
        """What is recognised in raw letters."""
        months = tuple(map(str.casefold, self.cldr.months)) if self.cldr else ()
        return self._section(ImporterWords, "importer", lang=self.tag, months=months)

    @property
    def signatories(self) -> SignatoryWords | None:
        """What is recognised in tables of signatories."""
        return self._section(SignatoryWords, "signatories")

    @property
    def check(self) -> tuple[CheckWords, ...]:
        """The words that names and texts are checked with; several groups of them in ``mul``."""
        names = sorted(path.stem for path in self.folder.iterdir() if path.name.startswith("check"))
        return tuple(words for name in names if (words := self._section(CheckWords, name, tag=self.tag)))

    @property
    def preview(self) -> PreviewWords | None:
        """What the preview says."""
        table = _toml(self.folder / "preview.toml")
        if not table:
            return None
        name, formats = str(table.pop("name")), str(table.pop("formats"))
        return PreviewWords(name=name, formats=formats, said=MappingProxyType(dict(_flat(table))))

    @property
    def new_letter(self) -> Mapping[str, str]:
        """The files of a new letter, by their endings, with explanations in this language."""
        return {path.name: path.read_text(encoding="utf-8") for path in (self.folder / "new").glob("*")}

    def _section(self, kind: type[_S], name: str, **more: object) -> _S | None:
        path = self.folder / f"{name}.toml"
        table = _toml(path)
        return decoded(kind, table, str(path), **more) if table else None

    def _states(self) -> Mapping[str, StateName]:
        path = self.folder / "states.csv"
        if not path.is_file():
            return MappingProxyType({})
        import csv  # only a delivery needs it

        lines = path.read_text(encoding="utf-8").splitlines()
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        names = {row["state"]: StateName(name=row["name"], of=row.get("of") or row["name"]) for row in rows}
        return MappingProxyType(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """How a language differs from the others of its script: its own letters, and letters that it never has."""

    script: str
    own: str = ""
    never: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language that can be named, or recognised in a list, with or without a folder.

    ``name`` is its English name, ``names`` its other names. ``script`` is a script that only this language uses;
    ``countries`` are those where a name in its script is in this language, if its ``letters`` allow it.
    """

    name: str
    names: tuple[str, ...] = ()
    script: str = ""
    letters: Letters | None = None
    countries: tuple[str, ...] = ()


@cache
def locales() -> tuple[Locale, ...]:
    """Every language that has a folder, by tag."""
    folders = (path for path in (house() / FOLDER).iterdir() if path.is_dir())
    return tuple(Locale(tag=path.name, folder=path) for path in sorted(folders))


@cache
def languages() -> Mapping[str, Language]:
    """Every language that can be named or recognised in a list, by tag."""
    path = house() / FOLDER / "languages.toml"
    return MappingProxyType({tag: decoded(Language, table, str(path)) for tag, table in _toml(path).items()})


def language_name(tag: str) -> str:
    """A language as people know it: ``French (fr)``; only its tag when its name is not known."""
    shorter = tag
    while shorter not in languages() and "-" in shorter:
        shorter = shorter.rpartition("-")[0]
    return f"{languages()[shorter].name} ({tag})" if shorter in languages() else tag


def phrases(tag: str, table: Mapping[str, Any], cldr: Cldr | None) -> Phrases:
    """What a page says, from the table of a ``page.toml`` or of a letter's own ``templates/languages/TAG.toml``.

    CLDR gives what the table does not say about dates and lists. A ``date`` of its own has the digits 0 to 9.
    """
    said = {key: value for key, value in table.items() if isinstance(value, str)}
    months, digits = tuple(table.get("months", ())), ""
    if cldr:
        if "date" not in said:
            said["date"] = cldr.date
            digits = "" if cldr.digits == "0123456789" else cldr.digits
        said.setdefault("joiner", cldr.joiner)
        if "{month_name}" in said["date"]:
            months = months or cldr.months
    return Phrases(lang=tag.split("-", 1)[0].lower(), phrases=said, months=months, digits=digits)


def _toml(path: Path) -> dict[str, Any]:
    """The table in a file; empty when there is none."""
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as fault:
        raise NotALocale(f"{path}: {fault}") from fault


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


def decoded(kind: type[_S], table: Mapping[str, Any], path: str, **more: object) -> _S:
    """A table as a dataclass: each key a field of the same name, of the type that the field has.

    Raises `NotALocale` when a key is unknown or missing, or a value has another type.
    """
    hints = _hints(kind)  # type: ignore[arg-type]
    if unknown := sorted(set(table) - (set(hints) - set(more))):
        raise NotALocale(f"{path}: there is no key {unknown[0]!r}; known are {', '.join(hints)}")
    needed = {one.name for one in fields(kind) if one.default is one.default_factory is MISSING}  # type: ignore[arg-type]
    if missing := sorted(needed - set(table) - set(more)):
        raise NotALocale(f"{path}: {', '.join(missing)} is missing")
    return kind(**{key: _value(hints[key], value, f"{path}: {key}") for key, value in table.items()}, **more)


def _value(hint: Any, value: Any, where: str) -> Any:
    """A value of a file as the type of the field. A string may be given for a list of its words."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return tuple(sorted(_value(arguments[0], value, where), key=len, reverse=True))
    if origin in (tuple, frozenset):
        items = value.split() if isinstance(value, str) else value
        if arguments[0] is str and all(isinstance(item, str) for item in items):
            return origin(items)  # word by word, 8,000 words would take as long as reading them
        return origin(_value(arguments[0], item, where) for item in items)
    if type(None) in arguments:
        return _value(arguments[0], value, where)
    if origin is Mapping:
        return MappingProxyType({key: _value(arguments[1], item, f"{where}.{key}") for key, item in value.items()})
    if origin is re.Pattern:
        return _pattern(value)
    if is_dataclass(hint):
        return decoded(hint, value, where)  # type: ignore[arg-type]
    if not isinstance(value, (int, float) if hint is float else hint):
        raise NotALocale(f"{where} should be of type {hint.__name__}, not {value!r}")
    return value


def _pattern(text: str) -> re.Pattern[str]:
    for name, expression in _PLACEHOLDERS.items():
        text = text.replace(name, expression)
    return re.compile(text, re.IGNORECASE)


@cache
def _date_patterns(lines: tuple[str, ...], months: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """``{month_name}`` is one of the months, from January on."""
    named = f"(?P<month>{'|'.join(map(re.escape, months))})"
    return tuple(_pattern(line.replace("{month_name}", named)) for line in lines)


@cache
def _person_forms(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """A form of address and two to four words; or, without spaces, two to four characters and a form of address."""
    forms = []
    if words := "|".join(map(re.escape, before)):
        forms.append(rf"(?:{words})\.?\s+[^\W\d_]+\.?(?:[\s-]+[^\W\d_]+\.?){{1,3}}(?:\s*[,(].*)?")
    if words := "|".join(map(re.escape, after)):
        forms.append(rf"[^\W\d_·‧・ ]{{2,4}}(?:[·‧・ ][^\W\d_]{{1,8}})*(?:{words})")
    return tuple(map(re.compile, forms))


def _flat(table: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, str]]:
    """The keys of nested tables, joined by dots."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{start}{key}.")
        else:
            yield f"{start}{key}", str(value)
