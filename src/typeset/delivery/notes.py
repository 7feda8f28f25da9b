"""The note that goes with a copy: a text to begin a mail with, in the recipient's language."""

from __future__ import annotations

from collections.abc import Iterator

from typeset.compose import fill, read_words
from typeset.delivery.edition import Issue
from typeset.diagnostics import Refused
from typeset.recipients import Addressee
from typeset.sources import Sources

OTHERWISE = "en"


def cover_note(issue: Issue, addressee: Addressee, *, file: str, pages: int, sha256: str, seal: str) -> bytes:
    """The note, from the look's template for the recipient's language, or the nearest there is."""
    letter = issue.reading.letter
    version = next(one for one in letter.versions if one.lang == addressee.lang)
    lang = _language(issue.reading.sources, addressee)
    counts = letter.counts
    values = {
        "salutation": addressee.salutation,
        "title": version.printed_title,
        "date": _date(issue, lang),
        "total": counts.shown("total"),
        "edition": issue.manifest.edition.number,
        "file": file,
        "pages": pages,
        "sha256": sha256,
        "seal": seal,
    }
    return fill(issue.reading.sources, _template(lang), values).encode()


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


def _date(issue: Issue, lang: str) -> str:
    day = issue.reading.letter.date
    if day is None:
        return ""
    try:
        return read_words(issue.reading.sources, lang).date_of(day)
    except Refused:
        return day.isoformat()
