"""A letter folder for a letter that nobody has written yet: its files, with what belongs where said in them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from string import Template

from typeset.diagnostics import Refused
from typeset.importing.doubts import unusable_settings
from typeset.importing.folder import list_file

_FIRST = "en"


def new_letter(*, id: str, lang: str = "") -> Mapping[str, bytes]:
    """The files of a new letter in a language, explained in it or else in English. Raises `Refused` for an unusable id.

    Every place that waits for words is marked with ``[?]``, which `check` finds.
    """
    lang = lang or _FIRST
    if faults := tuple(unusable_settings(id, lang, "letter.toml")):
        raise Refused(faults)
    return {
        "letter.toml": Template(_text("letter", lang, ".toml")).substitute(id=id, lang=lang).encode(),
        f"letter.{lang}.md": _text("letter", lang, ".md").encode(),
        "signatories.csv": list_file(()),
        "decisions.toml": _text("decisions", lang, ".toml").encode(),
    }


def _text(name: str, lang: str, ending: str) -> str:
    folder = files("typeset.importing") / "fresh"
    own = folder / f"{name}.{lang}{ending}"
    return (own if own.is_file() else folder / f"{name}.{_FIRST}{ending}").read_text(encoding="utf-8")
