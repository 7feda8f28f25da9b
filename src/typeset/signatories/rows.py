"""Rows of a table as signatories: digests for comparing contacts, entries, and figures over all rows.

A contact never goes further than this; nor does the name of somebody who wants to stay unnamed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from typeset.checks import fold, folded_words
from typeset.diagnostics import Finding, Location, Severity
from typeset.importer import says_person
from typeset.languages import UNDETERMINED
from typeset.locales import ImporterWords
from typeset.manuscript import heading, passages_in
from typeset.model import Kind, Passage
from typeset.signatories.cells import (
    Cells,
    Visibility,
    day,
    kind_of,
    said_language,
    speaks_of_anonymity,
    told,
    whole_number,
)
from typeset.signatories.columns import Headed
from typeset.signatories.vocabulary import sound
from typeset.tables import Odd, SheetRow, fault

_MAIL = re.compile(r"[^\s@<>(),;:]+@([^\s@<>(),;:/]+\.[^\s@<>(),;:/.]{2,})")
_HOST = re.compile(r"(?:https?://|\bwww\.)([^\s/:?#<>(),;]+\.[^\s/:?#<>(),;.]{2,})", re.IGNORECASE)
_PHONE = re.compile(r"\+?\d[\d\s()./-]{6,}\d")
CONTACT = re.compile(rf"{_MAIL.pattern}|(?<!\w)\+\d[\d\s()./-]{{7,}}\d")
"""An address or a number of somebody inside other words; a year or a house number is none."""
_PUBLIC_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.fr", "live.com", "msn.com", "yahoo.com",
        "yahoo.fr", "yahoo.es", "yahoo.co.uk", "yahoo.co.jp", "yahoo.com.tw", "yahoo.com.hk", "ymail.com", "icloud.com",
        "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "t-online.de", "freenet.de",
        "posteo.de", "mailbox.org", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.io", "riseup.net",
        "disroot.org", "mail.ru", "yandex.ru", "yandex.com", "ya.ru", "rambler.ru", "list.ru", "bk.ru", "inbox.ru",
        "ukr.net", "i.ua", "qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "naver.com", "daum.net",
        "hanmail.net", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it",
        "tiscali.it", "terra.com", "uol.com.br", "bol.com.br", "rediffmail.com", "wordpress.com", "blogspot.com",
        "facebook.com", "instagram.com", "twitter.com", "x.com", "t.me", "wixsite.com", "github.io", "sites.google.com",
        "linktr.ee", "medium.com", "youtube.com", "linkedin.com",
    }
)  # fmt: skip
"""Providers that lend an address to anybody: two signatories with one of these have nothing in common."""
_BRACKETED = re.compile(r"\s*[(\[（【][^()\[\]（）【】]*[)\]）】]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Digests of a row. ``same`` of what makes two rows one signatory: the name, in any language that the row gives.

    ``contacts`` of single addresses and numbers, ``circles`` of the domains that are an organisation's own.
    """

    same: frozenset[bytes] = field(default=frozenset(), repr=False)
    contacts: frozenset[bytes] = field(default=frozenset(), repr=False)
    circles: frozenset[bytes] = field(default=frozenset(), repr=False)


def likeness(names: Iterable[str], contacts: Iterable[str] = ()) -> Likeness:
    """The digests of a row's names and contacts."""
    found, circles = _of_contacts(contacts)
    same = frozenset(same_name(name) for name in names if name.strip())
    return Likeness(same=same, contacts=found, circles=circles)


def alike(names: Iterable[str]) -> frozenset[bytes]:
    """Digests of what only suggests that two rows are one signatory.

    It is the name less its brackets, its words in any order, and its sound.
    """
    return frozenset(
        _digest(kind, text)
        for name in names
        for kind, text in (
            ("name", "".join(folded_words(_BRACKETED.sub("", name)))),
            ("words", " ".join(sorted(folded_words(name)))),
            ("sound", sound(name)),
        )
        if text
    )


def same_name(name: str) -> bytes:
    """The digest of a name without case, accents and marks; of its characters where no word is in it."""
    return _digest("name", "".join(folded_words(name)) or fold(name.strip()))


def sealed(digest: bytes, key: bytes) -> str:
    """A digest that only who has the key can hold against a name (HMAC, RFC 2104)."""
    return hmac.new(key, digest, hashlib.sha256).hexdigest()


def _of_contacts(contacts: Iterable[str]) -> tuple[frozenset[bytes], frozenset[bytes]]:
    found: set[bytes] = set()
    circles: set[bytes] = set()
    for contact in contacts:
        text = contact.strip().lower()
        if not text:
            continue
        for mail in _MAIL.finditer(text):
            found.add(_digest("contact", mail[0]))
            circles.add(_digest("circle", mail[1])) if mail[1] not in _PUBLIC_MAIL else None
        for host in _HOST.finditer(text):
            bare = host[1].removeprefix("www.")
            circles.add(_digest("circle", bare)) if bare not in _PUBLIC_MAIL else None
        for phone in _PHONE.finditer(text):
            found.add(_digest("contact", re.sub(r"\D", "", phone[0])))
    return frozenset(found), frozenset(circles)


def _digest(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{text}".encode("utf-8", "surrogatepass")).digest()


_SHARED: Final = 3
"""Rows with the same answer: then it is one of the form's, and nobody's own words."""


class RowTally:
    """What only all rows together show."""

    def __init__(self, headed: Headed) -> None:
        self._headed = headed
        self._width = len(headed.headings)
        read = {at for role in headed.columns.roles for at in headed.at(role)}
        self._unread = [at for at in range(self._width) if at not in read]
        self._long: list[int] = []
        self._short: list[int] = []
        self._hidden: list[int] = []
        self._hides = frozenset(headed.sheet.hidden_rows)
        self._telltale: Counter[int] = Counter()
        self._unclear: defaultdict[str, list[int]] = defaultdict(list)
        self._unsaid: list[int] = []
        self._explicit = False
        self._consents = "consent" in headed.columns.roles
        self._unconsented: list[int] = []
        self._spaced: list[int] = []
        self._names = headed.at("name")
        self._used = {at + 1 for at in read}

    def look(self, line: SheetRow) -> None:
        """What a row is, before anybody asks whose."""
        if any(cell.strip() for cell in line.cells[self._width :]):
            self._long.append(line.number)
        elif self._headed.sheet.ragged and len(line.cells) < self._width:
            self._short.append(line.number)
        if line.number in self._hides:
            self._hidden.append(line.number)
        for at in self._unread:
            if at < len(line.cells) and speaks_of_anonymity(line.cells[at].strip()):
                self._telltale[at] += 1

        if any(at < len(line.cells) and line.cells[at] != line.cells[at].strip() for at in self._names):
            self._spaced.append(line.number)

    def answered(self, line: SheetRow, wanted: Visibility, roles: Cells) -> None:
        """What a row says of publication."""
        if not roles.visible:
            return
        answer = " ".join(roles.joined(line, roles.visible).split())
        if wanted in (Visibility.UNCLEAR, Visibility.UNSAID):
            self._unclear[answer].append(line.number)
        elif not answer:
            self._unsaid.append(line.number)
        elif wanted is Visibility.NAMED:
            self._explicit = True

    def taken(self, row: int, consent: str) -> None:
        """A row that names a signatory, with the date of consent that it gives."""
        if self._consents and not consent:
            self._unconsented.append(row)

    def findings(self) -> Iterator[Finding]:
        """What there is to say."""
        sheet, row = self._headed.sheet, self._headed.row
        if self._long:
            message = f"{_rows(self._long)} more cells than there are headings"
            hint = "put a name with a separator in quotation marks"
            yield fault("row-length", message, sheet.place(self._long[0]), hint)
        if self._short:
            message = f"{_rows(self._short)} fewer cells than there are headings"
            hint = "put a cell with a line end in quotation marks"
            yield fault("row-length", message, sheet.place(self._short[0]), hint, Severity.WARNING)
        if self._hidden:
            rows = "row is" if len(self._hidden) == 1 else "rows are"
            message = f"{len(self._hidden)} {rows} hidden, so the sender may not have seen them"
            yield fault("hidden-rows", message, sheet.place(self._hidden[0]), "unhide them, or delete them")
        for top, left, bottom, right in sheet.merged:
            if bottom > row and (bottom > top or right > left) and self._used & set(range(left, right + 1)):
                message = "cells are merged here: only the first has a value"
                yield fault(
                    "merged-cells", message, sheet.place(max(top, row + 1), left), "unmerge them, and fill each cell"
                )
        for at, times in self._telltale.items():
            message = f"{times} cells of this column mention anonymity, but the column is not read"
            hint = "use --map anonymous=… if yes means anonymous, or --map publish=… if yes means named"
            yield fault("anonymity-unread", message, sheet.place(row, at + 1), hint)
        yield from self._doubtful_answers()
        if self._spaced:
            rows = _rows(self._spaced).rpartition(" ")[0]
            message = f"spaces before or after a name are removed ({rows})"
            yield fault("spaces-dropped", message, sheet.place(self._spaced[0]), "nothing to do", Severity.NOTE)
        if self._unconsented:
            message = f"{_rows(self._unconsented)} no date of consent"
            hint = "ask the partner who sent the list"
            yield fault("no-consent-date", message, sheet.place(self._unconsented[0]), hint, Severity.WARNING)

    def _doubtful_answers(self) -> Iterator[Finding]:
        sheet = self._headed.sheet
        column = next((self._headed.at(role)[0] + 1 for role in ("anonymous", "publish") if self._headed.at(role)), 0)
        if self._explicit and self._unsaid:
            # Where others say no in so many words, an empty cell is no answer.
            self._unclear[""].extend(self._unsaid)
        for answer, rows in self._unclear.items():
            plain = f"“{answer}”" if answer and len(rows) >= _SHARED else "the answer" if answer else "an empty cell"
            where = f"row {rows[0]}" + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")
            message = f"{plain} does not say whether the signatory may be named ({where})"
            hint = "write yes or no"
            if not answer or len(rows) >= _SHARED:
                hint += f', or give its meaning: --answer "{answer}=anonymous", or =named'
            yield fault("unclear-anonymity", message, sheet.place(rows[0], column), hint)


def _rows(numbers: list[int]) -> str:
    return f"row {numbers[0]} has" if len(numbers) == 1 else f"{len(numbers)} rows (the first is {numbers[0]}) have"


IMPORT: Final = "import"
"""The subject of findings about rows: an answer is about the name, wherever next week's export has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOrigin:
    """Where a row came from: the file's SHA-256, its sheet, the row, who passed it on, when it was signed."""

    digest: str
    sheet: str
    row: int
    source: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """A row whose name is to be published.

    ``lang`` and ``kind`` are settled, and ``said`` is which of them the row itself gave. The cell of an ``odd`` one
    holds a number or a date.
    """

    name: str
    origin: RowOrigin
    place: Location
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

    origin: RowOrigin
    place: Location
    likeness: Likeness = field(repr=False)
    alike: frozenset[bytes] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A row that is nobody's: blank, above the headings, the headings again, or without a name."""

    place: Location
    why: str


Taken = ListEntry | Unnamed | Passed


def take_rows(
    headed: Headed,
    lines: Iterator[SheetRow],
    findings: list[Finding],
    *,
    digest: str,
    source: str,
    languages: tuple[ImporterWords, ...],
    count: Callable[[int], None] = lambda rows: None,
) -> Iterator[Taken]:
    """The rows below the headings, one by one; doubts about whole columns come when the last was taken."""
    sheet, roles = headed.sheet, Cells(headed)
    tally = RowTally(headed)
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
        origin = RowOrigin(
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
        if wanted is Visibility.ANONYMOUS:
            like = likeness(names, contacts)
            if not like.same:
                # Nobody's name is there to know the row by, so all of it has to do.
                like = replace(like, same=likeness((" | ".join(line.cells),)).same)
            yield Unnamed(origin=origin, place=sheet.place(line.number), likeness=like, alike=alike(names))
            continue
        if wanted is not Visibility.NAMED:
            continue
        entry = _entry(line, roles, place, origin, findings, languages)
        if isinstance(entry, ListEntry):
            tally.taken(line.number, origin.consent)
        yield entry
    findings.extend(tally.findings())


def _entry(
    line: SheetRow,
    roles: Cells,
    place: Location,
    origin: RowOrigin,
    findings: list[Finding],
    languages: tuple[ImporterWords, ...],
) -> ListEntry | Passed:
    """The entry that a row makes. A row that cannot make one is passed over, with a finding."""
    name = roles.joined(line, "name")
    odd = next((line.odd[at] for at in roles.name if at in line.odd), None)
    if odd:
        findings.append(_not_text(odd, name, place))
    elif not name:
        hint = "write the name, or delete the row"
        findings.append(fault("no-name", f"row {line.number} is not empty but has no name", place, hint))
    if (odd and odd is not Odd.NUMBER and odd is not Odd.DATE) or not name:
        return Passed(place=place, why="no readable name")
    also = roles.each(line, "also")
    note = roles.joined(line, "note")
    for text in (name, note, *also):
        if CONTACT.search(text):
            message = "the row has an e-mail address or telephone number in a column that is published"
            findings.append(fault("contact-in-name", message, place, "remove it from the cell"))
            return Passed(place=place, why="the name contains a contact")
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
            message = f"some spans of row {line.number} are not part of its name"
            hint = "write spans as language tag, colon and words of the name, in the order of the name"
            findings.append(fault("no-such-passage", message, place, hint))
    elif "lang" in said and roles.spans:
        passages = ()
    kind = kind_of(roles.joined(line, "kind"))
    if kind:
        said.add("kind")
    elif roles.joined(line, "kind"):
        findings.append(_unknown("kind", line, roles, "kind", name))
    number = roles.joined(line, "number")
    if number and not whole_number(number):
        message = f"row {line.number} has no valid number"
        findings.append(
            fault("not-a-number", message, place, "numbers count from 1; empty the cell to get the next number")
        )
    return ListEntry(
        name=name,
        origin=origin,
        place=place,
        also=tuple(each for each in also if each != name),
        lang=lang,
        passages=passages,
        kind=kind or (Kind.PERSON if says_person(name, languages) else Kind.ORGANISATION),
        note=note,
        number=whole_number(number),
        said=frozenset(said),
        likeness=likeness((name, *also), roles.each(line, "contact")),
        odd=odd is not None,
    )


def _not_text(odd: Odd, name: str, place: Location) -> Finding:
    hint = {
        Odd.FORMULA: "copy the column and paste its values",
        Odd.ERROR: "correct the error in the spreadsheet",
    }.get(odd, "format the column as text and type the name again, or record what it is")
    message = f"there is a {odd} instead of a name: the spreadsheet may have changed what was typed"
    found = fault("not-a-text", message, place, hint)
    return replace(found, subject=IMPORT, evidence=name)


def _unknown(what: str, line: SheetRow, roles: Cells, role: str, name: str) -> Finding:
    place = roles.headed.sheet.place(line.number, roles.at(role)[0] + 1)
    hint = {
        "language": "write a tag such as fr or zh-Hant, or the language's name; until then it is und",
        "kind": "write organisation or person; until then it is guessed from the name",
    }[what]
    found = fault(f"unknown-{what}-cell", f"the {what} is unknown", place, hint, Severity.WARNING)
    return replace(found, subject=IMPORT, evidence=name)
