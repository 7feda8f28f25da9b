"""An archive verified: its bytes and their chain, and that manifests and signatures say what they should."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from typeset.archive.fixity import FixityResult, verify as verify_fixity
from typeset.archive.reader import ArchivedEdition, edition_name
from typeset.archive.record import FINAL, MANIFEST
from typeset.archive.storage import open_root
from typeset.diagnostics import Finding, Location, Severity
from typeset.manifest import NotAManifest, read_manifest
from typeset.verify import ProofStatus, verify


def verify_archive(
    archive: Path, letters: Iterable[str], *, roots: tuple[bytes, ...], now: datetime, fixity_only: bool = False
) -> Iterator[FixityResult]:
    """Verify these letters of an archive, or all of it: as each is done, what was found.

    ``roots`` are the certificates whose word counts, ``fixity_only`` leaves the signatures out. Raises `Refused` where
    there is no archive, or no such letter.
    """
    root = open_root(archive)
    names = tuple(edition_name(root, letter).object_id for letter in letters)

    def proven(edition: ArchivedEdition) -> tuple[Finding, ...]:
        return (*manifest_faults(edition), *(() if fixity_only else signature_faults(edition, roots, now)))

    return verify_fixity(root, names, proven)


def manifest_faults(edition: ArchivedEdition) -> Iterator[Finding]:
    """Whether the manifest that people signed off names the edition and the one before as the archive does."""
    place = Location(file=str(edition.paths[MANIFEST]))
    try:
        manifest = read_manifest(edition.read(MANIFEST))
    except NotAManifest as fault:
        fact, hint = f"the manifest of {edition.name}: {fault}", "another version of typeset may read it"
        yield Finding(code="archive-chain", severity=Severity.WARNING, fact=fact, place=place, hint=hint)
        return
    record = edition.record
    told = (manifest.letter, manifest.edition.number, manifest.edition.predecessor)
    if told != (record.letter, record.number, record.predecessor):
        fact = f"the manifest of {edition.name} is of another edition than the archive says"
        hint = "compare it with a copy of the archive: it was written by another program, or altered on purpose"
        yield Finding(code="archive-chain", severity=Severity.ERROR, fact=fact, place=place, hint=hint)


def signature_faults(edition: ArchivedEdition, trusted: tuple[bytes, ...], now: datetime) -> Iterator[Finding]:
    """What `typesetter verify` says of the signed files, as findings."""
    record = edition.paths.get(f"{FINAL}{edition.name.letter}.ed{edition.name.number}.json")
    for name, path in edition.paths.items():
        if not (name.startswith(FINAL) and name.endswith(".signed.pdf")):
            continue
        kept = edition.read(f"{FINAL}{record.name}") if record else None
        verdict = verify(edition.read(name), roots=trusted, now=now, record=kept)
        for proof in verdict.proofs:
            if proof.outcome in (ProofStatus.BROKEN, ProofStatus.UNPROVEN):
                broken = proof.outcome is ProofStatus.BROKEN
                # Nobody can vouch for a key that was made for a trial.
                slight = Severity.NOTE if edition.record.demonstration else Severity.WARNING
                yield Finding(
                    code="signature-broken" if broken else "signature-unproven",
                    severity=Severity.ERROR if broken else slight,
                    fact=f"edition {edition.name}: {proof.says}",
                    place=Location(file=str(path)),
                    hint="typesetter verify says everything about the file; --trust names whose word counts",
                    subject=str(edition.name),
                )
