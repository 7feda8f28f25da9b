"""A finished copy against the list of recipients: nothing that made it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from typeset.delivery.references import Reference
from typeset.diagnostics import Finding, Severity
from typeset.manifest import Manifest
from typeset.recipients import Addressee
from typeset.verify import Outcome, Verdict, verify
from typeset.verify.addressed import NAME
from typeset.verify.likeness import KnownSeal

MOST = 24
"""Copies that others are held against: one a plate."""

TRUST = ("seal", "hour ", "archive timestamp")
"""Questions about a file that only its reader's own roots answer."""


class Prover:
    """Proves copies of one edition: the first from a plate in full, others by what they have otherwise."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._references: list[Reference] = []
        self._seals: list[tuple[tuple[bytes, ...], KnownSeal]] = []

    def faults(self, data: bytes, addressee: Addressee, roots: Sequence[bytes] | None = None) -> tuple[Finding, ...]:
        """Why a file must not go out as the copy of this recipient; nothing for one that may.

        A copy with a seal is proven with these ``roots``; without any of them, even none, it is one without a seal.
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
        """What a file was before it got a seal that is known to be right."""
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
    """The same by the full proof."""
    verdict = verify(data, roots=roots, now=now)
    return (*_unproven(verdict, addressee, sealed=sealed), *_strange(verdict, data, addressee, manifest))


def _unproven(verdict: Verdict, addressee: Addressee, *, sealed: bool) -> Iterator[Finding]:
    for proof in verdict.proofs:
        if proof.outcome is Outcome.BROKEN or (
            proof.outcome is Outcome.UNPROVEN and not proof.subject.startswith(TRUST)
        ):
            yield fault("copy-not-proven", addressee, "; ".join((proof.says, *proof.details)))
    if sealed and verdict.outcome("integrity") is not Outcome.PROVEN:
        yield fault("copy-not-sealed", addressee, "the copy bears no seal, and it was to")


def _strange(verdict: Verdict, data: bytes, addressee: Addressee, manifest: Manifest) -> Iterator[Finding]:
    """The record in the file against the row of the list, and the edition against the one that is delivered."""
    facts = verdict.facts
    record = carried(data)
    if facts.get("manifest") != manifest.digest:
        yield fault("copy-of-another-edition", addressee, "the copy is of another edition")
    if record != addressee.record():
        said = json.dumps(record, ensure_ascii=False) if record else "nobody"
        yield fault("copy-for-another", addressee, f"the copy says that it is for {said}")


def carried(data: bytes) -> Any:
    """The record of its recipient that a file carries, read by itself; None where it carries none."""
    import io

    from pypdf import PdfReader

    found = [item.content for item in PdfReader(io.BytesIO(data)).attachment_list if item.alternative_name == NAME]
    return json.loads(found[0])["recipient"] if len(found) == 1 else None


def fault(code: str, addressee: Addressee, fact: str, hint: str = "") -> Finding:
    """Something that stands against the copy of a recipient."""
    return Finding(
        code=code,
        severity=Severity.ERROR,
        fact=fact,
        place=addressee.place,
        hint=hint or "the copy was not put out; run the command again, and report it if it stays so",
        subject=f"recipient {addressee.id}",
    )
