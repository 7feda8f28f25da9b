"""The demonstration: a copy of a letter, approved and published with demonstration keys."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from typeset.delivery import RECIPIENTS, DeliveryOptions
from typeset.diagnostics import LetterError, letter_error
from typeset.letter_folder import from_here
from typeset.publishing import Release, SignOffStatus, approve, record_name, release_edition
from typeset.signing import Configuration, Keyring, Services, Whereabouts, write_identity, write_secret
from typeset.verification import Verdict, verify

PEOPLE = {"chair": "A chair", "editor": "An editor", "seal": "A secretariat"}
_PASSPHRASE = "passphrase"
_RECIPIENTS = """set,state,office,holder
,,secretary-general,-
,,high-commissioner,-
un-missions,,,
"""
"""Offices without the names of their holders."""
_COPIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """A copy of a letter with a demonstration policy, its keys, and an empty archive."""

    folder: Path
    archive: Path
    output: Path
    keys: Keyring
    root: bytes
    """The certificate (DER) of the seal, the only trusted root."""

    @property
    def delivery(self) -> DeliveryOptions:
        """The options for sealed copies for the first recipients."""
        return DeliveryOptions(seal="seal", roots=(self.root,), first=_COPIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemonstrationReport:
    """The published edition, and the verdict on each signed file."""

    release: Release
    verdicts: Mapping[Path, Verdict]

    @property
    def proven(self) -> bool:
        """Whether everything is proven."""
        return all(verdict.proven for verdict in self.verdicts.values())


def prepare_demonstration(folder: Path, output: Path) -> Demonstration:
    """Copy a letter below ``output`` and give it a policy. The letter's folder is not touched.

    Raises `LetterError` for a letter that has a policy.
    """
    place = output / "demonstration"
    keys = _keys(place / "identities")
    copy = place / folder.resolve().name
    with keys.opened(*PEOPLE) as (chair, editor, seal):
        _copy(folder, copy, chair=chair.certified.key, editor=editor.certified.key)
        root = seal.certificate
    if not (copy / RECIPIENTS).exists():
        (copy / RECIPIENTS).write_text(_RECIPIENTS, encoding="utf-8")
    return Demonstration(folder=copy, archive=place / "archive", output=output, keys=keys, root=root)


def publish_demonstration(demonstration: Demonstration, status: SignOffStatus) -> DemonstrationReport:
    """Approve the copy in all roles, publish it, and verify its files."""
    proposal = status.proposal
    for role in ("chair", "editor"):
        status = replace(status, tally=approve(status, role, role, demonstration.keys).tally)
    target = demonstration.output / proposal.manifest.letter
    (target / record_name(proposal)).unlink(missing_ok=True)
    # A demonstration has no earlier edition, so its archive starts empty.
    shutil.rmtree(demonstration.archive, ignore_errors=True)
    services = Services(roots=(demonstration.root,))
    release = release_edition(
        status, demonstration.output, demonstration.archive, demonstration.keys, services=services, seal="seal"
    )
    verdicts = {
        path: verify(path.read_bytes(), roots=services.roots, now=datetime.now(UTC))
        for path in release.files
        if path.name.endswith(".signed.pdf")
    }
    return DemonstrationReport(release=release, verdicts=verdicts)


def _keys(folder: Path) -> Keyring:
    """The demonstration identities; existing ones are used while they are valid."""
    whereabouts = {
        name: Whereabouts(name=name, file=folder / f"{name}.p12", passphrase_file=folder / _PASSPHRASE)
        for name in PEOPLE
    }
    keys = Keyring(configuration=Configuration(identities=whereabouts))
    try:
        with keys.opened(*PEOPLE) as kept:
            if not any(True for one in kept for _ in one.faults(datetime.now(UTC))):
                return keys
    except LetterError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    write_secret(folder / _PASSPHRASE, secrets.token_urlsafe(24).encode())
    for name, person in PEOPLE.items():
        secret = (folder / _PASSPHRASE).read_text(encoding="utf-8")
        write_identity(person, folder / f"{name}.p12", secret, datetime.now(UTC))
    return keys


def _copy(folder: Path, copy: Path, *, chair: str, editor: str) -> None:
    """Copy the letter and add a policy."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("approvals", "intake", ".*"))
    settings = copy / "letter.toml"
    text = settings.read_text(encoding="utf-8")
    if "[signoff" in text:
        raise letter_error(
            "has-a-policy",
            f"{from_here(folder)} has a [signoff] table, so it cannot be used for a demonstration",
            "use typesetter approve, status and publish for the real sign-off",
            subject="sign-off",
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
