from __future__ import annotations

import subprocess
import sys

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
    "unneeded", ["typeset.importer.raw_text", "typeset.signing", "typeset.preflight.checks", "pypdf", "pyhanko"]
)
def test_whoever_builds_does_not_wait_for_what_others_need(unneeded: str) -> None:
    imported = "import sys, typeset.cli.build; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", imported], capture_output=True, text=True, check=True)

    assert unneeded not in done.stdout.split()
