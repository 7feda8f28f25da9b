"""The words of a page besides the letter's own text, in the language of the letter."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

from typeset.diagnostics import Finding, error, letter_error, refuse_if_any
from typeset.languages import form_language, primary
from typeset.locales import Cldr, NotALocale, Phrases, decoded, language_name, phrases
from typeset.sources import Sources, parse_toml

FOLDER = "templates/languages/"
CLDR = "templates/cldr/"
"""How languages write dates and lists, if their words do not say it."""

_NEEDED = ("name", "draft", "signatories", "recipients", "page", "date", "recipient")


def read_words(sources: Sources, lang: str) -> Phrases:
    """The phrases for a language: those of the tag itself, of the nearest shorter tag, or of its form of Chinese.

    Raises `LetterError` when no language file fits or one lacks a phrase.
    """
    path = _nearest(sources, FOLDER, lang)
    if path not in sources:
        message = f"{language_name(lang)} is not supported yet: {FOLDER}{lang}.toml is missing"
        known = sorted(name.removeprefix(FOLDER).removesuffix(".toml") for name in sources if name.startswith(FOLDER))
        hint = f"write that file in the letter folder, as docs/languages.md shows; supported are {', '.join(known)}"
        raise letter_error("no-words", message, hint, file=f"{FOLDER}{lang}.toml")
    table = _table(sources, path)
    words = phrases(lang, table, _cldr(sources, lang))
    months = table.get("months", [])
    if len(months) not in (0, 12):
        hint = "write twelve months, or remove the key if CLDR has them"
        raise letter_error("no-words", f"{path} has {len(months)} months", hint, file=path)
    refuse_if_any(missing_words(words, _NEEDED, lang, "a page"))
    return words


def missing_words(words: Phrases, needed: Iterable[str], lang: str, what: str) -> tuple[Finding, ...]:
    """One finding if a language lacks phrases for something: *a page*, *the sign-off*, *a list of changes*."""
    missing = [key for key in needed if key not in words.phrases]
    if not missing:
        return ()
    path = f"{FOLDER}{lang}.toml"
    message = f"{language_name(lang)} has no words for {what} yet: {path} has no {', '.join(missing)}"
    return (error("no-words", message, "add them; docs/languages.md explains each key", file=path),)


def _nearest(sources: Sources, folder: str, lang: str) -> str:
    """The file of a language in a folder: that of its tag, of a shorter tag, or of its form of Chinese."""
    tag = lang
    while f"{folder}{tag}.toml" not in sources and "-" in tag:
        tag = tag.rpartition("-")[0]
    if f"{folder}{tag}.toml" not in sources and primary(lang) == "zh":
        tag = form_language(lang)
    return f"{folder}{tag}.toml"


def _cldr(sources: Sources, lang: str) -> Cldr | None:
    path = _nearest(sources, CLDR, lang)
    if path not in sources:
        return None
    try:
        return decoded(Cldr, _table(sources, path), path)
    except NotALocale as fault:
        raise letter_error("no-words", str(fault), "remove the file from the letter folder", file=path) from fault


def _table(sources: Sources, path: str) -> dict[str, Any]:
    try:
        return parse_toml(sources[path].decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        said = str(fault).lower()
        raise letter_error("not-toml", said, "compare it with another language file", file=path) from fault
