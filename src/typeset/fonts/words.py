"""Words to be set, as far as the choice of a face is concerned."""

from __future__ import annotations

from dataclasses import dataclass

from typeset.diagnostics import Place
from typeset.fonts.faces import BOLD, ITALIC, NORMAL, REGULAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Text to be set, in one language (BCP 47, ``und``, or empty for the letter's own) and one manner.

    ``subject`` and ``place`` are what findings about it say.
    """

    text: str
    lang: str = ""
    bold: bool = False
    italic: bool = False
    subject: str = ""
    place: Place | None = None

    @property
    def weight(self) -> int:
        """The weight asked for, as CSS counts it."""
        return BOLD if self.bold else REGULAR

    @property
    def style(self) -> str:
        """The style asked for, as CSS names it."""
        return ITALIC if self.italic else NORMAL
