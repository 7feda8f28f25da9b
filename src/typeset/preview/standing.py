"""How it stands with the approvals of what is shown: who has given theirs, who is awaited, what no longer counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from typeset.diagnostics import Refused
from typeset.manifest import Manifest, changes
from typeset.pipeline import Artifact, BuildContext, CheckedLetter
from typeset.policy import Approval, Holder, Policy
from typeset.publishing.proposal import Proposal, proposal_of
from typeset.signing.papers import earlier_manifest, read_statements
from typeset.signoff import WITHDRAW, NotAnApproval, Signed, Tally, Void, read_envelope, tally

_MOST_CHANGES = 100


class Ledger:
    """What the press keeps of its last build: the manifest of it is made when somebody asks, and not before."""

    def __init__(self) -> None:
        self._built: tuple[str, CheckedLetter, BuildContext, tuple[Artifact, ...]] | None = None
        self._proposal: Proposal | None = None

    def take(self, digest: str, checked: CheckedLetter, context: BuildContext, proofs: tuple[Artifact, ...]) -> None:
        """Note what a proof was built from."""
        self._built, self._proposal = (digest, checked, context, proofs), None

    def has(self, digest: str) -> bool:
        """Whether the last build was of this state of the sources."""
        return self._built is not None and self._built[0] == digest

    def told(self, folder: Path) -> dict[str, Any]:
        """The approvals in a letter's folder, held against the last build, as plain data."""
        if self._built is None or self._built[1].letter.policy is None:
            return {"policy": False}
        try:
            if self._proposal is None:
                self._proposal = proposal_of(*self._built[1:])
            return standing(self._proposal, read_statements(folder), folder)
        except Refused as refused:
            return {"policy": True, "said": refused.findings[0].fact}


def standing(proposal: Proposal, statements: Mapping[str, bytes], folder: Path) -> dict[str, Any]:
    """The statements held against a proposal, role by role."""
    manifest, policy = proposal.manifest, proposal.policy
    counted = tally(statements, policy, manifest.digest)
    latest, strays = _void(counted, statements, policy)
    given = {(one.key, one.role): one for one in counted.approvals}
    people = len({one.key for one in counted.approvals})

    def role_told(holder: Holder, role: str) -> dict[str, Any]:
        signed, void = latest.get((holder.key, role), (None, None))
        approval = given.get((holder.key, role))
        return {
            "role": role,
            "titles": dict(policy.titles.get(role, {})),
            **_state(approval, signed, void, folder, manifest),
            "awaited": not counted.met and (people < policy.threshold or role in policy.required),
        }

    return {
        "policy": True,
        "edition": manifest.edition.number,
        "manifest": manifest.digest,
        "met": counted.met,
        "given": people,
        "threshold": policy.threshold,
        "required": [{"role": role, "titles": dict(policy.titles.get(role, {}))} for role in policy.required],
        "people": [
            {"name": holder.name, "lang": holder.lang, "roles": [role_told(holder, role) for role in holder.roles]}
            for holder in policy.holders
        ],
        "strays": [{"file": void.file, "why": void.why} for void in strays],
    }


def _void(
    counted: Tally, statements: Mapping[str, bytes], policy: Policy
) -> tuple[dict[tuple[str, str], tuple[Signed, Void]], list[Void]]:
    """The latest void statement of each holder in each role, and the files that are no holder's."""
    latest: dict[tuple[str, str], tuple[Signed, Void]] = {}
    strays: list[Void] = []
    for void in counted.void:
        try:
            signed = read_envelope(statements[void.file])
        except NotAnApproval:
            strays.append(void)
            continue
        place = (signed.certified.key, signed.statement.role)
        holder = policy.holder(place[0])
        if holder is None or place[1] not in holder.roles:
            strays.append(void)
        elif place not in latest or latest[place][0].statement.when <= signed.statement.when:
            latest[place] = (signed, void)
    return latest, strays


def _state(
    approval: Approval | None, signed: Signed | None, void: Void | None, folder: Path, manifest: Manifest
) -> dict[str, Any]:
    """What there is of one person in one role. Somebody who took an earlier approval back has said nothing of this."""
    if approval:
        return _given("approved", approval.when.isoformat(), demonstration=approval.demonstration)
    if signed is None or void is None or (void.earlier and signed.statement.decision == WITHDRAW):
        return _given("open")
    when = signed.statement.when.isoformat()
    if not void.earlier:
        taken_back = "it was withdrawn" in void.why
        return _given("withdrawn" if taken_back else "void", when, why="" if taken_back else void.why)
    return _given("void", when, why=void.why, since=tuple(_since(folder, void.earlier, manifest)))


def _since(folder: Path, earlier: str, manifest: Manifest) -> Iterator[str]:
    before = earlier_manifest(folder, earlier)
    yield from changes(before, manifest)[:_MOST_CHANGES] if before else ()


def _given(
    state: str, when: str = "", *, demonstration: bool = False, why: str = "", since: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {"state": state, "when": when, "demonstration": demonstration, "why": why, "changes": list(since)}
