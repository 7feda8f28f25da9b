"""``typesetter identity``, and the keys of other commands. A passphrase is asked for, never given as an option."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from typeset.cli.output import PATH, dump, json_option, refusals, shown, tell, visible
from typeset.letter_folder import read_plain
from typeset.signing import (
    Keyring,
    cannot_ask,
    certificates_in,
    hand_over,
    new_passphrase,
    read_configuration,
    write_identity,
)

Command = Callable[..., Any]


def ask(question: str) -> str:
    """Ask for a passphrase. Raises `LetterError` if there is no terminal."""
    if not sys.stdin.isatty():
        return cannot_ask(question)
    return str(click.prompt(question.capitalize(), hide_input=True, default="", show_default=False, err=True))


def keyring(passphrase_file: Path | None) -> Keyring:
    """The user's identities, and those of typeset.toml in this folder if the user trusts it."""
    configuration = read_configuration(Path.cwd())
    tell(configuration.ignored, None, "", machine=False)
    return Keyring(configuration=configuration, passphrase_file=passphrase_file, ask=ask)


def passphrase_option(command: Command) -> Command:
    """The option that names the file with a passphrase or PIN."""
    return click.option(
        "--passphrase-file",
        type=PATH,
        help="File with the passphrase or PIN. Default: as in typeset.toml, or you are asked.",
    )(command)


@click.group()
def identity() -> None:
    """Create an identity for trials, or show one."""


@identity.command("new")
@click.argument("name")
@click.option("--out", "target", type=PATH, required=True, help="File to write: NAME.p12.")
@passphrase_option
@refusals
def new(name: str, target: Path, passphrase_file: Path | None) -> None:
    """Create a self-signed identity for trials.

    No authority confirms it: its certificate and every page that it signs show this. For a real delivery, ask a
    certificate authority for an identity of your organisation.
    """
    secret = new_passphrase(target, ask, passphrase_file)
    made = write_identity(name, target, secret, datetime.now(UTC))
    click.echo(f"{shown(made.file)}: a demonstration identity that no authority confirms; only you can read it")
    click.echo(f"{shown(made.certificate)}: its certificate, to share; verify --trust accepts it as root")
    click.echo("\nto let this person approve, add this to letter.toml:\n")
    click.echo(f'[[signoff.holders]]\nname = "{name}"\nroles = ["…"]\nkey = "{made.key}"')


@identity.command("show")
@click.argument("given", metavar="IDENTITY")
@passphrase_option
@json_option
@refusals
def show(given: str, passphrase_file: Path | None, machine: bool) -> None:
    """Show who an identity belongs to.

    It is a name in typeset.toml or a PKCS#12 file.
    """
    with keyring(passphrase_file).opened(given) as (one,):
        certified = one.certified
    if machine:
        click.echo(dump(certified.document()))
        return
    click.echo(f"name   {visible(certified.full_name)}")
    click.echo(f"key    {certified.key}")
    click.echo(f"valid  {certified.since:%Y-%m-%d} to {certified.until:%Y-%m-%d}")
    if certified.demonstration:
        click.echo("       a demonstration identity that no authority confirms")


@identity.command("hand-over")
@click.argument("given", metavar="IDENTITY")
@click.option("--letter", required=True, help="Id of the letter.")
@click.option("--to", "target", type=PATH, required=True, help="Certificate of the next key.")
@click.option("--out", type=PATH, required=True, help="File to write.")
@passphrase_option
@refusals
def hand_over_to(given: str, letter: str, target: Path, out: Path, passphrase_file: Path | None) -> None:
    """Sign that another key follows this one.

    The other key speaks for the letter from then on. Send the statement to those who have pinned this key: typesetter
    trust rotate takes it.
    """
    (to, *_) = certificates_in(read_plain(target), shown(target))
    with keyring(passphrase_file).opened(given) as (one,):
        out.write_bytes(hand_over(one, letter, to, datetime.now(UTC)))
    click.echo(f"{shown(out)}: for those who have pinned the key {one.certified.key}")
