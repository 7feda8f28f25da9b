"""The release of an edition that is signed off: sealed files in a folder, and everything in the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from typeset.archive import EditionName, deposit
from typeset.diagnostics import Finding, LetterError, Severity
from typeset.fonts import FolderCache
from typeset.letter_folder import cache_folder, from_here, remove_files, write_files
from typeset.program import running_program
from typeset.publishing.archive_edition import archived
from typeset.publishing.edition import publish, record_name
from typeset.publishing.predecessor import refuse_other_record
from typeset.publishing.proposal import SignOffStatus
from typeset.publishing.seals import SealContext
from typeset.signing import Keyring, Services, alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A published edition: what the archive calls it, its files, and its record, which is one of them.

    ``digest`` is its manifest's: the next edition names it as its predecessor.
    """

    edition: EditionName
    digest: str
    files: tuple[Path, ...]
    record: bytes
    findings: tuple[Finding, ...]


def release_edition(
    status: SignOffStatus,
    output: Path,
    archive: Path,
    keys: Keyring,
    *,
    services: Services,
    seal: str = "",
    cosigners: Sequence[str] = (),
) -> Release:
    """Sign, seal and archive an edition, and write its files into a folder of the letter's name below ``output``.

    ``seal`` and ``cosigners`` are identities of ``keys``. Raises `LetterError` where the edition is out already, while
    the policy is not met, and while co-signers are awaited; the files that some of them have signed are kept then.
    """
    target = output / status.proposal.manifest.letter
    with alone(target):
        return _released(status, target, archive, keys, services, seal, cosigners)


def _released(
    status: SignOffStatus,
    target: Path,
    archive: Path,
    keys: Keyring,
    services: Services,
    seal: str,
    cosigners: Sequence[str],
) -> Release:
    proposal, manifest = status.proposal, status.proposal.manifest
    number, record = manifest.edition.number, record_name(proposal)
    if (target / record).exists():
        fact = f"edition {number} is published already: {from_here(target / record)}"
        hint = f'a later one takes its place: [edition] number = {number + 1}, predecessor = "…"'
        raise LetterError(
            [Finding(code="edition-published", severity=Severity.ERROR, fact=fact, hint=hint, subject="sign-off")]
        )
    refuse_other_record(proposal, archive)
    partial = {path.name: path.read_bytes() for path in target.glob(f"*.ed{number}.unsealed.pdf")}
    with keys.opened(*cosigners, *([seal] if seal else [])) as opened:
        sources, now = proposal.checked.sources, datetime.now(UTC)
        desk = SealContext(sources=sources, context=status.context, services=services, now=now)
        published = publish(
            proposal,
            status.tally,
            desk,
            seal=opened[-1] if seal else None,
            cosigners=opened[: len(cosigners)],
            partial=partial,
        )
        if published.awaited:
            write_files(target, published.files)
            raise LetterError(published.awaited)
        # The archive first: it alone knows whether another edition came before this one.
        program = running_program(FolderCache(cache_folder() / "programs"))
        edition = archived(proposal, status.tally, published, seal=opened[-1], now=now, program=program.files)
        receipt = deposit(archive, edition)
    write_files(target, {**published.files, record: published.record})
    remove_files(target, tuple(partial))
    return Release(
        edition=EditionName(letter=edition.letter, number=edition.number, demonstration=edition.demonstration),
        digest=manifest.digest,
        files=tuple(sorted(target.glob(f"*.ed{number}.*"))),
        record=published.record,
        findings=(*program.findings, *receipt.findings),
    )
