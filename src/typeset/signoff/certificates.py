"""What a certificate says of the key in it. Who vouches for it is another question, and `verify` asks that."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

DEMONSTRATION = "Demonstration only, vouched for by nobody"
"""The organisational unit in a certificate that was made for trying things out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A public key and the words about it.

    ``key`` is the SHA-256 of the SubjectPublicKeyInfo; ``may_sign`` is false where the key usage forbids it
    (RFC 5280, 4.2.1.3).
    """

    name: str
    key: str
    since: datetime
    until: datetime
    may_sign: bool
    demonstration: bool
    public_key: Any

    def valid_at(self, when: datetime) -> bool:
        """Whether an hour is within the certificate's validity."""
        return self.since <= when <= self.until


def read_certificate(der: bytes) -> Certified:
    """A certificate in DER. Raises `ValueError` for bytes that are none."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509.oid import NameOID

    certificate = x509.load_der_x509_certificate(der)
    public_key = certificate.public_key()
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        may_sign = usage.digital_signature or usage.content_commitment
    except x509.ExtensionNotFound:
        may_sign = True
    return Certified(
        name=str(names[0].value) if names else certificate.subject.rfc4514_string(),
        key=hashlib.sha256(spki).hexdigest(),
        since=certificate.not_valid_before_utc,
        until=certificate.not_valid_after_utc,
        may_sign=may_sign,
        demonstration=any(unit.value == DEMONSTRATION for unit in units),
        public_key=public_key,
    )
