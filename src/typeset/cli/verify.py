"""``typesetter verify``: what can be proven of a file, for anybody who holds it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from typeset.cli.deliver import progress_line, tell_of
from typeset.cli.output import (
    PATH,
    coloured,
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
from typeset.delivery import deliver
from typeset.demonstration import prepare_demonstration, publish_demonstration
from typeset.diagnostics import errors
from typeset.letter_folder import find_letter
from typeset.signing import read_configuration, trusted_roots
from typeset.verify import ProofStatus, Verdict, successor, verify as verdict_on

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
@click.option("--online", is_flag=True, help="Ask the authorities about revocation if the file has no answer.")
@json_option
@refusals
def verify(files: tuple[Path, ...], trust: tuple[Path, ...], record: Path | None, online: bool, machine: bool) -> None:
    """Verify a finished PDF: its content, signatures and approvals.

    No network and no other file is needed. Name the root certificates that you trust with --trust. The exit status is 0
    only if everything is proven. Several files are also compared with each other: a later edition says what became of
    an earlier one.
    """
    # A recipient has no typeset.toml, and trusts those alone who are named.
    trusted = trusted_roots(read_configuration(Path.cwd()), trust)
    kept = record.read_bytes() if record else None
    now = datetime.now(UTC)
    verdicts = {
        path: verdict_on(path.read_bytes(), roots=trusted, now=now, record=kept, online=online) for path in files
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
    """What a proven later edition among the files says of this one."""
    found = successor(verdict, verdicts)
    if found is None:
        return ""
    path, later = found
    does = "WITHDRAWN" if later.facts.get("withdrawing") else "superseded"
    return f"{does} by edition {later.facts['edition']}, {shown(path)}"


def draw(path: Path, verdict: Verdict, after: str) -> None:
    """One verdict on the terminal, proof by proof."""
    colour = coloured(sys.stdout)
    click.echo(f"{shown(path)}")
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
        click.echo("  note      a demonstration: signed with keys that were made for trying things out")
    click.echo(verdict.conclusion)


_REAL = """a real delivery needs, instead of these keys:
  - a [signoff] table in letter.toml that names the people who agree, each with a key of their own;
  - their approvals: typesetter approve --role chair --identity chair.p12;
  - the organisation's seal from an authority that recipients trust, and a timestamp service, in typeset.toml;
  - typesetter publish --level B-LTA, and typesetter verify --trust root.pem with that authority's root.
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
        draw(path, verdict, "")
    with progress_line(shown=True) as progress:
        report = deliver(trial.folder, trial.archive, output, trial.delivery, trial.keys, progress=progress)
    tell_of(report)
    click.echo(_REAL)
    sys.exit(0 if published.proven and not (report.interrupted or errors(report.findings)) else 1)
