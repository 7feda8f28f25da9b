"""A letter and its list in the forms that places ask for which refuse PDF. What they say is what the pages say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from typeset.compose.signoff import sign_off_block
from typeset.locales import Phrases
from typeset.model import Letter, Version
from typeset.policy import SignOff
from typeset.render.attachments import signatories_csv, signatories_json
from typeset.render.docx import render_docx
from typeset.render.flow import Paragraph, paragraphs
from typeset.render.text import render_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One language version to be written: a draft, unless it is signed off. ``columns`` is where text is wrapped."""

    letter: Letter
    version: Version
    words: Phrases
    made: datetime
    signoff: SignOff | None = None
    columns: int = 72

    @property
    def said(self) -> tuple[Paragraph, ...]:
        """Everything that it says, in its order."""
        block = sign_off_block(self.signoff, self.version.lang, self.words) if self.signoff else None
        return paragraphs(self.letter, self.version, self.words, block)

    @property
    def edition(self) -> str:
        """Which edition it is of."""
        return str(self.signoff.edition.number) if self.signoff else "draft"


def _docx(export: Export) -> bytes:
    draft = export.signoff is None
    return render_docx(export.said, export.letter, export.version, export.words, draft=draft, made=export.made)


def _text(export: Export) -> bytes:
    mark = "" if export.signoff else export.words.draft
    return render_text(export.said, mark=mark, columns=export.columns)


WRITERS: Mapping[str, Callable[[Export], bytes]] = {
    "docx": _docx,
    "txt": _text,
    "csv": lambda export: signatories_csv(export.letter, export.edition),
    "json": lambda export: signatories_json(export.letter, export.version, export.edition),
}
"""What writes each of them, by the ending of the file."""
