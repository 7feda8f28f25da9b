"""An archived edition as it was signed off, read from what the archive keeps and from nothing else."""

from __future__ import annotations

from typeset.archive import Edition
from typeset.archive.record import APPROVALS, MANIFEST
from typeset.diagnostics import Finding, Place, Refused, Severity, refuse_if_any
from typeset.manifest import Manifest, NotAManifest, read_manifest
from typeset.pipeline import Workshop, examine
from typeset.publishing.proposal import Proposal, words_by_language
from typeset.signoff import Tally, tally


def restored(edition: Edition, shop: Workshop) -> tuple[Proposal, Tally]:
    """The letter of an edition with the manifest that was approved, and the approvals; no proof is made again.

    Raises `Refused` where the edition cannot be read, or its sources cannot be read with the program of today.
    """
    manifest = _manifest(edition)
    reading = examine(edition.sources(), shop)
    refuse_if_any(reading.open)
    envelopes = {
        name.removeprefix(APPROVALS): edition.read(name) for name in edition.paths if name.startswith(APPROVALS)
    }
    proposal = Proposal(reading=reading, manifest=manifest, proofs=(), words=words_by_language(reading))
    return proposal, tally(envelopes, proposal.policy, manifest.digest)


def _manifest(edition: Edition) -> Manifest:
    try:
        return read_manifest(edition.read(MANIFEST))
    except NotAManifest as fault:
        raise Refused(
            [
                Finding(
                    code="edition-manifest",
                    severity=Severity.ERROR,
                    fact=f"the manifest of {edition.name}: {fault}",
                    place=Place(file=str(edition.folder)),
                    hint="the typeset that made it can read it",
                    subject=str(edition.name),
                )
            ]
        ) from fault
