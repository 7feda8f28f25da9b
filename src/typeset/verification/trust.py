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


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSignature:
    """A signature or document timestamp, checked.

    ``intact``: the covered bytes were signed with the key of its certificate. ``trusted``: that certificate leads to
    a trusted root, at the proven time; ``why`` says why it does not. ``when`` is the proven time, ``claimed`` the
    time of the signer's own clock; ``clock`` is the timestamp service.
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
    out_of_time = _out_of_time(certified, stamped if stamped and clock_trusted else hour)
    return CheckedSignature(
        field=one.field,
        is_timestamp=one.is_timestamp,
        intact=bool(status.intact and status.valid),
        unchanged=bool(status.docmdp_ok is not False and not _suspicious(status)),
        trusted=bool(status.trusted) and not out_of_time,
        certified=certified,
        why=out_of_time if status.trusted else _why(status, known.roots),
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


def _why(status: Any, roots: Sequence[bytes]) -> str:
    """Why a certificate is not trusted, in words; empty when it is."""
    if status.trusted:
        return ""
    if not roots:
        return "you named none; name one with --trust"
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
        "TRY_LATER": "the file does not say whether it was revoked; ask with --online",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE": "the file does not say whether it was revoked; ask with --online",
    }
    name = getattr(status.trust_problem_indic, "name", "")
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
