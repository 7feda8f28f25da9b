"""What each paragraph around the list is for: title, date, addressees, closing, heading of the list, notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from typeset.diagnostics import Finding, Location, Severity
from typeset.importer.addressees import FoundRecipient, FoundRecipients, begins_addressees, read_addressees
from typeset.importer.encodings import Fix, FixKind
from typeset.importer.language_profiles import DateLine, StatedCount, pieces_of, read_date, stated_counts
from typeset.importer.paragraphs import RawParagraph, Shape, dead_links, is_sentence, unescaped
from typeset.languages import is_cjk, is_east_asian
from typeset.locales import ImporterWords

_LONGEST_TITLE = 200
_LONGEST_CLOSING = 60
_NEAR_THE_LIST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineBlock:
    """A paragraph for ``letter.<lang>.md``: its mark, then words at even places and names of slots at odd ones."""

    pieces: tuple[str, ...]
    mark: str = ""
    slot: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The letter's parts as the raw text has them."""

    title: RawParagraph | None
    before: tuple[OutlineBlock, ...]
    after: tuple[OutlineBlock, ...]
    addressees: tuple[FoundRecipient, ...] = ()
    day: date | None = None
    stated: tuple[tuple[StatedCount, int], ...] = ()
    fixes: tuple[Fix, ...] = ()
    findings: tuple[Finding, ...] = ()


class _OutlineReader:
    """Takes the paragraphs for what they are, one kind of part after the other."""

    def __init__(
        self, lang: str, language: ImporterWords, languages: Sequence[ImporterWords], source_name: str
    ) -> None:
        self.lang, self.language, self.languages, self.source_name = lang, language, languages, source_name
        self.fixes: list[Fix] = []
        self.findings: list[Finding] = []

    def fix(self, kind: FixKind, paragraph: RawParagraph, after: str = "") -> None:
        self.fixes.append(Fix(kind=kind, line=paragraph.line, before=paragraph.raw, after=after))

    def doubt(
        self,
        code: str,
        message: str,
        hint: str,
        subject: str,
        *,
        line: int = 0,
        evidence: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        place = Location(file=self.source_name, line=line, column=1 if line else 0)
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                message=message,
                place=place,
                hint=hint,
                subject=subject,
                evidence=evidence,
            )
        )

    def title(self, paragraphs: list[RawParagraph]) -> RawParagraph | None:
        """The first heading of the first level, else the first short paragraph that is no sentence."""
        marked = [paragraph for paragraph in paragraphs if paragraph.mark == "# "]
        for other in marked[1:]:
            self.fix(FixKind.MARKUP, other, f"## {other.text}")
            paragraphs[paragraphs.index(other)] = replace(other, mark="## ")
        if marked:
            paragraphs.remove(marked[0])
            return marked[0]
        for paragraph in paragraphs:
            if self.dated(paragraph) or self.addressed(paragraph):
                continue
            text = paragraph.text
            if paragraph.shape in (Shape.ITEM, Shape.QUOTE) or len(text) > _LONGEST_TITLE or _runs_on(text):
                return None
            paragraphs.remove(paragraph)
            self.doubt(
                "guessed-title",
                "no line is marked as the title, so the first line that is not a sentence was used",
                "put # before the title in the raw text, or correct the first line of the letter",
                f"title {self.lang}",
                line=paragraph.line,
                evidence=text,
                severity=Severity.NOTE,
            )
            return paragraph
        return None

    def addressed(self, paragraph: RawParagraph, language: ImporterWords | None = None) -> FoundRecipients | None:
        if paragraph.shape in (Shape.ITEM, Shape.QUOTE):
            return None
        return read_addressees([line.text for line in paragraph.lines], paragraph.text, language or self.language)

    def dated(self, paragraph: RawParagraph) -> DateLine | None:
        # A day with a stop behind it looks like the number of an item.
        mark = paragraph.mark if paragraph.shape is Shape.ITEM else ""
        return read_date(mark + paragraph.text, self.languages)

    def day(self, paragraphs: list[RawParagraph]) -> date | None:
        """The date of the letter, from the first paragraph that is nothing but a date."""
        dated: list[tuple[RawParagraph, DateLine]] = [
            (paragraph, found) for paragraph in paragraphs if (found := self.dated(paragraph))
        ]
        if not dated:
            hint = "write date = … into letter.toml"
            self.doubt("undated", "no line with the date of the letter was found", hint, "date", evidence="no date")
            return None
        paragraph, found = dated[0]
        if found.day is None:
            self.doubt(
                "ambiguous-date",
                f"{paragraph.text} may begin with the day or the month",
                "write date = … into letter.toml, and remove the line from the letter",
                "date",
                line=paragraph.line,
                evidence=paragraph.text,
            )
        elif found.place:
            self.doubt(
                "place-and-date",
                f"{found.place} is before the date, so the line was also kept in the letter",
                "remove the line from the letter, unless you want to print the place",
                "date",
                line=paragraph.line,
                evidence=paragraph.text,
            )
        else:
            paragraphs.remove(paragraph)
        if found.day:
            self.fix(FixKind.DATE, paragraph, f"date = {found.day.isoformat()}")
        return found.day

    def list_heading(self, paragraphs: list[RawParagraph]) -> None:
        """Take out the heading of the list, which the look writes in the language of the edition."""
        headings = {heading.casefold() for language in self.languages for heading in language.list_headings}
        while paragraphs and paragraphs[-1].text.strip("*:： ").casefold() in headings:
            self.fix(FixKind.LIST_HEADING, paragraphs.pop())

    def closing(self, paragraphs: list[RawParagraph]) -> RawParagraph | None:
        """The last paragraph before the list, where it is one short line that is no sentence."""
        last = paragraphs[-1] if paragraphs else None
        if (
            last is None
            or last.shape is not Shape.PLAIN
            or len(last.lines) > 1
            or len(last.text) > _LONGEST_CLOSING
            or is_sentence(last.text)
            or last.text[-1] in ":："
        ):
            return None
        self.fix(FixKind.CLOSING, last, f"{{closing}} {last.text}")
        return paragraphs.pop()

    def block(self, paragraph: RawParagraph, counts: Sequence[StatedCount] = ()) -> OutlineBlock:
        if counts:
            printed = "".join(
                f"{{{piece}}}" if index % 2 else piece for index, piece in enumerate(pieces_of(paragraph.text, counts))
            )
            self.fix(FixKind.COUNT, paragraph, printed)
        return OutlineBlock(pieces=pieces_of(paragraph.text, counts), mark=paragraph.mark, line=paragraph.line)

    def all_addressed(self, paragraphs: list[RawParagraph]) -> list[tuple[RawParagraph, FoundRecipients]]:
        """The first paragraph of addressees, and those right behind it; these are taken out of the paragraphs."""
        copied = replace(self.language, labels=self.language.copies)
        for language in (self.language, copied):
            for at, paragraph in enumerate(paragraphs):
                # Of copies sentences speak as well; a label for them has its colon.
                if language is copied and not begins_addressees(paragraph.text, language):
                    continue
                if found := self.addressed(paragraph, language):
                    further = list(self.addressed_next(paragraphs[at + 1 :], copied))
                    del paragraphs[at + 1 : at + 1 + len(further)]
                    return [(paragraph, found), *further]
        return []

    def addressed_next(
        self, after: Iterable[RawParagraph], copied: ImporterWords
    ) -> Iterator[tuple[RawParagraph, FoundRecipients]]:
        """The paragraphs of addressees that follow on the first: others, and those who get a copy."""
        for paragraph in after:
            labelled = begins_addressees(paragraph.text, self.language)
            found = self.addressed(paragraph, copied) or self.addressed(paragraph, self.language) if labelled else None
            if not found:
                return
            yield paragraph, found
            self.doubt(
                "further-recipients",
                f"those after “{found.label.strip()}” became recipients like those before them",
                "keep this, or remove them from letter.toml and write their line into the letter",
                "recipients",
                line=paragraph.line,
                evidence=paragraph.text,
            )

    def recipients(self, addressed: Sequence[tuple[RawParagraph, FoundRecipients]]) -> OutlineBlock:
        for paragraph, found in addressed:
            told = " | ".join(" + ".join(filter(None, (one.office, one.holder))) for one in found.addressees)
            self.fix(FixKind.RECIPIENTS, paragraph, told)
            if not found.certain:
                self.doubt(
                    "recipients-unparted",
                    "there may be more addressees here than the program found",
                    "give each a [[recipients]] table in letter.toml",
                    "recipients",
                    line=paragraph.line,
                    evidence=paragraph.text,
                )
        paragraph, found = addressed[0]
        return OutlineBlock(pieces=(found.label, "recipients", ""), line=paragraph.line)

    def words(self, paragraphs: Iterable[RawParagraph], is_markdown: bool) -> None:
        """Say what is doubtful in the words themselves."""
        for paragraph in paragraphs:
            plain = unescaped(paragraph.text) if is_markdown else paragraph.text
            if plain != paragraph.text:
                self.fixes.append(
                    Fix(kind=FixKind.ESCAPE, line=paragraph.line, before=paragraph.text, after=f"reads {plain}")
                )
            for link in dead_links(paragraph.text) if is_markdown else ():
                self.doubt(
                    "dead-link",
                    f"{link} has no address",
                    "write its address into the letter, or remove the link",
                    f"body {self.lang}",
                    line=paragraph.line,
                    evidence=link,
                )
            if is_cjk(self.lang) and len(re.findall(r"[A-Za-z]{2,}", plain)) > 1 and not any(map(is_east_asian, plain)):
                self.doubt(
                    "unmarked-language",
                    f"this paragraph is in another script, but the letter is in {self.lang}",
                    "mark its language, so that screen readers read it correctly: [words]{lang=…}",
                    f"body {self.lang}",
                    line=paragraph.line,
                    evidence=paragraph.text,
                    severity=Severity.NOTE,
                )


def read_outline(
    before: Sequence[RawParagraph],
    after: Sequence[RawParagraph],
    *,
    lang: str,
    language: ImporterWords,
    languages: Sequence[ImporterWords],
    source_name: str,
    is_markdown: bool,
) -> Outline:
    """The parts that the paragraphs before and after the list make up."""
    reader = _OutlineReader(lang, language, languages, source_name)
    body = list(before)
    title = reader.title(body)
    reader.list_heading(body)
    day = reader.day(body)
    closing = reader.closing(body)
    addressed = reader.all_addressed(body)
    if not addressed:
        hint = "write {recipients} where they go in the letter, and a [[recipients]] table for each in letter.toml"
        reader.doubt("no-recipients", "no line of addressees was found", hint, "recipients")
    stated = _stated([*after, *body[-_NEAR_THE_LIST:]], languages)
    reader.words([*([title] if title else ()), *body, *([closing] if closing else ()), *after], is_markdown)
    blocks = [
        reader.recipients(addressed)
        if addressed and paragraph is addressed[0][0]
        else reader.block(paragraph, [count for count, line in stated if line == paragraph.line])
        for paragraph in body
    ]
    if closing:
        blocks.append(OutlineBlock(pieces=("", "closing", f" {closing.text}"), line=closing.line))
    notes = [reader.block(note, [count for count, line in stated if line == note.line]) for note in after]
    return Outline(
        title=title,
        before=tuple(blocks),
        after=tuple(notes),
        addressees=tuple(one for _, found in addressed for one in found.addressees),
        day=day,
        stated=tuple(stated),
        fixes=tuple(reader.fixes),
        findings=tuple(reader.findings),
    )


def _stated(paragraphs: Iterable[RawParagraph], languages: Sequence[ImporterWords]) -> list[tuple[StatedCount, int]]:
    """The counts stated near the list, each once, with the line of their paragraph."""
    found: dict[str, tuple[StatedCount, int]] = {}
    for paragraph in paragraphs:
        for count in stated_counts(paragraph.text, languages):
            found.setdefault(count.what, (count, paragraph.line))
    return list(found.values())


def _runs_on(text: str) -> bool:
    return is_sentence(text) or text[-1] in ",，:："


def plain_text(blocks: Iterable[OutlineBlock]) -> Iterator[str]:
    """The words of blocks, without their slots."""
    for block in blocks:
        yield "".join(block.pieces[::2])
