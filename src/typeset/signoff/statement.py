"""One statement of one person: an in-toto statement over the digest of a manifest, in a DSSE envelope.

The envelope's signature is over payload type and payload; its key id is the digest of the public key. The certificate
travels in the payload, where it is signed too. It is not what makes an approval count: the policy's digest of the key
is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signer


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

    def document(self) -> dict[str, object]:
        """Whose key it is, for machines, as JSON has it."""
        return {
            "name": self.name,
            "key": self.key,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "may_sign": self.may_sign,
            "demonstration": self.demonstration,
        }

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


PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:typeset:approval:1"
APPROVE, WITHDRAW = "approve", "withdraw"

LARGEST = 64 * 1024
"""Bytes of an envelope. A statement has about three thousand."""

_DECISIONS = (APPROVE, WITHDRAW)
_KEYS = {"decision", "role", "letter", "edition", "approver", "certificate", "approvedAt", "replaces"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Somebody approves an edition in a role, or takes that back.

    ``replaces`` are digests of this person's earlier statements on the same manifest, so that their order needs no
    clock. ``when`` is their own word for the hour and proves nothing.
    """

    decision: str
    role: str
    letter: str
    edition: int
    digest: str
    name: str
    certificate: bytes
    when: datetime
    replaces: tuple[str, ...] = ()

    @property
    def payload(self) -> bytes:
        """The statement's own bytes."""
        import rfc8785

        return rfc8785.dumps(
            {
                "_type": STATEMENT,
                "subject": [
                    {
                        "name": f"{self.letter}.ed{self.edition}.manifest.json",
                        "digest": {"sha256": self.digest},
                    }
                ],
                "predicateType": PREDICATE,
                "predicate": {
                    "decision": self.decision,
                    "role": self.role,
                    "letter": self.letter,
                    "edition": self.edition,
                    "approver": self.name,
                    "certificate": base64.b64encode(self.certificate).decode(),
                    "approvedAt": self.when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "replaces": list(self.replaces),
                },
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatement:
    """A statement whose signature is right, by the key of the certificate in it."""

    statement: Statement
    certified: Certified
    payload_digest: str


class NotAnApproval(ValueError):
    """Bytes that are no statement signed by the key they name; says why."""


def sign(statement: Statement, signer: Signer) -> bytes:
    """The statement in an envelope, as the bytes of a file."""
    from securesystemslib.dsse import Envelope

    envelope = Envelope(statement.payload, PAYLOAD, {})
    envelope.sign(signer)
    return json.dumps(envelope.to_dict(), indent=1).encode() + b"\n"


def key_of(certified: Certified) -> Key:
    """The key that has to have signed: its id is the digest of the public key, its scheme follows from its kind.

    Raises `ValueError` for a kind of key that envelopes are not signed with.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from securesystemslib.signer import SSlibKey

    scheme = "rsa-pkcs1v15-sha256" if isinstance(certified.public_key, RSAPublicKey) else None
    return SSlibKey.from_crypto(certified.public_key, keyid=certified.key, scheme=scheme)


def read_envelope(data: bytes) -> SignedStatement:
    """The statement in an envelope. Raises `NotAnApproval` unless it is whole and signed by the key it names."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError

    if len(data) > LARGEST:
        raise NotAnApproval(f"it has {len(data)} bytes, and a statement has a few thousand")
    try:
        envelope = Envelope.from_dict(json.loads(data))
        if envelope.payload_type != PAYLOAD:
            raise NotAnApproval(f"its payload is {envelope.payload_type!r}, not an in-toto statement")
        statement = _statement(json.loads(envelope.payload))
        if statement.payload != envelope.payload:
            raise NotAnApproval("its payload is not in canonical form, or has entries that no statement has")
        certified = read_certificate(statement.certificate)
        key = key_of(certified)
    except NotAnApproval:
        raise
    # What securesystemslib and cryptography raise for bytes that are not theirs is not written down.
    except Exception as fault:
        raise NotAnApproval(f"it cannot be read as a signed statement: {fault or type(fault).__name__}") from fault
    if list(envelope.signatures) != [certified.key]:
        raise NotAnApproval("the key it names is not that of the certificate in it")
    try:
        envelope.verify([key], 1)
    except VerificationError as fault:
        raise NotAnApproval("its signature is not by the key it names") from fault
    return SignedStatement(
        statement=statement, certified=certified, payload_digest=hashlib.sha256(envelope.payload).hexdigest()
    )


def _statement(document: Any) -> Statement:
    predicate, subjects = document["predicate"], document["subject"]
    if document["_type"] != STATEMENT or document["predicateType"] != PREDICATE:
        raise NotAnApproval(f"it is a statement of another kind: {document['predicateType']}")
    if set(predicate) != _KEYS or len(subjects) != 1:
        raise NotAnApproval("it does not have the entries of a statement on one manifest")
    if predicate["decision"] not in _DECISIONS:
        raise NotAnApproval(f"it neither approves nor withdraws: {predicate['decision']!r}")
    try:
        certificate = base64.b64decode(predicate["certificate"], validate=True)
    except binascii.Error as fault:
        raise NotAnApproval("the certificate in it is damaged") from fault
    return Statement(
        decision=predicate["decision"],
        role=str(predicate["role"]),
        letter=str(predicate["letter"]),
        edition=int(predicate["edition"]),
        digest=str(subjects[0]["digest"]["sha256"]),
        name=str(predicate["approver"]),
        certificate=certificate,
        when=datetime.strptime(predicate["approvedAt"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        replaces=tuple(map(str, predicate["replaces"])),
    )
