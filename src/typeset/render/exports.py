"""The formats besides PDF and HTML, and the list as data that is attached to the PDF."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from typeset.compose import sign_off_block
from typeset.edition_changes import FILE as CHANGES, changes_json
from typeset.locales import Phrases
from typeset.model import Letter, Signatory, SignOff, Version
from typeset.render.docx import render_docx
from typeset.render.flow import Paragraph, paragraphs
from typeset.render.pdf import Attached
from typeset.render.plain_text import render_text


def attachments(letter: Letter, version: Version) -> tuple[Attached, ...]:
    """``signatories.json`` and ``signatories.csv`` for one language version; ``changes.json`` of a later edition."""
    changes = letter.changes
    told = (
        Attached(
            name=CHANGES, data=changes_json(changes), description=f"What changed since edition {changes.edition - 1}"
        )
        if changes
        else None
    )
    return (
        Attached(
            name="signatories.json",
            data=signatories_json(letter, version),
            description="The signatories as printed, as JSON",
        ),
        Attached(
            name="signatories.csv",
            data=signatories_csv(letter),
            description="The signatories as printed, as a table",
        ),
        *([told] if told else []),
    )


def signatories_json(letter: Letter, version: Version, edition: str = "") -> bytes:
    """Letter, counts and names. ``typed`` is there only if a decision prints another name than the given one.

    A file outside a PDF names its ``edition``: a draft, or a number.
    """
    rows: list[dict[str, Any]] = []
    for signatory in letter.signatories:
        row = {"number": signatory.number, "name": signatory.printed, "lang": signatory.lang, "kind": signatory.kind}
        if passages := list(_passages(signatory)):
            row["passages"] = passages
        if signatory.printed != signatory.name:
            row["typed"] = signatory.name
        rows.append(row)
    document = {
        "letter": letter.id,
        **({"edition": edition} if edition else {}),
        "language": version.lang,
        "title": version.printed_title,
        "date": letter.date.isoformat() if letter.date else None,
        "counts": {name: letter.counts.shown(name) for name in ("total", "named", "anonymous")},
        "signatories": rows,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _passages(signatory: Signatory) -> Iterator[dict[str, str]]:
    """The passages in another language in the printed name, in order."""
    position = 0
    for passage in signatory.passages:
        text = signatory.name[passage.start : passage.end]
        start = signatory.printed.find(text, position)
        if start >= 0:
            position = start + len(text)
            yield {"lang": passage.lang, "text": text}


def signatories_csv(letter: Letter, edition: str = "") -> bytes:
    """Number, name, language and kind; a name that a spreadsheet would run as a formula gets an apostrophe before it.

    A file outside a PDF names its ``edition`` in every row, since people copy rows.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    more = (edition,) if edition else ()
    writer.writerow(("number", "name", "lang", "kind", *(("edition",) if edition else ())))
    for signatory in letter.signatories:
        writer.writerow((signatory.number, formula_safe(signatory.printed), signatory.lang, signatory.kind, *more))
    # Spreadsheet programs recognise UTF-8 by a byte order mark.
    return table.getvalue().encode("utf-8-sig")


def formula_safe(text: str) -> str:
    """Text that no spreadsheet program runs as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "'")) else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One language version to write: a draft, unless it is signed off. ``columns`` is where text is wrapped."""

    letter: Letter
    version: Version
    words: Phrases
    made: datetime
    signoff: SignOff | None = None
    columns: int = 72

    @property
    def said(self) -> tuple[Paragraph, ...]:
        """Its paragraphs, in order."""
        block = sign_off_block(self.signoff, self.version.lang, self.words) if self.signoff else None
        return paragraphs(self.letter, self.version, self.words, block)

    @property
    def edition(self) -> str:
        """Its edition: ``draft``, or a number."""
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
"""The function that writes each format, by the ending of the file."""
