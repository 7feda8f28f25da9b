from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from typeset.cli import MODULES, main


@pytest.mark.parametrize("name", MODULES)
def test_every_row_is_a_command_of_that_name(name: str) -> None:
    command = main.get_command(click.Context(main), name)

    assert command is not None
    assert command.name == name


def test_a_command_that_is_not_there_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from typeset.cli import main; main()", "bild"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "No such command 'bild'" in done.stderr


@pytest.mark.parametrize(
    "unneeded", ["typeset.importer.raw_text", "typeset.signing", "typeset.preflight.pages", "pypdf", "pyhanko"]
)
def test_whoever_builds_does_not_wait_for_what_others_need(unneeded: str) -> None:
    imported = "import sys, typeset.cli.build; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", imported], capture_output=True, text=True, check=True)

    assert unneeded not in done.stdout.split()


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """A command with its context, and everything below it."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, click.Context(below, parent=context, info_name=name))


COMMANDS = {
    context.command_path: (command, context)
    for command, context in commands(main, click.Context(main, info_name="typesetter", terminal_width=80))
}


@pytest.mark.parametrize("path", COMMANDS)
def test_no_help_line_is_cut_at_80_columns(path: str) -> None:
    command, context = COMMANDS[path]

    usage, _, text = command.get_help(context).partition("\n\n")

    assert usage.startswith("Usage: typesetter")
    assert [line for line in text.split("\n") if "…" in line or "..." in line or len(line) > 80] == []


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_says_what_it_does(path: str) -> None:
    command, _ = COMMANDS[path]

    options = [option for option in command.params if isinstance(option, click.Option)]

    assert command.help
    assert [option.name for option in options if not (option.help or "").endswith(".")] == []
