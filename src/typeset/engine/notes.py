"""Styles for footnotes, left out of a page that has none.

WeasyPrint's own style sheet styles the call and the marker of a note for every element, since any may become one. That
is five computed styles beside each element's own, a tenth of rendering a list. A page whose text names no note at all,
neither in markup nor in style, cannot have one.
"""

from __future__ import annotations

import re
from copy import copy
from typing import Any

from typeset.engine.guard import hold

PSEUDO = frozenset({"footnote-call", "footnote-marker", "note-call", "note-marker", "note-callback"})
"""Pseudo-elements that only a note has."""

RELIED_ON = {"HTML._ua_stylesheets": "4fadfde9d15075b2", "Matcher.add_selector": "8c7e42c95ad424b9"}
"""What gives a document its style sheets (WeasyPrint) and keeps the rules of one (cssselect2), and the start of the
SHA-256 of each.
"""

_MENTIONED = re.compile(r"footnote|note\(", re.IGNORECASE)


def check() -> None:
    """Raises `ChangedEngine` when something relied on is not the known one."""
    from cssselect2 import Matcher
    from weasyprint import HTML

    hold({"HTML._ua_stylesheets": HTML._ua_stylesheets, "Matcher.add_selector": Matcher.add_selector}, RELIED_ON)


def leave_out(document: Any, html: str) -> None:
    """Let a document of WeasyPrint do without styles for notes where its text mentions none."""
    stock = document._ua_stylesheets
    if not _MENTIONED.search(html):
        document._ua_stylesheets = lambda forms=False: [_without_notes(sheet) for sheet in stock(forms)]


def _without_notes(sheet: Any) -> Any:
    """The sheet but for rules that style the notes of just any element. An entry is (test, specificity, order,
    pseudo-element, declarations).
    """
    lean = copy(sheet)
    lean.matcher = copy(sheet.matcher)
    lean.matcher.other_selectors = [entry for entry in sheet.matcher.other_selectors if entry[3] not in PSEUDO]
    return lean
