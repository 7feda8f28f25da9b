"""The commands. Results go to stdout, findings and progress to stderr; no other package prints."""

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
    "trust": "trust",
    "verify": "verify",
}
"""The module of each command. A new command is a function there and a row here.

If the function does not have the name of the command, its name follows after a colon.
"""


class Commands(click.Group):
    """Commands, each imported only when it is run, so that it does not load what another command needs."""

    def invoke(self, ctx: click.Context) -> object:
        """Import and run a command."""
        # A build makes a million small values and hardly any cycles. The default garbage collection takes a tenth of
        # its time, and the collection at exit another twentieth.
        gc.set_threshold(10_000, 10, 10)
        atexit.register(gc.freeze)
        return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with this name, or None."""
        if cmd_name not in MODULES:
            return None
        module, _, function = MODULES[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"typeset.cli.{module}"), function or cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="typesetter")
def main() -> None:
    """Typeset a joint letter and its signatories as checked, archival, accessible PDF and HTML.

    Exit status: 0 if no error is open, 1 if one is, 2 for a wrong command line.
    """
