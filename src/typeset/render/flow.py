"""A letter as a sequence of paragraphs, for formats without a look: what is printed, in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from typeset.compose import SignOffBlock, is_link, printed_passages, recipient_lines
from typeset.locales import Phrases
from typeset.model import Block, Counts, Letter, Part, Passage, Run, Signatory, Version

_BLANK = " \t\r\n\f"


class Role(StrEnum):
    """The purpose of a paragraph."""

    DATE = "date"
    TITLE = "title"
    LABEL = "label"
    RECIPIENT = "recipient"
    HEADING = "heading"
    TEXT = "text"
    QUOTE = "quote"
    ITEM = "item"
    CLOSING = "closing"
    LIST = "list"
    SIGNATORY = "signatory"
    NOTE = "note"
    SIGN_OFF = "sign-off"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class StyledText:
    """Words in one style. ``lang`` is empty in the letter's own language; a line break is a single line feed."""

    text: str
    lang: str = ""
    strong: bool = False
    emphasis: bool = False
    href: str = ""


BREAK = "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph. ``level`` is a heading's level or an item's depth from 1; ``number`` that of an item or signatory.

    An item without a number has a bullet.
    """

    role: Role
    stretches: tuple[StyledText, ...]
    level: int = 0
    number: int = 0

    @property
    def text(self) -> str:
        """The characters of the paragraph; a line break is a line feed."""
        return "".join(stretch.text for stretch in self.stretches)


def paragraphs(
    letter: Letter, version: Version, words: Phrases, block: SignOffBlock | None = None
) -> tuple[Paragraph, ...]:
    """The paragraphs of one language version, with the block at the end if it is signed off."""
    said = (*_of_letter(letter, version, words), *(_of_sign_off(block, version.lang) if block else ()))
    return tuple(paragraph for paragraph in said if paragraph.text)


def _of_letter(letter: Letter, version: Version, words: Phrases) -> Iterator[Paragraph]:
    if letter.date:
        yield _plain(Role.DATE, words.date_of(letter.date))
    yield _plain(Role.TITLE, version.printed_title, level=1)
    after = False
    for block in version.blocks:
        match block.part:
            case Part.RECIPIENTS:
                label = _stretches(block.runs, letter.counts)
                yield Paragraph(role=Role.LABEL, stretches=label or (StyledText(text=words.recipients),))
                for line in recipient_lines(letter, version, words):
                    yield _plain(Role.RECIPIENT, line)
            case Part.SIGNATORIES:
                yield _plain(Role.LIST, words.signatories, level=2)
                yield from (_of_signatory(signatory, version.lang) for signatory in letter.signatories)
                after = True
            case Part.CHANGES:
                yield from (_of_block(inner, letter.counts, after=False) for inner in block.inside)
            case _:
                yield _of_block(block, letter.counts, after=after)


def _of_block(block: Block, counts: Counts, *, after: bool) -> Paragraph:
    roles = {
        Part.HEADING: Role.HEADING,
        Part.QUOTE: Role.QUOTE,
        Part.ITEM: Role.ITEM,
        Part.CLOSING: Role.CLOSING,
        Part.NOTE: Role.NOTE,
    }
    role = roles.get(block.part, Role.NOTE if after else Role.TEXT)
    level = min(max(block.level, 2), 4) if role is Role.HEADING else block.level
    return Paragraph(role=role, stretches=_stretches(block.runs, counts), level=level, number=block.ordinal)


def _of_signatory(signatory: Signatory, own: str) -> Paragraph:
    """A name exactly as printed: every space counts."""
    name, position = signatory.printed, 0
    stretches: list[StyledText] = []
    for passage in (*printed_passages(signatory, own), Passage(start=len(name), end=len(name), lang="")):
        stretches.append(StyledText(text=name[position : passage.start], lang=signatory.lang))
        stretches.append(StyledText(text=name[passage.start : passage.end], lang=passage.lang))
        position = passage.end
    shown = tuple(replace(one, lang="" if one.lang == own else one.lang) for one in stretches if one.text)
    return Paragraph(role=Role.SIGNATORY, stretches=shown, number=signatory.number)


def _of_sign_off(block: SignOffBlock, own: str) -> Iterator[Paragraph]:
    yield _plain(Role.HEADING, block.heading, level=2)
    for line in block.lines:
        yield _plain(Role.SIGN_OFF, line)
    for approval in block.approvals:
        name = StyledText(text=approval.name, lang="" if approval.lang == own else approval.lang)
        parts = (StyledText(text=approval.before), name, StyledText(text=approval.after))
        yield Paragraph(role=Role.APPROVAL, stretches=tuple(part for part in parts if part.text))
    if block.demonstration:
        yield _plain(Role.SIGN_OFF, block.demonstration)


def _plain(role: Role, text: str, *, level: int = 0) -> Paragraph:
    return Paragraph(role=role, stretches=(StyledText(text=_collapsed(text).strip(" ")),), level=level)


def _stretches(runs: Iterable[Run], counts: Counts) -> tuple[StyledText, ...]:
    """The words of a block in their styles, with white space as on a page: single spaces, none at the ends of lines."""
    stretches: list[StyledText] = []
    for run in runs:
        text = str(counts.shown(run.placeholder)) if run.placeholder else _collapsed(run.text)
        before = stretches[-1].text if stretches else BREAK
        if run.line_break:
            if stretches:
                stretches[-1] = replace(stretches[-1], text=before.rstrip(" "))
            text = BREAK
        elif before[-1:] in (" ", BREAK):
            text = text.lstrip(" ")
        href = run.href if is_link(run.href) else ""
        if text:
            stretches.append(StyledText(text=text, lang=run.lang, strong=run.strong, emphasis=run.emphasis, href=href))
    while stretches and not stretches[-1].text.rstrip(_BLANK):
        stretches.pop()
    if stretches:
        stretches[-1] = replace(stretches[-1], text=stretches[-1].text.rstrip(_BLANK))
    return tuple(stretches)


def _collapsed(text: str) -> str:
    return re.sub(f"[{_BLANK}]+", " ", text)
