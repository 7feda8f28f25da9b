"""The words around the list: lines to paragraphs, headings, list items and quotations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from typeset.diagnostics import Finding, Location, Severity
from typeset.importer.encodings import Fix, FixKind
from typeset.importer.lines import HYPHENS, KnownWords, RawLine, Seam, seam
from typeset.languages import is_east_asian

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPECIAL = re.compile(r"[\\`*_\[\]<>{}]|&(?=#?\w+;)")
_LINE_START = re.compile(r"^([#>+=~-]|\d{1,9}(?=[.)]))")
_AUTOLINK = re.compile(r"<(?:[a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>", re.IGNORECASE)
_TAG = re.compile(r"(?<!\\)<(?=[a-zA-Z/!?])")
_LINK = re.compile(r"(?<!!)\[(?P<text>(?:\\.|[^\[\]\\])*)\]\((?P<target>[^()\s]*)\)")


def is_markdown(lines: Iterable[RawLine], source_name: str) -> bool:
    """Whether a raw text is written in Markdown: by its file's name, or by a line that begins with ``# ``."""
    return source_name.lower().endswith((".md", ".markdown")) or any(line.text.startswith("# ") for line in lines)


def unescaped(text: str) -> str:
    """What a Markdown text reads as, its backslash escapes undone (CommonMark 2.4)."""
    return _ESCAPED.sub(r"\1", text)


def escaped(text: str, *, at_start: bool = True) -> str:
    """A plain text as words of CommonMark that read the same, ``at_start`` of a paragraph or further on."""
    text = _SPECIAL.sub(lambda found: "\\" + found[0], text)
    found = _LINE_START.match(text) if at_start else None
    if not found:
        return text
    mark = found[0]
    # A backslash before a digit would print; the stop behind the number is what makes it a list.
    return f"{mark}\\{text[len(mark) :]}" if mark[0].isdigit() else f"\\{text}"


def guarded(text: str) -> str:
    """A Markdown text with its braces kept from being slots, and raw HTML kept from being markup."""
    kept = re.sub(r"(?<!\\)\{", r"\\{", text)
    links = {found.start() for found in _AUTOLINK.finditer(kept)}
    return _TAG.sub(lambda found: found[0] if found.start() in links else "\\<", kept)


def dead_links(text: str) -> tuple[str, ...]:
    """The links of a Markdown text that lead nowhere: no target, or only a ``#``."""
    return tuple(found[0] for found in _LINK.finditer(text) if found["target"] in ("", "#"))


_BULLET = r"[-*+•·‣◦▪●■○–—]"
_NUMBERED = re.compile(
    rf"(?P<bullet>{_BULLET}\s*)?"
    r"(?:(?P<open>[(（\[【])\s?(?P<enclosed>\d{1,7})\s?[)）\]】]"
    r"|(?P<number>\d{1,7})(?:(?P<stop>[.．、)）])|(?=\t)))"
    r"(?P<gap>\s*)(?P<rest>.*)"
)
_BULLETED = re.compile(r"(?P<bullet>[-*+–—]\s+|[•·‣◦▪●■○]\s*)(?P<rest>.+)")
_NOTE_MARK = re.compile(r"\\?[*†‡※]")
_SENTENCE_END = re.compile(r"[.!?;。！？；…][\"'”’」』)）]*$")
_LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMark:
    """What is before a name: a number (0 for none), in a form such as ``12.`` or ``(12)``, after a bullet or not.

    ``glued``: a number with a stop has no space after it.
    """

    number: int
    form: str
    bullet: str = ""
    glued: bool = False
    rest: str = ""


def numbered(text: str) -> ItemMark | None:
    """The mark of an item that has a number."""
    found = _NUMBERED.fullmatch(text)
    if not found:
        return None
    return ItemMark(
        number=int(found["enclosed"] or found["number"]),
        form=(found["bullet"] or "").strip() + (found["open"] or found["stop"] or "\t"),
        bullet=(found["bullet"] or "").strip(),
        glued=bool(found["rest"] and found["stop"] in (".", ")") and not found["gap"]),
        rest=found["rest"],
    )


def bulleted(text: str) -> ItemMark | None:
    """The mark of an item that has a bullet and no number."""
    found = _BULLETED.fullmatch(text)
    if not found or numbered(text):
        return None
    bullet = found["bullet"].strip()
    return ItemMark(number=0, form=bullet, bullet=bullet, rest=found["rest"])


def is_note(text: str) -> bool:
    """Whether a line begins with an asterisk or a dagger, as a note below a list does."""
    return bool(_NOTE_MARK.match(text))


def is_sentence(text: str) -> bool:
    """Whether a text ends the way a sentence or a clause of a list of demands does."""
    return bool(_SENTENCE_END.search(text))


def is_heading(text: str) -> bool:
    """Whether a line is short and ends like no sentence."""
    return len(text) <= _LONGEST_HEADING and not is_sentence(text)


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
class RawParagraph:
    """Lines that belong together, and what they say as one. ``mark`` is what Markdown writes before them."""

    lines: tuple[RawLine, ...]
    text: str
    shape: Shape = Shape.PLAIN
    mark: str = ""

    @property
    def line(self) -> int:
        """The raw line it begins on."""
        return self.lines[0].number

    @property
    def raw(self) -> str:
        """The raw text, line by line."""
        return "\n".join(line.raw for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraphs:
    """The paragraphs of a stretch of lines, what was corrected in them, and what the lines do not show."""

    paragraphs: tuple[RawParagraph, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True, kw_only=True)
class _ParagraphDraft:
    lines: list[RawLine]
    parts: list[str]
    shape: Shape = Shape.PLAIN
    mark: str = ""


def read_paragraphs(
    lines: Sequence[RawLine],
    words: KnownWords,
    *,
    source_name: str,
    is_markdown: bool,
    subject: str,
    parted: Callable[[str], bool] = lambda _: False,
) -> Paragraphs:
    """The paragraphs that the lines make up. Lines that are ``parted`` do not join one another, such as To: and Cc:."""
    fixes: list[Fix] = []
    findings: list[Finding] = []
    paragraphs: list[RawParagraph] = []
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
                place = Location(file=source_name, line=line.number)
                findings.append(_ambiguous(joined, place, subject))
            text = joined.text
        if found := _WHOLLY_MARKED.fullmatch(text):
            fixes.append(Fix(kind=FixKind.MARKUP, line=draft.lines[0].number, before=text, after=found["inside"]))
            text = found["inside"]
        paragraphs.append(RawParagraph(lines=tuple(draft.lines), text=text, shape=draft.shape, mark=draft.mark))
    return Paragraphs(paragraphs=tuple(paragraphs), fixes=tuple(fixes), findings=tuple(findings))


def _drafts(lines: Sequence[RawLine], is_markdown: bool, parted: Callable[[str], bool]) -> Iterator[_ParagraphDraft]:
    draft: _ParagraphDraft | None = None
    for line in lines:
        # A bare > parts the paragraphs of a quotation.
        parting = line.blank or (is_markdown and not line.text.strip("> "))
        begun = None if parting else _begun(line, draft, is_markdown)
        if draft and not parting and not begun and parted(line.text) and parted(draft.parts[0]):
            begun = _ParagraphDraft(lines=[line], parts=[line.text])
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


def _begun(line: RawLine, before: _ParagraphDraft | None, is_markdown: bool) -> _ParagraphDraft | None:
    """The paragraph that begins on a line, if one does."""
    if is_markdown and (found := _HEADING.fullmatch(line.text)):
        return _ParagraphDraft(lines=[line], parts=[found[2]], shape=Shape.HEADING, mark=f"{found[1]} ")
    if is_markdown and (found := _QUOTE.fullmatch(line.text)):
        inside = before and before.shape is Shape.QUOTE
        return None if inside else _ParagraphDraft(lines=[line], parts=[found[1]], shape=Shape.QUOTE, mark="> ")
    if before is None or before.shape is Shape.ITEM:
        mark = numbered(line.text) or bulleted(line.text)
        if mark and mark.rest:
            written = f"{mark.number}. " if mark.number else "- "
            return _ParagraphDraft(lines=[line], parts=[mark.rest], shape=Shape.ITEM, mark=written)
    if before is None or before.shape is Shape.HEADING or line.indented:
        return _ParagraphDraft(lines=[line], parts=[line.text])
    return None


def _over_pages(drafts: Iterable[_ParagraphDraft], fixes: list[Fix]) -> Iterator[_ParagraphDraft]:
    """The paragraphs, one that a page break has cut in two made whole."""
    held: _ParagraphDraft | None = None
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


def _goes_on(draft: _ParagraphDraft, after: _ParagraphDraft) -> bool:
    """Whether a paragraph at the top of a page is the rest of the one before: that has no end, this no beginning."""
    if not after.lines[0].new_page or after.shape is not Shape.PLAIN or draft.shape is Shape.HEADING:
        return False
    left, right = draft.parts[-1], after.parts[0]
    if is_sentence(left) or left[-1] in ":：":
        return False
    return right[0].islower() or (is_east_asian(right[0]) and len(left) > _LONG)


def _spaces_scripts(lines: Sequence[RawLine]) -> bool:
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


def _ambiguous(joined: Seam, place: Location, subject: str) -> Finding:
    right = _start(joined.right)
    stands, other = _end(joined.left) + right, _end(joined.other.removesuffix(joined.right)) + right
    return Finding(
        code="ambiguous-wrap",
        severity=Severity.WARNING,
        message=f"{joined.why}: {stands} was written, but {other} is possible",
        place=place,
        hint="check the publication, and correct the letter if it is wrong",
        subject=subject,
        evidence=stands,
        proposal=other,
    )
