"""Where the list of signatories stands in a raw text, and which lines make up each of its items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from typeset.importing.items import Mark, bulleted, is_heading, is_note, is_sentence, numbered
from typeset.importing.lines import Line
from typeset.locales import ImporterWords

_LONGEST_REST = 3
"""Lines that the rest of a name may have beyond an empty line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One signatory as it stands: its mark and its name, a part a line; ``over_gap`` are parts beyond empty lines.

    ``doubtful_part`` is a part that begins like an item itself, with a number that fits nowhere.
    """

    mark: Mark
    lines: tuple[Line, ...]
    parts: tuple[str, ...]
    over_gap: frozenset[int] = frozenset()
    doubtful_part: str = ""
    section: str = ""

    @property
    def line(self) -> int:
        """The raw line it begins on."""
        return self.lines[0].number


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading inside the list, over the items that follow it; ``restarts`` tells that these count from 1 again."""

    line: Line
    text: str
    restarts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The list and what stands around it. ``gaps`` are the empty lines inside it, ``others`` the first lines of
    further lists that are nearly as long or count on where it ends.
    """

    before: tuple[Line, ...]
    items: tuple[Item, ...]
    after: tuple[Line, ...]
    gaps: tuple[Line, ...]
    sections: tuple[Section, ...]
    others: tuple[Line, ...]


@dataclass(slots=True, kw_only=True)
class _Draft:
    """An item while its lines are gathered; ``end`` is the index of the line after it."""

    mark: Mark
    start: int
    end: int
    lines: list[Line]
    parts: list[str]
    over_gap: set[int] = field(default_factory=set)
    doubtful_part: str = ""
    section: str = ""

    def take(self, line: Line, index: int) -> None:
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
class _Run:
    """Items with nothing between them but empty lines, the rest of wrapped names and headings."""

    drafts: list[_Draft]
    sections: list[Section] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.drafts[0].start

    @property
    def end(self) -> int:
        return self.drafts[-1].end

    @property
    def last_number(self) -> int:
        return self.drafts[-1].mark.number


def find_list(lines: Sequence[Line], tongues: Sequence[ImporterWords]) -> Listing | None:
    """The list of signatories: the longest numbered one, else the longest with bullets; the later of two as long."""
    headings = frozenset(heading for tongue in tongues for heading in tongue.list_headings)
    runs = _joined([_settled(run) for run in _runs(lines, _numbered_or_like)], lines, headings)
    if not any(len(run.drafts) > 1 for run in runs):
        runs.extend(_runs(lines, lambda text, _: bulleted(text)))
    if not runs:
        return None
    chosen = max(runs, key=lambda run: (len(run.drafts), run.start))
    _leave_counts_out(chosen.drafts[-1], tongues)
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


def _is_sentences(run: _Run) -> bool:
    """Whether a list says demands: those are sentences, the names of a list are not."""
    return 2 * sum(is_sentence(draft.parts[-1]) for draft in run.drafts if draft.parts) > len(run.drafts)


def _numbered_or_like(text: str, before: Mark | None) -> Mark | None:
    """A mark with a number, or a bullet among numbers that have bullets too."""
    return numbered(text) or (bulleted(text) if before and before.bullet else None)


def _runs(lines: Sequence[Line], mark_of: Callable[[str, Mark | None], Mark | None]) -> list[_Run]:
    """Every stretch of items in the text."""
    runs: list[_Run] = []
    draft: _Draft | None = None
    after_gap = False
    for index, line in enumerate(lines):
        if line.blank:
            after_gap = True
            continue
        mark = mark_of(line.text, draft.mark if draft else None)
        if mark:
            if draft and draft.mark.number and not mark.number:
                mark = replace(mark, number=draft.mark.number + 1)
            begun = _Draft(mark=mark, start=index, end=index + 1, lines=[line], parts=[mark.rest] if mark.rest else [])
            if draft:
                runs[-1].drafts.append(begun)
            else:
                runs.append(_Run(drafts=[begun]))
            draft = begun
        elif draft and (not draft.parts if after_gap else not is_note(line.text)):
            draft.take(line, index)
        else:
            draft = None
        after_gap = False
    return runs


def _settled(run: _Run) -> _Run:
    """The run with each line that only looks like an item given back to the name it is the rest of.

    Such a line follows without an empty line, is numbered in another manner than the list, and its number breaks a
    count that goes on behind it.
    """
    manner = Counter(draft.mark.form for draft in run.drafts).most_common(1)[0][0]
    settled: list[_Draft] = []
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


def _joined(runs: Iterable[_Run], lines: Sequence[Line], headings: frozenset[str]) -> list[_Run]:
    """The runs, two made one where only the rest of a name or a heading of the list stands between them."""
    joined: list[_Run] = []
    for run in runs:
        if not joined or not _join(joined[-1], run, lines, headings):
            joined.append(run)
    return joined


def _join(run: _Run, after: _Run, lines: Sequence[Line], headings: frozenset[str]) -> bool:
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
        run.sections.append(Section(line=line, text=said, restarts=restarts))
        for draft in after.drafts:
            draft.section = draft.section or said
    else:
        return False
    run.sections.extend(after.sections)
    run.drafts.extend(after.drafts)
    return True


def _leave_counts_out(draft: _Draft, tongues: Iterable[ImporterWords]) -> None:
    """Give back the lines below the last name that state how many have signed."""
    patterns = [pattern for tongue in tongues for pattern in tongue.counts]
    for index, part in enumerate(draft.parts[1:], start=1):
        if any(pattern.search(part) for pattern in patterns):
            spared = len(draft.parts) - index
            draft.end -= spared
            del draft.parts[index:], draft.lines[-spared:]
            return
