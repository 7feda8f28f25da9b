"""The verdict on a finished file: one proof for each question, in plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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


class VerdictKind(StrEnum):
    """What a verdict comes to: its value in JSON. The worst comes first."""

    CHANGED = "changed"
    NOT_OURS = "not-ours"
    NOT_PROVEN = "not-proven"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    SIGNER_UNKNOWN = "signer-unknown"
    PAGE_UNPROVEN = "page-unproven"
    REVOCATION_UNKNOWN = "revocation-unknown"
    PROVEN = "proven"

    @property
    def status(self) -> int:
        """The exit status of ``verify``."""
        return _KINDS[self][0]


_KINDS: Mapping[VerdictKind, tuple[int, str, str]] = {
    VerdictKind.PROVEN: (0, "PROVEN", "everything is proven, and you can rely on this file"),
    VerdictKind.NOT_PROVEN: (1, "NOT PROVEN", "do not rely on this file, because {reason}"),
    VerdictKind.SIGNER_UNKNOWN: (
        3,
        "INTACT, SIGNER UNKNOWN",
        "it has not changed since it was sealed, but nothing that you trust says whose seal it is",
    ),
    VerdictKind.PAGE_UNPROVEN: (
        4,
        "TEXT PROVEN, PAGE NOT",
        "its words are those that were approved, but this earlier format does not prove what its pages look like",
    ),
    VerdictKind.CHANGED: (5, "CHANGED", "{reason}"),
    VerdictKind.SUPERSEDED: (6, "SUPERSEDED", "{reason}"),
    VerdictKind.WITHDRAWN: (7, "WITHDRAWN", "{reason}"),
    VerdictKind.REVOCATION_UNKNOWN: (
        8,
        "REVOCATION UNKNOWN",
        "all else is proven, but not whether the certificate of its seal was revoked; ask with --online",
    ),
    VerdictKind.NOT_OURS: (9, "NOT OURS", "{reason}"),
}
"""Every verdict, once: its exit status, its opening and its sentence. 2 is the status of a wrong command line."""

REVOCATION_UNKNOWN = "the file does not say whether it was revoked"
_SIGNERS = ("seal", "signature ", "hour ", "archive timestamp")


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
    def kind(self) -> VerdictKind:
        """What the proofs come to."""
        return self._kind_and_reason[0]

    @property
    def conclusion(self) -> str:
        """The verdict in one sentence, such as ``PROVEN: everything is proven, …``."""
        kind, reason = self._kind_and_reason
        _, opening, sentence = _KINDS[kind]
        return f"{opening}: {sentence.format(reason=reason)}"

    @property
    def _kind_and_reason(self) -> tuple[VerdictKind, str]:
        failed = {one.subject: one for one in reversed(self.proofs) if one.outcome is ProofStatus.BROKEN}
        open_ = [one for one in self.proofs if one.outcome is ProofStatus.UNPROVEN]
        for subject, kind in (
            ("file", VerdictKind.NOT_OURS),
            ("origin", VerdictKind.NOT_OURS),
            ("integrity", VerdictKind.CHANGED),
        ):
            if subject in failed:
                return kind, failed[subject].says
        if failed:
            return VerdictKind.NOT_PROVEN, next(one.says for one in self.proofs if one.outcome is ProofStatus.BROKEN)
        if self.outcome("integrity") is None:
            return VerdictKind.NOT_PROVEN, next((one.says for one in open_), "nothing of it could be checked")
        for kind in (VerdictKind.WITHDRAWN, VerdictKind.SUPERSEDED):
            if said := [one.says for one in open_ if one.subject == str(kind)]:
                return kind, said[0]
        if other := [one.says for one in open_ if one.subject != "look" and not one.subject.startswith(_SIGNERS)]:
            return VerdictKind.NOT_PROVEN, other[0]
        signers = [one for one in open_ if one.subject.startswith(_SIGNERS)]
        if any(REVOCATION_UNKNOWN not in one.says for one in signers):
            return VerdictKind.SIGNER_UNKNOWN, ""
        if any(one.subject == "look" for one in open_):
            return VerdictKind.PAGE_UNPROVEN, ""
        return (VerdictKind.REVOCATION_UNKNOWN if signers else VerdictKind.PROVEN), ""

    def document(self) -> dict[str, object]:
        """The verdict as JSON."""
        proofs = [
            {"subject": one.subject, "outcome": str(one.outcome), "says": one.says, "details": list(one.details)}
            for one in self.proofs
        ]
        return {
            "verdict": str(self.kind),
            "status": self.kind.status,
            "sentence": self.conclusion,
            "proven": self.proven,
            "proofs": proofs,
            "facts": dict(self.facts),
        }

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


def compared(verdicts: Mapping[_File, Verdict], name: Callable[[_File], str]) -> Mapping[_File, Verdict]:
    """The same verdicts, each with what the other files say about its edition; ``name`` is how a file is called.

    An edition replaces or withdraws another when it counts, and either the approvals in it meet the other's policy or
    its seal is by the key of the other's seal. Only the files that are given are known.
    """
    return {
        file: replace(
            verdict,
            proofs=(
                *verdict.proofs,
                *dict.fromkeys(
                    item
                    for other, later in verdicts.items()
                    if other != file and later.facts.get("letter") == verdict.facts.get("letter") is not None
                    for item in _about(verdict, later, name(other), verdicts.values())
                ),
            ),
        )
        for file, verdict in verdicts.items()
    }


def _about(verdict: Verdict, other: Verdict, name: str, given: Collection[Verdict]) -> Iterator[ProofItem]:
    """What another file of the same letter says about an edition."""
    mine, its = verdict.facts, other.facts
    number, later = _number(mine), _number(its)
    if later == number and its.get("manifest") != mine.get("manifest") and _counts(other, given):
        says = f"{name} is another edition {number} of the same letter, manifest {str(its.get('manifest'))[:16]}"
        if _seal_key(mine) == _seal_key(its):
            yield unproven("editions", f"{says}, by the same seal: ask the sender which of them counts")
        else:
            yield noted("editions", f"{says}, by another seal: it is not the edition of those who sealed this file")
    elif later > number:
        follows = its.get("predecessor") == mine.get("manifest")
        does = "withdraws" if its.get("withdrawing") else "replaces"
        if not _counts(other, given):
            yield noted("editions", f"{name} says that it is edition {later}, but that is not proven")
        elif _seal_key(mine) == _seal_key(its) or (follows and _meets(mine, its)):
            kind = VerdictKind.WITHDRAWN if its.get("withdrawing") else VerdictKind.SUPERSEDED
            gap = [n for n in range(number + 1, later) if n not in {_number(one.facts) for one in given}]
            missing = f"; edition {gap[0]} is not among the files" if gap else ""
            if not follows and not gap and later == number + 1:
                yield unproven("editions", f"{name} is edition {later}, but of another edition {number} than this one")
            else:
                yield unproven(str(kind), f"{kind} by edition {later}, {name}{missing}")
        else:
            yield noted(
                "editions",
                f"{name} says that it {does} this edition, but strangers made it: "
                "its approvals do not meet this edition's policy, and another key sealed it",
            )
    elif later < number - 1 and number - 1 not in {_number(one.facts) for one in given}:
        yield noted("editions", f"edition {number - 1}, between {name} and this one, is not among the files")


def _counts(verdict: Verdict, given: Collection[Verdict]) -> bool:
    """Whether a file is taken as an edition: a page that is not proven counts only where none before it was."""
    if verdict.kind is VerdictKind.PAGE_UNPROVEN:
        return not any(
            one.kind is VerdictKind.PROVEN
            and one.facts.get("letter") == verdict.facts.get("letter")
            and _number(one.facts) < _number(verdict.facts)
            for one in given
        )
    return verdict.kind is VerdictKind.PROVEN


def _number(facts: Mapping[str, Any]) -> int:
    return int(facts.get("edition") or 0)


def _seal_key(facts: Mapping[str, Any]) -> str:
    return next((str(one["key"]) for one in facts.get("signatures", ()) if one["field"] == "seal"), "")


def _meets(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the approvals of an edition meet the policy of the one before."""
    policy = before.get("policy") or {}
    holders = {str(holder["key"]): holder for holder in policy.get("holders", ())}
    given = [
        (holders[one["key"]]["name"], one["role"])
        for one in after.get("approvals", ())
        if one["key"] in holders and one["role"] in holders[one["key"]]["roles"]
    ]
    roles = {role for _, role in given}
    enough = len({name for name, _ in given}) >= int(policy.get("threshold") or 1)
    return bool(given) and enough and set(policy.get("required", ())) <= roles


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
