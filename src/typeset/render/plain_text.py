"""The letter as plain text (UTF-8), and its length in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from typeset.languages import is_east_asian, script
from typeset.render.flow import BREAK, Paragraph, Role, StyledText

_INDENT = 4
# Characters that must not be at the beginning or the end of a line of East Asian text (CLREQ 3.1.4).
_NEVER_FIRST = frozenset(
    "、。，．,.：；:;！？!?）〕］｝〉》」』】〗”’…‥—–～〜·・ー々ゝゞヽヾっゃゅょッャュョぁぃぅぇぉァィゥェォ)]}%％℃"
)
_NEVER_LAST = frozenset("（〔［｛〈《「『【〖“‘([{$＄￥")
_CLOSE_UP = frozenset({Role.RECIPIENT, Role.ITEM, Role.SIGNATORY, Role.APPROVAL})
"""Several of these paragraphs follow each other without an empty line."""


def render_text(said: Iterable[Paragraph], *, mark: str, columns: int = 72) -> bytes:
    """The text, with the ``mark`` of a draft in its first line. Paragraphs are wrapped at so many
    ``columns`` (mail should have at most 78: RFC 5322, 2.1.1); 0 does not wrap.

    A name is never wrapped, so that it can be found and copied whole. The address of a link follows its words in
    angle brackets.
    """
    said = tuple(said)
    width = max((len(str(one.number)) for one in said if one.role is Role.SIGNATORY), default=0)
    lines = [mark, ""] if mark else []
    before: Role | None = None
    for paragraph in said:
        together = before in (paragraph.role, Role.LABEL) and paragraph.role in _CLOSE_UP
        if lines and lines[-1] and not together:
            lines.append("")
        lines += _lines(paragraph, columns, width)
        before = paragraph.role
    return ("\n".join(lines) + "\n").encode()


def display_width(text: str) -> int:
    """The columns of a text if every character takes a whole number of them (UAX 11)."""
    return sum(map(_width, text))


def wrapped(text: str, columns: int) -> Iterator[str]:
    """A text in lines of at most so many columns, except for longer words. Spaces at the ends of lines are removed."""
    for part in text.split(BREAK):
        line, filled = "", 0
        for word in _words(part):
            shown = word.rstrip(" ")
            if line and filled + display_width(shown) > columns:
                yield line.rstrip(" ")
                line, filled = "", 0
            line += word
            filled += display_width(word)
        yield line.rstrip(" ")


def _lines(paragraph: Paragraph, columns: int, width: int) -> Iterator[str]:
    """The lines of one paragraph, with its number or bullet, or indented if it is a quotation."""
    if paragraph.role is Role.SIGNATORY:
        yield f"{paragraph.number:>{width}}. {paragraph.text}"
        return
    first = rest = ""
    match paragraph.role:
        case Role.ITEM:
            before = " " * _INDENT * max(paragraph.level - 1, 0)
            first = f"{before}{f'{paragraph.number}.' if paragraph.number else '•'} "
            rest = " " * len(first)
        case Role.QUOTE:
            first = rest = " " * _INDENT
    text = _with_addresses(paragraph.stretches)
    taken = wrapped(text, max(columns - len(first), 1)) if columns else text.split(BREAK)
    for number, line in enumerate(taken):
        yield f"{rest if number else first}{line}"


def _with_addresses(stretches: Iterable[StyledText]) -> str:
    """The words; the words of a link are followed by its address, unless they contain it."""
    text, link, words = "", "", ""
    for stretch in (*stretches, StyledText(text="")):
        if stretch.href != link:
            text += f" <{link}>" if link and words != link else ""
            link, words = stretch.href, ""
        text += stretch.text
        words += stretch.text
    return text


def _words(text: str) -> Iterator[str]:
    """The pieces between which a line may end, each with the spaces after it."""
    start = 0
    for place in range(1, len(text)):
        if _may_end(text, place):
            yield text[start:place]
            start = place
    if text:
        yield text[start:]


def _may_end(text: str, place: int) -> bool:
    last, following = text[place - 1], text[place]
    if following == " " or unicodedata.combining(following):
        return False
    if last == " ":
        return True
    if not (is_east_asian(last) or is_east_asian(following)):
        return False
    return following not in _NEVER_FIRST and last not in _NEVER_LAST


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if is_east_asian(character) else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """The number of words in the letter and in the names of its signatories."""

    letter: int
    names: int


def length(said: Iterable[Paragraph]) -> Length:
    """The length of one language version; numbers of a list do not count as words."""
    letter = names = 0
    for paragraph in said:
        count = words_in(paragraph.text)
        if paragraph.role is Role.SIGNATORY:
            names += count
        else:
            letter += count
    return Length(letter=letter, names=names)


def words_in(text: str) -> int:
    """Count words like Word: each ideograph, kana and full-width mark is one, and each group between spaces.

    Korean is counted by its spaces.
    """
    spaced = "".join(f" {c} " if is_east_asian(c) and script(c) != "Hang" else c for c in text)
    return len(spaced.split())
