"""``typesetter demonstrate``: the whole line of a signed-off edition, with keys that nobody vouches for."""

from __future__ import annotations

import secrets
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from typeset.cli.delivering import RECIPIENTS, Wishes, carry_out
from typeset.cli.session import Clock, letter_folder, refusals, shown
from typeset.cli.signing import output_option, proposed, release, standing_of
from typeset.cli.verifying import draw
from typeset.diagnostics import Finding, Refused, Severity
from typeset.publishing.approving import stated
from typeset.publishing.edition import record_name
from typeset.signing.configuration import Configuration, Whereabouts
from typeset.signing.creation import write_identity
from typeset.signing.identities import Keyring
from typeset.signing.papers import add_statement, write_secret
from typeset.signing.sealing import Services
from typeset.verify import verify
from typeset.workspace import find_letter

PEOPLE = {"chair": "A chair", "editor": "An editor", "seal": "A secretariat"}
_PASSPHRASE = "passphrase"
_RECIPIENTS = """set,state,office,holder
,,secretary-general,-
,,high-commissioner,-
un-missions,,,
"""
"""Offices without a name: who holds them today is for the sender to say."""
_REAL = """a real delivery needs, instead of these keys:
  - a [signoff] table in letter.toml that names the people who agree, each with a key of their own;
  - their approvals: typesetter approve --role chair --identity chair.p12;
  - the organisation's seal from an authority that recipients trust, and a timestamp service, in typeset.toml;
  - typesetter publish --level B-LTA, and typesetter verify --trust root.pem with that authority's root.
docs/sign-off.md shows each step."""


@click.command()
@letter_folder
@output_option
@refusals
def demonstrate(folder: Path | None, output: Path) -> None:
    """Approve, seal, verify and deliver a copy of a letter with demonstration keys.

    The letter's folder is not touched: the copy, its approvals and the keys are kept below the output folder.
    """
    folder = find_letter(folder, Path.cwd())
    place = output / "demonstration"
    keys = _keys(place / "identities")
    copy = place / folder.resolve().name
    with keys.opened(*PEOPLE) as (chair, editor, seal):
        _copy(folder, copy, chair=chair.certified.key, editor=editor.certified.key)
        proposal, context = proposed(copy, Clock(shown=True))
        for role, one in (("chair", chair), ("editor", editor)):
            envelope = stated(proposal, standing_of(copy, proposal), one, role, datetime.now(UTC))
            add_statement(copy, envelope, proposal.manifest)
        root = seal.certificate
    target = output / proposal.manifest.letter
    (target / record_name(proposal)).unlink(missing_ok=True)
    archive = place / "archive"  # of its own, and begun anew each time: a trial follows no edition
    shutil.rmtree(archive, ignore_errors=True)
    services, standing = Services(roots=(root,)), standing_of(copy, proposal)
    release(proposal, standing, context, services, keys, ("seal",), True, target, archive)
    proven = True
    for path in sorted(target.glob(f"*.ed{proposal.manifest.edition.number}.signed.pdf")):
        verdict = verify(path.read_bytes(), roots=(root,), now=datetime.now(UTC))
        draw(path, verdict, "")
        proven = proven and verdict.proven
    recipients = copy / RECIPIENTS
    if not recipients.exists():
        recipients.write_text(_RECIPIENTS, encoding="utf-8")
    wishes = Wishes(folder=copy, archive=archive, output=output, seal="seal", trusted=(root,), most=3)
    undelivered = carry_out(wishes, keys)
    click.echo(_REAL)
    sys.exit(0 if proven and not undelivered else 1)


def _keys(folder: Path) -> Keyring:
    """Demonstration identities, kept from one time to the next while they are valid."""
    whereabouts = {
        name: Whereabouts(name=name, file=folder / f"{name}.p12", passphrase_file=folder / _PASSPHRASE)
        for name in PEOPLE
    }
    keys = Keyring(configuration=Configuration(identities=whereabouts))
    try:
        with keys.opened(*PEOPLE) as kept:
            if not any(True for one in kept for _ in one.faults(datetime.now(UTC))):
                return keys
    except Refused:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    write_secret(folder / _PASSPHRASE, secrets.token_urlsafe(24).encode())
    for name, person in PEOPLE.items():
        secret = (folder / _PASSPHRASE).read_text(encoding="utf-8")
        write_identity(person, folder / f"{name}.p12", secret, datetime.now(UTC))
    return keys


def _copy(folder: Path, copy: Path, *, chair: str, editor: str) -> None:
    """The letter with a policy of the demonstration's own. Raises `Refused` for a letter that has one already."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("approvals", "intake", ".*"))
    settings = copy / "letter.toml"
    text = settings.read_text(encoding="utf-8")
    if "[signoff" in text:
        raise Refused(
            [
                Finding(
                    code="has-a-policy",
                    severity=Severity.ERROR,
                    fact=f"{shown(folder)} says who has to approve it, so it is no letter to demonstrate with",
                    hint="typesetter approve, status and publish sign it off for good",
                    subject="sign-off",
                )
            ]
        )
    settings.write_text(text.rstrip("\n") + "\n" + _policy(chair, editor), encoding="utf-8")


def _policy(chair: str, editor: str) -> str:
    return f"""
[signoff]
threshold = 2
required = ["chair"]

[signoff.titles]
chair = {{ en = "Chair", zh-Hant = "主席" }}
editor = {{ en = "Editor", zh-Hant = "編輯" }}

[[signoff.holders]]
name = "{PEOPLE["chair"]}"
lang = "en"
roles = ["chair"]
key = "{chair}"

[[signoff.holders]]
name = "{PEOPLE["editor"]}"
lang = "en"
roles = ["editor"]
key = "{editor}"
"""
