"""How commands come to identities: where they are kept, how a passphrase is asked for, whose word is trusted."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from typeset.cli.drawing import dump, visible
from typeset.cli.session import json_option, refusals, shown
from typeset.diagnostics import Finding, Refused, Severity
from typeset.signing.configuration import Configuration
from typeset.signing.identities import Identity, Whereabouts, certificates_in, opened
from typeset.signing.papers import write_secret


def ask(question: str) -> str:
    """A passphrase from the terminal. Raises `Refused` where there is none to ask at."""
    if not sys.stdin.isatty():
        raise Refused(
            [
                Finding(
                    code="no-passphrase",
                    severity=Severity.ERROR,
                    fact=f"nobody is here to be asked for the {question}",
                    hint="name a file with --passphrase-file, or a passphrase-file or passphrase-env in typeset.toml",
                    subject="identity",
                )
            ]
        )
    return str(click.prompt(question.capitalize(), hide_input=True, default="", show_default=False, err=True))


@contextmanager
def identities(
    configuration: Configuration, given: Sequence[str], passphrase_file: Path | None = None
) -> Iterator[tuple[Identity, ...]]:
    """The identities of these names or files, open for as long as the context lasts."""
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(opened(_place(configuration, name, passphrase_file), ask, os.environ.get))
            for name in given
        )


def roots(configuration: Configuration, more: Sequence[Path] = ()) -> tuple[bytes, ...]:
    """The certificates whose word counts: those of typeset.toml, and those named here. Raises `Refused`."""
    found: list[bytes] = []
    for path in (*configuration.trust, *more):
        try:
            data = path.read_bytes()
        except OSError as fault:
            said = (fault.strerror or str(fault)).lower()
            raise Refused(
                [
                    Finding(
                        code="no-root",
                        severity=Severity.ERROR,
                        fact=f"the root certificate {path} cannot be read: {said}",
                        hint="ask the sender for it, by another way than the letter came",
                        subject="trust",
                    )
                ]
            ) from fault
        found += certificates_in(data, str(path))
    return tuple(dict.fromkeys(found))


def _place(configuration: Configuration, name: str, passphrase_file: Path | None) -> Whereabouts:
    place = configuration.whereabouts(name)
    if passphrase_file is None:
        return place
    return Whereabouts(
        name=place.name,
        file=place.file,
        token=place.token,
        chain=place.chain,
        passphrase_file=passphrase_file,
        passphrase_env="",
    )


Command = Callable[..., Any]


def passphrase_option(command: Command) -> Command:
    """The file that a passphrase or PIN is in; it is never an argument."""
    return click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path),
        help="A file with the passphrase or PIN; otherwise typeset.toml says where it is, or you are asked.",
    )(command)


@click.group()
def identity() -> None:
    """Keys to sign with: make one for trying things out, look at one."""


@identity.command("new")
@click.argument("name")
@click.option("--out", "target", type=click.Path(path_type=Path), required=True, help="Where it goes: NAME.p12.")
@passphrase_option
@refusals
def new(name: str, target: Path, passphrase_file: Path | None) -> None:
    """Make a self-signed identity for trying things out.

    Nobody vouches for it, and its certificate and every page that it signs say so. For a real delivery ask a
    certificate authority for an identity of your organisation.
    """
    from datetime import UTC, datetime

    from typeset.signing.creation import new_identity
    from typeset.signing.identities import from_archive

    secret = _new_passphrase(target, passphrase_file)
    made = new_identity(name, secret, datetime.now(UTC))
    write_secret(target, made.archive)
    certificate = target.with_suffix(".pem")
    certificate.write_bytes(made.certificate)
    key = from_archive(made.archive, secret, target.name).certified.key
    click.echo(f"{shown(target)}: a demonstration identity, vouched for by nobody; only you can read it")
    click.echo(f"{shown(certificate)}: its certificate, to be given away; also its own root of trust")
    click.echo("\nto let this person approve, add to letter.toml:\n")
    click.echo(f'[[signoff.holders]]\nname = "{name}"\nroles = ["…"]\nkey = "{key}"')


@identity.command("show")
@click.argument("given", metavar="IDENTITY")
@passphrase_option
@json_option
@refusals
def show(given: str, passphrase_file: Path | None, machine: bool) -> None:
    """Say whose key it is: an identity of typeset.toml, or a PKCS#12 file."""
    from typeset.signing.configuration import read_configuration

    with identities(read_configuration(Path.cwd()), [given], passphrase_file) as (one,):
        certified = one.certified
        facts = {
            "name": certified.name,
            "key": certified.key,
            "since": certified.since.isoformat(),
            "until": certified.until.isoformat(),
            "may_sign": certified.may_sign,
            "demonstration": certified.demonstration,
        }
    if machine:
        click.echo(dump(facts))
        return
    click.echo(f"name   {visible(certified.name)}")
    click.echo(f"key    {certified.key}")
    click.echo(f"valid  {certified.since:%Y-%m-%d} to {certified.until:%Y-%m-%d}")
    if certified.demonstration:
        click.echo("       a demonstration, vouched for by nobody")


def _new_passphrase(target: Path, passphrase_file: Path | None) -> str:
    from typeset.signing.identities import passphrase

    if passphrase_file is not None:
        place = Whereabouts(name=target.name, file=target, passphrase_file=passphrase_file)
        return passphrase(place, ask, os.environ.get)
    first = ask(f"new passphrase of {target.name}")
    if first != ask("the same again"):
        raise Refused(
            [
                Finding(
                    code="passphrases-differ",
                    severity=Severity.ERROR,
                    fact="the two passphrases differ",
                    hint="type it again",
                    subject="identity",
                )
            ]
        )
    return first
