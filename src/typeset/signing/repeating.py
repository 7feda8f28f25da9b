"""The same seal on many files: the revision is written once, and each file gets it with a signature of its own.

pyHanko writes the revision of the first file, and makes the signature of every one (PAdES B-B, ETSI EN 319 142-1);
what is left out is reading and writing again, for each file, what is the same in all. Whatever is not just like the
first is signed as that was.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import UTC, datetime

from typeset.signing.configuration import Level
from typeset.signing.identities import Identity
from typeset.signing.sealing import Place, Services, digest_for, refusals, sign_pdf
from typeset.verify.revision import OtherRevision, Revision, read_revision

_ID = re.compile(rb"/ID \[<([0-9a-f]{32})> <[0-9a-f]{32}>\]")
_END = re.compile(rb"startxref\n([0-9]{1,10})\n%%EOF\n\Z")


class Repeating:
    """Seals files that begin alike."""

    def __init__(self, identity: Identity, place: Place, services: Services) -> None:
        self._identity, self._place, self._services = identity, place, services
        self._known: dict[bytes, Revision] = {}

    def sealed(self, data: bytes, kind: bytes) -> bytes:
        """A file with the seal; ``kind`` is what files that are alike but for a few streams have in common.

        Raises `Refused` where it cannot be sealed.
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
        hour = datetime.now(UTC)
        second = hashlib.sha256(data + hour.isoformat().encode()).hexdigest()[:32].encode()
        added = bytearray(known.written(data, identifier[1], int(end[1]), second))
        at, until = (len(data) + place for place in known.contents)
        whole = len(data) + len(added)
        said = b"[0 %d %d %d]" % (at, until, whole - until)
        start, stop = known.byte_range
        added[start:stop] = said.ljust(stop - start)
        added[slice(*known.hour)] = hour.strftime("%Y%m%d%H%M%S").encode()
        container = self._container(data, bytes(added), known.contents)
        room = until - at - 2
        if len(container) * 2 > room:
            return None
        added[slice(*known.contents)] = b"<" + container.hex().upper().encode().ljust(room, b"0") + b">"
        return data + bytes(added)

    def _container(self, data: bytes, added: bytes, contents: tuple[int, int]) -> bytes:
        """The signature over all but its own place."""
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
