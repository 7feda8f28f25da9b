"""What a typesetter would look for in a page, counted in the characters read back from it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.measure.characters import Character, Line, Page, text_of

OPENING = frozenset("「『（《〈【〔“‘")
CLOSING = frozenset("」』）》〉】〕”’")
PAUSES = frozenset("，、；：。")
FORBIDDEN_AT_START = CLOSING | PAUSES | frozenset("！？·‧・—…～／")
FORBIDDEN_AT_END = OPENING | frozenset("·‧・")

TYPED = " \N{NO-BREAK SPACE}"


def is_han(character: str) -> bool:
    """Whether a character is an ideograph."""
    return unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")


def is_western(character: str) -> bool:
    """Whether a character is a letter or digit of a script written in words."""
    return character.isalnum() and not is_han(character) and unicodedata.east_asian_width(character) not in "WF"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParagraph:
    """The lines that a paragraph of the source came out as."""

    text: str
    lines: tuple[Line, ...]

    @property
    def justified(self) -> tuple[Line, ...]:
        """All lines but the last."""
        return self.lines[:-1]


def paragraphs(page: Page, texts: Iterable[str]) -> Iterator[SetParagraph]:
    """The lines of a page, paragraph by paragraph; fails when a character of the source is missing or new."""
    remaining = list(page)
    for text in texts:
        wanted = _bare(text)
        taken: list[Line] = []
        while len(_bare("".join(map(text_of, taken)))) < len(wanted):
            taken.append(remaining.pop(0))
        assert _bare("".join(map(text_of, taken))) == wanted
        yield SetParagraph(text=text, lines=tuple(taken))
    assert not remaining


def _bare(text: str) -> str:
    return "".join(character for character in text if character not in TYPED)


def start(line: Line) -> float:
    """Where a line begins to the eye: an opening mark's blank half hangs out."""
    first = _without_spaces(line)[0]
    return first.x + (first.size / 2 if first.text in OPENING and first.advance > 0.75 * first.size else 0)


def end(line: Line, *, centred: bool) -> float:
    """Where a line ends to the eye: a mark's blank hangs out, a quarter where marks stand in the middle."""
    last = _without_spaces(line)[-1]
    if last.advance < 0.75 * last.size:
        return last.end
    if last.text in CLOSING:
        return last.end - last.size / 2
    if last.text in PAUSES or (last.text in "！？" and not centred):
        return last.end - last.size * (0.25 if centred else 0.5)
    return last.end


def gaps(line: Line) -> Iterator[tuple[Character, Character, float]]:
    """Han beside a Western letter or digit: the two and the visible gap between them, in em. A space typed there
    belongs to the gap."""
    seen = _without_spaces(line)
    for left, right in pairwise(seen):
        if (is_han(left.text) and is_western(right.text)) or (is_western(left.text) and is_han(right.text)):
            yield left, right, (right.x - left.end) / max(left.size, right.size)


def pairs(line: Line) -> Iterator[tuple[str, float]]:
    """Two full-width marks side by side, and what they take together, in em: from where the first one's neighbour
    ends to where the second one's begins."""
    marks = OPENING | CLOSING | PAUSES
    for index in range(1, len(line) - 2):
        before, first, second, after = line[index - 1 : index + 3]
        full = first.advance > 0.75 * first.size and second.advance > 0.75 * second.size
        alone = before.text not in marks and after.text not in marks
        if full and alone and first.text in marks and second.text in marks:
            yield first.text + second.text, (after.x - before.end) / first.size


def _without_spaces(line: Line) -> Line:
    return tuple(character for character in line if character.text not in TYPED)
