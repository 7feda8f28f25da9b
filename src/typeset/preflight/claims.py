"""What a file says of itself: title, language, the standards it claims, and that it does nothing of its own accord."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import unquote

from typeset.diagnostics import Finding
from typeset.preflight.expected import Expected
from typeset.preflight.reading import Bookmark, Reading
from typeset.preflight.tree import Block
from typeset.preflight.wording import differing, mismatch, quoted

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_PART, _CONFORMANCE = (f"{{http://www.aiim.org/pdfa/ns/id/}}{name}" for name in ("part", "conformance"))
_UA = "{http://www.aiim.org/pdfua/ns/id/}part"


def check_claims(reading: Reading, meant: Expected) -> Iterator[Finding]:
    """Title, language and claims to conformance (ISO 19005-3, 6.6 and 6.7; ISO 14289-1, 5 and 7.1)."""
    if reading.title != meant.title:
        yield mismatch("wrong-title", "title", f"among the properties {differing(meant.title, reading.title)}")
    if reading.lang != meant.lang:
        fact = f"the file is in {reading.lang or 'no language'}, not {meant.lang}"
        yield mismatch("wrong-language", "file", fact, evidence=reading.lang)
    yield from _metadata(reading.metadata, meant)
    for holds, fact in (
        (reading.marked and not reading.suspects, "does not say that it is tagged"),
        (reading.title_shown, "does not ask to be shown under its title"),
        ("/GTS_PDFA1" in reading.intents, "has no output intent with a colour profile"),
    ):
        if not holds:
            yield mismatch("not-conforming", "file", f"the file {fact}")
    for complaint in reading.complaints:
        yield mismatch("damaged", "file", f"the file cannot be read as it stands: {complaint}", evidence=complaint)


def _metadata(packet: bytes, meant: Expected) -> Iterator[Finding]:
    try:
        root = ET.fromstring(packet.decode("utf-8").strip().strip("\0"))
    except (ET.ParseError, UnicodeDecodeError, ValueError):
        yield mismatch("not-conforming", "metadata", "the file has no XMP metadata that can be read")
        return
    for name, value, claim in ((_PART, "3", "PDF/A-3"), (_CONFORMANCE, "A", "level A"), (_UA, "1", "PDF/UA-1")):
        found = _property(root, name)
        if found != value:
            fact = f"the file does not claim {claim}: {name.rpartition('}')[2]} is {found or 'not there'}"
            yield mismatch("not-conforming", "metadata", fact, evidence=found)
    titles = [item.text or "" for holder in root.iter(_TITLE) for item in holder.iter(f"{_RDF}li")]
    if titles != [meant.title]:
        said = differing(meant.title, titles[0]) if len(titles) == 1 else f"there are {len(titles)} titles"
        yield mismatch("wrong-title", "title", f"in the XMP metadata {said}")


def _property(root: ET.Element, name: str) -> str:
    """A property of the document, written as an attribute or as an element (ISO 16684-1, 7.9)."""
    for description in root.iter(f"{_RDF}Description"):
        value = description.get(name)
        if value is None and (element := description.find(name)) is not None:
            value = element.text
        if value is not None:
            return value.strip()
    return ""


def check_activity(reading: Reading, meant: Expected) -> Iterator[Finding]:
    """Actions, scripts, annotations, links and form fields that the letter has not."""
    for fact in reading.active:
        yield mismatch("active-content", "file", f"{fact}, and a letter does nothing of its own accord")
    links = {unquote(link): link for link in meant.links}
    found = {unquote(link) for link in reading.links}
    for link in sorted(found - links.keys()):
        yield mismatch("unexpected-link", "links", f"a link leads to {link}, and the letter has none", evidence=link)
    for link in sorted(links.keys() - found):
        yield mismatch("missing-link", "links", f"nothing leads to {links[link]}", evidence=links[link])
    for name in sorted(set(reading.fields) ^ set(meant.fields)):
        said = "is in the file, and nobody meant it to be" if name in reading.fields else "is not in the file"
        yield mismatch("form-field", "form", f"the field {name} {said}", evidence=name)


def check_bookmarks(reading: Reading, meant: Expected) -> Iterator[Finding]:
    """The outline: the title, the annex, and headings of the letter if anything, each leading to its page."""
    found = [bookmark for bookmark in reading.bookmarks if bookmark.title not in meant.headings]
    if tuple(bookmark.title for bookmark in found) != meant.bookmarks:
        said = ", ".join(quoted(bookmark.title) for bookmark in found) or "nothing"
        fact = f"bookmarked is {said}, not {', '.join(map(quoted, meant.bookmarks))}"
        yield mismatch("bookmarks", "bookmarks", fact)
    for bookmark in reading.bookmarks:
        pages = sorted(_pages_of_heading(reading.tree.blocks, bookmark))
        if pages and bookmark.page not in pages:
            leads = f"page {bookmark.page + 1}" if bookmark.page is not None else "nowhere"
            fact = f"{quoted(bookmark.title)} leads to {leads}, and stands on page {pages[0] + 1}"
            yield mismatch("bookmarks", "bookmarks", fact)


def _pages_of_heading(blocks: tuple[Block, ...], bookmark: Bookmark) -> Iterator[int]:
    """The pages of the headings with its words: a letter may say one of them twice."""
    wanted = "".join(bookmark.title.split())
    for block in blocks:
        if block.kind[:1] == "H" and block.body:
            text = "".join("".join(piece.clusters) for piece in block.body)
            if "".join(text.split()) == wanted:
                yield block.body[0].page
