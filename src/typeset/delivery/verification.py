"""Verification of a finished copy against the list of recipients, independent of the code that made it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from typeset.diagnostics import Finding, error
from typeset.languages import is_right_to_left
from typeset.manifest import Manifest
from typeset.model import Address, AddressLine
from typeset.preflight import (
    ExpectedText,
    PdfText,
    Piece,
    ProvenFile,
    TaggedBlock,
    compared,
    in_window,
    read_pdf,
    spelled_otherwise,
)
from typeset.recipients import Addressee
from typeset.verification import RECIPIENT_FILE, KnownSeal, ProofStatus, Verdict, address_of, recipient_json, verify


@dataclass(frozen=True, slots=True, kw_only=True)
class _LinePlace:
    """The marked content of an address line: its numbers, each with its language in the structure tree."""

    marks: Mapping[int, str]


class Reference:
    """A proven copy that others are compared with."""

    def __init__(self, data: bytes, addressee: Addressee) -> None:
        """Raises `ValueError` for a file that cannot serve as a reference."""
        reading = read_pdf(data)
        address = address_of(addressee.record())
        files = {item.name: item.data for item in reading.attachments}
        self._about = {key: value for key, value in json.loads(files[RECIPIENT_FILE]).items() if key != "recipient"}
        self._turned, self._height = is_right_to_left(reading.title), reading.heights[0]
        self._twins = {character: first for font in reading.fonts for character, first in font.twins.items()}
        self._places = tuple(self._found(reading, address))
        ours = [mark for place in self._places for mark in place.marks]
        if len(self._places) != len(address.spoken) or len(set(ours)) != len(ours):
            raise ValueError("its address is not in separate marked content")
        self._ours = frozenset(ours)
        self._known = ProvenFile(data, attached=RECIPIENT_FILE, marks=(min(ours), max(ours)))

    def proves(self, data: bytes, addressee: Addressee) -> bool:
        """Whether a file is the copy of this recipient and differs from the reference only in its own words."""
        address = address_of(addressee.record())
        if len(address.spoken) != len(self._places):
            return False
        try:
            found = self._known.differences(data)
        except (ValueError, IndexError, KeyError, TypeError, AttributeError):
            return False
        if found is None or found.attached != recipient_json(addressee.record(), self._about):
            return False
        if any(found.pieces[mark] != pieces for mark, pieces in self._known.pieces.items() if mark not in self._ours):
            return False
        return all(
            self._says(place, line, found.pieces, in_field=at < len(address.lines))
            for at, (place, line) in enumerate(zip(self._places, address.spoken, strict=True))
        )

    def _says(
        self, place: _LinePlace, line: AddressLine, found: Mapping[int, tuple[Piece, ...]], *, in_field: bool
    ) -> bool:
        pieces = [replace(piece, lang=lang) for mark, lang in place.marks.items() for piece in found[mark]]
        if any(spelled_otherwise(piece, self._twins) for piece in pieces):
            return False
        if in_field and not all(in_window(self._height, piece.height) for piece in pieces):
            return False
        comparison = compared(pieces, self._meant(line))
        return comparison.same and not comparison.strayed

    def _meant(self, line: AddressLine) -> ExpectedText:
        allowed = frozenset({line.lang})
        return ExpectedText(subject="address", text=line.text, allowed=allowed, right_to_left=self._turned)

    def _found(self, reading: PdfText, address: Address) -> Iterator[_LinePlace]:
        """The blocks of this address, in their order."""
        blocks = iter(reading.tree.blocks)
        for line in address.spoken:
            meant = self._meant(line)
            block = next((one for one in blocks if _is_plain(one) and compared(one.body, meant).same), None)
            if block is not None:
                yield _LinePlace(marks={piece.mark: piece.lang for piece in block.body if piece.mark is not None})


def _is_plain(block: TaggedBlock) -> bool:
    """Whether a block is a paragraph on the first page whose content is all marked."""
    marked = all(piece.page == 0 and piece.mark is not None for piece in block.body)
    return block.kind == "P" and not block.label and bool(block.body) and marked


MOST = 24
"""The largest number of references: one for each plate."""

TRUST = ("seal", "hour ", "archive timestamp", "look")
"""Subjects of proofs that depend on the roots that the reader trusts."""


class Prover:
    """Verifies copies of one edition: the first of each plate in full, others by their differences."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._references: list[Reference] = []
        self._seals: list[tuple[tuple[bytes, ...], KnownSeal]] = []

    def faults(self, data: bytes, addressee: Addressee, roots: Sequence[bytes] | None = None) -> tuple[Finding, ...]:
        """Findings that keep a file from being the copy of this recipient; empty for a valid copy.

        ``roots`` are the trusted certificates (DER) for a sealed copy, None for a copy without a seal.
        """
        now = datetime.now(UTC)
        base = data if roots is None else self._without_seal(data, tuple(roots), now)
        if base is not None and any(one.proves(base, addressee) for one in reversed(self._references)):
            return ()
        faults = faults_of(data, addressee, self._manifest, sealed=roots is not None, roots=roots or (), now=now)
        if not faults:
            self._remember(data, addressee, roots, now)
        return faults

    def _without_seal(self, data: bytes, roots: tuple[bytes, ...], now: datetime) -> bytes | None:
        """The bytes of a file before a known seal was added."""
        for known, seal in reversed(self._seals):
            if known == roots and (base := seal.base_of(data, now)) is not None:
                return base
        return None

    def _remember(self, data: bytes, addressee: Addressee, roots: Sequence[bytes] | None, now: datetime) -> None:
        try:
            if roots is not None:
                seal = KnownSeal(data, roots, now)
                data = data[: seal.base]
            reference = Reference(data, addressee)
        except (ValueError, KeyError, IndexError, TypeError):
            return
        self._references = [*self._references[1 - MOST :], reference]
        if roots is not None:
            self._seals = [*self._seals[1 - MOST :], (tuple(roots), seal)]


def faults_of(
    data: bytes,
    addressee: Addressee,
    manifest: Manifest,
    *,
    sealed: bool,
    roots: Sequence[bytes] = (),
    now: datetime,
) -> tuple[Finding, ...]:
    """The same findings by full verification."""
    verdict = verify(data, roots=roots, now=now)
    return (*_unproven(verdict, addressee, sealed=sealed), *_strange(verdict, data, addressee, manifest))


def _unproven(verdict: Verdict, addressee: Addressee, *, sealed: bool) -> Iterator[Finding]:
    for proof in verdict.proofs:
        if proof.outcome is ProofStatus.BROKEN or (
            proof.outcome is ProofStatus.UNPROVEN and not proof.subject.startswith(TRUST)
        ):
            yield fault("copy-not-proven", addressee, "; ".join((proof.says, *proof.details)))
    if sealed and verdict.outcome("integrity") is not ProofStatus.PROVEN:
        yield fault("copy-not-sealed", addressee, "the copy should have a seal, but has none")


def _strange(verdict: Verdict, data: bytes, addressee: Addressee, manifest: Manifest) -> Iterator[Finding]:
    """Findings when the file's record is not the row of the list, or the edition is another one."""
    facts = verdict.facts
    record = carried(data)
    if facts.get("manifest") != manifest.digest:
        yield fault("copy-of-another-edition", addressee, "the copy is of another edition")
    if record != addressee.record():
        said = json.dumps(record, ensure_ascii=False) if record else "nobody"
        yield fault("copy-for-another", addressee, f"the copy is addressed to {said}")


def carried(data: bytes) -> Any:
    """The recipient's record in a file; None when it has none."""
    import io

    from pypdf import PdfReader

    found = [
        item.content for item in PdfReader(io.BytesIO(data)).attachment_list if item.alternative_name == RECIPIENT_FILE
    ]
    return json.loads(found[0])["recipient"] if len(found) == 1 else None


def fault(code: str, addressee: Addressee, message: str, hint: str = "") -> Finding:
    """A finding about the copy of a recipient."""
    return error(
        code,
        message,
        hint or "the copy was not written; run the command again, and report it if that does not help",
        place=addressee.place,
        subject=f"recipient {addressee.id}",
    )
