"""Sources to Letter: the folder's files parsed at the boundary, with every fault in them as a finding.

`read_letter` gives as much of the letter as can be made out, so that `check` can speak of all of it in one go; a
letter with an error among its findings is for looking at, never for printing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from typeset.diagnostics import Finding, Location, Severity, error
from typeset.edition_changes import FILE as CHANGES, read_changes
from typeset.manuscript.body import read_version
from typeset.manuscript.settings import Settings, read_settings
from typeset.manuscript.signatories import FORMER_FILE as FORMER, Became, read_former, read_signatories
from typeset.manuscript.toml import decoded
from typeset.model import Changes, Counts, Letter, Version
from typeset.sources import Sources

__all__ = ["Manuscript", "read_letter", "with_versions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """The letter as typed, with the faults found while reading it."""

    letter: Letter
    findings: tuple[Finding, ...]


def read_letter(sources: Sources) -> Manuscript:
    """The letter in ``letter.toml``, ``letter.<lang>.md`` and ``signatories.csv``."""
    findings: list[Finding] = []
    settings = read_settings(_text(sources, "letter.toml", findings), findings)
    versions = tuple(_versions(sources, settings, findings))
    rows = read_signatories(_text(sources, "signatories.csv", findings), findings)
    former = read_former(_text(sources, FORMER, findings) or "", findings) if FORMER in sources else ()
    letter = Letter(
        id=settings.id,
        date=settings.date,
        page=settings.page,
        look=settings.look,
        recipients=settings.recipients,
        versions=versions,
        signatories=rows,
        counts=Counts(named=len(rows), anonymous=settings.anonymous),
        stated=settings.stated,
        policy=settings.policy,
        edition=settings.edition,
        withdrawn=frozenset(one.number for one in former if one.became is Became.WITHDRAWN and one.number),
        renamed=frozenset(one.number for one in former if one.became is Became.RENAMED),
        may_be_named=settings.may_be_named,
        changes=_changes(sources, findings),
    )
    return Manuscript(letter=letter, findings=tuple(findings))


def with_versions(letter: Letter, sources: Sources, languages: Collection[str]) -> Manuscript:
    """A letter as typed, with the versions in some languages read again; the findings are theirs alone."""
    findings: list[Finding] = []
    versions = tuple(
        read_version(_text(sources, version.place.file, findings) or "", version.lang, version.place.file, findings)
        if version.lang in languages and version.place
        else version
        for version in letter.versions
    )
    return Manuscript(letter=replace(letter, versions=versions), findings=tuple(findings))


def _versions(sources: Sources, settings: Settings, findings: list[Finding]) -> list[Version]:
    listed = {f"letter.{lang}.md" for lang in settings.languages}
    findings.extend(
        Finding(
            code="unlisted-version",
            severity=Severity.WARNING,
            message=f"{path} is not among the languages of letter.toml and will not be built",
            place=Location(file=path),
            hint=f'add "{path.removeprefix("letter.").removesuffix(".md")}" to languages, or remove the file',
            subject=path,
        )
        for path in sources
        if path.startswith("letter.") and path.endswith(".md") and path not in listed
    )
    return [
        read_version(text, lang, f"letter.{lang}.md", findings)
        for lang in settings.languages
        if (text := _text(sources, f"letter.{lang}.md", findings)) is not None
    ]


def _changes(sources: Sources, findings: list[Finding]) -> Changes | None:
    """The recorded changes since the previous edition, or None."""
    if CHANGES not in sources:
        return None
    try:
        return read_changes(sources[CHANGES])
    except ValueError as fault:
        findings.append(
            error(
                "unreadable-changes",
                f"{CHANGES} cannot be read as a record of changes: {str(fault).lower()}",
                "write it again with typesetter diff --record; do not edit it by hand",
                file=CHANGES,
            )
        )
    return None


def _text(sources: Sources, path: str, findings: list[Finding]) -> str | None:
    if path not in sources:
        findings.append(
            error(
                "missing-file",
                f"there is no {path}",
                "typesetter init creates a letter folder with all files",
                file=path,
            )
        )
        return None
    return decoded(sources[path], path, findings)
