"""Quick proof of a seal that is like one already proven.

If a signature differs from a proven one only in offsets, identifiers, time, digest and signature value, the proof of
the first holds for it, too. Those differences are checked, and pyHanko validates every signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from typeset.verification.cms import Revision, read_revision
from typeset.verification.signatures import Found, covers, in_form, read_signatures
from typeset.verification.trust import CheckedSignature, check

_ID = re.compile(rb"/ID \[<([0-9a-f]{32})> <[0-9a-f]{32}>\]")


class KnownSeal:
    """The seal of a proven file."""

    def __init__(self, data: bytes, roots: Sequence[bytes], now: datetime) -> None:
        """Raises `ValueError` for a file whose signature cannot serve as a reference."""
        self._roots = tuple(roots)
        self._revision = read_revision(data)
        one, self._checked = self._read(data, self._revision, now)
        self._container = tuple(_leaves(one))

    @property
    def base(self) -> int:
        """The length of the file in bytes before it was signed."""
        return self._revision.base

    def base_of(self, data: bytes, now: datetime) -> bytes | None:
        """The bytes of a file before it got the same seal; None when its seal differs."""
        try:
            revision = read_revision(data)
            if revision.alike != self._revision.alike:
                return None
            one, checked = self._read(data, revision, now)
            alike = tuple(_leaves(one)) == self._container
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return None
        if not alike or _without_time(checked) != _without_time(self._checked):
            return None
        identifier = _ID.search(data, revision.previous, revision.base)
        return data[: revision.base] if identifier and identifier[1] == revision.first else None

    def _read(self, data: bytes, revision: Revision, now: datetime) -> tuple[Found, CheckedSignature]:
        signed = read_signatures(data)
        if len(signed.found) != 1 or signed.revisions != 2 or signed.found[0].until != len(data):
            raise ValueError("it has other signatures")
        (one,) = signed.found
        place = tuple(revision.base + at for at in revision.contents)
        if (one.start, one.end) != place or not covers(one, data) or in_form(one, data) is None:
            raise ValueError("its signature does not cover it")
        (checked,) = check(signed, self._roots, now, online=False)
        if not (checked.intact and checked.unchanged):
            raise ValueError("its signature is not valid")
        return one, checked


def _without_time(checked: CheckedSignature) -> tuple[Any, ...]:
    return (
        checked.field,
        checked.certified.key,
        checked.trusted,
        checked.why,
        checked.when,
        checked.certifies,
        checked.locks,
        checked.clock,
    )


def _leaves(one: Found) -> Iterator[tuple[Any, ...]]:
    """All values in a container, in order, except the signed digest and the signature value (RFC 5652, 5.3)."""
    from asn1crypto import parser

    signer = one.embedded.signer_info
    (digest,) = (
        attribute["values"][0].native
        for attribute in signer["signed_attrs"]
        if attribute["type"].native == "message_digest"
    )
    left = {bytes(digest): "digest", bytes(signer["signature"].native): "signature"}
    waiting = [bytes(one.container[: parser.peek(one.container)])]
    while waiting:
        data = waiting.pop()
        kind, method, tag, header, content, trailer = parser.parse(data)
        if header + content + trailer != data or parser.emit(kind, method, tag, content) != data:
            raise ValueError("a value in its container is not in DER")
        if method == 0:
            yield (kind, tag, left.pop(content, content))
            continue
        parts = []
        while content:
            length = parser.peek(content)
            parts.append(content[:length])
            content = content[length:]
        yield (kind, tag, len(parts))
        waiting += reversed(parts)
