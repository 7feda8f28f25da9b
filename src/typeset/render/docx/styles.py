"""How the paragraphs of the document look, by styles that Word knows, and the document's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from typeset.language import is_cjk
from typeset.render.docx.markup import root
from typeset.render.docx.runs import Manner, east_asian_font, language
from typeset.render.flow import Role

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

# Names of Word's own styles are spelled so, whatever the language of the program that shows them.
_HEADING: Final = (
    '<w:keepNext/><w:spacing w:before="{before}" w:after="{after}"/>{centred}<w:outlineLvl w:val="{level}"/>'
)


def style_of(role: Role, level: int) -> str:
    """The style of a paragraph; headings have one for each level."""
    return f"Heading{level}" if role in (Role.TITLE, Role.HEADING, Role.LIST) else _BY_ROLE[role]


def styles(manner: Manner) -> str:
    """The part that defines them, in the document's own language and direction."""
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
    """How Word is to treat the document: as one of its own time, with marks of East Asian text closed up."""
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
