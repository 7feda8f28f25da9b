"""Readers of PDF text that are not ours: what comes out of a file must not depend on who reads it."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pypdfium2

from tests.outside.programs import output, program


def poppler_text(path: Path) -> str:
    """The text in the order in which it is painted (pdftotext -raw), pages ended by form feeds."""
    return output(program("pdftotext"), "-raw", "-enc", "UTF-8", path, "-")


def pdfium_text(path: Path) -> str:
    """The text as Chromium's reader finds it, pages ended by form feeds."""
    with pypdfium2.PdfDocument(path) as document:
        return "".join(page.get_textpage().get_text_bounded() + "\f" for page in document)


def mupdf_text(path: Path) -> str:
    """The text as MuPDF finds it, pages ended by form feeds."""
    with pymupdf.open(path) as document:
        return "".join(page.get_text() + "\f" for page in document)


def qpdf_complaints(path: Path) -> str:
    """What qpdf holds against a file's structure: nothing for a sound one."""
    try:
        output(program("qpdf"), "--check", path)
    except RuntimeError as complaint:
        return str(complaint)
    return ""
