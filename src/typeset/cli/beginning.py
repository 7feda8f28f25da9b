"""What ``init`` does where there is no raw text: a folder for a letter still to be written."""

from __future__ import annotations

from pathlib import Path

import click

from typeset.cli.session import shown, tell
from typeset.workspace import new_folder


def begin(folder: Path, lang: str, *, machine: bool) -> None:
    """Make the folder and say what comes next. Raises `Refused` where it is there already or cannot be called so."""
    from typeset.importing.beginning import new_letter

    # Of ``.`` and ``content/..`` only the folder itself knows its name.
    files = new_letter(id=folder.resolve().name, lang=lang)
    new_folder(folder, files)
    if machine:
        tell((), None, "", machine=True)
        return
    click.echo(f"{shown(folder)}: {', '.join(files)}")
    click.echo(f"write where [?] stands; typesetter check {shown(folder)} says what is still missing,")
    click.echo(f"and typesetter preview {shown(folder)} shows the pages while you write")
