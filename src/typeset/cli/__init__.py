"""Commands. Results go to stdout, findings and progress to stderr; nothing else in the program prints."""

from __future__ import annotations

import atexit
import gc
from importlib import import_module

import click

from typeset import __version__

MODULES = {
    "approve": "signoff",
    "archive": "archive",
    "build": "build",
    "check": "build",
    "decide": "decide",
    "deliver": "deliver",
    "demonstrate": "deliver",
    "diff": "diff",
    "fonts": "fonts",
    "identity": "identity",
    "init": "init",
    "list": "signatories:listing",
    "preview": "preview",
    "publish": "signoff",
    "rebuild": "archive",
    "status": "signoff",
    "verify": "verify",
}
"""The commands there are, and the module of each: a new one is a function there and a row here.

A function of another name than its command stands behind a colon.
"""


class Commands(click.Group):
    """Commands that are imported when they are called for: none waits for what only another one needs."""

    def invoke(self, ctx: click.Context) -> object:
        """Run one of them, from its import on."""
        # A build makes a million small values and hardly a cycle: looking for them so often is a tenth of its time, and
        # looking once more for everything when all is done and the program ends, another twentieth.
        gc.set_threshold(10_000, 10, 10)
        atexit.register(gc.freeze)
        return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in order."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, None where there is none."""
        if cmd_name not in MODULES:
            return None
        module, _, function = MODULES[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"typeset.cli.{module}"), function or cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="typesetter")
def main() -> None:
    """Typeset a joint letter and its signatories as checked, archival, accessible PDF and HTML.

    Exit status: 0 if no undecided error is open, 1 if one is, 2 for a wrong command line.
    """
