"""What can be said of a finished file, proof by proof, in sentences that anybody can read."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

_File = TypeVar("_File", bound=Hashable)


class ProofStatus(StrEnum):
    """How a proof came out. ``noted`` claims nothing that would have to be proven."""

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
    """Everything that was found out. ``facts`` are what the file says of itself, true where all is proven."""

    proofs: tuple[ProofItem, ...]
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def proven(self) -> bool:
        """Whether nothing is left to be proven, and nothing is broken."""
        return bool(self.proofs) and all(
            proof.outcome in (ProofStatus.PROVEN, ProofStatus.NOTED) for proof in self.proofs
        )

    @property
    def conclusion(self) -> str:
        """What all of it comes to, in a sentence."""
        if self.proven:
            return "all of it is proven"
        if any(proof.outcome is ProofStatus.BROKEN for proof in self.proofs):
            return "do not rely on this file"
        if self.outcome("integrity") is None:
            return "it says what was approved, but nothing proves that nobody has changed it since"
        return "intact, as far as it can be told; not all of it is proven"

    def document(self) -> dict[str, object]:
        """All of it for machines, as JSON has it."""
        proofs = [
            {"subject": one.subject, "outcome": str(one.outcome), "says": one.says, "details": list(one.details)}
            for one in self.proofs
        ]
        return {"proven": self.proven, "proofs": proofs, "facts": dict(self.facts)}

    def outcome(self, subject: str) -> ProofStatus | None:
        """How one question came out; None where it was not asked."""
        return next((proof.outcome for proof in self.proofs if proof.subject == subject), None)


def successor(verdict: Verdict, verdicts: Mapping[_File, Verdict]) -> tuple[_File, Verdict] | None:
    """Of several files, the proven one of the edition that follows this file's; None where there is none."""
    digest = verdict.facts.get("manifest")
    later = (
        (file, other)
        for file, other in verdicts.items()
        if digest and other.proven and other.facts.get("predecessor") == digest
    )
    return next(later, None)


def proven(subject: str, says: str, *details: str) -> ProofItem:
    """A question that is answered well."""
    return ProofItem(subject=subject, outcome=ProofStatus.PROVEN, says=says, details=details)


def unproven(subject: str, says: str, *details: str) -> ProofItem:
    """A question that what is at hand does not answer."""
    return ProofItem(subject=subject, outcome=ProofStatus.UNPROVEN, says=says, details=details)


def broken(subject: str, says: str, *details: str) -> ProofItem:
    """A question that is answered badly."""
    return ProofItem(subject=subject, outcome=ProofStatus.BROKEN, says=says, details=details)


def noted(subject: str, says: str, *details: str) -> ProofItem:
    """Something to know."""
    return ProofItem(subject=subject, outcome=ProofStatus.NOTED, says=says, details=details)
