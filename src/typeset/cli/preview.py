"""``typesetter preview``: the pages of a letter in the browser while you write."""

from __future__ import annotations

import os
import webbrowser
from functools import partial
from pathlib import Path

import click

from typeset.archive import archive_folder
from typeset.cli.output import build_context, letter_folder, refusals, shown, tell
from typeset.letter_folder import find_letter
from typeset.sources import house_folders
from typeset.trust_store import ignored_settings

LOOPBACK = "127.0.0.1"


@click.command()
@letter_folder
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port number. Default: a free port.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Network address of this computer to use.")
@click.option("--no-browser", is_flag=True, help="Print the address; do not open a browser.")
@refusals
def preview(folder: Path | None, port: int, host: str, no_browser: bool) -> None:
    """Show the pages of a letter in the browser while you write.

    Open the complete address that is printed, with its token. Other computers cannot open it, unless --host
    gives an address that they can reach. Click a finding or a line of a page to open its source in the editor that
    typeset.toml or VISUAL names.
    """
    # Imported here: no other command needs a web server.
    from typeset.preview import chosen_editor, listen, serve

    folder = find_letter(folder, Path.cwd())
    tell(ignored_settings(Path.cwd()), None, "", machine=False)
    editor = chosen_editor(Path.cwd(), os.environ)
    archive = archive_folder(Path.cwd())
    place = listen(port, host)
    click.echo(f"{shown(folder)}: {place.address}")
    if place.exposed:
        click.echo(
            "warning: others on the network can open this preview. Anyone with the address can read the draft, and "
            "the connection is not encrypted",
            err=True,
        )
    click.echo("Press Ctrl-C to end the preview", err=True)
    ready = (lambda: None) if no_browser else partial(_show, place.address)
    try:
        serve(
            folder.resolve(),
            place,
            build_context,
            editor,
            others=house_folders(),
            archive=archive,
            ready=ready,
        )
    except KeyboardInterrupt:
        click.echo(err=True)


def _show(address: str) -> None:
    webbrowser.open(address)
