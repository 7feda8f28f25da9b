"""A decision written down, for people and for the next run."""

from __future__ import annotations

import tomllib
import unicodedata
from datetime import date

from typeset.decisions.reading import read_decisions
from typeset.decisions.record import fault
from typeset.diagnostics import Finding, Refused


def entry(finding: Finding, *, by: str, when: date, why: str, printed: str | None = None) -> str:
    """The TOML of one decision on a finding."""
    values = [("code", finding.code), ("subject", finding.subject), ("evidence", finding.evidence)]
    values += [("print", printed)] if printed is not None else []
    lines = [f"{key} = {_quoted(value)}" for key, value in values]
    lines += [f"by = {_quoted(by)}", f"when = {when.isoformat()}", f"why = {_quoted(why)}"]
    return "\n".join(("[[decision]]", *lines)) + "\n"


def append(existing: bytes, entry: str) -> bytes:
    """A decisions file with one entry more at its end; what stood there stays, comments and all.

    Raises `Refused` where the file is not TOML or has its decisions in a form that nothing can be appended to.
    """
    _, findings = read_decisions(existing)
    broken = [finding for finding in findings if finding.code in {"not-toml", "not-utf-8"}]
    if broken:
        raise Refused(broken)
    end = b"\r\n" if b"\r\n" in existing else b"\n"
    before = existing.rstrip(b"\r\n") + end * 2 if existing.strip() else b""
    longer = before + end.join(entry.encode().split(b"\n"))
    try:
        tomllib.loads(longer.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        hint = "write each decision under a [[decision]] of its own"
        raise Refused([fault("not-appendable", "no entry can follow the last line", 0, hint)]) from error
    return longer


def _quoted(text: str) -> str:
    """A TOML basic string on one line; everything that cannot be seen is escaped, so that an entry reads as it is."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character == "\n":
        return "\\n"
    if character != " " and unicodedata.category(character)[0] in "CZ":
        return f"\\u{ord(character):04X}" if character <= "\uffff" else f"\\U{ord(character):08X}"
    return character
