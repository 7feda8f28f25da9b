"""``typesetter approve``, ``status`` and ``publish``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from typeset.cli.diff import lines_since
from typeset.cli.identity import keyring, passphrase_option
from typeset.cli.output import (
    archive_of,
    archive_option,
    coloured,
    drawn,
    dump,
    json_option,
    letter_folder,
    opened,
    output_option,
    refusals,
    shown,
    summary,
    tell,
    trust_option,
    visible,
)
from typeset.compose import short
from typeset.project import Project
from typeset.publishing import (
    SignOffStatus,
    approve as approve_letter,
    cannot_confirm,
    refuse_other_record,
    release_edition,
    sign_off_status,
    since_predecessor,
    write_proof,
)
from typeset.signing import Level, Services, trusted_roots


@click.command()
@letter_folder
@click.option("--role", required=True, help="Your role, as in [signoff] of letter.toml.")
@click.option("--identity", "given", required=True, help="Your key: a name in typeset.toml or a PKCS#12 file.")
@click.option("--withdraw", is_flag=True, help="Withdraw your approval.")
@click.option("--yes", is_flag=True, help="Sign without asking. Look at the proof in the output folder before.")
@passphrase_option
@output_option
@archive_option
@refusals
def approve(
    folder: Path | None,
    role: str,
    given: str,
    withdraw: bool,
    yes: bool,
    passphrase_file: Path | None,
    output: Path,
    place: Path | None,
) -> None:
    """Approve a letter as it is now, or withdraw your approval.

    You sign the digest of everything in the letter: every source, every font and every printed word. If any of them
    changes, your approval no longer counts.
    """
    letter = status_of(opened(folder, screened=True))
    proposal = letter.proposal
    if not withdraw:
        write_proof(proposal, output)
    describe(letter, output)
    archive = archive_of(place)
    refuse_other_record(proposal, archive)
    if since := since_predecessor(proposal, archive):
        for line in lines_since(since):
            click.echo(visible(line))
    what = "Withdraw your approval of" if withdraw else "Approve"
    question = f"{what} edition {proposal.manifest.edition.number} as {role}?"
    report = approve_letter(
        letter, role, given, keyring(passphrase_file), withdraw=withdraw, confirm=lambda: yes or _agreed(question)
    )
    if report.already:
        click.echo(f"{visible(report.name)} has already approved this as {role}; nothing to do")
        return
    if report.statement is None:
        click.echo("nothing was signed", err=True)
        sys.exit(1)
    click.echo(f"{shown(report.statement)}: {'withdrawn' if withdraw else 'approved'}")
    missing = f"missing: {'; '.join(report.tally.missing)}"
    click.echo("all needed approvals are there; next: typesetter publish" if report.tally.met else missing)


@click.command()
@letter_folder
@json_option
@refusals
def status(folder: Path | None, machine: bool) -> None:
    """Show who has approved a letter and what is missing.

    It also shows who has to approve, and which change made an approval void.
    """
    letter = status_of(opened(folder, machine=machine, screened=True))
    tally, reasons = letter.tally, letter.voided
    manifest, policy = letter.proposal.manifest, letter.proposal.policy
    if machine:
        click.echo(dump(letter.document()))
        return
    click.echo(f"{manifest.letter}, edition {manifest.edition.number}, manifest {short(manifest.digest)}")
    needed = f"{policy.threshold} of {len(policy.holders)} people"
    click.echo(f"needed: {needed}{', with the roles ' + ', '.join(policy.required) if policy.required else ''}")
    for one in tally.approvals:
        mark = " (demonstration key)" if one.demonstration else ""
        click.echo(f"  approved  {visible(one.name)} as {one.role}, {one.when:%Y-%m-%d %H:%M} UTC{mark}")
    for void in tally.void:
        click.echo(f"  void      {visible(void.who or void.file)}: {visible(void.why)}")
        for change in reasons.get(void.file, ())[:8]:
            click.echo(f"            {visible(change)}")
    for missing in tally.missing:
        click.echo(f"  missing   {visible(missing)}")
    click.echo(
        "all needed approvals are there; next: typesetter publish"
        if tally.met
        else "approvals are missing; next: typesetter approve"
    )


@click.command()
@letter_folder
@click.option("--seal", "seal_name", help="Identity of your organisation: a name in typeset.toml or a PKCS#12 file.")
@click.option("--cosign", "cosigning", multiple=True, help="Identity of a co-signer whose key is here (repeatable).")
@click.option(
    "--level",
    type=click.Choice([str(level) for level in Level]),
    help="How long the signature can be proven: B-B short, B-LTA for archives. Default: as in typeset.toml.",
)
@click.option("--timestamps", help="Address of a timestamp service (RFC 3161).")
@trust_option
@passphrase_option
@output_option
@archive_option
@json_option
@refusals
def publish(
    folder: Path | None,
    seal_name: str | None,
    cosigning: tuple[str, ...],
    level: str | None,
    timestamps: str | None,
    trust: tuple[Path, ...],
    passphrase_file: Path | None,
    output: Path,
    place: Path | None,
    machine: bool,
) -> None:
    """Make the final PDFs of an approved letter and archive them.

    The PDFs are sealed with the identity of your organisation. typesetter status shows whether all approvals are there.
    """
    letter = status_of(opened(folder, machine=machine, screened=True))
    tell(letter.proposal.own_templates, None, "", machine=False)
    keys = keyring(passphrase_file)
    configuration = keys.configuration
    services = Services(
        level=Level(level) if level else configuration.level,
        timestamps=timestamps or configuration.timestamps,
        roots=trusted_roots(configuration, trust),
    )
    archive = archive_of(place)
    release = release_edition(
        letter, output, archive, keys, services=services, seal=seal_name or configuration.seal, cosigners=cosigning
    )
    tell(release.findings, None, "", machine=False)
    if machine:
        click.echo(release.record.decode())
        return
    for file in release.files:
        click.echo(f"{shown(file)}  ({file.stat().st_size / 1000:.0f} kB)")
    click.echo(f"archived in {shown(archive)} as {release.edition}")
    click.echo(f'write this in letter.toml for the next edition: predecessor = "{release.digest}"')


def status_of(project: Project) -> SignOffStatus:
    """The letter as it would be approved now, with its approvals. Prints findings and exits if it cannot be."""
    with drawn(project):
        return sign_off_status(project)


def describe(letter: SignOffStatus, output: Path) -> None:
    """Print what an approval would sign."""
    manifest, checked = letter.proposal.manifest, letter.proposal.checked
    bold, plain = ("\033[1m", "\033[0m") if coloured(sys.stdout) else ("", "")
    for wording in manifest.wordings:
        click.echo(f"{bold}{visible(wording.title)}{plain}")
    edition = manifest.edition
    click.echo(f"edition    {edition.number}, manifest {manifest.digest}")
    if edition.predecessor:
        does = "withdraws" if edition.withdrawing else "supersedes"
        click.echo(f"           {does} edition {edition.number - 1}, manifest {short(edition.predecessor)}")
    for proof in manifest.proofs:
        pages = f", {proof.pages} pages" if proof.pages else ""
        click.echo(f"proof      {shown(output / manifest.letter / proof.name)}{pages}")
    counts = manifest.counts
    click.echo(f"signed by  {counts['total']}: {counts['named']} by name, {counts['anonymous']} anonymous")
    click.echo(f"findings   {summary(checked.open)} open, {len(checked.answered)} decided")
    for finding in dict.fromkeys((*checked.open, *letter.proposal.own_templates)):
        click.echo(f"           {finding.severity}[{finding.code}] {visible(finding.message)}")
    click.echo(f"decisions  {len(manifest.decisions)}")
    for one in letter.tally.approvals:
        click.echo(f"approved   {visible(one.name)} as {one.role}, {one.when:%Y-%m-%d}")


def _agreed(question: str) -> bool:
    return click.confirm(question, err=True) if sys.stdin.isatty() else cannot_confirm()
