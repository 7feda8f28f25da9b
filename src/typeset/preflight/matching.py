"""Whether pieces of lines are a text: character by character, with what a line's end does to a space.

A page has no space at the end of a line: where the next line begins, the text may have had one or not. What was meant
decides: a line end stands for one space where one was meant, and for nothing where a line may end without one: beside
East Asian characters, after a mark, within Thai and its kin, or inside a word that has a whole line for itself.
Everything else is compared code point by code point.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from typeset.model import Passage
from typeset.preflight.content import Piece
from typeset.preflight.direction import as_typed, runs_right_to_left, same_marks, same_on_page
from typeset.preflight.expected import HARD_BREAK, Printed
from typeset.scripts import is_east_asian, script

SOFT_HYPHEN = "\u00ad"
_HYPHENS = ("-", "\u2010")
_UNSPACED = frozenset({"Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Java", "Bali", "Lana", "Talu"})
"""Scripts whose words are broken without a space between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strayed:
    """Words of a text that a file gives to another language than theirs."""

    words: str
    found: str
    meant: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Whether pieces are a text; if not, what they read as. ``strayed`` are its words in a wrong language."""

    same: bool
    read: str
    strayed: tuple[Strayed, ...] = ()


def compared(pieces: Sequence[Piece], meant: Printed) -> Comparison:
    """Pieces of lines against the text that was meant."""
    text, hyphens = (meant.text, frozenset[int]()) if meant.exact else _without_soft_hyphens(meant.text)
    passages = meant.passages if len(text) == len(meant.text) else tuple(_shifted(meant.passages, meant.text))
    # Beside words that run from right to left, numbers and marks may run either way; elsewhere nothing does.
    one_way = not meant.right_to_left and not runs_right_to_left(text)
    position, strayed = 0, list[Strayed]()
    line = ""
    lines = tuple(_lines(pieces))
    for number, (piece, begins, ends) in enumerate(lines):
        rest = [later for later, _, _ in lines[number:]]
        if begins and number:
            ended = _line_end(line, text[position : position + 1])
            if ended is None:
                return Comparison(same=False, read=f"{text[:position]} {as_read(rest, exact=meant.exact)}")
            position += ended
        spare = (begins and not (meant.exact and number == 0), ends and not (meant.exact and number + 1 == len(lines)))
        in_order = piece.typed or one_way
        length = _taken(piece.clusters, text[position:], spare, in_order=in_order)
        hyphenated = False
        if length is None and ends and piece.clusters[-1] in _HYPHENS:
            length = _taken(piece.clusters[:-1], text[position:], spare, in_order=in_order)
            hyphenated = length is not None and position + length in hyphens
            length = length if hyphenated else None
        if length is None:
            return Comparison(same=False, read=text[:position] + as_read(rest, exact=meant.exact))
        end = position + length
        line = SOFT_HYPHEN if hyphenated else ("" if begins else line) + text[position:end]
        strayed += _strayed(text, position, end, piece.lang, meant.allowed, passages)
        position = end
    return Comparison(same=position == len(text), read=text[:position], strayed=tuple(strayed))


def as_read(pieces: Sequence[Piece], *, exact: bool = False) -> str:
    """A text as a reader would take it from the page, with a space at a line's end unless East Asian text runs on."""
    text = ""
    for number, (piece, begins, _) in enumerate(_lines(pieces)):
        words = "".join(piece.clusters) if piece.typed else as_typed(piece.clusters)
        if number and begins:
            text, words = text.rstrip(" "), words.lstrip(" ")
            if text and words and not (is_east_asian(text[-1]) or is_east_asian(words[0])):
                text += " "
        text += words
    return text if exact else text.strip(" ")


def number_of(label: str) -> str:
    """The number in a label, which may have marks around it; empty where it is none."""
    found = re.fullmatch(r"[^\w]*(\d+)[^\w]*", label)
    return found[1] if found else ""


def _lines(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, bool, bool]]:
    """Each piece that shows something, whether it begins a line, and whether it ends one.

    A space by itself before everything else is the one between a label and what it labels.
    """
    shown = list(dropwhile(lambda piece: piece.clusters == (" ",), (piece for piece in pieces if piece.clusters)))
    for number, piece in enumerate(shown):
        begins = number == 0 or not shown[number - 1].same_line(piece)
        yield piece, begins, number + 1 == len(shown) or not shown[number + 1].same_line(piece)


def _taken(clusters: Sequence[str], text: str, spare: tuple[bool, bool], *, in_order: bool) -> int | None:
    """How many characters at the beginning of a text are these; None where they are not.

    ``spare`` tells whether a space at the beginning and at the end of them belongs to the line, not to the text.
    """
    leading, trailing = spare if in_order else (any(spare), any(spare))
    for start in range(1 + bool(leading and clusters and clusters[0] == " ")):
        for end in range(len(clusters), len(clusters) - 1 - bool(trailing and clusters and clusters[-1] == " "), -1):
            shorn = clusters[start:end]
            length = sum(map(len, shorn))
            if in_order and same_marks("".join(shorn), text[:length]):
                return length
            if not in_order and same_on_page(text[:length], shorn):
                return length
    return None


def _line_end(line: str, following: str) -> int | None:
    """How many characters of the text the end of a line stands for; None where it must not end."""
    if following == HARD_BREAK:
        return 1
    if line.endswith(" "):
        return 0
    if following == " ":
        return 1
    return 0 if _may_end(line, following) else None


def _may_end(line: str, following: str) -> bool:
    """Whether a line may end here although no space was meant."""
    if not line or not following or line == SOFT_HYPHEN:
        return True
    last = line[-1]
    if any(is_east_asian(c) or script(c) in _UNSPACED for c in (last, following)):
        return True
    if unicodedata.category(last)[0] in "PS" or last == "\u200b":
        return True
    # A word too long for any line is broken where the line is full: it had the line to itself.
    return " " not in line


def _without_soft_hyphens(text: str) -> tuple[str, frozenset[int]]:
    """The text as it stands in lines, and before which of its characters a hyphen may end one."""
    if SOFT_HYPHEN not in text:
        return text, frozenset()
    kept, places = "", set[int]()
    for character in text:
        if character == SOFT_HYPHEN:
            places.add(len(kept))
        else:
            kept += character
    return kept, frozenset(places)


def _shifted(passages: Sequence[Passage], text: str) -> Iterator[Passage]:
    for passage in passages:
        start, end = (at - text[:at].count(SOFT_HYPHEN) for at in (passage.start, passage.end))
        yield Passage(start=start, end=end, lang=passage.lang)


def _strayed(
    text: str, start: int, end: int, found: str, allowed: frozenset[str], passages: Sequence[Passage]
) -> Iterator[Strayed]:
    """What stands in this stretch and is not in the language that the file has for it."""
    position = start
    for passage in passages:
        if passage.end <= position or passage.start >= end:
            continue
        inside = max(passage.start, position), min(passage.end, end)
        yield from _stray(text[position : inside[0]], found, allowed)
        yield from _stray(text[inside[0] : inside[1]], found, frozenset({passage.lang}))
        position = inside[1]
    yield from _stray(text[position:end], found, allowed)


def _stray(words: str, found: str, meant: frozenset[str]) -> Iterator[Strayed]:
    if found not in meant and any(character.isalpha() for character in words):
        yield Strayed(words=words.strip(), found=found, meant=meant)
