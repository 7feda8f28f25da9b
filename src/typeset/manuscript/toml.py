"""`letter.toml` and other texts decoded and parsed, with the line of each fault."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from typeset.diagnostics import Finding, Location, error
from typeset.sources import parse_toml


def decoded(data: bytes, path: str, findings: list[Finding]) -> str | None:
    """The text of a UTF-8 file, line ends made LF and a byte order mark dropped; None where it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start]
        line = before.count(b"\n") + 1
        column = len(before.rsplit(b"\n", 1)[-1].decode("utf-8", "replace")) + 1
        findings.append(
            error(
                "not-utf-8",
                f"byte 0x{data[fault.start]:02x} is not valid UTF-8",
                "save the file as UTF-8 in the program that wrote it",
                place=Location(file=path, line=line, column=column),
                subject=path,
            )
        )
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def line_of_key(text: str, key: str, table: str = "", occurrence: int = 0) -> int:
    """The line, from 1, where a TOML key is assigned: in a table, in its n-th occurrence. 0 where it is not."""
    seen = -1
    current = ""
    header = re.compile(r"^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
    assigned = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[.=]")
    for number, line in enumerate(text.split("\n"), start=1):
        if found := header.match(line):
            current = found[1]
            if current == table:
                seen += 1
                if not key:
                    if seen == occurrence:
                        return number
                    continue
            if not table and current == key:
                return number
        elif key and current == table and (not table or seen == occurrence) and assigned.match(line):
            return number
    return 0


LETTER_FILE = "letter.toml"


class TomlReader:
    """Collects findings about one TOML text, each with the line of its key."""

    def __init__(self, text: str, findings: list[Finding]) -> None:
        self.text, self.findings = text, findings

    def fault(self, code: str, message: str, hint: str, key: str = "", table: str = "", occurrence: int = 0) -> None:
        """Record a fault at a key: at the top, or in the n-th table of a name."""
        line = line_of_key(self.text, key, table, occurrence) or (
            line_of_key(self.text, "", table, occurrence) if table else 0
        )
        self.findings.append(
            error(
                code,
                message,
                hint,
                place=Location(file=LETTER_FILE, line=line, column=1 if line else 0),
                subject=" ".join(filter(None, (f"{table} {occurrence + 1}" if table else "", key))) or LETTER_FILE,
            )
        )


def parsed_table(text: str, findings: list[Finding]) -> dict[str, Any] | None:
    """The table in the text; None and a finding where it is not TOML."""
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as fault:
        found = re.search(r"at line (\d+), column (\d+)", str(fault))
        line, column = (int(found[1]), int(found[2])) if found else (0, 0)
        findings.append(
            error(
                "not-toml",
                re.sub(r" \(at .*\)$", "", str(fault)).lower(),
                "write each key on its own line; values are text in quotes, numbers, dates or lists",
                place=Location(file=LETTER_FILE, line=line, column=column),
                subject=LETTER_FILE,
            )
        )
        return None
