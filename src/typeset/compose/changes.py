"""What the slot of changes prints: a heading, a line for each kind of change, and the names that go with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from typeset.compose.blocks import printed_passages
from typeset.compose.words import missing_words, read_words
from typeset.diagnostics import Finding, LetterError
from typeset.languages import UNDETERMINED, is_right_to_left
from typeset.locales import Phrases
from typeset.model import Block, Changes, Letter, Listed, Part, Passage, Run, Signatory, Version, Withdrawn
from typeset.sources import Sources

MOST_NAMED = 12
"""A line is followed by at most so many names. If there are more, only their numbers are printed."""

NEEDED = (
    "changes",
    "changes_joined",
    "changes_withdrawn",
    "changes_corrected",
    "changes_renumbered",
    "changes_numbers",
    "changes_moved_number",
    "changes_former_number",
    "changes_count",
    "changes_unnamed",
    "changes_title",
    "changes_paragraphs",
    "changes_recipients",
    "changes_versions",
    "changes_changed",
    "changes_added",
    "changes_removed",
    "changes_moved",
    "changes_date",
    "changes_undated",
    "changes_none",
    "joiner",
)


def with_changes_told(letter: Letter, sources: Sources) -> tuple[Letter, tuple[Finding, ...]]:
    """The letter with its changes in each slot, and findings for languages that lack the words for them."""
    if letter.changes is None:
        return letter, ()
    findings: list[Finding] = []
    versions = tuple(_told_in(version, letter, letter.changes, sources, findings) for version in letter.versions)
    return replace(letter, versions=versions), tuple(findings)


def told(letter: Letter, changes: Changes, lang: str, words: Phrases) -> tuple[Block, ...]:
    """The blocks of one language version: a heading, then paragraphs and numbered items."""
    heading = words.changes.format(number=changes.edition - 1)
    said = tuple(_said(letter, changes, lang, words)) or (_line(words.changes_none),)
    return (Block(part=Part.HEADING, level=2, runs=(Run(text=heading),)), *said)


def ranges(numbers: Iterable[int], joiner: str) -> str:
    """Numbers as people write them: ``3, 5–9``."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return joiner.join(
        f"{first}" if first == last else f"{first}{joiner if last == first + 1 else '–'}{last}" for first, last in spans
    )


def _told_in(version: Version, letter: Letter, changes: Changes, sources: Sources, findings: list[Finding]) -> Version:
    if not any(block.part is Part.CHANGES for block in version.blocks):
        return version
    try:
        words = read_words(sources, version.lang)
    except LetterError:
        return version  # it cannot be composed either, and `compose` reports that
    if missing := missing_words(words, NEEDED, version.lang, "a list of changes"):
        findings.extend(missing)
        return version
    inside = told(letter, changes, version.lang, words)
    return replace(
        version,
        blocks=tuple(
            replace(block, inside=tuple(replace(one, place=block.place) for one in inside))
            if block.part is Part.CHANGES
            else block
            for block in version.blocks
        ),
    )


def _said(letter: Letter, changes: Changes, lang: str, words: Phrases) -> Iterator[Block]:
    listed = {one.number: one for one in letter.signatories}
    yield from _group(words.changes_joined, changes.joined, listed, lang, words)
    yield from _withdrawn(changes.withdrawn, lang, words)
    corrected = [one for one in changes.corrected if "name" in one.changed]
    yield from _group(words.changes_corrected, corrected, listed, lang, words)
    yield from _renumbered(changes.renumbered, listed, lang, words)
    yield from _counts(changes, words)
    text = next((text for text in changes.texts if text.lang == lang), None)
    if text and text.title:
        yield _line(words.changes_title)
    if text and text.paragraphs:
        yield _counted(words.changes_paragraphs, text.paragraphs, words)
    if changes.recipients:
        yield _counted(words.changes_recipients, changes.recipients, words)
    versions = {kind: sum(text.version == kind for text in changes.texts) for kind in ("added", "removed")}
    if any(versions.values()):
        yield _counted(words.changes_versions, versions, words)
    if changes.before.date != changes.after.date:
        before = changes.before.date
        yield _line(words.changes_date, date=words.date_of(before)) if before else _line(words.changes_undated)


def _group(
    phrase: str, entries: Iterable[Listed], listed: Mapping[int, Signatory], lang: str, words: Phrases
) -> Iterator[Block]:
    """How many, and who: by name if they are few, otherwise by number."""
    many = list(entries)
    if len(many) > MOST_NAMED:
        numbers = ranges((one.number for one in many), words.joiner)
        yield _line(words.changes_numbers, what=_filled(phrase, count=len(many)), numbers=numbers)
    elif many:
        yield _line(phrase, count=len(many))
        yield from (_named(listed[one.number], lang) for one in many)


def _withdrawn(withdrawn: tuple[Withdrawn, ...], lang: str, words: Phrases) -> Iterator[Block]:
    """By number; by name only those who may be named."""
    if withdrawn:
        numbers = ranges((one.number for one in withdrawn), words.joiner)
        what = _filled(words.changes_withdrawn, count=len(withdrawn))
        yield _line(words.changes_numbers, what=what, numbers=numbers)
    yield from (_named(_as_signatory(one), lang) for one in withdrawn if one.name)


def _renumbered(
    renumbered: tuple[Listed, ...], listed: Mapping[int, Signatory], lang: str, words: Phrases
) -> Iterator[Block]:
    if not renumbered:
        return
    yield _line(words.changes_renumbered, count=len(renumbered))
    if len(renumbered) <= MOST_NAMED:
        for one in renumbered:
            former = _filled(words.changes_former_number, number=one.before)
            yield _named(listed[one.number], lang, after=former)
        return
    # Readers look up old numbers here, so all are listed.
    moves = (_filled(words.changes_moved_number, before=one.before, after=one.number) for one in renumbered)
    yield _line("{moves}", moves=words.joiner.join(moves))


def _counts(changes: Changes, words: Phrases) -> Iterator[Block]:
    for phrase, count in ((words.changes_count, "total"), (words.changes_unnamed, "anonymous")):
        before, after = changes.before.counts[count], changes.after.counts[count]
        if before != after:
            yield _line(phrase, before=before, after=after)


def _counted(phrase: str, counts: Mapping[str, int], words: Phrases) -> Block:
    parts = (_filled(words.phrases[f"changes_{kind}"], count=count) for kind, count in counts.items() if count)
    return _line(phrase, changes=words.joiner.join(parts))


def _line(phrase: str, **values: object) -> Block:
    """A paragraph whose label is the words before the first colon."""
    text = _filled(phrase, **values)
    at = min((text.index(mark) + 1 for mark in ":：" if mark in text), default=0)
    runs = (Run(text=text[:at], strong=True), Run(text=text[at:]))
    return Block(part=Part.PARAGRAPH, runs=tuple(run for run in runs if run.text))


def _filled(phrase: str, **values: object) -> str:
    return phrase.format(**values)


def _named(signatory: Signatory, own: str, after: str = "") -> Block:
    """A name beside its number, each part in its language."""
    runs: list[Run] = []
    position = 0
    name = signatory.printed
    for passage in (*printed_passages(signatory, own), Passage(start=len(name), end=len(name), lang="")):
        runs.append(_run(name[position : passage.start], signatory.lang, own))
        runs.append(_run(name[passage.start : passage.end], passage.lang, own))
        position = passage.end
    runs.append(Run(text=after))
    return Block(part=Part.ITEM, level=1, ordinal=signatory.number, runs=tuple(run for run in runs if run.text))


def _run(text: str, lang: str, own: str) -> Run:
    # A name without a stated language needs an element, which gives its direction.
    untold = lang in ("", UNDETERMINED) and not is_right_to_left(text)
    return Run(text=text, lang="" if untold or lang == own else lang or UNDETERMINED)


def _as_signatory(one: Withdrawn) -> Signatory:
    passages, position = [], 0
    for lang, text in one.passages:
        start = one.name.find(text, position)
        if start >= 0:
            position = start + len(text)
            passages.append(Passage(start=start, end=position, lang=lang))
    return Signatory(number=one.number, name=one.name, lang=one.lang or UNDETERMINED, passages=tuple(passages))
