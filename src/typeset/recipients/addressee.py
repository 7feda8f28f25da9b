"""Addressees: which set, office or State a row means, and how each recipient is addressed."""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

import rfc8785

from typeset.diagnostics import Finding, Location
from typeset.languages import UNDETERMINED, WRITTEN, form_language, scripts
from typeset.locales import AddressForm, DeliveryWords, locales
from typeset.recipients.csv import NOBODY, RecipientRow, fault, tagged


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
    """All data about States, offices and sets. ``until`` is the last day on which an office's holder is known."""

    states: Mapping[str, MemberState]
    until: Mapping[str, date | None]
    groups: Mapping[str, Group]
    by_language: Mapping[str, DeliveryWords] = field(repr=False)

    def words(self, lang: str) -> DeliveryWords | None:
        """The words for a language, or for a wider tag (``en`` for ``en-GB``)."""
        return self.by_language.get(form_language(lang))

    def of(self, group: Group) -> Iterator[MemberState]:
        """The States of a set, in the order of their English names."""
        return (state for state in self.states.values() if state.standing in group.standing)

    def missing(self, group: Group, words: DeliveryWords) -> tuple[str, ...]:
        """What is missing for a set in a language, in words; an incomplete set is refused."""
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
    """Read the data beside this file and in each language's folder."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """The recipient of one copy, and how it is addressed.

    ``id`` is predictable, unique in a delivery and safe as the name of a file: ``secretary-general``,
    ``mission-france``. ``lang`` (BCP 47) is the language of the letter's version that the copy is made in; what the
    list of recipients says in another one is tagged by line in ``languages``, and in ``salutation_lang``. ``until`` is
    the last day on which ``holder`` is known to hold the office.
    """

    id: str
    office: str
    holder: str = ""
    until: date | None = None
    lang: str
    salutation: str
    salutation_lang: str = ""
    address: tuple[str, ...]
    languages: tuple[str, ...] = ()
    """A BCP 47 tag for every line of the address."""
    kind: str
    state: str = ""
    """ISO 3166-1 alpha-3, of a mission."""
    place: Location | None = None

    def __post_init__(self) -> None:
        if not self.languages:
            object.__setattr__(self, "languages", (self.lang,) * len(self.address))
        if not self.salutation_lang:
            object.__setattr__(self, "salutation_lang", self.lang)
        assert len(self.languages) == len(self.address)

    def record(self) -> dict[str, object]:
        """The record of the recipient in a copy: everything except the place in the list."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "office": self.office,
            "holder": self.holder,
            "until": self.until.isoformat() if self.until else "",
            "lang": self.lang,
            "salutation": {"lang": self.salutation_lang, "text": self.salutation},
            "address": [{"lang": lang, "text": line} for lang, line in zip(self.languages, self.address, strict=True)],
        }

    @property
    def digest(self) -> str:
        """The SHA-256 of the record in its canonical form (RFC 8785)."""
        return hashlib.sha256(rfc8785.dumps(self.record())).hexdigest()  # type: ignore[arg-type]


_CHINESE = {"Hant": {"Hani", "Bopo"}, "Hans": {"Hani"}, "Jpan": {"Hani", "Hira", "Kana"}, "Kore": {"Hang", "Hani"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The recipient that a row is about: an office, a State's mission, or else one described by the row."""

    id: str
    row: RecipientRow
    office: str = ""
    state: MemberState | None = None

    def overridden(self, row: RecipientRow) -> Target:
        """The same recipient with the values of their own row."""
        said = {key: getattr(row, key) for key in ("holder", "until", "salutation", "address", "lang")}
        changed = replace(self.row, place=row.place, **{key: value for key, value in said.items() if value})
        # A date is about the name beside it.
        changed = replace(changed, until=row.until) if row.holder else changed
        return replace(self, id=row.id or self.id, row=changed)


def addressed(
    target: Target, lang: str, words: DeliveryWords | None, known: Directory, today: date, findings: list[Finding]
) -> Addressee | None:
    """The addressee of a version in ``lang``, with ``words``; None and a finding when that is not possible."""
    if not target.office and not target.state:
        return _described(target, lang, today, findings)
    row = target.row
    assert words is not None
    own = "" if words.lang == form_language(lang) else words.lang
    spoken = own or lang
    if target.state:
        form, name = words.missions[target.state.standing], words.names[target.state.code]
        of, kind, state = name.of, _KIND[target.state.standing], target.state.code
    else:
        form, of, kind, state = words.offices[target.office], "", "office", ""
    holder, until, theirs = _holder(target, form, known)
    if holder and not _in_office(until, today):
        assert until is not None
        findings.append(_expired(holder, until, target))
        return None
    honoured = _honoured(holder, form, words)
    place = row.address or tuple((said or spoken, line) for said, line in map(tagged, form.place))
    lines: list[tuple[str, str]] = []
    for pattern in form.named if holder else form.unnamed:
        if pattern == "{place}":
            lines.extend((_language(said, line, row.lang or spoken, spoken), line) for said, line in place)
        else:
            said = _language(row.lang, honoured, spoken, spoken) if pattern == "{holder}" and row.holder else spoken
            lines.append((said, pattern.replace("{holder}", honoured).replace("{of}", of)))
    salutation = (form.salutation_of_holder if theirs else "") or form.salutation
    return Addressee(
        id=target.id,
        kind=kind,
        state=state,
        office=form.office.replace("{of}", of),
        holder=holder,
        until=until if holder else None,
        lang=lang,
        salutation=row.salutation or salutation,
        salutation_lang=(row.lang or spoken) if row.salutation else spoken,
        address=tuple(line for _, line in lines),
        languages=tuple(said for said, _ in lines),
        place=row.place,
    )


_KIND = {"member": "mission", "observer": "observer"}


def _described(target: Target, lang: str, today: date, findings: list[Finding]) -> Addressee | None:
    """A recipient outside the sets: the row has to have everything."""
    row = target.row
    lacking = [column for column in ("office", "salutation", "address") if not getattr(row, column)]
    if lacking:
        message = f"the row has no {' and no '.join(lacking)}, and the recipient is not in any known set"
        hint = "write them, or name a known set, State or office"
        findings.append(fault("incomplete-recipient", message, row.place, hint, row.subject))
        return None
    holder = "" if row.holder == NOBODY else row.holder
    if holder and not _in_office(row.until, today):
        assert row.until is not None
        findings.append(_expired(holder, row.until, target))
        return None
    spoken = row.lang or lang
    lines = [("", line) for line in (holder, row.office) if line] + list(row.address)
    return Addressee(
        id=target.id,
        kind="other",
        office=row.office,
        holder=holder,
        until=row.until if holder else None,
        lang=lang,
        salutation=row.salutation,
        salutation_lang=spoken,
        address=tuple(line for _, line in lines),
        languages=tuple(_language(said, line, spoken, spoken) for said, line in lines),
        place=row.place,
    )


def _holder(target: Target, form: AddressForm, known: Directory) -> tuple[str, date | None, bool]:
    """Who is addressed by name, until when they are known to hold the office, and whether the data say so."""
    row = target.row
    if row.holder == NOBODY:
        return "", None, False
    if row.holder:
        return row.holder, row.until, False
    return form.holder, row.until or known.until.get(target.office), bool(form.holder)


def _in_office(until: date | None, today: date) -> bool:
    return until is None or today <= until


def _expired(holder: str, until: date, target: Target) -> Finding:
    message = f"{holder} is only known to hold the office until {until:%Y-%m-%d}"
    hint = f"write the current holder in holder and until, or “{NOBODY}” in holder to address the office without a name"
    return fault("expired-holder", message, target.row.place, hint, f"recipient {target.id}")


def _honoured(holder: str, form: AddressForm, words: DeliveryWords) -> str:
    """The holder with the honorific of the office, unless the name has one."""
    if not holder or any(holder.startswith(word) or holder.endswith(word) for word in words.honorifics):
        return holder
    return form.honour.replace("{holder}", holder)


def _language(said: str, line: str, likely: str, spoken: str) -> str:
    """The language of a line: as given, else the likely one, unless it is not written in the line's script."""
    if said:
        return said
    found = scripts(line)
    for lang in (likely, spoken):
        script = WRITTEN.get(form_language(lang), "")
        if not found or not script or found <= _CHINESE.get(script, {script}):
            return lang
        # Chinese lines may contain Western names.
        if script in _CHINESE and found & _CHINESE[script]:
            return lang
    return UNDETERMINED


_KEY = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BRACKETS = re.compile(r"\s*\(.*\)$")
_UNDIVIDED = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n"}
)
"""Latin letters that Unicode takes apart into no plain letter and an accent: without them Łucja would be *ucja*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The recipients that a row means. ``group`` is the name of a set, empty for one recipient."""

    row: RecipientRow
    targets: tuple[Target, ...]
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """States and offices by every name that a list may use for them, folded."""

    states: Mapping[str, MemberState]
    offices: Mapping[str, str]


def index(known: Directory) -> Index:
    """Every name of every State and office in every language."""
    states: dict[str, MemberState] = {}
    for state in known.states.values():
        for name in _names(state, known):
            states.setdefault(folded(name), state)
    offices = {folded(form.office): key for words in known.by_language.values() for key, form in words.offices.items()}
    return Index(states=states, offices=offices | {key: key for key in known.until})


def _names(state: MemberState, known: Directory) -> Iterator[str]:
    yield from (state.code, state.id, *state.also)
    for words in known.by_language.values():
        if name := words.names.get(state.code):
            yield name.name
            yield _BRACKETS.sub("", name.name)
            yield name.of.removeprefix("of ").removeprefix("the ")


def folded(name: str) -> str:
    """A name as it is compared: without case, accents and punctuation, *the* and *&*."""
    bare = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    letters = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c) and c not in "'’")
    return " ".join(letters.split()).removeprefix("the ")


def meant(row: RecipientRow, known: Directory, names: Index, findings: list[Finding]) -> Meant | None:
    """What a row means; None, with a finding, where that is unclear."""
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
        message = "the name of this recipient cannot be turned into a file name"
        hint = "give the row an id, such as coalition-secretary"
        findings.append(fault("no-id", message, row.place, hint, row.subject))
        return None
    return Meant(row=row, targets=(Target(id=name, row=row),))


def _office_key(row: RecipientRow, names: Index, findings: list[Finding]) -> str | None:
    if key := names.offices.get(folded(row.office)) or names.offices.get(row.office):
        return key
    if _KEY.fullmatch(row.office) and not (row.salutation and row.address):
        near = _nearest(row.office, {key: key for key in names.offices.values()})
        hint = near or "write the office as a title, with salutation and address, or one of the known keys"
        findings.append(fault("unknown-office", f"no office is called “{row.office}”", row.place, hint, row.subject))
        return None
    return ""


def _unknown_set(row: RecipientRow, known: Directory, findings: list[Finding]) -> None:
    sets = sorted((*known.groups, *known.until))
    hint = _nearest(row.set, {name: name for name in sets}) or f"the sets are {', '.join(sets)}"
    findings.append(fault("unknown-set", f"no set is called “{row.set}”", row.place, hint, row.subject))


def _one_state(row: RecipientRow, group: Group | None, names: Index, findings: list[Finding]) -> Meant | None:
    state = names.states.get(folded(row.state))
    if state is None:
        titles = {name: f"{each.id.replace('-', ' ')} ({each.code})" for name, each in names.states.items()}
        hint = _nearest(folded(row.state), titles) or "write its ISO 3166-1 alpha-3 code, or a name that the UN uses"
        findings.append(fault("unknown-state", f"“{row.state}” is not a State at the UN", row.place, hint, row.subject))
        return None
    if group is not None and state.standing not in group.standing:
        message = (
            f"{state.code} is not in {row.set}: it is {'an observer' if state.standing == 'observer' else 'a member'}"
        )
        findings.append(fault("unknown-state", message, row.place, "leave the set out", row.subject))
        return None
    return Meant(row=row, targets=(_mission(state, row),))


def _whole(row: RecipientRow, group: Group, known: Directory, findings: list[Finding]) -> Meant | None:
    if said := [column for column in ("id", "office", "holder", "until", "address") if getattr(row, column)]:
        message = f"the row is for everybody in {row.set}, but {' and '.join(said)} can only be for one recipient"
        hint = "leave these cells empty, and add a row for that one recipient"
        findings.append(fault("said-of-a-set", message, row.place, hint, row.subject))
        return None
    offices = [Target(id=key, row=row, office=key) for key in group.offices]
    missions = [_mission(state, row) for state in known.of(group)]
    return Meant(row=row, targets=(*offices, *missions), group=row.set)


def _mission(state: MemberState, row: RecipientRow) -> Target:
    return Target(id=row.id or f"mission-{state.id}", row=row, state=state)


def _slug(words: str) -> str:
    plain = folded(words).translate(_UNDIVIDED).encode("ascii", "ignore").decode()
    return plain.strip().replace(" ", "-")[:80].strip("-")


def _nearest(word: str, known: Mapping[str, str]) -> str:
    near = dict.fromkeys(known[name] for name in get_close_matches(word, known, n=3, cutoff=0.6))
    return f"nearest: {', '.join(near)}" if near else ""
