"""PAdES signatures in a prepared field of a finished PDF: B-B, B-T, B-LT or B-LTA (ETSI EN 319 142-1).

Everything that a reader needs later is in the revision of the signature, so that the signature covers it; only the
archive timestamp of B-LTA comes after. Functions take bytes and return bytes, or raise `LetterError`.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from typeset.compose import ARCHIVE
from typeset.diagnostics import Finding, LetterError, error, letter_error
from typeset.signing.configuration import Level
from typeset.signing.identities import Identity
from typeset.verification import OtherRevision, Revision, open_pdf, quiet, read_revision

SKEW = timedelta(minutes=10)
"""How far the clock of a service may differ from this computer's."""


class Timestamper(Protocol):
    """A timestamp service, as pyHanko calls it."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """A token over a digest."""


def timestamper(url: str, seconds: float) -> Timestamper:
    """A client of the timestamp service at ``url`` that refuses a token for another digest or another time."""
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

    class Checked(HTTPTimeStamper):  # type: ignore[misc]
        """RFC 3161 over HTTP."""

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            try:
                token = await super().async_timestamp(message_digest, md_algorithm)
                info = token["content"]["encap_content_info"]["content"].parsed
                imprint = info["message_imprint"]
                same = (
                    imprint["hashed_message"].native == message_digest
                    and imprint["hash_algorithm"]["algorithm"].native == md_algorithm
                )
                when: datetime = info["gen_time"].native
            except (TimestampRequestError, OSError):
                raise
            except TimeoutError as fault:
                raise TimestampRequestError("the service did not answer in time") from fault
            # Every other error while the answer is read comes from a damaged answer.
            except Exception as fault:  # noqa: BLE001
                raise TimestampRequestError(f"the answer is not a timestamp ({fault})") from None
            if not same:
                raise TimestampRequestError("the timestamp is for other data")
            if abs(datetime.now(UTC) - when) > SKEW:
                raise TimestampRequestError(
                    f"its clock says {when:%Y-%m-%d %H:%M} UTC, the clock of this computer differs"
                )
            return token

    checked: Timestamper = Checked(url, timeout=seconds)
    return checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a signature needs besides its key: level, timestamp service, trusted roots (DER), timeout in seconds."""

    level: Level = Level.B
    timestamps: str = ""
    roots: tuple[bytes, ...] = ()
    seconds: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SealField:
    """The place of a signature: its field, the one-page PDF that is shown there, and its reason.

    ``certifies`` makes it a certifying signature, after which nothing may change (ISO 32000-1, 12.8.2.2).
    """

    field: str
    appearance: bytes
    reason: str = ""
    certifies: bool = False


def sign_pdf(data: bytes, identity: Identity, place: SealField, services: Services) -> bytes:
    """Sign a field of a PDF. Raises `LetterError` when it cannot be signed at this level."""
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
    from pyhanko.sign.signers.pdf_signer import (
        DSSContentSettings,
        SigDSSPlacementPreference,
        TimestampDSSContentSettings,
    )

    faults = tuple(_needs(services))
    if faults:
        raise LetterError(faults)
    metadata = PdfSignatureMetadata(
        field_name=place.field,
        md_algorithm=digest_for(identity),
        subfilter=SigSeedSubFilter.PADES,
        reason=place.reason or None,
        certify=place.certifies,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        embed_validation_info=services.level.long,
        validation_context=_context(services) if services.roots else None,
        signer_key_usage=_usage(identity),
        # Only for levels with revocation answers: otherwise it would add nothing but certificates.
        dss_settings=DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)
        if services.level.long
        else DSSContentSettings(),
    )
    clock = timestamper(services.timestamps, services.seconds) if services.level.timed else None
    signer = PdfSigner(metadata, identity.signer, timestamper=clock, stamp_style=_shown(place.appearance))
    output = io.BytesIO()
    with refusals(services), quiet():
        room = None if clock else _room(identity)
        signer.sign_pdf(appending(data), existing_fields_only=True, output=output, bytes_reserved=room)
        if services.level is Level.LTA:
            signed, output = output.getvalue(), io.BytesIO()
            PdfTimeStamper(clock, field_name=ARCHIVE).timestamp_pdf(
                appending(signed),
                "sha256",
                validation_context=_context(services),
                output=output,
                dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
            )
    return output.getvalue()


_PDF = (1, 7)
"""The version of PDF that PDF/A-3 rests on (ISO 19005-3, 6.1.2): a sealed file must not say that it is another."""


def appending(data: bytes) -> Any:
    """A writer that adds a revision and keeps title, metadata and dates as approved; pyHanko's own changes them."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Appending(IncrementalPdfFileWriter):  # type: ignore[misc]
        """Adds a revision without new metadata."""

        def _update_meta(self) -> None:
            return

        def ensure_output_version(self, version: tuple[int, int]) -> None:
            super().ensure_output_version(min(version, _PDF))

        def register_extension(self, ext: Any) -> None:
            # Signatures on elliptic curves are PAdES in PDF 1.7, too (ETSI EN 319 142-1); that is the other extension.
            if str(ext.base_version) <= f"/{_PDF[0]}.{_PDF[1]}":
                super().register_extension(ext)

    return Appending(io.BytesIO(data), prev=open_pdf(data))


def _needs(services: Services) -> Iterator[Finding]:
    """Findings about missing settings for this level."""
    if services.level.timed and not services.timestamps:
        yield error(
            "no-timestamp-service",
            f"the level {services.level} needs a timestamp service, but none is set",
            'write timestamps = "https://…" under [seal] in typeset.toml, or seal at B-B',
            subject="seal",
        )
    if services.level.long and not services.roots:
        yield error(
            "no-roots",
            f"the level {services.level} needs a trusted root certificate, but none is set",
            'write trust = ["root.pem"] in typeset.toml',
            subject="seal",
        )


def digest_for(identity: Identity) -> str:
    """A digest as strong as the key (ETSI TS 119 312)."""
    size = getattr(identity.certified.public_key, "key_size", 256)
    curve = getattr(identity.certified.public_key, "curve", None)
    if curve is None:
        return "sha256"
    return "sha512" if size > 384 else "sha384" if size > 256 else "sha256"


def _usage(identity: Identity) -> set[str]:
    """The key usage to ask of the certificate: what it has of the two that sign (RFC 5280, 4.2.1.3)."""
    usage = identity.signer.signing_cert.key_usage_value
    return {"digital_signature"} if usage is not None and "non_repudiation" not in usage.native else {"non_repudiation"}


def _room(identity: Identity) -> int:
    """The size, in hexadecimal digits, to reserve for a signature without a timestamp."""
    certificates = {identity.certificate, *(certificate.dump() for certificate in identity.signer.cert_registry)}
    return 2 * (sum(map(len, certificates)) + 2048)


def _context(services: Services) -> Any:
    from asn1crypto import x509
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=[x509.Certificate.load(der) for der in services.roots],
        allow_fetching=services.level.long,
        revocation_mode="require" if services.level.long else "soft-fail",
    )


def _shown(appearance: bytes) -> Any:
    """The page as the field's appearance, without margins."""
    from pyhanko.pdf_utils.content import PdfContent
    from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    class Page(PdfContent):  # type: ignore[misc]
        """The first page of a PDF in memory."""

        def render(self) -> bytes:
            form = self._ensure_writer.import_page_as_xobject(open_pdf(appearance))
            self.resources.xobject["/Shown"] = form
            left, bottom, right, top = form.get_object()["/BBox"]
            self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
            return b"/Shown Do"

    edge_to_edge = SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MIN, y_align=AxisAlignment.ALIGN_MIN, margins=Margins.uniform(0)
    )
    return StaticStampStyle(background=Page(), border_width=0, background_opacity=1.0, background_layout=edge_to_edge)


@contextmanager
def refusals(services: Services) -> Iterator[None]:
    """Turn what pyHanko raises into findings about keys and services."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.timestamps import TimestampRequestError
    from pyhanko_certvalidator.errors import (
        CertificateFetchError,
        CRLValidationError,
        OCSPValidationError,
        PathError,
        RevokedError,
        ValidationError,
    )

    try:
        yield
    except TimestampRequestError as fault:
        reason = "; ".join(dict.fromkeys(filter(None, (str(fault), str(fault.__cause__ or "")))))
        raise letter_error(
            "timestamp-service",
            f"the timestamp service {services.timestamps} failed: {reason}",
            _TRY_AGAIN,
            subject="seal",
        ) from fault
    except RevokedError as fault:
        raise letter_error(
            "certificate-revoked", str(fault).lower(), "seal with another identity", subject="seal"
        ) from fault
    except (CRLValidationError, OCSPValidationError, CertificateFetchError) as fault:
        raise letter_error(
            "revocation-service", f"the revocation service did not answer: {fault}", _TRY_AGAIN, subject="seal"
        ) from fault
    except (PathError, ValidationError) as fault:
        raise letter_error(
            "certificate-untrusted", str(fault), "check trust in typeset.toml", subject="seal"
        ) from fault
    except (SigningError, PdfError) as fault:
        cause = fault.__cause__ or fault.__context__
        if isinstance(cause, RevokedError):
            raise letter_error(
                "certificate-revoked", str(cause).lower(), "seal with another identity", subject="seal"
            ) from fault
        raise letter_error("not-signed", f"{fault}{f': {cause}' if cause else ''}", subject="seal") from fault
    except OSError as fault:
        raise letter_error(
            "signing-service", f"a service cannot be reached: {fault}", _TRY_AGAIN, subject="seal"
        ) from fault


_TRY_AGAIN = "run the command again later; no signed file was written"


_ID = re.compile(rb"/ID \[<([0-9a-f]{32})> <[0-9a-f]{32}>\]")
_END = re.compile(rb"startxref\n([0-9]{1,10})\n%%EOF\n\Z")


class RepeatedSeal:
    """Seals many files whose end differs only in a few streams."""

    def __init__(self, identity: Identity, place: SealField, services: Services) -> None:
        self._identity, self._place, self._services = identity, place, services
        self._known: dict[bytes, Revision] = {}

    def sealed(self, data: bytes, kind: bytes) -> bytes:
        """Seal a file; ``kind`` is the same for files that differ only in a few streams.

        Raises `LetterError` when it cannot be sealed.
        """
        known = self._known.get(kind)
        if known is not None and (signed := self._repeated(data, known)):
            return signed
        signed = sign_pdf(data, self._identity, self._place, self._services)
        if kind and self._services.level is Level.B:
            try:
                self._known[kind] = read_revision(signed)
            except OtherRevision:
                return signed
        return signed

    def _repeated(self, data: bytes, known: Revision) -> bytes | None:
        end = _END.search(data, max(0, len(data) - 64))
        identifier = _ID.search(data, int(end[1])) if end else None
        if end is None or identifier is None:
            return None
        now = datetime.now(UTC)
        second = hashlib.sha256(data + now.isoformat().encode()).hexdigest()[:32].encode()
        added = bytearray(known.written(data, identifier[1], int(end[1]), second))
        at, until = (len(data) + place for place in known.contents)
        whole = len(data) + len(added)
        byte_range = b"[0 %d %d %d]" % (at, until, whole - until)
        start, stop = known.byte_range
        added[start:stop] = byte_range.ljust(stop - start)
        added[slice(*known.hour)] = now.strftime("%Y%m%d%H%M%S").encode()
        container = self._container(data, bytes(added), known.contents)
        room = until - at - 2
        if len(container) * 2 > room:
            return None
        added[slice(*known.contents)] = b"<" + container.hex().upper().encode().ljust(room, b"0") + b">"
        return data + bytes(added)

    def _container(self, data: bytes, added: bytes, contents: tuple[int, int]) -> bytes:
        """The signature container over all bytes except its own place."""
        from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

        algorithm = digest_for(self._identity)
        digest = hashlib.new(algorithm, data)
        digest.update(added[: contents[0]])
        digest.update(added[contents[1] :])
        with refusals(self._services):
            signed = asyncio.run(
                self._identity.signer.async_sign(
                    digest.digest(), algorithm, use_pades=True, signed_attr_settings=PdfCMSSignedAttributes()
                )
            )
        container: bytes = signed.dump()
        return container
