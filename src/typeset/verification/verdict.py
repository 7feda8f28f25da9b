"""The verdict on a finished file: one proof for each question, in plain sentences."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

_File = TypeVar("_File", bound=Hashable)


class ProofStatus(StrEnum):
    """The result of a proof. ``noted`` is information that needs no proof."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    BROKEN = "broken"
    NOTED = "noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofItem:
    """One question about a file, and its answer."""

    subject: str
    outcome: ProofStatus
    says: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All proofs of a file. ``facts`` is what the file says about itself, reliable when everything is proven."""

    proofs: tuple[ProofItem, ...]
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def proven(self) -> bool:
        """Whether no proof is unproven or broken."""
        return bool(self.proofs) and all(
            proof.outcome in (ProofStatus.PROVEN, ProofStatus.NOTED) for proof in self.proofs
        )

    @property
    def conclusion(self) -> str:
        """The conclusion, in a sentence."""
        if self.proven:
            return "everything is proven: you can rely on this file"
        if any(proof.outcome is ProofStatus.BROKEN for proof in self.proofs):
            return "do not rely on this file; ask the sender for another copy"
        if self.outcome("integrity") is None:
            return "not everything is proven: it has no seal, so it may have been changed; ask for a sealed copy"
        return "no change was found, but not everything is proven: see the lines marked UNPROVEN"

    def document(self) -> dict[str, object]:
        """The verdict as JSON."""
        proofs = [
            {"subject": one.subject, "outcome": str(one.outcome), "says": one.says, "details": list(one.details)}
            for one in self.proofs
        ]
        return {"proven": self.proven, "proofs": proofs, "facts": dict(self.facts)}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Verdict:
        """A verdict from its JSON. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        proofs = tuple(
            ProofItem(
                subject=str(one["subject"]),
                outcome=ProofStatus(one["outcome"]),
                says=str(one["says"]),
                details=tuple(map(str, one["details"])),
            )
            for one in document["proofs"]
        )
        return cls(proofs=proofs, facts=MappingProxyType(dict(document["facts"])))

    def outcome(self, subject: str) -> ProofStatus | None:
        """The result for one subject; None when it was not checked."""
        return next((proof.outcome for proof in self.proofs if proof.subject == subject), None)


def successor(verdict: Verdict, verdicts: Mapping[_File, Verdict]) -> tuple[_File, Verdict] | None:
    """Of several files, the proven one of the edition that follows this file's; None when there is none."""
    digest = verdict.facts.get("manifest")
    later = (
        (file, other)
        for file, other in verdicts.items()
        if digest and other.proven and other.facts.get("predecessor") == digest
    )
    return next(later, None)


def proven(subject: str, says: str, *details: str) -> ProofItem:
    """A proof that succeeded."""
    return ProofItem(subject=subject, outcome=ProofStatus.PROVEN, says=says, details=details)


def unproven(subject: str, says: str, *details: str) -> ProofItem:
    """A proof that needs more than is available."""
    return ProofItem(subject=subject, outcome=ProofStatus.UNPROVEN, says=says, details=details)


def broken(subject: str, says: str, *details: str) -> ProofItem:
    """A proof that failed."""
    return ProofItem(subject=subject, outcome=ProofStatus.BROKEN, says=says, details=details)


def noted(subject: str, says: str, *details: str) -> ProofItem:
    """Information that needs no proof."""
    return ProofItem(subject=subject, outcome=ProofStatus.NOTED, says=says, details=details)
