"""Text that went through the wrong encoding, and the marks it leaves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from typeset.check.reading import Reading
from typeset.diagnostics import Finding, Severity

_LOST: Final = re.compile(r"\ufffd+|\?{3,}")
# UTF-8 read as a one-byte encoding begins with one of these letters and goes on with C1 controls or symbols.
_MOJIBAKE: Final = re.compile(
    "[\u00c2-\u00f4\u0102-\u0111\u0413\u0420\u0421\u0432][\u0080-\u00bf\u0152-\u0192\u0400-\u040f\u0450-\u0491\u2010-\u2122]"
)
_ENCODINGS: Final = ("cp1252", "latin-1", "cp1250", "cp1251", "mac_roman")


def lost_characters(reading: Reading) -> Iterable[Finding]:
    """Replacement characters and rows of question marks: what was there is gone."""
    for text in reading.texts:
        for found in _LOST.finditer(text.text):
            yield text.finding(
                "lost-characters",
                Severity.ERROR,
                f"{found[0][:8]} stands where letters were lost in a conversion",
                start=found.start(),
                end=found.end(),
                hint="get the text from its author again; it cannot be restored from here",
            )
            break


def garbled_encoding(reading: Reading) -> Iterable[Finding]:
    """Letters that are UTF-8 read as another encoding: two or three odd letters where one accented letter was."""
    for text in reading.texts:
        if text.text.isascii() or not (found := _MOJIBAKE.search(text.text)):
            continue
        mended = _undone(text.text)
        if mended:
            yield text.finding(
                "garbled-encoding",
                Severity.ERROR,
                f"the text was read in the wrong encoding; it seems to be {mended}",
                start=found.start(),
                end=found.end(),
                hint="import the list again as UTF-8, or record what is to be printed",
                proposal=mended,
            )


def _undone(text: str) -> str:
    """The text as it was before UTF-8 was taken for a one-byte encoding; empty where it never was."""
    for encoding in _ENCODINGS:
        mended = _decoded(text, encoding)
        if mended != text and "\ufffd" not in mended:
            return mended
    return ""


def _decoded(text: str, encoding: str) -> str:
    """Each stretch of letters that are UTF-8 bytes in an encoding, decoded; a stretch that is not stays."""

    def mend(found: re.Match[str]) -> str:
        try:
            return b"".join(_byte(character, encoding) for character in found[0]).decode("utf-8")
        except UnicodeError:
            return found[0]

    return re.sub(r"[^\x00-\x7f]{2,}", mend, text)


def _byte(character: str, encoding: str) -> bytes:
    """The byte that an encoding reads as a character; what it leaves undefined, browsers read as a control."""
    try:
        return character.encode(encoding)
    except UnicodeEncodeError:
        return character.encode("latin-1")
