"""Blocks, names and passages as markup. Text is data: it is escaped here and never becomes markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from typeset.engine.speedups import parse
from typeset.fonts import WordsToSet
from typeset.languages import UNDETERMINED, east_asian_stretches, is_cjk, is_east_asian, is_right_to_left
from typeset.model import Block, Counts, Part, Passage, Run, Signatory

__all__ = ["FURNITURE", "letterhead_texts", "parse", "text_runs"]


def printed_text(block: Block, counts: Counts) -> str:
    """The characters of a block as printed, with the counts filled in."""
    return "".join(_characters(run, counts) for run in block.runs)


def runs_markup(runs: Iterable[Run], counts: Counts) -> Markup:
    """The words of a block with their styles."""
    content = Markup()
    for run in runs:
        if run.line_break:
            content += Markup("<br>")
            continue
        piece = escape(_characters(run, counts))
        if run.lang:
            direction = Markup(' dir="rtl"') if is_right_to_left(run.text) else Markup()
            piece = Markup('<span lang="{}"{}>{}</span>').format(run.lang, direction, piece)
        if run.emphasis:
            piece = Markup("<em>{}</em>").format(piece)
        if run.strong:
            piece = Markup("<strong>{}</strong>").format(piece)
        if run.href and is_link(run.href):
            piece = Markup('<a href="{}">{}</a>').format(run.href, piece)
        content += piece
    return content


def is_link(href: str) -> bool:
    """Whether a target becomes a link; ``#`` and unknown schemes are printed as plain text."""
    return href.startswith(("https://", "http://", "mailto:"))


def blocks_markup(blocks: Sequence[Block], counts: Counts) -> Markup:
    """Headings, paragraphs, quotations and lists, in order."""
    content = Markup()
    for part, group in groupby(blocks, key=lambda block: block.part):
        members = list(group)
        match part:
            case Part.ITEM:
                content += _list(members, counts)
            case Part.QUOTE:
                inside = Markup().join(_paragraph(block, counts) for block in members)
                content += Markup("<blockquote>{}</blockquote>\n").format(inside)
            case Part.HEADING:
                for block in members:
                    level = min(max(block.level, 2), 4)
                    content += Markup("<h{0}>{1}</h{0}>\n").format(level, runs_markup(block.runs, counts))
            case _:
                content += Markup().join(_paragraph(block, counts) for block in members)
    return content


def _paragraph(block: Block, counts: Counts) -> Markup:
    return Markup('<p class="text">{}</p>\n').format(runs_markup(block.runs, counts))


def _list(items: list[Block], counts: Counts) -> Markup:
    """Nested lists, made from items with their depth."""
    ordered = bool(items[0].ordinal)
    depth = items[0].level
    content = Markup()
    position = 0
    while position < len(items):
        item = items[position]
        inner_end = position + 1
        while inner_end < len(items) and items[inner_end].level > depth:
            inner_end += 1
        inner = _list(items[position + 1 : inner_end], counts) if inner_end > position + 1 else Markup()
        mark = f"{item.ordinal}." if ordered else "•"
        content += Markup('<li><span class="mark">{}</span><span class="gap"> </span>{}{}</li>\n').format(
            mark, runs_markup(item.runs, counts), inner
        )
        position = inner_end
    tag = "ol" if ordered else "ul"
    return Markup('<{0} role="list" class="listed">\n{1}</{0}>\n').format(tag, content)


def _characters(run: Run, counts: Counts) -> str:
    return str(counts.shown(run.placeholder)) if run.placeholder else run.text


SHORT = 30
"""A name of at most so many characters fits on its line in every look."""

WHOLE = 10
"""A passage of at most so many characters in another language stays on one line."""

LONGEST_TAIL = 26
"""Two words of at most so many characters may be kept on one line."""


def printed_passages(signatory: Signatory, letter_lang: str) -> tuple[Passage, ...]:
    """The parts of the printed name that are set in another language than the name's own.

    These are the recorded passages, found again if a decision changed the name; and in a letter set in em squares the
    ideographs without a stated language, which are set in the letter's language.
    """
    recorded = tuple(_moved(signatory))
    if signatory.lang != UNDETERMINED or not is_cjk(letter_lang):
        return recorded
    taken = {position for passage in recorded for position in range(passage.start, passage.end)}
    own = (
        Passage(start=start, end=end, lang=letter_lang)
        for start, end in _with_marks(signatory.printed)
        if not taken & set(range(start, end))
    )
    return tuple(sorted((*recorded, *own), key=lambda passage: passage.start))


def name_markup(signatory: Signatory, letter_lang: str) -> Markup:
    """The name in a span with its language and direction; passages in another language are in spans inside."""
    name = signatory.printed
    passages = printed_passages(signatory, letter_lang)
    lang = signatory.lang
    if len(passages) == 1 and (passages[0].start, passages[0].end) == (0, len(name)):
        lang, passages = passages[0].lang, ()
    content, position = Markup(), 0
    for passage in passages:
        inside = name[passage.start : passage.end]
        before, whole = name[position : passage.start], Markup()
        if len(inside) <= WHOLE and before:
            before, whole = _apart(before), Markup(' class="tail"')
        content += escape(before) + Markup("<span{}{}>{}</span>").format(
            whole, _attributes(inside, passage.lang), inside
        )
        position = passage.end
    content += _ending(name[position:], wraps=len(name) > SHORT)
    attributes = _attributes(name, lang) if lang != letter_lang else Markup()
    return Markup('<span class="name"{}>{}</span>').format(attributes, content)


def _ending(text: str, *, wraps: bool) -> Markup:
    """The end of a name. If the name may wrap, its last two words stay together, so that no line has only one word."""
    spaces = [place for place, character in enumerate(text) if character == " "]
    # A bracket alone is not a word.
    words = [place for place in spaces if any(map(str.isalnum, text[place + 1 :].partition(" ")[0]))]
    start = words[-2] + 1 if len(words) > 1 else 0
    tail = text[start:]
    if not wraps or not start or len(tail) > LONGEST_TAIL or is_right_to_left(text):
        return escape(text)
    return _apart(text[:start]) + Markup('<span class="tail">{}</span>').format(tail)


def _apart(text: str) -> Markup:
    """Text whose last space is in its own element.

    If words with a space at their end come before an element that does not break, WeasyPrint measures them with and
    without the space in turn, and breaks a line that just fits after its first word.
    """
    return escape(text[:-1]) + Markup("<span> </span>") if text.endswith(" ") else escape(text)


def _attributes(text: str, lang: str) -> Markup:
    attributes = Markup(' lang="{}"').format(lang)
    return attributes + Markup(' dir="rtl"') if is_right_to_left(text) else attributes


def _moved(signatory: Signatory) -> Iterator[Passage]:
    if signatory.printed == signatory.name:
        yield from signatory.passages
        return
    position = 0
    for passage in signatory.passages:
        text = signatory.name[passage.start : passage.end]
        start = signatory.printed.find(text, position)
        if start >= 0:
            position = start + len(text)
            yield Passage(start=start, end=position, lang=passage.lang)


def _with_marks(text: str) -> Iterator[tuple[int, int]]:
    """The East Asian stretches with the brackets and marks around them."""
    taken = 0
    for start, end in east_asian_stretches(text):
        while start > taken and is_east_asian(text[start - 1]):
            start -= 1
        while end < len(text) and is_east_asian(text[end]):
            end += 1
        # Marks between two stretches have already joined them.
        if end > taken:
            yield max(start, taken), end
            taken = end


FURNITURE = "page furniture"
"""The subject of text in the margins of every page."""

LETTERHEAD = "letterhead"
"""The subject of the text that a look prints above the letter."""

_BLOCKS = frozenset({"p", "div", "address", "h2", "h3", "h4", "ul", "ol", "li", "header"})
_UNPRINTED = frozenset({"head", "style", "script", "template"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _TextStyle:
    lang: str
    bold: bool = False
    italic: bool = False
    subject: str = ""


def text_runs(
    root: Any, lang: str, bold: frozenset[str], italic: frozenset[str], furniture: tuple[str, ...]
) -> tuple[WordsToSet, ...]:
    """Every stretch of text in the body of a parsed page with its language and weight, then the text of the margins.

    ``bold`` and ``italic`` name elements, or classes with a dot; elements inside them inherit the style.
    """
    words = [
        WordsToSet(text=text, lang=manner.lang, bold=manner.bold, italic=manner.italic, subject=manner.subject)
        for text, manner in _texts(root, _TextStyle(lang=lang), bold, italic)
        if text.strip(" \t\n")
    ]
    words += [WordsToSet(text=text, lang=lang, subject=FURNITURE) for text in furniture if text]
    return tuple(words)


def letterhead_texts(root: Any) -> tuple[str, ...]:
    """The texts in the letterhead of a parsed page, block by block: they belong to the look, not to the letter."""
    blocks = (
        block
        for head in root.iter()
        if head.get("data-subject") == LETTERHEAD
        for block in head.iter()
        if not any(child.tag in _BLOCKS for child in block.iter() if child is not block)
        and (block.tag in _BLOCKS or block is head)
    )
    return tuple(text for block in blocks if (text := " ".join("".join(block.itertext()).split())))


def _texts(
    element: Any, manner: _TextStyle, bold: frozenset[str], italic: frozenset[str]
) -> Iterator[tuple[str, _TextStyle]]:
    if not isinstance(element.tag, str) or element.tag in _UNPRINTED:
        return
    names = {element.tag, *(f".{name}" for name in (element.get("class") or "").split())}
    inside = replace(
        manner,
        lang=element.get("lang") or manner.lang,
        bold=manner.bold or not names.isdisjoint(bold),
        italic=manner.italic or not names.isdisjoint(italic),
        subject=element.get("data-subject") or manner.subject,
    )
    if element.text:
        yield element.text, inside
    for child in element:
        yield from _texts(child, inside, bold, italic)
        if child.tail:
            yield child.tail, inside
