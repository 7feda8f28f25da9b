"""A project: an opened letter folder, which can be checked and built into files."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from typeset.compose import read_words
from typeset.diagnostics import Finding, LetterError, Severity, error, letter_error
from typeset.fonts import FolderCache, catalogue_of, gaps, merged, open_catalogue
from typeset.isolation import Bounds, WorkerFault, finding_of, isolated
from typeset.journal import read_settled, write_files
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
    checked, artifacts = _built(project, checked, formats, languages, strict)
    target = output / checked.letter.id
    data = build_report(checked, artifacts, project.timer.seconds)
    write_files(target, {artifact.name: artifact.data for artifact in artifacts} | {REPORT: data})
    return BuildReport(checked=checked, artifacts=artifacts, folder=target, data=data)


def _built(
    project: Project, checked: CheckedLetter, formats: Collection[str], languages: Collection[str], strict: bool
) -> tuple[CheckedLetter, tuple[Artifact, ...]]:
    letter = checked.letter
    if missing := [finding for finding in (_no_format(formats), no_version(letter, languages)) if finding]:
        raise LetterError(missing)
    if strict and (warnings := tuple(_as_errors(checked.open))):
        raise LetterError(warnings)
    known = tuple(version.lang for version in letter.versions)
    artifacts = build(checked, project.context, formats=formats or EDITION, languages=languages or known)
    return with_findings_of(checked, artifacts), artifacts


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFile:
    """A file that a build has made; ``pages`` is 0 for formats without pages."""

    name: str
    data: bytes
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterReport:
    """What a check or a build says of a letter, in values that can come from another process.

    ``open`` are the open findings, ``refused`` those that refused the build. ``sources`` has the files that they point
    to. ``data`` is the content of ``build.json``, and ``words`` the words of each version: in the letter, in the names.
    """

    letter: str
    named: int
    anonymous: int
    decided: int
    open: tuple[Finding, ...]
    refused: tuple[Finding, ...] = ()
    files: tuple[OutputFile, ...] = ()
    sources: Sources = field(default_factory=lambda: Sources({}))
    words: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    data: bytes = b""


def check_isolated(folder: Path, watch: Watch = nullcontext) -> LetterReport:
    """Check a letter in a process with bounds. Raises `LetterError` where it cannot be read or passes a bound."""
    return _isolated(folder, lambda stages: check_report(open_project(folder, watch=stages)), watch)


def build_isolated(
    folder: Path,
    output: Path,
    *,
    look: str | None,
    made: datetime | None,
    columns: int,
    watch: Watch = nullcontext,
    **wanted: Any,
) -> LetterReport:
    """Build a letter in a process with bounds, and write its files as `build_project` does."""

    def work(stages: Watch) -> LetterReport:
        project = open_project(folder, look=look, watch=stages, made=made)
        project = replace(project, context=replace(project.context, columns=columns))
        return build_letter(project, check_project(project), **wanted)

    return written(_isolated(folder, work, watch), output)


def screen(folder: Path, watch: Watch = nullcontext) -> None:
    """Build a letter with files of its own in a process with bounds, before they are used in this one.

    Raises `LetterError` where it passes one. Other letters are not built.
    """

    def work(stages: Watch) -> LetterReport:
        project = open_project(folder, watch=stages)
        return build_letter(project, check_project(project), formats=(), languages=(), strict=False)

    if _own(folder, "templates", "fonts"):
        _isolated(folder, work, watch)


def check_report(project: Project) -> LetterReport:
    """Check a letter, in this process."""
    return _report(check_project(project))


def build_letter(
    project: Project, checked: CheckedLetter, *, formats: Collection[str], languages: Collection[str], strict: bool
) -> LetterReport:
    """Build a checked letter in this process, without writing its files. What refuses the build is in the report."""
    try:
        checked, artifacts = _built(project, checked, formats, languages, strict)
    except LetterError as refused:
        return _report(checked, refused=refused.findings)
    report = _report(checked)
    return replace(
        report,
        files=tuple(OutputFile(name=one.name, data=one.data, pages=one.pages) for one in artifacts),
        words={lang: (words.letter, words.names) for lang, words in lengths(checked).items()},
        data=build_report(checked, artifacts, project.timer.seconds),
    )


def written(report: LetterReport, output: Path) -> LetterReport:
    """The report of a build whose files are now in a folder named after the letter."""
    if report.files:
        write_files(output / report.letter, {file.name: file.data for file in report.files} | {REPORT: report.data})
    return report


def _report(checked: CheckedLetter, refused: tuple[Finding, ...] = ()) -> LetterReport:
    letter = checked.letter
    places = {finding.place.file for finding in (*checked.open, *refused) if finding.place and finding.place.line}
    return LetterReport(
        letter=letter.id,
        named=letter.counts.named,
        anonymous=letter.counts.anonymous,
        decided=len(checked.answered),
        open=checked.open,
        refused=refused,
        sources=Sources({path: checked.sources[path] for path in places & set(checked.sources)}),
    )


def _isolated(folder: Path, work: Callable[[Watch], LetterReport], watch: Watch) -> LetterReport:
    """The report that the work makes in a process with bounds that fit the letter."""

    def sent(stages: Watch) -> tuple[Any, list[bytes]]:
        report = work(stages)
        value = {
            **{name: getattr(report, name) for name in ("letter", "named", "anonymous", "decided", "words")},
            **{name: [asdict(finding) for finding in getattr(report, name)] for name in ("open", "refused")},
            "files": [(file.name, file.pages) for file in report.files],
            "sources": list(report.sources),
        }
        return value, [report.data, *(file.data for file in report.files), *report.sources.values()]

    # A change that an interrupted command has left is finished here, where the folder can be written.
    read_settled(folder, lambda: None)
    foreign = bool(_own(folder, "templates", "fonts"))
    value, files, missing = isolated(
        sent, _bounds(folder), suspect=partial(_suspect, folder), watch=watch, foreign=foreign
    )
    try:
        report = _received(value, files)
        return replace(report, open=(*report.open, _unbounded(missing))) if missing and foreign else report
    except (KeyError, TypeError, ValueError) as fault:
        raise WorkerFault("the answer of the process is malformed") from fault


def _unbounded(missing: Collection[str]) -> Finding:
    """The note on a letter with templates or faces of its own where the system cannot hold their work back."""
    return Finding(
        code="missing-bound",
        severity=Severity.NOTE,
        message=f"this system sets no bound on the work with the letter's own files: {', '.join(missing)}",
        hint="check letters of people whom you do not know on Linux, or in a virtual machine",
        subject="bounds",
    )


def _received(value: Any, files: tuple[bytes, ...]) -> LetterReport:
    """A report from JSON and bytes, each value checked."""
    data, *rest = files
    named, paths = value["files"], value["sources"]
    if not _SAFE.fullmatch(value["letter"]) or not all(_SAFE.fullmatch(name) for name, _ in named):
        raise ValueError("a file has a name that is not safe")
    return LetterReport(
        **{name: int(value[name]) for name in ("named", "anonymous", "decided")},
        letter=value["letter"],
        open=tuple(map(finding_of, value["open"])),
        refused=tuple(map(finding_of, value["refused"])),
        files=tuple(
            OutputFile(name=name, data=data, pages=int(pages))
            for (name, pages), data in zip(named, rest[: len(named)], strict=True)
        ),
        sources=Sources(dict(zip(map(str, paths), rest[len(named) :], strict=True))),
        words={str(lang): (int(letter), int(names)) for lang, (letter, names) in value["words"].items()},
        data=data,
    )


_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*|")

_ROW: Final = 40
"""Bytes of a signatory in the list, for an estimate that needs no parser."""


def _bounds(folder: Path) -> Bounds:
    """The bounds for a letter: more for a longer list and for more languages."""
    with suppress(OSError):
        versions = len(list(folder.glob("letter.*.md")))
        rows = (folder / "signatories.csv").stat().st_size // _ROW
        work = 10 * max(versions - 1, 0) + max(versions, 1) * rows / 60
        memory = (2 << 30) + rows * (96 << 10)
        return Bounds(cpu=15 + work, seconds=25 + 6 * work, memory=memory, folder=folder)
    return Bounds(folder=folder)


def _suspect(folder: Path, stage: str) -> str:
    """The file that is most likely the cause of a fault: the largest of the letter's own that this stage reads."""
    words = [*folder.glob("letter.*"), *folder.glob("*.csv"), *folder.glob("decisions.toml")]
    own = [] if stage in ("read", "check") else _own(folder, "templates") or _own(folder, "fonts")
    with suppress(OSError):
        return max(own or words, key=lambda path: path.stat().st_size).relative_to(folder).as_posix()
    return ""


def _own(folder: Path, *below: str) -> list[Path]:
    """The files in these folders of a letter."""
    return [path for name in below for path in (folder / name).rglob("*") if path.is_file()]
