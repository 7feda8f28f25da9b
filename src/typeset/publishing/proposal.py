"""What people are asked to approve: the proof, and the manifest of everything in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typeset.checks import BEGUN, UNFIT
from typeset.compose import read_words
from typeset.decisions import Decision, read_decisions
from typeset.diagnostics import Finding, LetterError, Severity, errors, refuse_if_any
from typeset.engine.loader import tools
from typeset.fonts import Face
from typeset.letter_folder import write_files
from typeset.manifest import FaceFile, Manifest, ProofFile, VersionDigests, changes, digest_of
from typeset.model import Approval, Letter, Policy, SignOff, Version
from typeset.pipeline import EDITION, GENERATOR, Artifact, BuildContext, CheckedLetter, build, composed, planned
from typeset.preflight import expected, postscript_name
from typeset.project import Project, check_project
from typeset.render import attachments
from typeset.signing import Identity, Keyring, add_statement, earlier_manifest, read_statements
from typeset.signoff import APPROVE, WITHDRAW, ApprovalStatus, Statement, sign, tally
from typeset.verification import LIST, NAME as WORDS, PrintedWords, words_of

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What people are asked to approve: the manifest, and the proof that they look at."""

    checked: CheckedLetter
    manifest: Manifest
    proofs: tuple[Artifact, ...]
    words: Mapping[str, PrintedWords]

    @property
    def policy(self) -> Policy:
        """What the letter asks before it is final. Raises `LetterError` where it asks nothing."""
        if self.manifest.policy is None:
            raise LetterError([no_policy()])
        return self.manifest.policy


def no_policy() -> Finding:
    """What is said of a letter that nobody can sign off."""
    return Finding(
        code="no-policy",
        severity=Severity.ERROR,
        message="letter.toml does not say who has to approve",
        hint="add a [signoff] table: docs/sign-off.md shows one",
        subject="sign-off",
    )


def propose(checked: CheckedLetter, context: BuildContext) -> Proposal:
    """The proof of a letter in all its versions and outputs, and the manifest of everything in it.

    Raises `LetterError` when an undecided error stands, as a build does.
    """
    refuse_if_any(_untold(checked))
    # Two people have to come to the same digest, whatever hour their machines are told to print.
    context = replace(context, made=None)
    languages = [version.lang for version in checked.letter.versions]
    return proposal_of(checked, context, build(checked, context, formats=EDITION, languages=languages))


def proposal_of(checked: CheckedLetter, context: BuildContext, proofs: tuple[Artifact, ...]) -> Proposal:
    """The manifest of a proof that is built: version by version, each in the formats of `EDITION`, with no hour set.

    Raises `LetterError` where it says something else than what changed.
    """
    refuse_if_any(_untold(checked))
    letter = checked.letter
    with context.watch("manifest"):
        words = words_by_language(checked)
        decisions, _ = read_decisions(checked.sources.get("decisions.toml", b""))
        rows = json.loads(attachments(letter, letter.versions[0])[0].data)["signatories"]
        manifest = Manifest(
            letter=letter.id,
            date=letter.date.isoformat() if letter.date else None,
            edition=letter.edition,
            policy=letter.policy,
            counts={name: letter.counts.shown(name) for name in ("total", "named", "anonymous")},
            signatories=tuple((row["number"], digest_of(row)) for row in rows),
            wordings=tuple(_wording(letter, version, words[version.lang]) for version in letter.versions),
            proofs=tuple(
                ProofFile(
                    name=proof.name,
                    lang=proof.lang,
                    size=len(proof.data),
                    pages=proof.pages,
                    sha256=digest_of(proof.data),
                )
                for proof in proofs
            ),
            sources={path: digest_of(data) for path, data in checked.sources.items()},
            faces=tuple(_face_files({*_faces(proofs), *_faces_of_sign_off(checked, context)})),
            decisions=tuple(digest_of(_plain(decision)) for decision in decisions),
            findings=_counted(checked),
            generator=GENERATOR,
            tools=tools(context.cache_folder),
        )
    return Proposal(checked=checked, manifest=manifest, proofs=proofs, words=words)


def _untold(checked: CheckedLetter) -> Iterator[Finding]:
    """What a draft goes without and an edition does not go out without: what changed, all words, somebody who signs."""
    for finding in (*checked.open, *checked.answered):
        if finding.code in UNFIT or (finding.code in BEGUN and finding in checked.open):
            yield replace(finding, severity=Severity.ERROR)


def words_by_language(checked: CheckedLetter) -> dict[str, PrintedWords]:
    """The words of every version, by its language."""
    return {version.lang: _words(checked, version) for version in checked.letter.versions}


def _words(checked: CheckedLetter, version: Version) -> PrintedWords:
    """The words of a version, worked out from the letter and not from what composed it. A letterhead is the look's."""
    phrases, letter = read_words(checked.sources, version.lang), checked.letter
    head = checked.drafts[version.lang][0].letterhead
    meant = expected(letter, version, phrases, pages=1, faces=(), attachments={}, draft=False, furniture=head)
    return words_of(letter.id, meant, phrases)


def _wording(letter: Letter, version: Version, words: PrintedWords) -> VersionDigests:
    files = {item.name: digest_of(item.data) for item in attachments(letter, version)}
    return VersionDigests(
        lang=version.lang,
        title=version.printed_title,
        texts={text["subject"]: digest_of(dict(text)) for text in words.texts if text["subject"] != LIST},
        files=files | {WORDS: digest_of(words.data)},
    )


def _faces(artifacts: Sequence[Artifact]) -> Iterator[Face]:
    for artifact in artifacts:
        yield from (subset.cut.face for subset in artifact.faces)


def _faces_of_sign_off(checked: CheckedLetter, context: BuildContext) -> Iterator[Face]:
    """The faces that the final file needs when everybody approves: holders' names may be in any script."""
    policy = checked.letter.policy
    if policy is None:
        return
    everybody = SignOff(
        edition=checked.letter.edition,
        digest="0123456789abcdef" * 4,
        policy=policy,
        approvals=tuple(
            Approval(role=role, name=holder.name, lang=holder.lang, key=holder.key, when=_SOME_DAY, demonstration=True)
            for holder in policy.holders
            for role in holder.roles
        ),
    )
    for version in checked.letter.versions:
        markup = composed(checked.letter, version, checked.sources, medium="print", signoff=everybody)
        _, plan = planned(markup, context.catalogue)
        if plan.findings:
            raise LetterError(plan.findings)
        yield from plan.faces


def _face_files(faces: Iterable[Face]) -> Iterator[FaceFile]:
    found = {(face.file, postscript_name(face), face.digest) for face in faces}
    for file, name, digest in sorted(found):
        yield FaceFile(file=file, name=name, sha256=digest)


def _plain(decision: Decision) -> dict[str, Any]:
    entry = asdict(decision)
    del entry["place"]
    return entry | {"when": decision.when.isoformat()}


def _counted(checked: CheckedLetter) -> dict[str, int]:
    counts = {str(severity): sum(f.severity is severity for f in checked.open) for severity in Severity}
    return {name: count for name, count in (*counts.items(), ("decided", len(checked.answered))) if count}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffStatus:
    """A letter as it would be approved now, and the statements in its folder held against that."""

    folder: Path
    proposal: Proposal
    tally: ApprovalStatus
    context: BuildContext

    @property
    def voided(self) -> Mapping[str, tuple[str, ...]]:
        """By file, what has changed since a statement that does not count any more; only where that is known."""
        earlier = {void.file: earlier_manifest(self.folder, void.earlier) for void in self.tally.void if void.earlier}
        return {file: changes(before, self.proposal.manifest) if before else () for file, before in earlier.items()}

    def document(self) -> dict[str, object]:
        """All of it for machines, as JSON has it."""
        manifest, policy, reasons = self.proposal.manifest, self.proposal.policy, self.voided
        return {
            "letter": manifest.letter,
            "edition": manifest.edition.number,
            "manifest": manifest.digest,
            "met": self.tally.met,
            "missing": list(self.tally.missing),
            "approvals": [
                {"name": one.name, "role": one.role, "when": one.when.isoformat(), "key": one.key}
                for one in self.tally.approvals
            ],
            "void": [
                {"file": void.file, "who": void.who, "why": void.why, "changes": list(reasons.get(void.file, ()))}
                for void in self.tally.void
            ],
            "policy": {
                "threshold": policy.threshold,
                "required": list(policy.required),
                "cosigners": list(policy.cosigners),
                "holders": [{"name": one.name, "roles": list(one.roles)} for one in policy.holders],
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReport:
    """What came of an approval: the ``statement`` that was written, if one was, and how things stand after it.

    ``already`` is whether this person's approval counted before.
    """

    name: str
    tally: ApprovalStatus
    statement: Path | None = None
    already: bool = False


def sign_off_status(project: Project) -> SignOffStatus:
    """Build the proof of a letter and hold its approvals against it.

    Raises `LetterError` while an undecided error stands, and for a letter that names nobody who approves it.
    """
    checked = check_project(project)
    if checked.letter.policy is None and not errors(checked.open):
        raise LetterError([no_policy()])
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
    says no, nothing is signed. Raises `LetterError` for somebody who may not sign.
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
    """The answer to whether to sign where nobody is there to be asked. Raises `LetterError`."""
    hint = "look at the proof first, then sign with --yes"
    raise LetterError([_fault("not-asked", "nobody is here to be asked", hint)])


def _tally(folder: Path, proposal: Proposal) -> ApprovalStatus:
    return tally(read_statements(folder), proposal.policy, proposal.manifest.digest)


def check_right(policy: Policy, identity: Identity, role: str, now: datetime) -> None:
    """Whether somebody may sign in a role at this hour. Raises `LetterError` with the reason."""
    faults = list(identity.faults(now))
    holder = policy.holder(identity.certified.key)
    if holder is None:
        hint = f'a holder is added under [signoff] with key = "{identity.certified.key}"'
        faults.append(_fault("not-a-holder", f"the policy does not know the key of {identity.name}", hint))
    elif role not in holder.roles:
        hint = f"{holder.name} may sign as {', '.join(holder.roles)}"
        faults.append(_fault("wrong-role", f"{holder.name} does not hold the role {role}", hint))
    if faults:
        raise LetterError(faults)


def has_approved(tally: ApprovalStatus, identity: Identity, role: str) -> bool:
    """Whether this person's approval in this role counts already."""
    return any((one.key, one.role) == (identity.certified.key, role) for one in tally.approvals)


def stated(
    proposal: Proposal, tally: ApprovalStatus, identity: Identity, role: str, now: datetime, *, withdraw: bool = False
) -> bytes:
    """A signed statement on the proposal, which takes the place of this person's earlier ones in this role.

    Raises `LetterError` for somebody who may not sign, and for a withdrawal of nothing.
    """
    check_right(proposal.policy, identity, role, now)
    standing = tally.standing.get((identity.certified.key, role), ())
    if withdraw and not standing:
        message = f"{identity.name} has not approved this as {role}"
        raise LetterError([_fault("nothing-to-withdraw", message, "typesetter status shows who has")])
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


def _fault(code: str, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, message=message, hint=hint, subject="sign-off")
