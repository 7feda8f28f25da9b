"""The published list as data, read back before it may leave: every number with its name, and nothing besides."""

from __future__ import annotations

import csv
import io
import json

from typeset.diagnostics import Finding
from typeset.preflight.expected import Expected
from typeset.preflight.wording import differing, mismatch

_RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""How a cell begins that a spreadsheet program might run."""


def check_csv(data: bytes, meant: Expected) -> tuple[Finding, ...]:
    """Every way in which a finished table is not the published list."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    for row in rows:
        for cell in row:
            if cell.startswith(_RUN):
                return (mismatch("formula", "file", f"a spreadsheet program might run {cell!r}", evidence=cell),)
    read = [(row[0], row[1].removeprefix("'")) for row in rows[1:]]
    return _same(read, meant)


def check_json(data: bytes, meant: Expected) -> tuple[Finding, ...]:
    """Every way in which finished JSON is not the published list."""
    document = json.loads(data)
    if document["title"] != meant.title:
        return (mismatch("metadata", "title", differing(meant.title, document["title"])),)
    return _same([(str(row["number"]), row["name"]) for row in document["signatories"]], meant)


def _same(read: list[tuple[str, str]], meant: Expected) -> tuple[Finding, ...]:
    wanted = [(str(number), name) for number, name in meant.signatories]
    if len(read) != len(wanted):
        return (mismatch("text-missing", "signatories", f"{len(read)} names are in the file, not {len(wanted)}"),)
    return tuple(
        mismatch("text-changed", f"signatory {number}", differing(f"{number}. {name}", ". ".join(row)))
        for row, (number, name) in zip(read, wanted, strict=True)
        if row != (number, name)
    )
