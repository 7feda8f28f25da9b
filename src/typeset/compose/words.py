"""What a page says of its own accord, in the language of the letter: one data file a language."""

from __future__ import annotations

import tomllib

from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.languages import form_language, primary
from typeset.locales import Phrases, phrases
from typeset.sources import Sources

FOLDER = "templates/languages/"
_NEEDED = ("name", "draft", "signatories", "recipients", "page", "date", "recipient")


def read_words(sources: Sources, lang: str) -> Phrases:
    """The phrases for a language: those of the tag itself, of the nearest shorter tag, or of its form of Chinese.

    Raises `Refused` where no language file fits or one lacks a phrase.
    """
    tag = lang
    while f"{FOLDER}{tag}.toml" not in sources and "-" in tag:
        tag = tag.rpartition("-")[0]
    path = f"{FOLDER}{tag}.toml"
    if path not in sources and primary(lang) == "zh":
        path = f"{FOLDER}{form_language(lang)}.toml"
    if path not in sources:
        known = sorted(name.removeprefix(FOLDER).removesuffix(".toml") for name in sources if name.startswith(FOLDER))
        raise LetterError(
            [_fault("no-words", f"the page has no words of its own in {lang}", path, f"there are {', '.join(known)}")]
        )
    try:
        table = tomllib.loads(sources[path].decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise LetterError(
            [_fault("not-toml", str(fault).lower(), path, "compare it with another language file")]
        ) from fault
    missing = [key for key in _NEEDED if not isinstance(table.get(key), str)]
    months = table.get("months", [])
    if missing or len(months) not in (0, 12):
        said = f"it lacks {', '.join(missing)}" if missing else f"it has {len(months)} months"
        raise LetterError([_fault("no-words", said, path, "compare it with another language file")])
    return phrases(lang, table)


def _fault(code: str, fact: str, path: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=Location(file=path), hint=hint, subject=path)
