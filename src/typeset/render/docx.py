"""The letter as a Word document (ECMA-376, transitional), for places that do not accept PDF.

The XML is written here without a library, so that it has exactly what is printed: every stretch with its language,
words from right to left with their direction, real headings, the signatories as a numbered list with the published
numbers. The same letter gives the same bytes.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from typeset.languages import UNDETERMINED, is_cjk, is_right_to_left
from typeset.locales import Phrases
from typeset.model import Letter, Version
from typeset.render.flow import BREAK, Paragraph, Role, StyledText

OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def root(name: str, content: str) -> str:
    """A complete part of the document."""
    return f'<w:{name} xmlns:w="{MAIN}" xmlns:r="{OFFICE}/relationships">{content}</w:{name}>'


NO_LANGUAGE = "x-none"
"""Word's code for an unknown language."""

_NAMES = frozenset({Role.SIGNATORY, Role.RECIPIENT, Role.APPROVAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class DocxLanguage:
    """The document's own language and direction."""

    lang: str
    right_to_left: bool


def runs(paragraph: Paragraph, manner: DocxLanguage, address: Callable[[str], str]) -> str:
    """The runs of a paragraph. ``address`` returns the name of a link in the document."""
    shown = ""
    name_direction = is_right_to_left(paragraph.text)
    for stretch in paragraph.stretches:
        base = name_direction if paragraph.role is Role.SIGNATORY else manner.right_to_left
        if stretch.lang and paragraph.role is not Role.SIGNATORY:
            base = is_right_to_left(stretch.text)
        piece = "".join(
            _run(text, stretch, manner, right_to_left=rtl, name=paragraph.role in _NAMES)
            for text, rtl in directions(stretch.text, right_to_left=base)
        )
        if stretch.href:
            piece = f'<w:hyperlink r:id="{address(stretch.href)}">{piece}</w:hyperlink>'
        shown += piece
    return shown


def directions(text: str, *, right_to_left: bool) -> Iterator[tuple[str, bool]]:
    """A text in pieces of one direction; neutral characters take that of their neighbours or of the text (UAX 9, N1,
    N2).

    A run may be marked as right to left only if nothing in it goes from left to right (17.3.2.30).
    """
    strong = [{"L": False, "R": True, "AL": True, "AN": True}.get(unicodedata.bidirectional(c)) for c in text]
    before: list[bool] = []
    for direction in strong:
        before.append(direction if direction is not None else before[-1] if before else right_to_left)
    after: list[bool] = []
    for direction in reversed(strong):
        after.append(direction if direction is not None else after[-1] if after else right_to_left)
    resolved = [one if one == other else right_to_left for one, other in zip(before, reversed(after), strict=True)]
    for direction, members in groupby(zip(text, resolved, strict=True), key=lambda pair: pair[1]):
        yield "".join(character for character, _ in members), direction


def east_asian_font(lang: str) -> str:
    """A font of Word with the forms that a language needs; empty if it needs none."""
    if not is_cjk(lang):
        return ""
    parts = set(lang.split("-"))
    if "ja" in parts:
        return "MS Mincho"
    if "ko" in parts:
        return "Batang"
    return "SimSun" if "Hans" in parts or (parts & {"CN", "SG"} and "Hant" not in parts) else "PMingLiU"


def language(lang: str) -> str:
    """The language of a run, for characters of all scripts."""
    value = NO_LANGUAGE if lang == UNDETERMINED else lang
    return f'<w:lang w:val="{value}" w:eastAsia="{value}" w:bidi="{value}"/>'


def _run(text: str, stretch: StyledText, manner: DocxLanguage, *, right_to_left: bool, name: bool) -> str:
    lang = stretch.lang or manner.lang
    # East Asian text has no italics.
    strong = stretch.strong or (stretch.emphasis and is_cjk(lang))
    font = f' w:eastAsia="{east_asian_font(lang)}"' if stretch.lang and is_cjk(lang) else ""
    properties = (
        # In the order of the schema (CT_RPr).
        ('<w:rStyle w:val="Hyperlink"/>' if stretch.href else "")
        # Quotation marks and dashes are an em wide in East Asian text; Word needs this hint.
        + (f'<w:rFonts w:hint="eastAsia"{font}/>' if is_cjk(lang) else "")
        + ("<w:b/><w:bCs/>" if strong else "")
        + ("<w:i/><w:iCs/>" if stretch.emphasis and not is_cjk(lang) else "")
        + ("<w:noProof/>" if name else "")
        + ("<w:rtl/>" if right_to_left else "")
        + (language(stretch.lang) if stretch.lang else "")
    )
    shown = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    if text == BREAK:
        return f"<w:r>{shown}<w:br/></w:r>"
    return f'<w:r>{shown}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The earliest time that the format allows, so that the same content gives the same bytes.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_PAPER: Final = {"A4": (11906, 16838), "Letter": (12240, 15840)}
"""Width and height in twentieths of a point."""


class Links:
    """The targets of a document's links, by their names in it."""

    def __init__(self) -> None:
        self._targets: dict[str, str] = {}

    def address(self, target: str) -> str:
        """The name of a target."""
        return self._targets.setdefault(target, f"link{len(self._targets) + 1}")

    def xml(self) -> str:
        """Their relationships, with targets outside the file."""
        return "".join(
            f'<Relationship Id="{name}" Type="{OFFICE}/relationships/hyperlink" Target={quoteattr(target)} '
            'TargetMode="External"/>'
            for target, name in self._targets.items()
        )


def document(body: str, page: str, manner: DocxLanguage, *, marked: bool) -> str:
    """The main part: paragraphs, then the page size. ``marked`` pages have a header."""
    width, height = _PAPER[page]
    mark = '<w:headerReference w:type="default" r:id="header"/>' if marked else ""
    margins = 'w:top="1417" w:right="1474" w:bottom="1417" w:left="1474" w:header="709" w:footer="709" w:gutter="0"'
    section = (
        f'{mark}<w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="{width}" w:h="{height}"/>'
        f"<w:pgMar {margins}/>{'<w:bidi/>' if manner.right_to_left else ''}"
    )
    return root("document", f"<w:body>\n{body}\n<w:sectPr>{section}</w:sectPr></w:body>")


def header(mark: str) -> str:
    """The header of every page."""
    text = f'<w:t xml:space="preserve">{escape(mark)}</w:t>'
    return root("hdr", f'<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r>{text}</w:r></w:p>')


def footer(phrase: str) -> str:
    """The page number and the number of pages, in the words of ``Page {page} of {pages}``."""
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
    """Title, language and status, as file properties."""
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
            # The same on every operating system.
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


_BY_ROLE: Final[Mapping[Role, str]] = {
    Role.DATE: "Date",
    Role.LABEL: "RecipientLabel",
    Role.RECIPIENT: "Recipient",
    Role.TEXT: "BodyText",
    Role.QUOTE: "Quote",
    Role.ITEM: "ListParagraph",
    Role.CLOSING: "Closing",
    Role.SIGNATORY: "Signatory",
    Role.NOTE: "Note",
    Role.SIGN_OFF: "Note",
    Role.APPROVAL: "Note",
}

# These are the names of Word's built-in styles, in every language version of Word.
_HEADING: Final = (
    '<w:keepNext/><w:spacing w:before="{before}" w:after="{after}"/>{centred}<w:outlineLvl w:val="{level}"/>'
)


def style_of(role: Role, level: int) -> str:
    """The style of a paragraph; headings have one for each level."""
    return f"Heading{level}" if role in (Role.TITLE, Role.HEADING, Role.LIST) else _BY_ROLE[role]


def styles(manner: DocxLanguage) -> str:
    """The part that defines the styles, with the document's language and direction."""
    eastern = east_asian_font(manner.lang)
    fonts = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"'
    fonts += f' w:eastAsia="{eastern}"/>' if eastern else "/>"
    bidi = "<w:bidi/>" if manner.right_to_left else ""
    indent = '<w:ind w:firstLineChars="200" w:firstLine="440"/>' if is_cjk(manner.lang) else ""
    own = f"{fonts}{_size(22)}{language(manner.lang)}"
    spacing = '<w:spacing w:after="120" w:line="320" w:lineRule="atLeast"/>'
    return root(
        "styles",
        f"<w:docDefaults><w:rPrDefault><w:rPr>{own}</w:rPr></w:rPrDefault>"
        f"<w:pPrDefault><w:pPr>{bidi}{spacing}</w:pPr></w:pPrDefault></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/></w:style>'
        + _heading(1, 36, before=120, after=360, centred=True)
        + _heading(2, 28, before=360, after=160)
        + _heading(3, 24, before=280, after=120)
        + _heading(4, 22, before=240, after=80)
        + _paragraph("Date", "Date", '<w:spacing w:after="240"/><w:jc w:val="right"/>')
        + _paragraph("RecipientLabel", "Recipient Label", '<w:keepNext/><w:spacing w:after="40"/>', "<w:b/><w:bCs/>")
        + _paragraph("Recipient", "Recipient", '<w:spacing w:after="40"/><w:ind w:left="240"/>')
        + _paragraph("BodyText", "Body Text", f'<w:spacing w:before="120"/>{indent}<w:jc w:val="both"/>')
        + _paragraph("Quote", "Quote", '<w:ind w:left="567" w:right="567"/><w:jc w:val="both"/>')
        + _paragraph("ListParagraph", "List Paragraph", '<w:spacing w:after="60"/>')
        + _paragraph("Closing", "Closing", f'<w:keepLines/><w:spacing w:before="240" w:after="240"/>{indent}')
        + _paragraph("Signatory", "Signatory", '<w:keepLines/><w:spacing w:after="30" w:line="250"/>', _size(20))
        + _paragraph("Note", "Note", '<w:spacing w:before="160"/>', _size(19))
        + _paragraph("Header", "header", '<w:spacing w:after="0"/><w:jc w:val="right"/>', _size(18))
        + _paragraph("Footer", "footer", '<w:spacing w:after="0"/><w:jc w:val="center"/>', _size(18))
        + '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
        '<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:color w:val="0563C1"/><w:u w:val="single"/></w:rPr>'
        "</w:style>",
    )


def settings() -> str:
    """Settings for Word: the compatibility mode of current documents, and closer East Asian punctuation marks."""
    mode = 'w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"'
    return root(
        "settings",
        '<w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="compressPunctuation"/>'
        f"<w:compat><w:compatSetting {mode}/></w:compat>",
    )


def _heading(level: int, size: int, *, before: int, after: int, centred: bool = False) -> str:
    side = '<w:jc w:val="center"/>' if centred else ""
    properties = _HEADING.format(before=before, after=after, centred=side, level=level - 1)
    return _paragraph(f"Heading{level}", f"heading {level}", properties, f"<w:b/><w:bCs/>{_size(size)}")


def _paragraph(identifier: str, name: str, properties: str, of_runs: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{identifier}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
        f"<w:qFormat/><w:pPr>{properties}</w:pPr><w:rPr>{of_runs}</w:rPr></w:style>"
    )


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


DEEPEST = 8
"""The last of the nine levels of a list (ECMA-376 part 1, 17.9.6)."""

_STEP = 360


@dataclass(slots=True)
class _List:
    """One list: the first number of each level (none for bullets), and the last number so far."""

    of_names: bool
    starts: dict[int, int] = field(default_factory=dict)
    counted: dict[int, int] = field(default_factory=dict)

    def takes(self, level: int, number: int) -> bool:
        """Whether the next paragraph of a level would get this number; 0 is a bullet."""
        if level not in self.starts:
            return True
        if not number or not self.starts[level]:
            return number == self.starts[level]
        return number == self.counted.get(level, self.starts[level] - 1) + 1

    def count(self, level: int, number: int) -> None:
        """Count one more paragraph of a level; deeper levels start again."""
        self.starts.setdefault(level, number)
        self.counted = {above: count for above, count in self.counted.items() if above < level} | {level: number}


class Lists:
    """All lists of a document. A number that does not follow the one before begins a new list."""

    def __init__(self) -> None:
        self._lists: list[_List] = []
        self._open = False

    def place(self, paragraph: Paragraph) -> tuple[int, int]:
        """The number of a paragraph's list, and its level there."""
        of_names = paragraph.role is Role.SIGNATORY
        level = min(max(paragraph.level - 1, 0), DEEPEST)
        last = self._lists[-1] if self._open else None
        if last is None or last.of_names != of_names or not last.takes(level, paragraph.number):
            last = _List(of_names=of_names)
            self._lists.append(last)
            self._open = True
        last.count(level, paragraph.number)
        return len(self._lists), level

    def close(self) -> None:
        """End the current lists."""
        self._open = False

    def xml(self) -> str:
        """The part that defines the lists, each separately: lists with one definition would share a count."""
        shown = "".join(_definition(number, one) for number, one in enumerate(self._lists, start=1))
        used = "".join(
            f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
            for number in range(1, len(self._lists) + 1)
        )
        return root("numbering", shown + used)


def _definition(number: int, one: _List) -> str:
    levels = "".join(_level(level, start, of_names=one.of_names) for level, start in sorted(one.starts.items()))
    return (
        f'<w:abstractNum w:abstractNumId="{number}"><w:nsid w:val="{number:08X}"/>'
        f'<w:multiLevelType w:val="hybridMultilevel"/>{levels}</w:abstractNum>'
    )


def _level(level: int, start: int, *, of_names: bool) -> str:
    form, text = ("decimal", f"%{level + 1}.") if start else ("bullet", "•")
    # The numbers of names are aligned at their right ends.
    left, hanging, side = (740, 140, "right") if of_names else (_STEP * (level + 1), _STEP, "left")
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start or 1}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="{side}"/>'
        f'<w:pPr><w:tabs><w:tab w:val="num" w:pos="{left}"/></w:tabs>'
        f'<w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr></w:lvl>'
    )


def render_docx(
    said: Sequence[Paragraph], letter: Letter, version: Version, words: Phrases, *, draft: bool, made: datetime
) -> bytes:
    """One language version as a Word document with the letter's page size; a draft has its mark on every page."""
    manner = DocxLanguage(lang=version.lang, right_to_left=is_right_to_left(version.printed_title))
    lists, links = Lists(), Links()
    body = "\n".join(_paragraphs(said, manner, lists, links))
    mark = words.draft if draft else ""
    return packed(
        {
            "docProps/core.xml": core(version.printed_title, version.lang, mark, made),
            "word/document.xml": document(body, letter.page, manner, marked=draft),
            "word/styles.xml": styles(manner),
            "word/settings.xml": settings(),
            "word/numbering.xml": lists.xml(),
            **({"word/header.xml": header(mark)} if draft else {}),
            "word/footer.xml": footer(words.page),
        },
        links,
    )


def _paragraphs(said: Iterable[Paragraph], manner: DocxLanguage, lists: Lists, links: Links) -> Iterator[str]:
    for paragraph in said:
        properties = f'<w:pStyle w:val="{style_of(paragraph.role, paragraph.level)}"/>'
        if paragraph.role is Role.LIST:
            properties += "<w:pageBreakBefore/>"
        if paragraph.role in (Role.ITEM, Role.SIGNATORY):
            number, level = lists.place(paragraph)
            properties += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        else:
            lists.close()
        yield f"<w:p><w:pPr>{properties}</w:pPr>{runs(paragraph, manner, links.address)}</w:p>"
