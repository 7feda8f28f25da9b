"""One person's approval of a proposal, or its withdrawal."""

from __future__ import annotations

from datetime import datetime

from typeset.diagnostics import Finding, Refused, Severity
from typeset.policy import Policy
from typeset.publishing.proposal import Proposal
from typeset.signing.identities import Identity
from typeset.signoff import APPROVE, WITHDRAW, Statement, Tally, sign


def check_right(policy: Policy, identity: Identity, role: str, now: datetime) -> None:
    """Whether somebody may sign in a role at this hour. Raises `Refused` with the reason."""
    faults = list(identity.faults(now))
    holder = policy.holder(identity.certified.key)
    if holder is None:
        hint = f'a holder is added under [signoff] with key = "{identity.certified.key}"'
        faults.append(_fault("not-a-holder", f"the policy does not know the key of {identity.name}", hint))
    elif role not in holder.roles:
        hint = f"{holder.name} may sign as {', '.join(holder.roles)}"
        faults.append(_fault("wrong-role", f"{holder.name} does not hold the role {role}", hint))
    if faults:
        raise Refused(faults)


def has_approved(tally: Tally, identity: Identity, role: str) -> bool:
    """Whether this person's approval in this role counts already."""
    return any((one.key, one.role) == (identity.certified.key, role) for one in tally.approvals)


def stated(
    proposal: Proposal, tally: Tally, identity: Identity, role: str, now: datetime, *, withdraw: bool = False
) -> bytes:
    """A signed statement on the proposal, which takes the place of this person's earlier ones in this role.

    Raises `Refused` for somebody who may not sign, and for a withdrawal of nothing.
    """
    check_right(proposal.policy, identity, role, now)
    standing = tally.standing.get((identity.certified.key, role), ())
    if withdraw and not standing:
        fact = f"{identity.name} has not approved this as {role}"
        raise Refused([_fault("nothing-to-withdraw", fact, "typesetter status shows who has")])
    manifest = proposal.manifest
    holder = proposal.policy.holder(identity.certified.key)
    statement = Statement(
        decision=WITHDRAW if withdraw else APPROVE,
        role=role,
        letter=manifest.letter,
        edition=manifest.edition.number,
        digest=manifest.digest,
        name=holder.name if holder else identity.name,
        certificate=identity.certificate,
        when=now,
        replaces=standing,
    )
    return sign(statement, identity.statement_signer())


def _fault(code: str, fact: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, fact=fact, hint=hint, subject="sign-off")
