"""An edition leaves the house: signed by all who should, proven before anybody can hold it, and put on record."""

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
from typeset.diagnostics import Finding, LetterError, Severity, refuse_if_any
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
    """The proposal as signed off. Raises `LetterError` while the policy is not met."""
    policy = proposal.policy
    if not tally.met:
        raise LetterError(not_signed_off(tally))
    manifest = proposal.manifest
    return SignOff(edition=manifest.edition, digest=manifest.digest, policy=policy, approvals=tally.approvals)


def final_files(
    proposal: Proposal, tally: ApprovalStatus, context: BuildContext, formats: Iterable[str] = EDITION
) -> tuple[Artifact, ...]:
    """The files of the edition as signed off, not yet sealed: a function of the manifest and the approvals alone.

    Raises `LetterError` while the policy is not met.
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
            message=f"missing: {missing}",
            hint="typesetter status shows how things stand; typesetter approve signs",
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

    ``partial`` are files that some co-signers have signed before, elsewhere or earlier. Raises `LetterError` where the
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
    """The verdict on a file that was just signed. Raises `LetterError` for any doubt but that of whose word counts."""
    verdict = verify(data, roots=desk.services.roots, now=datetime.now(desk.now.tzinfo))
    faults = tuple(_not_proven(verdict, artifact))
    if faults:
        raise LetterError(faults)
    return verdict


def _not_proven(verdict: Verdict, artifact: Artifact) -> Iterator[Finding]:
    for proof in verdict.proofs:
        trust = proof.outcome is ProofStatus.UNPROVEN and proof.subject.startswith(_TRUST)
        if proof.outcome in (ProofStatus.UNPROVEN, ProofStatus.BROKEN) and not trust:
            message = f"{signed_name(artifact)} did not verify: {'; '.join((proof.says, *proof.details))}"
            yield _fault("not-proven", message, "nothing was left behind; the build stays as it was")


def _is_pdf(artifact: Artifact) -> bool:
    return artifact.name.endswith(".pdf")


_WHOSE_SEAL = 'name one with --seal, or write identity = "…" under [seal] in typeset.toml'


def _fault(code: str, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, message=message, hint=hint, subject="edition")


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
    """What the archive is given: sources, faces, proof, final files signed and unsigned, approvals, findings.

    Who publishes is the holder of the seal, known by name and by key. ``program`` has the wheels and the lock of the
    program by their file names, so that the edition can be rebuilt by the version that made it.
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
        # The key as an address of its own (RFC 6920, 7): it stays when names and mail addresses go.
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
    """The subset faces by family, slot and digest: the same subset is kept once, in however many files it is."""
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
    """What an edition is restored from, each file checked. Raises `LetterError` where one is not what was archived."""
    return {name: edition.read(name) for name in edition.paths if name == MANIFEST or _is_kept(name)}


def sources_of(kept: Mapping[str, bytes]) -> Sources:
    """What the edition was built from."""
    return Sources({name.removeprefix(SOURCES): data for name, data in kept.items() if name.startswith(SOURCES)})


def restored(name: str, kept: Mapping[str, bytes], context: BuildContext) -> tuple[Proposal, ApprovalStatus]:
    """The letter of an edition with the manifest that was approved, and the approvals; no proof is made again.

    Raises `LetterError` where its sources cannot be read with the program of today.
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
        raise LetterError(
            [
                Finding(
                    code="edition-manifest",
                    severity=Severity.ERROR,
                    message=f"the manifest of {name}: {fault}",
                    hint="the typeset that made it can read it",
                    subject=name,
                )
            ]
        ) from fault
