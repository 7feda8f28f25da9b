"""The commands of signing off: approve, status, publish."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from typeset.archive import deposit
from typeset.archive.names import EditionName
from typeset.cli.diff import lines_since
from typeset.cli.drawing import coloured, dump, summary, visible
from typeset.cli.keys import keyring, passphrase_option
from typeset.cli.session import (
    Clock,
    archive_of,
    archive_option,
    build_context,
    json_option,
    letter_folder,
    refusals,
    shown,
    tell,
)
from typeset.compose.signoff import short
from typeset.diagnostics import Finding, Refused, Severity
from typeset.fonts.cache import FolderCache
from typeset.manifest import changes
from typeset.pipeline import BuildContext, examine
from typeset.program import running_program
from typeset.publishing.approving import check_right, has_approved, stated
from typeset.publishing.archiving import archived
from typeset.publishing.edition import publish as publish_edition
from typeset.publishing.edition import record_name
from typeset.publishing.predecessor import refuse_other_record, since_predecessor
from typeset.publishing.proposal import Proposal, no_policy, propose
from typeset.publishing.sealing import Desk
from typeset.signing.configuration import Level, trusted_roots
from typeset.signing.identities import Keyring
from typeset.signing.papers import add_statement, alone, earlier_manifest, read_statements
from typeset.signing.sealing import Services
from typeset.signoff import Tally, tally
from typeset.workspace import cache_folder, find_letter, read_sources, remove_files, write_files

output_option = click.option(
    "--output", type=click.Path(path_type=Path), default=Path("output"), show_default=True, help="Where results go."
)


@click.command()
@letter_folder
@click.option("--role", required=True, help="As what you sign: a role of the policy in letter.toml.")
@click.option("--identity", "given", required=True, help="Your key: a name in typeset.toml, or a PKCS#12 file.")
@click.option("--withdraw", is_flag=True, help="Take your approval back.")
@click.option("--yes", is_flag=True, help="Do not ask; you have looked at the proof already.")
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
    """Approve a letter just as it is, or take that back.

    What you sign is the digest of everything in it: every source, face and printed word. As soon as any of them
    changes, your approval no longer counts.
    """
    folder = find_letter(folder, Path.cwd())
    proposal, _ = proposed(folder, Clock(shown=True))
    standing = standing_of(folder, proposal)
    if not withdraw:
        _lay_out(proposal, output)
    describe(proposal, standing, output)
    refuse_other_record(proposal, archive_of(place))
    if since := since_predecessor(proposal, archive_of(place)):
        for line in lines_since(since):
            click.echo(visible(line))
    with keyring(passphrase_file).opened(given) as (one,):
        now = datetime.now(UTC)
        check_right(proposal.policy, one, role, now)
        if not withdraw and has_approved(standing, one, role):
            click.echo(f"{visible(one.name)} has approved this as {role} already; nothing to do")
            return
        what = "Withdraw your approval of" if withdraw else "Approve"
        if not yes and not _agreed(f"{what} edition {proposal.manifest.edition.number} as {role}?"):
            click.echo("nothing was signed", err=True)
            sys.exit(1)
        envelope = stated(proposal, standing, one, role, now, withdraw=withdraw)
    path = add_statement(folder, envelope, proposal.manifest)
    click.echo(f"{shown(path)}: {'withdrawn' if withdraw else 'approved'}")
    after = standing_of(folder, proposal)
    click.echo("the policy is met: typesetter publish" if after.met else f"missing: {'; '.join(after.missing)}")


@click.command()
@letter_folder
@json_option
@refusals
def status(folder: Path | None, machine: bool) -> None:
    """Show who has to approve, who has, what is missing, and what voided what."""
    folder = find_letter(folder, Path.cwd())
    proposal, _ = proposed(folder, Clock(shown=not machine))
    standing = standing_of(folder, proposal)
    manifest, policy = proposal.manifest, proposal.policy
    reasons = {void.file: _voided(folder, void.earlier, proposal) for void in standing.void if void.earlier}
    if machine:
        click.echo(
            dump(
                {
                    "letter": manifest.letter,
                    "edition": manifest.edition.number,
                    "manifest": manifest.digest,
                    "met": standing.met,
                    "missing": list(standing.missing),
                    "approvals": [
                        {"name": one.name, "role": one.role, "when": one.when.isoformat(), "key": one.key}
                        for one in standing.approvals
                    ],
                    "void": [
                        {
                            "file": void.file,
                            "who": void.who,
                            "why": void.why,
                            "changes": list(reasons.get(void.file, ())),
                        }
                        for void in standing.void
                    ],
                    "policy": {
                        "threshold": policy.threshold,
                        "required": list(policy.required),
                        "cosigners": list(policy.cosigners),
                        "holders": [{"name": one.name, "roles": list(one.roles)} for one in policy.holders],
                    },
                }
            )
        )
        return
    click.echo(f"{manifest.letter}, edition {manifest.edition.number}, manifest {short(manifest.digest)}")
    asked = f"{policy.threshold} of {len(policy.holders)} people"
    click.echo(f"asked for: {asked}{', among them ' + ', '.join(policy.required) if policy.required else ''}")
    for one in standing.approvals:
        mark = " (demonstration key)" if one.demonstration else ""
        click.echo(f"  approved  {visible(one.name)} as {one.role}, {one.when:%Y-%m-%d %H:%M} UTC{mark}")
    for void in standing.void:
        click.echo(f"  void      {visible(void.who or void.file)}: {visible(void.why)}")
        for change in reasons.get(void.file, ())[:8]:
            click.echo(f"            {visible(change)}")
    for missing in standing.missing:
        click.echo(f"  missing   {visible(missing)}")
    click.echo("the policy is met: typesetter publish" if standing.met else "not signed off yet: typesetter approve")


@click.command()
@letter_folder
@click.option("--seal", "seal_name", help="The organisation's identity: a name in typeset.toml, or a PKCS#12 file.")
@click.option("--cosign", "cosigning", multiple=True, help="The identity of a co-signer who is here; repeatable.")
@click.option("--level", type=click.Choice([str(level) for level in Level]), help="How long it can be proven.")
@click.option("--timestamps", help="The address of a timestamp service (RFC 3161).")
@click.option("--trust", multiple=True, type=click.Path(path_type=Path), help="A root certificate; repeatable.")
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
    """Make the final, sealed PDF of a letter that is signed off, and put the edition into the archive."""
    folder = find_letter(folder, Path.cwd())
    clock = Clock(shown=not machine)
    proposal, context = proposed(folder, clock)
    standing = standing_of(folder, proposal)
    keys = keyring(passphrase_file)
    configuration = keys.configuration
    services = Services(
        level=Level(level) if level else configuration.level,
        timestamps=timestamps or configuration.timestamps,
        roots=trusted_roots(configuration, trust),
    )
    seal_name = seal_name or configuration.seal
    names = (*cosigning, *([seal_name] if seal_name else []))
    target = output / proposal.manifest.letter
    place = archive_of(place)
    with alone(target):
        known_as = release(proposal, standing, context, services, keys, names, bool(seal_name), target, place)
    lines = sorted(path.name for path in target.glob(f"*.ed{proposal.manifest.edition.number}.*"))
    if machine:
        click.echo((target / record_name(proposal)).read_text(encoding="utf-8"))
        return
    for name in lines:
        click.echo(f"{shown(target / name)}  ({(target / name).stat().st_size / 1000:.0f} kB)")
    click.echo(f"archived in {shown(place)} as {known_as}")
    click.echo(f'the next edition names this one: predecessor = "{proposal.manifest.digest}"')


def release(
    proposal: Proposal,
    standing: Tally,
    context: BuildContext,
    services: Services,
    keys: Keyring,
    names: tuple[str, ...],
    sealed: bool,
    target: Path,
    archive: Path,
) -> EditionName:
    """Publish into an archive and a folder; ``names`` are the co-signers and, where it is ``sealed``, the seal at last.

    Returns what the archive calls the edition. Raises `Refused` where it is out already, or while co-signers are
    awaited; what they signed is kept.
    """
    manifest = proposal.manifest
    if (target / record_name(proposal)).exists():
        fact = f"edition {manifest.edition.number} is published already: {shown(target / record_name(proposal))}"
        hint = f'a later one takes its place: [edition] number = {manifest.edition.number + 1}, predecessor = "…"'
        raise Refused([_fault("edition-published", fact, hint)])
    refuse_other_record(proposal, archive)
    partial = {path.name: path.read_bytes() for path in target.glob(f"*.ed{manifest.edition.number}.unsealed.pdf")}
    with keys.opened(*names) as opened:
        desk = Desk(sources=proposal.checked.sources, context=context, services=services, now=datetime.now(UTC))
        published = publish_edition(
            proposal,
            standing,
            desk,
            seal=opened[-1] if sealed else None,
            cosigners=opened[:-1] if sealed else opened,
            partial=partial,
        )
        if not published.awaited:
            # The archive first: it alone knows whether another edition came before this one.
            program = running_program(FolderCache(cache_folder() / "programs"))
            edition = archived(proposal, standing, published, seal=opened[-1], now=desk.now, program=program.files)
            tell((*program.findings, *deposit(archive, edition).findings), None, "", machine=False)
    if published.awaited:
        write_files(target, published.files)
        raise Refused(published.awaited)
    write_files(target, {**published.files, record_name(proposal): published.record})
    remove_files(target, tuple(partial))
    return EditionName(letter=edition.letter, number=edition.number, demonstration=edition.demonstration)


def proposed(folder: Path, clock: Clock) -> tuple[Proposal, BuildContext]:
    """The letter in a folder, as it would be approved now. Raises `Refused` while an undecided error stands."""
    sources = read_sources(folder)
    context = build_context(sources, clock)
    checked = examine(sources, context)
    if checked.letter.policy is None and not any(one.severity is Severity.ERROR for one in checked.open):
        raise Refused([no_policy()])
    try:
        return propose(checked, context), context
    except Refused as refused:
        tell(refused.findings, sources, shown(folder), machine=False)
        sys.exit(1)


def standing_of(folder: Path, proposal: Proposal) -> Tally:
    """The statements in the folder, held against the policy and the digest of now."""
    return tally(read_statements(folder), proposal.policy, proposal.manifest.digest)


def describe(proposal: Proposal, standing: Tally, output: Path) -> None:
    """What somebody is asked to sign, on the terminal."""
    manifest, checked = proposal.manifest, proposal.checked
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
    click.echo(f"signed by  {counts['total']}: {counts['named']} by name, {counts['anonymous']} without")
    click.echo(f"findings   {summary(checked.open)} open, {len(checked.answered)} decided")
    for finding in checked.open:
        click.echo(f"           {finding.severity}[{finding.code}] {visible(finding.fact)}")
    click.echo(f"decisions  {len(manifest.decisions)}")
    for one in standing.approvals:
        click.echo(f"approved   {visible(one.name)} as {one.role}, {one.when:%Y-%m-%d}")


def _lay_out(proposal: Proposal, output: Path) -> None:
    """Put the proof where people look for it, so that what they see is what they sign."""
    files = {proof.name: proof.data for proof in proposal.proofs}
    write_files(output / proposal.manifest.letter, files | {"manifest.json": proposal.manifest.data})


def _voided(folder: Path, earlier: str, proposal: Proposal) -> tuple[str, ...]:
    before = earlier_manifest(folder, earlier)
    return changes(before, proposal.manifest) if before else ()


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        fact = "nobody is here to be asked"
        raise Refused([_fault("not-asked", fact, "look at the proof first, then sign with --yes")])
    return click.confirm(question, err=True)


def _fault(code: str, fact: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, fact=fact, hint=hint, subject="sign-off")
