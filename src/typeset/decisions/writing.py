"""A decision written down, for people and for the next run."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Collection
from datetime import date

from typeset.decisions.reading import entry_lines, read_decisions
from typeset.decisions.record import fault
from typeset.diagnostics import Finding, Refused


def entry(finding: Finding, *, by: str, when: date, why: str, printed: str | None = None) -> str:
    """The TOML of one decision on a finding."""
    values = [("code", finding.code), ("subject", finding.subject), ("evidence", finding.evidence)]
    values += [("print", printed)] if printed is not None else []
    lines = [f"{key} = {quoted(value)}" for key, value in values]
    lines += [f"by = {quoted(by)}", f"when = {when.isoformat()}", f"why = {quoted(why)}"]
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


def without(existing: bytes, lines: Collection[int]) -> bytes:
    """A decisions file without the entries whose headers stand in these lines; comments between entries stay.

    Raises `Refused` where an entry cannot be told from what stands around it.
    """
    if not lines:
        return existing
    text = existing.decode("utf-8-sig")
    spans = entry_lines(text)
    written = text.split("\n")
    # From the last to the first, so that the lines before keep their numbers.
    for first, last in sorted(spans, reverse=True):
        if first in lines:
            blank = last < len(written) - 1 and not written[last].strip()
            del written[first - 1 : last + blank]
    shorter = "\n".join(written).encode()
    left = [entry for (line, _), entry in zip(spans, _entries(existing) or (), strict=False) if line not in lines]
    if _entries(shorter) != left:
        hint = "take the entry out by hand"
        raise Refused([fault("not-removable", "the entry cannot be told from what is around it", min(lines), hint)])
    return shorter


def _entries(data: bytes) -> list[object] | None:
    """The entries of a decisions file as they are written; None where it is not TOML."""
    try:
        return list(tomllib.loads(data.decode("utf-8-sig")).get("decision", []))
    except tomllib.TOMLDecodeError:
        return None


def quoted(text: str) -> str:
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
