"""The copies of a delivery written with their notes, records, labels, print run and seals."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from typeset.compose import filler, read_words
from typeset.delivery.copies_folder import FULL, RECORD, DeliveredCopy, DeliveryFolder
from typeset.delivery.job import PreparedEdition
from typeset.delivery.labels import TEMPLATE, labels_pdf
from typeset.delivery.print_run import print_run
from typeset.delivery.verification import fault
from typeset.delivery.worker import Crew, DeliveryJob, FailedCopy, Finished, Printer, Sealer, UnsealedCopy, copies
from typeset.diagnostics import Finding, LetterError, Severity, error
from typeset.manifest import digest_of
from typeset.model import Letter, Part
from typeset.page_style import fill_sheet
from typeset.pipeline import Artifact
from typeset.publishing import SealContext, seal_place
from typeset.recipients import Addressee
from typeset.render import formula_safe
from typeset.signing import Identity, RepeatedSeal
from typeset.sources import Sources, house

FALLBACK = "en"


class NoteWriter:
    """Writes delivery notes with the templates of the look."""

    def __init__(self, edition: PreparedEdition) -> None:
        self._edition = edition
        self._fill = filler(edition.checked.sources)

    def note(self, addressee: Addressee, *, file: str, pages: int, sha256: str, seal: str) -> bytes:
        """The note in the recipient's language, or in the nearest one that has a template."""
        letter = self._edition.checked.letter
        version = next(one for one in letter.versions if one.lang == addressee.lang)
        lang = _language(self._edition.checked.sources, addressee)
        values = {
            "salutation": addressee.salutation,
            "title": version.printed_title,
            "date": _date(self._edition, lang),
            "total": letter.counts.shown("total"),
            "edition": self._edition.manifest.edition.number,
            "file": file,
            "pages": pages,
            "sha256": sha256,
            "seal": seal,
        }
        return self._fill(_template(lang), values).encode()


def _language(sources: Sources, addressee: Addressee) -> str:
    """The language of the note: the recipient's, else that of the copy, else English."""
    for tag in (addressee.salutation_lang, addressee.lang, FALLBACK):
        for shorter in _shorter(tag):
            if f"templates/{_template(shorter)}" in sources:
                return shorter
    return FALLBACK


def _shorter(tag: str) -> Iterator[str]:
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


def _template(lang: str) -> str:
    return f"delivery/note.{lang}.txt.j2"


def _date(edition: PreparedEdition, lang: str) -> str:
    day = edition.checked.letter.date
    if day is None:
        return ""
    try:
        return read_words(edition.checked.sources, lang).date_of(day)
    except LetterError:
        return day.isoformat()


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An edition, its recipients and the output folder. ``seal`` is the name of the seal, ``key`` the id of its key."""

    edition: PreparedEdition
    job: DeliveryJob
    folder: DeliveryFolder
    seal: str = ""
    key: str = ""
    roots: tuple[bytes, ...] = ()

    @property
    def addressees(self) -> tuple[Addressee, ...]:
        """The recipients on the list that can be addressed."""
        return self.job.addressees

    def made_of(self, addressee: Addressee) -> str:
        """The digest of what a copy depends on; while it stays the same, the copy is not made again."""
        return digest_of([self.digest, addressee.digest, self.key])

    @cached_property
    def digest(self) -> str:
        """The digest of the edition: its manifest and its approvals."""
        proof = (digest_of(item.data) for items in self.edition.proof.values() for item in items)
        return digest_of([self.edition.manifest.digest, *proof])

    @cached_property
    def note_writer(self) -> NoteWriter:
        """The writer of delivery notes."""
        return NoteWriter(self.edition)

    def file_name(self, addressee: Addressee) -> str:
        """The file name of a copy; without a seal it ends with ``.unsealed.pdf``."""
        manifest = self.edition.manifest
        ending = "pdf" if self.key else "unsealed.pdf"
        return f"{manifest.letter}.ed{manifest.edition.number}.{addressee.id}.{addressee.lang}.{ending}"


def finished_copies(delivery: Delivery) -> dict[str, DeliveredCopy]:
    """The copies in the folder that need not be made again."""
    keys = {one.id: delivery.made_of(one) for one in delivery.addressees}
    found = delivery.folder.finished_copies()
    return {name: entry for name, entry in found.items() if keys.get(name) == entry.key}


def make_copies(
    delivery: Delivery,
    names: Sequence[str],
    crew: Crew,
    *,
    printer: Printer = lambda _: None,
    sealer: Sealer | None = None,
) -> Iterator[DeliveredCopy | FailedCopy]:
    """Make the copies of these recipients, and put each into the folder when it is finished.

    Raises `LetterError` when the disk is full: finished copies stay, and the next run continues.
    """
    rows = {one.id: one for one in delivery.addressees}
    for outcome in copies(delivery.job, names, crew, printer=printer, sealer=sealer, roots=delivery.roots):
        if isinstance(outcome, FailedCopy):
            delivery.folder.remove(outcome.id)
            yield outcome
            continue
        addressee = rows[outcome.made.id]
        try:
            yield _put(delivery, addressee, outcome)
        except OSError as trouble:
            reason = (trouble.strerror or str(trouble)).lower()
            if trouble.errno in FULL:
                raise LetterError([_full(delivery, addressee, reason)]) from trouble
            message = f"the copy could not be written: {reason}"
            yield FailedCopy(id=addressee.id, findings=(fault("copy-not-written", addressee, message, _AGAIN),))


def _put(delivery: Delivery, addressee: Addressee, finished: Finished) -> DeliveredCopy:
    name = delivery.file_name(addressee)
    sha256 = hashlib.sha256(finished.data).hexdigest()
    pages = finished.made.pages
    note = delivery.note_writer.note(addressee, file=name, pages=pages, sha256=sha256, seal=delivery.seal)
    entry = DeliveredCopy(
        id=addressee.id,
        key=delivery.made_of(addressee),
        lang=addressee.lang,
        file=f"{addressee.id}/{name}",
        note=f"{addressee.id}/note.txt",
        sha256=sha256,
        bytes=len(finished.data),
        pages=pages,
        seal=delivery.seal,
    )
    delivery.folder.put(entry, {entry.file: finished.data, entry.note: note})
    return entry


_AGAIN = "correct this, then run the command again: it continues where it stopped"


def _full(delivery: Delivery, addressee: Addressee, said: str) -> Finding:
    return error(
        "disk-full",
        f"{delivery.folder.path}: {said}, at the copy for {addressee.id}",
        "free some space, then run the command again: it continues where it stopped",
        subject=f"recipient {addressee.id}",
    )


TABLE, PAGE = "delivery.csv", "index.html"
COLUMNS = ("recipient", "office", "holder", "state", "language", "file", "sha256", "bytes", "pages", "seal")
UNSEALED = "none"
_TEMPLATE = Path(__file__).with_name("index.html.j2")


def records(
    delivery: Delivery, entries: Mapping[str, DeliveredCopy], failed: Mapping[str, Sequence[Finding]]
) -> dict[str, bytes]:
    """The records of a delivery (JSON, CSV, HTML), in the order of the list of recipients."""
    done = [(one, entries[one.id]) for one in delivery.addressees if one.id in entries]
    return {
        RECORD: _json(delivery, done, failed),
        TABLE: _csv(done),
        PAGE: _page(delivery, done, failed),
    }


def _json(
    delivery: Delivery, done: Sequence[tuple[Addressee, DeliveredCopy]], failed: Mapping[str, Sequence[Finding]]
) -> bytes:
    manifest = delivery.edition.manifest
    document: dict[str, Any] = {
        "letter": manifest.letter,
        "edition": manifest.edition.number,
        "manifest": manifest.digest,
        "demonstration": delivery.edition.signoff.demonstration,
        "sealed_by": {"name": delivery.seal, "key": delivery.key} if delivery.key else None,
        "recipients": len(delivery.addressees),
        "unsealed": sum(not entry.seal for _, entry in done),
        "copies": [{**asdict(entry), "seal": entry.seal or None, "recipient": one.record()} for one, entry in done],
        "failed": [
            {"id": name, "findings": [{"code": one.code, "fact": one.message, "hint": one.hint} for one in findings]}
            for name, findings in failed.items()
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _csv(done: Sequence[tuple[Addressee, DeliveredCopy]]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one, entry in done:
        texts = (one.id, one.office, one.holder, one.state, entry.lang, entry.file)
        numbers = (entry.sha256, entry.bytes, entry.pages)
        writer.writerow((*map(formula_safe, texts), *numbers, formula_safe(entry.seal or UNSEALED)))
    # Spreadsheet programs recognise UTF-8 by a byte order mark.
    return table.getvalue().encode("utf-8-sig")


def _page(
    delivery: Delivery, done: Sequence[tuple[Addressee, DeliveredCopy]], failed: Mapping[str, Sequence[Finding]]
) -> bytes:
    manifest = delivery.edition.manifest
    values = {
        "generator": manifest.generator,
        "letter": manifest.letter,
        "edition": manifest.edition.number,
        "manifest": manifest.digest,
        "titles": [(version.lang, version.printed_title) for version in delivery.edition.checked.letter.versions],
        "demonstration": delivery.edition.signoff.demonstration,
        "done": done,
        "failed": failed,
        "seal": delivery.seal,
        "size": sum(entry.bytes for _, entry in done),
        "languages": len({entry.lang for _, entry in done}),
        "unsealed": sum(not entry.seal for _, entry in done),
    }
    return fill_sheet(_TEMPLATE, values)


LONGEST = 60
"""The largest number of characters in a salutation."""

_ENDS = (",", "，", ":", "：", "!", "！", "،")
_INSIDE = (". ", "。", "; ", "；")


def own_greetings(letter: Letter) -> Iterator[Finding]:
    """A finding for each version whose first paragraph is a salutation."""
    for version in letter.versions:
        first = next((block for block in version.blocks if block.part is Part.PARAGRAPH), None)
        text = first.text.strip() if first else ""
        if first and len(text) <= LONGEST and text.endswith(_ENDS) and not any(mark in text for mark in _INSIDE):
            yield Finding(
                code="own-salutation",
                severity=Severity.WARNING,
                message=f"the letter begins with a salutation, “{text}”, and each copy has another one above it",
                place=first.place,
                hint="publish an edition without it, or check in a copy that both can stay",
                subject=f"body {version.lang}",
                evidence=text,
            )


LABELS, PRINT_RUN = "labels.pdf", "print-run.pdf"

Done = Sequence[tuple[Addressee, DeliveredCopy]]


def labels_of(delivery: Delivery, done: Done) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """Address labels for all recipients with a copy."""
    edition = delivery.edition
    letter = edition.checked.letter
    sources, name = edition.checked.sources, f"templates/{TEMPLATE}"
    if name not in sources:
        # Labels are not part of an edition, so an edition without their template gets today's.
        sources = Sources({**sources, name: (house() / name).read_bytes()})
    made = labels_pdf([one for one, _ in done], sources, edition.context, page=letter.page, made=edition.made)
    return ({LABELS: made.data} if made.data else {}), made.findings


def print_run_of(delivery: Delivery, done: Done) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """The print run: all copies, one after the other."""
    copies = [(Path(entry.file).name, (delivery.folder.path / entry.file).read_bytes()) for _, entry in done]
    printed = print_run(copies)
    return ({PRINT_RUN: printed} if printed else {}), ()


@dataclass
class Seal:
    """Seals the copies of an edition with one identity."""

    edition: PreparedEdition
    identity: Identity
    context: SealContext
    _seals: dict[str, RepeatedSeal] = field(default_factory=dict)

    def __call__(self, made: UnsealedCopy) -> bytes:
        """The copy with the seal. Raises `LetterError` when it cannot be sealed."""
        if made.lang not in self._seals:
            artifact = Artifact(name=made.id, data=made.data, lang=made.lang, faces=(), pages=made.pages)
            place = seal_place(artifact, self.edition.signoff, self.identity, self.context)
            self._seals[made.lang] = RepeatedSeal(self.identity, place, self.context.services)
        return self._seals[made.lang].sealed(made.data, made.kind)
