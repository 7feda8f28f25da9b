"""Whom a row means: a set, an office, a State by any of its names, or somebody whom it describes itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from typeset.diagnostics import Finding
from typeset.recipients.addressing import Target
from typeset.recipients.known import Group, Known, State
from typeset.recipients.rows import Row, fault

_KEY = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BRACKETS = re.compile(r"\s*\(.*\)$")
_UNDIVIDED = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n"}
)
"""Latin letters that Unicode takes apart into no plain letter and an accent: without them Łucja would be *ucja*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a row stands for. ``group`` is a whole set's name, empty where the row is about one recipient."""

    row: Row
    targets: tuple[Target, ...]
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """States and offices by every name that a list may use for them, folded."""

    states: Mapping[str, State]
    offices: Mapping[str, str]


def index(known: Known) -> Index:
    """Every name of every State and office in every language."""
    states: dict[str, State] = {}
    for state in known.states.values():
        for name in _names(state, known):
            states.setdefault(folded(name), state)
    offices = {folded(form.office): key for tongue in known.tongues.values() for key, form in tongue.offices.items()}
    return Index(states=states, offices=offices | {key: key for key in known.until})


def _names(state: State, known: Known) -> Iterator[str]:
    yield from (state.code, state.id, *state.also)
    for tongue in known.tongues.values():
        if name := tongue.names.get(state.code):
            yield name.name
            yield _BRACKETS.sub("", name.name)
            yield name.of.removeprefix("of ").removeprefix("the ")


def folded(name: str) -> str:
    """A name as it is compared: without case, accents and punctuation, *the* and *&*."""
    bare = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    letters = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c) and c not in "'’")
    return " ".join(letters.split()).removeprefix("the ")


def meant(row: Row, known: Known, names: Index, findings: list[Finding]) -> Meant | None:
    """What a row stands for; None, with a finding, where nobody can tell."""
    key = row.set or ("" if row.state else _office_key(row, names, findings))
    if key is None:
        return None
    if key in known.until:
        return Meant(row=row, targets=(Target(id=row.id or key, row=row, office=key),))
    if row.set and row.set not in known.groups:
        _unknown_set(row, known, findings)
        return None
    group = known.groups.get(row.set)
    if row.state:
        return _one_state(row, group, names, findings)
    if group is not None:
        return _whole(row, group, known, findings)
    if not (name := row.id or _slug(f"{row.office} {row.holder}")):
        fact = "no file can be named after this recipient"
        hint = "give the row an id, such as coalition-secretary"
        findings.append(fault("no-id", fact, row.place, hint, row.subject))
        return None
    return Meant(row=row, targets=(Target(id=name, row=row),))


def _office_key(row: Row, names: Index, findings: list[Finding]) -> str | None:
    if key := names.offices.get(folded(row.office)) or names.offices.get(row.office):
        return key
    if _KEY.fullmatch(row.office) and not (row.salutation and row.address):
        near = _nearest(row.office, {key: key for key in names.offices.values()})
        hint = near or "write the office as a title, with salutation and address, or one of the known keys"
        findings.append(fault("unknown-office", f"no office is known as “{row.office}”", row.place, hint, row.subject))
        return None
    return ""


def _unknown_set(row: Row, known: Known, findings: list[Finding]) -> None:
    sets = sorted((*known.groups, *known.until))
    hint = _nearest(row.set, {name: name for name in sets}) or f"there are {', '.join(sets)}"
    findings.append(fault("unknown-set", f"no set is called “{row.set}”", row.place, hint, row.subject))


def _one_state(row: Row, group: Group | None, names: Index, findings: list[Finding]) -> Meant | None:
    state = names.states.get(folded(row.state))
    if state is None:
        titles = {name: f"{each.id.replace('-', ' ')} ({each.code})" for name, each in names.states.items()}
        hint = _nearest(folded(row.state), titles) or "write its ISO 3166-1 alpha-3 code or a name the UN uses"
        findings.append(fault("unknown-state", f"“{row.state}” is no State at the UN", row.place, hint, row.subject))
        return None
    if group is not None and state.standing not in group.standing:
        fact = (
            f"{state.code} is not in {row.set}: it is {'an observer' if state.standing == 'observer' else 'a member'}"
        )
        findings.append(fault("unknown-state", fact, row.place, "leave the set out", row.subject))
        return None
    return Meant(row=row, targets=(_mission(state, row),))


def _whole(row: Row, group: Group, known: Known, findings: list[Finding]) -> Meant | None:
    if said := [column for column in ("id", "office", "holder", "until", "address") if getattr(row, column)]:
        fact = f"the row names everybody in {row.set}, and says {' and '.join(said)}, which only one can have"
        hint = "leave it empty, and add a row for the one recipient it is about"
        findings.append(fault("said-of-a-set", fact, row.place, hint, row.subject))
        return None
    offices = [Target(id=key, row=row, office=key) for key in group.offices]
    missions = [_mission(state, row) for state in known.of(group)]
    return Meant(row=row, targets=(*offices, *missions), group=row.set)


def _mission(state: State, row: Row) -> Target:
    return Target(id=row.id or f"mission-{state.id}", row=row, state=state)


def _slug(words: str) -> str:
    plain = folded(words).translate(_UNDIVIDED).encode("ascii", "ignore").decode()
    return plain.strip().replace(" ", "-")[:80].strip("-")


def _nearest(word: str, known: Mapping[str, str]) -> str:
    near = dict.fromkeys(known[name] for name in get_close_matches(word, known, n=3, cutoff=0.6))
    return f"nearest: {', '.join(near)}" if near else ""
