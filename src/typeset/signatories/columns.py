"""Which column of a table says what: told by its headings, and asked where they leave a doubt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from typeset.diagnostics import Finding, Severity
from typeset.languages import is_east_asian
from typeset.manuscript import ROLES, SEVERAL, Columns, heading
from typeset.signatories.vocabulary import ListVocabulary, holds, parts
from typeset.tables import Sheet, SheetRow, fault

_SEARCHED = 15
"""Rows in which headings are looked for: above them stand titles and notes."""

# A question may hold many words; the rarer ones tell what it is about. A name is in nearly all of them.
_TELLING = (
    "contact", "consent", "note", "kind", "lang", "country", "also", "source", "number", "given", "family", "name",
)  # fmt: skip
_OWN = frozenset({"number", "name", "lang", "spans", "kind", "note"})
_LONGEST = 600
_ADDRESS = re.compile(r"\S@\S+\.\S|\+?\d[\d\s()./-]{6,}\d|://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headed:
    """A sheet whose headings were found: in which row, and what its columns say. ``known`` where it was on record."""

    sheet: Sheet
    row: int
    headings: tuple[str, ...]
    columns: Columns
    known: bool
    above: tuple[int, ...] = ()

    def at(self, role: str) -> tuple[int, ...]:
        """Where the columns with a role stand, from 0."""
        return tuple(self.headings.index(each) for each in self.columns.of(role))


def role_of(text: str, words: ListVocabulary) -> str:
    """What a heading says its column is; empty where nothing tells.

    It is ``visibility`` where the heading speaks of publishing a name and both answers to it would do.
    """
    asked = parts(text)
    exact = [role for role in _TELLING if any(each in words.columns[role] for each in asked)]
    if "note" in exact:
        return "note"
    unnamed = [known for known in words.columns["anonymous"] if any(holds(each, known) for each in asked)]
    # *Do not publish our name* speaks of publishing our name only as long as the first words are in it.
    rest = asked
    for known in sorted(unnamed, key=len, reverse=True):
        rest = tuple(each.replace(known, " | ") for each in rest)
    watched = any(_begins(each, stem) for each in rest for stem in words.columns["watch"])
    if unnamed:
        return "visibility" if watched else "anonymous"
    if any(holds(each, known) for each in rest for known in words.columns["publish"]):
        return "publish"
    if watched:
        return "visibility"
    # Of what a part of the heading is, word by word, the name counts last: a contact has one too.
    if exact:
        return exact[0]
    longest: dict[str, int] = {}
    for role in _TELLING:
        fitting = [len(known.split()) for each in asked for known in words.columns[role] if holds(each, known)]
        if fitting:
            longest[role] = max(fitting)
    return max(longest, key=lambda role: (longest[role], -_TELLING.index(role)), default="")


def _begins(text: str, stem: str) -> bool:
    return f" {stem}" in f" {text}" or (is_east_asian(stem[0]) and stem in text)


def find_headings(
    sheet: Sheet,
    lines: Sequence[SheetRow],
    known: Iterable[Columns],
    words: ListVocabulary,
    findings: list[Finding],
    *,
    mapped: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    another: bool = False,
) -> Headed | None:
    """The headings among the first lines of a sheet and what they say.

    ``mapped`` are headings by role that somebody named; they take the place of what is on record or guessed.
    ``another`` says that this is no table on record, however like one it is. A doubt is a finding and leaves None.
    """
    candidates = [line for line in lines[:_SEARCHED] if not line.blank]
    tables = tuple(known)
    stored = {table.key: table for table in tables}
    for line in candidates:
        found = Columns(headings=_headings(line), roles=MappingProxyType({}))
        if found.headings and found.key in stored:
            return _headed(sheet, line, candidates, replace(stored[found.key]), findings, known=True, mapped=mapped)
    best = max(candidates, key=lambda each: (_telling(each, words, mapped), -each.number), default=None)
    if best is None or not _telling(best, words, mapped):
        hint = "give the columns headings, such as Name, Language, Email; or name the column: --map name=…"
        findings.append(fault("no-headings", "no row has headings for the columns", sheet.place(0), hint))
        return None
    line, headings = best, _headings(best)
    # What looks like somebody's address is no heading, and must not be kept or shown as one.
    if any(_ADDRESS.search(text) or len(text) > _LONGEST for text in headings):
        hint = "write a row with headings above the first signatory"
        message = "the row that looks like headings contains an address"
        findings.append(fault("no-headings", message, sheet.place(line.number), hint))
        return None
    if not (mapped or another) and (changed := _changed(headings, tables, sheet, line)):
        findings.append(changed)
        return None
    guessed = _guessed(line, words, sheet, findings, mapped)
    if guessed is None:
        return None
    columns = Columns(headings=headings, roles=guessed)
    return _headed(sheet, line, candidates, columns, findings, known=False, mapped=mapped)


def _headings(line: SheetRow) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(heading, line.cells))))


def _telling(line: SheetRow, words: ListVocabulary, mapped: Mapping[str, tuple[str, ...]]) -> int:
    """How many columns a line tells, if one of them is the name: a title above the table tells none but perhaps one."""
    headings = _headings(line)
    wanted = {each for given in mapped.values() for each in given}
    if wanted and wanted <= set(headings):
        return len(headings) + 1
    roles = [role_of(text, words) for text in headings]
    if not {"name", "given", "family"} & set(roles):
        return 0
    # A title, or a row of a list, may hold the word for an organisation; headings are short, or ask.
    if len(headings) == 1 and not any(part in words.columns["name"] for part in parts(headings[0])):
        return 0
    return sum(bool(role) for role in roles)


def _changed(headings: tuple[str, ...], tables: Iterable[Columns], sheet: Sheet, line: SheetRow) -> Finding | None:
    """The finding that these are the headings of a table on record, but for some."""
    for table in tables:
        old, new = set(table.headings), set(headings)
        shared, reworded = len(old & new), len(old) == len(new) == len(old & new) + 1
        # A heading that everybody uses makes no form of a table.
        if not (shared > 1 and 2 * shared >= len(old | new)) and not (shared and reworded):
            continue
        gone = ", ".join(f"“{text}”" for text in table.headings if text not in new)
        come = ", ".join(f"“{text}”" for text in headings if text not in old)
        said = "; ".join(filter(None, (f"no longer there: {gone}" if gone else "", f"new: {come}" if come else "")))
        hint = "name the columns: --map name=…; if it is another table, use --another to guess them"
        message = f"the headings of this table have changed; {said}"
        return replace(fault("headings-changed", message, sheet.place(line.number), hint), evidence=table.key)
    return None


def _guessed(
    line: SheetRow, words: ListVocabulary, sheet: Sheet, findings: list[Finding], mapped: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]] | None:
    """The headings by role; None, with a finding each, where two compete or one is ambiguous."""
    headings = _headings(line)
    own = _OWN & {text.casefold() for text in headings} if {"number", "name"} <= {*headings} else frozenset()
    taken = {text for given in mapped.values() for text in given}
    by_role: dict[str, list[str]] = {}
    for text in headings:
        if text not in taken:
            role = text if text in own else role_of(text, words)
            by_role.setdefault(role, []).append(text)
    by_role.pop("", None)
    before = len(findings)

    def ask(code: str, message: str, hint: str, text: str) -> None:
        column = next(at for at, cell in enumerate(line.cells, start=1) if heading(cell) == text)
        findings.append(fault(code, message, sheet.place(line.number, column), hint))

    for text in by_role.pop("visibility", []):
        if not mapped.keys() & {"anonymous", "publish"}:
            message = f"a yes to “{text}” can mean two things"
            hint = "use --map anonymous=… if yes means anonymous, --map publish=… if yes means named"
            ask("doubtful-column", message, hint, text)
    partial = [*by_role.pop("given", []), *by_role.pop("family", [])]
    names = by_role.pop("name", [])
    if "name" not in mapped:
        if len(names) + len(partial) > 1:
            listed = ", ".join(f"“{text}”" for text in (*names, *partial))
            hint = "choose one: --map name=…; repeat it to join parts of a name; for a form of the name in another "
            hint += "language use --map also=…"
            ask("two-name-columns", f"these columns look like names: {listed}", hint, (*names, *partial)[1])
        elif not names:
            ask("no-name-column", "no column looks like the name", "choose one: --map name=…", headings[0])
        else:
            by_role["name"] = names
    for role in ("anonymous", "publish"):
        if by_role.get(role) and mapped.keys() & {"anonymous", "publish"}:
            by_role.pop(role)
    if by_role.get("anonymous") and by_role.get("publish"):
        listed = f"“{by_role['anonymous'][0]}” and “{by_role['publish'][0]}”"
        hint = "choose one: --map anonymous=… or --map publish=…"
        ask("doubtful-column", f"{listed} may have opposite answers in one row", hint, by_role["publish"][0])
    for role, given in by_role.items():
        if role in mapped:
            continue
        if len(given) > 1 and role in ("consent", "note", "country", "source", "number"):
            given[1:] = []  # none of these changes who is named; the first is taken, and shown
        elif len(given) > 1 and role not in SEVERAL:
            listed = ", ".join(f"“{text}”" for text in given)
            ask(
                "doubtful-column",
                f"these columns look like the {role}: {listed}",
                f"choose one: --map {role}=…",
                given[1],
            )
    if len(findings) > before:
        return None
    return MappingProxyType({role: tuple(by_role[role]) for role in ROLES if role in by_role and role not in mapped})


def _headed(
    sheet: Sheet,
    line: SheetRow,
    candidates: Sequence[SheetRow],
    columns: Columns,
    findings: list[Finding],
    *,
    known: bool,
    mapped: Mapping[str, tuple[str, ...]],
) -> Headed | None:
    roles = {**columns.roles, **{role: given for role, given in mapped.items() if given}}
    roles = {role: given for role, given in roles.items() if mapped.get(role, given)}
    headings = tuple(map(heading, line.cells))
    strange = [text for given in roles.values() for text in given if text not in headings]
    counted = Counter(headings)
    twice = [text for given in roles.values() for text in given if counted[text] > 1]
    if strange:
        message = f"no column has the heading “{strange[0]}”"
        findings.append(fault("no-such-heading", message, sheet.place(line.number), "write it as it is in the table"))
    if twice:
        column = headings.index(twice[0], headings.index(twice[0]) + 1) + 1
        message = f"two columns have the heading “{twice[0]}”"
        findings.append(
            fault("doubtful-column", message, sheet.place(line.number, column), "give each its own heading")
        )
    if "name" not in roles:
        message = "no column has the role name"
        findings.append(fault("no-name-column", message, sheet.place(line.number), "choose one: --map name=…"))
    if strange or twice or "name" not in roles:
        return None
    read = {text for given in roles.values() for text in given}
    unread = [text for text in headings if text and text not in read]
    if unread and not known:
        listed = ", ".join(f"“{text}”" for text in unread)
        note = fault(
            "unread-columns",
            f"these columns are not read: {listed}",
            sheet.place(line.number),
            "nothing to do; if one is about the signatory, give it a role: --map role=…",
            Severity.NOTE,
        )
        findings.append(note)
    return Headed(
        sheet=sheet,
        row=line.number,
        headings=headings,
        columns=replace(columns, roles=MappingProxyType(roles)),
        known=known and not mapped,
        above=tuple(each.number for each in candidates if each.number < line.number),
    )
