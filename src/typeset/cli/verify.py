"""``typesetter verify`` and ``demonstrate``: what can be proven about a finished file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from typeset.cli.output import PATH, coloured, dump, json_option, refusals, shown, tell, trust_option, visible
from typeset.letter_folder import read_plain
from typeset.signing import named_roots, read_configuration
from typeset.trust_store import read_store
from typeset.verification import ProofStatus, Verdict, VerdictKind, compared, verify_isolated

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

    The first line is the verdict; the lines below it give each proof. Name the root certificate of the signer with
    --trust, or pin its key with typesetter trust add: get it from the organisation itself, not with the letter. No
    network is needed. Of several files, a later edition shows whether an earlier one was superseded or withdrawn.

    Exit status, of several files the worst: 0 proven, 1 not proven, 3 intact but signer unknown, 4 text proven but page
    not, 5 changed, 6 superseded, 7 withdrawn, 8 revocation unknown, 9 not ours; 2 for a wrong command line.
    """
    # The folder may have come with the letter: only what the user named or trusted counts.
    configuration = read_configuration(Path.cwd())
    tell(configuration.ignored, None, "", machine=False)
    trusted, pins = named_roots(configuration, trust), read_store().pins
    kept = read_plain(record) if record else None
    now = datetime.now(UTC)
    verdicts = {
        path: verify_isolated(
            str(path), read_plain(path), roots=trusted, now=now, record=kept, online=online, pins=pins
        )
        for path in files
    }
    verdicts = dict(compared(verdicts, lambda path: visible(shown(path))))
    if machine:
        answers = [
            {"file": _plain(path), **verdict.document(), **_later(verdict)} for path, verdict in verdicts.items()
        ]
        click.echo(dump(answers[0] if len(answers) == 1 else answers))
    else:
        for path, verdict in verdicts.items():
            draw(path, verdict)
    sys.exit(next(kind.status for kind in VerdictKind if any(each.kind is kind for each in verdicts.values())))


def _plain(path: Path) -> str:
    """A path for JSON: bytes that are not UTF-8 become replacement characters."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _later(verdict: Verdict) -> dict[str, str]:
    """The entry of a file that another of the files supersedes or withdraws."""
    later = (one.says for one in verdict.proofs if one.subject in ("superseded", "withdrawn"))
    return {"later": said} if (said := next(later, "")) else {}


def draw(path: Path, verdict: Verdict) -> None:
    """Print a verdict with each of its proofs."""
    colour = coloured(sys.stdout)
    # The verdict comes first: a file name could pretend to be one.
    click.echo(visible(verdict.conclusion))
    click.echo(f"  file      {visible(shown(path))}")
    for proof in verdict.proofs:
        mark, paint = _MARKS[proof.outcome]
        if colour and paint:
            mark = f"{paint}{mark}\033[0m"
        click.echo(f"  {mark} {visible(proof.says)}")
        for detail in proof.details:
            click.echo(f"            {visible(detail)}")
    if verdict.facts.get("demonstration"):
        click.echo("  note      this is a demonstration: no authority confirms the keys that signed it")
