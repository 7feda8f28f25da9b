"""An archived edition as it was signed off, read from what the archive keeps and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from typeset.archive import Edition
from typeset.archive.record import APPROVALS, MANIFEST, SOURCES
from typeset.diagnostics import Finding, Refused, Severity, refuse_if_any
from typeset.manifest import Manifest, NotAManifest, read_manifest
from typeset.pipeline import BuildContext, examine
from typeset.publishing.proposal import Proposal, words_by_language
from typeset.signoff import Tally, tally
from typeset.sources import Sources


def kept_of(edition: Edition) -> dict[str, bytes]:
    """What an edition is restored from, each file checked. Raises `Refused` where one is not what was archived."""
    return {name: edition.read(name) for name in edition.paths if name == MANIFEST or _is_kept(name)}


def sources_of(kept: Mapping[str, bytes]) -> Sources:
    """What the edition was built from."""
    return Sources({name.removeprefix(SOURCES): data for name, data in kept.items() if name.startswith(SOURCES)})


def restored(name: str, kept: Mapping[str, bytes], context: BuildContext) -> tuple[Proposal, Tally]:
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
        raise Refused(
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
