"""Spaces where none belong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from typeset.check.folding import fold
from typeset.check.reading import Reading, Role
from typeset.check.vocabulary import every
from typeset.diagnostics import Finding, Severity
from typeset.scripts import EAST_ASIAN, script

# Spaces of a width of their own; the no-break spaces are right beside the punctuation of French.
_ODD: Final = re.compile(r"[\u1680\u2000-\u200a\u205f]|[\u00a0\u202f](?![:;!?»%])(?<!«[\u00a0\u202f])|\u3000")
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])(?P<left> *)[-‐‑](?P<right> *)(?=(?P<next>[^\W_]+))")


def outer_spaces(reading: Reading) -> Iterable[Finding]:
    """Spaces before the first letter or after the last."""
    for text in (*reading.titles, *reading.names, *reading.recipients):
        bare = text.text.strip()
        if bare and bare != text.text:
            leading = text.text != text.text.lstrip()
            yield text.finding(
                "outer-space",
                Severity.WARNING,
                f"the {text.role} {'begins' if leading else 'ends'} with a space",
                start=0 if leading else len(text.text.rstrip()),
                end=len(text.text) - len(text.text.lstrip()) if leading else None,
                hint="take it out",
                proposal=bare,
            )


def doubled_spaces(reading: Reading) -> Iterable[Finding]:
    """Two or more spaces between words."""
    for text in (*reading.titles, *reading.names, *reading.recipients):
        found = re.search(r"(?<=\S)[ \u00a0]{2,}(?=\S)", text.text)
        if found:
            yield text.finding(
                "doubled-space",
                Severity.WARNING,
                f"{len(found[0])} spaces stand between two words",
                start=found.start(),
                end=found.end(),
                hint="leave one",
                proposal=re.sub(r"(?<=\S)[ \u00a0]{2,}(?=\S)", " ", text.text),
            )


def odd_spaces(reading: Reading) -> Iterable[Finding]:
    """No-break, thin and other spaces that a web page or a word processor left between ordinary words."""
    for text in (*reading.names, *reading.recipients):
        found = next((hit for hit in _ODD.finditer(text.text) if not _is_ideographic(text.text, hit)), None)
        if found:
            yield text.finding(
                "odd-space",
                Severity.NOTE,
                f"a space of another kind (U+{ord(found[0]):04X}) stands between two words",
                start=found.start(),
                end=found.end(),
                hint="type an ordinary space, unless this one is meant",
                proposal=_ODD.sub(" ", text.text),
            )


def spaced_hyphens(reading: Reading) -> Iterable[Finding]:
    """A hyphen with a space on one side only: neither a joined word nor a dash."""
    for text in (*reading.titles, *reading.names):
        if text.role is Role.TITLE and any(script(c) in EAST_ASIAN for c in text.text):
            continue
        for found in _HYPHEN.finditer(text.text):
            # Kinder- und Jugendhilfe, pre- and post-war: the hyphen waits for the end of the second word.
            if bool(found["left"]) == bool(found["right"]) or fold(found["next"]) in every("suspended"):
                continue
            if found["left"] and fold(text.text[: found.start()].split()[-1]) in every("suspended"):
                continue
            before, after = text.text[: found.start()], text.text[found.end() :]
            yield text.finding(
                "hyphen-space",
                Severity.WARNING,
                f"the hyphen has a space {'before' if found['left'] else 'after'} it only",
                start=found.start(),
                end=found.end(),
                hint="write a joined word, or a dash with a space on both sides",
                proposal=f"{before} - {after}" if found["right"] else f"{before}-{after}",
            )
            break


def _is_ideographic(text: str, found: re.Match[str]) -> bool:
    """Whether a space is the wide one of Chinese and Japanese, in such a text."""
    return found[0] == "\u3000" and any(script(character) in EAST_ASIAN for character in text)
