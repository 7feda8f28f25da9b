"""Names that are safe on every disk and in every listing: of letters, editions, and the files of an edition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from typeset.diagnostics import Finding, Refused, Severity

DEMONSTRATION = ".demonstration"
"""Ends the object id of a letter's demonstration editions. No letter's own id has a full stop."""

_TAKEN = frozenset({"extensions"})
"""Folders of a storage root that are not objects (OCFL 1.1, 4.3)."""

_LETTER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_EDITION = re.compile(r"(?P<letter>[^@]+?)(?:@(?P<number>[1-9][0-9]{0,5}))?", re.ASCII)
_LONGEST_PART, _LONGEST_NAME = 200, 800
# Two names for one character, marks that no one sees, and what other systems take for something else.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSAFE = frozenset('\\:*?"<>|')


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionName:
    """An edition as people name it: ``some-letter@2``; without a number, the latest."""

    letter: str
    number: int | None = None
    demonstration: bool = False

    @property
    def object_id(self) -> str:
        """The object that holds the letter's editions."""
        return object_id(self.letter, demonstration=self.demonstration)

    def __str__(self) -> str:
        return self.object_id + (f"@{self.number}" if self.number else "")


def is_letter_id(text: str) -> bool:
    """Whether a text can be a letter's id: lowercase letters a to z, digits, hyphens, at most 64."""
    return _LETTER.fullmatch(text) is not None and text not in _TAKEN


def is_object_id(text: str) -> bool:
    """Whether a text is the id of an object made here, which is also the name of its folder."""
    return is_letter_id(text.removesuffix(DEMONSTRATION))


def object_id(letter: str, *, demonstration: bool) -> str:
    """The id of the object that holds a letter's editions. Raises `Refused` for what cannot be a letter's id."""
    if not is_letter_id(letter):
        raise Refused([unusable_id(letter)])
    return letter + DEMONSTRATION if demonstration else letter


def read_edition_name(text: str) -> EditionName:
    """``some-letter``, ``some-letter@2`` or ``some-letter.demonstration@1``. Raises `Refused` for anything else."""
    parts = _EDITION.fullmatch(text)
    if parts is None or not is_object_id(parts["letter"]):
        raise Refused([unusable_id(text)])
    return EditionName(
        letter=parts["letter"].removesuffix(DEMONSTRATION),
        number=int(parts["number"]) if parts["number"] else None,
        demonstration=parts["letter"].endswith(DEMONSTRATION),
    )


def unsafe_name(name: str) -> str:
    """Why a file of an edition cannot be called this on every system; empty where it can."""
    parts = name.split("/")
    reasons = {
        "it is empty or begins or ends with a slash": not all(parts),
        "it climbs out of its folder": any(part in (".", "..") for part in parts),
        "it is too long": len(name.encode("utf-8", "replace")) > _LONGEST_NAME
        or any(len(part.encode("utf-8", "replace")) > _LONGEST_PART for part in parts),
        "it has characters that no one sees": any(unicodedata.category(c) in _UNSAFE_CATEGORIES for c in name),
        "it has characters that other systems read differently": not _UNSAFE.isdisjoint(name),
        "a part of it ends with a full stop or has a space at an end": any(
            part.endswith(".") or part != part.strip() for part in parts
        ),
        "it is not in normalisation form C": not unicodedata.is_normalized("NFC", name),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def unsafe_names(names: Iterable[str]) -> Iterator[Finding]:
    """What is wrong with the names of an edition's files, alone and beside each other."""
    seen: dict[str, str] = {}
    folders: set[str] = set()
    listed = tuple(names)
    for name in listed:
        if reason := unsafe_name(name):
            yield _unusable_name(name, reason)
            continue
        folded = name.casefold()
        if other := seen.get(folded):
            yield _unusable_name(name, f"a system that does not tell case apart takes it for {other}")
        seen[folded] = name
        parts = folded.split("/")
        folders.update("/".join(parts[:length]) for length in range(1, len(parts)))
    for folded in sorted(folders & seen.keys()):
        yield _unusable_name(seen[folded], "it is a file and a folder at the same time")


def unusable_id(text: str) -> Finding:
    """A text that was to name a letter or an edition, and cannot."""
    return Finding(
        code="unusable-id",
        severity=Severity.ERROR,
        fact=f"{text!r} names no edition",
        hint="an edition is named letter@number; a letter's id has lowercase letters a to z, digits and hyphens",
        subject=text,
    )


def _unusable_name(name: str, reason: str) -> Finding:
    return Finding(
        code="unusable-name",
        severity=Severity.ERROR,
        fact=f"a file called {name!r} cannot be archived: {reason}",
        hint="give the file a plain name",
        subject=name,
    )
