"""Incremental layout: a document stays laid out, so that an edit or a copy needs little more than its own words.

It makes the preview, ``build --watch`` and copies fast, and changes no file: code that uses it also works without it,
by laying out everything again.
"""

from __future__ import annotations

from typeset.engine import pdf_file
from typeset.engine.incremental import document, relayout, repaginate
from typeset.engine.incremental.document import Declined, Recorder
from typeset.engine.incremental.relayout import Exchange, Relayout, learn
from typeset.engine.incremental.repaginate import Repagination
from typeset.engine.loader import ChangedEngine

__all__ = [
    "Declined",
    "Exchange",
    "PdfTemplate",
    "Recorder",
    "Relayout",
    "Repagination",
    "Retained",
    "install",
    "learn",
]


def install() -> None:
    """Prepare WeasyPrint for recording documents. Raises `Declined` if code that this relies on has changed."""
    try:
        pdf_file.check()
        relayout.check()
        repaginate.check()
        document.install()
    except ChangedEngine as fault:
        raise Declined(str(fault)) from fault
