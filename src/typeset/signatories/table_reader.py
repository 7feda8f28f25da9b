"""Files to rows: each sheet with its headings, and what stands below them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from typeset.decisions import Decision
from typeset.diagnostics import Finding, Severity
from typeset.importer import every_language
from typeset.manuscript import ListPolicy
from typeset.signatories.answers import Answers
from typeset.signatories.columns import Headed, find_headings
from typeset.signatories.rows import ListEntry, Passed, Unnamed, likeness, take_rows
from typeset.signatories.vocabulary import every_word
from typeset.tables import Sheet, SheetRow, fault, open_tables

Progress = Callable[[str, int], None]
"""Told the name of a step or a file, and how many rows of it are behind."""

_PEEKED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTable:
    """A file to import."""

    name: str
    data: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What whoever imports says besides the files.

    ``mapped`` are headings by role, ``replies`` what whole answers about publication mean, ``decided`` answers to
    findings. ``another`` says that a table is none that was read before. ``today`` is put on record; ``fresh`` is a key
    for an intake, should there be none yet.
    """

    today: date
    fresh: bytes = field(repr=False, default=b"")
    mapped: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    replies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sheets: tuple[str, ...] = ()
    source: str = ""
    encoding: str = ""
    renumber: bool = False
    another: bool = False
    decided: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One sheet as it was understood, and what was in it. ``names`` are digests of every name that it lists."""

    file: str
    digest: str
    headed: Headed
    source: str
    rows: int
    entries: tuple[ListEntry, ...]
    unnamed: tuple[Unnamed, ...]
    passed: tuple[Passed, ...]
    names: frozenset[bytes] = field(repr=False)


def read_tables(
    tables: Sequence[ImportedTable],
    policy: ListPolicy,
    asked: Asked,
    answers: Answers,
    findings: list[Finding],
    watch: Progress,
) -> tuple[Read, ...]:
    """Every sheet of every file that has headings, one after the other."""
    read: list[Read] = []
    seen: dict[str, str] = {}
    for table in tables:
        if earlier := seen.get(table.digest):
            message = f"the file is the same as {earlier}, byte for byte; it is read once"
            findings.append(fault("file-repeated", message, table.name, "nothing to do", Severity.NOTE))
            continue
        seen[table.digest] = table.name
        watch(table.name, 0)
        read.extend(_read(table, policy, asked, answers, findings, watch))
    return tuple(read)


def _read(
    table: ImportedTable, policy: ListPolicy, asked: Asked, answers: Answers, findings: list[Finding], watch: Progress
) -> Iterator[Read]:
    sheets = open_tables(table.data, table.name, findings, encoding=asked.encoding, otherwise=policy.encoding)
    words = every_word()
    headless: list[Finding] = []
    found = False
    for sheet in _chosen(sheets, asked.sheets, table, findings):
        head = list(itertools.islice(sheet.lines, _PEEKED))
        if all(line.blank for line in head):
            continue
        doubts: list[Finding] = []
        headed = find_headings(sheet, head, policy.tables, words, doubts, mapped=asked.mapped, another=asked.another)
        if headed is None and all(doubt.code == "no-headings" for doubt in doubts):
            headless.extend(doubts)
            continue
        found = True
        findings.extend(doubts)
        if headed:
            replies = {**headed.columns.answers, **asked.replies}
            headed = replace(headed, columns=replace(headed.columns, answers=MappingProxyType(replies)))
            lines = itertools.chain(head, sheet.lines)
            yield _taken(table, headed, lines, asked.source or headed.columns.key, answers, findings, watch)
    if found:
        findings.extend(
            replace(
                each, code="sheet-left-out", severity=Severity.WARNING, message="the sheet has no headings; not read"
            )
            for each in headless
        )
    else:
        findings.extend(headless)
    if sheets and not found and not headless:
        findings.append(
            fault("empty-table", "there is no row in the file", table.name, "check that it is the right file")
        )


def _chosen(
    sheets: Sequence[Sheet], wanted: tuple[str, ...], table: ImportedTable, findings: list[Finding]
) -> Iterator[Sheet]:
    """The sheets that somebody named, or all that can be seen."""
    for sheet in sheets:
        if wanted and sheet.name and sheet.name not in wanted:
            continue
        if sheet.hidden and sheet.name not in wanted:
            message = f"the sheet “{sheet.name}” is hidden; it is not read"
            hint = f'nothing to do, unless signatories are on it: --sheet "{sheet.name}"'
            findings.append(fault("hidden-sheet", message, table.name, hint, Severity.WARNING))
            continue
        yield sheet
    names = {sheet.name for sheet in sheets}
    if missing := [name for name in wanted if name not in names and names != {""}]:
        message = f"there is no sheet “{missing[0]}”"
        there = ", ".join(f"“{name}”" for name in sorted(names))
        findings.append(fault("no-such-sheet", message, table.name, f"the sheets are {there}"))


def _taken(
    table: ImportedTable,
    headed: Headed,
    lines: Iterator[SheetRow],
    source: str,
    answers: Answers,
    findings: list[Finding],
    watch: Progress,
) -> Read:
    entries: list[ListEntry] = []
    unnamed: list[Unnamed] = []
    passed = [Passed(place=headed.sheet.place(row), why="above the headings") for row in headed.above]
    names: set[bytes] = set()
    for taken in take_rows(
        headed,
        lines,
        findings,
        digest=table.digest,
        source=source,
        languages=every_language(),
        count=lambda rows: watch(table.name, rows),
    ):
        match taken:
            case ListEntry():
                kept = _retyped(taken, answers) if taken.odd else taken
                names |= kept.likeness.same
                entries.append(kept)
            case Unnamed():
                unnamed.append(taken)
            case Passed():
                passed.append(taken)
    return Read(
        file=table.name,
        digest=table.digest,
        headed=headed,
        source=source,
        rows=len(entries) + len(unnamed),
        entries=tuple(entries),
        unnamed=tuple(unnamed),
        passed=tuple(passed),
        names=frozenset(names),
    )


def _retyped(entry: ListEntry, answers: Answers) -> ListEntry:
    """An entry whose cell was no text, with the name that somebody says it is."""
    decision = answers.decisions.get(("not-a-text", entry.name))
    if decision is None or not decision.printed:
        return entry
    like = likeness((decision.printed, *entry.also))
    return replace(entry, name=decision.printed, likeness=replace(entry.likeness, same=like.same), odd=False)
