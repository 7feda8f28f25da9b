"""The words around the list: lines to paragraphs, headings, list items and quotations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from typeset.diagnostics import Finding, Place, Severity
from typeset.importing.fixes import Fix, FixKind
from typeset.importing.items import bulleted, is_sentence, numbered
from typeset.importing.lines import Line
from typeset.importing.wraps import HYPHENS, Seam, Words, seam
from typeset.scripts import is_east_asian

_HEADING = re.compile(r"(#{1,6})\s+(.*?)(?:\s+#+)?")
_QUOTE = re.compile(r">\s?(.*)")
_UNDERLINE = re.compile(r"(=|-)\1{2,}")
_WHOLLY_MARKED = re.compile(r"(\*\*|__)(?P<inside>(?:(?!\1).)+)\1")
_LONG = 40
_SHOWN = 40


class Shape(StrEnum):
    """What a paragraph is in the raw text."""

    PLAIN = "plain"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Lines that belong together, and what they say as one. ``mark`` is what Markdown writes before them."""

    lines: tuple[Line, ...]
    text: str
    shape: Shape = Shape.PLAIN
    mark: str = ""

    @property
    def line(self) -> int:
        """The raw line it begins on."""
        return self.lines[0].number

    @property
    def raw(self) -> str:
        """What stood in the raw text, line by line."""
        return "\n".join(line.raw for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraphs:
    """The paragraphs of a stretch of lines, what was mended in them, and what the lines do not tell."""

    paragraphs: tuple[Paragraph, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True, kw_only=True)
class _Draft:
    lines: list[Line]
    parts: list[str]
    shape: Shape = Shape.PLAIN
    mark: str = ""


def read_paragraphs(
    lines: Sequence[Line],
    words: Words,
    *,
    source_name: str,
    is_markdown: bool,
    subject: str,
    parted: Callable[[str], bool] = lambda _: False,
) -> Paragraphs:
    """The paragraphs that the lines make up. Lines that are ``parted`` do not join one another, such as To: and Cc:."""
    fixes: list[Fix] = []
    findings: list[Finding] = []
    paragraphs: list[Paragraph] = []
    spaced = _spaces_scripts(lines)
    for draft in _over_pages(_drafts(lines, is_markdown, parted), fixes):
        text = draft.parts[0]
        for line, part in zip(draft.lines[1:], draft.parts[1:], strict=True):
            joined = _in_prose(seam(text, part, words), text, spaced)
            if joined.left in (text, f"{text} ") and not joined.other and text[-1] not in HYPHENS:
                fixes.append(Fix(kind=FixKind.SOFT_BREAK, line=line.number))
            else:
                before, after = f"{_end(text)}\n{_start(part)}", _end(joined.left) + _start(part)
                fixes.append(Fix(kind=FixKind.WRAP, line=line.number, before=before, after=after))
            if joined.other:
                place = Place(file=source_name, line=line.number)
                findings.append(_ambiguous(joined, place, subject))
            text = joined.text
        if found := _WHOLLY_MARKED.fullmatch(text):
            fixes.append(Fix(kind=FixKind.MARKUP, line=draft.lines[0].number, before=text, after=found["inside"]))
            text = found["inside"]
        paragraphs.append(Paragraph(lines=tuple(draft.lines), text=text, shape=draft.shape, mark=draft.mark))
    return Paragraphs(paragraphs=tuple(paragraphs), fixes=tuple(fixes), findings=tuple(findings))


def _drafts(lines: Sequence[Line], is_markdown: bool, parted: Callable[[str], bool]) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for line in lines:
        # A bare > parts the paragraphs of a quotation.
        parting = line.blank or (is_markdown and not line.text.strip("> "))
        begun = None if parting else _begun(line, draft, is_markdown)
        if draft and not parting and not begun and parted(line.text) and parted(draft.parts[0]):
            begun = _Draft(lines=[line], parts=[line.text])
        if draft and (parting or begun):
            yield draft
            draft = None
        if begun:
            draft = begun
        elif draft and is_markdown and len(draft.lines) == 1 and (found := _UNDERLINE.fullmatch(line.text)):
            draft = replace(draft, shape=Shape.HEADING, mark="# " if found[1] == "=" else "## ")
        elif draft:
            quoted = _QUOTE.fullmatch(line.text) if draft.shape is Shape.QUOTE else None
            draft.lines.append(line)
            draft.parts.append(quoted[1] if quoted else line.text)
    if draft:
        yield draft


def _begun(line: Line, before: _Draft | None, is_markdown: bool) -> _Draft | None:
    """The paragraph that begins on a line, if one does."""
    if is_markdown and (found := _HEADING.fullmatch(line.text)):
        return _Draft(lines=[line], parts=[found[2]], shape=Shape.HEADING, mark=f"{found[1]} ")
    if is_markdown and (found := _QUOTE.fullmatch(line.text)):
        inside = before and before.shape is Shape.QUOTE
        return None if inside else _Draft(lines=[line], parts=[found[1]], shape=Shape.QUOTE, mark="> ")
    if before is None or before.shape is Shape.ITEM:
        mark = numbered(line.text) or bulleted(line.text)
        if mark and mark.rest:
            written = f"{mark.number}. " if mark.number else "- "
            return _Draft(lines=[line], parts=[mark.rest], shape=Shape.ITEM, mark=written)
    if before is None or before.shape is Shape.HEADING or line.indented:
        return _Draft(lines=[line], parts=[line.text])
    return None


def _over_pages(drafts: Iterable[_Draft], fixes: list[Fix]) -> Iterator[_Draft]:
    """The paragraphs, one that a page break has cut in two made whole."""
    held: _Draft | None = None
    for draft in drafts:
        if held and _goes_on(held, draft):
            line = draft.lines[0]
            before = f"{held.lines[-1].raw}\n{line.raw}"
            fixes.append(Fix(kind=FixKind.PAGE_SEAM, line=line.number, before=before, after="one paragraph"))
            held.lines.extend(draft.lines)
            held.parts.extend(draft.parts)
            continue
        if held:
            yield held
        held = draft
    if held:
        yield held


def _goes_on(draft: _Draft, after: _Draft) -> bool:
    """Whether a paragraph at the top of a page is the rest of the one before: that has no end, this no beginning."""
    if not after.lines[0].new_page or after.shape is not Shape.PLAIN or draft.shape is Shape.HEADING:
        return False
    left, right = draft.parts[-1], after.parts[0]
    if is_sentence(left) or left[-1] in ":：":
        return False
    return right[0].islower() or (is_east_asian(right[0]) and len(left) > _LONG)


def _spaces_scripts(lines: Sequence[Line]) -> bool:
    """Whether the writer parts ideographs and Latin words by spaces, as far as whole lines show."""
    text = "\n".join(line.text for line in lines)
    ideograph, latin = "[\u3040-\u9fff]", "[A-Za-z0-9]"
    spaced = len(re.findall(f"{ideograph} (?={latin})|{latin} (?={ideograph})", text))
    closed = len(re.findall(f"{ideograph}(?={latin})|{latin}(?={ideograph})", text))
    return spaced > closed


def _in_prose(joined: Seam, left: str, spaced: bool) -> Seam:
    """The seam, with what prose tells and a name does not."""
    right = joined.right
    if not joined.other or joined.attested:
        return replace(joined, other="")
    if left[-1] in HYPHENS and right[0].isupper():
        # A page divides words before a small letter only.
        return replace(joined, other="")
    if is_east_asian(left[-1]) != is_east_asian(right[0]):
        marks = unicodedata.category(left[-1])[0] + unicodedata.category(right[0])[0]
        wide = left[-1] if is_east_asian(left[-1]) else right[0]
        closed = unicodedata.category(wide)[0] == "P" or ("P" not in marks and not spaced)
        return replace(joined, left=left if closed else f"{left} ", other="")
    return joined


def _end(text: str) -> str:
    """The last word of a text, with the space behind it."""
    return re.split(r"\s+(?=\S)", text[-_SHOWN:])[-1]


def _start(text: str) -> str:
    """The first word of a text."""
    return text[:_SHOWN].split(" ", 1)[0]


def _ambiguous(joined: Seam, place: Place, subject: str) -> Finding:
    right = _start(joined.right)
    stands, other = _end(joined.left) + right, _end(joined.other.removesuffix(joined.right)) + right
    return Finding(
        code="ambiguous-wrap",
        severity=Severity.WARNING,
        fact=f"{joined.why}: it is {stands} here, and may be {other}",
        place=place,
        hint="look at the publication, and mend the letter where it is wrong",
        subject=subject,
        evidence=stands,
        proposal=other,
    )
