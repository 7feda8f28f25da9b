"""A letter as the detectors read it: every text that will be printed, with what it is and where it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from typeset.diagnostics import Finding, Location, Rule, Severity, errors
from typeset.model import Block, Kind, Letter, Signatory
from typeset.sources import Sources

_CLAUSE_ENDS = re.compile(r"(?<=[。！？!?\n])|(?<=\.)(?=\s)")


class TextRole(StrEnum):
    """What a text is in the letter."""

    NAME = "name"
    TITLE = "title"
    BODY = "body"
    RECIPIENT = "recipient"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words that somebody will read: a name, a title, a paragraph.

    ``subject`` is what a finding about it is filed under. ``lines`` are the lines of the file that ``place`` is in,
    so that a spot in the text can be found in what the author sees.
    """

    subject: str
    text: str
    role: TextRole
    lang: str = ""
    place: Location | None = None
    lines: Sequence[str] = ()

    def finding(
        self,
        rule: Rule,
        message: str,
        *,
        severity: Severity | None = None,
        start: int = 0,
        end: int | None = None,
        hint: str = "",
        proposal: str = "",
    ) -> Finding:
        """A finding about characters ``start`` to ``end``; the evidence is the whole name or title, or the sentence.

        The evidence is more than the spot, so that a decision about a name is void when anything in the name changes.
        """
        stop = len(self.text) if end is None else end
        return rule.finding(
            severity=severity,
            message=message,
            place=self.spot(start, stop),
            hint=hint,
            subject=self.subject,
            evidence=self.sentence(start) if self.role is TextRole.BODY else self.text,
            proposal=proposal,
        )

    def spot(self, start: int, end: int) -> Location | None:
        """Where the characters ``start`` to ``end`` stand in the file."""
        if self.place is None:
            return None
        needle = self.text[start:end]
        return locate(self.lines, self.place, needle, occurrence=self.text.count(needle, 0, start) if needle else 0)

    def sentence(self, at: int) -> str:
        """The sentence around a position."""
        start, end = 0, len(self.text)
        for boundary in _CLAUSE_ENDS.finditer(self.text):
            if boundary.start() <= at:
                start = boundary.start()
            else:
                end = boundary.start()
                break
        return self.text[start:end].strip(" \n")


def locate(lines: Sequence[str], place: Location, needle: str, *, occurrence: int = 0) -> Location:
    """The n-th place of ``needle`` in the source, from ``place`` on to the end of its paragraph; else the line."""
    if needle.strip("\n") and place.line:
        for written in dict.fromkeys((_as_written(needle, place.file), needle)):
            left, start = occurrence, place.column - 1 if place.column else 0
            for number, line in enumerate(lines[place.line - 1 :], start=place.line):
                if number > place.line and (not line.strip() or place.file.endswith(".csv")):
                    break
                position = line.find(written, start)
                while position >= 0 and left:
                    left -= 1
                    position = line.find(written, position + len(written))
                if position >= 0:
                    return replace(place, line=number, column=position + 1, length=len(written))
                start = 0
    return replace(place, column=place.column, length=0)


def _as_written(text: str, file: str) -> str:
    """A text as written in a file: a quotation mark in a cell of a table is written twice."""
    return text.replace('"', '""') if file.endswith(".csv") else text


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """A letter with its texts in hand, so that each detector need not gather them again."""

    letter: Letter
    names: tuple[Text, ...]
    titles: tuple[Text, ...]
    bodies: tuple[Text, ...]
    recipients: tuple[Text, ...]
    notes: tuple[Text, ...]
    files: Mapping[str, Sequence[str]]
    templates: Mapping[str, bytes]

    @property
    def texts(self) -> Iterator[Text]:
        """Everything that will be printed."""
        yield from self.titles
        yield from self.recipients
        yield from self.bodies
        yield from self.names

    @property
    def signatories(self) -> Iterator[tuple[Signatory, Text]]:
        """The signatories with their names as texts."""
        return zip(self.letter.signatories, self.names, strict=True)

    @property
    def organisations(self) -> Iterator[tuple[Signatory, Text]]:
        """The signatories that are not recorded as natural persons."""
        return ((signatory, text) for signatory, text in self.signatories if signatory.kind is Kind.ORGANISATION)

    def blocks(self) -> Iterator[tuple[Block, Text]]:
        """The blocks of all versions with their texts."""
        blocks = (block for version in self.letter.versions for block in version.blocks)
        return zip(blocks, self.bodies, strict=True)

    def find(self, file: str, needle: str) -> Location:
        """The first place of a text in a file; the file itself where the text is not in it."""
        for number, line in enumerate(self.files.get(file, ()), start=1):
            if needle in line:
                return Location(file=file, line=number, column=line.index(needle) + 1, length=len(needle))
        return Location(file=file)


def read(letter: Letter, sources: Sources) -> CheckContext:
    """The letter's texts, each with the lines of the file it was typed in."""
    files = {
        path: data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for path, data in sources.items()
        if "/" not in path and path.endswith((".md", ".csv", ".toml"))
    }

    def text(subject: str, words: str, role: TextRole, place: Location | None, lang: str = "") -> Text:
        lines = files.get(place.file, ()) if place else ()
        if place and '"' in words and 0 < place.line <= len(lines):
            start = lines[place.line - 1].find(_as_written(words, place.file))
            place = replace(place, column=start + 1) if start >= 0 else place
        return Text(subject=subject, text=words, role=role, lang=lang, place=place, lines=lines)

    return CheckContext(
        letter=letter,
        names=tuple(
            text(f"signatory {signatory.number}", signatory.name, TextRole.NAME, signatory.place, signatory.lang)
            for signatory in letter.signatories
        ),
        titles=tuple(
            text(f"title {version.lang}", version.title, TextRole.TITLE, version.place, version.lang)
            for version in letter.versions
        ),
        bodies=tuple(
            text(f"body {version.lang}", block.text, TextRole.BODY, block.place, version.lang)
            for version in letter.versions
            for block in version.blocks
        ),
        recipients=tuple(
            text(f"recipient {index}", words, TextRole.RECIPIENT, recipient.place, lang)
            for index, recipient in enumerate(letter.recipients, start=1)
            for wording in (recipient.office, recipient.holder)
            for lang, words in wording.items()
        ),
        notes=tuple(
            text(f"note on signatory {signatory.number}", signatory.note, TextRole.NOTE, signatory.place)
            for signatory in letter.signatories
            if signatory.note
        ),
        files=files,
        templates=sources.under("templates"),
    )


MOST_STEPS: Final = 24
"""Faults that are corrected one after the other in one text; one with more of them wants a person to look at it."""

Faults = Callable[[Letter], Iterable[Finding]]
"""What is wrong with the words of a letter if they were printed as they are."""


def with_sound_proposals(findings: Iterable[Finding], letter: Letter, faults: Faults) -> Iterator[Finding]:
    """Findings whose proposals could be printed: other errors in them are corrected too, or nothing proposed."""
    for finding in findings:
        if finding.proposal and (alone := _alone(letter, finding.subject, finding.evidence)):
            yield replace(finding, proposal=_sound(finding.proposal, alone, faults))
        else:
            yield finding


def _sound(words: str, alone: Callable[[str], Letter], faults: Faults) -> str:
    """Words with every error in them corrected, as the errors themselves propose; none where one proposes nothing."""
    for _ in range(MOST_STEPS):
        wrong = errors(faults(alone(words)))
        if not wrong:
            return words
        words = next((fault.proposal for fault in wrong if fault.proposal and fault.proposal != words), "")
        if not words:
            break
    return ""


def _alone(letter: Letter, subject: str, text: str) -> Callable[[str], Letter] | None:
    """A letter with nothing in it but other words for one title or name; None where the text is neither."""
    empty = replace(letter, versions=(), signatories=(), recipients=())
    for version in letter.versions:
        if subject in ("title", f"title {version.lang}") and text == version.title:
            bare = replace(version, blocks=())
            return lambda words: replace(empty, versions=(replace(bare, title=words),))
    for one in letter.signatories:
        if subject == f"signatory {one.number}" and text == one.name:
            unspoken = replace(one, passages=())
            return lambda words: replace(empty, signatories=(replace(unspoken, name=words),))
    return None
