"""A published edition as the archive takes it in: everything it was made from, and everything it became."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from typeset.archive import (
    APPROVALS,
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
from typeset.manifest import Manifest, NotAManifest, read_manifest
from typeset.pipeline import Artifact, BuildContext, examine
from typeset.publishing.edition import Published, record_name
from typeset.publishing.proposal import Proposal, words_by_language
from typeset.signing import Identity
from typeset.signoff import ApprovalStatus, tally
from typeset.sources import Sources

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
        **{f"{APPROVALS}{counted.file}": counted.data for counted in tally.counted},
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
        "fact": finding.fact,
        "file": place.file if place else None,
        "line": place.line if place else 0,
    }


def kept_of(edition: ArchivedEdition) -> dict[str, bytes]:
    """What an edition is restored from, each file checked. Raises `Refused` where one is not what was archived."""
    return {name: edition.read(name) for name in edition.paths if name == MANIFEST or _is_kept(name)}


def sources_of(kept: Mapping[str, bytes]) -> Sources:
    """What the edition was built from."""
    return Sources({name.removeprefix(SOURCES): data for name, data in kept.items() if name.startswith(SOURCES)})


def restored(name: str, kept: Mapping[str, bytes], context: BuildContext) -> tuple[Proposal, ApprovalStatus]:
    """The letter of an edition with the manifest that was approved, and the approvals; no proof is made again.

    Raises `Refused` where its sources cannot be read with the program of today.
    """
    manifest = _manifest(name, kept[MANIFEST])
    checked = examine(sources_of(kept), context)
    refuse_if_any(checked.open)
    envelopes = {file.removeprefix(APPROVALS): data for file, data in kept.items() if file.startswith(APPROVALS)}
    proposal = Proposal(checked=checked, manifest=manifest, proofs=(), words=words_by_language(checked))
    return proposal, tally(envelopes, proposal.policy, manifest.digest)


def _is_kept(name: str) -> bool:
    return name.startswith((SOURCES, APPROVALS))


def _manifest(name: str, data: bytes) -> Manifest:
    try:
        return read_manifest(data)
    except NotAManifest as fault:
        raise LetterError(
            [
                Finding(
                    code="edition-manifest",
                    severity=Severity.ERROR,
                    fact=f"the manifest of {name}: {fault}",
                    hint="the typeset that made it can read it",
                    subject=name,
                )
            ]
        ) from fault
