"""Two texts compared word by word, or character by character if the script has no spaces between words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from typeset.languages import script

# Scripts written without spaces between words (UAX 14, classes ID and SA): changes are shown by character.
_UNSPACED = frozenset({"Hani", "Hira", "Kana", "Bopo", "Yiii", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"})
_LONGEST_ALIGNED = 4_000_000
"""The most pairs of words that are compared; with more, one text is reported as removed and the other as added."""


Step = tuple[str, int, int, int, int]
"""An operation, with its range in the first sequence and in the second."""


class WordEdit(StrEnum):
    """What happened to a stretch of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPiece:
    """A stretch of text with what happened to it."""

    edit: WordEdit
    text: str


def tokens(text: str) -> tuple[str, ...]:
    """A text cut into words, ideographs, runs of spaces and single marks. Nothing is lost."""
    found: list[str] = []
    kind = ""
    for character in text:
        own = _kind(character)
        if found and (own == "mark" or (own == kind and own in ("word", "space"))):
            found[-1] += character
        else:
            found.append(character)
            kind = own if own != "mark" else "other"
    return tuple(found)


def word_changes(before: str, after: str) -> tuple[TextPiece, ...]:
    """How a text changed. Kept and removed pieces make the first text, kept and added ones the second."""
    if before == after:
        return _joined([TextPiece(edit=WordEdit.KEPT, text=before)])
    return _joined(_pieces(tokens(before), tokens(after)))


def likeness(before: str, after: str) -> float:
    """How much two texts have in common, from 0 to 1, by words without spaces."""
    one, other = ([token for token in tokens(text) if not token.isspace()] for text in (before, after))
    if len(one) * len(other) > _LONGEST_ALIGNED:
        return float(before == after)
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def steps_between(before: Sequence[str], after: Sequence[str]) -> Iterator[Step]:
    """The steps from one sequence to another (``equal``, ``replace``, ``delete``, ``insert``), as difflib has them."""
    start = 0
    # Most of two long sequences is a common beginning and end, which is quick to find.
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    if start:
        yield "equal", 0, start, 0, start
    one, other = before[start : len(before) - end], after[start : len(after) - end]
    if len(one) * len(other) > _LONGEST_ALIGNED:
        yield "replace", start, start + len(one), start, start + len(other)
    else:
        for step, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            yield step, a + start, b + start, c + start, d + start
    if end:
        yield "equal", len(before) - end, len(before), len(after) - end, len(after)


def _pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[TextPiece]:
    for step, start, end, other_start, other_end in _readable(list(steps_between(before, after)), before):
        if step == "equal":
            yield TextPiece(edit=WordEdit.KEPT, text="".join(before[start:end]))
            continue
        yield TextPiece(edit=WordEdit.REMOVED, text="".join(before[start:end]))
        yield TextPiece(edit=WordEdit.ADDED, text="".join(after[other_start:other_end]))


def _readable(steps: Sequence[Step], before: Sequence[str]) -> Iterator[Step]:
    """Steps in which changes with only a space or a mark between them are joined: one changed phrase reads better."""
    waiting: Step | None = None
    for position, step in enumerate(steps):
        inside = 0 < position < len(steps) - 1
        bridge = inside and step[2] - step[1] == 1 and not before[step[1]][0].isalnum()
        if step[0] != "equal" or bridge:
            waiting = ("replace", waiting[1], step[2], waiting[3], step[4]) if waiting else step
            continue
        if waiting:
            yield waiting
            waiting = None
        yield step
    if waiting:
        yield waiting


def _joined(pieces: Iterable[TextPiece]) -> tuple[TextPiece, ...]:
    """Neighbours of one kind joined into one piece; removed before added; no empty pieces."""
    joined: list[TextPiece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if joined and joined[-1].edit is piece.edit:
            joined[-1] = TextPiece(edit=piece.edit, text=joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return tuple(joined)


def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] == "M" or character in "\u200c\u200d":
        return "mark"
    if character.isspace():
        return "space"
    if category[0] not in "LN":
        return "other"
    if character >= "\u0e00" and script(character) in _UNSPACED:
        return "sign"
    return "word"
