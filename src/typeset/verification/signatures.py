"""The signatures in a file: which bytes each one covers, and whether every byte is covered.

A signature covers the file except its own container. The container has to be in its only valid form: the hexadecimal
digits of one DER structure, followed by zeros. So every changed bit is found, also in the container.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from typeset.verification.cms import container_faults


@cache
def reader_class() -> Any:
    """The reader class, made at the first call, because pyHanko is imported late."""
    from pyhanko.pdf_utils import generic, misc
    from pyhanko.pdf_utils.decode_limits import DecodePurpose
    from pyhanko.pdf_utils.reader import PdfFileReader

    class Reader(PdfFileReader):  # type: ignore[misc]
        """A strict reader that reads the index of an object stream only once."""

        def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
            streams = self.__dict__.setdefault("_read_streams", {})
            stream = generic.Reference(stmnum, 0, self).get_object()
            # A later revision may have written the stream anew under the same number.
            kept = streams.get(stmnum)
            if kept is None or kept[0] is not stream:
                kept = streams[stmnum] = (stream, *_index(stream))
            _, data, places = kept
            if not 0 <= idx < len(places) or places[idx][0] != idnum:
                raise misc.PdfStrictReadError(f"object {idnum} is not at its place in the index of its stream")
            source = io.BytesIO(data)
            source.seek(places[idx][1])
            found = generic.read_object(source, generic.Reference(idnum, 0, self))
            if isinstance(found, generic.StreamObject | generic.IndirectObject):
                raise misc.PdfStrictReadError("an object stream contains an object that must not be in one")
            return found

    def _index(stream: Any) -> tuple[bytes, tuple[tuple[int, int], ...]]:
        if not isinstance(stream, generic.StreamObject) or stream.get("/Type") != "/ObjStm":
            raise misc.PdfStrictReadError("an object refers to a stream that is not an object stream")
        data: bytes = stream.read_data(DecodePurpose.OBJECT_STREAM)
        first, count = int(stream["/First"]), int(stream["/N"])
        numbers = [int(number) for number in data[:first].split()]
        if len(numbers) != 2 * count:
            raise misc.PdfStrictReadError("the index of an object stream has a wrong length")
        return data, tuple(zip(numbers[::2], (first + offset for offset in numbers[1::2]), strict=True))

    return Reader


def open_pdf(data: bytes) -> Any:
    """A reader of a file in memory. Raises whatever pyHanko raises for a damaged one."""
    return reader_class()(io.BytesIO(data))


LARGEST = 256 * 1024 * 1024
"""The largest file in bytes. A letter with 281,000 names has a tenth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One signature or document timestamp.

    ``start`` and ``end`` are the byte offsets of its container, ``until`` is where its coverage ends. ``embedded`` is
    the object of pyHanko.
    """

    field: str
    is_timestamp: bool
    start: int
    end: int
    until: int
    container: bytes
    embedded: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile:
    """A file and its signatures, in the order of signing. ``revisions`` is the number of its revisions."""

    data: bytes
    found: tuple[Found, ...]
    revisions: int
    replaced: tuple[str, ...]
    reader: Any


class UnreadableSignatures(ValueError):
    """A file that cannot be read as a PDF with signatures, with the reason."""


def read_signatures(data: bytes) -> SignedFile:
    """The signatures in a file. Raises `UnreadableSignatures` for other, encrypted or damaged data."""
    if len(data) > LARGEST:
        raise UnreadableSignatures(f"it has {len(data) >> 20} MiB, which is too large for a letter")
    if not data.startswith(b"%PDF-"):
        raise UnreadableSignatures("it is not a PDF")
    try:
        with quiet():
            reader = open_pdf(data)
            if reader.encrypted:
                raise UnreadableSignatures("it is encrypted")
            found = tuple(sorted((_found(item) for item in reader.embedded_signatures), key=lambda one: one.until))
            return SignedFile(
                data=data,
                found=found,
                revisions=reader.xrefs.total_revisions,
                replaced=tuple(_replaced(reader, found)),
                reader=reader,
            )
    except UnreadableSignatures:
        raise
    # A damaged file can make the reader raise any exception.
    except Exception as fault:
        raise UnreadableSignatures(f"it is damaged: {str(fault) or type(fault).__name__}") from fault


def _found(embedded: Any) -> Found:
    ranges = [int(number) for number in embedded.byte_range]
    if len(ranges) != 4 or ranges[0] != 0 or min(ranges) < 0 or ranges[2] < ranges[1]:
        raise UnreadableSignatures("a signature does not cover the two parts of the file around itself")
    return Found(
        field=str(embedded.field_name),
        is_timestamp=embedded.sig_object_type == "/DocTimeStamp",
        start=ranges[1],
        end=ranges[2],
        until=ranges[2] + ranges[3],
        container=bytes(embedded.pkcs7_content),
        embedded=embedded,
    )


def uncovered(signed: SignedFile, roots: Sequence[bytes]) -> Iterator[str]:
    """Parts of the file that no signature covers, in words; nothing for an intact file.

    ``roots`` are certificates (DER) that the file may leave out.
    """
    data, found = signed.data, signed.found
    if not found:
        yield "it has no signature"
        return
    if found[-1].until != len(data):
        yield f"{len(data) - found[-1].until} bytes were added after the last signature"
    if signed.revisions != len(found) + 1:
        yield f"it has {signed.revisions} revisions, but only {len(found)} signatures"
    for one in found:
        if not covers(one, data):
            yield f"bytes that the signature in {one.field} covers were changed"
            continue
        for fault in _container_faults(one, data, roots):
            yield f"the container of the signature in {one.field} {fault}"
    yield from signed.replaced


def covers(one: Found, data: bytes) -> bool:
    """Whether the bytes around a container match the digest in it. The signature itself is checked elsewhere."""
    try:
        info, signer = one.embedded.signed_data["encap_content_info"], one.embedded.signer_info
        if one.is_timestamp:
            imprint = info["content"].parsed["message_imprint"]
            name, wanted = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        else:
            name = signer["digest_algorithm"]["algorithm"].native
            (wanted,) = (
                attribute["values"][0].native
                for attribute in signer["signed_attrs"]
                if attribute["type"].native == "message_digest"
            )
        return bool(hashlib.new(name, data[: one.start] + data[one.end : one.until]).digest() == wanted)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return False


def in_form(one: Found, data: bytes) -> bytes | None:
    """The container in DER; None when its place in the file has more than its digits and zeros."""
    from asn1crypto import parser

    der = one.container[: parser.peek(one.container)]
    form = b"<" + der.hex().upper().encode().ljust(one.end - one.start - 2, b"0") + b">"
    return der if data[one.start : one.end] == form else None


def _container_faults(one: Found, data: bytes, roots: Sequence[bytes]) -> Iterator[str]:
    """Why a container is not in its only valid form."""
    from asn1crypto import parser

    try:
        der = in_form(one, data)
        if der is None:
            yield "contains more than the signature"
            der = one.container[: parser.peek(one.container)]
        yield from container_faults(der, roots)
    # Damaged data can make the parser raise any exception.
    except Exception as fault:  # noqa: BLE001
        yield f"cannot be read: {str(fault) or type(fault).__name__}"


def _replaced(reader: Any, found: tuple[Found, ...]) -> Iterator[str]:
    """Objects that were replaced after the first signature without need.

    Signing changes its field, and the lists of fields. The first signature covers everything before it.
    """
    xrefs = reader.xrefs
    fields = {_number(one.embedded.sig_field) for one in found}
    listing = {reader.root_ref.idnum, *_numbers(reader.root, ("/AcroForm", "/DSS"))}
    pages = {reference.idnum for one in found if one.is_timestamp for reference in _page(one)}
    known: set[int] = set()
    for revision in range(xrefs.total_revisions):
        written = {reference.idnum for reference in xrefs.explicit_refs_in_revision(revision)}
        again = (written & known) - fields - listing - pages if revision > 1 else set()
        for number in sorted(again):
            yield f"object {number} of the file was replaced after the first signature"
        known |= written


def _number(value: Any) -> int:
    reference = value.container_ref
    return int(getattr(reference, "idnum", 0))


def _numbers(holder: Any, keys: tuple[str, ...]) -> Iterator[int]:
    for key in keys:
        if key in holder:
            yield int(getattr(holder.raw_get(key), "idnum", 0))


def _page(one: Found) -> Iterator[Any]:
    if "/P" in one.embedded.sig_field:
        yield one.embedded.sig_field.raw_get("/P")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the log of pyHanko, which repeats its exceptions with tracebacks."""
    loggers = [logging.getLogger(name) for name in ("pyhanko", "pyhanko_certvalidator")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
