"""The release of an approved edition: sealed files in a folder, and the edition in the archive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from typeset.archive import (
    FINAL,
    ArchivedEdition,
    EditionName,
    Root,
    deposit,
    difference,
    editions_until,
    find_edition,
    finish,
    is_vacant,
    of_edition,
    of_sources,
    open_root,
)
from typeset.diagnostics import Finding, LetterError, Severity, error, letter_error
from typeset.diff import ReportLine, recorded, summary, tell, unstable_numbers
from typeset.edition_changes import FILE, changes_json
from typeset.fonts import FolderCache
from typeset.journal import folder_lock, write_files
from typeset.letter_folder import cache_folder, from_here, read_sources
from typeset.model import Changes, Letter
from typeset.program import running_program
from typeset.publishing.edition import archived, publish, record_name
from typeset.publishing.proposal import SignOffStatus
from typeset.publishing.seals import SealContext
from typeset.signing import Keyring, Services, publishing_lock
from typeset.sources import Sources

if TYPE_CHECKING:
    from typeset.publishing.proposal import Proposal


_HINT = "run typesetter diff --record: it compares with that edition in the archive and writes the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class SincePredecessor:
    """What changed since the edition that a proposal follows.

    ``predecessor`` is None when the archive does not have that edition: nothing is compared. ``findings`` are about
    numbers that belonged to another signatory in an earlier edition.
    """

    number: int
    predecessor: EditionName | None = None
    label: str = ""
    summary: str = ""
    lines: tuple[ReportLine, ...] = ()
    findings: tuple[Finding, ...] = ()


def since_predecessor(proposal: Proposal, archive: Path) -> SincePredecessor | None:
    """What changed since the edition before, for people who approve; None for a first edition."""
    manifest = proposal.manifest
    if not manifest.edition.predecessor or is_vacant(archive):
        return None
    number = manifest.edition.number - 1
    kept = editions_until(open_root(archive), manifest.letter, manifest.edition.predecessor)
    if not kept:
        return SincePredecessor(number=number)
    change, before, after, _ = difference(of_edition(kept[-1]), of_sources(proposal.checked.sources, "this one"))
    ever = {one.number: one.name for edition in kept for one in of_edition(edition).state.letter.signatories}
    return SincePredecessor(
        number=number,
        predecessor=kept[-1].name,
        label=change.before,
        summary=summary(change),
        lines=tuple(tell(change)),
        findings=tuple(unstable_numbers(ever, before.letter.signatories, after.letter.signatories)),
    )


def record_changes(folder: Path, archive: Path) -> Changes:
    """Write ``changes.json`` into a letter folder. Raises `LetterError` when letter.toml names no earlier edition."""
    with folder_lock(folder):
        return _recorded_changes(folder, archive)


def _recorded_changes(folder: Path, archive: Path) -> Changes:
    sources = read_sources(folder)
    letter = of_sources(sources, "this edition").state.letter
    if not letter.edition.predecessor:
        raise LetterError([_first(archive, letter)])
    before = _predecessor(open_root(archive), letter)
    if before is None:
        number, digest = letter.edition.number - 1, letter.edition.predecessor
        message = f"the archive has no edition {number} of {letter.id} whose manifest has the digest {digest}"
        hint = "correct predecessor in letter.toml: typesetter archive list shows the digests"
        raise letter_error("no-such-edition", message, hint, file="letter.toml", subject="changes")
    changes = _since(before, sources)
    write_files(folder, {FILE: changes_json(changes)})
    return changes


def refuse_other_record(proposal: Proposal, archive: Path) -> None:
    """Compare ``changes.json`` with the archive. Raises `LetterError` when it does not match."""
    letter, sources = proposal.checked.letter, proposal.checked.sources
    if letter.changes is None or is_vacant(archive):
        return
    before = _predecessor(open_root(archive), letter)
    if before and changes_json(_since(before, sources)) != changes_json(letter.changes):
        message = f"{FILE} does not match what changed since edition {letter.edition.number - 1} in the archive"
        raise letter_error("stale-changes", message, _HINT, file=FILE, subject="changes")


def _since(before: ArchivedEdition, sources: Sources) -> Changes:
    return recorded(of_edition(before).state, of_sources(sources, "this edition").state)


def _predecessor(root: Root, letter: Letter) -> ArchivedEdition | None:
    kept = editions_until(root, letter.id, letter.edition.predecessor)
    return kept[-1] if kept else None


def _first(archive: Path, letter: Letter) -> Finding:
    message = "letter.toml names no earlier edition, so there is nothing to compare with"
    try:
        if is_vacant(archive):
            raise LetterError([])
        latest = find_edition(open_root(archive), EditionName(letter=letter.id))
    except LetterError:
        return error(
            "no-edition-before",
            message,
            "only a later edition has changes to record",
            file="letter.toml",
            subject="changes",
        )
    edition = f'number = {(latest.name.number or 0) + 1} and predecessor = "{latest.record.digest}"'
    return error(
        "no-edition-before",
        message,
        f"to follow the latest edition, write [edition] with {edition}",
        file="letter.toml",
        subject="changes",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A published edition: its name in the archive, its files, and its record, which is one of them.

    ``digest`` is the digest of its manifest, which the next edition names as its predecessor.
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

    ``seal`` and ``cosigners`` are identities of ``keys``. Raises `LetterError` when the edition is already published,
    when the policy is not met, and while co-signers are missing; the files that some have signed are kept.
    """
    target = output / status.proposal.manifest.letter
    with publishing_lock(target):
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
        message = f"edition {number} is already published: {from_here(target / record)}"
        hint = f'publish a later one: write [edition] with number = {number + 1} and predecessor = "…"'
        raise letter_error("edition-published", message, hint, subject="sign-off")
    if kept := _kept(proposal, archive):
        return _completed(kept, target, archive)
    refuse_other_record(proposal, archive)
    partial = {path.name: path.read_bytes() for path in target.glob(f"*.ed{number}.unsealed.pdf")}
    with keys.opened(*cosigners, *([seal] if seal else [])) as opened:
        sources, now = proposal.checked.sources, datetime.now(UTC)
        seal_context = SealContext(sources=sources, context=status.context, services=services, now=now)
        published = publish(
            proposal,
            status.tally,
            seal_context,
            seal=opened[-1] if seal else None,
            cosigners=opened[: len(cosigners)],
            partial=partial,
        )
        if published.awaited:
            write_files(target, published.files)
            raise LetterError(published.awaited)
        # The archive first: it knows whether somebody else published another edition.
        program = running_program(FolderCache(cache_folder() / "programs"))
        edition = archived(proposal, status.tally, published, seal=opened[-1], now=now, program=program.files)
        receipt = deposit(archive, edition)
    write_files(target, {**published.files, record: published.record}, remove=tuple(partial))
    return Release(
        edition=EditionName(letter=edition.letter, number=edition.number, demonstration=edition.demonstration),
        digest=manifest.digest,
        files=tuple(sorted(target.glob(f"*.ed{number}.*"))),
        record=published.record,
        findings=(*program.findings, *receipt.findings),
    )


def _kept(proposal: Proposal, archive: Path) -> ArchivedEdition | None:
    """The proposed edition, if the archive has it already: an earlier run may have been interrupted after that."""
    manifest = proposal.manifest
    if is_vacant(archive):
        return None
    found = editions_until(open_root(archive), manifest.letter, manifest.digest)
    return found[-1] if found and found[-1].name.number == manifest.edition.number else None


def _completed(edition: ArchivedEdition, target: Path, archive: Path) -> Release:
    """The files of an archived edition written where publishing writes them; nothing is sealed again."""
    finish(archive)
    number, name = edition.name.number, f"{edition.name.letter}.ed{edition.name.number}.json"
    record = edition.read(f"{FINAL}{name}")
    files = {one["name"]: edition.read(f"{FINAL}{one['name']}") for one in json.loads(record)["files"]}
    partial = tuple(path.name for path in target.glob(f"*.ed{number}.unsealed.pdf"))
    write_files(target, {**files, name: record}, remove=partial)
    found = Finding(
        code="edition-archived",
        severity=Severity.NOTE,
        message=f"the archive has edition {number} already, sealed by {edition.by}: its files were taken from there",
        hint="nothing to do",
        subject=f"edition {number}",
    )
    return Release(
        edition=edition.name,
        digest=edition.record.digest,
        files=tuple(sorted(target.glob(f"*.ed{number}.*"))),
        record=record,
        findings=(found,),
    )
