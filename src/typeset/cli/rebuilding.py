"""``typesetter rebuild``: whether an archived edition can still be made, byte for byte."""

from __future__ import annotations

from pathlib import Path

import click

from typeset.archive import find_edition
from typeset.cli.drawing import as_json, dump
from typeset.cli.session import Clock, build_context, json_option, leave, refusals, tell
from typeset.cli.shelves import archive_option, named, opened
from typeset.rebuild import rebuild as rebuild_edition
from typeset.rebuild import told


@click.command()
@click.argument("edition", required=False, default="")
@archive_option
@json_option
@refusals
def rebuild(edition: str, place: Path | None, machine: bool) -> None:
    """Make an archived edition again from its sources, and compare every byte.

    Where a file comes out otherwise, it says which tool of another version stands in the way.
    """
    root = opened(place)
    one = find_edition(root, named(root, edition))
    rebuilt = rebuild_edition(one, build_context(one.sources(), Clock(shown=not machine)))
    if machine:
        tools = [{"name": tool.name, "then": tool.then or None, "now": tool.now or None} for tool in rebuilt.tools]
        files = {name: str(match) for name, match in rebuilt.files.items()}
        document = {"edition": str(one.name), "same": rebuilt.same, "files": files, "tools": tools}
        click.echo(dump({**document, "findings": as_json(rebuilt.findings, "")}))
    else:
        for name, match in rebuilt.files.items():
            click.echo(f"{match:<8}  {name}")
        tell(rebuilt.findings, None, "", machine=False)
        if rebuilt.same:
            click.echo(
                f"{one.name} can be made again, byte for byte" + (f" ({told(rebuilt.tools)})" * bool(rebuilt.tools))
            )
    leave(rebuilt.findings)
