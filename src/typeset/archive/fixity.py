"""Whether an archive is what it was: every byte, every name, and the chain from each edition to the one before."""

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
    ArchivedEdition,
    edition_name,
    editions,
    files_below,
    inventory_in,
    is_listed,
    object_ids,
    plain_bytes,
    standing,
    version_faults,
    version_folders,
)
from typeset.archive.record import FINAL, MANIFEST, README, RECORD
from typeset.archive.states import Operand, of_edition
from typeset.archive.storage import GUIDE, GUIDE_SIDECAR, LAYOUT_FILE, OBJECT_MARK, ROOT_MARK, Root, open_root
from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.diff import Difference, LetterState, ListChange, compare, list_change, list_summary
from typeset.languages import NEUTRAL, UNDETERMINED, script
from typeset.manifest import NotAManifest, read_manifest
from typeset.model import Letter
from typeset.verification import ProofStatus, verify as verify_file

Prove = Callable[[ArchivedEdition], tuple[Finding, ...]]
"""What else is to be proven of an edition whose bytes are right, such as the signatures in its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixityResult:
    """What was found about the root itself (an empty id) or about one object."""

    object_id: str
    editions: int
    files: int
    size: int
    findings: tuple[Finding, ...]


def verify(root: Root, object_ids: tuple[str, ...] = (), prove: Prove | None = None) -> Iterator[FixityResult]:
    """Check the root and these objects, or all: as each is done, what was found."""
    with on_disk(root.folder):
        if not object_ids:
            yield FixityResult(object_id="", editions=0, files=4, size=0, findings=tuple(_root_faults(root)))
        for name in object_ids or sorted(path.name for path in root.folder.iterdir() if path.is_dir()):
            yield _checked(root, name, prove)


def _checked(root: Root, name: str, prove: Prove | None) -> FixityResult:
    try:
        folder = root.object_folder(name)
    except LetterError as refused:
        return FixityResult(object_id=name, editions=0, files=0, size=0, findings=refused.findings)
    if not is_object_id(name):
        said = f"{name} in the archive is not of a letter"
        finding = fault("archive-stray-file", said, folder, "nobody archived it with typeset: look", subject=name)
        return FixityResult(object_id=name, editions=0, files=0, size=0, findings=(finding,))
    found = standing(folder)
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
    vouched = f"{digest_of(guide or b'')}  {GUIDE}\n".encode()
    hint = "bring the file back from a copy of the archive; it vouches for no edition, and none is hurt"
    if plain_bytes(root.folder, ROOT_MARK) != f"{ROOT_MARK.removeprefix('0=')}\n".encode():
        yield fault("archive-file-changed", f"{ROOT_MARK} is not what it was", root.folder / ROOT_MARK, hint)
    if guide is None or plain_bytes(root.folder, GUIDE_SIDECAR) != vouched:
        yield fault("archive-file-changed", f"{GUIDE} is not what it was", root.folder / GUIDE, hint)
    known = {ROOT_MARK, LAYOUT_FILE, GUIDE, GUIDE_SIDECAR}
    for path in sorted(root.folder.iterdir()):
        if path.is_symlink():
            hint = "an archive holds no links: copy what it leads to into its place"
            yield fault("archive-symlink", f"{path.name} is a link", path, hint, subject=path.name)
        elif not path.is_dir() and path.name not in known:
            yield fault("archive-stray-file", f"{path.name} does not belong to the archive", path, _LOOK)


def _object_faults(folder: Path, inventory: Inventory, seen: dict[str, str]) -> Iterator[Finding]:
    """Everything in the object's folder beside what its inventory says."""
    own = {OBJECT_MARK, INVENTORY, SIDECAR}
    listing = earlier_inventories(inventory)
    present = version_folders(folder)
    for path in sorted(folder.iterdir()):
        name = path.name
        is_version = name in {f"v{number}" for number in present}
        if name not in own and not is_version:
            yield fault("archive-stray-file", f"{folder.name}/{name} does not belong to the letter", path, _LOOK)
    for number in range(1, inventory.head + 1):
        if number not in present:
            said = f"edition {number} of {folder.name} is gone"
            yield fault(
                "archive-file-missing", said, folder / f"v{number}", _RESTORE, subject=f"{folder.name}@{number}"
            )
            continue
        yield from version_faults(folder, inventory, number, seen)
        # Written by us it is these very bytes, which is quickly seen; otherwise it has to be read.
        if not is_listed(folder / f"v{number}", listing(number)):
            yield from _copy_faults(folder, inventory, number)


def _copy_faults(folder: Path, inventory: Inventory, number: int) -> Iterator[Finding]:
    """Each version keeps the inventory of its day: it has to be the beginning of the latest (OCFL 1.1, 3.5.3.1)."""
    place = folder / f"v{number}" / INVENTORY
    subject = f"{folder.name}@{number}"
    try:
        copy = inventory_in(folder / f"v{number}", folder.name)
    except UnreadableInventory as unreadable:
        said = f"the inventory of edition {number} of {folder.name}: {unreadable}"
        yield fault("archive-file-changed", said, place, _RESTORE, subject=subject)
        return
    if copy.head != number or not inventory.continues(copy):
        said = f"the inventory of edition {number} of {folder.name} tells another story than the latest one"
        yield fault("archive-file-changed", said, place, _RESTORE, subject=subject)
    elif number == inventory.head and copy != inventory:
        yield fault("archive-file-changed", f"the two latest inventories of {folder.name} differ", place, _RESTORE)


def _chain_faults(root: Root, name: str, seen: dict[str, str], prove: Prove | None) -> Iterator[Finding]:
    """Whether each edition's record is right about its own files and about the edition before."""
    try:
        shelf = editions(root, name)
    except LetterError as refused:
        yield from refused.findings
        return
    before = ""
    for number, edition in enumerate(shelf, start=1):
        record, place = edition.record, edition.paths[RECORD]
        own = EditionName(letter=record.letter, number=record.number, demonstration=record.demonstration)
        if f"{own}" != f"{name}@{number}":
            said = f"edition {number} of {name} says that it is {own}"
            yield fault("archive-chain", said, place, _ASK, subject=f"{name}@{number}")
        digests = {file: seen[digest] for file, digest in edition.digests.items() if file not in (RECORD, README)}
        if digests != dict(record.files):
            said = f"the {RECORD} of edition {number} of {name} is about other files"
            yield fault("archive-chain", said, place, _ASK, subject=f"{name}@{number}")
        if digests.get(MANIFEST) != record.digest or record.predecessor != before:
            said = f"edition {number} of {name} does not follow edition {number - 1}"
            yield fault("archive-chain", said, place, _ASK, subject=f"{name}@{number}")
        if prove:
            yield from prove(edition)
        before = record.digest


_LOOK = "nobody archived it: look, and move it elsewhere"
_RESTORE = "bring it back from a copy of the archive"
_ASK = "compare it with a copy of the archive: it was written by another program, or somebody altered it on purpose"


def _unfinished(folder: Path) -> Finding:
    return fault(
        "archive-unfinished",
        f"{folder.name}: a deposit was interrupted after the edition was in, before its listing was",
        folder,
        "typesetter archive verify --finish completes it, and so does the next typesetter publish",
        severity=Severity.ERROR,
        subject=folder.name,
    )


_KANA = frozenset({"Hira", "Kana"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One edition with what it changed. ``letter`` is None where its sources cannot be read by this program."""

    edition: ArchivedEdition
    letter: Letter | None
    change: ListChange
    difference: Difference | None
    scripts: Mapping[str, int]
    languages: Mapping[str, int]

    def document(self) -> dict[str, object]:
        """The edition and how its list changed, for machines, as JSON has it."""
        return {
            **self.edition.document(),
            "joined": len(self.change.joined),
            "withdrawn": len(self.change.withdrawn),
            "changed": list_summary(self.change),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The letters of an archive with their editions, by object id, and why others cannot be read."""

    letters: Mapping[str, tuple[Milestone, ...]]
    findings: tuple[Finding, ...]


def contents(archive: Path, letters: Iterable[str] = ()) -> Contents:
    """What an archive holds of these letters, or of all. A damaged letter is a finding and hides no other."""
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
    """The editions in their order, each with what changed since the one before."""
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
    """The script that most of a name is written in, by its English name; ideographs among kana are Japanese."""
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
    """Verify these letters of an archive, or all of it: as each is done, what was found.

    ``roots`` are the certificates whose word counts, ``fixity_only`` leaves the signatures out. Raises `Refused` where
    there is no archive, or no such letter.
    """
    root = open_root(archive)
    names = tuple(edition_name(root, letter).object_id for letter in letters)

    def proven(edition: ArchivedEdition) -> tuple[Finding, ...]:
        return (*manifest_faults(edition), *(() if fixity_only else signature_faults(edition, roots, now)))

    return verify(root, names, proven)


def manifest_faults(edition: ArchivedEdition) -> Iterator[Finding]:
    """Whether the manifest that people signed off names the edition and the one before as the archive does."""
    place = Location(file=str(edition.paths[MANIFEST]))
    try:
        manifest = read_manifest(edition.read(MANIFEST))
    except NotAManifest as fault:
        message, hint = f"the manifest of {edition.name}: {fault}", "another version of typeset may read it"
        yield Finding(code="archive-chain", severity=Severity.WARNING, message=message, place=place, hint=hint)
        return
    record = edition.record
    told = (manifest.letter, manifest.edition.number, manifest.edition.predecessor)
    if told != (record.letter, record.number, record.predecessor):
        message = f"the manifest of {edition.name} is of another edition than the archive says"
        hint = "compare it with a copy of the archive: it was written by another program, or altered on purpose"
        yield Finding(code="archive-chain", severity=Severity.ERROR, message=message, place=place, hint=hint)


def signature_faults(edition: ArchivedEdition, trusted: tuple[bytes, ...], now: datetime) -> Iterator[Finding]:
    """What `typesetter verify` says of the signed files, as findings."""
    record = edition.paths.get(f"{FINAL}{edition.name.letter}.ed{edition.name.number}.json")
    for name, path in edition.paths.items():
        if not (name.startswith(FINAL) and name.endswith(".signed.pdf")):
            continue
        kept = edition.read(f"{FINAL}{record.name}") if record else None
        verdict = verify_file(edition.read(name), roots=trusted, now=now, record=kept)
        for proof in verdict.proofs:
            if proof.outcome in (ProofStatus.BROKEN, ProofStatus.UNPROVEN):
                broken = proof.outcome is ProofStatus.BROKEN
                # Nobody can vouch for a key that was made for a trial.
                slight = Severity.NOTE if edition.record.demonstration else Severity.WARNING
                yield Finding(
                    code="signature-broken" if broken else "signature-unproven",
                    severity=Severity.ERROR if broken else slight,
                    message=f"edition {edition.name}: {proof.says}",
                    place=Location(file=str(path)),
                    hint="typesetter verify says everything about the file; --trust names whose word counts",
                    subject=str(edition.name),
                )
