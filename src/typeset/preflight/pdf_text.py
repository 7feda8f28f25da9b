"""A finished PDF, read with pypdf into plain values. Nothing is taken from the renderer."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pypdf import PdfReader

from typeset.preflight.extraction import LOST, Fonts, PageText, Tree, UsedFont, read_page, read_tree
from typeset.preflight.glyph_text import drawn_otherwise, postscript_name, twins


@dataclass(frozen=True, slots=True, kw_only=True)
class FontRead:
    """A font that a page names: its name in the PDF, the name in its program, and its use.

    ``unseen`` are its characters that no page shows; ``lost`` counts codes without a character; ``drawn`` has pairs of
    a character that is read and a different one that is drawn; ``counts`` is how often it draws each character of the
    text; ``twins`` has the characters that share a glyph, each with the first of them.
    """

    name: str
    program: str
    type3: bool
    embedded: bool
    to_unicode: bool
    unseen: str = ""
    lost: int = 0
    drawn: tuple[tuple[str, str], ...] = ()
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    twins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRead:
    """A file inside the PDF. PDF/A-3 requires ``relationship`` and ``listed`` (ISO 19005-3, 6.8)."""

    name: str
    data: bytes
    relationship: str
    listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """An entry of the outline and its page, counted from 0."""

    title: str
    page: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfText:
    """Everything that preflight checks."""

    pages: tuple[PageText, ...]
    labels: tuple[str, ...]
    tree: Tree
    fonts: tuple[FontRead, ...]
    attachments: tuple[AttachmentRead, ...]
    bookmarks: tuple[Bookmark, ...]
    links: tuple[str, ...]
    active: tuple[str, ...]
    fields: tuple[str, ...]
    title: str
    lang: str
    metadata: bytes
    marked: bool
    suspects: bool
    title_shown: bool
    intents: tuple[str, ...]
    complaints: tuple[str, ...]
    heights: tuple[float, ...] = ()
    """The heights of the pages, in points."""


class Encrypted(ValueError):
    """The file needs a password."""


def read_pdf(data: bytes) -> PdfText:
    """Read the file with pypdf, strictly. Raises `Encrypted`, or any error of pypdf for a damaged file."""
    with _complaints() as complaints:
        reader = PdfReader(io.BytesIO(data), strict=True)
        if reader.is_encrypted:
            raise Encrypted("the file is encrypted")
        catalog: Any = reader.trailer["/Root"]
        sheets = list(reader.pages)
        references = {
            sheet.indirect_reference.idnum: number
            for number, sheet in enumerate(sheets)
            if sheet.indirect_reference is not None
        }
        fonts = Fonts()
        pages = tuple(read_page(sheet, number, fonts) for number, sheet in enumerate(sheets))
        keys = tuple(int(str(sheet.get("/StructParents", -1))) for sheet in sheets)
        annotations = [
            annotation.get_object() for sheet in sheets for annotation in (sheet.get("/Annots") or ()) if annotation
        ]
        metadata = catalog.get("/Metadata")
        viewer = catalog.get("/ViewerPreferences", {})
        marks = catalog.get("/MarkInfo", {})
        return PdfText(
            pages=pages,
            labels=tuple(reader.page_labels),
            tree=read_tree(catalog, pages, references, keys),
            fonts=tuple(_fonts(sheets, fonts)),
            attachments=tuple(_attachments(reader, catalog)),
            bookmarks=tuple(_bookmarks(reader, reader.outline)),
            links=tuple(_links(annotations)),
            active=tuple(_active(catalog, sheets, annotations)),
            fields=tuple(_fields(catalog.get("/AcroForm", {}).get("/Fields", ()))),
            title=(reader.metadata and reader.metadata.title) or "",
            lang=str(catalog.get("/Lang", "")),
            metadata=metadata.get_data() if metadata is not None else b"",
            marked=_is_true(marks.get("/Marked")),
            suspects=_is_true(marks.get("/Suspects")),
            title_shown=_is_true(viewer.get("/DisplayDocTitle")),
            intents=tuple(_intents(catalog)),
            complaints=tuple(complaints),
            heights=tuple(float(sheet.mediabox.height) for sheet in sheets),
        )


def _is_true(value: Any) -> bool:
    return value is not None and value == True  # noqa: E712 - pypdf's booleans are objects of their own


def _intents(catalog: Any) -> Iterator[str]:
    for intent in catalog.get("/OutputIntents", ()):
        entry = intent.get_object()
        if "/DestOutputProfile" in entry:
            yield str(entry.get("/S", ""))


def _fonts(sheets: list[Any], fonts: Fonts) -> Iterator[FontRead]:
    """Every font in the resources of the pages, used or not, and those that forms use."""
    shown = set(fonts.by_object)
    for sheet in sheets:
        resources = sheet.get("/Resources") or {}
        for name in resources.get("/Font") or ():
            fonts.named(resources, name)
    for key, used in fonts.by_object.items():
        yield _font(used, shown=key in shown)


def program_of(font: Any) -> tuple[bytes | None, bool]:
    """The program of a font, and whether its codes are glyph numbers of the program."""
    descendants = font.get("/DescendantFonts")
    described = descendants[0].get_object() if descendants else font
    descriptor = described.get("/FontDescriptor") or {}
    program = next((descriptor[key] for key in ("/FontFile2", "/FontFile3", "/FontFile") if key in descriptor), None)
    identical = font.get("/Encoding") == "/Identity-H" and described.get("/CIDToGIDMap") == "/Identity"
    return program.get_data() if program is not None else None, identical


def _font(used: UsedFont, *, shown: bool) -> FontRead:
    font = used.font
    program, identical = program_of(font)
    characters = used.codes.characters
    data = program or b""
    # In other fonts the codes are not glyph numbers, and only a renderer can compare them.
    return FontRead(
        name=str(font.get("/BaseFont", "")).removeprefix("/"),
        program=postscript_name(data) if data else "",
        type3=font.get("/Subtype") == "/Type3",
        embedded=program is not None,
        to_unicode="/ToUnicode" in font,
        unseen="".join(sorted(text for code, text in characters.items() if code not in used.shown)) if shown else "",
        drawn=drawn_otherwise(
            data,
            {int.from_bytes(code): text for code, text in characters.items()},
            map(int.from_bytes, used.shown),
        )
        if data and identical
        else (),
        lost=sum(characters.get(code, LOST) == LOST for code in used.shown),
        counts=MappingProxyType(dict(used.drawn)),
        twins=MappingProxyType(twins(data) if data else {}),
    )


def _attachments(reader: PdfReader, catalog: Any) -> Iterator[AttachmentRead]:
    listed = {
        str(entry.get("/UF", entry.get("/F", ""))) for item in catalog.get("/AF", ()) if (entry := item.get_object())
    }
    for item in reader.attachment_list:
        name = item.alternative_name or item.name
        yield AttachmentRead(
            name=name,
            data=item.content,
            relationship=str(item.associated_file_relationship or "").removeprefix("/"),
            listed=name in listed,
        )


def _bookmarks(reader: PdfReader, outline: Any) -> Iterator[Bookmark]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _bookmarks(reader, entry)
        else:
            yield Bookmark(title=str(entry.title), page=reader.get_destination_page_number(entry))


def _links(annotations: list[Any]) -> Iterator[str]:
    for annotation in annotations:
        action = annotation.get("/A")
        if action is not None and action.get_object().get("/S") == "/URI":
            yield str(action.get_object().get("/URI", ""))


def _fields(fields: Any, above: str = "") -> Iterator[str]:
    """The names of form fields, their parts joined by full stops (ISO 32000-1, 12.7.3.2)."""
    for item in fields:
        field = item.get_object()
        name = ".".join(filter(None, (above, str(field.get("/T", "")))))
        below = [kid for kid in field.get("/Kids", ()) if "/T" in kid.get_object()]
        if below:
            yield from _fields(below, name)
        else:
            yield name


def _active(catalog: Any, sheets: list[Any], annotations: list[Any]) -> Iterator[str]:
    """What the file would do by itself or at a click: only links are allowed (ISO 19005-3, 6.5)."""
    for key in ("/OpenAction", "/AA"):
        if key in catalog:
            yield f"the catalog has {key[1:]}"
    names = catalog.get("/Names", {})
    if "/JavaScript" in names:
        yield "the file has scripts"
    for number, sheet in enumerate(sheets, start=1):
        if "/AA" in sheet:
            yield f"page {number} has AA"
    for annotation in annotations:
        kind = str(annotation.get("/Subtype", "")).removeprefix("/")
        if kind not in ("Link", "Widget"):
            yield f"a page has an annotation of the kind {kind or '(none)'}"
        if "/AA" in annotation:
            yield f"a {kind} has AA"
        action: Any = annotation.get("/A")
        while action is not None:
            action = action.get_object()
            what = str(action.get("/S", "")).removeprefix("/")
            if what not in ("URI", "GoTo"):
                yield f"a {kind} has an action of the kind {what or '(none)'}"
            action = action.get("/Next")
            if isinstance(action, list):
                yield f"a {kind} has several actions"
                action = None


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """The warnings that pypdf would only log: a file that it has to repair must not be sent."""
    heard: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    logger = logging.getLogger("pypdf")
    handler = Collect(level=logging.WARNING)
    propagated = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield heard
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated
