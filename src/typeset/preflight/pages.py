"""The pages of a finished PDF compared with the letter: their number, their margins, and every name once more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from typeset.diagnostics import Finding, error
from typeset.preflight.expectation import Expected, ExpectedRun, ExpectedText, PageWords, expected, mismatch, quoted
from typeset.preflight.glyph_text import runs_right_to_left
from typeset.preflight.match import addressed, as_read, check_address, check_spelled, check_words, number_of
from typeset.preflight.metadata import check_activity, check_attachments, check_bookmarks, check_claims, check_faces
from typeset.preflight.pdf_text import Encrypted, PdfText, read_pdf

__all__ = ["Expected", "ExpectedRun", "ExpectedText", "PageWords", "addressed", "expected", "preflight"]


_LETTERS = re.compile(r"[^\W\d_]+")


def check_pages(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Too many or too few pages, wrong labels, and margins with extra or missing text."""
    if len(reading.pages) != meant.pages:
        message = f"the file has {len(reading.pages)} pages, not {meant.pages}"
        yield mismatch("page-count", "pages", message, evidence=str(len(reading.pages)))
    labels = tuple(str(page) for page in range(1, len(reading.pages) + 1))
    if reading.labels != labels:
        message = f"the pages are labelled {', '.join(reading.labels[:9]) or 'nothing'}, not {', '.join(labels[:9])}"
        yield mismatch("page-labels", "pages", message, evidence=", ".join(reading.labels))
    for page in range(len(reading.pages)):
        yield from _margins(reading, meant, page)


def _margins(reading: PdfText, meant: Expected, page: int) -> Iterator[Finding]:
    """The text of a page outside the structure tree: only the running head, the page number and the draft mark."""
    subject = f"page {page + 1}"
    if reading.pages[page].without_font:
        yield mismatch("lost-characters", subject, "text is shown in a font that is missing")
    outside = [*reading.pages[page].outside, *(piece for piece in reading.tree.unreached if piece.page == page)]
    said = Counter(text for piece in outside if (text := as_read([piece]).strip()))
    number = meant.page_words[page] if page < meant.pages else ""
    if number and not said[number]:
        yield mismatch("page-number", subject, f"{quoted(number)} is not on the page")
    if meant.draft and not said[meant.draft_words]:
        yield mismatch("draft-mark", subject, f"the page is not marked {quoted(meant.draft_words)}")
    known = {number, *meant.furniture} | ({meant.draft_words} if meant.draft else set())
    rest = "".join(text for text in said if text not in known)
    if not meant.draft and said[meant.draft_words]:
        message = f"the page is marked {quoted(meant.draft_words)}, but the letter is not a draft"
        yield mismatch("draft-mark", subject, message)
        rest = "".join(text for text in said if text not in known and text != meant.draft_words)
    again = [text for text, times in said.items() if times > 1]
    if again or (rest and not _is_running_head(rest, meant.title)):
        message = f"{quoted(rest or again[0])} is in the margins, but should not be"
        yield mismatch("text-unexpected", subject, message, evidence=rest or again[0])


def _is_running_head(text: str, title: str) -> bool:
    """Whether a text is the title, or its beginning with an ellipsis."""
    shown, whole = _squeezed(text), _squeezed(title)
    return shown == whole or (shown[-1:] == "…" and len(shown) > 1 and whole.startswith(shown[:-1]))


def check_extracted(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Find every name, one after the other, in the text of pypdf's ordinary extraction.

    This is a second reader without the structure tree: spaces and line ends do not count. It can only guess the order
    of words from right to left: in a name with such words, only these words are searched; in a letter from right to
    left, the words of every name are searched in any place. It does not read actual text: a name that needs it, because
    its glyphs do not give it, is not searched.
    """
    text = _squeezed("".join(page.extracted for page in reading.pages))
    spelled_out = {
        number_of(as_read(block.label))
        for block in reading.tree.blocks
        if block.label and any(piece.typed for piece in block.body)
    }
    turned = any(item.right_to_left for item in meant.printed)
    position = 0
    for number, name in meant.signatories:
        if str(number) in spelled_out:
            continue
        if turned or runs_right_to_left(name):
            words = [word for word in _LETTERS.findall(name) if runs_right_to_left(word) or turned]
            missing = [word for word in words if word not in text]
            if missing:
                yield _not_extracted(number, " ".join(missing))
            continue
        wanted = _squeezed(name)
        found = text.find(wanted, position)
        if found < 0:
            yield _not_extracted(number, name)
        else:
            position = found + len(wanted)


def _not_extracted(number: int, words: str) -> Finding:
    message = f"{quoted(words)} is not in the text of the pages, or not after the names before it"
    return mismatch("text-missing", f"signatory {number}", message, evidence=words)


def check_run(data: bytes, meant: ExpectedRun) -> Iterator[Finding]:
    """The first page of a print run that is not the next page of a copy or the blank back of a copy's last sheet.

    PDFium reads the file: a print run has no structure tree for pypdf, and may have a thousand pages.
    """
    import pypdfium2

    run = pypdfium2.PdfDocument(data)
    said = [_text_of(page) for page in run]
    run.close()
    place = 0
    for name, copy in meant.copies:
        document = pypdfium2.PdfDocument(copy)
        # The words of a seal are in a field of the copy, but on the page of the print run, at the end.
        pages = [_text_of(page) for page in document]
        document.close()
        blank = place % 2
        if blank and said[place : place + 1] != [""]:
            yield _misread(name, place)
            return
        place += blank
        for text in pages:
            if place >= len(said) or not said[place].startswith(text):
                yield _misread(name, place)
                return
            place += 1
    if place != len(said):
        yield _misread(meant.copies[-1][0] if meant.copies else "the last copy", place)


def _text_of(page: Any) -> str:
    text = page.get_textpage()
    message = "".join(text.get_text_range().split())
    text.close()
    page.close()
    return message


def _misread(name: str, place: int) -> Finding:
    return error(
        "print-run-misread",
        f"page {place + 1} of the print run, read back, is not the page of {name} that it should be",
        "print the copies one by one, and report this",
        subject=f"recipient {name}",
    )


def _squeezed(text: str) -> str:
    return "".join(text.split())


CHECKS = (
    check_words,
    check_spelled,
    check_extracted,
    check_pages,
    check_faces,
    check_claims,
    check_activity,
    check_bookmarks,
    check_attachments,
    check_address,
)


def preflight(data: bytes, meant: Expected | ExpectedRun) -> tuple[Finding, ...]:
    """The differences between a finished PDF and its letter."""
    if isinstance(meant, ExpectedRun):
        return tuple(check_run(data, meant))
    try:
        reading = read_pdf(data)
    except Encrypted as fault:
        return (mismatch("encrypted", "file", str(fault)),)
    except Exception as fault:  # noqa: BLE001 - a reader of a damaged file can fail in any way
        reason = str(fault) or type(fault).__name__
        return (mismatch("unreadable", "file", f"the file cannot be read as a PDF: {reason}", evidence=reason),)
    return examine(reading, meant)


def examine(reading: PdfText, meant: Expected) -> tuple[Finding, ...]:
    """The differences for a file that has already been read."""
    return tuple(finding for check in CHECKS for finding in check(reading, meant))
