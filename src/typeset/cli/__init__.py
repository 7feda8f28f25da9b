"""Commands. Results go to stdout, findings and progress to stderr; nothing else in the program prints."""

from __future__ import annotations

import click

from typeset import __version__
from typeset.cli.deciding import decide
from typeset.cli.demonstration import demonstrate
from typeset.cli.fonts import fonts
from typeset.cli.keys import identity
from typeset.cli.letters import build, check, init
from typeset.cli.signing import approve, publish, status
from typeset.cli.verifying import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="typeset")
def main() -> None:
    """Joint letters, typeset: raw text and a signatory list in; checked, archival, accessible PDF and HTML out.

    Exit status: 0 when no undecided error stands, 1 when one does, 2 for a wrong command line.
    """


for command in (
    init,
    check,
    build,
    decide,
    fonts,
    approve,
    status,
    publish,
    verify,
    identity,
    demonstrate,
):
    main.add_command(command)
