"""What is told of a delivery on the terminal: before, while it goes on, and after."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import click

from typeset.cli.drawing import as_json, dump, visible
from typeset.cli.session import shown, tell
from typeset.delivery.delivering import Delivery, standing
from typeset.delivery.folder import Entry
from typeset.diagnostics import Finding
from typeset.recipients import Addressee


class Progress:
    """A line on the terminal: how many are done, and how long the rest will take."""

    def __init__(self, total: int, *, shown: bool) -> None:
        self._total, self._done, self._began = total, 0, time.monotonic()
        self._shown = shown and total > 0 and sys.stderr.isatty()
        self._draw("")

    def step(self, name: str) -> None:
        """One more is done."""
        self._done += 1
        self._draw(name)

    def end(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\033[K", err=True, nl=False)

    def _draw(self, name: str) -> None:
        if self._shown:
            click.echo(f"\r\033[K{self._done} of {self._total} copies{self._left()}  {name}", err=True, nl=False)

    def _left(self) -> str:
        if not self._done:
            return " …"
        seconds = (time.monotonic() - self._began) / self._done * (self._total - self._done)
        return f", {seconds // 60:.0f} min {seconds % 60:.0f} s left" if seconds >= 60 else f", {seconds:.0f} s left"


def tell_of(
    delivery: Delivery,
    chosen: Sequence[Addressee],
    entries: dict[str, Entry],
    made: Sequence[str],
    already: int,
    told: Sequence[Finding],
    *,
    machine: bool,
) -> None:
    """How a delivery went."""
    where = shown(delivery.folder.path)
    if machine:
        copies = [{"id": one.id, "file": f"{where}/{entries[one.id].file}"} for one in chosen if one.id in entries]
        click.echo(
            dump(
                {
                    "folder": where,
                    "edition": delivery.issue.name,
                    "sealed_by": delivery.seal or None,
                    "made": list(made),
                    "already": already,
                    "copies": copies,
                    "findings": as_json(told, ""),
                }
            )
        )
        return
    tell(told, None, "", machine=False)
    there = f", {already} there already" if already else ""
    click.echo(f"{where}: {len(made)} of {len(chosen) - already} copies of {delivery.issue.name} made{there}")
    if delivery.seal:
        click.echo(f"sealed by {visible(delivery.seal)}")
    else:
        click.echo("without a seal, as their names say: nothing in them proves who sent them")
    click.echo(f"to look at: {where}/index.html")


def foretell(delivery: Delivery, chosen: Sequence[Addressee], findings: Sequence[Finding], *, machine: bool) -> None:
    """Who would get what, and which copies are there already."""
    done = standing(delivery)
    if machine:
        rows = [
            {"id": one.id, "language": one.lang, "file": delivery.file_name(one), "done": one.id in done}
            | {"recipient": one.record()}
            for one in chosen
        ]
        click.echo(dump({"edition": delivery.issue.name, "copies": rows, "findings": as_json(findings, "")}))
        return
    tell(findings, None, "", machine=False)
    for one in chosen:
        state = "done" if one.id in done else "to do"
        click.echo(f"{state:<5}  {delivery.file_name(one)}  {visible(' · '.join(one.address))}")
    click.echo(f"{len(chosen)} copies of {delivery.issue.name}; nothing was made")
