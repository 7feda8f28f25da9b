"""What is said of a delivery: for programs, for spreadsheets, and a page to look at."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from typeset.delivery.delivering import Delivery
from typeset.delivery.folder import RECORD, Entry
from typeset.diagnostics import Finding
from typeset.recipients import Addressee
from typeset.render.attachments import formula_safe
from typeset.sheet import fill_sheet

TABLE, PAGE = "delivery.csv", "index.html"
COLUMNS = ("recipient", "office", "holder", "state", "language", "file", "sha256", "bytes", "pages", "seal")
UNSEALED = "none"
_TEMPLATE = Path(__file__).with_name("index.html.j2")


def records(
    delivery: Delivery, entries: Mapping[str, Entry], failed: Mapping[str, Sequence[Finding]]
) -> dict[str, bytes]:
    """The files that lie beside the copies, in the order of the list of recipients."""
    done = [(one, entries[one.id]) for one in delivery.addressees if one.id in entries]
    return {
        RECORD: _json(delivery, done, failed),
        TABLE: _csv(done),
        PAGE: _page(delivery, done, failed),
    }


def _json(
    delivery: Delivery, done: Sequence[tuple[Addressee, Entry]], failed: Mapping[str, Sequence[Finding]]
) -> bytes:
    manifest = delivery.issue.manifest
    document: dict[str, Any] = {
        "letter": manifest.letter,
        "edition": manifest.edition.number,
        "manifest": manifest.digest,
        "demonstration": delivery.issue.signoff.demonstration,
        "sealed_by": {"name": delivery.seal, "key": delivery.key} if delivery.key else None,
        "recipients": len(delivery.addressees),
        "unsealed": sum(not entry.seal for _, entry in done),
        "copies": [{**asdict(entry), "seal": entry.seal or None, "recipient": one.record()} for one, entry in done],
        "failed": [
            {"id": name, "findings": [{"code": one.code, "fact": one.fact, "hint": one.hint} for one in findings]}
            for name, findings in failed.items()
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _csv(done: Sequence[tuple[Addressee, Entry]]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one, entry in done:
        texts = (one.id, one.office, one.holder, one.state, entry.lang, entry.file)
        numbers = (entry.sha256, entry.bytes, entry.pages)
        writer.writerow((*map(formula_safe, texts), *numbers, formula_safe(entry.seal or UNSEALED)))
    # Spreadsheet programs take UTF-8 for what it is when it begins with a byte order mark.
    return table.getvalue().encode("utf-8-sig")


def _page(
    delivery: Delivery, done: Sequence[tuple[Addressee, Entry]], failed: Mapping[str, Sequence[Finding]]
) -> bytes:
    manifest = delivery.issue.manifest
    values = {
        "generator": manifest.generator,
        "letter": manifest.letter,
        "edition": manifest.edition.number,
        "manifest": manifest.digest,
        "titles": [(version.lang, version.printed_title) for version in delivery.issue.checked.letter.versions],
        "demonstration": delivery.issue.signoff.demonstration,
        "done": done,
        "failed": failed,
        "seal": delivery.seal,
        "size": sum(entry.bytes for _, entry in done),
        "languages": len({entry.lang for _, entry in done}),
        "unsealed": sum(not entry.seal for _, entry in done),
    }
    return fill_sheet(_TEMPLATE, values)
