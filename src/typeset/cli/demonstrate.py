"""``typeset demonstrate``: the whole line of a signed-off edition, with keys that nobody vouches for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from typeset.cli.deliver import progress_line, tell_of
from typeset.cli.output import letter_folder, opened, output_option, refusals, tell
from typeset.cli.signoff import status_of
from typeset.cli.verify import draw
from typeset.delivery import deliver
from typeset.demonstration import prepare_demonstration, publish_demonstration
from typeset.diagnostics import errors
from typeset.letter_folder import find_letter

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
