"""``typesetter deliver``: an addressed copy of a published edition for every recipient."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click

from typeset.archive import Edition, EditionName, find_edition, object_ids, open_root
from typeset.archive.configuration import archive_folder
from typeset.archive.root import is_vacant
from typeset.cli.delivered import Progress, foretell, tell_of
from typeset.cli.keys import keyring, passphrase_option
from typeset.cli.session import archive_option, build_context, json_option, letter_folder, refusals, shown
from typeset.cli.signing import output_option
from typeset.delivery.batch import Crew, Sealer, here, processes
from typeset.delivery.bench import Bench, Failed, Order
from typeset.delivery.delivering import Delivery, standing
from typeset.delivery.delivering import deliver as delivered
from typeset.delivery.edition import Issue, issue_of
from typeset.delivery.extras import LABELS, PRINT_RUN, Extra, labels_of, print_run_of
from typeset.delivery.folder import Folder
from typeset.delivery.greetings import own_greetings
from typeset.delivery.press import Presses
from typeset.delivery.record import records
from typeset.delivery.sealing import Seal
from typeset.diagnostics import Finding, Place, Refused, Severity, errors
from typeset.pipeline import BuildContext
from typeset.publishing.restoring import kept_of, sources_of
from typeset.publishing.sealing import Desk
from typeset.recipients import Addressee, read_recipients
from typeset.signing.configuration import Configuration, trusted_roots
from typeset.signing.identities import Identity, Keyring
from typeset.signing.papers import alone
from typeset.signing.sealing import Services
from typeset.sources import Sources
from typeset.workspace import find_letter

RECIPIENTS = "recipients.csv"
INTERRUPTED = 130
FEW, MANY = 24, 1000
"""Copies for which other processes are not worth starting: with a seal to be proven, and without."""


@click.command()
@letter_folder
@click.option("--edition", "number", type=click.IntRange(min=1), help="The edition; the latest one otherwise.")
@click.option("--only", multiple=True, metavar="ID", help="A recipient of the list, by id; repeatable.")
@click.option("--dry-run", is_flag=True, help="Say who would get what, and make nothing.")
@click.option("--seal", "given", help="The organisation's identity, otherwise as typeset.toml says.")
@click.option("--no-seal", is_flag=True, help="Leave the copies without a seal; their names say so.")
@click.option("--trust", multiple=True, type=click.Path(path_type=Path), help="A root certificate; repeatable.")
@click.option("--labels", is_flag=True, help="Address labels for everybody who gets a copy now, too.")
@click.option("--print-run", is_flag=True, help="All copies in one file for a printer, too.")
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes at work; as many as there are processors otherwise."
)
@passphrase_option
@output_option
@archive_option
@json_option
@refusals
def deliver(
    folder: Path | None,
    number: int | None,
    only: tuple[str, ...],
    dry_run: bool,
    given: str | None,
    no_seal: bool,
    trust: tuple[Path, ...],
    labels: bool,
    print_run: bool,
    jobs: int | None,
    passphrase_file: Path | None,
    output: Path,
    place: Path | None,
    machine: bool,
) -> None:
    """Make an addressed copy of a published edition for every recipient in recipients.csv.

    Each copy is read back and verified before it counts, and sealed where an identity is configured. What is done and
    has not changed is not done again, so the command can be interrupted and run once more.
    """
    if given and no_seal:
        raise click.UsageError("--seal and --no-seal exclude each other")
    keys = keyring(passphrase_file)
    configuration = keys.configuration
    wishes = Wishes(
        folder=find_letter(folder, Path.cwd()),
        number=number,
        only=only,
        dry_run=dry_run,
        seal="" if no_seal else given or configuration.seal,
        trusted=trusted_roots(configuration, trust),
        extras=tuple(extra for extra, wanted in ((labels_of, labels), (print_run_of, print_run)) if wanted),
        jobs=jobs,
        output=output,
        archive=place or archive_folder(Path.cwd()),
        machine=machine,
    )
    sys.exit(carry_out(wishes, keys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody asks of a delivery."""

    folder: Path
    archive: Path
    output: Path
    seal: str
    trusted: tuple[bytes, ...]
    number: int | None = None
    only: tuple[str, ...] = ()
    most: int | None = None
    """How many of the list get one, the first ones."""
    dry_run: bool = False
    extras: tuple[Extra, ...] = ()
    jobs: int | None = None
    machine: bool = False


def carry_out(wishes: Wishes, keys: Keyring) -> int:
    """Deliver, or foretell it; returns the status to end with. Raises `Refused` where nothing can be delivered."""
    edition, late = published(wishes.folder, wishes.number, wishes.archive)
    kept = kept_of(edition)
    issue = issue_of(str(edition.name), kept, open_context(sources_of(kept)))
    addressees, findings = recipients_of(wishes.folder, issue)
    chosen = _chosen(addressees, wishes.only, findings)[: wishes.most]
    target = Folder(wishes.output / issue.manifest.letter / f"delivery.ed{issue.manifest.edition.number}")
    with _opened(keys, wishes.seal) as identity:
        delivery = Delivery(
            issue=issue,
            order=Order(edition=issue.name, kept=kept, addressees=addressees, open_context=open_context),
            folder=target,
            seal=identity.name if identity else "",
            key=identity.certified.key if identity else "",
            roots=wishes.trusted,
        )
        noticed = (*late, *own_greetings(issue.checked.letter), *findings)
        if wishes.dry_run:
            foretell(delivery, chosen, noticed, machine=wishes.machine)
            return 1 if errors(noticed) else 0
        with alone(target.path.parent):
            sealer = _sealer(issue, identity, keys.configuration, wishes.trusted) if identity else None
            return _deliver(delivery, chosen, noticed, wishes, sealer)


def open_context(sources: Sources) -> BuildContext:
    """The faces, opened in whatever process asks."""
    return build_context(sources, nullcontext)


def published(folder: Path, number: int | None, where: Path) -> tuple[Edition, tuple[Finding, ...]]:
    """The edition of a letter as archived, and what is to be said where a later one has come out.

    Raises `Refused` for a letter that was never published: there is nothing to send.
    """
    letter = _letter_id(folder)
    if not is_vacant(where):
        root = open_root(where)
        for demonstration in (False, True):
            name = EditionName(letter=letter, number=number, demonstration=demonstration)
            if name.object_id in object_ids(root):
                edition = find_edition(root, name)
                latest = find_edition(root, EditionName(letter=letter, demonstration=demonstration))
                return edition, tuple(_superseded(edition, latest))
    fact = f"no edition of {letter} is published: {shown(where)} has none"
    raise Refused([_fault("not-published", fact, "typesetter publish makes one; drafts are not delivered", letter)])


def recipients_of(folder: Path, issue: Issue) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """The recipients of a letter. Raises `Refused` where there is no list, or nobody on it can be delivered to."""
    path = folder / RECIPIENTS
    file = shown(path)
    try:
        data = path.read_bytes()
    except OSError as trouble:
        said = (trouble.strerror or str(trouble)).lower()
        hint = "write one row for each recipient, or name a ready set: docs/delivery.md shows how"
        raise Refused([_fault("no-recipients", f"{RECIPIENTS} cannot be read: {said}", hint, file)]) from trouble
    addressees, findings = read_recipients(data, languages=issue.languages, today=_today(), file=file)
    if not addressees:
        fact = f"nobody in {RECIPIENTS} can be delivered to"
        raise Refused([*findings, _fault("no-recipients", fact, "mend the rows, or add one", file)])
    return addressees, findings


def _today() -> date:
    return datetime.now(UTC).date()


def _letter_id(folder: Path) -> str:
    try:
        found = tomllib.loads((folder / "letter.toml").read_text(encoding="utf-8-sig")).get("id")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as trouble:
        fact = f"letter.toml cannot be read: {trouble}".lower()
        raise Refused([_fault("no-letter", fact, "typesetter check says more", "letter.toml")]) from trouble
    return str(found or "")


def _superseded(edition: Edition, latest: Edition) -> Iterator[Finding]:
    if edition.name.number != latest.name.number:
        yield Finding(
            code="later-edition",
            severity=Severity.WARNING,
            fact=f"{latest.name} has come out since {edition.name}",
            hint="without --edition the latest one is delivered",
            subject=str(edition.name),
        )


def _chosen(addressees: Sequence[Addressee], only: Sequence[str], findings: Sequence[Finding]) -> tuple[Addressee, ...]:
    """The recipients named, or all. Raises `Refused` for a name that nobody on the list has."""
    known = {one.id for one in addressees}
    unknown = [name for name in only if name not in known]
    if unknown:
        hint = "typesetter deliver --dry-run lists them"
        missing = (_fault("unknown-recipient", f"{RECIPIENTS} has no {name}", hint, RECIPIENTS) for name in unknown)
        raise Refused([*findings, *missing])
    return tuple(one for one in addressees if not only or one.id in only)


@contextmanager
def _opened(keys: Keyring, name: str) -> Iterator[Identity | None]:
    if not name:
        yield None
        return
    with keys.opened(name) as (identity,):
        yield identity


def _sealer(issue: Issue, identity: Identity, configuration: Configuration, trusted: tuple[bytes, ...]) -> Sealer:
    services = Services(level=configuration.level, timestamps=configuration.timestamps, roots=trusted)
    desk = Desk(sources=issue.checked.sources, context=issue.context, services=services, now=datetime.now(UTC))
    return Seal(issue, identity, desk)


def _deliver(
    delivery: Delivery,
    chosen: Sequence[Addressee],
    findings: Sequence[Finding],
    wishes: Wishes,
    sealer: Sealer | None,
) -> int:
    """Deliver, and tell how it went; returns the status to end with."""
    delivery.folder.open()
    if not (wishes.only or wishes.most):
        delivery.folder.keep_only(one.id for one in delivery.addressees)
    entries = standing(delivery)
    names = [one.id for one in chosen if one.id not in entries]
    for name in names:
        delivery.folder.remove(name)
    if names:
        delivery.folder.drop((LABELS, PRINT_RUN))
    already = len(chosen) - len(names)
    failed: dict[str, tuple[Finding, ...]] = {}
    stopped: tuple[Finding, ...] = ()
    progress = Progress(len(names), shown=not wishes.machine)
    presses = Presses(Bench(delivery.order, delivery.issue))
    crew = crew_of(wishes.jobs, len(names), sealed=sealer is not None)
    interrupted = False
    try:
        for outcome in delivered(delivery, names, crew, printer=presses, sealer=sealer):
            if isinstance(outcome, Failed):
                failed[outcome.id] = outcome.findings
            else:
                entries[outcome.id] = outcome
            progress.step(outcome.id)
    except KeyboardInterrupt:
        interrupted = True
    except Refused as refused:
        stopped = refused.findings
    finally:
        presses.close()
    progress.end()
    told = (*findings, *(one for found in failed.values() for one in found), *stopped)
    if not stopped:
        delivery.folder.finish(records(delivery, entries, failed))
    if not (stopped or interrupted):
        done = tuple((one, entries[one.id]) for one in chosen if one.id in entries)
        for extra in wishes.extras:
            files, said = extra(delivery, done)
            delivery.folder.add(files)
            told += said
    made = [name for name in names if name in entries]
    tell_of(delivery, chosen, entries, made, already, told, machine=wishes.machine)
    if interrupted:
        click.echo("interrupted: the same command goes on with the rest", err=True)
        return INTERRUPTED
    return 1 if errors(told) else 0


def crew_of(jobs: int | None, copies: int, *, sealed: bool) -> Crew:
    """Who sets what cannot be printed, and proves what was: other processes where there is enough to do."""
    if jobs:
        return processes(jobs)
    return processes(os.cpu_count() or 1) if copies > (FEW if sealed else MANY) else here


def _fault(code: str, fact: str, hint: str, subject: str) -> Finding:
    place = Place(file=subject) if "." in subject else None
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=place, hint=hint, subject=subject)
