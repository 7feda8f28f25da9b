"""How far the sign-off of a letter is, and one person's approval of it or its withdrawal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from typeset.diagnostics import Finding, Refused, Severity, errors
from typeset.manifest import changes
from typeset.pipeline import BuildContext
from typeset.policy import Policy
from typeset.project import Project, check_project
from typeset.publishing.proposal import Proposal, no_policy, propose
from typeset.signing.identities import Identity, Keyring
from typeset.signing.papers import add_statement, earlier_manifest, read_statements
from typeset.signoff import APPROVE, WITHDRAW, Statement, Tally, sign, tally
from typeset.workspace import write_files


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffStatus:
    """A letter as it would be approved now, and the statements in its folder held against that."""

    folder: Path
    proposal: Proposal
    tally: Tally
    context: BuildContext

    @property
    def voided(self) -> Mapping[str, tuple[str, ...]]:
        """By file, what has changed since a statement that does not count any more; only where that is known."""
        earlier = {void.file: earlier_manifest(self.folder, void.earlier) for void in self.tally.void if void.earlier}
        return {file: changes(before, self.proposal.manifest) if before else () for file, before in earlier.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReport:
    """What came of an approval: the ``statement`` that was written, if one was, and how things stand after it.

    ``already`` is whether this person's approval counted before.
    """

    name: str
    tally: Tally
    statement: Path | None = None
    already: bool = False


def sign_off_status(project: Project) -> SignOffStatus:
    """Build the proof of a letter and hold its approvals against it.

    Raises `Refused` while an undecided error stands, and for a letter that names nobody who approves it.
    """
    checked = check_project(project)
    if checked.letter.policy is None and not errors(checked.open):
        raise Refused([no_policy()])
    proposal = propose(checked, project.context)
    return SignOffStatus(
        folder=project.folder,
        proposal=proposal,
        tally=_tally(project.folder, proposal),
        context=project.context,
    )


def write_proof(proposal: Proposal, output: Path) -> None:
    """Put the proof where people look for it, so that what they see is what they sign."""
    files = {proof.name: proof.data for proof in proposal.proofs}
    write_files(output / proposal.manifest.letter, files | {"manifest.json": proposal.manifest.data})


def approve(
    status: SignOffStatus,
    role: str,
    identity: str,
    keys: Keyring,
    *,
    withdraw: bool = False,
    confirm: Callable[[], bool] = lambda: True,
) -> ApprovalReport:
    """Sign an approval in a role, or its withdrawal, and write it into the letter's folder.

    ``identity`` is one of ``keys``. ``confirm`` is asked last, when this person may sign and has not done so; where it
    says no, nothing is signed. Raises `Refused` for somebody who may not sign.
    """
    proposal, before = status.proposal, status.tally
    with keys.opened(identity) as (one,):
        now = datetime.now(UTC)
        check_right(proposal.policy, one, role, now)
        if not withdraw and has_approved(before, one, role):
            return ApprovalReport(name=one.name, tally=before, already=True)
        if not confirm():
            return ApprovalReport(name=one.name, tally=before)
        envelope = stated(proposal, before, one, role, now, withdraw=withdraw)
        statement = add_statement(status.folder, envelope, proposal.manifest)
        return ApprovalReport(name=one.name, tally=_tally(status.folder, proposal), statement=statement)


def cannot_confirm() -> bool:
    """The answer to whether to sign where nobody is there to be asked. Raises `Refused`."""
    hint = "look at the proof first, then sign with --yes"
    raise Refused([_fault("not-asked", "nobody is here to be asked", hint)])


def _tally(folder: Path, proposal: Proposal) -> Tally:
    return tally(read_statements(folder), proposal.policy, proposal.manifest.digest)


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
