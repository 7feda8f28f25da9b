"""Checks of a PDF's properties: title, language, standards, attachments, fonts and active content."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from typeset.diagnostics import Finding
from typeset.preflight.expectation import Expected, described, differing, mismatch, quoted
from typeset.preflight.extraction import TaggedBlock
from typeset.preflight.pdf_text import AttachmentRead, Bookmark, FontRead, PdfText

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_PART, _CONFORMANCE = (f"{{http://www.aiim.org/pdfa/ns/id/}}{name}" for name in ("part", "conformance"))
_UA = "{http://www.aiim.org/pdfua/ns/id/}part"


def check_claims(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Title, language and claims to conformance (ISO 19005-3, 6.6 and 6.7; ISO 14289-1, 5 and 7.1)."""
    if reading.title != meant.title:
        yield mismatch("wrong-title", "title", f"in the properties: {differing(meant.title, reading.title)}")
    if reading.lang != meant.lang:
        message = f"the file is in {reading.lang or 'no language'}, not {meant.lang}"
        yield mismatch("wrong-language", "file", message, evidence=reading.lang)
    yield from _metadata(reading.metadata, meant)
    for holds, message in (
        (reading.marked and not reading.suspects, "is not marked as tagged"),
        (reading.title_shown, "does not ask readers to show its title"),
        ("/GTS_PDFA1" in reading.intents, "has no output intent with a colour profile"),
    ):
        if not holds:
            yield mismatch("not-conforming", "file", f"the file {message}")
    for complaint in reading.complaints:
        yield mismatch("damaged", "file", f"the file has a fault: {complaint}", evidence=complaint)


def _metadata(packet: bytes, meant: Expected) -> Iterator[Finding]:
    try:
        root = ET.fromstring(packet.decode("utf-8").strip().strip("\0"))
    except (ET.ParseError, UnicodeDecodeError, ValueError):
        yield mismatch("not-conforming", "metadata", "the file has no XMP metadata that can be read")
        return
    for name, value, claim in ((_PART, "3", "PDF/A-3"), (_CONFORMANCE, "A", "level A"), (_UA, "1", "PDF/UA-1")):
        found = _property(root, name)
        if found != value:
            message = f"the file does not claim {claim}: {name.rpartition('}')[2]} is {found or 'missing'}"
            yield mismatch("not-conforming", "metadata", message, evidence=found)
    titles = [item.text or "" for holder in root.iter(_TITLE) for item in holder.iter(f"{_RDF}li")]
    if titles != [meant.title]:
        said = differing(meant.title, titles[0]) if len(titles) == 1 else f"there are {len(titles)} titles"
        yield mismatch("wrong-title", "title", f"in the XMP metadata: {said}")


def _property(root: ET.Element, name: str) -> str:
    """A property of the document, written as an attribute or an element (ISO 16684-1, 7.9)."""
    for description in root.iter(f"{_RDF}Description"):
        value = description.get(name)
        if value is None and (element := description.find(name)) is not None:
            value = element.text
        if value is not None:
            return value.strip()
    return ""


def check_activity(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Actions, scripts, annotations, links and form fields that the letter does not have."""
    for message in reading.active:
        yield mismatch("active-content", "file", f"{message}, but a letter must not do anything by itself")
    links = {unquote(link): link for link in meant.links}
    found = {unquote(link) for link in reading.links}
    for link in sorted(found - links.keys()):
        yield mismatch("unexpected-link", "links", f"a link leads to {link}, but not in the letter", evidence=link)
    for link in sorted(links.keys() - found):
        yield mismatch("missing-link", "links", f"no link leads to {links[link]}", evidence=links[link])
    for name in sorted(set(reading.fields) ^ set(meant.fields)):
        said = "is in the file, but should not be" if name in reading.fields else "is not in the file"
        yield mismatch("form-field", "form", f"the field {name} {said}", evidence=name)


def check_bookmarks(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """The outline: the title, the annex, and possibly headings of the letter, each with a link to its page."""
    found = [bookmark for bookmark in reading.bookmarks if bookmark.title not in meant.headings]
    if tuple(bookmark.title for bookmark in found) != meant.bookmarks:
        said = ", ".join(quoted(bookmark.title) for bookmark in found) or "missing"
        message = f"the bookmarks are {said}, not {', '.join(map(quoted, meant.bookmarks))}"
        yield mismatch("bookmarks", "bookmarks", message)
    for bookmark in reading.bookmarks:
        pages = sorted(_pages_of_heading(reading.tree.blocks, bookmark))
        if pages and bookmark.page not in pages:
            leads = f"page {bookmark.page + 1}" if bookmark.page is not None else "nowhere"
            message = f"the bookmark {quoted(bookmark.title)} leads to {leads}, its heading is on page {pages[0] + 1}"
            yield mismatch("bookmarks", "bookmarks", message)


def _pages_of_heading(blocks: tuple[TaggedBlock, ...], bookmark: Bookmark) -> Iterator[int]:
    """The pages of the headings with its words: a letter may have the same heading twice."""
    wanted = "".join(bookmark.title.split())
    for block in blocks:
        if block.kind[:1] == "H" and block.body:
            text = "".join("".join(piece.clusters) for piece in block.body)
            if "".join(text.split()) == wanted:
                yield block.body[0].page


_RELATIONSHIPS = frozenset({"Source", "Data", "Alternative", "Supplement", "Unspecified"})


def check_attachments(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Attached files that are missing, extra or changed, or whose names differ from those on the pages."""
    names = Counter(item.name for item in reading.attachments)
    for name in meant.attachments:
        if name not in names:
            yield mismatch("attachment-missing", name, f"{name} is not in the file")
    for name, times in names.items():
        if name not in meant.attachments or times > 1:
            message = "is in the file more than once" if name in meant.attachments else "is in the file"
            yield mismatch("attachment-unexpected", name, f"{name} {message}, but should not be")
    for item in reading.attachments:
        if item.name in meant.attachments:
            yield from _checked(item, meant)


def _checked(item: AttachmentRead, meant: Expected) -> Iterator[Finding]:
    if item.data != meant.attachments[item.name]:
        lengths = f"it has {len(item.data)} bytes, expected {len(meant.attachments[item.name])}"
        yield mismatch("attachment-changed", item.name, f"{item.name} is not the file that was attached: {lengths}")
    if not item.listed or item.relationship not in _RELATIONSHIPS:
        message = f"{item.name} does not state its relationship to the letter (ISO 19005-3, 6.8)"
        yield mismatch("attachment-unrelated", item.name, message, evidence=item.relationship)
    read = {"signatories.json": _of_json, "signatories.csv": _of_csv}.get(item.name)
    if read is None:
        return
    try:
        rows = read(item.data)
    except (ValueError, KeyError, TypeError) as fault:
        message = f"{item.name} cannot be read as a list of signatories: {fault!r}"
        yield mismatch("attached-list", item.name, message)
        return
    yield from _compared(item.name, rows, meant.signatories)


def _compared(name: str, rows: list[tuple[int, str]], meant: tuple[tuple[int, str], ...]) -> Iterator[Finding]:
    if [number for number, _ in rows] != [number for number, _ in meant]:
        listed, printed = Counter(dict(rows).keys()), Counter(dict(meant).keys())
        missing, extra = sorted((printed - listed).elements()), sorted((listed - printed).elements())
        message = f"{name} lists {len(rows)} signatories, the pages {len(meant)}: "
        message += (
            "; ".join(
                f"{word} {', '.join(map(str, numbers[:9]))}"
                for word, numbers in (("missing", missing), ("too many", extra))
                if numbers
            )
            or "in another order"
        )
        yield mismatch("attached-list", name, message)
    printed_names = dict(meant)
    for number, found in rows:
        wanted = printed_names.get(number)
        if wanted is not None and found != wanted:
            message = f"in {name}: {differing(wanted, found)}"
            yield mismatch("attached-list", f"signatory {number}", message, evidence=found)


def _of_json(data: bytes) -> list[tuple[int, str]]:
    document: Any = json.loads(data)
    return [(int(row["number"]), str(row["name"])) for row in document["signatories"]]


def _of_csv(data: bytes) -> list[tuple[int, str]]:
    table = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [(int(row["number"]), _as_typed(row["name"])) for row in table]


def _as_typed(cell: str) -> str:
    """A cell without the apostrophe that stops a spreadsheet program from running it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t", "\r", "'") else cell


_SUBSET = re.compile(r"[A-Z]{6}\+")
"""The tag before the name of a font subset (ISO 32000-1, 9.6.4)."""


def check_faces(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Fonts that are not planned, not subset, not embedded, or that hide which characters they show."""
    if not reading.fonts:
        yield mismatch("no-font", "fonts", "the file has no font, so it cannot show text")
    for font in reading.fonts:
        yield from _faces_checked(font, meant)
    if meant.counts:
        yield from _strangers(reading, meant)


def _strangers(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Letters and figures that a face draws more often than planned.

    That happens when a look sets text in a style without a planned face: the engine then takes another face.
    """
    drawn: dict[str, Counter[str]] = {}
    for font in reading.fonts:
        drawn.setdefault(font.program, Counter()).update(font.counts)
    for face, counts in sorted(drawn.items()):
        planned = meant.counts.get(face, {})
        more = "".join(sorted(c for c, times in counts.items() if c.isalnum() and times > planned.get(c, 0)))
        if more:
            subject = f"font {face}"
            message = f"it draws {quoted(more)} more often than planned: another face should draw these"
            yield mismatch("unplanned-face", subject, message, evidence=more)


def _faces_checked(font: FontRead, meant: Expected) -> Iterator[Finding]:
    # The name in the font program is the real one; the name in the PDF may be wrong.
    face = font.program or _SUBSET.sub("", font.name)
    subject, faces = f"font {face or 'without a name'}", meant.faces

    def fault(code: str, message: str) -> Finding:
        return mismatch(code, subject, message, evidence=font.name)

    if font.type3:
        yield fault("type3-font", "its glyphs are drawings (Type 3), not a face")
        return
    if face not in faces:
        yield fault("unplanned-face", f"{face or font.name} is used, but planned are {', '.join(sorted(faces))}")
    if not font.embedded:
        yield fault("font-not-embedded", "its program is not in the file (ISO 19005-3, 6.2.11.4)")
    if not _SUBSET.match(font.name):
        yield fault("font-not-subset", f"{font.name} has no tag of a subset")
    elif font.unseen and not meant.shared_faces:
        unseen = f"{len(font.unseen)} characters that no page shows: {quoted(font.unseen)}"
        yield fault("font-not-subset", f"it has {unseen}")
    if not font.to_unicode:
        yield fault("no-to-unicode", "it does not map its glyphs to characters (ISO 19005-3, 6.2.11.7)")
    elif font.lost:
        yield fault("lost-characters", f"it shows {font.lost} glyphs that have no character")
    for read, drawn in font.drawn:
        yield fault("drawn-otherwise", f"the glyph of {described(drawn)} is drawn where {described(read)} is read")
