"""What a delivery can have besides its copies: labels for envelopes, and one file for a printer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from typeset.delivery.delivering import Delivery
from typeset.delivery.folder import Entry
from typeset.delivery.labels import TEMPLATE, labels_pdf
from typeset.delivery.printing import print_run
from typeset.diagnostics import Finding
from typeset.recipients import Addressee
from typeset.sources import Sources
from typeset.workspace import house

LABELS, PRINT_RUN = "labels.pdf", "print-run.pdf"

Done = Sequence[tuple[Addressee, Entry]]
Extra = Callable[[Delivery, Done], tuple[dict[str, bytes], tuple[Finding, ...]]]
"""Makes files of the copies that are there, and says what could not be made."""


def labels_of(delivery: Delivery, done: Done) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """Address labels for everybody who has a copy."""
    issue = delivery.issue
    letter = issue.checked.letter
    sources, name = issue.checked.sources, f"templates/{TEMPLATE}"
    if name not in sources:
        # Labels are no part of an edition: one that was published without a template for them gets the house's.
        sources = Sources({**sources, name: (house() / name).read_bytes()})
    made = labels_pdf([one for one, _ in done], sources, issue.context, page=letter.page, made=issue.made)
    return ({LABELS: made.data} if made.data else {}), made.findings


def print_run_of(delivery: Delivery, done: Done) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """All copies, one after the other, as they lie in the folder."""
    copies = [(Path(entry.file).name, (delivery.folder.path / entry.file).read_bytes()) for _, entry in done]
    printed = print_run(copies)
    return ({PRINT_RUN: printed} if printed else {}), ()
