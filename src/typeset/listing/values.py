"""What single cells say: yes or no, organisation or person, a date, a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from typeset.listing.words import every_word, holds, phrase
from typeset.model import Kind

_PARTS = re.compile(r"[/|()（）\n]")
_DATE = re.compile(r"\s*(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})|\s*(\d{1,2})[-./](\d{1,2})[-./](\d{4})")


class Shown(StrEnum):
    """How a signatory wants to stand on the list; ``UNCLEAR`` is never guessed."""

    NAMED = "named"
    ANONYMOUS = "anonymous"
    UNCLEAR = "unclear"
    UNSAID = "unsaid"


def shown(role: str, cell: str, answers: Mapping[str, str]) -> Shown:
    """What an answer in a column with this role (``anonymous`` or ``publish``) means.

    ``answers`` are what somebody has said of whole answers. Anything that is no plain yes, no or word for either is
    unclear, unless it asks for anonymity in so many words: then it is given.
    """
    text = " ".join(cell.split())
    if text in answers:
        return Shown(answers[text])
    return Shown.UNSAID if not text else _plain(role, text)


@lru_cache(maxsize=4096)
def _plain(role: str, text: str) -> Shown:
    whole = _one_answer(role, text)
    if whole is not Shown.UNCLEAR:
        return whole
    # The answers of a form in two languages say the same thing twice.
    meant = {_one_answer(role, part) for part in _PARTS.split(text) if part.strip()}
    if len(meant) == 1 and Shown.UNCLEAR not in meant:
        return meant.pop()
    said = phrase(text)
    if any(holds(said, each) for each in every_word().values["anonymous"]):
        return Shown.ANONYMOUS
    return Shown.UNCLEAR


def _one_answer(role: str, text: str) -> Shown:
    match every_word().says(text, "yes", "no", "anonymous", "named"):
        case "anonymous":
            return Shown.ANONYMOUS
        case "named":
            return Shown.NAMED
        case "yes":
            return Shown.ANONYMOUS if role == "anonymous" else Shown.NAMED
        case "no":
            return Shown.NAMED if role == "anonymous" else Shown.ANONYMOUS
    return Shown.UNCLEAR


def speaks_of_anonymity(cell: str) -> bool:
    """Whether a short cell is a word for staying unnamed."""
    return 2 <= len(cell) <= 30 and not any(c.isdigit() or c == "@" for c in cell) and _is_anonymous(cell)


@lru_cache(maxsize=4096)
def _is_anonymous(cell: str) -> bool:
    return every_word().says(cell, "anonymous") == "anonymous"


@lru_cache(maxsize=4096)
def kind_of(cell: str) -> Kind | None:
    """The kind of signatory that a cell names; None where it names neither or both."""
    words = every_word()
    if said := words.says(cell, "organisation", "person"):
        return Kind(said)
    text = phrase(cell)
    found = [kind for kind in Kind if any(holds(text, each) for each in words.values[kind])]
    return found[0] if len(found) == 1 else None


def day(cell: str) -> str:
    """The date in a cell: as ISO 8601 where it can only be one, as written where day and month may be either."""
    found = _DATE.match(cell)
    if not found:
        return ""
    if found[1]:
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    first, second = int(found[4]), int(found[5])
    if first > 12 >= second or first == second:
        return f"{found[6]}-{second:02}-{first:02}"
    if second > 12 >= first:
        return f"{found[6]}-{first:02}-{second:02}"
    return found[0].strip()


def whole_number(cell: str) -> int:
    """The number in a cell; 0 where it is none that can number a signatory."""
    text = cell.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 7 else 0
