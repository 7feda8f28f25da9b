"""Markup of a part of a page, looked at by itself."""

from __future__ import annotations

from typeset.compose import read_look
from typeset.compose.text import parse, text_runs
from typeset.fonts.words import Words
from typeset.sources import Sources


def words_in(fragment: str, lang: str, sources: Sources) -> tuple[Words, ...]:
    """The words of some markup in a letter of this language and these looks."""
    look = read_look(sources)
    bold, italic = frozenset(look.get("bold", ())), frozenset(look.get("italic", ()))
    return text_runs(parse(fragment), lang, bold, italic, ())
