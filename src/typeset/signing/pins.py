"""Pins from a sealed letter or a certificate, and statements by which a key hands over to the next one."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from typeset.diagnostics import LetterError, letter_error
from typeset.signing.configuration import certificates_in
from typeset.signoff import Certified, key_of, read_certificate
from typeset.trust_store import SEAL_ROLE, Pin, read_store
from typeset.verification import ProofStatus, read_signatures, verify

if TYPE_CHECKING:
    from typeset.signing.identities import Identity

_HAND_OVER = "application/vnd.typeset.hand-over+json"
_ENTRIES = frozenset({"letter", "from", "to", "when"})


def proposed_pin(
    data: bytes, name: str, *, letter: str, roles: tuple[str, ...], until: date | None, now: datetime
) -> Pin:
    """The pin for the seal of a PDF, or for a certificate. Raises `LetterError` for a file that cannot be pinned.

    ``letter`` is by default the letter of the PDF, ``roles`` the seal's, ``until`` the end of the certificate.
    """
    if data.startswith(b"%PDF-"):
        verdict = verify(data, roots=(), now=now)
        if verdict.outcome("integrity") is not ProofStatus.PROVEN or any(
            proof.outcome is ProofStatus.BROKEN for proof in verdict.proofs
        ):
            raise _unfit(f"{name} cannot be pinned: {verdict.conclusion}", "use a file that verify does not refuse")
        own = str(verdict.facts["letter"])
        if letter not in ("", own):
            raise _unfit(f"{name} is the letter {own}, not {letter}", "a pin is for one letter: leave out --letter")
        seal = next(one for one in read_signatures(data).found if one.field == "seal")
        letter, certified = own, read_certificate(seal.embedded.signer_cert.dump())
    else:
        certified = read_certificate(certificates_in(data, name)[0])
    if not letter:
        raise _unfit("a certificate does not say for which letter it is", "name the letter with --letter")
    if certified.unsuited or not certified.may_sign:
        raise _unfit(
            f"the certificate of {certified.name} is for {certified.unsuited or 'another use'}, not for documents",
            "ask the organisation for the certificate of its seal",
        )
    return _pin(certified, letter, roles or (SEAL_ROLE,), until, now.date())


def _pin(certified: Certified, letter: str, roles: tuple[str, ...], until: date | None, today: date) -> Pin:
    return Pin(
        letter=letter,
        organisation=certified.full_name,
        key=certified.key,
        roles=roles,
        since=certified.since.date(),
        until=until or certified.until.date(),
        added=today,
    )


def refuse_other_fingerprint(pin: Pin, given: str) -> None:
    """Compare a pin with the fingerprint that the user received another way. Raises `LetterError` for another one."""
    if re.sub(r"[\s:]", "", given).lower() != pin.key:
        raise letter_error(
            "wrong-fingerprint",
            f"the fingerprint that you gave is not that of this key, which calls itself {pin.organisation}",
            "do not trust this file; ask the organisation by telephone, or on paper",
            subject="trust",
        )


def cannot_compare() -> str:
    """The fingerprint in a session without a terminal. Raises `LetterError`."""
    hint = "give the one that you received another way with --fingerprint"
    raise letter_error("no-fingerprint", "there is no terminal to ask for the fingerprint", hint, subject="trust")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A key says which key speaks for a letter after it; ``by`` and ``to`` are certificates (DER)."""

    letter: str
    by: bytes
    to: bytes
    when: datetime

    @property
    def payload(self) -> bytes:
        """The bytes that the old key signs, in canonical JSON (RFC 8785)."""
        import rfc8785

        return rfc8785.dumps(
            {
                "letter": self.letter,
                "from": base64.b64encode(self.by).decode(),
                "to": base64.b64encode(self.to).decode(),
                "when": self.when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        )


def hand_over(identity: Identity, letter: str, to: bytes, now: datetime) -> bytes:
    """A statement of an identity that the key of the certificate ``to`` (DER) speaks for a letter after it."""
    from securesystemslib.dsse import Envelope

    statement = HandOver(letter=letter, by=identity.certificate, to=to, when=now)
    envelope = Envelope(statement.payload, _HAND_OVER, {})
    envelope.sign(identity.statement_signer())
    return json.dumps(envelope.to_dict(), indent=1).encode() + b"\n"


def rotated_pin(data: bytes, now: datetime) -> tuple[Pin, Pin]:
    """The pin of the old key in a statement, and the one for the new key. Raises `LetterError`.

    The old key has to be pinned for that letter, and must not have been ended; the new one gets its roles.
    """
    statement, certified = _read_hand_over(data)
    old = next(
        (pin for pin in read_store().pins if (pin.letter, pin.key) == (statement.letter, certified.key)),
        None,
    )
    if old is None:
        raise _unfit(
            f"the key that signed this statement is not pinned for the letter {statement.letter}",
            "pin the new key with typesetter trust add",
        )
    if why := old.refusal(None, now):
        raise _unfit(f"the key that signed this statement no longer counts: {why}", "ask the organisation")
    to = read_certificate(statement.to)
    if to.unsuited or not to.may_sign:
        raise _unfit(f"the certificate of {to.name} is not for documents", "ask the organisation for another one")
    return old, _pin(to, old.letter, old.roles, None, now.date())


def _read_hand_over(data: bytes) -> tuple[HandOver, Certified]:
    from securesystemslib.dsse import Envelope

    try:
        envelope = Envelope.from_dict(json.loads(data))
        document: Any = json.loads(envelope.payload)
        if envelope.payload_type != _HAND_OVER or set(document) != _ENTRIES:
            raise ValueError("it is another kind of statement")
        statement = HandOver(
            letter=str(document["letter"]),
            by=base64.b64decode(document["from"], validate=True),
            to=base64.b64decode(document["to"], validate=True),
            when=datetime.strptime(document["when"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        )
        if statement.payload != envelope.payload:
            raise ValueError("it is not in canonical form")
        certified = read_certificate(statement.by)
        key = key_of(certified)
        if list(envelope.signatures) != [certified.key]:
            raise ValueError("its key is not the key of its certificate")
        envelope.verify([key], 1)
    except LetterError:
        raise
    # Which exceptions securesystemslib and cryptography raise for damaged bytes is not documented.
    except Exception as fault:
        raise _unfit(
            f"it is not a statement by which a key hands over: {fault or type(fault).__name__}",
            "the organisation makes one with typesetter identity hand-over",
        ) from fault
    return statement, certified


def _unfit(message: str, hint: str) -> LetterError:
    return letter_error("not-pinnable", message, hint, subject="trust")
