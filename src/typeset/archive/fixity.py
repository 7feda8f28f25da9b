"""Fixity checks of an archive: every byte, every name, and the link from each edition to the one before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from fontTools import unicodedata as ucd

from typeset.archive.ocfl import (
    INVENTORY,
    SIDECAR,
    EditionName,
    Inventory,
    UnreadableInventory,
    digest_of,
    earlier_inventories,
    fault,
    is_object_id,
    on_disk,
)
from typeset.archive.reader import (
    RESTORE,
    STRAY,
    ArchivedEdition,
    edition_name,
    editions,
    files_below,
    inventory_in,
    is_listed,
    object_ids,
    plain_bytes,
    read_object,
    version_faults,
    version_folders,
)
from typeset.archive.record import FINAL, MANIFEST, README, RECORD
from typeset.archive.states import Operand, of_edition
from typeset.archive.storage import GUIDE, GUIDE_SIDECAR, LAYOUT_FILE, OBJECT_MARK, ROOT_MARK, Root, open_root
from typeset.diagnostics import Finding, LetterError, Location, Severity, error
from typeset.diff import Difference, LetterState, ListChange, compare, list_change, list_summary
from typeset.languages import NEUTRAL, UNDETERMINED, script
from typeset.manifest import NotAManifest, read_manifest
from typeset.model import Letter
from typeset.verification import ProofStatus, verify as verify_file

ExtraCheck = Callable[[ArchivedEdition], tuple[Finding, ...]]
"""A further check of an edition whose bytes are intact, such as its signatures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixityResult:
    """The result for one object, or for the root itself (an empty id). ``size`` is in bytes."""

    object_id: str
    editions: int
    files: int
    size: int
    findings: tuple[Finding, ...]


def verify(root: Root, object_ids: tuple[str, ...] = (), prove: ExtraCheck | None = None) -> Iterator[FixityResult]:
    """Check the root and all objects, or only these objects; yields each result when it is known."""
    with on_disk(root.folder):
        if not object_ids:
            yield FixityResult(object_id="", editions=0, files=4, size=0, findings=tuple(_root_faults(root)))
        for name in object_ids or sorted(path.name for path in root.folder.iterdir() if path.is_dir()):
            yield _checked(root, name, prove)


def _checked(root: Root, name: str, prove: ExtraCheck | None) -> FixityResult:
    try:
        folder = root.object_folder(name)
    except LetterError as refused:
        return FixityResult(object_id=name, editions=0, files=0, size=0, findings=refused.findings)
    if not is_object_id(name):
        message = f"{name} in the archive is not a letter"
        finding = fault("archive-stray-file", message, folder, STRAY, subject=name)
        return FixityResult(object_id=name, editions=0, files=0, size=0, findings=(finding,))
    found = read_object(folder)
    findings = [*found.findings]
    if found.inventory is None:
        return FixityResult(object_id=name, editions=0, files=0, size=0, findings=tuple(findings))
    if found.pending:
        findings.append(_unfinished(folder))
    seen: dict[str, str] = {}
    findings += _object_faults(folder, found.inventory, seen)
    if not findings:
        findings += _chain_faults(root, name, seen, prove)
    paths = [path for path in files_below(folder) if path.is_file()]
    return FixityResult(
        object_id=name,
        editions=found.inventory.head,
        files=len(paths),
        size=sum(path.stat().st_size for path in paths),
        findings=tuple(dict.fromkeys(findings)),
    )


def _root_faults(root: Root) -> Iterator[Finding]:
    guide = plain_bytes(root.folder, GUIDE)
    listed = f"{digest_of(guide or b'')}  {GUIDE}\n".encode()
    hint = "restore the file from a copy of the archive; the editions are not affected"
    if plain_bytes(root.folder, ROOT_MARK) != f"{ROOT_MARK.removeprefix('0=')}\n".encode():
        yield fault("archive-file-changed", f"{ROOT_MARK} was changed or is missing", root.folder / ROOT_MARK, hint)
    if guide is None or plain_bytes(root.folder, GUIDE_SIDECAR) != listed:
        yield fault("archive-file-changed", f"{GUIDE} was changed or is missing", root.folder / GUIDE, hint)
    known = {ROOT_MARK, LAYOUT_FILE, GUIDE, GUIDE_SIDECAR}
    for path in sorted(root.folder.iterdir()):
        if path.is_symlink():
            hint = "an archive must not contain links: replace the link by a copy of its target"
            yield fault("archive-symlink", f"{path.name} is a link", path, hint, subject=path.name)
        elif not path.is_dir() and path.name not in known:
            yield fault("archive-stray-file", f"{path.name} is not part of the archive", path, STRAY)


def _object_faults(folder: Path, inventory: Inventory, seen: dict[str, str]) -> Iterator[Finding]:
    """Faults of an object's folder, compared with its inventory."""
    own = {OBJECT_MARK, INVENTORY, SIDECAR}
    listing = earlier_inventories(inventory)
    present = version_folders(folder)
    for path in sorted(folder.iterdir()):
        name = path.name
        is_version = name in {f"v{number}" for number in present}
        if name not in own and not is_version:
            yield fault("archive-stray-file", f"{folder.name}/{name} is not part of the letter", path, STRAY)
    for number in range(1, inventory.head + 1):
        if number not in present:
            message = f"edition {number} of {folder.name} is missing"
            yield fault(
                "archive-file-missing", message, folder / f"v{number}", RESTORE, subject=f"{folder.name}@{number}"
            )
            continue
        yield from version_faults(folder, inventory, number, seen)
        # Comparing bytes is quicker; an inventory of other bytes has to be read.
        if not is_listed(folder / f"v{number}", listing(number)):
            yield from _copy_faults(folder, inventory, number)


def _copy_faults(folder: Path, inventory: Inventory, number: int) -> Iterator[Finding]:
    """Faults of a version's own inventory: the latest has to continue it (OCFL 1.1, 3.5.3.1)."""
    place = folder / f"v{number}" / INVENTORY
    subject = f"{folder.name}@{number}"
    try:
        copy = inventory_in(folder / f"v{number}", folder.name)
    except UnreadableInventory as unreadable:
        message = f"the inventory of edition {number} of {folder.name}: {unreadable}"
        yield fault("archive-file-changed", message, place, RESTORE, subject=subject)
        return
    if copy.head != number or not inventory.continues(copy):
        message = f"the inventory of edition {number} of {folder.name} contradicts the latest one"
        yield fault("archive-file-changed", message, place, RESTORE, subject=subject)
    elif number == inventory.head and copy != inventory:
        yield fault("archive-file-changed", f"the two latest inventories of {folder.name} differ", place, RESTORE)


def _chain_faults(root: Root, name: str, seen: dict[str, str], prove: ExtraCheck | None) -> Iterator[Finding]:
    """Whether each edition's record matches its files and the edition before."""
    try:
        archived = editions(root, name)
    except LetterError as refused:
        yield from refused.findings
        return
    before = ""
    for number, edition in enumerate(archived, start=1):
        record, place = edition.record, edition.paths[RECORD]
        own = EditionName(letter=record.letter, number=record.number, demonstration=record.demonstration)
        if f"{own}" != f"{name}@{number}":
            message = f"the {RECORD} of edition {number} of {name} is that of {own}"
            yield fault("archive-chain", message, place, _COMPARE, subject=f"{name}@{number}")
        digests = {file: seen[digest] for file, digest in edition.digests.items() if file not in (RECORD, README)}
        if digests != dict(record.files):
            message = f"the {RECORD} of edition {number} of {name} does not match its files"
            yield fault("archive-chain", message, place, _COMPARE, subject=f"{name}@{number}")
        if digests.get(MANIFEST) != record.digest or record.predecessor != before:
            message = f"edition {number} of {name} does not follow edition {number - 1}"
            yield fault("archive-chain", message, place, _COMPARE, subject=f"{name}@{number}")
        if prove:
            yield from prove(edition)
        before = record.digest


_COMPARE = "compare it with a copy of the archive: another program wrote it, or somebody changed it on purpose"


def _unfinished(folder: Path) -> Finding:
    return fault(
        "archive-unfinished",
        f"{folder.name}: the last edition is archived, but writing its inventory was interrupted",
        folder,
        "run typesetter archive verify --finish; the next typesetter publish does the same",
        severity=Severity.ERROR,
        subject=folder.name,
    )


_KANA = frozenset({"Hira", "Kana"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One edition and what it changed. ``letter`` is None when this program cannot read its sources."""

    edition: ArchivedEdition
    letter: Letter | None
    change: ListChange
    difference: Difference | None
    scripts: Mapping[str, int]
    languages: Mapping[str, int]

    def document(self) -> dict[str, object]:
        """The edition and the changes of its list, as JSON."""
        return {
            **self.edition.document(),
            "joined": len(self.change.joined),
            "withdrawn": len(self.change.withdrawn),
            "changed": list_summary(self.change),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The letters of an archive with their editions, by object id, and findings about unreadable ones."""

    letters: Mapping[str, tuple[Milestone, ...]]
    findings: tuple[Finding, ...]


def contents(archive: Path, letters: Iterable[str] = ()) -> Contents:
    """The contents of an archive: these letters, by default all. A damaged letter is a finding."""
    root = open_root(archive)
    names = tuple(edition_name(root, letter).object_id for letter in letters) or object_ids(root)
    found: dict[str, tuple[Milestone, ...]] = {}
    findings: list[Finding] = []
    for name in names:
        try:
            found[name] = tuple(history(editions(root, name)))
        except LetterError as refused:
            findings += refused.findings
    return Contents(letters=MappingProxyType(found), findings=tuple(findings))


def history(editions: Iterable[ArchivedEdition]) -> Iterator[Milestone]:
    """The editions in order, each with the changes since the one before."""
    before: LetterState | None = None
    for edition in editions:
        operand = _operand(edition)
        state = operand.state if operand else None
        signatories = state.letter.signatories if state else ()
        yield Milestone(
            edition=edition,
            letter=state.letter if state else None,
            change=list_change(before.letter.signatories if before else (), signatories),
            difference=compare(before, state) if before and state else None,
            scripts=Counter(map(script_of, (one.printed for one in signatories))),
            languages=Counter(_language(one.lang) for one in signatories),
        )
        before = state or before


def script_of(name: str) -> str:
    """The English name of a name's main script; ideographs together with kana are Japanese."""
    counted = Counter(code for character in name if (code := script(character)) not in NEUTRAL)
    if _KANA & counted.keys():
        counted["Jpan"] = sum(counted.pop(code, 0) for code in (*_KANA, "Hani"))
    if not counted:
        return "Other"
    most = counted.most_common(1)[0][0]
    return "Japanese" if most == "Jpan" else str(ucd.script_name(most, default="Other")).replace("_", " ")


def _language(tag: str) -> str:
    return "not stated" if tag == UNDETERMINED else tag


def _operand(edition: ArchivedEdition) -> Operand | None:
    try:
        return of_edition(edition)
    except LetterError:
        return None


def verify_archive(
    archive: Path, letters: Iterable[str], *, roots: tuple[bytes, ...], now: datetime, fixity_only: bool = False
) -> Iterator[FixityResult]:
    """Verify an archive, or only these letters; yields each result when it is known.

    ``roots`` are the trusted certificates (DER); ``fixity_only`` leaves the signatures out. Raises `LetterError` when
    there is no archive, or no such letter.
    """
    root = open_root(archive)
    names = tuple(edition_name(root, letter).object_id for letter in letters)

    def proven(edition: ArchivedEdition) -> tuple[Finding, ...]:
        return (*manifest_faults(edition), *(() if fixity_only else signature_faults(edition, roots, now)))

    return verify(root, names, proven)


def manifest_faults(edition: ArchivedEdition) -> Iterator[Finding]:
    """Whether the approved manifest names the same edition and predecessor as the archive."""
    place = Location(file=str(edition.paths[MANIFEST]))
    try:
        manifest = read_manifest(edition.read(MANIFEST))
    except NotAManifest as fault:
        message, hint = f"the manifest of {edition.name}: {fault}", "verify it with the version of typeset that made it"
        yield Finding(code="archive-chain", severity=Severity.WARNING, message=message, place=place, hint=hint)
        return
    record = edition.record
    named = (manifest.letter, manifest.edition.number, manifest.edition.predecessor)
    if named != (record.letter, record.number, record.predecessor):
        message = f"the manifest of {edition.name} names another edition or predecessor than the archive"
        yield error("archive-chain", message, _COMPARE, place=place)


def signature_faults(edition: ArchivedEdition, trusted: tuple[bytes, ...], now: datetime) -> Iterator[Finding]:
    """The verdicts of `typesetter verify` on the signed files, as findings."""
    record = edition.paths.get(f"{FINAL}{edition.name.letter}.ed{edition.name.number}.json")
    for name, path in edition.paths.items():
        if not (name.startswith(FINAL) and name.endswith(".signed.pdf")):
            continue
        kept = edition.read(f"{FINAL}{record.name}") if record else None
        verdict = verify_file(edition.read(name), roots=trusted, now=now, record=kept)
        for proof in verdict.proofs:
            # Manifests of before 0.2.0 have no digests of pages: nothing that happened to the archive.
            if proof.outcome is ProofStatus.BROKEN or (
                proof.outcome is ProofStatus.UNPROVEN and proof.subject != "look"
            ):
                broken = proof.outcome is ProofStatus.BROKEN
                # No authority certifies the key of a demonstration.
                doubt = Severity.NOTE if edition.record.demonstration else Severity.WARNING
                yield Finding(
                    code="signature-broken" if broken else "signature-unproven",
                    severity=Severity.ERROR if broken else doubt,
                    message=f"edition {edition.name}: {proof.says}",
                    place=Location(file=str(path)),
                    hint="run typesetter verify on the file; name the root certificate with --trust",
                    subject=str(edition.name),
                )
