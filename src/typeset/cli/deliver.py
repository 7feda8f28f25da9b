"""``typesetter deliver``: an addressed copy of a published edition for every recipient."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from typeset.cli.identity import keyring, passphrase_option
from typeset.cli.output import (
    archive_of,
    archive_option,
    as_json,
    dump,
    json_option,
    letter_folder,
    opened,
    output_option,
    refusals,
    shown,
    tell,
    trust_option,
    visible,
)
from typeset.cli.signoff import status_of
from typeset.cli.verify import draw
from typeset.delivery import (
    DeliveryOptions,
    DeliveryPlan,
    DeliveryReport,
    Progress,
    deliver as deliver_copies,
    plan_delivery,
)
from typeset.demonstration import prepare_demonstration, publish_demonstration
from typeset.diagnostics import errors
from typeset.letter_folder import find_letter
from typeset.signing import trusted_roots

INTERRUPTED = 130


@click.command()
@letter_folder
@click.option("--edition", "number", type=click.IntRange(min=1), help="Edition number. Default: the latest.")
@click.option("--only", multiple=True, metavar="ID", help="Only the recipient with this id (repeatable).")
@click.option("--dry-run", is_flag=True, help="Show who would get which copy; make nothing.")
@click.option("--seal", "given", help="Identity of your organisation. Default: as in typeset.toml.")
@click.option("--no-seal", is_flag=True, help="Do not seal the copies; their file names show this.")
@trust_option
@click.option("--labels", is_flag=True, help="Also make address labels for all who get a copy now.")
@click.option("--print-run", is_flag=True, help="Also make one file with all copies, for a printer.")
@click.option("--jobs", type=click.IntRange(min=1), help="Number of processes. Default: one for each processor.")
@passphrase_option
@output_option
@archive_option
@json_option
@refusals
def deliver(
    folder: Path | None,
    dry_run: bool,
    given: str | None,
    no_seal: bool,
    trust: tuple[Path, ...],
    passphrase_file: Path | None,
    output: Path,
    place: Path | None,
    machine: bool,
    **chosen: Any,
) -> None:
    """Make an addressed copy of an edition for each recipient.

    The recipients are those in recipients.csv. Each copy is read back and verified before it counts, and sealed if an
    identity is configured. Finished copies that have not changed are kept, so you can interrupt the command and run it
    again.
    """
    if given and no_seal:
        raise click.UsageError("--seal and --no-seal cannot be used together")
    keys = keyring(passphrase_file)
    folder = find_letter(folder, Path.cwd())
    options = DeliveryOptions(
        seal="" if no_seal else given or keys.configuration.seal,
        roots=trusted_roots(keys.configuration, trust),
        **chosen,
    )
    archive = archive_of(place)
    if dry_run:
        plan = plan_delivery(folder, archive, output, options, keys)
        print_plan(plan, machine=machine)
        sys.exit(1 if errors(plan.findings) else 0)
    with progress_line(shown=not machine) as progress:
        report = deliver_copies(folder, archive, output, options, keys, progress=progress)
    print_report(report, machine=machine)
    sys.exit(INTERRUPTED if report.interrupted else 1 if errors(report.findings) else 0)


@contextmanager
def progress_line(*, shown: bool) -> Iterator[Callable[[Progress], None]]:
    """A progress line on the terminal: copies made, and the time left."""
    shown, began = shown and sys.stderr.isatty(), 0.0

    def draw(progress: Progress) -> None:
        nonlocal began
        if shown and progress.total:
            began = began or time.monotonic()
            left = _left(progress, time.monotonic() - began)
            line = f"{progress.done} of {progress.total} copies{left}  {progress.recipient}"
            click.echo(f"\r\033[K{line}", err=True, nl=False)

    try:
        yield draw
    finally:
        if began:
            click.echo("\r\033[K", err=True, nl=False)


def _left(progress: Progress, spent: float) -> str:
    if not progress.done:
        return " …"
    seconds = spent / progress.done * (progress.total - progress.done)
    return f", {seconds // 60:.0f} min {seconds % 60:.0f} s left" if seconds >= 60 else f", {seconds:.0f} s left"


def print_report(report: DeliveryReport, *, machine: bool = False) -> None:
    """Print the result of a delivery."""
    where = shown(report.folder)
    if machine:
        click.echo(dump({**report.document(), "findings": as_json(report.findings, "")}))
    else:
        tell(report.findings, None, "", machine=False)
        there = f", {report.already} already there" if report.already else ""
        wanted = len(report.chosen) - report.already
        click.echo(f"{where}: {len(report.made)} of {wanted} copies of {report.edition} made{there}")
        if report.sealed_by:
            click.echo(f"sealed by {visible(report.sealed_by)}")
        else:
            click.echo("not sealed, as their file names show: a reader cannot prove who sent them")
        click.echo(f"overview: {where}/index.html")
    if report.interrupted:
        click.echo("interrupted: run the same command again to make the rest", err=True)


def print_plan(plan: DeliveryPlan, *, machine: bool) -> None:
    """Print who would get which copy, and which copies are already made."""
    if machine:
        click.echo(dump({**plan.document(), "findings": as_json(plan.findings, "")}))
        return
    tell(plan.findings, None, "", machine=False)
    for one, file in plan.files:
        state = "done" if one.id in plan.done else "to do"
        click.echo(f"{state:<5}  {file}  {visible(' · '.join(one.address))}")
    click.echo(f"{len(plan.files)} copies of {plan.edition}; nothing was made")


_REAL = """for a real delivery you need, instead of these keys:
  - a [signoff] table in letter.toml that names the people who approve, each with their own key;
  - their approvals: run typesetter approve --role chair --identity chair.p12;
  - the organisation's seal from an authority that recipients trust, and a timestamp service, in typeset.toml;
  - run typesetter publish --level B-LTA, and typesetter verify --trust root.pem with the root of that authority.
docs/sign-off.md shows each step."""


@click.command()
@letter_folder
@output_option
@refusals
def demonstrate(folder: Path | None, output: Path) -> None:
    """Approve, seal and deliver a copy with demonstration keys.

    The folder of the letter is not changed: its copy, the approvals and the keys are below the output folder. The
    sealed files are verified, too.
    """
    trial = prepare_demonstration(find_letter(folder, Path.cwd()), output)
    published = publish_demonstration(trial, status_of(opened(trial.folder)))
    tell(published.release.findings, None, "", machine=False)
    for path, verdict in published.verdicts.items():
        draw(path, verdict)
    with progress_line(shown=True) as progress:
        report = deliver_copies(trial.folder, trial.archive, output, trial.delivery, trial.keys, progress=progress)
    print_report(report)
    click.echo(_REAL)
    sys.exit(0 if published.proven and not (report.interrupted or errors(report.findings)) else 1)
