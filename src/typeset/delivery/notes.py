"""The note that goes with a copy: a text to begin a mail with, in the recipient's language."""

from __future__ import annotations

from collections.abc import Iterator

from typeset.compose import filler, read_words
from typeset.delivery.job import PreparedEdition
from typeset.diagnostics import LetterError
from typeset.recipients import Addressee
from typeset.sources import Sources

OTHERWISE = "en"


class NoteWriter:
    """Fills the look's templates for notes."""

    def __init__(self, issue: PreparedEdition) -> None:
        self._issue = issue
        self._fill = filler(issue.checked.sources)

    def note(self, addressee: Addressee, *, file: str, pages: int, sha256: str, seal: str) -> bytes:
        """The note in the recipient's language, or the nearest that there is one in."""
        letter = self._issue.checked.letter
        version = next(one for one in letter.versions if one.lang == addressee.lang)
        lang = _language(self._issue.checked.sources, addressee)
        values = {
            "salutation": addressee.salutation,
            "title": version.printed_title,
            "date": _date(self._issue, lang),
            "total": letter.counts.shown("total"),
            "edition": self._issue.manifest.edition.number,
            "file": file,
            "pages": pages,
            "sha256": sha256,
            "seal": seal,
        }
        return self._fill(_template(lang), values).encode()


def _language(sources: Sources, addressee: Addressee) -> str:
    """The first of the recipient's language, that of the copy and English that there is a note in."""
    for tag in (addressee.salutation_lang, addressee.lang, OTHERWISE):
        for shorter in _shorter(tag):
            if f"templates/{_template(shorter)}" in sources:
                return shorter
    return OTHERWISE


def _shorter(tag: str) -> Iterator[str]:
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


def _template(lang: str) -> str:
    return f"delivery/note.{lang}.txt.j2"


def _date(issue: PreparedEdition, lang: str) -> str:
    day = issue.checked.letter.date
    if day is None:
        return ""
    try:
        return read_words(issue.checked.sources, lang).date_of(day)
    except LetterError:
        return day.isoformat()
