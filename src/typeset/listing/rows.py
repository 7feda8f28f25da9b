"""The boundary: rows of a sheet to what may be known of them.

A row with a name to be published becomes an `Entry`. Of a row that asks for anonymity only digests go on, and of a
contact too; every other cell is dropped here. No finding of this module holds the words of a cell, but those of a name
that is to be published and of an answer that several rows share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from typeset.diagnostics import Finding, Place, Severity
from typeset.importing.persons import says_person
from typeset.language import UNDETERMINED
from typeset.listing.cells import Cells
from typeset.listing.columns import Headed
from typeset.listing.digests import CONTACT, Likeness, alike, likeness
from typeset.listing.tally import Tally
from typeset.listing.tongues import said_language, told
from typeset.listing.values import Shown, day, kind_of, whole_number
from typeset.locales import ImporterWords
from typeset.manuscript.listing import heading
from typeset.manuscript.signatories import passages_in
from typeset.model import Kind, Passage
from typeset.tables import Line, Odd
from typeset.tables.faults import fault

IMPORT: Final = "import"
"""The subject of findings about rows: an answer is about the name, wherever next week's export has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a row came from: the file's SHA-256, its sheet, the row, who passed it on, when it was signed."""

    digest: str
    sheet: str
    row: int
    source: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row whose name is to be published.

    ``lang`` and ``kind`` are settled, and ``said`` is which of them the row itself gave. The cell of an ``odd`` one
    holds a number or a date.
    """

    name: str
    origin: Origin
    place: Place
    also: tuple[str, ...] = ()
    lang: str = UNDETERMINED
    passages: tuple[Passage, ...] = ()
    kind: Kind = Kind.ORGANISATION
    note: str = ""
    number: int = 0
    said: frozenset[str] = frozenset()
    likeness: Likeness = field(default_factory=Likeness, repr=False)
    odd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnamed:
    """A row that asks for anonymity: that there is one, and digests."""

    origin: Origin
    place: Place
    likeness: Likeness = field(repr=False)
    alike: frozenset[bytes] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A row that is nobody's: blank, above the headings, the headings again, or without a name."""

    place: Place
    why: str


Taken = Entry | Unnamed | Passed


def take_rows(
    headed: Headed,
    lines: Iterator[Line],
    findings: list[Finding],
    *,
    digest: str,
    source: str,
    tongues: tuple[ImporterWords, ...],
    count: Callable[[int], None] = lambda rows: None,
) -> Iterator[Taken]:
    """The rows below the headings, one by one; doubts about whole columns come when the last was taken."""
    sheet, roles = headed.sheet, Cells(headed)
    tally = Tally(headed)
    for line in lines:
        if line.number <= headed.row:
            continue
        if not line.number % 1000:
            count(line.number)
        if line.blank:
            continue
        place = sheet.place(line.number, roles.name[0] + 1)
        if all(heading(roles.cell(line, at)) == headed.headings[at] for at in roles.name):
            yield Passed(place=place, why="the headings again")
            continue
        tally.look(line)
        cells = roles.joined(line, "source")
        origin = Origin(
            digest=digest,
            sheet=sheet.name,
            row=line.number,
            source=source if not cells or CONTACT.search(cells) else cells,
            consent=day(roles.joined(line, "consent")),
        )
        names = tuple(filter(None, (roles.joined(line, "name"), *roles.each(line, "also"))))
        contacts = roles.each(line, "contact")
        wanted = roles.visibility(line)
        tally.answered(line, wanted, roles)
        if wanted is Shown.ANONYMOUS:
            like = likeness(names, contacts)
            if not like.same:
                # Nobody's name is there to know the row by, so all of it has to do.
                like = replace(like, same=likeness((" | ".join(line.cells),)).same)
            yield Unnamed(origin=origin, place=sheet.place(line.number), likeness=like, alike=alike(names))
            continue
        if wanted is not Shown.NAMED:
            continue
        entry = _entry(line, roles, place, origin, findings, tongues)
        if isinstance(entry, Entry):
            tally.taken(line.number, origin.consent)
        yield entry
    findings.extend(tally.findings())


def _entry(
    line: Line,
    roles: Cells,
    place: Place,
    origin: Origin,
    findings: list[Finding],
    tongues: tuple[ImporterWords, ...],
) -> Entry | Passed:
    """The entry that a row makes. A row that cannot make one is passed over, with a finding."""
    name = roles.joined(line, "name")
    odd = next((line.odd[at] for at in roles.name if at in line.odd), None)
    if odd:
        findings.append(_not_text(odd, name, place))
    elif not name:
        hint = "give the name, or empty the row"
        findings.append(fault("no-name", f"row {line.number} has something in it and no name", place, hint))
    if (odd and odd is not Odd.NUMBER and odd is not Odd.DATE) or not name:
        return Passed(place=place, why="no name that can be read")
    also = roles.each(line, "also")
    note = roles.joined(line, "note")
    for text in (name, note, *also):
        if CONTACT.search(text):
            fact = "an e-mail address or a telephone number stands where everybody can read it"
            findings.append(fault("contact-in-name", fact, place, "take it out of the cell"))
            return Passed(place=place, why="a contact stands in the name")
    said = set()
    tag = said_language(roles.joined(line, "lang"))
    lang, passages = told(name, said=tag, heading=roles.heading_language, country=roles.joined(line, "country"))
    if tag:
        said.add("lang")
    elif roles.joined(line, "lang"):
        findings.append(_unknown("language", line, roles, "lang", name))
    if spans := roles.joined(line, "spans"):
        passages, strange = passages_in(spans, name)
        said.add("spans")
        if strange:
            fact = f"the spans of row {line.number} do not all stand in its name"
            hint = "a span is a language tag, a colon and words of the name, in the order of the name"
            findings.append(fault("no-such-passage", fact, place, hint))
    elif "lang" in said and roles.spans:
        passages = ()
    kind = kind_of(roles.joined(line, "kind"))
    if kind:
        said.add("kind")
    elif roles.joined(line, "kind"):
        findings.append(_unknown("kind", line, roles, "kind", name))
    number = roles.joined(line, "number")
    if number and not whole_number(number):
        fact = f"row {line.number} has no number where one should be"
        findings.append(fault("not-a-number", fact, place, "numbers count from 1; empty the cell to have it numbered"))
    return Entry(
        name=name,
        origin=origin,
        place=place,
        also=tuple(each for each in also if each != name),
        lang=lang,
        passages=passages,
        kind=kind or (Kind.PERSON if says_person(name, tongues) else Kind.ORGANISATION),
        note=note,
        number=whole_number(number),
        said=frozenset(said),
        likeness=likeness((name, *also), roles.each(line, "contact")),
        odd=odd is not None,
    )


def _not_text(odd: Odd, name: str, place: Place) -> Finding:
    hint = {
        Odd.FORMULA: "copy the column and paste its values",
        Odd.ERROR: "look what the spreadsheet complains of",
    }.get(odd, "format the column as text and type the name again, or record what it is")
    fact = f"a {odd} stands where the name should be: the spreadsheet may have changed what was typed"
    found = fault("not-a-text", fact, place, hint)
    return replace(found, subject=IMPORT, evidence=name)


def _unknown(what: str, line: Line, roles: Cells, role: str, name: str) -> Finding:
    place = roles.headed.sheet.place(line.number, roles.at(role)[0] + 1)
    hint = {
        "language": "a tag such as fr or zh-Hant, or the language's name; it is und for now",
        "kind": "organisation or person; the name decides for now",
    }[what]
    found = fault(f"unknown-{what}-cell", f"the {what} is not one that is known", place, hint, Severity.WARNING)
    return replace(found, subject=IMPORT, evidence=name)
