"""How preflight says what it found: what was meant, what was read, and where the two part."""

from __future__ import annotations

import unicodedata

from typeset.diagnostics import Finding, Place, Severity

AGAIN = "the file must not leave; build it again, and if this comes back, look at what was changed since it did not"

_LONGEST = 60


def mismatch(code: str, subject: str, fact: str, *, evidence: str = "", place: Place | None = None) -> Finding:
    """A way in which a finished file is not what was meant."""
    return Finding(
        code=code,
        severity=Severity.ERROR,
        fact=fact,
        place=place,
        hint=AGAIN,
        subject=subject,
        evidence=evidence,
    )


def differing(meant: str, read: str) -> str:
    """Two texts that ought to be the same, and the first characters that are not, by their code points."""
    where = next((n for n, (a, b) in enumerate(zip(meant, read, strict=False)) if a != b), min(len(meant), len(read)))
    return (
        f"{quoted(meant, where)} was meant and {quoted(read, where)} is read: "
        f"character {where + 1} is {described(read[where : where + 1])}, not {described(meant[where : where + 1])}"
    )


def quoted(text: str, around: int = 0) -> str:
    """A text in quotation marks, cut to a line's length around a character; invisible characters as their codes."""
    start = max(0, min(around - _LONGEST // 2, len(text) - _LONGEST))
    cut = text[start : start + _LONGEST]
    shown = "".join(c if c == " " or _is_visible(c) else f"<U+{ord(c):04X}>" for c in cut)
    return f'"{"…" if start else ""}{shown}{"…" if start + _LONGEST < len(text) else ""}"'


def described(character: str) -> str:
    """A character by its code point and name; the end of the text where there is none."""
    if not character:
        return "the end"
    shown = f" {character}" if _is_visible(character) else ""
    return f"U+{ord(character):04X}{shown} {unicodedata.name(character, '')}".rstrip()


def _is_visible(character: str) -> bool:
    return character.isprintable() and not unicodedata.combining(character) and not character.isspace()
