"""Approvals: in-toto statements about the digest of a manifest, in DSSE envelopes, and which of them count.

The envelope's signature covers payload type and payload; its key id is the digest of the public key. The certificate
is in the payload, so it is signed too. An approval counts when the policy has the digest of its key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from typeset.model import Approval, Policy

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signer


DEMONSTRATION = "Demonstration only, vouched for by nobody"
"""The organisational unit in a demonstration certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A public key and what its certificate says about it.

    ``key`` is the SHA-256 of the SubjectPublicKeyInfo; ``may_sign`` is false when the key usage forbids it
    (RFC 5280, 4.2.1.3). ``unsuited`` says for what other purpose the certificate is, when it is not for documents.
    """

    name: str
    key: str
    since: datetime
    until: datetime
    may_sign: bool
    demonstration: bool
    public_key: Any
    organisation: str = ""
    country: str = ""
    unsuited: str = ""

    @property
    def full_name(self) -> str:
        """The name with organisation and country, where the certificate has them."""
        more = ", ".join(part for part in (self.organisation, self.country) if part and part != self.name)
        return f"{self.name} ({more})" if more else self.name

    def document(self) -> dict[str, object]:
        """The certificate as JSON."""
        return {
            "name": self.name,
            "organisation": self.organisation,
            "country": self.country,
            "key": self.key,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "may_sign": self.may_sign,
            "demonstration": self.demonstration,
        }

    def valid_at(self, when: datetime) -> bool:
        """Whether a time is within the certificate's validity."""
        return self.since <= when <= self.until


def read_certificate(der: bytes) -> Certified:
    """A certificate in DER. Raises `ValueError` for other bytes."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509.oid import NameOID

    certificate = x509.load_der_x509_certificate(der)
    public_key = certificate.public_key()
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    organisations = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    countries = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        may_sign = usage.digital_signature or usage.content_commitment
    except x509.ExtensionNotFound:
        may_sign = True
    try:
        purposes = {
            each.dotted_string for each in certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        }
    except x509.ExtensionNotFound:
        purposes = set()
    return Certified(
        name=str(names[0].value) if names else certificate.subject.rfc4514_string(),
        key=hashlib.sha256(spki).hexdigest(),
        since=certificate.not_valid_before_utc,
        until=certificate.not_valid_after_utc,
        may_sign=may_sign,
        demonstration=any(unit.value == DEMONSTRATION for unit in units),
        public_key=public_key,
        organisation=", ".join(str(each.value) for each in organisations),
        country=", ".join(str(each.value) for each in countries),
        unsuited=", ".join(sorted(_OTHER_PURPOSES.get(each, each) for each in purposes))
        if purposes and not purposes & _FOR_DOCUMENTS
        else "",
    )


_FOR_DOCUMENTS = frozenset(
    {
        "1.3.6.1.5.5.7.3.36",  # document signing (RFC 9336)
        "1.3.6.1.5.5.7.3.4",  # e-mail protection
        "1.2.840.113583.1.1.5",  # Adobe PDF signing
        "1.3.6.1.4.1.311.10.3.12",  # Microsoft document signing
        "2.5.29.37.0",  # anyExtendedKeyUsage
    }
)
_OTHER_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "TLS servers",
    "1.3.6.1.5.5.7.3.2": "TLS clients",
    "1.3.6.1.5.5.7.3.3": "program code",
    "1.3.6.1.5.5.7.3.8": "timestamps",
    "1.3.6.1.5.5.7.3.9": "answers on revocation",
}


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
    """A person approves an edition in a role, or withdraws the approval.

    ``replaces`` are digests of this person's earlier statements on the same manifest, so that their order needs no
    clock. ``when`` is the time on the person's own clock and proves nothing.
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
        """The bytes of the statement, in canonical JSON (RFC 8785)."""
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
    """A statement with a valid signature by the key of its certificate."""

    statement: Statement
    certified: Certified
    payload_digest: str


class NotAnApproval(ValueError):
    """Bytes that are not a statement with a valid signature, with the reason."""


def sign(statement: Statement, signer: Signer) -> bytes:
    """Sign a statement; returns the bytes of an envelope file."""
    from securesystemslib.dsse import Envelope

    envelope = Envelope(statement.payload, PAYLOAD, {})
    envelope.sign(signer)
    return json.dumps(envelope.to_dict(), indent=1).encode() + b"\n"


def key_of(certified: Certified) -> Key:
    """The key of a certificate, for checking envelopes: its id is the digest of the public key.

    Raises `ValueError` for a kind of key that cannot sign envelopes.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from securesystemslib.signer import SSlibKey

    scheme = "rsa-pkcs1v15-sha256" if isinstance(certified.public_key, RSAPublicKey) else None
    return SSlibKey.from_crypto(certified.public_key, keyid=certified.key, scheme=scheme)


def read_envelope(data: bytes) -> SignedStatement:
    """The statement in an envelope. Raises `NotAnApproval` unless it is complete and its signature is valid."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError

    if len(data) > LARGEST:
        raise NotAnApproval(f"it has {len(data)} bytes, but a statement has only a few thousand")
    try:
        envelope = Envelope.from_dict(json.loads(data))
        if envelope.payload_type != PAYLOAD:
            raise NotAnApproval(f"its payload is {envelope.payload_type!r}, not an in-toto statement")
        statement = _statement(json.loads(envelope.payload))
        if statement.payload != envelope.payload:
            raise NotAnApproval("its payload is not in canonical form, or has unknown entries")
        certified = read_certificate(statement.certificate)
        key = key_of(certified)
    except NotAnApproval:
        raise
    # Which exceptions securesystemslib and cryptography raise for damaged bytes is not documented.
    except Exception as fault:
        raise NotAnApproval(f"it cannot be read as a signed statement: {fault or type(fault).__name__}") from fault
    if list(envelope.signatures) != [certified.key]:
        raise NotAnApproval("its key is not the key of its certificate")
    try:
        envelope.verify([key], 1)
    except VerificationError as fault:
        raise NotAnApproval("its signature is not valid for its key") from fault
    return SignedStatement(
        statement=statement, certified=certified, payload_digest=hashlib.sha256(envelope.payload).hexdigest()
    )


def _statement(document: Any) -> Statement:
    predicate, subjects = document["predicate"], document["subject"]
    if document["_type"] != STATEMENT or document["predicateType"] != PREDICATE:
        raise NotAnApproval(f"it is another kind of statement: {document['predicateType']}")
    if set(predicate) != _KEYS or len(subjects) != 1:
        raise NotAnApproval("it does not have the entries of a statement about one manifest")
    if predicate["decision"] not in _DECISIONS:
        raise NotAnApproval(f"its decision is neither approve nor withdraw: {predicate['decision']!r}")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """A statement that does not count, and why. ``earlier`` is the digest of the manifest that it approved."""

    file: str
    why: str
    who: str = ""
    earlier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An approval that counts, with the bytes of its file."""

    file: str
    data: bytes
    approval: Approval
    payload_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStatus:
    """The approvals of a letter. ``missing`` says what the policy still needs; empty when it is met."""

    counted: tuple[Counted, ...]
    void: tuple[Void, ...]
    missing: tuple[str, ...]
    standing: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Payload digests of the current statements, by key and role, which a new statement replaces."""

    @property
    def met(self) -> bool:
        """Whether the policy is met."""
        return not self.missing

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """The approvals that count, in the order of the policy."""
        return tuple(counted.approval for counted in self.counted)


def tally(envelopes: Mapping[str, bytes], policy: Policy, digest: str) -> ApprovalStatus:
    """Count the statements in these files, by name, about the manifest with this digest."""
    void: list[Void] = []
    usable: dict[tuple[str, str], list[tuple[str, SignedStatement]]] = {}
    for file, data in sorted(envelopes.items()):
        try:
            signed = read_envelope(data)
        except NotAnApproval as fault:
            void.append(Void(file=file, why=str(fault)))
            continue
        if why := _fault(signed, policy, digest):
            earlier = signed.statement.digest if signed.statement.digest != digest else ""
            void.append(Void(file=file, why=why, who=_who(signed, policy), earlier=earlier))
        else:
            usable.setdefault((signed.certified.key, signed.statement.role), []).append((file, signed))
    counted: list[Counted] = []
    standing: dict[tuple[str, str], tuple[str, ...]] = {}
    for place, statements in usable.items():
        replaced = {digest for _, signed in statements for digest in signed.statement.replaces}
        in_force = [(file, signed) for file, signed in statements if signed.payload_digest not in replaced]
        standing[place] = tuple(sorted({signed.payload_digest for _, signed in in_force}))
        # If statements do not name each other, a withdrawal counts: asking once more is safer.
        withdrawn = any(signed.statement.decision == WITHDRAW for _, signed in in_force)
        if withdrawn:
            void.extend(
                Void(file=file, why="it was withdrawn", who=_who(signed, policy))
                for file, signed in statements
                if signed.statement.decision == APPROVE
            )
        elif in_force:
            file, signed = min(in_force, key=lambda item: (item[1].statement.when, item[1].payload_digest))
            counted.append(_counted(file, envelopes[file], signed, policy))
    order = [(holder.key, role) for holder in policy.holders for role in holder.roles]
    counted.sort(key=lambda item: order.index((item.approval.key, item.approval.role)))
    return ApprovalStatus(
        counted=tuple(counted),
        void=tuple(void),
        missing=tuple(_missing([item.approval for item in counted], policy)),
        standing=standing,
    )


def policy_faults(policy: Policy) -> Iterator[str]:
    """The rules for ``letter.toml`` that the policy in a file breaks, in words; nothing when it keeps them."""
    people = {holder.person for holder in policy.holders}
    held = {role for holder in policy.holders for role in holder.roles}
    if policy.threshold < 1:
        yield f"its policy requires nobody to approve it: its threshold is {policy.threshold}"
    if policy.threshold > len(people):
        yield f"its policy cannot be met: {policy.threshold} people have to approve, but it names {len(people)}"
    if len({holder.key for holder in policy.holders}) < len(policy.holders):
        yield "its policy gives one key to several people"
    if len(people) < len(policy.holders):
        yield "its policy names one person several times, so that one person could approve as several"
    if strange := [role for role in policy.required if role not in held]:
        yield f"its policy requires the role {strange[0]}, which no holder has"
    if strange := [role for role in policy.cosigners if role not in policy.required]:
        yield f"its policy lets the role {strange[0]} sign, whose approval it does not require"
    if any(not holder.roles or not holder.name.strip() or not _KEY.fullmatch(holder.key) for holder in policy.holders):
        yield "its policy names a holder without a name, a role or a key"


_KEY = re.compile(r"[0-9a-f]{64}")


def _fault(signed: SignedStatement, policy: Policy, digest: str) -> str:
    """Why a statement does not count; empty when it does."""
    statement, certified = signed.statement, signed.certified
    if statement.digest != digest:
        return "it approves another manifest: the letter has changed since"
    holder = policy.holder(certified.key)
    if holder is None:
        return f"the key of {certified.name} is not in the policy"
    if statement.role not in holder.roles:
        return f"{holder.name} does not hold the role {statement.role}"
    if not certified.may_sign:
        return f"the certificate of {holder.name} does not allow signing"
    if not certified.valid_at(statement.when):
        return f"the certificate of {holder.name} was not valid on {statement.when:%Y-%m-%d}"
    return ""


def _who(signed: SignedStatement, policy: Policy) -> str:
    holder = policy.holder(signed.certified.key)
    return holder.name if holder else signed.certified.name


def _counted(file: str, data: bytes, signed: SignedStatement, policy: Policy) -> Counted:
    holder = policy.holder(signed.certified.key)
    assert holder is not None
    return Counted(
        file=file,
        data=data,
        payload_digest=signed.payload_digest,
        approval=Approval(
            role=signed.statement.role,
            name=holder.name,
            lang=holder.lang,
            key=holder.key,
            when=signed.statement.when,
            demonstration=signed.certified.demonstration,
        ),
    )


def _missing(approvals: list[Approval], policy: Policy) -> Iterator[str]:
    given = {approval.role for approval in approvals}
    for role in policy.required:
        if role not in given:
            holders = " or ".join(holder.name for holder in policy.holders if role in holder.roles)
            yield f"the approval of {holders} as {role}"
    people = len({holder.person for one in approvals if (holder := policy.holder(one.key))})
    if people < policy.threshold:
        needed = policy.threshold - people
        yield f"{needed} more {'person' if needed == 1 else 'people'} (of {policy.threshold}) to approve"
