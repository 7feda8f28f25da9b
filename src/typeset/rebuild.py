"""Rebuild an archived edition from its sources, and compare the bytes with the archived files."""

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
from typeset.diagnostics import Finding, LetterError, Location, Severity, error
from typeset.engine.loader import tools
from typeset.manifest import Manifest, NotAManifest, changes, read_manifest
from typeset.pipeline import GENERATOR, BuildContext, examine
from typeset.program import Program, environment, faces_in
from typeset.publishing import final_files, propose
from typeset.signoff import tally
from typeset.sources import Sources


class Match(StrEnum):
    """The result for one file."""

    SAME = "same"
    OTHER = "other"
    NOT_MADE = "not made"
    NOT_KEPT = "not kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool with another version than the edition was made with; empty where it is missing."""

    name: str
    then: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The result of a rebuild: each file by its name in the archive, and the tools that have changed."""

    edition: EditionName
    files: Mapping[str, Match]
    tools: tuple[Tool, ...]
    findings: tuple[Finding, ...]
    program: str = ""
    """The version that built them, when it is not the running one."""

    @property
    def same(self) -> bool:
        """Whether every file has the same bytes."""
        return bool(self.files) and all(match is Match.SAME for match in self.files.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierVersions:
    """How editions of other versions are rebuilt.

    ``own`` is the user's archive, if they trust it: a program from another archive is not run. ``folder`` has the
    environments, ``faces`` are folders with faces. ``always`` uses the archived program even when it has the running
    version. ``given`` is used instead of the archived program. ``announce`` is called with each program before it is
    run.
    """

    own: Path | None
    folder: Path
    faces: Sequence[Path]
    always: bool = False
    given: Program | None = None
    announce: Callable[[str], None] = lambda _: None


def rebuild_edition(
    archive: Path, text: str, open_context: Callable[[Sources], BuildContext], earlier: EarlierVersions
) -> Rebuilt:
    """Rebuild the edition that a user typed, with the version that made it.

    ``open_context`` opens the faces for its sources. Raises `LetterError` when that version cannot be set up.
    """
    edition = open_edition(archive, text)
    manifest = _manifest(edition)
    if manifest.generator == GENERATOR and not (earlier.always or earlier.given):
        return rebuild(edition, open_context(edition.sources()))
    program = earlier.given or _archived_program(edition, manifest)
    if not earlier.given and (earlier.own is None or resolved_folder(archive) != resolved_folder(earlier.own)):
        raise LetterError([_foreign(edition, archive)])
    return _rebuilt_by(program, edition, manifest, earlier)


def _archived_program(edition: ArchivedEdition, manifest: Manifest) -> Program:
    """The program in the archive, each file checked against the inventory. Raises `LetterError` when there is none."""
    names = [name for name in edition.paths if name.startswith(PROGRAM)]
    program = Program(files={name.removeprefix(PROGRAM): edition.read(name) for name in names})
    if program.lock is None or not program.wheels:
        message = f"{edition.name} was made by {manifest.generator}, but the archive does not have that program"
        hint = f"name its files with --wheel FILE --lock FILE; {GENERATOR}, which is running, makes other bytes"
        raise LetterError([_about_edition(edition, "rebuild-program-missing", message, hint)])
    return program


def _foreign(edition: ArchivedEdition, archive: Path) -> Finding:
    message = f"{archive} is not the archive of a folder that you trust, so the program in it is not run"
    hint = "if you trust the maker of this program, run typesetter trust folder in the folder that has the archive"
    return _about_edition(edition, "rebuild-foreign-archive", message, hint)


def _rebuilt_by(program: Program, edition: ArchivedEdition, manifest: Manifest, earlier: EarlierVersions) -> Rebuilt:
    """Rebuild the edition with another version, in its own process and environment."""
    for name, data in program.wheels.items():
        whose = "named by you" if earlier.given else "from the archive"
        earlier.announce(f"running {name}, {whose}: SHA-256 {hashlib.sha256(data).hexdigest()}")
    python = environment(program, faces_in(*earlier.faces), earlier.folder, manifest.tools.get("python", ""))
    with tempfile.TemporaryDirectory(prefix="typeset-rebuild-") as place:
        here = Path(place)
        snapshot(edition, here / "archive")
        command = [str(python), "-I", "-X", "utf8", "-m", "typeset", "rebuild", str(edition.name), "--json"]
        # Only variables that find programs and libraries are passed on: others may have a passphrase.
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
        results = {name: Match(match) for name, match in document["files"].items()}
        others = tuple(
            Tool(name=one["name"], then=one["then"] or "", now=one["now"] or "") for one in document["tools"]
        )
    except (ValueError, KeyError, TypeError) as unreadable:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"status {done.returncode}"]
        message = f"{manifest.generator} did not finish rebuilding {edition.name}: {last[0][-300:]}"
        hint = "run it again; if that does not help, report it with the edition"
        raise LetterError([_about_edition(edition, "rebuild-failed", message, hint)]) from unreadable
    files = {name: results.get(name, Match.NOT_MADE) for name in sorted({*results, *_kept(edition)})}
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
    """Rebuild the proof and the unsigned final files of an edition with the running version.

    Raises `LetterError` when the edition cannot be read, or its sources cannot be built.
    """
    archived = _manifest(edition)
    others = tuple(_tools(archived, {"typeset": GENERATOR, **tools(context.cache_folder)}))
    try:
        proposal = propose(examine(edition.sources(), context), context)
        made = {f"{PROOF}{proof.name}": proof.data for proof in proposal.proofs}
        envelopes = {
            name.removeprefix(APPROVALS): edition.read(name) for name in edition.paths if name.startswith(APPROVALS)
        }
        # The final files have the approved manifest, not one with the tools of today.
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
        message, hint = f"the manifest of {edition.name}: {fault}", "use the version of typeset that made it"
        raise LetterError([_about_edition(edition, "rebuild-manifest", message, hint)]) from fault


def _tools(archived: Manifest, today: Mapping[str, str]) -> Iterator[Tool]:
    then = {"typeset": archived.generator, **archived.tools}
    for name in sorted({*then, *today}):
        if then.get(name) != today.get(name):
            yield Tool(name=name, then=then.get(name, ""), now=today.get(name, ""))


def _kept(edition: ArchivedEdition) -> Iterator[str]:
    """The archived files that are rebuilt: those without signatures."""
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
        message = f"{names} of {edition.name} have other bytes: {changed_tools(others)}"
        hint = f"install {', '.join(f'{tool.name} {tool.then}' for tool in others if tool.then)} to make the same bytes"
        if any(name.startswith(PROGRAM) for name in edition.paths):
            hint += "; --archived uses the packages of the archived program"
        yield _about_edition(edition, "rebuild-tools", message, hint)
    elif rest:
        message = f"{names} of {edition.name} have other bytes: {'; '.join(rest[:6])}"
        yield _about_edition(edition, "rebuild-changed", message, "restore what has changed: it belongs to the program")
    else:
        message = f"{names} of {edition.name} have other bytes, although nothing they are made of has changed"
        yield _about_edition(
            edition, "rebuild-differs", message, "run it again; if that does not help, report it with the edition"
        )


def changed_tools(others: Sequence[Tool]) -> str:
    """Changed tools in words: ``weasyprint was 70.0 and is 71.0``."""
    return "; ".join(f"{tool.name} was {tool.then or 'missing'} and is {tool.now or 'missing'}" for tool in others)


def _unbuildable(edition: ArchivedEdition, others: Sequence[Tool]) -> Finding:
    why = f": {changed_tools(others)}" if others else ""
    message = f"{edition.name} cannot be built with the running version{why}"
    return _about_edition(edition, "rebuild-refused", message, "the next findings give the reason")


def _about_edition(edition: ArchivedEdition, code: str, message: str, hint: str) -> Finding:
    place = Location(file=str(edition.folder))
    return error(code, message, hint, place=place, subject=str(edition.name))
