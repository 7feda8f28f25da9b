"""Where names break off: a last hyphen, half of a country, a full stop that ends no abbreviation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from typeset.check.folding import fold
from typeset.check.reading import Reading, Role
from typeset.check.vocabulary import every
from typeset.diagnostics import Finding, Severity

_OPEN_END: Final = re.compile(r"[-‐‑–—/,:;&+、，：；(（\[「【\\|]\s*$|(?:\.\.+|…)\s*$")
_OPEN_START: Final = re.compile(r"^\s*(?:[)\]）」】,;/&、，；]|-\S)")
# First words of countries and regions whose names have two. In lower case or behind a hyphen they are half a name.
_HALVES: Final = frozenset(
    [
        "sierra",
        "burkina",
        "costa",
        "sri",
        "saudi",
        "hong",
        "papua",
        "puerto",
        "viet",
        "bosnia",
        "trinidad",
        "timor",
        "guinea",
        "cabo",
    ]
)
_LAST_WORD: Final = re.compile(r"(?P<before>.*?)(?P<join>[\s-]?)(?P<word>[^\W\d_]+)$", re.DOTALL)
_DOTTED: Final = re.compile(r"(?P<word>[^\s.]*)\.\s*$")
_VOWELS: Final = frozenset("aeiouyаеиоуыэюя")


def cut_off(reading: Reading) -> Iterable[Finding]:
    """Names that look as if a line break or a narrow cell had taken the rest."""
    for text in (*reading.titles, *reading.names):
        found = _OPEN_END.search(text.text)
        if found:
            why, start = f"ends with {found[0].strip()}", found.start()
        elif found := _OPEN_START.match(text.text):
            why, start = f"begins with {found[0].strip()[0]}", 0
        elif text.role is Role.NAME and (half := _half(text.text)):
            why, start = half
        else:
            continue
        yield text.finding(
            "cut-off",
            Severity.WARNING,
            f"the {text.role} {why}: something seems to be missing",
            start=start,
            hint="look at the source, or ask the signatory; it is printed as typed",
        )


def _half(name: str) -> tuple[str, int] | None:
    """Why a name looks like half of one, and where; None where it does not."""
    found = _LAST_WORD.match(name)
    if not found or not found["before"].strip():
        return None
    word = found["word"]
    if word.islower() and fold(word) in every("cut") and found["join"].isspace() and not name.islower():
        return f"ends with “{word}”", found.start("word")
    lowered = fold(word)
    if lowered in _HALVES and word.islower() and not found["before"].islower():
        return f"ends with “{word}”, the first half of a place's name", found.start("word")
    return None


def trailing_dots(reading: Reading) -> Iterable[Finding]:
    """A full stop at the end of a name that is no abbreviation's."""
    for text in (*reading.titles, *reading.names):
        found = re.search(r"[。．｡।۔]\s*$", text.text) or _dot(text.text)
        if found:
            yield text.finding(
                "trailing-dot",
                Severity.WARNING,
                f"a full stop ends the {text.role}",
                start=found.start(),
                end=found.end(),
                hint="take it out, unless it belongs to an abbreviation",
                proposal=text.text[: found.start()].rstrip(),
            )


def _dot(text: str) -> re.Match[str] | None:
    """The last full stop, where it does not belong to an abbreviation."""
    found = _DOTTED.search(text)
    if not found or text.rstrip().endswith(".."):
        return None
    token = text[: found.end()].split()[-1]
    word = fold(re.sub(r"^\W+", "", found["word"]))
    inner = token.strip("()[]\"'").rstrip(".")
    abbreviated = (
        "." in inner
        or len(word) == 1
        or word in every("abbreviations")
        or (word.isalpha() and len(word) <= 5 and not _VOWELS & set(word))
    )
    return None if abbreviated and found["word"][-1:].isalnum() else re.search(r"\.\s*$", text)
