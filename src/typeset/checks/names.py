"""Names and numbers of signatories: empty, long or cut-off names, persons among organisations, numbers twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from typeset.checks.context import CheckContext, TextRole
from typeset.checks.vocabulary import any_of, every, fold, folded_words, has_letters, languages
from typeset.diagnostics import Finding, Rule, Severity
from typeset.languages import EAST_ASIAN, script

LONG: Final = 300
TOO_LONG: Final = 2_000


EMPTY_NAME = Rule(
    code="empty-name",
    severity=Severity.ERROR,
    group="The list",
    meaning="no letter or digit in the name",
    remedy="write the name, or remove the row",
    example="—",
)


def empty_names(reading: CheckContext) -> Iterable[Finding]:
    """Rows whose name has nothing to read in it."""
    for text in reading.names:
        if not has_letters(text.text):
            yield text.finding(
                EMPTY_NAME,
                f"the name is {text.text.strip()}, without a letter" if text.text.strip() else "there is no name",
                hint="write the name, or remove the row; an anonymous signatory has no row",
            )


LONG_NAME = Rule(
    code="long-name",
    severity=Severity.WARNING,
    weight="warning above 300 characters, error above 2,000",
    group="The list",
    meaning="rows have probably run together",
    remedy="split them",
    example="Amnesty International, Human Rights Watch, " * 8,
)


def long_names(reading: CheckContext) -> Iterable[Finding]:
    """Names that are too long: rows run together, or other text pasted."""
    for text in reading.names:
        length = len(text.text)
        if length > LONG:
            yield text.finding(
                LONG_NAME,
                f"the name has {length:,} characters",
                severity=Severity.ERROR if length > TOO_LONG else Severity.WARNING,
                end=min(length, 60),
                hint="check whether several rows ran together; a name of more than 2,000 characters is not printed "
                "without a decision",
            )


_FIRST: Final = re.compile(r"\s*(?P<word>[^\W\d_]+(?:-[^\W\d_]+)?)(?P<dot>\.?)\s+(?=\S)")


PERSON_AMONG_ORGANISATIONS = Rule(
    code="person-among-organisations",
    severity=Severity.WARNING,
    group="The list",
    meaning=(
        "the kind is organisation, but the name seems to be a person's: a form of address, *individually*, *in "
        "a personal capacity*, a former office"
    ),
    remedy="write `person` in the row, or decide that it is an organisation",
    example="Dr. Maria Santos",
)


def persons_among_organisations(reading: CheckContext) -> Iterable[Finding]:
    """Names that speak of a person: a form of address, *individually*, *in a personal capacity*, a former office."""
    for _, text in reading.organisations:
        spot = _says_so(text.text) or _address(text.text)
        if spot:
            start, end = spot
            yield text.finding(
                PERSON_AMONG_ORGANISATIONS,
                f"“{text.text[start:end].strip()}” seems to be a person, but the kind of the row is organisation",
                start=start,
                end=end,
                hint="write person in the row's kind, or record that this is an organisation's name",
            )


def _says_so(name: str) -> tuple[int, int] | None:
    """Where a name says that somebody signs for themselves, or gives the office that a person held."""
    if found := any_of("personal").search(name):
        return found.span()
    if (found := any_of("offices").search(name)) and not _has_organisation(name):
        return found.span()
    return None


def _address(name: str) -> tuple[int, int] | None:
    """The form of address that a name begins with, unless it is an organisation's that honours a person."""
    found = _FIRST.match(name)
    if not found or _has_organisation(name):
        return None
    word = fold(found["word"])
    # Ms is a form of address, MS a disease; Sir, Dr and M without a dot may be words of the name.
    written = found["word"][:1].upper() + found["word"][1:].lower() == found["word"] or not found["word"].isascii()
    addressed = word in every("titles") or (word in every("honorifics") and bool(found["dot"]))
    return found.span("word") if written and addressed else None


def _has_organisation(name: str) -> bool:
    if any(script(character) in EAST_ASIAN for character in name):
        return any(word in name for language in languages() for word in language.organisations if not word.isascii())
    words = set(folded_words(name))
    return bool(words & every("organisations"))


_OPEN_END: Final = re.compile(r"[-‐‑–—/,:;&+、，：；(（\[「【\\|]\s*$|(?:\.\.+|…)\s*$")
_OPEN_START: Final = re.compile(r"^\s*(?:[)\]）」】,;/&、，；]|-\S)")
# First words of countries and regions whose names have two. In lower case or behind a hyphen they are half a name.
_HALVES: Final = frozenset(
    [
        "sierra",
        "burkina",
        "costa",
        "sri",
        "saudi",
        "hong",
        "papua",
        "puerto",
        "viet",
        "bosnia",
        "trinidad",
        "timor",
        "guinea",
        "cabo",
    ]
)
_LAST_WORD: Final = re.compile(r"(?P<before>.*?)(?P<join>[\s-]?)(?P<word>[^\W\d_]+)$", re.DOTALL)
_DOTTED: Final = re.compile(r"(?P<word>[^\s.]*)\.\s*$")
_VOWELS: Final = frozenset("aeiouyаеиоуыэюя")


CUT_OFF = Rule(
    code="cut-off",
    severity=Severity.WARNING,
    group="Typing",
    meaning="ends with a hyphen, a comma, *of the*, or half of a country's name",
    remedy="look at the source, or ask the signatory",
    example="Association for the Protection of the",
)


def cut_off(reading: CheckContext) -> Iterable[Finding]:
    """Names that look as if a line break or a narrow cell had taken the rest."""
    for text in (*reading.titles, *reading.names):
        found = _OPEN_END.search(text.text)
        if found:
            why, start = f"ends with {found[0].strip()}", found.start()
        elif found := _OPEN_START.match(text.text):
            why, start = f"begins with {found[0].strip()[0]}", 0
        elif text.role is TextRole.NAME and (half := _half(text.text)):
            why, start = half
        else:
            continue
        yield text.finding(
            CUT_OFF,
            f"the {text.role} {why}: something seems to be missing",
            start=start,
            hint="look at the source, or ask the signatory; it is printed as typed",
        )


def _half(name: str) -> tuple[str, int] | None:
    """Why a name looks like half of one, and where; None where it does not."""
    found = _LAST_WORD.match(name)
    if not found or not found["before"].strip():
        return None
    word = found["word"]
    if word.islower() and fold(word) in every("cut") and found["join"].isspace() and not name.islower():
        return f"ends with “{word}”", found.start("word")
    lowered = fold(word)
    if lowered in _HALVES and word.islower() and not found["before"].islower():
        return f"ends with “{word}”, the first half of a place's name", found.start("word")
    return None


TRAILING_DOT = Rule(
    code="trailing-dot",
    severity=Severity.WARNING,
    group="Typing",
    meaning="a full stop at the end that does not belong to an abbreviation",
    remedy="remove it",
    example="Amnesty International.",
)


def trailing_dots(reading: CheckContext) -> Iterable[Finding]:
    """A full stop at the end of a name that is no abbreviation's."""
    for text in (*reading.titles, *reading.names):
        found = re.search(r"[。．｡।۔]\s*$", text.text) or _dot(text.text)
        if found:
            yield text.finding(
                TRAILING_DOT,
                f"the {text.role} ends with a full stop",
                start=found.start(),
                end=found.end(),
                hint="remove it, unless it belongs to an abbreviation",
                proposal=text.text[: found.start()].rstrip(),
            )


def _dot(text: str) -> re.Match[str] | None:
    """The last full stop, where it does not belong to an abbreviation."""
    found = _DOTTED.search(text)
    if not found or text.rstrip().endswith(".."):
        return None
    token = text[: found.end()].split()[-1]
    word = fold(re.sub(r"^\W+", "", found["word"]))
    inner = token.strip("()[]\"'").rstrip(".")
    abbreviated = (
        "." in inner
        or len(word) == 1
        or word in every("abbreviations")
        or (word.isalpha() and len(word) <= 5 and not _VOWELS & set(word))
    )
    return None if abbreviated and found["word"][-1:].isalnum() else re.search(r"\.\s*$", text)


NUMBER_REPEATED = Rule(
    code="number-repeated",
    severity=Severity.ERROR,
    group="The list",
    meaning="two rows have one number",
    remedy="give each its own number",
    example="rows 1, 2 and 2",
    shown_in="",
)


def repeated_numbers(reading: CheckContext) -> Iterable[Finding]:
    """Two signatories under one number."""
    first: dict[int, str] = {}
    for signatory, text in reading.signatories:
        if signatory.number in first:
            yield text.finding(
                NUMBER_REPEATED,
                f"no. {signatory.number} is taken: {_short(first[signatory.number])}",
                hint="give each signatory its own number",
            )
        else:
            first[signatory.number] = signatory.name


NUMBER_WITHDRAWN = Rule(
    code="number-withdrawn",
    severity=Severity.ERROR,
    group="The list",
    meaning="a row has the number of a signatory who withdrew",
    remedy="give it another number",
    example="row 7, and `former.csv` lists 7 as withdrawn",
    shown_in="",
)


def reused_numbers(reading: CheckContext) -> Iterable[Finding]:
    """A number on the list that belonged to somebody who withdrew."""
    for signatory, text in reading.signatories:
        if signatory.number in reading.letter.withdrawn:
            yield text.finding(
                NUMBER_WITHDRAWN,
                f"no. {signatory.number} belongs to a signatory who withdrew",
                hint="give the signatory a new number after the others",
            )


NUMBER_GAP = Rule(
    code="number-gap",
    severity=Severity.WARNING,
    group="The list",
    meaning="numbers are missing, and `former.csv` has no withdrawn signatories with them",
    remedy="add the row, or decide that the number stays free",
    example="rows 1, 2 and 4",
    shown_in="",
)


def missing_numbers(reading: CheckContext) -> Iterable[Finding]:
    """Numbers missing from the list that no withdrawn signatory had."""
    present = {signatory.number: signatory.place for signatory in reading.letter.signatories}
    previous = 0
    for number in sorted(present):
        while previous + 1 in reading.letter.withdrawn:
            previous += 1
        if number > previous + 1:
            span = f"no. {previous + 1}" if number == previous + 2 else f"nos. {previous + 1} to {number - 1}"
            yield NUMBER_GAP.finding(
                message=f"{span} {'is' if number == previous + 2 else 'are'} missing before no. {number}",
                place=present[number],
                hint="add the missing row, or record that the number stays free",
                subject=f"signatory {number}",
                evidence=f"{previous}, {number}",
            )
        previous = number


NUMBER_ORDER = Rule(
    code="number-order",
    severity=Severity.WARNING,
    group="The list",
    meaning="a number comes after a higher one",
    remedy="move the row, or decide to keep the order; the list is never sorted again",
    example="rows 1, 3 and 2",
    shown_in="",
)


def disordered_numbers(reading: CheckContext) -> Iterable[Finding]:
    """A number that comes after a higher one."""
    highest = 0
    for signatory, text in reading.signatories:
        if signatory.number < highest:
            yield text.finding(
                NUMBER_ORDER,
                f"no. {signatory.number} comes after no. {highest}",
                hint="the list is printed in the order of the rows; move the row, or record that the order is right",
            )
        highest = max(highest, signatory.number)


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"
