"""Bytes to text, and where in a text something stands."""

from __future__ import annotations

import re

from typeset.diagnostics import Finding, Location, Severity


def decoded(data: bytes, path: str, findings: list[Finding]) -> str | None:
    """The text of a UTF-8 file, line ends made LF and a byte order mark dropped; None where it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start]
        line = before.count(b"\n") + 1
        column = len(before.rsplit(b"\n", 1)[-1].decode("utf-8", "replace")) + 1
        findings.append(
            Finding(
                code="not-utf-8",
                severity=Severity.ERROR,
                fact=f"byte 0x{data[fault.start]:02x} does not belong in UTF-8",
                place=Location(file=path, line=line, column=column),
                hint="save the file as UTF-8 in the program that wrote it",
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
