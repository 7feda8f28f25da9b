"""What a finished PDF must have: derived from the letter alone, not from its composed or rendered form."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from uharfbuzz import OTNameIdPredefined

from typeset.diagnostics import Finding, Location, error
from typeset.languages import UNDETERMINED, is_right_to_left
from typeset.model import Block, Counts, Letter, Part, Passage, Recipient, Run, Signatory, Version

if TYPE_CHECKING:
    from typeset.fonts import Face


HARD_BREAK = "\n"
"""A line break of the author's, as a character of the printed text."""

_PARAGRAPH = frozenset({"P"})
_ITEM = frozenset({"LI"})
_BLANK = " \t\r\n\f"


class PageWords(Protocol):
    """The words that a page adds in the letter's language."""

    @property
    def phrases(self) -> Mapping[str, str]:
        """Among them ``draft``, ``page`` (with ``{page}`` and ``{pages}``), ``recipients`` and ``signatories``."""

    def date_of(self, day: date, /) -> str:
        """A date as the letter writes it."""

    def recipient_of(self, office: str, holder: str, /) -> str:
        """An addressee as the letter writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedText:
    """A text that the page must have: its element in the structure tree, its label and its languages.

    In an ``exact`` text every space counts; in others a run of white space is one space, and a soft hyphen is a hyphen
    at the end of a line or nothing. ``lang`` is the language outside the passages; if it is not known, ``allowed`` has
    all possible languages. ``right_to_left`` is the direction of its letter.
    """

    subject: str
    text: str
    roles: frozenset[str] = _PARAGRAPH
    within: str = ""
    label: str | None = None
    exact: bool = False
    fixed: bool = True
    allowed: frozenset[str] = frozenset()
    passages: tuple[Passage, ...] = ()
    right_to_left: bool = False
    place: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A finished PDF as it must be. Fields with a default are those that only letters need.

    ``page_words`` are the printed page numbers, one for each page. ``address`` are the lines in the window of an
    envelope. With ``shared_faces`` the faces may have characters that only other copies show.
    """

    title: str
    lang: str
    printed: tuple[ExpectedText, ...]
    page_words: tuple[str, ...]
    faces: frozenset[str]
    signatories: tuple[tuple[int, str], ...] = ()
    bookmarks: tuple[str, ...] = ()
    headings: frozenset[str] = frozenset()
    draft_words: str = ""
    draft: bool = False
    furniture: tuple[str, ...] = ()
    attachments: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    links: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: MappingProxyType({}))
    address: tuple[str, ...] = ()
    shared_faces: bool = False

    @property
    def pages(self) -> int:
        """The number of pages."""
        return len(self.page_words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRun:
    """A print run as it must be: the pages of these copies, by name and file; each copy begins on a new sheet."""

    copies: tuple[tuple[str, bytes], ...]


def expected(
    letter: Letter,
    version: Version,
    words: PageWords,
    *,
    pages: int,
    faces: Iterable[Face],
    attachments: Mapping[str, bytes],
    draft: bool,
    furniture: Iterable[str] = (),
    set_by: Iterable[tuple[Face, str]] = (),
) -> Expected:
    """What one language version must be as a file of that many pages.

    ``set_by`` are all texts of the document, each with its planned face; if empty, faces are not counted. ``furniture``
    are texts that a look adds, in the page or its margins; ``attachments`` are bytes by file name.
    """
    phrases = words.phrases
    right_to_left = is_right_to_left(version.printed_title)
    told = (*version.blocks, *(inner for block in version.blocks for inner in block.inside))
    headings = [block for block in told if block.part is Part.HEADING]
    has_list = any(block.part is Part.SIGNATORIES for block in version.blocks)
    return Expected(
        title=version.printed_title,
        lang=version.lang,
        printed=tuple(
            replace(item, right_to_left=right_to_left) for item in _printed(letter, version, words) if item.text
        ),
        signatories=tuple((signatory.number, signatory.printed) for signatory in letter.signatories),
        bookmarks=(version.printed_title, *([phrases["signatories"]] if has_list else [])),
        headings=frozenset(_text(block.runs, letter.counts)[0] for block in headings),
        page_words=tuple(phrases["page"].format(page=page, pages=pages) for page in range(1, pages + 1)),
        draft_words=phrases["draft"],
        draft=draft,
        furniture=tuple(furniture),
        faces=face_names(faces),
        attachments=dict(attachments),
        links=frozenset(run.href for block in version.blocks for run in block.runs if _is_link(run.href)),
        counts=_counts(set_by),
    )


def _counts(set_by: Iterable[tuple[Face, str]]) -> Mapping[str, Mapping[str, int]]:
    """How often each face may draw each character, by the name of the face in a PDF."""
    counts: dict[str, Counter[str]] = {}
    for face, text in set_by:
        counts.setdefault(postscript_name(face), Counter()).update(text)
    return counts


def face_names(faces: Iterable[Face]) -> frozenset[str]:
    """The names of faces in a PDF."""
    return frozenset(map(postscript_name, faces))


def postscript_name(face: Face) -> str:
    """The PostScript name of a face, which is also its name in a PDF."""
    return str(face.contents.face.get_name(OTNameIdPredefined.POSTSCRIPT_NAME) or face.family)


def _is_link(href: str) -> bool:
    return href.startswith(("https://", "http://", "mailto:"))


def _printed(letter: Letter, version: Version, words: PageWords) -> Iterator[ExpectedText]:
    """All texts, in the order of the letter."""
    own = frozenset({version.lang})
    if letter.date:
        yield ExpectedText(subject="date", text=words.date_of(letter.date), fixed=False, allowed=own)
    yield ExpectedText(
        subject="title",
        text=_collapsed(version.printed_title),
        roles=frozenset({"H1"}),
        fixed=False,
        allowed=own,
        place=version.place,
    )
    counted: dict[str, int] = {}
    after = False
    for block in version.blocks:
        match block.part:
            case Part.RECIPIENTS:
                yield _of_block(block, letter.counts, "recipients", own, words.phrases["recipients"])
                yield from _recipients(letter.recipients, version, words)
            case Part.SIGNATORIES:
                yield ExpectedText(
                    subject="signatories", text=words.phrases["signatories"], roles=frozenset({"H2"}), allowed=own
                )
                yield from (printed_signatory(signatory, version.lang) for signatory in letter.signatories)
                after = True
            case Part.CLOSING:
                yield _of_block(block, letter.counts, "closing", own)
            case Part.CHANGES:
                for number, inner in enumerate(block.inside, start=1):
                    yield _of_block(inner, letter.counts, f"changes {number}", own)
            case part:
                name = "note" if after else str(part)
                counted[name] = counted.get(name, 0) + 1
                yield _of_block(block, letter.counts, f"{name} {counted[name]}", own)


def _of_block(block: Block, counts: Counts, subject: str, own: frozenset[str], otherwise: str = "") -> ExpectedText:
    text, passages = _text(block.runs, counts)
    roles, within, label = _PARAGRAPH, "", None
    match block.part:
        case Part.HEADING:
            roles = frozenset({f"H{min(max(block.level, 2), 4)}"})
        case Part.QUOTE:
            within = "BlockQuote"
        case Part.ITEM:
            roles, label = _ITEM, str(block.ordinal or "")
    return ExpectedText(
        subject=subject,
        text=text or otherwise,
        roles=roles,
        within=within,
        label=label,
        allowed=own,
        passages=passages,
        place=block.place,
    )


def _recipients(recipients: Iterable[Recipient], version: Version, words: PageWords) -> Iterator[ExpectedText]:
    for number, recipient in enumerate(recipients, start=1):
        line = words.recipient_of(recipient.office.get(version.lang, ""), recipient.holder.get(version.lang, ""))
        yield ExpectedText(
            subject=f"recipient {number}",
            text=_collapsed(line),
            roles=_ITEM,
            allowed=frozenset({version.lang}),
            place=recipient.place,
        )


def printed_signatory(signatory: Signatory, own: str) -> ExpectedText:
    """A signatory as the list of a letter in the language ``own`` must have them."""
    # The language is not known: it may be marked so, or as the letter's own.
    said = {signatory.lang} if signatory.lang != UNDETERMINED else {UNDETERMINED, own}
    return ExpectedText(
        subject=f"signatory {signatory.number}",
        text=signatory.printed,
        roles=_ITEM,
        label=str(signatory.number),
        exact=True,
        allowed=frozenset(said),
        passages=tuple(_in_printed(signatory)),
        place=signatory.place,
    )


def _in_printed(signatory: Signatory) -> Iterator[Passage]:
    """The recorded passages at their place in the printed name; one that a decision removed is left out."""
    position = 0
    for passage in signatory.passages:
        text = signatory.name[passage.start : passage.end]
        start = signatory.printed.find(text, position)
        if start >= 0:
            position = start + len(text)
            yield Passage(start=start, end=position, lang=passage.lang)


def _collapsed(text: str) -> str:
    return re.sub(f"[{_BLANK}]+", " ", text).strip(" ")


def _text(runs: Iterable[Run], counts: Counts) -> tuple[str, tuple[Passage, ...]]:
    """The characters of a block as on a page, and its passages in another language."""
    text, passages = "", list[Passage]()
    for run in runs:
        if run.line_break:
            text = text.rstrip(" ") + HARD_BREAK
            continue
        piece = str(counts.shown(run.placeholder)) if run.placeholder else re.sub(f"[{_BLANK}]+", " ", run.text)
        if not text or text[-1] in _BLANK:
            piece = piece.lstrip(" ")
        if run.lang and piece:
            passages.append(Passage(start=len(text), end=len(text) + len(piece), lang=run.lang))
        text += piece
    return text.rstrip(_BLANK), tuple(passages)


AGAIN = "do not send this file: it differs from the letter; correct what the message names, then build again"

_LONGEST = 60


def mismatch(code: str, subject: str, message: str, *, evidence: str = "", place: Location | None = None) -> Finding:
    """The finding about a difference between a finished file and its letter."""
    return error(code, message, AGAIN, place=place, subject=subject, evidence=evidence)


def differing(meant: str, read: str) -> str:
    """Two texts that should be the same, with the first differing characters by their code points."""
    where = next((n for n, (a, b) in enumerate(zip(meant, read, strict=False)) if a != b), min(len(meant), len(read)))
    return (
        f"expected {quoted(meant, where)}, found {quoted(read, where)}: "
        f"character {where + 1} is {described(read[where : where + 1])}, not {described(meant[where : where + 1])}"
    )


def quoted(text: str, around: int = 0) -> str:
    """A text in quotation marks, shortened to one line around a character; invisible characters as their codes."""
    start = max(0, min(around - _LONGEST // 2, len(text) - _LONGEST))
    cut = text[start : start + _LONGEST]
    shown = "".join(c if c == " " or _is_visible(c) else f"<U+{ord(c):04X}>" for c in cut)
    return f'"{"…" if start else ""}{shown}{"…" if start + _LONGEST < len(text) else ""}"'


def described(character: str) -> str:
    """A character by its code point and name; ``the end`` for no character."""
    if not character:
        return "the end"
    shown = f" {character}" if _is_visible(character) else ""
    return f"U+{ord(character):04X}{shown} {unicodedata.name(character, '')}".rstrip()


def _is_visible(character: str) -> bool:
    return character.isprintable() and not unicodedata.combining(character) and not character.isspace()
