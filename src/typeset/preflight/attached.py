"""The files inside the file: byte for byte those that were meant, and the same list as on the pages."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from typeset.diagnostics import Finding
from typeset.preflight.expected import Expected
from typeset.preflight.reading import AttachmentRead, Reading
from typeset.preflight.wording import differing, mismatch

_RELATIONSHIPS = frozenset({"Source", "Data", "Alternative", "Supplement", "Unspecified"})


def check_attachments(reading: Reading, meant: Expected) -> Iterator[Finding]:
    """Files that are missing, too many, changed, or that name others than the pages do."""
    names = Counter(item.name for item in reading.attachments)
    for name in meant.attachments:
        if name not in names:
            yield mismatch("attachment-missing", name, f"{name} is not in the file")
    for name, times in names.items():
        if name not in meant.attachments or times > 1:
            said = "is in the file more than once" if name in meant.attachments else "is in the file"
            yield mismatch("attachment-unexpected", name, f"{name} {said}, and nobody meant it to be")
    for item in reading.attachments:
        if item.name in meant.attachments:
            yield from _checked(item, meant)


def _checked(item: AttachmentRead, meant: Expected) -> Iterator[Finding]:
    if item.data != meant.attachments[item.name]:
        lengths = f"{len(item.data)} bytes, {len(meant.attachments[item.name])} were meant"
        yield mismatch("attachment-changed", item.name, f"{item.name} is another file than was put in: {lengths}")
    if not item.listed or item.relationship not in _RELATIONSHIPS:
        fact = f"{item.name} does not say what it is to the letter (ISO 19005-3, 6.8)"
        yield mismatch("attachment-unrelated", item.name, fact, evidence=item.relationship)
    read = {"signatories.json": _of_json, "signatories.csv": _of_csv}.get(item.name)
    if read is None:
        return
    try:
        rows = read(item.data)
    except (ValueError, KeyError, TypeError) as fault:
        fact = f"{item.name} cannot be read as a list of signatories: {fault!r}"
        yield mismatch("attached-list", item.name, fact)
        return
    yield from _compared(item.name, rows, meant.signatories)


def _compared(name: str, rows: list[tuple[int, str]], meant: tuple[tuple[int, str], ...]) -> Iterator[Finding]:
    if [number for number, _ in rows] != [number for number, _ in meant]:
        listed, printed = Counter(dict(rows).keys()), Counter(dict(meant).keys())
        missing, extra = sorted((printed - listed).elements()), sorted((listed - printed).elements())
        fact = f"{name} lists {len(rows)} signatories, the pages {len(meant)}: "
        fact += (
            "; ".join(
                f"{word} {', '.join(map(str, numbers[:9]))}"
                for word, numbers in (("missing", missing), ("too many", extra))
                if numbers
            )
            or "in another order"
        )
        yield mismatch("attached-list", name, fact)
    printed_names = dict(meant)
    for number, found in rows:
        wanted = printed_names.get(number)
        if wanted is not None and found != wanted:
            fact = f"in {name} {differing(wanted, found)}"
            yield mismatch("attached-list", f"signatory {number}", fact, evidence=found)


def _of_json(data: bytes) -> list[tuple[int, str]]:
    document: Any = json.loads(data)
    return [(int(row["number"]), str(row["name"])) for row in document["signatories"]]


def _of_csv(data: bytes) -> list[tuple[int, str]]:
    table = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [(int(row["number"]), _as_typed(row["name"])) for row in table]


def _as_typed(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t", "\r", "'") else cell
