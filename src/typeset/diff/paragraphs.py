"""What happened to the paragraphs of a letter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from typeset.diff.words import Edit, Piece, likeness, steps_between, word_changes
from typeset.model import Block, Counts, Part, Version

_LEAST_ALIKE = 0.35
"""How much two paragraphs have in common, at the least, to be two states of one."""
_MOST_PAIRED = 2_500
"""Pairs of changed paragraphs that are compared; beyond that they are paired in their order."""


class Change(StrEnum):
    """What became of something."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """One paragraph that is not as it was. ``before`` and ``after`` are its places, from 1; 0 where it is in one only.

    ``manner`` says what changed besides the words: ``emphasis``, ``links``, ``languages``.
    """

    change: Change
    part: str
    before: int
    after: int
    pieces: tuple[Piece, ...]
    manner: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """One language version. ``change`` is None where it is in both; then the title's pieces tell whether it changed."""

    lang: str
    title: tuple[Piece, ...]
    paragraphs: tuple[ParagraphChange, ...]
    change: Change | None = None
    unchanged: int = 0

    @property
    def title_changed(self) -> bool:
        """Whether the title is not what it was."""
        return self.change is None and any(piece.edit is not Edit.KEPT for piece in self.title)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.change or self.title_changed or self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paragraph:
    place: int
    block: Block
    text: str

    @property
    def key(self) -> str:
        return f"{_kind(self.block)} {self.text}"


def version_changes(
    before: Sequence[Version], after: Sequence[Version], counts: tuple[Counts, Counts]
) -> tuple[VersionChange, ...]:
    """The language versions of two states of a letter, those that are in both first as the later one has them."""
    earlier = {version.lang: version for version in before}
    later = {version.lang: version for version in after}
    changes = [_version_change(earlier[lang], later[lang], counts) for lang in later if lang in earlier]
    changes += [_whole(later[lang], Change.ADDED, counts[1]) for lang in later if lang not in earlier]
    changes += [_whole(earlier[lang], Change.REMOVED, counts[0]) for lang in earlier if lang not in later]
    return tuple(changes)


def printed(block: Block, counts: Counts) -> str:
    """A paragraph's characters as printed, counts filled in."""
    return "".join(
        "\n" if run.line_break else str(counts.shown(run.placeholder)) if run.placeholder else run.text
        for run in block.runs
    )


def _version_change(before: Version, after: Version, counts: tuple[Counts, Counts]) -> VersionChange:
    one, other = _paragraphs(before, counts[0]), _paragraphs(after, counts[1])
    changes = tuple(_with_moves(list(_changes(one, other))))
    return VersionChange(
        lang=after.lang,
        title=word_changes(before.printed_title, after.printed_title),
        paragraphs=changes,
        unchanged=len(other) - sum(bool(change.after) for change in changes),
    )


def _whole(version: Version, change: Change, counts: Counts) -> VersionChange:
    texts = (version.printed_title, "") if change is Change.REMOVED else ("", version.printed_title)
    paragraphs = (_alone(paragraph, change) for paragraph in _paragraphs(version, counts))
    return VersionChange(lang=version.lang, title=word_changes(*texts), paragraphs=tuple(paragraphs), change=change)


def _paragraphs(version: Version, counts: Counts) -> list[_Paragraph]:
    return [
        _Paragraph(place=place, block=block, text=printed(block, counts))
        # What changed is told by the letter itself in a slot: that is no paragraph of it.
        for place, block in enumerate((one for one in version.blocks if one.part is not Part.CHANGES), start=1)
    ]


def _changes(before: Sequence[_Paragraph], after: Sequence[_Paragraph]) -> Iterator[ParagraphChange]:
    for step, start, end, other_start, other_end in steps_between(
        [one.key for one in before], [other.key for other in after]
    ):
        if step == "equal":
            for one, other in zip(before[start:end], after[other_start:other_end], strict=True):
                if _manner(one.block, other.block):
                    yield _pair(one, other)
            continue
        for former, latter in _paired(before[start:end], after[other_start:other_end]):
            if former and latter:
                yield _pair(former, latter)
            elif former:
                yield _alone(former, Change.REMOVED)
            elif latter:
                yield _alone(latter, Change.ADDED)


def _paired(
    before: Sequence[_Paragraph], after: Sequence[_Paragraph]
) -> Iterator[tuple[_Paragraph | None, _Paragraph | None]]:
    """The states of paragraphs beside each other, in order, so that together they have most in common."""
    if not before or not after or len(before) * len(after) > _MOST_PAIRED:
        for place in range(max(len(before), len(after))):
            yield before[place] if place < len(before) else None, after[place] if place < len(after) else None
        return
    alike = [[_alike(one, other) for other in after] for one in before]
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            paired = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(before) and j < len(after):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            yield before[i], after[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield before[i], None
            i += 1
        else:
            yield None, after[j]
            j += 1
    yield from ((one, None) for one in before[i:])
    yield from ((None, other) for other in after[j:])


def _alike(one: _Paragraph, other: _Paragraph) -> float:
    ratio = likeness(one.text, other.text)
    same_part = one.block.part is other.block.part
    return ratio if ratio >= _LEAST_ALIKE or (same_part and not (one.text and other.text)) else 0.0


def _with_moves(changes: list[ParagraphChange]) -> Iterator[ParagraphChange]:
    """A paragraph that was taken out in one place and put in word for word in another has moved."""
    removed = {_text(one): one for one in changes if one.change is Change.REMOVED}
    moved = {_text(one) for one in changes if one.change is Change.ADDED and _text(one) in removed and _text(one)}
    for one in changes:
        if _text(one) not in moved or one.change is Change.CHANGED:
            yield one
        elif one.change is Change.ADDED:
            text = _text(one)
            yield replace(one, change=Change.MOVED, before=removed[text].before, pieces=word_changes(text, text))


def _text(change: ParagraphChange) -> str:
    return "".join(piece.text for piece in change.pieces)


def _pair(one: _Paragraph, other: _Paragraph) -> ParagraphChange:
    return ParagraphChange(
        change=Change.CHANGED,
        part=str(other.block.part),
        before=one.place,
        after=other.place,
        pieces=word_changes(one.text, other.text),
        manner=_manner(one.block, other.block),
    )


def _alone(one: _Paragraph, change: Change) -> ParagraphChange:
    removed = change is Change.REMOVED
    return ParagraphChange(
        change=change,
        part=str(one.block.part),
        before=one.place if removed else 0,
        after=0 if removed else one.place,
        pieces=word_changes(one.text, "") if removed else word_changes("", one.text),
    )


def _manner(before: Block, after: Block) -> tuple[str, ...]:
    """What of a paragraph changed that its words do not show."""
    same_words = before.text == after.text

    def differs(manner: str) -> bool:
        one, other = _stretches(before, manner), _stretches(after, manner)
        # Where the words changed as well, only what they are set in can be compared, not which of them are.
        return one != other if same_words else [value for value, _ in one] != [value for value, _ in other]

    differing = {
        "emphasis": differs("strong") or differs("emphasis"),
        "links": differs("href"),
        "languages": differs("lang"),
        "kind": _kind(before) != _kind(after),
    }
    return tuple(what for what, changed in differing.items() if changed)


def _kind(block: Block) -> tuple[str, int, bool]:
    return str(block.part), block.level, bool(block.ordinal)


def _stretches(block: Block, manner: str) -> list[tuple[object, str]]:
    """The words that are set in a manner, neighbours together: how they were cut into runs says nothing."""
    found: list[tuple[object, str]] = []
    for run in block.runs:
        value = getattr(run, manner)
        if found and found[-1][0] == value:
            found[-1] = (value, found[-1][1] + run.text)
        else:
            found.append((value, run.text))
    return [(value, text) for value, text in found if value]
