"""Whom the house knows: States and their missions, offices, sets of both, and how each is addressed in a language."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from typeset.languages import form_language
from typeset.locales import DeliveryWords, locales


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberState:
    """A member or observer State: ``code`` is ISO 3166-1 alpha-3, ``id`` its English name as a file name says it."""

    code: str
    standing: str
    id: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A ready set. ``count`` is how many States there have to be."""

    offices: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Everything together. ``until`` is the last day on which an office's holder is known to hold it."""

    states: Mapping[str, MemberState]
    until: Mapping[str, date | None]
    groups: Mapping[str, Group]
    by_language: Mapping[str, DeliveryWords] = field(repr=False)

    def words(self, lang: str) -> DeliveryWords | None:
        """What serves a language: its own, or that of a wider tag (``en`` for ``en-GB``)."""
        return self.by_language.get(form_language(lang))

    def of(self, group: Group) -> Iterator[MemberState]:
        """The States of a set, in the order of their English names."""
        return (state for state in self.states.values() if state.standing in group.standing)

    def missing(self, group: Group, words: DeliveryWords) -> tuple[str, ...]:
        """What a set lacks in a language, as a list of facts; a set that lacks anything is not delivered to."""
        states = tuple(self.of(group))
        facts = []
        if len(states) != group.count:
            facts.append(f"{len(states)} of {group.count} States are known")
        if nameless := [
            s.code for s in states if not (name := words.names.get(s.code)) or not name.name or not name.of
        ]:
            facts.append(f"no name in {words.lang} for {', '.join(nameless)}")
        called: dict[str, str] = {}
        for state in states:
            name = words.names.get(state.code)
            if name and (other := called.setdefault(name.name, state.code)) != state.code:
                facts.append(f"{other} and {state.code} are both called {name.name}")
        if formless := sorted({s.standing for s in states} - set(words.missions)):
            facts.append(f"no form of address in {words.lang} for {', '.join(formless)}s")
        return tuple(facts)


def known() -> Directory:
    """What is compiled beside this file, and in every language's folder."""
    room = files("typeset.recipients")
    sets = _toml(room / "sets.toml")
    return Directory(
        states=MappingProxyType({state.code: state for state in _states(room)}),
        until=MappingProxyType({key: said.get("until") for key, said in sets["office"].items()}),
        groups=MappingProxyType(
            {
                key: Group(
                    offices=tuple(said.get("offices", ())),
                    standing=tuple(said.get("standing", ())),
                    count=said.get("count", 0),
                )
                for key, said in sets["set"].items()
            }
        ),
        by_language=MappingProxyType({one.tag: words for one in locales() if (words := one.delivery)}),
    )


def _states(room: Traversable) -> Iterator[MemberState]:
    for row in _csv(room / "states.csv"):
        also = tuple(filter(None, row["also"].split("|")))
        yield MemberState(code=row["state"], standing=row["standing"], id=row["id"], also=also)


def _toml(path: Traversable) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _csv(path: Traversable) -> Iterator[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return csv.DictReader(line for line in lines if not line.startswith("#"))
