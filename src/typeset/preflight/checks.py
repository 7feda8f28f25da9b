"""A finished PDF read back before it may leave: every name, every paragraph, and nothing besides.

The file is read with pypdf alone; what the renderer believes it wrote does not count. Two ways lead to the text: the
structure tree, element by element, as a screen reader goes; and pypdf's ordinary extraction, page by page.

What no reading of the file can tell, and others have to:

- how a line was typed that runs in both directions: a page has glyphs from left to right (see `direction`);
- whether a line's end was a space: a page has none there (see `matching`);
- whether a glyph looks like its character: a file says which character a glyph stands for, and the shape may be
  another, as with a subset that has lost its joining forms (see `typeset.fonts.reading`);
- characters without a glyph of their own (joiners, bidirectional controls, variation selectors), and two that share
  one: they come back where the file spells them out as actual text, which the plain extraction does not know of, and
  are reported as changed where it does not;
- whether two spaces were meant for one: a page has one, and a name that was given with two is reported as changed;
- pictures, colours and places: white or hidden text is read like any other, and a drawing is not read at all;
- whether the file conforms: it is asked for its claims, and a validator has to prove them.
"""

from __future__ import annotations

from typeset.diagnostics import Finding
from typeset.preflight.expectation import Expected, ExpectedRun, ExpectedText, PageWords, expected, mismatch
from typeset.preflight.match import addressed, check_address, check_spelled, check_words
from typeset.preflight.metadata import check_activity, check_attachments, check_bookmarks, check_claims, check_faces
from typeset.preflight.pages import check_extracted, check_pages, check_run
from typeset.preflight.pdf_text import Encrypted, PdfText, read_pdf

__all__ = ["Expected", "ExpectedRun", "ExpectedText", "PageWords", "addressed", "expected", "preflight"]


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
    """Every way in which a finished PDF is not what was meant: nothing for one that may leave."""
    if isinstance(meant, ExpectedRun):
        return tuple(check_run(data, meant))
    try:
        reading = read_pdf(data)
    except Encrypted as fault:
        return (mismatch("encrypted", "file", str(fault)),)
    except Exception as fault:  # noqa: BLE001 - a damaged file makes a reader fail in any way there is
        reason = str(fault) or type(fault).__name__
        return (mismatch("unreadable", "file", f"the file cannot be read as a PDF: {reason}", evidence=reason),)
    return examine(reading, meant)


def examine(reading: PdfText, meant: Expected) -> tuple[Finding, ...]:
    """The same for a file that has been read."""
    return tuple(finding for check in CHECKS for finding in check(reading, meant))
