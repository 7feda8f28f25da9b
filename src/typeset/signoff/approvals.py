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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from typeset.model import Approval, Policy

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """A file that does not count, and why. ``earlier`` is the digest of another manifest that it was given for."""

    file: str
    why: str
    who: str = ""
    earlier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An approval that counts, with the bytes it came in."""

    file: str
    data: bytes
    approval: Approval
    payload_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStatus:
    """How things stand. ``missing`` says in words what the policy still asks for; empty when it is met."""

    counted: tuple[Counted, ...]
    void: tuple[Void, ...]
    missing: tuple[str, ...]
    standing: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Payload digests of the statements in force, by key and role: what a new statement replaces."""

    @property
    def met(self) -> bool:
        """Whether the policy is met."""
        return not self.missing

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """The approvals that count, in the order of the policy."""
        return tuple(counted.approval for counted in self.counted)


def tally(envelopes: Mapping[str, bytes], policy: Policy, digest: str) -> ApprovalStatus:
    """The statements in these files, by name, on the manifest with this digest."""
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
        # Of statements that do not know of each other, taking back outweighs: better to ask once more.
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


def _fault(signed: SignedStatement, policy: Policy, digest: str) -> str:
    """Why a statement does not count; empty where it does."""
    statement, certified = signed.statement, signed.certified
    if statement.digest != digest:
        return "it is for another manifest: something has changed since"
    holder = policy.holder(certified.key)
    if holder is None:
        return f"the key of {certified.name} is not in the policy"
    if statement.role not in holder.roles:
        return f"{holder.name} does not hold the role {statement.role}"
    if not certified.may_sign:
        return f"the certificate of {holder.name} is not for signing"
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
    people = len({approval.key for approval in approvals})
    if people < policy.threshold:
        needed = policy.threshold - people
        yield f"{needed} more {'person' if needed == 1 else 'people'} (of {policy.threshold}) to approve"
