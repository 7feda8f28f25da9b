"""An archived edition made once more from its own sources, and its bytes held against the archived ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from typeset.archive import APPROVALS, FINAL, MANIFEST, PROOF, ArchivedEdition, EditionName, open_edition
from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.engine.loader import tools
from typeset.manifest import Manifest, NotAManifest, changes, read_manifest
from typeset.pipeline import GENERATOR, BuildContext, examine
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

    @property
    def same(self) -> bool:
        """Whether every file came out byte for byte."""
        return bool(self.files) and all(match is Match.SAME for match in self.files.values())


def rebuild_edition(archive: Path, text: str, open_context: Callable[[Sources], BuildContext]) -> Rebuilt:
    """Make the edition of an archive that somebody typed again. ``open_context`` opens the faces for its sources."""
    edition = open_edition(archive, text)
    return rebuild(edition, open_context(edition.sources()))


def rebuild(edition: ArchivedEdition, context: BuildContext) -> Rebuilt:
    """Make the proof and the unsigned final files of an edition again.

    Raises `Refused` where the edition cannot be read, or its sources cannot be built with the program of today.
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
        fact, hint = f"the manifest of {edition.name}: {fault}", "the typeset that made it can read it"
        raise LetterError([_fault(edition, "rebuild-manifest", fact, hint)]) from fault


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
        fact = f"{names} of {edition.name} did not come out the same: {told(others)}"
        hint = f"with {', '.join(f'{tool.name} {tool.then}' for tool in others if tool.then)} it can be made again"
        yield _fault(edition, "rebuild-tools", fact, hint)
    elif rest:
        fact = f"{names} of {edition.name} did not come out the same: {'; '.join(rest[:6])}"
        yield _fault(edition, "rebuild-changed", fact, "bring back what has changed: it comes with the program")
    else:
        fact = f"{names} of {edition.name} did not come out the same, and nothing they are made with has changed"
        yield _fault(
            edition, "rebuild-differs", fact, "run it again; if it stays so, please report it with the edition"
        )


def told(others: Sequence[Tool]) -> str:
    """``weasyprint was 70.0 and is 71.0``."""
    return "; ".join(f"{tool.name} was {tool.then or 'not there'} and is {tool.now or 'not there'}" for tool in others)


def _unbuildable(edition: ArchivedEdition, others: Sequence[Tool]) -> Finding:
    why = f": {told(others)}" if others else ""
    fact = f"{edition.name} cannot be built with the program of today{why}"
    return _fault(edition, "rebuild-refused", fact, "what stands in the way comes next")


def _fault(edition: ArchivedEdition, code: str, fact: str, hint: str) -> Finding:
    place = Location(file=str(edition.folder))
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=place, hint=hint, subject=str(edition.name))
