"""Two states of a letter, and all that is different between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Protocol

from typeset.diff.paragraphs import Change, VersionChange, version_changes
from typeset.diff.signatories import ListChange, list_change
from typeset.model import Letter, Recipient

COUNTS = ("total", "named", "anonymous")


class Decided(Protocol):
    """A recorded answer to a finding."""

    @property
    def code(self) -> str:
        """The finding's code."""
        ...

    @property
    def subject(self) -> str:
        """What the finding was about."""
        ...

    @property
    def evidence(self) -> str:
        """The text it was found in."""
        ...

    @property
    def printed(self) -> str | None:
        """What is printed instead; None where the text stands."""
        ...

    @property
    def by(self) -> str:
        """Who decided."""
        ...

    @property
    def when(self) -> date:
        """On which day."""
        ...

    @property
    def why(self) -> str:
        """For which reason."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A letter at one time: as printed, with what was decided, and the digests of whatever else shaped its pages.

    ``label`` is what people call it: ``edition 2``, a folder.
    """

    label: str
    letter: Letter
    decisions: tuple[Decided, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """A single thing with its two values; empty where it was not there."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionChange:
    """A decision that was taken, taken back, or taken otherwise."""

    change: Change
    before: Decided | None
    after: Decided | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Everything that is not as it was, in the order in which a reader wants to know it."""

    before: str
    after: str
    signatories: ListChange
    counts: tuple[ValueChange, ...]
    versions: tuple[VersionChange, ...]
    recipients: tuple[ValueChange, ...]
    settings: tuple[ValueChange, ...]
    decisions: tuple[DecisionChange, ...]
    files: tuple[ValueChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether it is the same letter."""
        rest = (self.counts, self.recipients, self.settings, self.decisions, self.files)
        return self.signatories.is_empty and not any(rest) and all(version.is_empty for version in self.versions)


def compare(before: State, after: State) -> Difference:
    """What is different between two states of a letter."""
    one, other = before.letter, after.letter
    return Difference(
        before=before.label,
        after=after.label,
        signatories=list_change(one.signatories, other.signatories),
        counts=tuple(
            ValueChange(name=name, before=str(one.counts.shown(name)), after=str(other.counts.shown(name)))
            for name in COUNTS
            if one.counts.shown(name) != other.counts.shown(name)
        ),
        versions=version_changes(one.versions, other.versions, (one.counts, other.counts)),
        recipients=tuple(_recipients(one.recipients, other.recipients)),
        settings=tuple(_differing(_settings(one), _settings(other))),
        decisions=tuple(_decisions(before.decisions, after.decisions)),
        files=tuple(_differing(before.files, after.files)),
    )


def _settings(letter: Letter) -> dict[str, str]:
    return {
        "date": letter.date.isoformat() if letter.date else "",
        "languages": ", ".join(version.lang for version in letter.versions),
        "page": letter.page,
        "look": letter.look,
    }


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ValueChange]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name, "") != after.get(name, ""):
            yield ValueChange(name=name, before=before.get(name, ""), after=after.get(name, ""))


def _recipients(before: Sequence[Recipient], after: Sequence[Recipient]) -> Iterator[ValueChange]:
    """Addressees by office: the holder of an office changes, the office stays."""
    earlier, later = ({_told(one.office): _told(one.holder) for one in many} for many in (before, after))
    for office in (*earlier, *(office for office in later if office not in earlier)):
        if office not in later:
            yield ValueChange(name="", before=_with(office, earlier[office]), after="")
        elif office not in earlier:
            yield ValueChange(name="", before="", after=_with(office, later[office]))
        elif earlier[office] != later[office]:
            yield ValueChange(name=office, before=earlier[office], after=later[office])
    common = [office for office in earlier if office in later], [office for office in later if office in earlier]
    if common[0] != common[1]:
        yield ValueChange(name="order", before="; ".join(common[0]), after="; ".join(common[1]))


def _told(names: Mapping[str, str]) -> str:
    return " / ".join(dict.fromkeys(names.values()))


def _with(office: str, holder: str) -> str:
    return f"{office} ({holder})" if holder else office


def _decisions(before: Sequence[Decided], after: Sequence[Decided]) -> Iterator[DecisionChange]:
    earlier, later = ({(one.code, one.subject): one for one in many} for many in (before, after))
    for key, one in earlier.items():
        if key not in later:
            yield DecisionChange(change=Change.REMOVED, before=one, after=None)
        elif _content(one) != _content(later[key]):
            yield DecisionChange(change=Change.CHANGED, before=one, after=later[key])
    for key, other in later.items():
        if key not in earlier:
            yield DecisionChange(change=Change.ADDED, before=None, after=other)


def _content(decision: Decided) -> tuple[str, str | None, str, date, str]:
    return decision.evidence, decision.printed, decision.by, decision.when, decision.why
