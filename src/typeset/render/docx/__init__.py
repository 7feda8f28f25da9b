"""The letter as a Word document (ECMA-376, transitional), for places that refuse PDF.

Written out here, so that it says exactly what is printed: every stretch in its language, words that run from right to
left marked so, headings that are headings, the signatories as a numbered list with the numbers that were published. The
same letter gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from typeset.locales import Phrases
from typeset.model import Letter, Version
from typeset.render.docx.lists import Lists
from typeset.render.docx.package import Links, core, document, footer, header, packed
from typeset.render.docx.runs import Manner, runs
from typeset.render.docx.styles import settings, style_of, styles
from typeset.render.flow import Paragraph, Role
from typeset.scripts import is_right_to_left


def render_docx(
    said: Sequence[Paragraph], letter: Letter, version: Version, words: Phrases, *, draft: bool, made: datetime
) -> bytes:
    """One language version as a document of the letter's page size, with its mark on every page of a draft."""
    manner = Manner(lang=version.lang, right_to_left=is_right_to_left(version.printed_title))
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


def _paragraphs(said: Iterable[Paragraph], manner: Manner, lists: Lists, links: Links) -> Iterator[str]:
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
