"""An edition leaves the house: signed by all who should, proven before anybody can hold it, and put on record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from typeset.diagnostics import Finding, LetterError, Severity
from typeset.manifest import NAME, canonical, digest_of
from typeset.model import SignOff
from typeset.pipeline import EDITION, Artifact, BuildContext, Final, build
from typeset.publishing.proposal import Proposal
from typeset.publishing.seals import SealContext, awaited, cosigned, sealed
from typeset.render import Attached
from typeset.signing import Identity
from typeset.signoff import ApprovalStatus
from typeset.verify import (
    APPROVALS,
    NAME as WORDS,
    PrintedWords,
    ProofStatus,
    UnreadableSignatures,
    Verdict,
    read_signatures,
    uncovered,
    verify,
)


def sign_off(proposal: Proposal, tally: ApprovalStatus) -> SignOff:
    """The proposal as signed off. Raises `Refused` while the policy is not met."""
    policy = proposal.policy
    if not tally.met:
        raise LetterError(not_signed_off(tally))
    manifest = proposal.manifest
    return SignOff(edition=manifest.edition, digest=manifest.digest, policy=policy, approvals=tally.approvals)


def final_files(
    proposal: Proposal, tally: ApprovalStatus, context: BuildContext, formats: Iterable[str] = EDITION
) -> tuple[Artifact, ...]:
    """The files of the edition as signed off, not yet sealed: a function of the manifest and the approvals alone.

    Raises `Refused` while the policy is not met.
    """
    signoff = sign_off(proposal, tally)
    return build(
        proposal.checked,
        replace(context, made=None),
        formats=formats,
        languages=proposal.words,
        final=Final(signoff=signoff, proof=proofs(proposal, tally)),
    )


def proofs(proposal: Proposal, tally: ApprovalStatus) -> dict[str, tuple[Attached, ...]]:
    """What travels in the PDF of each language version, so that anybody can tell what was approved and by whom."""
    return {lang: tuple(_proof(proposal, words, tally)) for lang, words in proposal.words.items()}


def not_signed_off(tally: ApprovalStatus) -> Iterator[Finding]:
    """What is still missing, and which statements did not count."""
    for missing in tally.missing:
        yield Finding(
            code="not-signed-off",
            severity=Severity.ERROR,
            fact=f"missing: {missing}",
            hint="typesetter status shows how things stand; typesetter approve signs",
            subject="sign-off",
        )
    for void in tally.void:
        yield Finding(
            code="void-approval",
            severity=Severity.WARNING,
            fact=f"approvals/{void.file} does not count: {void.why}",
            subject=f"approvals/{void.file}",
        )


def _proof(proposal: Proposal, words: PrintedWords, tally: ApprovalStatus) -> Iterator[Attached]:
    envelopes = canonical([json.loads(counted.data) for counted in tally.counted])
    data = proposal.manifest.data
    yield Attached(name=NAME, data=data, description="What was approved: digests of every source and text")
    yield Attached(name=APPROVALS, data=envelopes, description="Who approved it: signed statements")
    yield Attached(name=WORDS, data=words.data, description="The words as printed, as JSON")


_TRUST = ("seal", "signature ", "hour ", "archive timestamp")
"""Questions about a file that only its reader's own roots answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The files of an edition, by name. Unfinished while co-signers are ``awaited``: then there is no record.

    ``made`` are the final files before anybody signed them.
    """

    files: Mapping[str, bytes]
    made: tuple[Artifact, ...] = ()
    record: bytes = b""
    awaited: tuple[Finding, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


def publish(
    proposal: Proposal,
    tally: ApprovalStatus,
    desk: SealContext,
    *,
    seal: Identity | None,
    cosigners: Sequence[Identity] = (),
    partial: Mapping[str, bytes],
) -> Published:
    """The signed PDFs and the web pages of an edition, and its record.

    ``partial`` are files that some co-signers have signed before, elsewhere or earlier. Raises `Refused` where the
    policy is not met, a signature cannot be made, or a file made is not what it should be.
    """
    signoff = sign_off(proposal, tally)
    made = final_files(proposal, tally, desk.context)
    pages = {artifact.name: artifact.data for artifact in made if not _is_pdf(artifact)}
    prepared: dict[str, Artifact] = {}
    waiting: tuple[Finding, ...] = ()
    for artifact in filter(_is_pdf, made):
        begun = _taken_up(artifact, partial.get(partial_name(artifact), b""))
        with desk.context.watch("sign"):
            data = cosigned(begun, signoff, cosigners, desk)
        prepared[artifact.name] = replace(artifact, data=data)
        waiting = waiting or awaited(data, signoff)
    if waiting:
        return Published(
            files={partial_name(artifact): artifact.data for artifact in prepared.values()}, awaited=waiting
        )
    if seal is None:
        raise LetterError([_fault("no-seal", "nothing says with which identity to seal", _WHOSE_SEAL)])
    files: dict[str, bytes] = {}
    verdicts: dict[str, Verdict] = {}
    for artifact in prepared.values():
        with desk.context.watch("seal"):
            data = sealed(artifact, signoff, seal, desk)
        with desk.context.watch("verify"):
            verdicts[signed_name(artifact)] = _proven(data, artifact, desk)
        files[signed_name(artifact)] = data
    record = edition_record(proposal, signoff, tally, files | pages, desk.now)
    return Published(files=files | pages, made=made, record=record, verdicts=verdicts)


def signed_name(artifact: Artifact) -> str:
    """What a signed file is called."""
    return artifact.name.removesuffix(".pdf") + ".signed.pdf"


def partial_name(artifact: Artifact) -> str:
    """What a file is called that still waits for a co-signer."""
    return artifact.name.removesuffix(".pdf") + ".unsealed.pdf"


def record_name(proposal: Proposal) -> str:
    """What the record of an edition is called."""
    return f"{proposal.manifest.letter}.ed{proposal.manifest.edition.number}.json"


def edition_record(
    proposal: Proposal, signoff: SignOff, tally: ApprovalStatus, files: Mapping[str, bytes], now: datetime
) -> bytes:
    """What is kept of an edition for whoever has to prove a file equal to it."""
    manifest = proposal.manifest
    document = {
        "letter": manifest.letter,
        "edition": manifest.edition.number,
        "predecessor": manifest.edition.predecessor or None,
        "withdrawing": manifest.edition.withdrawing,
        "manifest": manifest.digest,
        "published": now.isoformat(timespec="seconds"),
        "demonstration": signoff.demonstration,
        "approvals": [
            {"file": one.file, "name": one.approval.name, "role": one.approval.role, "sha256": digest_of(one.data)}
            for one in tally.counted
        ],
        "files": [
            {"name": name, "bytes": len(data), "sha256": digest_of(data)} for name, data in sorted(files.items())
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _taken_up(artifact: Artifact, partial: bytes) -> Artifact:
    """The file as far as it has been signed: the very file that was just built, and signatures after it."""
    if partial in (b"", artifact.data):
        return artifact
    faults = []
    if not partial.startswith(artifact.data):
        faults.append("it is not the file that is signed off now")
    else:
        try:
            faults += uncovered(read_signatures(partial), ())
        except UnreadableSignatures as fault:
            faults.append(str(fault))
    if faults:
        hint = "remove it, and let the co-signers sign anew"
        raise LetterError(_fault("unusable-partial", f"{partial_name(artifact)}: {fault}", hint) for fault in faults)
    return replace(artifact, data=partial)


def _proven(data: bytes, artifact: Artifact, desk: SealContext) -> Verdict:
    """The verdict on a file that was just signed. Raises `Refused` for any doubt but that of whose word counts."""
    verdict = verify(data, roots=desk.services.roots, now=datetime.now(desk.now.tzinfo))
    faults = tuple(_not_proven(verdict, artifact))
    if faults:
        raise LetterError(faults)
    return verdict


def _not_proven(verdict: Verdict, artifact: Artifact) -> Iterator[Finding]:
    for proof in verdict.proofs:
        trust = proof.outcome is ProofStatus.UNPROVEN and proof.subject.startswith(_TRUST)
        if proof.outcome in (ProofStatus.UNPROVEN, ProofStatus.BROKEN) and not trust:
            fact = f"{signed_name(artifact)} did not verify: {'; '.join((proof.says, *proof.details))}"
            yield _fault("not-proven", fact, "nothing was left behind; the build stays as it was")


def _is_pdf(artifact: Artifact) -> bool:
    return artifact.name.endswith(".pdf")


_WHOSE_SEAL = 'name one with --seal, or write identity = "…" under [seal] in typeset.toml'


def _fault(code: str, fact: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, fact=fact, hint=hint, subject="edition")
