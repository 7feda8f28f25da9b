"""``typeset.toml``: the organisation's identities, its seal, and the roots that it trusts. It has no secrets."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from typeset.diagnostics import Finding, LetterError, error, letter_error
from typeset.trust_store import SETTINGS as FILE, configuration_folder, ignored_settings, settings_in_force

_OTHER_TABLES = frozenset({"archive", "delivery", "editor", "preview"})
_IDENTITY = {
    "file": str,
    "module": str,
    "token": str,
    "label": str,
    "raw-mechanism": bool,
    "chain": list,
    "passphrase-file": str,
    "passphrase-env": str,
}
_SEAL = {"identity": str, "level": str, "timestamps": str}
_NAMED = {str: "text in quotes", bool: "true or false", list: "a list of file names"}


class Level(StrEnum):
    """PAdES levels: basic, with a timestamp, with revocation answers, and for long-term archives."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"
    LTA = "B-LTA"

    @property
    def timed(self) -> bool:
        """Whether the level needs a timestamp service."""
        return self is not Level.B

    @property
    def long(self) -> bool:
        """Whether the file keeps the answers of revocation services."""
        return self in (Level.LT, Level.LTA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key on a PKCS#11 token. ``raw`` is for tokens that only sign digests (ECDSA on SoftHSM2)."""

    module: Path
    token: str
    label: str
    raw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where an identity is stored: a PKCS#12 ``file`` or a ``token``; ``chain`` are files of certificates above it.

    The passphrase or PIN is in a file or an environment variable; otherwise the program asks for it. It is never
    part of this value.
    """

    name: str
    file: Path | None = None
    token: Token | None = None
    chain: tuple[Path, ...] = ()
    passphrase_file: Path | None = None
    passphrase_env: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings for signing in ``typeset.toml``. Paths are absolute.

    ``ignored`` warns of the entries of the folder that are ignored, because the user has not trusted it.
    """

    identities: Mapping[str, Whereabouts] = field(default_factory=lambda: MappingProxyType({}))
    trust: tuple[Path, ...] = ()
    seal: str = ""
    level: Level = Level.B
    timestamps: str = ""
    ignored: tuple[Finding, ...] = ()

    def whereabouts(self, given: str) -> Whereabouts:
        """The identity of that name, or the one in the PKCS#12 file of that path."""
        return self.identities.get(given) or Whereabouts(name=Path(given).name, file=Path(given))


def read_configuration(here: Path) -> Configuration:
    """The user's own settings, and on top of them those of a folder that the user trusts.

    Raises `LetterError` with all faults.
    """
    configuration = Configuration(ignored=ignored_settings(here))
    for folder, data in reversed(tuple(settings_in_force(here))):
        configuration = _on_top(configuration, folder, data)
    return configuration


def _on_top(below: Configuration, folder: Path, data: bytes) -> Configuration:
    """The settings in the bytes of a ``typeset.toml``, on top of others."""
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise letter_error("not-toml", str(fault).lower(), "docs/sign-off.md shows an example", file=FILE) from fault
    faults = list(_faults(table, below.identities))
    if faults:
        raise LetterError(faults)
    seal = table.get("seal", {})
    own = {name: _whereabouts(name, entry, folder) for name, entry in table.get("identities", {}).items()}
    return replace(
        below,
        identities=MappingProxyType({**below.identities, **own}),
        trust=(*(folder / name for name in table.get("trust", [])), *below.trust),
        seal=seal.get("identity", below.seal),
        level=Level(seal.get("level", below.level)),
        timestamps=seal.get("timestamps", below.timestamps),
    )


def trusted_roots(configuration: Configuration, more: Iterable[Path] = ()) -> tuple[bytes, ...]:
    """The trusted root certificates (DER) of ``typeset.toml``, and ``more``. Raises `LetterError`."""
    return tuple(named_roots(configuration, more))


def named_roots(configuration: Configuration, more: Iterable[Path] = ()) -> Mapping[bytes, str]:
    """The trusted root certificates (DER), each with where the user named it. Raises `LetterError`."""
    found: dict[bytes, str] = {}
    own = configuration_folder()
    whose = {True: "in your own configuration", False: f"in the {FILE} of a folder that you trust"}
    given = ((path, whose[own in path.parents]) for path in configuration.trust)
    for path, where in (*((path, "with --trust") for path in more), *given):
        try:
            data = path.read_bytes()
        except OSError as fault:
            reason = (fault.strerror or str(fault)).lower()
            message, hint = (
                f"the root certificate {path} cannot be read: {reason}",
                "ask the sender for it; do not take it from the same source as the letter",
            )
            raise letter_error("no-root", message, hint, subject="trust") from fault
        for certificate in certificates_in(data, str(path)):
            found.setdefault(certificate, where)
    return found


def certificates_in(data: bytes, name: str) -> tuple[bytes, ...]:
    """The certificates of a PEM or DER file, in DER. Raises `LetterError` for a file without one."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = (
            x509.load_pem_x509_certificates(data) if b"-----BEGIN" in data else [x509.load_der_x509_certificate(data)]
        )
    except ValueError:
        message, hint = f"{name} contains no certificate", "use a certificate in PEM or DER form"
        raise letter_error("not-a-certificate", message, hint, subject="identity") from None
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in found)


def _whereabouts(name: str, entry: Mapping[str, Any], folder: Path) -> Whereabouts:
    token = None
    if "module" in entry:
        token = Token(
            module=folder / entry["module"],
            token=entry["token"],
            label=entry["label"],
            raw=entry.get("raw-mechanism", False),
        )
    return Whereabouts(
        name=name,
        file=folder / entry["file"] if "file" in entry else None,
        token=token,
        chain=tuple(folder / one for one in entry.get("chain", [])),
        passphrase_file=folder / entry["passphrase-file"] if "passphrase-file" in entry else None,
        passphrase_env=entry.get("passphrase-env", ""),
    )


def _faults(table: Mapping[str, Any], below: Iterable[str] = ()) -> Iterator[Finding]:
    for key in table:
        if key not in ("identities", "seal", "trust") and key not in _OTHER_TABLES:
            yield error(
                "unknown-key",
                f"{key} is not a known setting",
                "known settings are identities, seal and trust",
                file=FILE,
            )
    if not _is_names(table.get("trust", [])):
        yield error(
            "wrong-type", "trust should be a list of file names", 'write trust = ["root.pem"] at the top', file=FILE
        )
    seal, identities = table.get("seal", {}), table.get("identities", {})
    for name, entry in (("seal", seal), ("identities", identities)):
        if not isinstance(entry, dict):
            yield error("wrong-type", f"{name} should be a table", f"write [{name}] on a line of its own", file=FILE)
            return
    yield from _entry_faults(seal, _SEAL, "[seal]")
    if seal.get("level", Level.B) not in set(Level):
        yield error(
            "unknown-level", f"{seal['level']!r} is not a level", f"the levels are {', '.join(Level)}", file=FILE
        )
    for name, entry in identities.items():
        table_name = f"[identities.{name}]"
        if not isinstance(entry, dict) or not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            yield error(
                "wrong-type",
                f"{name} is not an identity",
                "write [identities.chair] and its settings below it",
                file=FILE,
            )
            continue
        yield from _entry_faults(entry, _IDENTITY, table_name)
        if ("file" in entry) == ("module" in entry):
            yield error(
                "no-key",
                f"{table_name} has no key, or two",
                "write file, or module with token and label, not both",
                file=FILE,
            )
        for key in ("token", "label"):
            if "module" in entry and key not in entry:
                yield error("missing-key", f"{table_name} has no {key}", f'write {key} = "…"', file=FILE)
    if (named := seal.get("identity", "")) and isinstance(named, str) and named not in {*identities, *below}:
        yield error(
            "unknown-identity",
            f"the seal uses the identity {named}, which is not defined",
            f"add a table [identities.{named}]",
            file=FILE,
        )


def _entry_faults(entry: Mapping[str, Any], known: Mapping[str, type], name: str) -> Iterator[Finding]:
    for key, value in entry.items():
        if key in ("passphrase", "pin"):
            message = f"{name} contains a {key}"
            yield error(
                "secret-in-file",
                message,
                "change the secret, then name a passphrase-file or a passphrase-env instead",
                file=FILE,
            )
        elif key not in known:
            yield error(
                "unknown-key",
                f"{key} is not a known setting of {name}",
                f"known settings are {', '.join(known)}",
                file=FILE,
            )
        elif not isinstance(value, known[key]) or (known[key] is list and not _is_names(value)):
            yield error(
                "wrong-type", f"{key} in {name} should be {_NAMED[known[key]]}", f"it is {value!r} now", file=FILE
            )


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
