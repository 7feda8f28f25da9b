"""Deliver an archived edition: plan, make and report the copies for a list of recipients."""

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
from typeset.delivery.job import PreparedEdition, prepare_edition
from typeset.delivery.run import (
    LABELS,
    PRINT_RUN,
    Delivery,
    Seal,
    finished_copies,
    labels_of,
    make_copies,
    own_greetings,
    print_run_of,
    records,
)
from typeset.delivery.templated_copies import CopyRenderers
from typeset.delivery.worker import CopyWorker, Crew, DeliveryJob, FailedCopy, Sealer, here, processes
from typeset.diagnostics import Finding, LetterError, Severity, error, letter_error
from typeset.letter_folder import from_here
from typeset.project import build_context
from typeset.publishing import SealContext, kept_of, sources_of
from typeset.recipients import Addressee, read_recipients
from typeset.signing import Identity, Keyring, Services, publishing_lock

RECIPIENTS = "recipients.csv"
FEW, MANY = 24, 1000
"""Up to this number of copies no other processes are started: with a seal, and without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """The options of a delivery.

    ``number`` is the number of the edition, by default the latest. ``only`` are ids of recipients, by default all;
    ``first`` limits how many get a copy. ``seal`` is the identity that seals the copies, ``roots`` are the trusted
    certificates (DER). ``jobs`` is the number of processes, by default chosen by the number of copies.
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
    """The plan of a delivery: each recipient with a file name, and the ids whose copy is already ``done``."""

    edition: str
    files: tuple[tuple[Addressee, str], ...]
    done: frozenset[str]
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """The plan as JSON, without its findings."""
        copies = [
            {"id": one.id, "language": one.lang, "file": file, "done": one.id in self.done, "recipient": one.record()}
            for one, file in self.files
        ]
        return {"edition": self.edition, "copies": copies}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """The result of a delivery.

    ``chosen`` are the recipients of this run; ``entries`` are all copies in the folder, by recipient. The ids in
    ``made`` are new; ``already`` is the number of chosen copies that existed. An ``interrupted`` delivery can be
    continued.
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
        """The report as JSON, without its findings."""
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
    """The number of finished copies, and the recipient of the last one, if any."""

    done: int
    total: int
    recipient: str = ""


def plan_delivery(folder: Path, archive: Path, output: Path, options: DeliveryOptions, keys: Keyring) -> DeliveryPlan:
    """Plan a delivery without making copies. Raises `LetterError` when nothing can be delivered."""
    with _prepared(folder, archive, output, options, keys) as (delivery, _, chosen, before):
        return DeliveryPlan(
            edition=delivery.edition.name,
            files=tuple((one, delivery.file_name(one)) for one in chosen),
            done=frozenset(finished_copies(delivery)),
            findings=before,
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
    """Make the missing copies of the archived edition of a letter.

    Each finished copy goes into the letter's folder below ``output``. An interrupt ends the delivery with a report,
    and the next one continues. A copy that fails is a finding. Raises `LetterError` when nothing can be delivered.
    """
    with (
        _prepared(folder, archive, output, options, keys) as (delivery, identity, chosen, before),
        publishing_lock(delivery.folder.path.parent),
    ):
        sealer = _sealer(delivery.edition, identity, keys, options.roots) if identity else None
        return _delivered(delivery, sealer, chosen, before, options, progress)


@contextmanager
def _prepared(
    folder: Path, archive: Path, output: Path, options: DeliveryOptions, keys: Keyring
) -> Iterator[tuple[Delivery, Identity | None, tuple[Addressee, ...], tuple[Finding, ...]]]:
    """Open a delivery: with the key of the seal, the chosen recipients, and findings about edition and list."""
    archived, late = _published(folder, options.number, archive)
    kept = kept_of(archived)
    edition = prepare_edition(str(archived.name), kept, build_context(sources_of(kept)))
    addressees, findings = _recipients(folder, edition)
    chosen = _chosen(addressees, options.only, findings)[: options.first]
    with keys.opened(*([options.seal] if options.seal else [])) as opened:
        (identity,) = opened or (None,)
        delivery = Delivery(
            edition=edition,
            job=DeliveryJob(edition=edition.name, kept=kept, addressees=addressees, open_context=build_context),
            folder=DeliveryFolder(output / edition.manifest.letter / f"delivery.ed{edition.manifest.edition.number}"),
            seal=identity.name if identity else "",
            key=identity.certified.key if identity else "",
            roots=options.roots,
        )
        yield delivery, identity, chosen, (*late, *own_greetings(edition.checked.letter), *findings)


def _delivered(
    delivery: Delivery,
    sealer: Sealer | None,
    chosen: tuple[Addressee, ...],
    before: tuple[Finding, ...],
    options: DeliveryOptions,
    progress: Callable[[Progress], None],
) -> DeliveryReport:
    delivery.folder.open()
    if not (options.only or options.first):
        delivery.folder.keep_only(one.id for one in delivery.addressees)
    entries = finished_copies(delivery)
    names = [one.id for one in chosen if one.id not in entries]
    for name in names:
        delivery.folder.remove(name)
    if names:
        delivery.folder.drop((LABELS, PRINT_RUN))
    failed: dict[str, tuple[Finding, ...]] = {}
    stopped: tuple[Finding, ...] = ()
    interrupted = False
    renderers = CopyRenderers(CopyWorker(delivery.job, delivery.edition))
    crew = _crew(options.jobs, len(names), sealed=sealer is not None)
    progress(Progress(done=0, total=len(names)))
    try:
        outcomes = make_copies(delivery, names, crew, printer=renderers, sealer=sealer)
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
        renderers.close()
    findings = (*before, *(one for found in failed.values() for one in found), *stopped)
    if not stopped:
        delivery.folder.finish(records(delivery, entries, failed))
    if not (stopped or interrupted):
        there = tuple((one, entries[one.id]) for one in chosen if one.id in entries)
        for extra, wanted in ((labels_of, options.labels), (print_run_of, options.print_run)):
            if wanted:
                files, more = extra(delivery, there)
                delivery.folder.add(files)
                findings += more
    return DeliveryReport(
        edition=delivery.edition.name,
        folder=delivery.folder.path,
        sealed_by=delivery.seal,
        chosen=chosen,
        entries=entries,
        made=tuple(name for name in names if name in entries),
        already=len(chosen) - len(names),
        findings=findings,
        interrupted=interrupted,
    )


def _published(folder: Path, number: int | None, archive: Path) -> tuple[ArchivedEdition, tuple[Finding, ...]]:
    """The archived edition of a letter, and a warning when there is a later one.

    Raises `LetterError` for a letter that is not published.
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
    raise letter_error(
        "not-published",
        message,
        "publish the letter with typesetter publish first; drafts are not delivered",
        subject=letter,
    )


def _recipients(folder: Path, edition: PreparedEdition) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """The recipients of a letter. Raises `LetterError` when there is no list, or no valid recipient."""
    path = folder / RECIPIENTS
    file = from_here(path)
    try:
        data = path.read_bytes()
    except OSError as trouble:
        reason = (trouble.strerror or str(trouble)).lower()
        hint = "write one row for each recipient, or name a ready set: docs/recipients.md shows how"
        raise letter_error("no-recipients", f"{RECIPIENTS} cannot be read: {reason}", hint, file=file) from trouble
    addressees, findings = read_recipients(data, languages=edition.languages, today=_today(), file=file)
    if not addressees:
        message = f"no recipient in {RECIPIENTS} can be delivered to"
        raise LetterError([*findings, error("no-recipients", message, "correct the rows, or add one", file=file)])
    return addressees, findings


def _today() -> date:
    return datetime.now(UTC).date()


def _letter_id(folder: Path) -> str:
    try:
        found = tomllib.loads((folder / "letter.toml").read_text(encoding="utf-8-sig")).get("id")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as trouble:
        message = f"letter.toml cannot be read: {trouble}".lower()
        raise letter_error("no-letter", message, "run typesetter check", file="letter.toml") from trouble
    return str(found or "")


def _superseded(edition: ArchivedEdition, latest: ArchivedEdition) -> Iterator[Finding]:
    if edition.name.number != latest.name.number:
        yield Finding(
            code="later-edition",
            severity=Severity.WARNING,
            message=f"{latest.name} was published after {edition.name}",
            hint="to deliver the latest edition, leave out --edition",
            subject=str(edition.name),
        )


def _chosen(addressees: Sequence[Addressee], only: Sequence[str], findings: Sequence[Finding]) -> tuple[Addressee, ...]:
    """The named recipients, by default all. Raises `LetterError` for an unknown id."""
    known = {one.id for one in addressees}
    unknown = [name for name in only if name not in known]
    if unknown:
        hint = "typesetter deliver --dry-run lists the ids"
        missing = (
            error("unknown-recipient", f"{RECIPIENTS} has no recipient {name}", hint, file=RECIPIENTS)
            for name in unknown
        )
        raise LetterError([*findings, *missing])
    return tuple(one for one in addressees if not only or one.id in only)


def _sealer(edition: PreparedEdition, identity: Identity, keys: Keyring, roots: tuple[bytes, ...]) -> Sealer:
    services = Services(level=keys.configuration.level, timestamps=keys.configuration.timestamps, roots=roots)
    context = SealContext(
        sources=edition.checked.sources, context=edition.context, services=services, now=datetime.now(UTC)
    )
    return Seal(edition, identity, context)


def _crew(jobs: int | None, copies: int, *, sealed: bool) -> Crew:
    """The workers: other processes when there are enough copies, otherwise this process."""
    if jobs:
        return processes(jobs)
    return processes(os.cpu_count() or 1) if copies > (FEW if sealed else MANY) else here
