"""What tables call their columns and what people write in them: a file a language under ``words/``, and no code.

``[columns]`` has phrases by role (`typeset.manuscript.listing.ROLES`; ``given`` and ``family`` are parts of a name)
and, as ``watch``, how words begin that speak of publication: a heading with one of them is never passed over.
``[values]`` the ways to say ``yes`` and ``no``, to stay ``anonymous`` or be ``named``, and to be an ``organisation`` or
a ``person``. Phrases are compared without case, accents and marks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from typeset.check.folding import fold, words
from typeset.scripts import EAST_ASIAN, script

_ITEM = re.compile(r"^\s*(?:[A-Z]{0,3}\d{1,3}(?:[._]\d+)*[.):_]?\s+|\[[A-Z]{0,3}\d+\]\s*)(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every language's words together: phrases of headings by role, and ways to say a value."""

    columns: Mapping[str, frozenset[str]]
    values: Mapping[str, frozenset[str]]

    def says(self, cell: str, *meanings: str) -> str:
        """Which of these meanings a cell has; empty where none of them, or more than one, is what it says."""
        said = phrase(cell) or cell.strip()
        found = [meaning for meaning in meanings if said in self.values[meaning]]
        return found[0] if len(found) == 1 else ""


@cache
def every_word() -> Words:
    """What all languages call things."""
    columns: dict[str, set[str]] = {}
    values: dict[str, set[str]] = {}
    folder = files("typeset.listing").joinpath("words")
    for file in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")):
        table = tomllib.loads(folder.joinpath(file).read_text("utf-8"))
        for kept, given in ((columns, table["columns"]), (values, table["values"])):
            for name, phrases in given.items():
                kept.setdefault(name, set()).update(phrase(each) or each for each in phrases)
    return Words(
        columns=MappingProxyType({name: frozenset(phrases) for name, phrases in columns.items()}),
        values=MappingProxyType({name: frozenset(phrases) for name, phrases in values.items()}),
    )


def phrase(text: str) -> str:
    """The words of a text, folded, with a space between them; an apostrophe parts words as a space does."""
    return " ".join(fold(word) for _, word in words(text.replace("'", " ").replace("’", " ")))


def parts(heading: str) -> tuple[str, ...]:
    """A heading as a whole, and what stands between slashes, brackets, dashes and line ends: the languages of it."""
    bare = _ITEM.sub("", heading)
    pieces = re.split(r"[/|\n()（）\[\]【】:：;；]|\s[-–—]\s|[?？。]", bare)
    found = [phrase(bare), *(phrase(piece) for piece in pieces)]
    return tuple(dict.fromkeys(filter(None, found)))


def holds(text: str, words_in_it: str) -> bool:
    """Whether a phrase stands in another as whole words; in a script without spaces, as part of it."""
    if any(script(character) in EAST_ASIAN for character in words_in_it):
        return words_in_it in text
    return f" {words_in_it} " in f" {text} "
