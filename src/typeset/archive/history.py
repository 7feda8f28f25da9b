"""How a letter grew from edition to edition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fontTools import unicodedata as ucd

from typeset.archive.reading import Edition, edition_name, editions, object_ids
from typeset.archive.root import open_root
from typeset.archive.states import Operand, of_edition
from typeset.diagnostics import Finding, Refused
from typeset.diff import Difference, ListChange, State, compare, list_change
from typeset.language import UNDETERMINED
from typeset.model import Letter
from typeset.scripts import NEUTRAL, script

_KANA = frozenset({"Hira", "Kana"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One edition with what it changed. ``letter`` is None where its sources cannot be read by this program."""

    edition: Edition
    letter: Letter | None
    change: ListChange
    difference: Difference | None
    scripts: Mapping[str, int]
    languages: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The letters of an archive with their editions, by object id, and why others cannot be read."""

    letters: Mapping[str, tuple[Milestone, ...]]
    findings: tuple[Finding, ...]


def contents(archive: Path, letters: Iterable[str] = ()) -> Contents:
    """What an archive holds of these letters, or of all. A damaged letter is a finding and hides no other."""
    root = open_root(archive)
    names = tuple(edition_name(root, letter).object_id for letter in letters) or object_ids(root)
    found: dict[str, tuple[Milestone, ...]] = {}
    findings: list[Finding] = []
    for name in names:
        try:
            found[name] = tuple(history(editions(root, name)))
        except Refused as refused:
            findings += refused.findings
    return Contents(letters=MappingProxyType(found), findings=tuple(findings))


def history(editions: Iterable[Edition]) -> Iterator[Milestone]:
    """The editions in their order, each with what changed since the one before."""
    before: State | None = None
    for edition in editions:
        operand = _operand(edition)
        state = operand.state if operand else None
        signatories = state.letter.signatories if state else ()
        yield Milestone(
            edition=edition,
            letter=state.letter if state else None,
            change=list_change(before.letter.signatories if before else (), signatories),
            difference=compare(before, state) if before and state else None,
            scripts=Counter(map(script_of, (one.printed for one in signatories))),
            languages=Counter(_language(one.lang) for one in signatories),
        )
        before = state or before


def script_of(name: str) -> str:
    """The script that most of a name is written in, by its English name; ideographs among kana are Japanese."""
    counted = Counter(code for character in name if (code := script(character)) not in NEUTRAL)
    if _KANA & counted.keys():
        counted["Jpan"] = sum(counted.pop(code, 0) for code in (*_KANA, "Hani"))
    if not counted:
        return "Other"
    most = counted.most_common(1)[0][0]
    return "Japanese" if most == "Jpan" else str(ucd.script_name(most, default="Other")).replace("_", " ")


def _language(tag: str) -> str:
    return "not stated" if tag == UNDETERMINED else tag


def _operand(edition: Edition) -> Operand | None:
    try:
        return of_edition(edition)
    except Refused:
        return None
