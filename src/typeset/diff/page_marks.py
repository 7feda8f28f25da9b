"""The pages of two PDFs beside each other, with marks where one has words that the other does not have.

Any two PDFs can be compared: only what a reader sees counts. Text in the margins of most pages is left out; otherwise a
letter with one page more would have a mark on every page.
"""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from typeset.diagnostics import LetterError, error
from typeset.diff.word_diff import tokens

_SCALE = 1.6
"""Pixels per point: 115 dots per inch, enough to read every word of a page."""
_COLOURS = 48
_MARGIN = 0.12
"""The most of a page's height that its upper or lower margin can be."""
_MOST_WORDS = 60_000
"""The most words of a file that are compared; for letters with many thousand names only the data are compared."""
# The end of a line where a word was divided: PDFium's own sign, a soft hyphen, the hyphen that we set.
_DIVIDED = ("\x02", "\ufffe", "\u00ad", "\u2010")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMark:
    """A rectangle on a page, as fractions of its width and height from the upper left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """One page as an image (PNG), its size in points, and the marks of its changes."""

    number: int
    width: float
    height: float
    image: bytes
    marks: tuple[ChangeMark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPages:
    """Two files, page by page. Pages without a mark in both files have no image and are only counted."""

    before: tuple[PageView, ...]
    after: tuple[PageView, ...]
    unmarked: tuple[int, ...]
    complete: bool = True

    @property
    def sides(self) -> Iterator[tuple[PageView | None, PageView | None]]:
        """Pages with the same number, in pairs."""
        earlier, later = ({page.number: page for page in pages} for pages in (self.before, self.after))
        for number in sorted(earlier.keys() | later.keys()):
            yield earlier.get(number), later.get(number)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    boxes: tuple[tuple[int, float, float, float, float], ...]


def compare_pages(before: bytes, after: bytes) -> ComparedPages:
    """The pages of two PDFs. Raises `LetterError` for a file that cannot be read as one."""
    one, other = _opened(before), _opened(after)
    try:
        words, other_words = _in_the_body(list(_words(one)), one), _in_the_body(list(_words(other)), other)
        complete = max(len(words), len(other_words)) <= _MOST_WORDS
        removed, added = _changed(words, other_words) if complete else ([], [])
        marked = {box[0] for word in (*removed, *added) for box in word.boxes}
        shown = marked | set(range(min(len(one), len(other)), max(len(one), len(other))))
        return ComparedPages(
            before=tuple(_views(one, removed, shown)),
            after=tuple(_views(other, added, shown)),
            unmarked=tuple(place + 1 for place in range(max(len(one), len(other))) if place not in shown),
            complete=complete,
        )
    finally:
        one.close()
        other.close()


def _opened(data: bytes) -> Any:
    # Imported here because it takes longer than the rest of this package, and most comparisons need no pages.
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as fault:
        finding = error(
            "not-a-pdf",
            f"a file cannot be read as a PDF: {str(fault).lower().rstrip('.')}",
            "name an edition, a letter folder or an undamaged PDF",
        )
        raise LetterError([finding]) from fault


def _words(document: Any) -> Iterator[_Word]:
    """The words of all pages in the order in which they are painted; spaces only separate them."""
    text: list[str] = []
    boxes: list[tuple[int, float, float, float, float] | None] = []
    for place, page in enumerate(document):
        for character, box in _characters(page):
            if character in "\r\n" and text and text[-1] in _DIVIDED:
                text.pop()
                boxes.pop()
                continue
            if character == "\n" and text and not text[-1].isspace() and boxes[-1] is None:
                continue
            text.append(character)
            boxes.append((place, *box) if box else None)
        text.append("\n")
        boxes.append(None)
    position = 0
    for token in tokens("".join(text)):
        end = position + len(token)
        if not token.isspace():
            yield _Word(token, tuple(box for box in boxes[position:end] if box))
        position = end


def _in_the_body(words: Sequence[_Word], document: Any) -> list[_Word]:
    """The words without running heads, page numbers and draft marks: these are lines at the same height in the margins
    of most pages, with the same text except for numbers."""
    heights = [page.get_height() for page in document]
    lines: dict[tuple[int, int], str] = defaultdict(str)
    for word in words:
        if line := _margin_line(word, heights):
            lines[line] += re.sub(r"\d+", "0", word.text)
    pages: dict[tuple[int, str], int] = Counter((height, text) for (_, height), text in lines.items())
    usual = {line for line, text in lines.items() if pages[line[1], text] >= max(2, (len(heights) - 1) * 0.6)}
    return [word for word in words if _margin_line(word, heights) not in usual]


def _margin_line(word: _Word, heights: Sequence[float]) -> tuple[int, int] | None:
    """The page and height of a word above or below the usual place of a page's text."""
    if not word.boxes:
        return None
    page, _, bottom, _, top = word.boxes[0]
    if _MARGIN * heights[page] < bottom and top < (1 - _MARGIN) * heights[page]:
        return None
    return page, round((bottom + top) / 8)


def _characters(page: Any) -> Iterator[tuple[str, tuple[float, float, float, float] | None]]:
    """Each character of a page with its box, in points from the lower left corner; None if it is not painted."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    for index in range(text_page.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(text_page, index))
        if raw.FPDFText_IsGenerated(text_page, index) == 1 or character.isspace():
            yield character, None
        else:
            yield character, text_page.get_charbox(index, loose=True)
    text_page.close()


def _changed(before: Sequence[_Word], after: Sequence[_Word]) -> tuple[list[_Word], list[_Word]]:
    removed: list[_Word] = []
    added: list[_Word] = []
    matcher = SequenceMatcher(None, [word.text for word in before], [word.text for word in after])
    for step, start, end, other_start, other_end in matcher.get_opcodes():
        if step != "equal":
            removed += before[start:end]
            added += after[other_start:other_end]
    return removed, added


def _views(document: Any, words: Sequence[_Word], shown: set[int]) -> Iterator[PageView]:
    for place, page in enumerate(document):
        if place in shown:
            width, height = page.get_size()
            boxes = [box[1:] for word in words for box in word.boxes if box[0] == place]
            yield PageView(
                number=place + 1,
                width=width,
                height=height,
                image=_image(page),
                marks=tuple(_mark(box, width, height) for box in _joined(boxes)),
            )


def _joined(boxes: Sequence[tuple[float, float, float, float]]) -> Iterator[tuple[float, float, float, float]]:
    """Boxes of one line that touch or nearly touch, as one."""
    current: tuple[float, float, float, float] | None = None
    for left, bottom, right, top in boxes:
        if current:
            overlap = min(top, current[3]) - max(bottom, current[1])
            near = left - current[2] < 0.6 * (current[3] - current[1]) and right > current[0] - 1
            if overlap > 0 and near:
                current = (
                    min(left, current[0]),
                    min(bottom, current[1]),
                    max(right, current[2]),
                    max(top, current[3]),
                )
                continue
            yield current
        current = (left, bottom, right, top)
    if current:
        yield current


def _mark(box: tuple[float, float, float, float], width: float, height: float) -> ChangeMark:
    left, bottom, right, top = box
    air = 1.2
    return ChangeMark(
        left=max(left - air, 0) / width,
        top=max(height - top - air, 0) / height,
        width=(right - left + 2 * air) / width,
        height=(top - bottom + 2 * air) / height,
    )


def _image(page: Any) -> bytes:
    image = page.render(scale=_SCALE).to_pil().convert("RGB").quantize(_COLOURS)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
