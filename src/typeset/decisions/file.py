"""``decisions.toml``: its entries with their lines, read, added and removed."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from typeset.diagnostics import Finding, LetterError, Location, Severity, error
from typeset.sources import parse_toml

FILE: Final = "decisions.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One answer: to which finding, what is printed instead (None: the text as typed), by whom, when and why."""

    code: str
    subject: str
    evidence: str
    by: str
    when: date
    why: str
    printed: str | None = None
    place: Location | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies the finding that it answers."""
        return self.code, self.subject, self.evidence


def about(decision: Decision, code: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    """A finding about a decision."""
    return Finding(
        code=code,
        severity=severity,
        message=message,
        place=decision.place,
        hint=hint,
        subject=f"decision on {decision.code} of {decision.subject}",
        evidence=decision.evidence,
    )


def fault(code: str, message: str, line: int, hint: str) -> Finding:
    """A finding about a line of the file; 0 is the whole file."""
    place = Location(file=FILE, line=line, column=1 if line else 0)
    subject = f"{FILE} line {line}" if line else FILE
    return error(code, message, hint, place=place, subject=subject)


_NEEDED: Final = ("code", "subject", "evidence", "by", "when", "why")
_KEYS: Final = (*_NEEDED, "print")
_MAY_BE_EMPTY: Final = frozenset({"subject", "evidence"})
# Strings and comments come first, so that their content is not read as headers and keys.
_TOML: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*'
    r"|^[ \t]*(?P<header>\[\[?)[ \t]*(?P<name>[\w.-]+)|^[ \t]*(?P<key>[\w-]+)[ \t]*=",
    re.DOTALL | re.MULTILINE,
)


def read_decisions(data: bytes) -> tuple[tuple[Decision, ...], tuple[Finding, ...]]:
    """The decisions in a ``decisions.toml``, and its faults.

    An entry with a fault is ignored, so its finding stays open.
    """
    try:
        text, table = parsed(data)
    except LetterError as refused:
        return (), refused.findings
    lines = Lines(text)
    findings = [
        fault("unknown-key", f"{key} is not known here", lines.key(key), "write every entry under [[decision]]")
        for key in table
        if key != "decision"
    ]
    entries = table.get("decision", [])
    if not isinstance(entries, list):
        findings.append(fault("wrong-type", "decision is not a list of entries", lines.key("decision"), "[[decision]]"))
        entries = []
    decisions: dict[tuple[str, str, str], Decision] = {}
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            findings.append(fault("wrong-type", f"{entry!r} is no entry", lines.key("decision"), "write [[decision]]"))
            continue
        if faults := tuple(entry_faults(entry, index, lines)):
            findings.extend(faults)
            continue
        decision = decision_of(entry, lines.entry(index))
        if earlier := decisions.pop(decision.key, None):
            findings.append(_superseded(decision, earlier))
        decisions[decision.key] = decision
    return tuple(decisions.values()), tuple(findings)


def parsed(data: bytes) -> tuple[str, dict[str, Any]]:
    """The text of a decisions file and its TOML table. Raises `LetterError` if it is not TOML in UTF-8."""
    try:
        text = data.decode("utf-8-sig")
        return text, parse_toml(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"byte 0x{data[error.start]:02x} is not valid UTF-8"
        hint = "save the file as UTF-8 in the program that wrote it"
        raise LetterError([fault("not-utf-8", message, line, hint)]) from error
    except tomllib.TOMLDecodeError as error:
        spot = re.search(r"\(at line (\d+)", str(error))
        message = re.sub(r" \(at .*\)$", "", str(error)).lower()
        hint = 'an entry begins with [[decision]] and has lines such as by = "…"'
        line = int(spot[1]) if spot else text.count("\n") + 1
        raise LetterError([fault("not-toml", message, line, hint)]) from error


def entry_lines(text: str) -> tuple[tuple[int, int], ...]:
    """The first and the last line of each entry of a decisions file, without the comments behind it."""
    return Lines(text).entries


def entry_faults(entry: Mapping[str, Any], index: int, lines: Lines) -> Iterator[Finding]:
    """What is wrong with the keys and values of one entry."""
    for key in entry:
        if key not in _KEYS:
            hint = f"the keys are {', '.join(_KEYS)}"
            yield fault("unknown-key", f"{key} is not a key of a decision", lines.entry(index, key), hint)
    for key in _NEEDED:
        if key not in entry:
            hint = "a decision needs code, subject, evidence, by, when and why"
            yield fault("missing-key", f"the decision has no {key}", lines.entry(index), hint)
    for key, value in entry.items():
        line = lines.entry(index, key)
        if key == "when":
            if not isinstance(value, date) or isinstance(value, datetime):
                yield fault("wrong-type", "when should be a date", line, "write when = 2026-01-31, without quotes")
        elif key == "print" and isinstance(value, int) and not isinstance(value, bool):
            continue
        elif key in _KEYS and not isinstance(value, str):
            yield fault("wrong-type", f"{key} should be text in quotation marks", line, f"it is {value!r} now")
        elif key in _NEEDED and key not in _MAY_BE_EMPTY and not value.strip():
            yield fault("empty-value", f"{key} is empty", line, f"write {key} in a few words")


def decision_of(entry: Mapping[str, Any], line: int) -> Decision:
    """An entry without a fault as a decision."""
    printed = entry.get("print")
    return Decision(
        code=entry["code"],
        subject=entry["subject"],
        evidence=entry["evidence"],
        by=entry["by"],
        when=entry["when"],
        why=entry["why"],
        printed=None if printed is None else str(printed),
        place=Location(file=FILE, line=line, column=1),
    )


def _superseded(decision: Decision, earlier: Decision) -> Finding:
    where = f" in line {earlier.place.line}" if earlier.place else ""
    message = f"this decision replaces the one{where} on the same finding"
    return about(
        decision, "decision-superseded", message, "remove the earlier entry if you do not need it", Severity.NOTE
    )


class Lines:
    """The lines of the keys and entries of a decisions file, which TOML readers do not give. 0 if there is none."""

    __slots__ = ("_ends", "_entries", "_top")

    def __init__(self, text: str) -> None:
        self._top: dict[str, int] = {}
        self._entries: list[dict[str, int]] = []
        self._ends: list[int] = []
        inside: dict[str, int] = self._top
        line, position = 1, 0
        for found in _TOML.finditer(text):
            line += text.count("\n", position, found.start())
            position = found.start()
            if found["header"] == "[[" and found["name"] == "decision":
                inside = {"": line}
                self._entries.append(inside)
                self._ends.append(line)
            elif found["header"]:
                self._top.setdefault(found["name"].split(".")[0], line)
                inside = {}
            elif found["key"]:
                inside.setdefault(found["key"], line)
            if self._ends and not found[0].startswith("#"):
                self._ends[-1] = line + found[0].count("\n")

    @property
    def entries(self) -> tuple[tuple[int, int], ...]:
        """The first and the last line of each entry."""
        return tuple((keys[""], end) for keys, end in zip(self._entries, self._ends, strict=True))

    def key(self, key: str) -> int:
        """The line of a key or table at the top."""
        return self._top.get(key, 0)

    def entry(self, index: int, key: str = "") -> int:
        """The line of an entry's header, or of one of its keys."""
        keys = self._entries[index] if index < len(self._entries) else {}
        return keys.get(key, keys.get("", 0))


def entry(finding: Finding, *, by: str, when: date, why: str, printed: str | None = None) -> str:
    """The TOML of one decision on a finding."""
    values = [("code", finding.code), ("subject", finding.subject), ("evidence", finding.evidence)]
    values += [("print", printed)] if printed is not None else []
    lines = [f"{key} = {quoted(value)}" for key, value in values]
    lines += [f"by = {quoted(by)}", f"when = {when.isoformat()}", f"why = {quoted(why)}"]
    return "\n".join(("[[decision]]", *lines)) + "\n"


def append(existing: bytes, entry: str) -> bytes:
    """A decisions file with one more entry at its end; existing text and comments are kept.

    Raises `LetterError` if the file is not TOML, or its form does not allow another entry.
    """
    _, findings = read_decisions(existing)
    broken = [finding for finding in findings if finding.code in {"not-toml", "not-utf-8"}]
    if broken:
        raise LetterError(broken)
    end = b"\r\n" if b"\r\n" in existing else b"\n"
    before = existing.rstrip(b"\r\n") + end * 2 if existing.strip() else b""
    longer = before + end.join(entry.encode().split(b"\n"))
    try:
        tomllib.loads(longer.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        hint = "write each decision under its own [[decision]]"
        raise LetterError([fault("not-appendable", "an entry cannot be added after the last line", 0, hint)]) from error
    return longer


def without(existing: bytes, lines: Collection[int]) -> bytes:
    """A decisions file without the entries whose headers are in these lines; comments between entries are kept.

    Raises `LetterError` if the limits of an entry are not clear.
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
        hint = "remove the entry by hand"
        raise LetterError([fault("not-removable", "it is not clear where the entry begins and ends", min(lines), hint)])
    return shorter


def _entries(data: bytes) -> list[object] | None:
    """The entries of a decisions file as they are written; None where it is not TOML."""
    try:
        return list(tomllib.loads(data.decode("utf-8-sig")).get("decision", []))
    except tomllib.TOMLDecodeError:
        return None


def quoted(text: str) -> str:
    """A TOML basic string on one line, with invisible characters escaped."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character == "\n":
        return "\\n"
    if character != " " and unicodedata.category(character)[0] in "CZ":
        return f"\\u{ord(character):04X}" if character <= "\uffff" else f"\\U{ord(character):08X}"
    return character
