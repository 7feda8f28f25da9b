"""A delivery from its order to its folder: what is done stays, what fails is named, what is put out is proven."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from typeset.delivery.batch import Crew, Finished, Printer, Sealer, copies
from typeset.delivery.bench import Failed, Order
from typeset.delivery.edition import Issue
from typeset.delivery.folder import FULL, Entry, Folder
from typeset.delivery.notes import NoteWriter
from typeset.delivery.proving import fault
from typeset.diagnostics import Finding, Refused, Severity
from typeset.manifest import digest_of
from typeset.recipients import Addressee


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What is delivered, to whom, and where it goes. ``seal`` is whose seal the copies get, ``key`` its key."""

    issue: Issue
    order: Order
    folder: Folder
    seal: str = ""
    key: str = ""
    roots: tuple[bytes, ...] = ()

    @property
    def addressees(self) -> tuple[Addressee, ...]:
        """Everybody on the list who can be delivered to."""
        return self.order.addressees

    def made_of(self, addressee: Addressee) -> str:
        """What a copy depends on: as long as this stays, it is not made again."""
        return digest_of([self.digest, addressee.digest, self.key])

    @cached_property
    def digest(self) -> str:
        """What the edition is: its manifest, and the statements of those who approved it."""
        proof = (digest_of(item.data) for items in self.issue.proof.values() for item in items)
        return digest_of([self.issue.manifest.digest, *proof])

    @cached_property
    def note_writer(self) -> NoteWriter:
        """Writes the notes that go with copies."""
        return NoteWriter(self.issue)

    def file_name(self, addressee: Addressee) -> str:
        """What a copy is called. One without a seal says so."""
        manifest = self.issue.manifest
        ending = "pdf" if self.key else "unsealed.pdf"
        return f"{manifest.letter}.ed{manifest.edition.number}.{addressee.id}.{addressee.lang}.{ending}"


def standing(delivery: Delivery) -> dict[str, Entry]:
    """The copies that need not be made again."""
    keys = {one.id: delivery.made_of(one) for one in delivery.addressees}
    found = delivery.folder.standing()
    return {name: entry for name, entry in found.items() if keys.get(name) == entry.key}


def make_copies(
    delivery: Delivery,
    names: Sequence[str],
    crew: Crew,
    *,
    printer: Printer = lambda _: None,
    sealer: Sealer | None = None,
) -> Iterator[Entry | Failed]:
    """Make the copies of these recipients that are not there yet, and put each into the folder as it is done.

    Raises `Refused` when the disk is full: what is there stays, and the same command goes on with the rest.
    """
    rows = {one.id: one for one in delivery.addressees}
    for outcome in copies(delivery.order, names, crew, printer=printer, sealer=sealer, roots=delivery.roots):
        if isinstance(outcome, Failed):
            delivery.folder.remove(outcome.id)
            yield outcome
            continue
        addressee = rows[outcome.made.id]
        try:
            yield _put(delivery, addressee, outcome)
        except OSError as trouble:
            said = (trouble.strerror or str(trouble)).lower()
            if trouble.errno in FULL:
                raise Refused([_full(delivery, addressee, said)]) from trouble
            fact = f"the copy could not be written: {said}"
            yield Failed(id=addressee.id, findings=(fault("copy-not-written", addressee, fact, _AGAIN),))


def _put(delivery: Delivery, addressee: Addressee, finished: Finished) -> Entry:
    name = delivery.file_name(addressee)
    sha256 = hashlib.sha256(finished.data).hexdigest()
    pages = finished.made.pages
    note = delivery.note_writer.note(addressee, file=name, pages=pages, sha256=sha256, seal=delivery.seal)
    entry = Entry(
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


_AGAIN = "mend this and run the command again: it goes on where it stopped"


def _full(delivery: Delivery, addressee: Addressee, said: str) -> Finding:
    return Finding(
        code="disk-full",
        severity=Severity.ERROR,
        fact=f"{delivery.folder.path}: {said}, at the copy for {addressee.id}",
        hint="make room and run the command again: it goes on where it stopped, and nothing is there by half",
        subject=f"recipient {addressee.id}",
    )
