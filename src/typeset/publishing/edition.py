"""An edition: final files from an approved proposal, signed, verified, and recorded for the archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from typeset.archive import (
    APPROVALS as ARCHIVED_APPROVALS,
    FACES,
    FINAL,
    MANIFEST,
    PROGRAM,
    PROOF,
    SOURCES,
    About,
    ArchivedEdition,
    Deposit,
    SignOffRecord,
)
from typeset.diagnostics import Finding, LetterError, Severity, error, letter_error, refuse_if_any
from typeset.fonts import Flavour, Subset
from typeset.manifest import NAME, Manifest, NotAManifest, canonical, digest_of, read_manifest
from typeset.model import SignOff
from typeset.pipeline import EDITION, Artifact, BuildContext, Final, build, examine
from typeset.publishing.proposal import Proposal, words_by_language
from typeset.publishing.seals import SealContext, awaited, cosigned, sealed
from typeset.render import Attached
from typeset.signing import Identity
from typeset.signoff import ApprovalStatus, tally
from typeset.sources import Sources
from typeset.verification import (
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
    """The sign-off of a proposal. Raises `LetterError` when the policy is not met."""
    policy = proposal.policy
    if not tally.met:
        raise LetterError(not_signed_off(tally))
    manifest = proposal.manifest
    return SignOff(edition=manifest.edition, digest=manifest.digest, policy=policy, approvals=tally.approvals)


def final_files(
    proposal: Proposal, tally: ApprovalStatus, context: BuildContext, formats: Iterable[str] = EDITION
) -> tuple[Artifact, ...]:
    """The final files of an edition, not sealed yet. They depend only on the manifest and the approvals.

    Raises `LetterError` when the policy is not met.
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
    """The attachments of each version's PDF that prove what was approved and by whom."""
    return {lang: tuple(_proof(proposal, words, tally)) for lang, words in proposal.words.items()}


def not_signed_off(tally: ApprovalStatus) -> Iterator[Finding]:
    """Findings about missing approvals and about statements that do not count."""
    for missing in tally.missing:
        yield error(
            "not-signed-off",
            f"missing: {missing}",
            "typesetter status shows all approvals; sign with typesetter approve",
            subject="sign-off",
        )
    for void in tally.void:
        yield Finding(
            code="void-approval",
            severity=Severity.WARNING,
            message=f"approvals/{void.file} does not count: {void.why}",
            subject=f"approvals/{void.file}",
        )


def _proof(proposal: Proposal, words: PrintedWords, tally: ApprovalStatus) -> Iterator[Attached]:
    envelopes = canonical([json.loads(counted.data) for counted in tally.counted])
    data = proposal.manifest.data
    yield Attached(name=NAME, data=data, description="What was approved: digests of every source and text")
    yield Attached(name=APPROVALS, data=envelopes, description="Who approved it: signed statements")
    yield Attached(name=WORDS, data=words.data, description="The words as printed, as JSON")


_TRUST = ("seal", "signature ", "hour ", "archive timestamp", "look")
"""Subjects of proofs that depend on the roots that the reader trusts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The files of an edition, by name. While co-signers are ``awaited`` there is no record.

    ``made`` are the final files without signatures.
    """

    files: Mapping[str, bytes]
    made: tuple[Artifact, ...] = ()
    record: bytes = b""
    awaited: tuple[Finding, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


def publish(
    proposal: Proposal,
    tally: ApprovalStatus,
    seal_context: SealContext,
    *,
    seal: Identity | None,
    cosigners: Sequence[Identity] = (),
    partial: Mapping[str, bytes],
) -> Published:
    """The signed PDFs and the web pages of an edition, and its record.

    ``partial`` are files that some co-signers have already signed. Raises `LetterError` when the policy is not met,
    a signature cannot be made, or a signed file does not verify.
    """
    signoff = sign_off(proposal, tally)
    made = final_files(proposal, tally, seal_context.context)
    pages = {artifact.name: artifact.data for artifact in made if not _is_pdf(artifact)}
    prepared: dict[str, Artifact] = {}
    waiting: tuple[Finding, ...] = ()
    for artifact in filter(_is_pdf, made):
        begun = _with_signatures(artifact, partial.get(partial_name(artifact), b""))
        with seal_context.context.watch("sign"):
            data = cosigned(begun, signoff, cosigners, seal_context)
        prepared[artifact.name] = replace(artifact, data=data)
        waiting = waiting or awaited(data, signoff)
    if waiting:
        return Published(
            files={partial_name(artifact): artifact.data for artifact in prepared.values()}, awaited=waiting
        )
    if seal is None:
        raise letter_error("no-seal", "no identity for the seal is named", _WHOSE_SEAL, subject="edition")
    files: dict[str, bytes] = {}
    verdicts: dict[str, Verdict] = {}
    for artifact in prepared.values():
        with seal_context.context.watch("seal"):
            data = sealed(artifact, signoff, seal, seal_context)
        with seal_context.context.watch("verify"):
            verdicts[signed_name(artifact)] = _proven(data, artifact, seal_context)
        files[signed_name(artifact)] = data
    record = edition_record(proposal, signoff, tally, files | pages, seal_context.now)
    return Published(files=files | pages, made=made, record=record, verdicts=verdicts)


def signed_name(artifact: Artifact) -> str:
    """The name of a signed file."""
    return artifact.name.removesuffix(".pdf") + ".signed.pdf"


def partial_name(artifact: Artifact) -> str:
    """The name of a file that still needs the signature of a co-signer."""
    return artifact.name.removesuffix(".pdf") + ".unsealed.pdf"


def record_name(proposal: Proposal) -> str:
    """The file name of an edition's record."""
    return f"{proposal.manifest.letter}.ed{proposal.manifest.edition.number}.json"


def edition_record(
    proposal: Proposal, signoff: SignOff, tally: ApprovalStatus, files: Mapping[str, bytes], now: datetime
) -> bytes:
    """The record of an edition (JSON): the digest of each file, for `typesetter verify --record`."""
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


def _with_signatures(artifact: Artifact, partial: bytes) -> Artifact:
    """The file with the signatures that it already has. Raises `LetterError` when it is not the file just built."""
    if partial in (b"", artifact.data):
        return artifact
    faults = []
    if not partial.startswith(artifact.data):
        faults.append("it is not a copy of the file that was built now")
    else:
        try:
            faults += uncovered(read_signatures(partial), ())
        except UnreadableSignatures as fault:
            faults.append(str(fault))
    if faults:
        hint = "delete the file, then ask the co-signers to sign again"
        raise LetterError(
            error("unusable-partial", f"{partial_name(artifact)}: {fault}", hint, subject="edition") for fault in faults
        )
    return replace(artifact, data=partial)


def _proven(data: bytes, artifact: Artifact, seal_context: SealContext) -> Verdict:
    """The verdict on a file that was just signed. Raises `LetterError` unless all but the reader's trust is proven."""
    verdict = verify(data, roots=seal_context.services.roots, now=datetime.now(seal_context.now.tzinfo))
    faults = tuple(_not_proven(verdict, artifact))
    if faults:
        raise LetterError(faults)
    return verdict


def _not_proven(verdict: Verdict, artifact: Artifact) -> Iterator[Finding]:
    for proof in verdict.proofs:
        trust = proof.outcome is ProofStatus.UNPROVEN and proof.subject.startswith(_TRUST)
        if proof.outcome in (ProofStatus.UNPROVEN, ProofStatus.BROKEN) and not trust:
            message = (
                f"the signed file {signed_name(artifact)} did not verify: {'; '.join((proof.says, *proof.details))}"
            )
            yield error("not-proven", message, "no file was written; the draft is unchanged", subject="edition")


def _is_pdf(artifact: Artifact) -> bool:
    return artifact.name.endswith(".pdf")


_WHOSE_SEAL = 'name it with --seal, or write identity = "…" under [seal] in typeset.toml'


FINDINGS = "findings.json"


def archived(
    proposal: Proposal,
    tally: ApprovalStatus,
    published: Published,
    *,
    seal: Identity,
    now: datetime,
    program: Mapping[str, bytes],
) -> Deposit:
    """The edition as it goes to the archive: sources, faces, proof, final files, approvals, findings, program.

    It is published in the name of the seal. ``program`` has the wheels and the lock of the program by their file
    names, so that the version that made the edition can rebuild it.
    """
    manifest, checked = proposal.manifest, proposal.checked
    final = {artifact.name: artifact.data for artifact in published.made} | dict(published.files)
    files = {
        MANIFEST: manifest.data,
        FINDINGS: _findings(checked.open, checked.answered),
        **{f"{SOURCES}{name}": data for name, data in checked.sources.items()},
        **{f"{PROOF}{proof.name}": proof.data for proof in proposal.proofs},
        **{f"{FINAL}{name}": data for name, data in final.items()},
        f"{FINAL}{record_name(proposal)}": published.record,
        **{f"{ARCHIVED_APPROVALS}{counted.file}": counted.data for counted in tally.counted},
        **dict(_faces((*proposal.proofs, *published.made))),
        **{f"{PROGRAM}{name}": data for name, data in program.items()},
    }
    return Deposit(
        letter=manifest.letter,
        number=manifest.edition.number,
        predecessor=manifest.edition.predecessor,
        files=files,
        made=now,
        by=seal.name,
        # The key as a URI (RFC 6920, 7): names and mail addresses may change.
        address=f"nih:sha-256;{seal.certified.key}",
        about=About(
            date=checked.letter.date,
            titles={wording.lang: wording.title for wording in manifest.wordings},
            named=manifest.counts["named"],
            anonymous=manifest.counts["anonymous"],
            sign_off=tuple(
                SignOffRecord(role=one.role, name=one.name, when=one.when.isoformat()) for one in tally.approvals
            ),
        ),
        demonstration=any(one.demonstration for one in tally.approvals),
        generator=manifest.generator,
    )


def _faces(artifacts: Iterable[Artifact]) -> Iterator[tuple[str, bytes]]:
    """The subset faces by file name; a subset that several files use is kept once."""
    for subset in sorted((subset for one in artifacts for subset in one.faces), key=_face_name):
        yield _face_name(subset), subset.data


def _face_name(subset: Subset) -> str:
    cut = subset.cut
    manner = f"{cut.weight}{'-italic' if cut.style == 'italic' else ''}"
    ending = "ttf" if subset.flavour is Flavour.TTF else "woff2"
    return f"{FACES}{cut.face.family.replace(' ', '')}-{manner}-{subset.digest[:16]}.{ending}"


def _findings(still: Iterable[Finding], answered: Iterable[Finding]) -> bytes:
    document = {"open": [_finding(one) for one in still], "decided": [_finding(one) for one in answered]}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "subject": finding.subject,
        "fact": finding.message,
        "file": place.file if place else None,
        "line": place.line if place else 0,
    }


def kept_of(edition: ArchivedEdition) -> dict[str, bytes]:
    """The archived files that copies need, each checked. Raises `LetterError` when one is missing or was changed."""
    return {name: edition.read(name) for name in edition.paths if name == MANIFEST or _is_kept(name)}


def sources_of(kept: Mapping[str, bytes]) -> Sources:
    """The sources of an edition."""
    return Sources({name.removeprefix(SOURCES): data for name, data in kept.items() if name.startswith(SOURCES)})


def restored(name: str, kept: Mapping[str, bytes], context: BuildContext) -> tuple[Proposal, ApprovalStatus]:
    """The proposal of an archived edition with its approved manifest, and the approvals. No proof is built.

    Raises `LetterError` when this version of the program cannot read its sources.
    """
    manifest = _manifest(name, kept[MANIFEST])
    checked = examine(sources_of(kept), context)
    refuse_if_any(checked.open)
    envelopes = {
        file.removeprefix(ARCHIVED_APPROVALS): data
        for file, data in kept.items()
        if file.startswith(ARCHIVED_APPROVALS)
    }
    proposal = Proposal(checked=checked, manifest=manifest, proofs=(), words=words_by_language(checked))
    return proposal, tally(envelopes, proposal.policy, manifest.digest)


def _is_kept(name: str) -> bool:
    return name.startswith((SOURCES, ARCHIVED_APPROVALS))


def _manifest(name: str, data: bytes) -> Manifest:
    try:
        return read_manifest(data)
    except NotAManifest as fault:
        raise letter_error(
            "edition-manifest",
            f"the manifest of {name}: {fault}",
            "use the version of typeset that made it",
            subject=name,
        ) from fault
