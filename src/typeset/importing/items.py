"""Which lines begin an item of a list, and how an item's number is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BULLET = r"[-*+•·‣◦▪●■○–—]"
_NUMBERED = re.compile(
    rf"(?P<bullet>{_BULLET}\s*)?"
    r"(?:(?P<open>[(（\[【])\s?(?P<enclosed>\d{1,7})\s?[)）\]】]"
    r"|(?P<number>\d{1,7})(?:(?P<stop>[.．、)）])|(?=\t)))"
    r"(?P<gap>\s*)(?P<rest>.*)"
)
_BULLETED = re.compile(r"(?P<bullet>[-*+–—]\s+|[•·‣◦▪●■○]\s*)(?P<rest>.+)")
_NOTE_MARK = re.compile(r"\\?[*†‡※]")
_SENTENCE_END = re.compile(r"[.!?;。！？；…][\"'”’」』)）]*$")
_LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What stands before a name: a number (0 for none), in a form such as ``12.`` or ``(12)``, after a bullet or not.

    ``glued`` tells that a number with a stop has no space behind it.
    """

    number: int
    form: str
    bullet: str = ""
    glued: bool = False
    rest: str = ""


def numbered(text: str) -> Mark | None:
    """The mark of an item that has a number."""
    found = _NUMBERED.fullmatch(text)
    if not found:
        return None
    return Mark(
        number=int(found["enclosed"] or found["number"]),
        form=(found["bullet"] or "").strip() + (found["open"] or found["stop"] or "\t"),
        bullet=(found["bullet"] or "").strip(),
        glued=bool(found["rest"] and found["stop"] in (".", ")") and not found["gap"]),
        rest=found["rest"],
    )


def bulleted(text: str) -> Mark | None:
    """The mark of an item that has a bullet and no number."""
    found = _BULLETED.fullmatch(text)
    if not found or numbered(text):
        return None
    bullet = found["bullet"].strip()
    return Mark(number=0, form=bullet, bullet=bullet, rest=found["rest"])


def is_note(text: str) -> bool:
    """Whether a line begins with an asterisk or a dagger, as a note below a list does."""
    return bool(_NOTE_MARK.match(text))


def is_sentence(text: str) -> bool:
    """Whether a text ends the way a sentence or a clause of a list of demands does."""
    return bool(_SENTENCE_END.search(text))


def is_heading(text: str) -> bool:
    """Whether a line is short and ends like no sentence."""
    return len(text) <= _LONGEST_HEADING and not is_sentence(text)
