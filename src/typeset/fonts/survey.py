"""What the faces are worth, and what a letter needs of them: reports for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from typeset.diagnostics import Finding
from typeset.fonts.catalogue import Face, digest_of
from typeset.fonts.files import checked
from typeset.fonts.plan import FacePlan
from typeset.fonts.subset import Subset
from typeset.languages import script


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceReport:
    """One face: how many characters of each script it covers, its size, and whether it is what it should be."""

    face: Face
    scripts: Mapping[str, int]
    code_points: int
    size: int
    digest_ok: bool
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """All of it but the findings, for machines, as JSON has it."""
        face = self.face
        return {
            "file": face.file,
            "family": face.family,
            "weight": face.weight,
            "style": face.style,
            "version": face.version,
            "licence": face.licence,
            "package": face.package,
            "sha256": face.digest,
            "digest_ok": self.digest_ok,
            "bytes": self.size,
            "characters": self.code_points,
            "scripts": dict(self.scripts),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a letter takes from one face in one slot, and what its subset weighs where it has been made."""

    slot: str
    weight: int
    style: str
    face: Face
    characters: str
    size: int = 0

    def document(self) -> dict[str, object]:
        """What is taken from which face, for machines, as JSON has it."""
        return {
            "slot": self.slot,
            "weight": self.weight,
            "style": self.style,
            "file": self.face.file,
            "characters": self.characters,
        }


def coverage_report(faces: Iterable[Face]) -> tuple[FaceReport, ...]:
    """Every face read from end to end: its digest, its embedding rights, what it covers."""
    return tuple(_report(face) for face in faces)


def _report(face: Face) -> FaceReport:
    data, findings = checked(face)
    covered = Counter(script(chr(point)) for point in face.contents.code_points) if data else Counter()
    return FaceReport(
        face=face,
        scripts=MappingProxyType(dict(covered.most_common())),
        code_points=covered.total(),
        size=len(data),
        digest_ok=digest_of(data) == face.digest,
        findings=findings,
    )


def needs(plan: FacePlan, made: Iterable[Subset] = ()) -> tuple[Need, ...]:
    """What a letter needs, slot by slot, with the sizes of the subsets if they are given."""
    sizes = {(s.cut.slot, s.cut.weight, s.cut.style): len(s.data) for s in made}
    return tuple(
        Need(
            slot=cut.slot,
            weight=cut.weight,
            style=cut.style,
            face=cut.face,
            characters="".join(map(chr, sorted(cut.characters))),
            size=sizes.get((cut.slot, cut.weight, cut.style), 0),
        )
        for cut in plan.cuts
    )
