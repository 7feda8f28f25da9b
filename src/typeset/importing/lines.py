"""Raw text to lines, with what an extraction does to single characters undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from typeset.diagnostics import Finding, Place, Severity
from typeset.importing.fixes import Fix, FixKind

SOFT_HYPHEN = "\u00ad"
SPACES = " \t\u00a0\u3000"

_LINE_END = re.compile(r"\r\n|\r|\n")
_BREAK = re.compile("[\f\v\u2028\u2029]")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_INNER_SOFT_HYPHEN = re.compile(f"{SOFT_HYPHEN}(?=.)")
_LOST = re.compile("[\ufffd\ue000-\uf8ff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f])")
_TAB = re.compile(r"[ \t]*\t[ \t]*")
_MARK_BEFORE_TAB = re.compile(r"(\W{0,3}\d{1,7}\W?)\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the raw text: its number there (from 1), what stood there, and what it says.

    ``indented`` tells a line that begins with an ideographic space, as Chinese and Japanese paragraphs do;
    ``new_page`` the first words after a page break.
    """

    number: int
    raw: str
    text: str
    indented: bool = False
    new_page: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing stands on the line."""
        return not self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The lines of a raw text, what was mended on the way, and what cannot be."""

    lines: tuple[Line, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]


def read_lines(text: str, source_name: str) -> Reading:
    """The lines of a text; characters that only an extraction can have put there are replaced."""
    lines: list[Line] = []
    fixes: list[Fix] = []
    findings: list[Finding] = []
    position, turned = 0, False
    for number, end in enumerate((*_LINE_END.finditer(text), None), start=1):
        if end is None and position == len(text):
            break
        if end is not None and end[0] != "\n":
            fixes.append(Fix(kind=FixKind.LINE_END, line=number))
        raw = text[position : end.start() if end else len(text)]
        position = end.end() if end else len(text)
        for index, piece in enumerate(_BREAK.split(raw)):
            if index:
                fixes.append(Fix(kind=FixKind.PAGE_BREAK, line=number))
                turned = True
            mended, made = _mended(piece, number)
            fixes.extend(made)
            findings.extend(_doubts(mended, piece, number, source_name))
            line = Line(number=number, raw=piece, text=mended, indented=piece.startswith("\u3000"))
            if turned and mended:
                line, turned = replace(line, new_page=True), False
            lines.append(line)
    return Reading(lines=tuple(lines), fixes=tuple(fixes), findings=tuple(findings))


def composed(text: str) -> str:
    """The text in NFC, but for ideographs: those NFC would exchange for another form stay as they are."""
    return "".join(
        piece if index % 2 else unicodedata.normalize("NFC", piece)
        for index, piece in enumerate(_COMPATIBILITY_IDEOGRAPHS.split(text))
    )


def _mended(piece: str, number: int) -> tuple[str, list[Fix]]:
    text = piece.strip(SPACES)
    fixes = [Fix(kind=FixKind.LINE_END_SPACE, line=number)] if text != piece else []
    for kind, mend in (
        (FixKind.LIGATURE, lambda text: _LIGATURE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)),
        (FixKind.SOFT_HYPHEN, lambda text: _INNER_SOFT_HYPHEN.sub("", text)),
        (FixKind.TAB, _without_tabs),
        (FixKind.NORMALISED, composed),
    ):
        before, text = text, mend(text)
        if before != text:
            fixes.append(Fix(kind=kind, line=number, before=before, after=text))
    return text, fixes


def _without_tabs(text: str) -> str:
    """The text with its tabs made spaces, except one that parts a number from a name."""
    found = _MARK_BEFORE_TAB.match(text)
    start = found.end() if found else 0
    return text[:start] + _TAB.sub(" ", text[start:].lstrip(SPACES) if found else text)


def _doubts(text: str, raw: str, number: int, source_name: str) -> Iterator[Finding]:
    for pattern, code, fact in (
        (_LOST, "lost-characters", "stands where a character was lost, or only one font knew it"),
        (_CONTROL, "control-character", "is a control character and prints nothing"),
    ):
        found = pattern.search(text)
        if found:
            yield Finding(
                code=code,
                severity=Severity.WARNING,
                fact=f"U+{ord(found[0]):04X} {fact}",
                place=Place(file=source_name, line=number, column=raw.find(found[0]) + 1, length=1),
                hint="look it up in the publication the text was taken from, and mend the letter folder",
                subject=f"line {number}",
                evidence=text,
            )
    found = _COMPATIBILITY_IDEOGRAPHS.search(text)
    if found:
        other = unicodedata.normalize("NFC", found[0])
        yield Finding(
            code="compatibility-ideograph",
            severity=Severity.NOTE,
            fact=f"{found[0]} (U+{ord(found[0]):04X}) would become {other} (U+{ord(other):04X}) in NFC; it was left",
            place=Place(file=source_name, line=number, column=raw.find(found[0]) + 1, length=1),
            hint="ask which form is meant; in a name, only its bearer knows",
            subject=f"line {number}",
            evidence=text,
        )
