"""Trust in signatures and timestamps: certificate chains up to a root that the reader trusts.

A certificate is validated at the proven time of signing. The certificate of a timestamp service is validated with what
was known at the time of its timestamp, since a file keeps no later answers, and must not have expired now. Only its
authority knows whether it was revoked in between: ``online`` asks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from typeset.signoff import Certified, read_certificate
from typeset.verification.signatures import Found, SignedFile, quiet
from typeset.verification.verdict import REVOCATION_UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSignature:
    """A signature or document timestamp, checked.

    ``intact``: the covered bytes were signed with the key of its certificate. ``trusted``: that certificate leads to
    a trusted ``root`` (DER), at the proven time; ``why`` says why it does not. ``when`` is the proven time, ``claimed``
    the time of the signer's own clock; ``clock`` is the timestamp service. ``revoked``: its authority took it back.
    """

    field: str
    is_timestamp: bool
    intact: bool
    unchanged: bool
    trusted: bool
    certified: Certified
    why: str = ""
    when: datetime | None = None
    claimed: datetime | None = None
    clock: str = ""
    clock_why: str = ""
    certifies: bool = False
    locks: bool = False
    root: bytes = b""
    revoked: bool = False


def check(signed: SignedFile, roots: Sequence[bytes], now: datetime, *, online: bool) -> tuple[CheckedSignature, ...]:
    """Check all signatures, in the order of signing. Raises any exception of pyHanko for a damaged one."""
    # Imported late, because a plain build imports this module.
    import asyncio

    with quiet():
        return asyncio.run(_check(signed, roots, now, online=online))


async def _check(
    signed: SignedFile, roots: Sequence[bytes], now: datetime, *, online: bool
) -> tuple[CheckedSignature, ...]:
    known = _TrustContext(signed=signed, roots=tuple(roots), online=online)
    # From the last to the first: a document timestamp proves the time of everything before it.
    checked: list[CheckedSignature] = []
    hour = now
    for one in reversed(signed.found):
        if one.is_timestamp:
            result = await _timestamp(one, known, hour)
            if result.intact and result.trusted and result.when:
                hour = result.when
        else:
            result = await _signature(one, known, hour)
        checked.append(result)
    return tuple(reversed(checked))


@dataclass(frozen=True, slots=True, kw_only=True)
class _TrustContext:
    """What certificates are validated with: the roots, and the revocation answers that the file keeps."""

    signed: SignedFile
    roots: tuple[bytes, ...]
    online: bool

    @asynccontextmanager
    async def at(self, moment: datetime) -> AsyncIterator[Any]:
        """A validation context for a time. Online questions are asked while it is open."""
        from asn1crypto import x509
        from pyhanko.sign.validation.dss import DocumentSecurityStore
        from pyhanko_certvalidator import ValidationContext

        known = {
            "trust_roots": [x509.Certificate.load(der) for der in self.roots],
            "allow_fetching": self.online,
            # A certificate that names a revocation service needs an answer.
            "revocation_mode": "hard-fail",
            "moment": moment,
            "crls": (),
            "ocsps": (),
        }
        has_kept = "/DSS" in self.signed.reader.root
        kept = DocumentSecurityStore.read_dss(self.signed.reader) if has_kept else None
        context = kept.as_validation_context(known) if kept else ValidationContext(**known)
        try:
            yield context
        finally:
            await context.aclose()


async def _signature(one: Found, known: _TrustContext, hour: datetime) -> CheckedSignature:
    from pyhanko.sign.fields import FieldMDPAction, MDPPerm
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints

    embedded = one.embedded
    usage = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})
    stamped = _stamped(embedded)

    async def status_at(moment: datetime) -> Any:
        async with known.at(moment) as of_signer, known.at((not known.online and stamped) or hour) as of_clock:
            return await async_validate_pdf_signature(
                embedded,
                signer_validation_context=of_signer,
                ts_validation_context=of_clock,
                key_usage_settings=usage,
            )

    status = await status_at(stamped or hour)
    clock = status.timestamp_validity
    clock_good = bool(clock and clock.valid and clock.intact)
    run_out = clock_good and hour > clock.signing_cert.not_valid_after
    clock_trusted = clock_good and bool(clock.trusted) and not run_out
    if stamped and not clock_trusted:
        # A certificate is not validated at an unproven time.
        status = await status_at(hour)
    mdp = embedded.fieldmdp
    certified = read_certificate(embedded.signer_cert.dump())
    # The validator does not check the validity of a certificate that is a root itself.
    moment = stamped if stamped and clock_trusted else hour
    why = _why_not(status, embedded, certified, known.roots, moment)
    return CheckedSignature(
        field=one.field,
        is_timestamp=one.is_timestamp,
        intact=bool(status.intact and status.valid),
        unchanged=bool(status.docmdp_ok is not False and not _suspicious(status)),
        trusted=bool(status.trusted) and not why,
        certified=certified,
        why=why,
        root=status.validation_path.first.dump() if status.trusted else b"",
        revoked=_name_of_problem(status).startswith("REVOKED"),
        when=stamped if clock_trusted else None,
        claimed=status.signer_reported_dt,
        clock=_name(clock.signing_cert) if clock else "",
        clock_why=_clock_why(clock, known.roots, run_out=run_out) if clock else "",
        certifies=embedded.docmdp_level is MDPPerm.NO_CHANGES and "/Reference" in embedded.sig_object,
        locks=mdp is not None and mdp.action is FieldMDPAction.ALL,
    )


async def _timestamp(one: Found, known: _TrustContext, hour: datetime) -> CheckedSignature:
    from pyhanko.sign.validation import async_validate_pdf_timestamp

    stamped = one.embedded.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    async with known.at(hour if known.online else stamped) as context:
        status = await async_validate_pdf_timestamp(one.embedded, context)
    certified = read_certificate(status.signing_cert.dump())
    run_out = hour > certified.until
    return CheckedSignature(
        field=one.field,
        is_timestamp=one.is_timestamp,
        intact=bool(status.intact and status.valid),
        unchanged=not _suspicious(status),
        trusted=bool(status.trusted) and not run_out,
        certified=certified,
        why=_clock_why(status, known.roots, run_out=run_out),
        when=status.timestamp,
        clock=certified.name,
    )


def _stamped(embedded: Any) -> datetime | None:
    """The time in the timestamp over a signature, not validated."""
    for token in tokens(embedded.signer_info):
        hour: datetime = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
        return hour
    return None


def tokens(signer_info: Any) -> Iterator[Any]:
    """The timestamps over a signature (RFC 5126, 6.1.1)."""
    for attribute in signer_info["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            yield from attribute["values"]


def _suspicious(status: Any) -> bool:
    """Whether the file was changed after the signature by something other than signing."""
    from pyhanko.sign.diff_analysis import ModificationLevel

    return status.modification_level is None or status.modification_level is ModificationLevel.OTHER


def _why_not(status: Any, embedded: Any, certified: Certified, roots: Sequence[bytes], moment: datetime) -> str:
    """Why the certificate of a signature is not trusted, the truest reason first; empty when it is."""
    if not roots or _name_of_problem(status).startswith("REVOKED"):
        return _why(status, roots)
    if certified.unsuited:
        return f"its certificate is for {certified.unsuited}, not for documents"
    others = [certificate.dump() for certificate in embedded.other_embedded_certs]
    own = embedded.signer_cert.dump()
    return (
        _out_of_time(certified, moment)
        or (not status.trusted and _chain_fault(own, others, roots, moment))
        or _why(status, roots)
    )


def _chain_fault(own: bytes, others: Sequence[bytes], roots: Sequence[bytes], moment: datetime) -> str:
    """What is wrong with the chain from a certificate to a root; empty when it is complete."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    def issued(one: x509.Certificate, by: x509.Certificate) -> bool:
        try:
            one.verify_directly_issued_by(by)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
            return False
        return True

    current = own
    available = {der: x509.load_der_x509_certificate(der) for der in (*roots, *others)}
    for _ in range(_LONGEST_CHAIN):
        if current in roots:
            return ""
        certificate = x509.load_der_x509_certificate(current)
        named = [der for der, one in available.items() if one.subject == certificate.issuer and der != current]
        above = next((der for der in named if issued(certificate, available[der])), None)
        if above is None:
            if any(der in roots for der in named):
                return "it says that a root that you trust issued it, but that root did not sign it: it is an impostor"
            return "it does not lead to a trusted root"
        authority = read_certificate(above)
        if late := _out_of_time(authority, moment):
            return f"the certificate of its authority, {authority.name}: {late}"
        if not _may_issue(available[above]):
            return f"the certificate of {authority.name}, which issued it, may not issue certificates"
        current = above
    return "it does not lead to a trusted root"


_LONGEST_CHAIN = 10


def _may_issue(certificate: Any) -> bool:
    """Whether a certificate is that of an authority (RFC 5280, 4.2.1.9)."""
    from cryptography import x509

    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _name_of_problem(status: Any) -> str:
    return str(getattr(status.trust_problem_indic, "name", ""))


def _why(status: Any, roots: Sequence[bytes]) -> str:
    """Why a certificate is not trusted, in words; empty when it is."""
    if status.trusted:
        return ""
    if not roots:
        return "you named no root; name one with --trust, or pin the key with typesetter trust add"
    reasons = {
        "NO_CERTIFICATE_CHAIN_FOUND": "it does not lead to a trusted root",
        "CHAIN_CONSTRAINTS_FAILURE": "it does not lead to a trusted root for this purpose",
        "REVOKED": "it was revoked",
        "REVOKED_NO_POE": "it was revoked",
        "REVOKED_CA_NO_POE": "the certificate of its authority was revoked",
        "OUT_OF_BOUNDS_NO_POE": "it was not valid at the proven time",
        "OUT_OF_BOUNDS_NOT_REVOKED": "it was not valid at the proven time",
        "EXPIRED": "it had expired",
        "NOT_YET_VALID": "it was not valid yet",
        "TRY_LATER": f"{REVOCATION_UNKNOWN}; ask with --online",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE": f"{REVOCATION_UNKNOWN}; ask with --online",
    }
    name = _name_of_problem(status)
    return reasons.get(name, f"it is not valid: {name.lower().replace('_', ' ') or 'unknown reason'}")


def _out_of_time(certified: Certified, hour: datetime) -> str:
    if hour > certified.until:
        return "it had expired"
    return "" if hour >= certified.since else "it was not valid yet"


def _clock_why(status: Any, roots: Sequence[bytes], *, run_out: bool) -> str:
    """Why a timestamp is not trusted, in words."""
    if not (status.intact and status.valid):
        return "the timestamp is damaged"
    return _RUN_OUT if run_out and status.trusted else _why(status, roots)


_RUN_OUT = "its certificate has expired, and no later timestamp proves that the time is right"


def _name(certificate: Any) -> str:
    return read_certificate(certificate.dump()).name
