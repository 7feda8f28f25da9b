"""The settings of a letter: ``letter.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from typeset.diagnostics import Finding, Location
from typeset.languages import is_well_formed
from typeset.manuscript.policies import ListPolicy, read_edition, read_list_policy, read_may_be_named, read_policy
from typeset.manuscript.toml import LETTER_FILE, TomlReader, line_of_key, parsed_table
from typeset.model import Edition, Policy, Recipient

PAGES = ("A4", "Letter")
PLACEHOLDERS = ("total", "named", "anonymous")

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_KEYS = {
    "schema": int,
    "id": str,
    "date": date,
    "languages": list,
    "page": str,
    "look": str,
    "anonymous": int,
    "stated": dict,
    "recipients": list,
    "signoff": dict,
    "edition": dict,
    "list": dict,
}
_NAMED = {
    int: "a whole number",
    str: "text in quotes",
    date: "a date such as 2026-03-04",
    list: "a list",
    dict: "a table",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values of ``letter.toml``, with the defaults filled in."""

    id: str = ""
    date: date | None = None
    languages: tuple[str, ...] = ()
    page: str = "A4"
    look: str = "letter"
    anonymous: int = 0
    stated: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    recipients: tuple[Recipient, ...] = ()
    policy: Policy | None = None
    edition: Edition = field(default_factory=Edition)
    may_be_named: frozenset[int] = frozenset()
    list_policy: ListPolicy = field(default_factory=ListPolicy)


def read_settings(text: str | None, findings: list[Finding]) -> Settings:
    """The settings in the text; each fault is a finding and leaves the default in its place."""
    if text is None:
        return Settings()
    table = parsed_table(text, findings)
    if table is None:
        return Settings()
    reader = TomlReader(text, findings)
    values = _known(table, reader)
    return Settings(
        id=_identifier(values.get("id"), reader),
        date=values.get("date"),
        languages=_languages(values.get("languages"), reader),
        page=_page(values.get("page", "A4"), reader),
        look=_look(values.get("look", "letter"), reader),
        anonymous=_count(values.get("anonymous", 0), "anonymous", reader),
        stated=_stated(values.get("stated", {}), reader),
        recipients=_recipients(values.get("recipients", []), values.get("languages") or [], reader),
        policy=read_policy(values.get("signoff"), reader),
        edition=read_edition(values.get("edition"), reader),
        may_be_named=read_may_be_named(values.get("edition"), reader),
        list_policy=read_list_policy(values.get("list"), reader),
    )


def _known(table: Mapping[str, Any], reader: TomlReader) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in table.items():
        expected = _KEYS.get(key)
        if expected is None:
            reader.fault("unknown-key", f"{key} is not a setting of a letter", f"settings: {', '.join(_KEYS)}", key)
        elif not isinstance(value, expected) or isinstance(value, bool | datetime):
            reader.fault("wrong-type", f"{key} should be {_NAMED[expected]}", f"it is {value!r} now", key)
        else:
            values[key] = value
    if "schema" not in table:
        reader.fault("missing-key", "there is no schema", "write schema = 1 at the top")
    elif values.get("schema", 1) != 1:
        reader.fault(
            "unknown-schema",
            f"schema {values['schema']} is not known to this version",
            "write schema = 1, or use a newer version of the program",
            "schema",
        )
    return values


def _identifier(value: str | None, reader: TomlReader) -> str:
    if value is None:
        reader.fault("missing-key", "there is no id", 'write id = "a-short-name", like the name of the folder')
        return ""
    if not _ID.fullmatch(value):
        reader.fault(
            "unusable-id",
            f"the id {value!r} cannot be used as a file name",
            "an id has at most 64 lowercase letters a to z, digits and hyphens, and begins and ends without a hyphen",
            "id",
        )
        return ""
    return value


def _languages(value: list[Any] | None, reader: TomlReader) -> tuple[str, ...]:
    if not value:
        reader.fault(
            "missing-key",
            "there are no languages",
            'write languages = ["en"], one for each letter.<lang>.md',
            "languages",
        )
        return ()
    usable: list[str] = []
    for tag in value:
        if not isinstance(tag, str) or not re.fullmatch(r"[A-Za-z0-9-]+", tag) or not is_well_formed(tag):
            reader.fault(
                "unknown-language", f"{tag!r} is not a language tag (BCP 47)", "such as en, fr, zh-Hant", "languages"
            )
        elif tag in usable:
            reader.fault("repeated-language", f"{tag} is listed twice", "list each language once", "languages")
        else:
            usable.append(tag)
    return tuple(usable)


def _page(value: str, reader: TomlReader) -> str:
    if value not in PAGES:
        reader.fault("unknown-page", f"{value!r} is not a page size", f"the page sizes are {', '.join(PAGES)}", "page")
        return "A4"
    return value


def _look(value: str, reader: TomlReader) -> str:
    if not _ID.fullmatch(value):
        reader.fault(
            "unknown-look",
            f"{value!r} is not the name of a look",
            "name a folder of templates/",
            "look",
        )
        return "letter"
    return value


def _count(value: int, key: str, reader: TomlReader, table: str = "") -> int:
    if value < 0:
        reader.fault("wrong-type", f"{key} is {value}", "a count is 0 or more", key, table)
        return 0
    return value


def _stated(value: Mapping[str, Any], reader: TomlReader) -> Mapping[str, int]:
    stated: dict[str, int] = {}
    for key, number in value.items():
        if key not in PLACEHOLDERS:
            reader.fault("unknown-key", f"{key} is not a count", f"the counts are {', '.join(PLACEHOLDERS)}", "stated")
        elif not isinstance(number, int) or isinstance(number, bool):
            reader.fault("wrong-type", f"stated {key} should be a whole number", f"it is {number!r} now", "stated")
        else:
            stated[key] = _count(number, "stated", reader)
    return MappingProxyType(stated)


def _recipients(value: list[Any], languages: list[Any], reader: TomlReader) -> tuple[Recipient, ...]:
    recipients = []
    for index, entry in enumerate(value):
        if not isinstance(entry, dict):
            reader.fault(
                "wrong-type", "a recipient should be a [[recipients]] table", "see docs/letter.md", "recipients"
            )
            continue
        for key in entry.keys() - {"office", "holder"}:
            reader.fault(
                "unknown-key",
                f"{key} is not a key of a recipient",
                "the keys are office and holder",
                key,
                "recipients",
                index,
            )
        office = _by_language(entry.get("office"), "office", languages, reader, index, needed=True)
        holder = _by_language(entry.get("holder"), "holder", languages, reader, index, needed=False)
        if office:
            line = line_of_key(reader.text, "office", "recipients", index)
            recipients.append(
                Recipient(office=office, holder=holder, place=Location(file=LETTER_FILE, line=line, column=1))
            )
    return tuple(recipients)


def _by_language(
    value: Any, key: str, languages: list[Any], reader: TomlReader, index: int, *, needed: bool
) -> Mapping[str, str]:
    if value is None and not needed:
        return MappingProxyType({})
    if isinstance(value, str) and len(languages) == 1:
        value = {languages[0]: value}
    if not isinstance(value, dict) or not all(isinstance(text, str) and text for text in value.values()):
        reader.fault(
            "wrong-type" if value is not None else "missing-key",
            f"recipient {index + 1} should have its {key} in every language",
            f'write {key} = {{ en = "…" }}',
            key,
            "recipients",
            index,
        )
        return MappingProxyType({})
    for lang in languages:
        if needed and isinstance(lang, str) and lang not in value:
            message = f"recipient {index + 1} has no {key} in {lang}"
            reader.fault("missing-key", message, f'add {lang} = "…" to it', key, "recipients", index)
    return MappingProxyType(dict(value))
