"""Whether pieces of lines are a text: character by character, with what a line's end does to a space.

A page has no space at the end of a line: where the next line begins, the text may have had one or not. What was meant
decides: a line end stands for one space where one was meant, and for nothing where a line may end without one: beside
East Asian characters, after a mark, within Thai and its kin, or inside a word that has a whole line for itself.
Everything else is compared code point by code point.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from typeset.model import Passage
from typeset.preflight.content import Piece
from typeset.preflight.direction import as_typed, runs_right_to_left, same_on_page
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


def says(pieces: Sequence[Piece], meant: Printed) -> tuple[bool, tuple[Strayed, ...]]:
    """Whether pieces are the text that was meant, and which of its words are in the wrong language."""
    text, hyphens = (meant.text, frozenset[int]()) if meant.exact else _without_soft_hyphens(meant.text)
    passages = meant.passages if len(text) == len(meant.text) else tuple(_shifted(meant.passages, meant.text))
    position, strayed = 0, list[Strayed]()
    line = ""
    for number, (piece, begins_line, ends_line) in enumerate(_lines(pieces, exact=meant.exact)):
        if begins_line and number:
            if position < len(text) and text[position] in (" ", HARD_BREAK):
                position += 1
            elif not _may_end(line, text[position : position + 1]):
                return False, ()
        clusters = piece.clusters
        end = position + sum(map(len, clusters))
        if not _is(clusters, text[position:end], piece.typed):
            hyphenated = ends_line and clusters[-1] in _HYPHENS and end - 1 in hyphens
            if not (hyphenated and _is(clusters[:-1], text[position : end - 1], piece.typed)):
                return False, ()
            end -= 1
            line = SOFT_HYPHEN
        else:
            line = (line if not begins_line else "") + text[position:end]
        strayed += _strayed(text, position, end, piece.lang, meant.allowed, passages)
        position = end
    return position == len(text), tuple(strayed)


def as_read(pieces: Sequence[Piece], *, exact: bool = False) -> str:
    """A text as a reader would take it from the page, with a space at a line's end unless East Asian text runs on."""
    text = ""
    for piece, begins_line, _ in _lines(pieces, exact=exact):
        words = "".join(piece.clusters) if piece.typed else as_typed(piece.clusters)
        if begins_line and text and words and not (is_east_asian(text[-1]) or is_east_asian(words[0])):
            text += " "
        text += words
    return text


def _lines(pieces: Sequence[Piece], *, exact: bool) -> Iterator[tuple[Piece, bool, bool]]:
    """Each piece that shows something, whether it begins a line, and whether it ends one; spaces there are off.

    In an exact text those before the first line and after the last are on.
    """
    shown = [piece for piece in pieces if piece.clusters]
    before: Piece | None = None
    for number, piece in enumerate(shown):
        begins = before is None or not before.same_line(piece)
        last = number + 1 == len(shown)
        ends = last or not shown[number + 1].same_line(piece)
        start, end = 0, len(piece.clusters)
        if begins and not (exact and before is None) and piece.clusters[0] == " ":
            start = 1
        if ends and not (exact and last) and end > start and piece.clusters[-1] == " ":
            end -= 1
        if end > start:
            before = piece if end - start == len(piece.clusters) else replace(piece, clusters=piece.clusters[start:end])
            yield before, begins, ends


def _is(clusters: Sequence[str], meant: str, typed: bool) -> bool:
    if typed or not runs_right_to_left(meant):
        return "".join(clusters) == meant
    return same_on_page(meant, clusters)


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
