"""Copies of a published edition for those on a list: from the archive to a folder, and the report of it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from typeset.archive import ArchivedEdition, EditionName, find_edition, is_vacant, object_ids, open_root
from typeset.delivery.copies_folder import DeliveredCopy, DeliveryFolder
from typeset.delivery.job import PreparedEdition, issue_of
from typeset.delivery.run import (
    LABELS,
    PRINT_RUN,
    Delivery,
    Seal,
    labels_of,
    make_copies,
    own_greetings,
    print_run_of,
    records,
    standing,
)
from typeset.delivery.templated_copies import CopyRenderers
from typeset.delivery.worker import CopyWorker, Crew, DeliveryJob, FailedCopy, Sealer, here, processes
from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.letter_folder import from_here
from typeset.project import build_context
from typeset.publishing import SealContext, kept_of, sources_of
from typeset.recipients import Addressee, read_recipients
from typeset.signing import Identity, Keyring, Services, publishing_lock

RECIPIENTS = "recipients.csv"
FEW, MANY = 24, 1000
"""Copies for which other processes are not worth starting: with a seal to be proven, and without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """What is asked of a delivery.

    ``number`` is the edition's, of the latest where there is none. ``only`` are ids of recipients, all where there are
    none; ``first`` is how many of them get a copy at most. ``seal`` is the identity that seals the copies, ``roots``
    the certificates (DER) that are trusted. ``jobs`` is how many processes are at work, chosen by the number of copies
    where there is none.
    """

    number: int | None = None
    only: tuple[str, ...] = ()
    first: int | None = None
    seal: str = ""
    roots: tuple[bytes, ...] = ()
    labels: bool = False
    print_run: bool = False
    jobs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan:
    """Who would get what: each recipient with the name of their file, and those whose copy is ``done`` already."""

    edition: str
    files: tuple[tuple[Addressee, str], ...]
    done: frozenset[str]
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """The plan for machines, as JSON has it, without its findings."""
        copies = [
            {"id": one.id, "language": one.lang, "file": file, "done": one.id in self.done, "recipient": one.record()}
            for one, file in self.files
        ]
        return {"edition": self.edition, "copies": copies}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """How a delivery went.

    ``chosen`` were to get a copy; ``entries`` are all copies in the folder, by recipient; those of ``made`` are new,
    and ``already`` counts those of the chosen that were there. It can be ``interrupted`` and begun again.
    """

    edition: str
    folder: Path
    sealed_by: str
    chosen: tuple[Addressee, ...]
    entries: Mapping[str, DeliveredCopy]
    made: tuple[str, ...]
    already: int
    findings: tuple[Finding, ...]
    interrupted: bool = False

    def document(self) -> dict[str, object]:
        """The report for machines, as JSON has it, without its findings."""
        folder = from_here(self.folder)
        there = [(one.id, self.entries[one.id].file) for one in self.chosen if one.id in self.entries]
        return {
            "folder": folder,
            "edition": self.edition,
            "sealed_by": self.sealed_by or None,
            "made": list(self.made),
            "already": self.already,
            "copies": [{"id": recipient, "file": f"{folder}/{file}"} for recipient, file in there],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many copies are through, and the recipient of the last one; at first there is none."""

    done: int
    total: int
    recipient: str = ""


def plan_delivery(folder: Path, archive: Path, output: Path, options: DeliveryOptions, keys: Keyring) -> DeliveryPlan:
    """Who would get what, and which copies are there. Raises `LetterError` where nothing can be delivered."""
    with _prepared(folder, archive, output, options, keys) as (delivery, _, chosen, noticed):
        return DeliveryPlan(
            edition=delivery.issue.name,
            files=tuple((one, delivery.file_name(one)) for one in chosen),
            done=frozenset(standing(delivery)),
            findings=noticed,
        )


def deliver(
    folder: Path,
    archive: Path,
    output: Path,
    options: DeliveryOptions,
    keys: Keyring,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
) -> DeliveryReport:
    """Make the copies that are not there yet, from the edition that is archived of the letter in a folder.

    Copies go into a folder of the letter's name below ``output``, each as it is done: an interrupt ends the delivery
    with a report, and the next one goes on from there. A copy that fails is a finding. Raises `LetterError` where
    nothing can be delivered.
    """
    with (
        _prepared(folder, archive, output, options, keys) as (delivery, identity, chosen, noticed),
        publishing_lock(delivery.folder.path.parent),
    ):
        sealer = _sealer(delivery.issue, identity, keys, options.roots) if identity else None
        return _delivered(delivery, sealer, chosen, noticed, options, progress)


@contextmanager
def _prepared(
    folder: Path, archive: Path, output: Path, options: DeliveryOptions, keys: Keyring
) -> Iterator[tuple[Delivery, Identity | None, tuple[Addressee, ...], tuple[Finding, ...]]]:
    """A delivery with the seal's key open, the recipients chosen, and what there is to say of it beforehand."""
    edition, late = _published(folder, options.number, archive)
    kept = kept_of(edition)
    issue = issue_of(str(edition.name), kept, build_context(sources_of(kept)))
    addressees, findings = _recipients(folder, issue)
    chosen = _chosen(addressees, options.only, findings)[: options.first]
    with keys.opened(*([options.seal] if options.seal else [])) as opened:
        (identity,) = opened or (None,)
        delivery = Delivery(
            issue=issue,
            order=DeliveryJob(edition=issue.name, kept=kept, addressees=addressees, open_context=build_context),
            folder=DeliveryFolder(output / issue.manifest.letter / f"delivery.ed{issue.manifest.edition.number}"),
            seal=identity.name if identity else "",
            key=identity.certified.key if identity else "",
            roots=options.roots,
        )
        yield delivery, identity, chosen, (*late, *own_greetings(issue.checked.letter), *findings)


def _delivered(
    delivery: Delivery,
    sealer: Sealer | None,
    chosen: tuple[Addressee, ...],
    noticed: tuple[Finding, ...],
    options: DeliveryOptions,
    progress: Callable[[Progress], None],
) -> DeliveryReport:
    delivery.folder.open()
    if not (options.only or options.first):
        delivery.folder.keep_only(one.id for one in delivery.addressees)
    entries = standing(delivery)
    names = [one.id for one in chosen if one.id not in entries]
    for name in names:
        delivery.folder.remove(name)
    if names:
        delivery.folder.drop((LABELS, PRINT_RUN))
    failed: dict[str, tuple[Finding, ...]] = {}
    stopped: tuple[Finding, ...] = ()
    interrupted = False
    presses = CopyRenderers(CopyWorker(delivery.order, delivery.issue))
    crew = _crew(options.jobs, len(names), sealed=sealer is not None)
    progress(Progress(done=0, total=len(names)))
    try:
        outcomes = make_copies(delivery, names, crew, printer=presses, sealer=sealer)
        for done, outcome in enumerate(outcomes, start=1):
            if isinstance(outcome, FailedCopy):
                failed[outcome.id] = outcome.findings
            else:
                entries[outcome.id] = outcome
            progress(Progress(done=done, total=len(names), recipient=outcome.id))
    except KeyboardInterrupt:
        interrupted = True
    except LetterError as refused:
        stopped = refused.findings
    finally:
        presses.close()
    told = (*noticed, *(one for found in failed.values() for one in found), *stopped)
    if not stopped:
        delivery.folder.finish(records(delivery, entries, failed))
    if not (stopped or interrupted):
        there = tuple((one, entries[one.id]) for one in chosen if one.id in entries)
        for extra, wanted in ((labels_of, options.labels), (print_run_of, options.print_run)):
            if wanted:
                files, said = extra(delivery, there)
                delivery.folder.add(files)
                told += said
    return DeliveryReport(
        edition=delivery.issue.name,
        folder=delivery.folder.path,
        sealed_by=delivery.seal,
        chosen=chosen,
        entries=entries,
        made=tuple(name for name in names if name in entries),
        already=len(chosen) - len(names),
        findings=told,
        interrupted=interrupted,
    )


def _published(folder: Path, number: int | None, archive: Path) -> tuple[ArchivedEdition, tuple[Finding, ...]]:
    """The edition of a letter as archived, and what is to be said where a later one has come out.

    Raises `LetterError` for a letter that was never published: there is nothing to send.
    """
    letter = _letter_id(folder)
    if not is_vacant(archive):
        root = open_root(archive)
        for demonstration in (False, True):
            name = EditionName(letter=letter, number=number, demonstration=demonstration)
            if name.object_id in object_ids(root):
                edition = find_edition(root, name)
                latest = find_edition(root, EditionName(letter=letter, demonstration=demonstration))
                return edition, tuple(_superseded(edition, latest))
    message = f"no edition of {letter} is published: {from_here(archive)} has none"
    raise LetterError(
        [_fault("not-published", message, "typesetter publish makes one; drafts are not delivered", letter)]
    )


def _recipients(folder: Path, issue: PreparedEdition) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """The recipients of a letter. Raises `LetterError` where there is no list, or nobody on it can be delivered to."""
    path = folder / RECIPIENTS
    file = from_here(path)
    try:
        data = path.read_bytes()
    except OSError as trouble:
        reason = (trouble.strerror or str(trouble)).lower()
        hint = "write one row for each recipient, or name a ready set: docs/delivery.md shows how"
        raise LetterError([_fault("no-recipients", f"{RECIPIENTS} cannot be read: {reason}", hint, file)]) from trouble
    addressees, findings = read_recipients(data, languages=issue.languages, today=_today(), file=file)
    if not addressees:
        message = f"nobody in {RECIPIENTS} can be delivered to"
        raise LetterError([*findings, _fault("no-recipients", message, "mend the rows, or add one", file)])
    return addressees, findings


def _today() -> date:
    return datetime.now(UTC).date()


def _letter_id(folder: Path) -> str:
    try:
        found = tomllib.loads((folder / "letter.toml").read_text(encoding="utf-8-sig")).get("id")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as trouble:
        message = f"letter.toml cannot be read: {trouble}".lower()
        raise LetterError([_fault("no-letter", message, "typesetter check says more", "letter.toml")]) from trouble
    return str(found or "")


def _superseded(edition: ArchivedEdition, latest: ArchivedEdition) -> Iterator[Finding]:
    if edition.name.number != latest.name.number:
        yield Finding(
            code="later-edition",
            severity=Severity.WARNING,
            message=f"{latest.name} has come out since {edition.name}",
            hint="without --edition the latest one is delivered",
            subject=str(edition.name),
        )


def _chosen(addressees: Sequence[Addressee], only: Sequence[str], findings: Sequence[Finding]) -> tuple[Addressee, ...]:
    """The recipients named, or all. Raises `LetterError` for a name that nobody on the list has."""
    known = {one.id for one in addressees}
    unknown = [name for name in only if name not in known]
    if unknown:
        hint = "typesetter deliver --dry-run lists them"
        missing = (_fault("unknown-recipient", f"{RECIPIENTS} has no {name}", hint, RECIPIENTS) for name in unknown)
        raise LetterError([*findings, *missing])
    return tuple(one for one in addressees if not only or one.id in only)


def _sealer(issue: PreparedEdition, identity: Identity, keys: Keyring, roots: tuple[bytes, ...]) -> Sealer:
    services = Services(level=keys.configuration.level, timestamps=keys.configuration.timestamps, roots=roots)
    context = SealContext(
        sources=issue.checked.sources, context=issue.context, services=services, now=datetime.now(UTC)
    )
    return Seal(issue, identity, context)


def _crew(jobs: int | None, copies: int, *, sealed: bool) -> Crew:
    """Who sets what cannot be printed, and proves what was: other processes where there is enough to do."""
    if jobs:
        return processes(jobs)
    return processes(os.cpu_count() or 1) if copies > (FEW if sealed else MANY) else here


def _fault(code: str, message: str, hint: str, subject: str) -> Finding:
    place = Location(file=subject) if "." in subject else None
    return Finding(code=code, severity=Severity.ERROR, message=message, place=place, hint=hint, subject=subject)
