"""Bytes to text where the encoding is unknown, with a record of each correction.

UTF-8 and marked UTF-16 are read as they are. Anything else is read only where the bytes leave no doubt: it must
decode without a fault and be full of the characters its language uses most, and no other reading may come near.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from typeset.diagnostics import Finding, Location, error
from typeset.locales import ImporterWords


class FixKind(StrEnum):
    """A kind of repair. The value is how the import report calls it."""

    BYTE_ORDER_MARK = "byte order mark removed"
    LINE_END = "line end replaced by a line feed"
    LINE_END_SPACE = "spaces at the start or end of a line removed"
    PAGE_BREAK = "form feed or other break character replaced by a line end"
    LIST_GAP = "blank line inside the list removed"
    SOFT_BREAK = "line end inside a paragraph replaced by a space, or removed between ideographs"

    ENCODING = "encoding recognised from the bytes"
    LIGATURE = "typographic ligature spelled out"
    SOFT_HYPHEN = "soft hyphen removed"
    TAB = "tab replaced by a space"
    NORMALISED = "characters composed (NFC)"
    PAGE_NUMBER = "page number removed"
    RUNNING_HEAD = "running head removed"
    RULE = "rule between paragraphs removed"
    PAGE_SEAM = "paragraph joined over a page break"
    WRAP = "wrapped line joined"
    ITEM_MARK = "bullet removed, or missing space added, before a name"
    NUMBERED = "bulleted list numbered"
    SECTION = "heading inside the list turned into a note on its rows"
    ESCAPE = "Markdown escape removed"
    MARKUP = "markup around a whole paragraph removed"
    RECIPIENTS = "addressees turned into recipients"
    DATE = "date line turned into the letter's date"
    CLOSING = "last short line before the list turned into the closing"
    LIST_HEADING = "heading of the list removed, because the look adds its own"
    COUNT = "stated count replaced by a placeholder"
    PERSON = "recognised as a person by its own words"

    @property
    def silent(self) -> bool:
        """Whether the report only counts it: no character of anybody's words is touched."""
        return self in _SILENT


_SILENT = frozenset(
    {
        FixKind.BYTE_ORDER_MARK,
        FixKind.LINE_END,
        FixKind.LINE_END_SPACE,
        FixKind.PAGE_BREAK,
        FixKind.LIST_GAP,
        FixKind.SOFT_BREAK,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One repair: where in the raw text (lines from 1), the text before and after."""

    kind: FixKind
    line: int
    before: str = ""
    after: str = ""


_ENOUGH_CHARACTERS = 50
_ENOUGH_FREQUENT = 0.12
_FAR_BEHIND = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a file, and how its encoding was found."""

    text: str = ""
    encoding: str = ""
    fixes: tuple[Fix, ...] = ()
    findings: tuple[Finding, ...] = ()


def decode(raw: str | bytes, source_name: str, languages: Iterable[ImporterWords]) -> Decoded:
    """The text of raw bytes, or a finding that refuses; text already decoded is only looked over."""
    if isinstance(raw, str):
        return _text(raw, source_name)
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if raw.startswith(mark):
            return _marked(raw[len(mark) :], encoding, source_name)
    text = _strictly(raw, "utf-8")
    if text is not None and "\0" not in text:
        return Decoded(text=text, encoding="utf-8")
    told = _told(raw, tuple(languages))
    if told:
        fix = Fix(kind=FixKind.ENCODING, line=1, before="bytes without a mark", after=told)
        return Decoded(text=raw.decode(told), encoding=told, fixes=(fix,))
    if text is not None:
        return Decoded(text=text, encoding="utf-8")
    return _refused(raw, "utf-8", source_name)


def _text(text: str, source_name: str) -> Decoded:
    fixes = (Fix(kind=FixKind.BYTE_ORDER_MARK, line=1),) if text.startswith("\ufeff") else ()
    text = text.removeprefix("\ufeff")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as fault:
        return Decoded(
            findings=(
                _finding(
                    f"U+{ord(text[fault.start]):04X} is only half of a character",
                    text[: fault.start],
                    source_name,
                ),
            )
        )
    return Decoded(text=text, encoding="text", fixes=fixes)


def _marked(raw: bytes, encoding: str, source_name: str) -> Decoded:
    text = _strictly(raw, encoding)
    if text is None:
        return _refused(raw, encoding, source_name)
    return Decoded(text=text, encoding=encoding, fixes=(Fix(kind=FixKind.BYTE_ORDER_MARK, line=1),))


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _refused(raw: bytes, encoding: str, source_name: str) -> Decoded:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError as fault:
        read = raw[: fault.start].decode(encoding, "replace")
        message = f"byte 0x{raw[fault.start]:02x} is not valid in {encoding}, and no other encoding was recognised"
        return Decoded(findings=(_finding(message, read, source_name),))
    return Decoded()


def _finding(message: str, before: str, source_name: str) -> Finding:
    return error(
        "unknown-encoding",
        message,
        "open the file in the program that wrote it and save it as UTF-8",
        place=Location(file=source_name, line=before.count("\n") + 1, column=len(before.rsplit("\n", 1)[-1]) + 1),
        subject=source_name,
    )


def _told(raw: bytes, languages: tuple[ImporterWords, ...]) -> str:
    """The one encoding that the bytes can be in, or nothing."""
    for encoding, highs in (("utf-16-le", raw[1::2]), ("utf-16-be", raw[::2])):
        # Every second byte of Western text in UTF-16 is a null, which no other text has.
        if highs.count(0) > len(highs) // 2 and _reads_cleanly(_strictly(raw, encoding)):
            return encoding
    scores: dict[str, float] = {}
    for encoding, text in _candidates(raw, languages):
        letters = [character for character in text if ord(character) > 0xFF and character.isalpha()]
        if len(letters) >= _ENOUGH_CHARACTERS:
            scores[encoding] = max(
                sum(letter in language.frequent for letter in letters) / len(letters)
                for language in languages
                if language.frequent
            )
    ranked = sorted(scores, key=lambda encoding: scores[encoding], reverse=True)
    if not ranked or scores[ranked[0]] < _ENOUGH_FREQUENT:
        return ""
    if len(ranked) > 1 and scores[ranked[1]] > scores[ranked[0]] * _FAR_BEHIND:
        return ""
    return ranked[0]


def _candidates(raw: bytes, languages: tuple[ImporterWords, ...]) -> Iterator[tuple[str, str]]:
    encodings = dict.fromkeys(encoding for language in languages for encoding in language.encodings)
    for encoding in (*encodings, "utf-16-le", "utf-16-be"):
        text = _strictly(raw, encoding)
        if text is not None and _reads_cleanly(text):
            yield encoding, text


def _reads_cleanly(text: str | None) -> bool:
    return bool(text) and not any(character < " " and character not in "\t\n\r\f" for character in text or "")
