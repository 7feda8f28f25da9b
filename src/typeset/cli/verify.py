"""``typesetter verify`` and ``demonstrate``: what can be proven about a finished file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from typeset.cli.output import PATH, coloured, dump, json_option, refusals, shown, tell, trust_option, visible
from typeset.letter_folder import read_plain
from typeset.signing import read_configuration, trusted_roots
from typeset.verification import ProofStatus, Verdict, successor, verify_isolated

_MARKS = {
    ProofStatus.PROVEN: ("proven   ", "\033[32m"),
    ProofStatus.UNPROVEN: ("UNPROVEN ", "\033[1;33m"),
    ProofStatus.BROKEN: ("BROKEN   ", "\033[1;31m"),
    ProofStatus.NOTED: ("note     ", ""),
}


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@trust_option
@click.option("--record", type=PATH, help="Archive record of the edition: its .ed<N>.json file.")
@click.option(
    "--online", is_flag=True, help="Ask the authorities whether a certificate was revoked, if the file has no answer."
)
@json_option
@refusals
def verify(files: tuple[Path, ...], trust: tuple[Path, ...], record: Path | None, online: bool, machine: bool) -> None:
    """Verify a finished PDF: its content, signatures and approvals.

    The first line says whether you can rely on the file; the lines below it give each proof. Name the root certificate
    of the signer with --trust: get it from the organisation itself, not with the letter. No network is needed. Of
    several files, a later edition shows whether an earlier one was superseded or withdrawn. The exit status is 0 only
    if everything is proven.
    """
    # The folder may have come with the letter: only what the user named or trusted counts.
    configuration = read_configuration(Path.cwd())
    tell(configuration.ignored, None, "", machine=False)
    trusted = trusted_roots(configuration, trust)
    kept = read_plain(record) if record else None
    now = datetime.now(UTC)
    verdicts = {
        path: verify_isolated(str(path), read_plain(path), roots=trusted, now=now, record=kept, online=online)
        for path in files
    }
    after = {path: _after(verdict, verdicts) for path, verdict in verdicts.items()}
    if machine:
        answers = [
            {"file": str(path), **verdict.document(), **({"later": after[path]} if after[path] else {})}
            for path, verdict in verdicts.items()
        ]
        click.echo(dump(answers[0] if len(answers) == 1 else answers))
    else:
        for path, verdict in verdicts.items():
            draw(path, verdict, after[path])
    sys.exit(0 if all(verdict.proven for verdict in verdicts.values()) else 1)


def _after(verdict: Verdict, verdicts: dict[Path, Verdict]) -> str:
    """Whether another of the files is a proven later edition that supersedes or withdraws this one."""
    found = successor(verdict, verdicts)
    if found is None:
        return ""
    path, later = found
    does = "WITHDRAWN" if later.facts.get("withdrawing") else "superseded"
    return f"{does} by edition {later.facts['edition']}, {shown(path)}"


def draw(path: Path, verdict: Verdict, after: str) -> None:
    """Print a verdict with each of its proofs."""
    colour = coloured(sys.stdout)
    click.echo(f"{shown(path)}: {verdict.conclusion}")
    for proof in verdict.proofs:
        mark, paint = _MARKS[proof.outcome]
        if colour and paint:
            mark = f"{paint}{mark}\033[0m"
        click.echo(f"  {mark} {visible(proof.says)}")
        for detail in proof.details:
            click.echo(f"            {visible(detail)}")
    if after:
        click.echo(f"  note      {visible(after)}")
    if verdict.facts.get("demonstration"):
        click.echo("  note      this is a demonstration: no authority confirms the keys that signed it")
