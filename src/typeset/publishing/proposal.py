"""Proposals and approvals: the proof of a letter, its manifest, and the statements of those who approve it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typeset.checks import BEGUN, OWN_TEMPLATES, UNFIT
from typeset.compose import read_words
from typeset.decisions import Decision, read_decisions
from typeset.diagnostics import Finding, LetterError, Severity, error, errors, letter_error, refuse_if_any
from typeset.engine.loader import tools
from typeset.fonts import Face
from typeset.journal import write_files
from typeset.manifest import FaceFile, Manifest, ProofFile, VersionDigests, changes, digest_of
from typeset.model import Approval, Letter, Policy, SignOff, Version
from typeset.pipeline import EDITION, GENERATOR, Artifact, BuildContext, CheckedLetter, build, composed, planned
from typeset.preflight import expected, postscript_name, read_pdf
from typeset.project import Project, check_project
from typeset.render import attachments
from typeset.signing import Identity, Keyring, add_statement, earlier_manifest, read_statements
from typeset.signoff import APPROVE, WITHDRAW, ApprovalStatus, Statement, sign, tally
from typeset.verification import LIST, NAME as WORDS, Looks, PrintedWords, looks_of, words_of

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal: the manifest that people approve, and the proof that they look at."""

    checked: CheckedLetter
    manifest: Manifest
    proofs: tuple[Artifact, ...]
    words: Mapping[str, PrintedWords]

    @property
    def own_templates(self) -> tuple[Finding, ...]:
        """The notes about templates that the letter brings, also where a decision answers them."""
        found = (*self.checked.open, *self.checked.answered)
        return tuple(finding for finding in found if finding.code == OWN_TEMPLATES.code)

    @property
    def policy(self) -> Policy:
        """The policy of the letter. Raises `LetterError` when it has none."""
        if self.manifest.policy is None:
            raise LetterError([no_policy()])
        return self.manifest.policy


def no_policy() -> Finding:
    """The finding for a letter without a policy."""
    return error(
        "no-policy",
        "letter.toml does not name the people who have to approve the letter",
        "add a [signoff] table: docs/sign-off.md shows one",
        subject="sign-off",
    )


def propose(checked: CheckedLetter, context: BuildContext) -> Proposal:
    """The proof of a letter in all its versions and outputs, and the manifest of everything in it.

    Raises `LetterError` when an error is not decided, as a build does.
    """
    refuse_if_any(_unfit_for_edition(checked))
    # Two people have to get the same digest, whatever time their computers would print.
    context = replace(context, made=None)
    languages = [version.lang for version in checked.letter.versions]
    return proposal_of(checked, context, build(checked, context, formats=EDITION, languages=languages))


def proposal_of(checked: CheckedLetter, context: BuildContext, proofs: tuple[Artifact, ...]) -> Proposal:
    """The proposal for a proof that is built: each version in the formats of `EDITION`, without a set time.

    Raises `LetterError` when ``changes.json`` is missing or does not match.
    """
    refuse_if_any(_unfit_for_edition(checked))
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
            wordings=tuple(_wording(letter, version, words[version.lang], proofs) for version in letter.versions),
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


def _unfit_for_edition(checked: CheckedLetter) -> Iterator[Finding]:
    """Findings that only warn in a draft but refuse an edition, such as missing changes or missing words."""
    for finding in (*checked.open, *checked.answered):
        if finding.code in UNFIT or (finding.code in BEGUN and finding in checked.open):
            yield replace(finding, severity=Severity.ERROR)


def words_by_language(checked: CheckedLetter) -> dict[str, PrintedWords]:
    """The words of every version, by its language."""
    return {version.lang: _words(checked, version) for version in checked.letter.versions}


def _words(checked: CheckedLetter, version: Version) -> PrintedWords:
    """The words of a version, from the letter itself, not from its markup. The letterhead comes from the look."""
    phrases, letter = read_words(checked.sources, version.lang), checked.letter
    head = checked.drafts[version.lang][0].letterhead
    meant = expected(letter, version, phrases, pages=1, faces=(), attachments={}, draft=False, furniture=head)
    return words_of(letter.id, meant, phrases)


def _wording(letter: Letter, version: Version, words: PrintedWords, proofs: Iterable[Artifact]) -> VersionDigests:
    files = {item.name: digest_of(item.data) for item in attachments(letter, version)}
    looks = _looks(next(proof for proof in proofs if proof.lang == version.lang and proof.name.endswith(".pdf")))
    return VersionDigests(
        lang=version.lang,
        title=version.printed_title,
        texts={text["subject"]: digest_of(dict(text)) for text in words.texts if text["subject"] != LIST},
        files=files | {WORDS: digest_of(words.data)},
        pages=looks.pages,
        lefts=looks.lefts,
        shapes=looks.shapes,
    )


def _looks(proof: Artifact) -> Looks:
    """What the pages of a version look like. Raises `LetterError` for pages that no one could prove later."""
    looks = looks_of(proof.data, read_pdf(proof.data))
    hint = "change the look or the text there: what people approve has to be what others can prove"
    refuse_if_any(error("page-not-provable", f"{proof.name}: {fault}", hint, subject="pages") for fault in looks.faults)
    return looks


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
    # The templates themselves are in the manifest; the note about them was not counted in earlier versions.
    found = [finding for finding in checked.open if finding.code != OWN_TEMPLATES.code]
    counts = {str(severity): sum(f.severity is severity for f in found) for severity in Severity}
    return {name: count for name, count in (*counts.items(), ("decided", len(checked.answered))) if count}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffStatus:
    """A letter's current proposal, and the statements in its folder that count for it."""

    folder: Path
    proposal: Proposal
    tally: ApprovalStatus
    context: BuildContext

    @property
    def voided(self) -> Mapping[str, tuple[str, ...]]:
        """By file, what changed since a statement that no longer counts, where that is known."""
        earlier = {void.file: earlier_manifest(self.folder, void.earlier) for void in self.tally.void if void.earlier}
        return {file: changes(before, self.proposal.manifest) if before else () for file, before in earlier.items()}

    def document(self) -> dict[str, object]:
        """The status as JSON."""
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
    """The result of an approval: the ``statement`` that was written, if any, and the status after it.

    ``already`` is true when this person's approval counted before.
    """

    name: str
    tally: ApprovalStatus
    statement: Path | None = None
    already: bool = False


def sign_off_status(project: Project) -> SignOffStatus:
    """Build the proof of a letter and check its approvals.

    Raises `LetterError` when an error is not decided, and for a letter without a policy.
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
    """Write the proof and its manifest into the output folder, where people look at it."""
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

    ``identity`` is one of ``keys``. ``confirm`` is called last, when this person may sign and has not signed; if it
    returns false, nothing is signed. Raises `LetterError` for a person who may not sign.
    """
    proposal, before = status.proposal, status.tally
    with keys.opened(identity) as (one,):
        now = datetime.now(UTC)
        check_right(proposal.policy, one, role, now)
        if not withdraw and has_approved(before, one, role):
            return ApprovalReport(name=one.name, tally=before, already=True)
        if not confirm():
            return ApprovalReport(name=one.name, tally=before)
        envelope = signed_statement(proposal, before, one, role, now, withdraw=withdraw)
        statement = add_statement(status.folder, envelope, proposal.manifest)
        return ApprovalReport(name=one.name, tally=_tally(status.folder, proposal), statement=statement)


def cannot_confirm() -> bool:
    """The ``confirm`` of a session without a terminal. Raises `LetterError`."""
    hint = "look at the proof, then run the command with --yes"
    raise letter_error("not-asked", "there is no terminal to ask for your confirmation", hint, subject="sign-off")


def _tally(folder: Path, proposal: Proposal) -> ApprovalStatus:
    return tally(read_statements(folder), proposal.policy, proposal.manifest.digest)


def check_right(policy: Policy, identity: Identity, role: str, now: datetime) -> None:
    """Check that a person may sign in a role at this time. Raises `LetterError` with the reasons."""
    faults = list(identity.faults(now))
    holder = policy.holder(identity.certified.key)
    if holder is None:
        hint = f'add a holder under [[signoff.holders]] with key = "{identity.certified.key}"'
        faults.append(
            error(
                "not-a-holder",
                f"the key of {identity.name} is not in the policy of this letter",
                hint,
                subject="sign-off",
            )
        )
    elif role not in holder.roles:
        hint = f"{holder.name} may sign as {', '.join(holder.roles)}"
        faults.append(error("wrong-role", f"{holder.name} does not hold the role {role}", hint, subject="sign-off"))
    if faults:
        raise LetterError(faults)


def has_approved(tally: ApprovalStatus, identity: Identity, role: str) -> bool:
    """Whether this person's approval in this role already counts."""
    return any((one.key, one.role) == (identity.certified.key, role) for one in tally.approvals)


def signed_statement(
    proposal: Proposal, tally: ApprovalStatus, identity: Identity, role: str, now: datetime, *, withdraw: bool = False
) -> bytes:
    """A signed statement about the proposal. It replaces this person's earlier ones in this role.

    Raises `LetterError` for a person who may not sign, or has nothing to withdraw.
    """
    check_right(proposal.policy, identity, role, now)
    standing = tally.standing.get((identity.certified.key, role), ())
    if withdraw and not standing:
        message = f"{identity.name} has not approved this as {role}"
        raise letter_error(
            "nothing-to-withdraw", message, "typesetter status shows who has approved", subject="sign-off"
        )
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
