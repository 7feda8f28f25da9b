"""The last lines of a command about a letter: what was made, and how it stands with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from typeset.cli.drawing import summary
from typeset.cli.session import shown
from typeset.diagnostics import Finding


def file_line(path: Path, pages: int, size: int) -> str:
    """A finished file of so many bytes, and of so many pages where it has pages."""
    told = f"{pages} page{'s' if pages > 1 else ''}, " if pages else ""
    return f"{shown(path)}  ({told}{size / 1000:.0f} kB)"


def verdict(letter: str, *, named: int, anonymous: int, open: Sequence[Finding], decided: int) -> str:
    """Who signs a letter, and what there is to say of it."""
    signed = f"{named} signatories by name"
    if anonymous:
        signed += f", {anonymous} anonymous"
    answered = f", {decided} decided" if decided else ""
    return f"{letter or 'letter'}: {signed}; {summary(open)}{answered}"
