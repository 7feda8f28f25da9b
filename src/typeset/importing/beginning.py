"""A letter folder for a letter that nobody has written yet: its files, with what belongs where said in them."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from typeset.diagnostics import Refused
from typeset.importing.doubts import unusable_settings
from typeset.importing.folder import list_file
from typeset.locales import locales

_FIRST = "en"


def new_letter(*, id: str, lang: str = "") -> Mapping[str, bytes]:
    """The files of a new letter in a language, explained in it or else in English. Raises `Refused` for an unusable id.

    Every place that waits for words is marked with ``[?]``, which `check` finds.
    """
    lang = lang or _FIRST
    if faults := tuple(unusable_settings(id, lang, "letter.toml")):
        raise Refused(faults)
    return {
        "letter.toml": Template(_text("letter.toml", lang)).substitute(id=id, lang=lang).encode(),
        f"letter.{lang}.md": _text("letter.md", lang).encode(),
        "signatories.csv": list_file(()),
        "decisions.toml": _text("decisions.toml", lang).encode(),
    }


def _text(name: str, lang: str) -> str:
    explained = {one.tag: files for one in locales() if (files := one.new_letter)}
    return explained.get(lang, explained[_FIRST])[name]
