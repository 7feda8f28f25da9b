"""An identity for trying things out: a key and a certificate that vouches for itself and says so."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from typeset.diagnostics import Finding, Refused, Severity
from typeset.signing.identities import Ask, from_archive
from typeset.signing.papers import write_secret
from typeset.signoff.certificates import DEMONSTRATION

MARK = " (demonstration)"
DAYS = 366
_LONGEST = 64
"""Bytes of a common name in UTF-8 (X.520, ub-common-name, as it is commonly read)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new identity: the PKCS#12 file, and the certificate alone (PEM), which is also its own root of trust."""

    archive: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIdentity:
    """A new identity on the disk: the PKCS#12 ``file``, its ``certificate`` beside it, and the id of its ``key``."""

    file: Path
    certificate: Path
    key: str


def write_identity(name: str, file: Path, passphrase: str, since: datetime) -> NewIdentity:
    """Make a demonstration identity and write it. Raises `Refused` for an unusable name, or where a file is there."""
    made = new_identity(name, passphrase, since)
    write_secret(file, made.archive)
    certificate = file.with_suffix(".pem")
    certificate.write_bytes(made.certificate)
    key = from_archive(made.archive, passphrase, file.name).certified.key
    return NewIdentity(file=file, certificate=certificate, key=key)


def new_passphrase(name: str, ask: Ask) -> str:
    """A passphrase that is asked for twice. Raises `Refused` where the answers differ."""
    first = ask(f"new passphrase of {name}")
    if first != ask("the same again"):
        fact, hint = "the two passphrases differ", "type it again"
        raise Refused(
            [Finding(code="passphrases-differ", severity=Severity.ERROR, fact=fact, hint=hint, subject="identity")]
        )
    return first


def new_identity(name: str, passphrase: str, since: datetime) -> Made:
    """A self-signed identity on the curve P-256, plainly named as a demonstration, valid for a year.

    Raises `Refused` for a name that no certificate can have.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    common = name if name.endswith(MARK) else name + MARK
    if not name.strip() or len(common.encode()) > _LONGEST or any(unicodedata.category(c)[0] == "C" for c in name):
        raise Refused(
            [
                Finding(
                    code="unusable-name",
                    severity=Severity.ERROR,
                    fact=f"{name!r} cannot be the name in a certificate",
                    hint=f"a name has visible characters, at most {_LONGEST - len(MARK)} bytes of them in UTF-8",
                    subject="identity",
                )
            ]
        )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEMONSTRATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Two machines rarely agree on the minute.
        .not_valid_before(since - timedelta(hours=1))
        .not_valid_after(since + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return Made(
        archive=pkcs12.serialize_key_and_certificates(common.encode(), key, certificate, None, encryption),
        certificate=certificate.public_bytes(Encoding.PEM),
    )
