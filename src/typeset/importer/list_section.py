"""The list of signatories in a raw text: where it is, its items, their names and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from typeset.diagnostics import Finding, Location, Severity
from typeset.importer.encodings import Fix, FixKind
from typeset.importer.lines import KnownWords, RawLine, seam
from typeset.importer.paragraphs import ItemMark, bulleted, is_heading, is_note, is_sentence, numbered, unescaped
from typeset.languages import UNDETERMINED, passages_of_scripts
from typeset.locales import ImporterWords
from typeset.model import Kind, Passage, Signatory

_LONGEST_REST = 3
"""The most lines that the rest of a name may have after an empty line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One signatory as written: its mark and its name, a part a line; ``over_gap`` are parts beyond empty lines.

    ``doubtful_part`` is a part that begins like an item itself, with a number that fits nowhere.
    """

    mark: ItemMark
    lines: tuple[RawLine, ...]
    parts: tuple[str, ...]
    over_gap: frozenset[int] = frozenset()
    doubtful_part: str = ""
    section: str = ""

    @property
    def line(self) -> int:
        """The raw line it begins on."""
        return self.lines[0].number


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSection:
    """A heading inside the list, over the items that follow it; ``restarts`` tells that these count from 1 again."""

    line: RawLine
    text: str
    restarts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The list and what is around it. ``gaps`` are the empty lines inside it, ``others`` the first lines of
    further lists that are nearly as long or count on where it ends.
    """

    before: tuple[RawLine, ...]
    items: tuple[Item, ...]
    after: tuple[RawLine, ...]
    gaps: tuple[RawLine, ...]
    sections: tuple[RawSection, ...]
    others: tuple[RawLine, ...]


@dataclass(slots=True, kw_only=True)
class _ItemDraft:
    """An item while its lines are gathered; ``end`` is the index of the line after it."""

    mark: ItemMark
    start: int
    end: int
    lines: list[RawLine]
    parts: list[str]
    over_gap: set[int] = field(default_factory=set)
    doubtful_part: str = ""
    section: str = ""

    def take(self, line: RawLine, index: int) -> None:
        self.lines.append(line)
        self.parts.append(line.text)
        self.end = index + 1

    def item(self) -> Item:
        return Item(
            mark=self.mark,
            lines=tuple(self.lines),
            parts=tuple(self.parts),
            over_gap=frozenset(self.over_gap),
            doubtful_part=self.doubtful_part,
            section=self.section,
        )


@dataclass(slots=True, kw_only=True)
class _ItemRun:
    """Items with nothing between them but empty lines, the rest of wrapped names and headings."""

    drafts: list[_ItemDraft]
    sections: list[RawSection] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.drafts[0].start

    @property
    def end(self) -> int:
        return self.drafts[-1].end

    @property
    def last_number(self) -> int:
        return self.drafts[-1].mark.number


def find_list(lines: Sequence[RawLine], languages: Sequence[ImporterWords]) -> Listing | None:
    """The list of signatories: the longest numbered one, else the longest with bullets; the later of two as long."""
    headings = frozenset(heading for language in languages for heading in language.list_headings)
    runs = _joined([_settled(run) for run in _runs(lines, _numbered_or_like)], lines, headings)
    if not any(len(run.drafts) > 1 for run in runs):
        runs.extend(_runs(lines, lambda text, _: bulleted(text)))
    if not runs:
        return None
    chosen = max(runs, key=lambda run: (len(run.drafts), run.start))
    _leave_counts_out(chosen.drafts[-1], languages)
    others = [
        lines[run.start]
        for run in runs
        if run is not chosen
        and (
            (2 * len(run.drafts) > len(chosen.drafts) > 1 and not _is_sentences(run))
            or (run.start >= chosen.end and run.drafts[0].mark.number == chosen.last_number + 1)
        )
    ]
    return Listing(
        before=tuple(lines[: chosen.start]),
        items=tuple(draft.item() for draft in chosen.drafts),
        after=tuple(lines[chosen.end :]),
        gaps=tuple(line for line in lines[chosen.start : chosen.end] if not line.raw.strip()),
        sections=tuple(chosen.sections),
        others=tuple(others),
    )


def _is_sentences(run: _ItemRun) -> bool:
    """Whether a list says demands: those are sentences, the names of a list are not."""
    return 2 * sum(is_sentence(draft.parts[-1]) for draft in run.drafts if draft.parts) > len(run.drafts)


def _numbered_or_like(text: str, before: ItemMark | None) -> ItemMark | None:
    """A mark with a number, or a bullet among numbers that have bullets too."""
    return numbered(text) or (bulleted(text) if before and before.bullet else None)


def _runs(lines: Sequence[RawLine], mark_of: Callable[[str, ItemMark | None], ItemMark | None]) -> list[_ItemRun]:
    """Every stretch of items in the text."""
    runs: list[_ItemRun] = []
    draft: _ItemDraft | None = None
    after_gap = False
    for index, line in enumerate(lines):
        if line.blank:
            after_gap = True
            continue
        mark = mark_of(line.text, draft.mark if draft else None)
        if mark:
            if draft and draft.mark.number and not mark.number:
                mark = replace(mark, number=draft.mark.number + 1)
            begun = _ItemDraft(
                mark=mark, start=index, end=index + 1, lines=[line], parts=[mark.rest] if mark.rest else []
            )
            if draft:
                runs[-1].drafts.append(begun)
            else:
                runs.append(_ItemRun(drafts=[begun]))
            draft = begun
        elif draft and (not draft.parts if after_gap else not is_note(line.text)):
            draft.take(line, index)
        else:
            draft = None
        after_gap = False
    return runs


def _settled(run: _ItemRun) -> _ItemRun:
    """The run with each line that only looks like an item given back to the name it is the rest of.

    Such a line follows without an empty line, is numbered in another manner than the list, and its number breaks a
    count that goes on behind it.
    """
    manner = Counter(draft.mark.form for draft in run.drafts).most_common(1)[0][0]
    settled: list[_ItemDraft] = []
    following = [*run.drafts[1:], None]
    for draft, after in zip(run.drafts, following, strict=True):
        before = settled[-1] if settled else None
        if (
            before
            and before.end == draft.start
            and draft.mark.number != before.mark.number + 1
            and draft.mark.form != manner
            and (after is None or after.mark.number == before.mark.number + 1)
        ):
            before.doubtful_part = draft.lines[0].text
            before.take(draft.lines[0], draft.start)
            for line, index in zip(draft.lines[1:], range(draft.end - len(draft.lines) + 1, draft.end), strict=True):
                before.take(line, index)
        else:
            settled.append(draft)
    run.drafts = settled
    return run


def _joined(runs: Iterable[_ItemRun], lines: Sequence[RawLine], headings: frozenset[str]) -> list[_ItemRun]:
    """The runs, two made one where only the rest of a name or a heading of the list stands between them."""
    joined: list[_ItemRun] = []
    for run in runs:
        if not joined or not _join(joined[-1], run, lines, headings):
            joined.append(run)
    return joined


def _join(run: _ItemRun, after: _ItemRun, lines: Sequence[RawLine], headings: frozenset[str]) -> bool:
    between = [(index, lines[index]) for index in range(run.end, after.start) if lines[index].text]
    index, line = between[0]
    goes_on = after.drafts[0].mark.number == run.last_number + 1
    restarts = after.drafts[0].mark.number == 1 and run.last_number > 1 and not _is_sentences(run)
    said = line.text.lstrip("#* ").rstrip("*:： ")
    if said.casefold() in headings or len(between) > _LONGEST_REST or is_note(line.text):
        return False
    if goes_on and (line.new_page or between[-1][0] == after.start - 1):
        # Nothing but a page's edge parts these lines from the item above or below: they are the rest of its name.
        draft = run.drafts[-1]
        for index, line in between:
            draft.over_gap.add(len(draft.parts))
            draft.take(line, index)
    elif (goes_on or restarts) and len(between) == 1 and is_heading(line.text):
        run.sections.append(RawSection(line=line, text=said, restarts=restarts))
        for draft in after.drafts:
            draft.section = draft.section or said
    else:
        return False
    run.sections.extend(after.sections)
    run.drafts.extend(after.drafts)
    return True


def _leave_counts_out(draft: _ItemDraft, languages: Iterable[ImporterWords]) -> None:
    """Give back the lines below the last name that state how many have signed."""
    patterns = [pattern for language in languages for pattern in language.counts]
    for index, part in enumerate(draft.parts[1:], start=1):
        if any(pattern.search(part) for pattern in patterns):
            spared = len(draft.parts) - index
            draft.end -= spared
            del draft.parts[index:], draft.lines[-spared:]
            return


def says_person(name: str, languages: Iterable[ImporterWords]) -> bool:
    """Whether a name says of itself that it is a person's: by a form of address, or by signing individually.

    ``Dr. Ada Example Foundation`` is a foundation: a word for an organisation outweighs the form of address.
    """
    known = tuple(languages)
    if any(phrase.search(name) for language in known for phrase in language.person_phrases):
        return True
    words = {word.casefold() for word in re.findall(r"[\w.]+", name)}
    if any(words & language.organisation_words for language in known):
        return False
    return any(form.fullmatch(name) for language in known for form in language.person_forms)


_FIRST_HANGUL = "\u1100"
"""Below it the script does not show the language."""

_MOST_DOUBTS = 12
"""Doubtful line ends that are named of one signatory. A name with more is no name, and is seen to be none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The signatories of the list, what was corrected in them, and what only they know."""

    signatories: tuple[Signatory, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]


def read_names(
    items: Sequence[Item], words: KnownWords, languages: Sequence[ImporterWords], *, source_name: str, is_markdown: bool
) -> Names:
    """The signatories that the items name."""
    fixes: list[Fix] = []
    findings: list[Finding] = []
    signatories: list[Signatory] = []
    unnumbered = all(item.mark.number == 0 for item in items)
    for position, item in enumerate(items, start=1):
        number = item.mark.number or position
        subject = f"signatory {number}"
        place = Location(file=source_name, line=item.line, column=1)
        name = _names_joined(item, words, subject, place, fixes, findings)
        if not name:
            findings.append(_nameless(number, item, subject, place))
            continue
        if is_markdown:
            plain = unescaped(name)
            if plain != name:
                fixes.append(Fix(kind=FixKind.ESCAPE, line=item.line, before=name, after=plain))
            name = plain
        fixes.extend(_said_of(item, number, name, unnumbered))
        findings.extend(_doubts(item, number, subject, place))
        kind = Kind.PERSON if says_person(name, languages) else Kind.ORGANISATION
        if kind is Kind.PERSON:
            fixes.append(Fix(kind=FixKind.PERSON, line=item.line, before=name, after="kind = person"))
        lang, passages = languages_of(name)
        signatories.append(
            Signatory(number=number, name=name, lang=lang, passages=passages, kind=kind, note=item.section, place=place)
        )
    return Names(signatories=tuple(signatories), fixes=tuple(fixes), findings=tuple(findings))


def languages_of(name: str) -> tuple[str, tuple[Passage, ...]]:
    """The language of a name and of passages in it, as far as its script alone tells."""
    if max(name) < _FIRST_HANGUL:
        return UNDETERMINED, ()
    passages = passages_of_scripts(name)
    if len(passages) == 1 and not re.search(r"\w", name[: passages[0].start] + name[passages[0].end :]):
        return passages[0].lang, ()
    return UNDETERMINED, passages


def _names_joined(
    item: Item, words: KnownWords, subject: str, place: Location, fixes: list[Fix], findings: list[Finding]
) -> str:
    """The name from its parts."""
    name, doubts = _assembled(item.parts, words)
    for index, why in doubts[:_MOST_DOUBTS]:
        other, _ = _assembled(item.parts, words, turned=index)
        findings.append(
            Finding(
                code="ambiguous-wrap",
                severity=Severity.WARNING,
                message=f"{why}: {name} was written, but {other} is possible",
                place=place,
                hint="check the publication, or ask the signatory; then write the right name into signatories.csv",
                subject=subject,
                evidence=name,
                proposal=other,
            )
        )
    if len(item.lines) > 1:
        raw = "\n".join(line.raw for line in item.lines)
        fixes.append(Fix(kind=FixKind.WRAP, line=item.line, before=raw, after=name))
    return name


def _assembled(parts: Sequence[str], words: KnownWords, turned: int = 0) -> tuple[str, list[tuple[int, str]]]:
    """The parts put together, with the other reading at the seam before part ``turned``; and the doubtful seams."""
    name = parts[0] if parts else ""
    doubts = []
    for index, part in enumerate(parts[1:], start=1):
        joined = seam(name, part, words)
        if joined.other:
            doubts.append((index, joined.why))
        name = joined.other if index == turned else joined.text
    return name, doubts


def _said_of(item: Item, number: int, name: str, unnumbered: bool) -> Iterator[Fix]:
    mark, raw = item.mark, item.lines[0].raw
    if unnumbered:
        yield Fix(kind=FixKind.NUMBERED, line=item.line, before=raw, after=f"{number}. {name}")
    elif mark.bullet or (mark.glued and not mark.rest[:1].isdigit()):
        yield Fix(kind=FixKind.ITEM_MARK, line=item.line, before=raw, after=f"{number}. {mark.rest}")
    if item.section:
        yield Fix(kind=FixKind.SECTION, line=item.line, before=name, after=f"note = {item.section}")


def _doubts(item: Item, number: int, subject: str, place: Location) -> Iterator[Finding]:
    if item.over_gap:
        yield Finding(
            code="ambiguous-wrap",
            severity=Severity.WARNING,
            message="there is a separate line between this item and the next; it was added to the name",
            place=place,
            hint="if it is a heading or a note, remove it from the name in signatories.csv",
            subject=subject,
            evidence="\n".join(item.parts),
            proposal=" ".join(part for index, part in enumerate(item.parts) if index not in item.over_gap),
        )
    if item.doubtful_part:
        yield Finding(
            code="number-order",
            severity=Severity.WARNING,
            message=f"a line begins with a number that does not follow {number}; it was added to the name",
            place=place,
            hint="if it is another signatory, give it its own row in signatories.csv",
            subject=subject,
            evidence=item.doubtful_part,
        )


def _nameless(number: int, item: Item, subject: str, place: Location) -> Finding:
    return Finding(
        code="no-name",
        severity=Severity.WARNING,
        message=f"no. {number} has no name, so it got no row",
        place=place,
        hint="check the publication: a name may be missing from the text",
        subject=subject,
        evidence=item.lines[0].raw,
    )


def numbering_doubts(signatories: Sequence[Signatory]) -> Iterator[Finding]:
    """Each place where the numbers do not count on by one. The numbers themselves are part of the publication."""
    seen: set[int] = set()
    before = 0
    for signatory in signatories:
        number = signatory.number
        if number in seen:
            message = "the numbers begin again" if number == 1 else f"no. {number} was used before"
            yield _doubt("number-repeated", signatory, message, "give each signatory its own number")
        elif number < before:
            message = f"no. {number} is after no. {before}"
            yield _doubt("number-order", signatory, message, "compare the order with the publication")
        elif number > before + 1 and not before:
            message = f"the list begins with no. {number}"
            yield _doubt("number-gap", signatory, message, "look for the names above this line")
        elif number > before + 1:
            missing = f"no. {before + 1} is" if number == before + 2 else f"nos. {before + 1} to {number - 1} are"
            message = f"{missing} missing before no. {number}"
            yield _doubt("number-gap", signatory, message, "look for the names in the publication")
        seen.add(number)
        before = number


def _doubt(code: str, signatory: Signatory, message: str, hint: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING,
        message=message,
        place=signatory.place,
        hint=hint,
        subject=f"signatory {signatory.number}",
        evidence=f"{signatory.number}. {signatory.name}",
    )
