"""Statements held against a policy: which approvals count, which do not and why, what is still missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from typeset.model import Approval, Policy
from typeset.signoff.statement import APPROVE, WITHDRAW, NotAnApproval, SignedStatement, read_envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """A file that does not count, and why. ``earlier`` is the digest of another manifest that it was given for."""

    file: str
    why: str
    who: str = ""
    earlier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An approval that counts, with the bytes it came in."""

    file: str
    data: bytes
    approval: Approval
    payload_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStatus:
    """How things stand. ``missing`` says in words what the policy still asks for; empty when it is met."""

    counted: tuple[Counted, ...]
    void: tuple[Void, ...]
    missing: tuple[str, ...]
    standing: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Payload digests of the statements in force, by key and role: what a new statement replaces."""

    @property
    def met(self) -> bool:
        """Whether the policy is met."""
        return not self.missing

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """The approvals that count, in the order of the policy."""
        return tuple(counted.approval for counted in self.counted)


def tally(envelopes: Mapping[str, bytes], policy: Policy, digest: str) -> ApprovalStatus:
    """The statements in these files, by name, on the manifest with this digest."""
    void: list[Void] = []
    usable: dict[tuple[str, str], list[tuple[str, SignedStatement]]] = {}
    for file, data in sorted(envelopes.items()):
        try:
            signed = read_envelope(data)
        except NotAnApproval as fault:
            void.append(Void(file=file, why=str(fault)))
            continue
        if why := _fault(signed, policy, digest):
            earlier = signed.statement.digest if signed.statement.digest != digest else ""
            void.append(Void(file=file, why=why, who=_who(signed, policy), earlier=earlier))
        else:
            usable.setdefault((signed.certified.key, signed.statement.role), []).append((file, signed))
    counted: list[Counted] = []
    standing: dict[tuple[str, str], tuple[str, ...]] = {}
    for place, statements in usable.items():
        replaced = {digest for _, signed in statements for digest in signed.statement.replaces}
        in_force = [(file, signed) for file, signed in statements if signed.payload_digest not in replaced]
        standing[place] = tuple(sorted({signed.payload_digest for _, signed in in_force}))
        # Of statements that do not know of each other, taking back outweighs: better to ask once more.
        withdrawn = any(signed.statement.decision == WITHDRAW for _, signed in in_force)
        if withdrawn:
            void.extend(
                Void(file=file, why="it was withdrawn", who=_who(signed, policy))
                for file, signed in statements
                if signed.statement.decision == APPROVE
            )
        elif in_force:
            file, signed = min(in_force, key=lambda item: (item[1].statement.when, item[1].payload_digest))
            counted.append(_counted(file, envelopes[file], signed, policy))
    order = [(holder.key, role) for holder in policy.holders for role in holder.roles]
    counted.sort(key=lambda item: order.index((item.approval.key, item.approval.role)))
    return ApprovalStatus(
        counted=tuple(counted),
        void=tuple(void),
        missing=tuple(_missing([item.approval for item in counted], policy)),
        standing=standing,
    )


def _fault(signed: SignedStatement, policy: Policy, digest: str) -> str:
    """Why a statement does not count; empty where it does."""
    statement, certified = signed.statement, signed.certified
    if statement.digest != digest:
        return "it is for another manifest: something has changed since"
    holder = policy.holder(certified.key)
    if holder is None:
        return f"the key of {certified.name} is not in the policy"
    if statement.role not in holder.roles:
        return f"{holder.name} does not hold the role {statement.role}"
    if not certified.may_sign:
        return f"the certificate of {holder.name} is not for signing"
    if not certified.valid_at(statement.when):
        return f"the certificate of {holder.name} was not valid on {statement.when:%Y-%m-%d}"
    return ""


def _who(signed: SignedStatement, policy: Policy) -> str:
    holder = policy.holder(signed.certified.key)
    return holder.name if holder else signed.certified.name


def _counted(file: str, data: bytes, signed: SignedStatement, policy: Policy) -> Counted:
    holder = policy.holder(signed.certified.key)
    assert holder is not None
    return Counted(
        file=file,
        data=data,
        payload_digest=signed.payload_digest,
        approval=Approval(
            role=signed.statement.role,
            name=holder.name,
            lang=holder.lang,
            key=holder.key,
            when=signed.statement.when,
            demonstration=signed.certified.demonstration,
        ),
    )


def _missing(approvals: list[Approval], policy: Policy) -> Iterator[str]:
    given = {approval.role for approval in approvals}
    for role in policy.required:
        if role not in given:
            holders = " or ".join(holder.name for holder in policy.holders if role in holder.roles)
            yield f"the approval of {holders} as {role}"
    people = len({approval.key for approval in approvals})
    if people < policy.threshold:
        needed = policy.threshold - people
        yield f"{needed} more {'person' if needed == 1 else 'people'} (of {policy.threshold}) to approve"
