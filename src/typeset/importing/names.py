"""Items of the raw list to rows of ``signatories.csv``: the extraction undone, and not a character more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from typeset.diagnostics import Finding, Place, Severity
from typeset.importing.fixes import Fix, FixKind
from typeset.importing.listing import Item
from typeset.importing.markdown import unescaped
from typeset.importing.persons import says_person
from typeset.importing.wraps import Words, seam
from typeset.language import UNDETERMINED, passages_told_by_script
from typeset.locales import ImporterWords
from typeset.model import Kind, Passage, Signatory

_FIRST_HANGUL = "\u1100"
"""Below it no script tells a language."""

_MOST_DOUBTS = 12
"""Doubtful line ends that are named of one signatory. A name with more is no name, and is seen to be none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The signatories of the list, what was mended in them, and what only their bearers can tell."""

    signatories: tuple[Signatory, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]


def read_names(
    items: Sequence[Item], words: Words, tongues: Sequence[ImporterWords], *, source_name: str, is_markdown: bool
) -> Names:
    """The signatories that the items name."""
    fixes: list[Fix] = []
    findings: list[Finding] = []
    signatories: list[Signatory] = []
    unnumbered = all(item.mark.number == 0 for item in items)
    for position, item in enumerate(items, start=1):
        number = item.mark.number or position
        subject = f"signatory {number}"
        place = Place(file=source_name, line=item.line, column=1)
        name = _joined(item, words, subject, place, fixes, findings)
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
        kind = Kind.PERSON if says_person(name, tongues) else Kind.ORGANISATION
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
    passages = passages_told_by_script(name)
    if len(passages) == 1 and not re.search(r"\w", name[: passages[0].start] + name[passages[0].end :]):
        return passages[0].lang, ()
    return UNDETERMINED, passages


def _joined(item: Item, words: Words, subject: str, place: Place, fixes: list[Fix], findings: list[Finding]) -> str:
    """The name from its parts."""
    name, doubts = _assembled(item.parts, words)
    for index, why in doubts[:_MOST_DOUBTS]:
        other, _ = _assembled(item.parts, words, turned=index)
        findings.append(
            Finding(
                code="ambiguous-wrap",
                severity=Severity.WARNING,
                fact=f"{why}: it is {name} here, and may be {other}",
                place=place,
                hint="look at the publication, or ask the signatory; then write the right one into signatories.csv",
                subject=subject,
                evidence=name,
                proposal=other,
            )
        )
    if len(item.lines) > 1:
        raw = "\n".join(line.raw for line in item.lines)
        fixes.append(Fix(kind=FixKind.WRAP, line=item.line, before=raw, after=name))
    return name


def _assembled(parts: Sequence[str], words: Words, turned: int = 0) -> tuple[str, list[tuple[int, str]]]:
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


def _doubts(item: Item, number: int, subject: str, place: Place) -> Iterator[Finding]:
    if item.over_gap:
        yield Finding(
            code="ambiguous-wrap",
            severity=Severity.WARNING,
            fact="a line stands apart between this item and the next; it was taken for the rest of the name",
            place=place,
            hint="if it is a heading or a note, take it out of the name in signatories.csv",
            subject=subject,
            evidence="\n".join(item.parts),
            proposal=" ".join(part for index, part in enumerate(item.parts) if index not in item.over_gap),
        )
    if item.doubtful_part:
        yield Finding(
            code="number-order",
            severity=Severity.WARNING,
            fact=f"a line begins with a number that does not follow {number}; it was taken for the rest of the name",
            place=place,
            hint="if it is a signatory of its own, give it a row in signatories.csv",
            subject=subject,
            evidence=item.doubtful_part,
        )


def _nameless(number: int, item: Item, subject: str, place: Place) -> Finding:
    return Finding(
        code="no-name",
        severity=Severity.WARNING,
        fact=f"no. {number} has no name, and no row was made for it",
        place=place,
        hint="look at the publication: a name may be missing from the text",
        subject=subject,
        evidence=item.lines[0].raw,
    )
