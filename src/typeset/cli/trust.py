"""``typesetter trust``: the folders whose typeset.toml counts, and the keys that speak for a letter."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from typeset.cli.output import PATH, dump, json_option, refusals, shown, visible
from typeset.letter_folder import read_plain
from typeset.signing import cannot_compare, proposed_pin, refuse_other_fingerprint, rotated_pin
from typeset.trust_store import SETTINGS, Pin, add_pin, ignored_entries, read_store, remove, trust_folder

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def trust() -> None:
    """List the folders and keys that you trust, or change them.

    It is kept in your own configuration, not in the letter's folder.
    """


@trust.command("folder")
@click.argument("folder", type=PATH, default=Path())
@refusals
def folder(folder: Path) -> None:
    """Trust the typeset.toml of a folder, as it is now.

    It can name roots, keys, programs and services, so trust only a file that you have read and whose author you know.
    After every change of the file, run this command again.
    """
    entries = ignored_entries(folder)
    digest = trust_folder(folder)
    for entry in entries:
        click.echo(f"  {visible(entry)}")
    click.echo(f"{shown(folder / SETTINGS)} is used from now on: SHA-256 {digest}")


@trust.command("add")
@click.argument("file", type=PATH)
@click.option("--letter", default="", help="Id of the letter. Default: that of the PDF.")
@click.option("--role", "roles", multiple=True, help="Role of the key (repeatable): seal, or one in [signoff].")
@click.option("--until", type=DAY, help="Last day of the pin. Default: the end of the certificate.")
@click.option("--fingerprint", help="The key's fingerprint, as you received it another way.")
@refusals
def add(file: Path, letter: str, roles: tuple[str, ...], until: datetime | None, fingerprint: str | None) -> None:
    """Pin the key of a sealed PDF or certificate for one letter.

    Compare its fingerprint with the one that you received another way: by telephone, on paper, on the organisation's
    own web page. A pin is for one letter only.
    """
    last = until.date() if until else None
    pin = proposed_pin(read_plain(file), shown(file), letter=letter, roles=roles, until=last, now=datetime.now(UTC))
    _describe(pin)
    if fingerprint is None:
        question = "Type the fingerprint that you received another way"
        fingerprint = str(click.prompt(question, err=True)) if sys.stdin.isatty() else cannot_compare()
    refuse_other_fingerprint(pin, fingerprint)
    add_pin(pin)
    click.echo(f"pinned for the letter {visible(pin.letter)}")


@trust.command("rotate")
@click.argument("statement", type=PATH)
@refusals
def rotate(statement: Path) -> None:
    """Pin the next key, as the pinned key has signed.

    The statement names the key that speaks for the letter from now on. The organisation makes it with typesetter
    identity hand-over.
    """
    old, new = rotated_pin(read_plain(statement), datetime.now(UTC))
    _describe(new)
    add_pin(new)
    click.echo(f"pinned for the letter {visible(new.letter)}, after the key {old.key}")


def _describe(pin: Pin) -> None:
    click.echo(f"letter        {visible(pin.letter)}")
    click.echo(f"calls itself  {visible(pin.organisation)}")
    click.echo(f"roles         {visible(', '.join(pin.roles))}")
    click.echo(f"term          {pin.since} to {pin.until}")
    click.echo(f"fingerprint   {pin.key}")


@trust.command("list")
@json_option
@refusals
def list_trusted(machine: bool) -> None:
    """List trusted folders and pinned keys."""
    store = read_store()
    if machine:
        click.echo(dump({"folders": dict(store.folders), "pins": [pin.document() for pin in store.pins]}))
        return
    for name, digest in store.folders.items():
        click.echo(f"folder  {visible(name)}\n        SHA-256 of {SETTINGS} {digest}")
    for pin in store.pins:
        ended = f"; ended: signatures from {pin.ended} on do not count" if pin.ended else ""
        click.echo(f"pin     {visible(pin.letter)}: {visible(pin.organisation)} as {visible(', '.join(pin.roles))}")
        click.echo(f"        key {pin.key}, {pin.since} to {pin.until}{ended}")
    if not (store.folders or store.pins):
        click.echo("you trust no folder and have pinned no key")


@trust.command("remove")
@click.argument("what", metavar="LETTER|FOLDER")
@click.option("--key", default="", help="Only this key: the first digits of its fingerprint.")
@click.option("--since", type=DAY, help="The key was stolen on this day: signatures from then on do not count.")
@refusals
def remove_trusted(what: str, key: str, since: datetime | None) -> None:
    """Stop trusting a folder, or the keys of a letter.

    With --since, a key still counts for what a trusted timestamp proves to be signed before that day.
    """
    for line in remove(what, key, since.date() if since else None):
        click.echo(visible(line))
