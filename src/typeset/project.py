"""A project: an opened letter folder, which can be checked and built into files."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from typeset.compose import read_words
from typeset.diagnostics import Finding, LetterError, Severity, error, letter_error
from typeset.fonts import FolderCache, catalogue_of, gaps, merged, open_catalogue
from typeset.journal import write_files
from typeset.letter_folder import cache_folder, read_sources
from typeset.model import Letter
from typeset.pipeline import (
    EDITION,
    FORMATS,
    GENERATOR,
    Artifact,
    BuildContext,
    CheckedLetter,
    Watch,
    build,
    examine,
    with_findings_of,
)
from typeset.render import Length, length, paragraphs
from typeset.sources import Sources, house


def build_report(checked: CheckedLetter, made: Sequence[Artifact], seconds: Mapping[str, float]) -> bytes:
    """Stages with seconds, files with digests, faces with glyph counts and bytes, words, findings, sources."""
    letter = checked.letter
    document = {
        "generator": GENERATOR,
        "letter": letter.id,
        "draft": True,
        "counts": {
            "named": letter.counts.named,
            "anonymous": letter.counts.anonymous,
            "total": letter.counts.total,
            "printed": {name: letter.counts.shown(name) for name in ("total", "named", "anonymous")},
        },
        "words": {lang: asdict(words) for lang, words in lengths(checked).items()},
        "stages": [{"stage": stage, "seconds": spent} for stage, spent in seconds.items()],
        "files": [_file(artifact) for artifact in made],
        "findings": {
            "open": [_finding(finding) for finding in checked.open],
            "decided": [_finding(finding) for finding in checked.answered],
        },
        "sources": {path: _digest(data) for path, data in checked.sources.items()},
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def lengths(checked: CheckedLetter) -> dict[str, Length]:
    """How long each language version is, in words."""
    letter, sources = checked.letter, checked.sources
    return {
        version.lang: length(paragraphs(letter, version, read_words(sources, version.lang)))
        for version in letter.versions
    }


def _file(artifact: Artifact) -> dict[str, Any]:
    return {
        "name": artifact.name,
        "language": artifact.lang,
        "bytes": len(artifact.data),
        "sha256": _digest(artifact.data),
        **({"pages": artifact.pages} if artifact.pages else {}),
        "faces": [
            {
                "slot": subset.cut.slot,
                "family": subset.cut.face.family,
                "weight": subset.cut.weight,
                "style": subset.cut.style,
                "file": subset.cut.face.file,
                "file_sha256": subset.cut.face.digest,
                "characters": len(subset.cut.characters),
                "glyphs": subset.glyphs,
                "bytes": len(subset.data),
                "sha256": subset.digest,
            }
            for subset in artifact.faces
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "subject": finding.subject,
        "fact": finding.message,
        "file": place.file if place else None,
        "line": place.line if place else 0,
        "column": place.column if place else 0,
    }


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


REPORT = "build.json"


class StageTimer:
    """Seconds of each stage of a build, by name. ``watch`` is called for each stage, too."""

    def __init__(self, watch: Watch = nullcontext) -> None:
        self.seconds: dict[str, float] = {}
        self._watch = watch

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time one stage; times of the same stage are added."""
        with self._watch(stage):
            began = time.perf_counter()
            try:
                yield
            finally:
                self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - began, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A letter folder as it was read, with the context of its build."""

    folder: Path
    sources: Sources
    context: BuildContext
    timer: StageTimer


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """A finished build: its files, their folder, and ``data``, the content of ``build.json``."""

    checked: CheckedLetter
    artifacts: tuple[Artifact, ...]
    folder: Path
    data: bytes


def open_project(
    folder: Path, *, look: str | None = None, watch: Watch = nullcontext, made: datetime | None = None
) -> Project:
    """Read a letter folder; ``look`` replaces the letter's own. Raises `LetterError` for files that cannot be read.

    ``watch`` is called for each stage; ``made`` is the creation time in the files (default: the letter's date).
    """
    sources = read_sources(folder, look)
    timer = StageTimer(watch)
    return Project(folder=folder, sources=sources, context=build_context(sources, timer, made), timer=timer)


def build_context(sources: Sources | None, watch: Watch = nullcontext, made: datetime | None = None) -> BuildContext:
    """The faces that come with the program and the letter's own. Raises `LetterError` if a catalogue has errors."""
    catalogue, findings = open_catalogue(house() / "fonts")
    if not catalogue.faces and not findings:
        message, hint = "the faces are not installed", "install the package typeset-faces"
        raise letter_error("no-faces", message, hint, subject="faces")
    own, own_findings = catalogue_of(sources.under("fonts")) if sources else (None, ())
    both = merged((catalogue, own)) if own else catalogue
    findings += own_findings + gaps(both, "fonts/fonts.toml")
    if findings:
        raise LetterError(findings)
    return BuildContext(
        catalogue=both,
        cache=FolderCache(cache_folder() / "subsets"),
        cache_folder=cache_folder() / "engine",
        watch=watch,
        made=made,
    )


def check_project(project: Project) -> CheckedLetter:
    """Check the letter without rendering it."""
    return examine(project.sources, project.context)


def build_project(
    project: Project,
    checked: CheckedLetter,
    output: Path,
    *,
    formats: Collection[str] = (),
    languages: Collection[str] = (),
    strict: bool = False,
) -> BuildReport:
    """Build the checked letter and write its files and the report into a folder with its name in ``output``.

    ``formats`` are keys of `pipeline.FORMATS`, by default those of an edition; ``languages`` are by default all;
    ``strict`` also refuses warnings. If it raises `LetterError`, nothing was written.
    """
    letter = checked.letter
    if missing := [finding for finding in (_no_format(formats), no_version(letter, languages)) if finding]:
        raise LetterError(missing)
    if strict and (warnings := tuple(_as_errors(checked.open))):
        raise LetterError(warnings)
    known = tuple(version.lang for version in letter.versions)
    artifacts = build(checked, project.context, formats=formats or EDITION, languages=languages or known)
    checked = with_findings_of(checked, artifacts)
    target = output / letter.id
    data = build_report(checked, artifacts, project.timer.seconds)
    write_files(target, {artifact.name: artifact.data for artifact in artifacts} | {REPORT: data})
    return BuildReport(checked=checked, artifacts=artifacts, folder=target, data=data)


def no_version(letter: Letter, languages: Iterable[str]) -> Finding | None:
    """The finding for languages that have no version of the letter, or None."""
    known = [version.lang for version in letter.versions]
    unknown = sorted(set(languages) - set(known))
    if not unknown:
        return None
    message = f"the letter has no version in {', '.join(unknown)}; it has {', '.join(known)}"
    hint = "use one of these, or write letter.LANG.md"
    return error("unknown-version", message, hint, subject="languages")


def _no_format(formats: Iterable[str]) -> Finding | None:
    unknown = sorted(set(formats) - set(FORMATS))
    if not unknown:
        return None
    message, hint = f"there is no format {', '.join(unknown)}", f"name some of {', '.join(FORMATS)}"
    return error("unknown-format", message, hint, subject="formats")


def _as_errors(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Only the warnings, each as an error."""
    for finding in findings:
        if finding.severity is Severity.WARNING:
            yield replace(finding, severity=Severity.ERROR)
