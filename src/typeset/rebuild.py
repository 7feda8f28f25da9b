"""An archived edition made once more from its own sources, and its bytes held against the archived ones."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from typeset.archive import (
    APPROVALS,
    FINAL,
    MANIFEST,
    PROGRAM,
    PROOF,
    ArchivedEdition,
    EditionName,
    open_edition,
    resolved_folder,
    snapshot,
)
from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.engine.loader import tools
from typeset.manifest import Manifest, NotAManifest, changes, read_manifest
from typeset.pipeline import GENERATOR, BuildContext, examine
from typeset.program import Program, environment, faces_in
from typeset.publishing import final_files, propose
from typeset.signoff import tally
from typeset.sources import Sources


class Match(StrEnum):
    """How a file came out."""

    SAME = "same"
    OTHER = "other"
    NOT_MADE = "not made"
    NOT_KEPT = "not kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Something an edition was made with that is not the same today; empty where it was or is not there."""

    name: str
    then: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """Every file that can be made again, by its name in the archive, and what it is made with that has changed."""

    edition: EditionName
    files: Mapping[str, Match]
    tools: tuple[Tool, ...]
    findings: tuple[Finding, ...]
    program: str = ""
    """The version that made them, where it is not the one that is running."""

    @property
    def same(self) -> bool:
        """Whether every file came out byte for byte."""
        return bool(self.files) and all(match is Match.SAME for match in self.files.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierVersions:
    """How editions of other versions are rebuilt.

    ``own`` is the archive of the user: a program out of another one is not run. ``folder`` is where environments are
    kept, ``faces`` where faces are looked for. ``always`` takes the archived program even if it has the version of
    this one. ``given`` takes the place of the archived program. ``announce`` is told what is run, before it is.
    """

    own: Path
    folder: Path
    faces: Sequence[Path]
    always: bool = False
    given: Program | None = None
    announce: Callable[[str], None] = lambda _: None


def rebuild_edition(
    archive: Path, text: str, open_context: Callable[[Sources], BuildContext], earlier: EarlierVersions
) -> Rebuilt:
    """Make the edition of an archive that somebody typed again, with the version that made it.

    ``open_context`` opens the faces for its sources. Raises `LetterError` where that version cannot be had here.
    """
    edition = open_edition(archive, text)
    manifest = _manifest(edition)
    if manifest.generator == GENERATOR and not (earlier.always or earlier.given):
        return rebuild(edition, open_context(edition.sources()))
    program = earlier.given or _archived_program(edition, manifest)
    if not earlier.given and resolved_folder(archive) != resolved_folder(earlier.own):
        raise LetterError([_foreign(edition, archive)])
    return _rebuilt_by(program, edition, manifest, earlier)


def _archived_program(edition: ArchivedEdition, manifest: Manifest) -> Program:
    """The program in the archive, each file checked against the inventory. Raises `LetterError` where there is none."""
    names = [name for name in edition.paths if name.startswith(PROGRAM)]
    program = Program(files={name.removeprefix(PROGRAM): edition.read(name) for name in names})
    if program.lock is None or not program.wheels:
        message = f"{edition.name} was made by {manifest.generator}, and the archive does not have that program"
        hint = f"name it: --wheel FILE --lock FILE; this is {GENERATOR}, which makes other bytes"
        raise LetterError([_fault(edition, "rebuild-program-missing", message, hint)])
    return program


def _foreign(edition: ArchivedEdition, archive: Path) -> Finding:
    message = f"{archive} is not the archive of this folder, so the program that is archived there is not run"
    hint = "if you trust whoever made it, name it in typeset.toml: [archive] folder; a program from an archive is code"
    return _fault(edition, "rebuild-foreign-archive", message, hint)


def _rebuilt_by(program: Program, edition: ArchivedEdition, manifest: Manifest, earlier: EarlierVersions) -> Rebuilt:
    """The edition rebuilt by another version, in a process and an environment of its own."""
    for name, data in program.wheels.items():
        whose = "named by you" if earlier.given else "from the archive"
        earlier.announce(f"running {name}, {whose}: SHA-256 {hashlib.sha256(data).hexdigest()}")
    python = environment(program, faces_in(*earlier.faces), earlier.folder, manifest.tools.get("python", ""))
    with tempfile.TemporaryDirectory(prefix="typeset-rebuild-") as place:
        here = Path(place)
        snapshot(edition, here / "archive")
        command = [str(python), "-I", "-X", "utf8", "-m", "typeset", "rebuild", str(edition.name), "--json"]
        # Nothing of the user's environment but what finds programs and libraries: a passphrase may be in it.
        inherited = {name: value for name, value in os.environ.items() if name in _INHERITED}
        done = subprocess.run(
            [*command, "--archive", str(here / "archive")],
            cwd=here,
            env={**inherited, "LANG": "C.UTF-8", "HOME": place, "XDG_CACHE_HOME": str(here / "cache")},
            check=False,
            capture_output=True,
        )
    try:
        document = json.loads(done.stdout)
        findings = tuple(_finding_of(entry, edition) for entry in document["findings"])
        if "files" not in document:
            raise LetterError(findings)
        told = {name: Match(match) for name, match in document["files"].items()}
        others = tuple(
            Tool(name=one["name"], then=one["then"] or "", now=one["now"] or "") for one in document["tools"]
        )
    except (ValueError, KeyError, TypeError) as unreadable:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"status {done.returncode}"]
        message = f"{manifest.generator} did not finish rebuilding {edition.name}: {last[0][-300:]}"
        hint = "run it again; if it stays so, please report it with the edition"
        raise LetterError([_fault(edition, "rebuild-failed", message, hint)]) from unreadable
    files = {name: told.get(name, Match.NOT_MADE) for name in sorted({*told, *_kept(edition)})}
    findings = findings or tuple(_findings(edition, files, others, ()))
    return Rebuilt(edition=edition.name, files=files, tools=others, findings=findings, program=manifest.generator)


_INHERITED = frozenset({"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP"})


def _finding_of(entry: Mapping[str, Any], edition: ArchivedEdition) -> Finding:
    """A finding of another version, as its JSON has it."""
    return Finding(
        code=str(entry["code"]),
        severity=Severity(entry["severity"]),
        message=str(entry["fact"]),
        hint=str(entry["hint"]),
        place=Location(file=str(edition.folder)),
        subject=str(edition.name),
    )


def rebuild(edition: ArchivedEdition, context: BuildContext) -> Rebuilt:
    """Make the proof and the unsigned final files of an edition again.

    Raises `LetterError` where the edition cannot be read, or its sources cannot be built with the program of today.
    """
    archived = _manifest(edition)
    others = tuple(_tools(archived, {"typeset": GENERATOR, **tools(context.cache_folder)}))
    try:
        proposal = propose(examine(edition.sources(), context), context)
        made = {f"{PROOF}{proof.name}": proof.data for proof in proposal.proofs}
        envelopes = {
            name.removeprefix(APPROVALS): edition.read(name) for name in edition.paths if name.startswith(APPROVALS)
        }
        # The final files carry the manifest that was signed off, whatever the tools of today would put into one.
        signed = replace(proposal, manifest=archived)
        counted = tally(envelopes, signed.policy, archived.digest)
        made |= {f"{FINAL}{final.name}": final.data for final in final_files(signed, counted, context)}
    except LetterError as refused:
        raise LetterError((_unbuildable(edition, others), *refused.findings)) from refused
    files = {name: _match(edition, name, made) for name in sorted({*_kept(edition), *made})}
    rest = [change for change in changes(archived, proposal.manifest) if change.split(" ")[0] not in archived.tools]
    rest = [change for change in rest if not change.startswith("typeset ")]
    findings = tuple(_findings(edition, files, others, rest))
    return Rebuilt(edition=edition.name, files=files, tools=others, findings=findings)


def _manifest(edition: ArchivedEdition) -> Manifest:
    try:
        return read_manifest(edition.read(MANIFEST))
    except NotAManifest as fault:
        message, hint = f"the manifest of {edition.name}: {fault}", "the typeset that made it can read it"
        raise LetterError([_fault(edition, "rebuild-manifest", message, hint)]) from fault


def _tools(archived: Manifest, today: Mapping[str, str]) -> Iterator[Tool]:
    then = {"typeset": archived.generator, **archived.tools}
    for name in sorted({*then, *today}):
        if then.get(name) != today.get(name):
            yield Tool(name=name, then=then.get(name, ""), now=today.get(name, ""))


def _kept(edition: ArchivedEdition) -> Iterator[str]:
    """The archived files that are made again: those nobody signed."""
    for name in edition.paths:
        made = name.startswith((PROOF, FINAL)) and name.endswith((".pdf", ".html"))
        if made and not name.endswith(".signed.pdf"):
            yield name


def _match(edition: ArchivedEdition, name: str, made: Mapping[str, bytes]) -> Match:
    if name not in made:
        return Match.NOT_MADE
    if name not in edition.paths:
        return Match.NOT_KEPT
    return Match.SAME if edition.read(name) == made[name] else Match.OTHER


def _findings(
    edition: ArchivedEdition, files: Mapping[str, Match], others: Sequence[Tool], rest: Sequence[str]
) -> Iterator[Finding]:
    if all(match is Match.SAME for match in files.values()):
        return
    names = ", ".join(name for name, match in files.items() if match is not Match.SAME)
    if others:
        message = f"{names} of {edition.name} did not come out the same: {told(others)}"
        hint = f"with {', '.join(f'{tool.name} {tool.then}' for tool in others if tool.then)} it can be made again"
        if any(name.startswith(PROGRAM) for name in edition.paths):
            hint += "; --archived takes the packages that are archived with it"
        yield _fault(edition, "rebuild-tools", message, hint)
    elif rest:
        message = f"{names} of {edition.name} did not come out the same: {'; '.join(rest[:6])}"
        yield _fault(edition, "rebuild-changed", message, "bring back what has changed: it comes with the program")
    else:
        message = f"{names} of {edition.name} did not come out the same, and nothing they are made with has changed"
        yield _fault(
            edition, "rebuild-differs", message, "run it again; if it stays so, please report it with the edition"
        )


def told(others: Sequence[Tool]) -> str:
    """``weasyprint was 70.0 and is 71.0``."""
    return "; ".join(f"{tool.name} was {tool.then or 'not there'} and is {tool.now or 'not there'}" for tool in others)


def _unbuildable(edition: ArchivedEdition, others: Sequence[Tool]) -> Finding:
    why = f": {told(others)}" if others else ""
    message = f"{edition.name} cannot be built with the program of today{why}"
    return _fault(edition, "rebuild-refused", message, "what stands in the way comes next")


def _fault(edition: ArchivedEdition, code: str, message: str, hint: str) -> Finding:
    place = Location(file=str(edition.folder))
    return Finding(
        code=code, severity=Severity.ERROR, message=message, place=place, hint=hint, subject=str(edition.name)
    )
