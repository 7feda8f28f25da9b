"""The bytes of a CSV file to text."""

from __future__ import annotations

import codecs
from dataclasses import replace

from typeset.diagnostics import Finding, Place
from typeset.importing.decoding import decode
from typeset.importing.tongue import every_tongue
from typeset.tables.faults import fault

_WESTERN = {"cp1252": "Western Europe", "cp1250": "Central Europe", "cp1251": "Cyrillic", "mac_roman": "old Macintosh"}


def decoded(data: bytes, name: str, findings: list[Finding], *, encoding: str, otherwise: str) -> tuple[str, str]:
    """The text and the encoding it was read in; an empty encoding where it cannot be read.

    What is said is believed, unless the bytes are not in it. Otherwise Unicode is told by its marks and by its form,
    East Asian and Cyrillic encodings by their letters. One-byte encodings of Europe look alike and are asked for.
    """
    if encoding:
        return _declared(data, name, findings, encoding)
    found = decode(data, name, every_tongue())
    if not found.findings:
        return found.text, found.encoding
    if otherwise and (text := _strictly(data, otherwise)) is not None:
        return text, otherwise
    fitting = [f"{each} ({where})" for each, where in _WESTERN.items() if _strictly(data, each) is not None]
    hint = f"save it as UTF-8, or say what it is: --encoding {', '.join(fitting)}" if fitting else "save it as UTF-8"
    findings.extend(replace(each, hint=hint) for each in found.findings)
    return "", ""


def _declared(data: bytes, name: str, findings: list[Finding], encoding: str) -> tuple[str, str]:
    try:
        known = codecs.lookup(encoding)
    except (LookupError, ValueError):
        known = None
    # Some codecs of Python are no encodings of text.
    if known is None or not getattr(known, "_is_text_encoding", True) or known.name.replace("-", "_") in _NOT_OF_FILES:
        hint = "such as utf-8, cp1252, cp1251, gb18030, big5, shift_jis"
        findings.append(fault("unknown-encoding", f"{encoding} is no encoding that is known here", name, hint))
        return "", ""
    try:
        text = data.decode("utf-8-sig" if known.name == "utf-8" else known.name)
    except UnicodeDecodeError as wrong:
        before = data[: wrong.start].decode(known.name, "replace")
        place = Place(file=name, line=before.count("\n") + 1, column=len(before.rsplit("\n", 1)[-1]) + 1)
        fact = f"byte 0x{data[wrong.start]:02x} does not belong in {known.name}"
        hint = "look whether the file is in two encodings, or say another with --encoding"
        findings.append(fault("unknown-encoding", fact, place, hint))
        return "", ""
    return text.removeprefix("\ufeff"), known.name


_NOT_OF_FILES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
