"""The document's parts, packed into one file (ECMA-376 part 2), the same bytes whenever it is done."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from typeset.render.docx.markup import OFFICE, root
from typeset.render.docx.runs import Manner

_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The earliest that the format knows: a file that is the same has no hour of its own.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_PAPER: Final = {"A4": (11906, 16838), "Letter": (12240, 15840)}
"""Width and height in twentieths of a point."""


class Links:
    """Where the links of a document lead, by the name that each has in it."""

    def __init__(self) -> None:
        self._targets: dict[str, str] = {}

    def address(self, target: str) -> str:
        """The name of a target."""
        return self._targets.setdefault(target, f"link{len(self._targets) + 1}")

    def xml(self) -> str:
        """Their relationships: they lead out of the file."""
        return "".join(
            f'<Relationship Id="{name}" Type="{OFFICE}/relationships/hyperlink" Target={quoteattr(target)} '
            'TargetMode="External"/>'
            for target, name in self._targets.items()
        )


def document(body: str, page: str, manner: Manner, *, marked: bool) -> str:
    """The main part: paragraphs, then the paper they go on. ``marked`` pages have a header."""
    width, height = _PAPER[page]
    mark = '<w:headerReference w:type="default" r:id="header"/>' if marked else ""
    margins = 'w:top="1417" w:right="1474" w:bottom="1417" w:left="1474" w:header="709" w:footer="709" w:gutter="0"'
    section = (
        f'{mark}<w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="{width}" w:h="{height}"/>'
        f"<w:pgMar {margins}/>{'<w:bidi/>' if manner.right_to_left else ''}"
    )
    return root("document", f"<w:body>\n{body}\n<w:sectPr>{section}</w:sectPr></w:body>")


def header(mark: str) -> str:
    """What stands at the head of every page."""
    text = f'<w:t xml:space="preserve">{escape(mark)}</w:t>'
    return root("hdr", f'<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r>{text}</w:r></w:p>')


def footer(phrase: str) -> str:
    """The page's number and how many there are, in the words of ``Page {page} of {pages}``."""
    fields = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
    pieces = "".join(
        f'<w:fldSimple w:instr=" {fields[piece]} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        if piece in fields
        else f'<w:r><w:t xml:space="preserve">{escape(piece)}</w:t></w:r>'
        for piece in re.split(r"(\{pages?\})", phrase)
        if piece
    )
    return root("ftr", f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{pieces}</w:p>')


def core(title: str, lang: str, status: str, made: datetime) -> str:
    """Title, language and status, for those who look at a file from outside."""
    when = made.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    shown = f"<cp:contentStatus>{escape(status)}</cp:contentStatus>" if status else ""
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:language>{lang}</dc:language>{shown}"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{when}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{when}</dcterms:modified></cp:coreProperties>'
    )


def packed(parts: Mapping[str, str], links: Links) -> bytes:
    """The file."""
    of_word = [
        path.removeprefix("word/").removesuffix(".xml")
        for path in parts
        if path.startswith("word/") and path != "word/document.xml"
    ]
    own = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/relationships/{name}" Target="{name}.xml"/>' for name in of_word
    )
    everything = {
        "[Content_Types].xml": _content_types(of_word),
        "_rels/.rels": _relationships(
            f'<Relationship Id="document" Type="{OFFICE}/relationships/officeDocument" Target="word/document.xml"/>'
            f'<Relationship Id="core" Type="{_PACKAGE}/relationships/metadata/core-properties" '
            'Target="docProps/core.xml"/>'
        ),
        **parts,
        "word/_rels/document.xml.rels": _relationships(own + links.xml()),
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, part in everything.items():
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # As on every system, whichever one it was made on.
            entry.create_system, entry.external_attr = 0, 0
            file.writestr(entry, (_DECLARATION + part).encode())
    return data.getvalue()


def _content_types(of_word: list[str]) -> str:
    types = {"document": "document.main", **{name: name for name in of_word}}
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_WORD}.{kind}+xml"/>' for name, kind in types.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        f"{parts}</Types>"
    )


def _relationships(entries: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'
