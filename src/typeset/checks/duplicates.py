"""One signatory in two rows: certain where the names are equal, else a suggestion for somebody who knows them.

Likeness of letters proves nothing here (two national coalitions of one kind are alike, and are two), so the hints
are those that a reader would take: initials, a name inside another, a spelling that differs by habit only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from typeset.checks.confusables import skeleton
from typeset.checks.context import CheckContext, Text
from typeset.checks.vocabulary import every, fold, folded_words, known_words, one_edit_apart, within_one_edit, words
from typeset.diagnostics import Finding, Rule, Severity
from typeset.languages import EAST_ASIAN, NEUTRAL, script, scripts
from typeset.model import Signatory

_BRACKETED: Final = re.compile(r"[(\[（【「『](?P<inside>[^()\[\]（）【】「」『』]+)[)\]）】」』]")
_QUOTED: Final = re.compile(r"[\"“„«](?P<inside>[^\"“”„«»]+)[\"”“»]")
_SEPARATORS: Final = re.compile(r"[()\[\]（）【】「」『』\"“”„«»/|,;:、，；：]|\s[-‐‑–—]\s")
_LEGAL_FORMS: Final = frozenset(
    [
        "ac",
        "asbl",
        "aisbl",
        "bv",
        "cic",
        "ev",
        "eg",
        "gmbh",
        "inc",
        "llc",
        "ltd",
        "ngo",
        "ong",
        "onlus",
        "plc",
        "ry",
        "sa",
        "sc",
        "srl",
        "vzw",
        "zs",
    ]
)
_ARTICLES: Final = frozenset(["the", "la", "le", "el", "les", "los", "las", "il", "die", "der", "das"])
_LONGEST_ACRONYM: Final = 9
# A longer name is reported as long-name; comparing its words would not help.
_MOST_WORDS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _ComparedName:
    """A signatory with what its name says in other ways."""

    signatory: Signatory
    text: Text
    key: str
    words: tuple[str, ...]
    segments: tuple[str, ...]
    acronym: str
    bracketed: tuple[str, ...]

    @property
    def number(self) -> int:
        return self.signatory.number


NAME_REPEATED = Rule(
    code="name-repeated",
    severity=Severity.WARNING,
    group="The list",
    meaning="two rows have exactly the same name",
    remedy="remove one, or decide that they are two signatories",
    example="Amnesty International\nAmnesty International",
)


def repeated_names(reading: CheckContext) -> Iterable[Finding]:
    """The same name, letter by letter, in two rows."""
    first: dict[str, Signatory] = {}
    for signatory, text in reading.signatories:
        earlier = first.setdefault(signatory.name, signatory)
        if earlier is not signatory:
            yield NAME_REPEATED.finding(
                message=f"no. {earlier.number} has the same name as no. {signatory.number}",
                place=text.place,
                hint="remove one row, or record that two signatories have this name",
                subject=f"signatories {earlier.number} and {signatory.number}",
                evidence=signatory.name,
            )


POSSIBLE_DUPLICATE = Rule(
    code="possible-duplicate",
    severity=Severity.NOTE,
    group="The list",
    meaning=(
        "two rows may be one signatory: initials, one name inside another, the same short form, one letter, "
        "or only another case, accent, mark or legal form"
    ),
    remedy="ask them; decide to keep both, or remove one row",
    example="Association of River Keepers (ARK)\nARK",
)


def possible_duplicates(reading: CheckContext) -> Iterable[Finding]:
    """Pairs of rows that may be one signatory, with what speaks for it."""
    rows = tuple(_row(signatory, text) for signatory, text in reading.signatories)
    seen: set[tuple[int, int]] = set()
    for clue in (_spelled_alike, _named_inside, _same_acronym, _initials, _one_letter_apart):
        for one, other, why in clue(rows):
            earlier, later = sorted((one, other), key=lambda row: (row.number, row.text.text))
            pair = (earlier.number, later.number)
            if pair in seen or earlier.text.text == later.text.text:
                continue
            seen.add(pair)
            yield POSSIBLE_DUPLICATE.finding(
                message=f"no. {earlier.number} {earlier.text.text} and no. {later.number} {later.text.text} "
                f"may be one signatory: {why}",
                place=later.text.spot(0, len(later.text.text)),
                hint="ask them; nothing is changed",
                subject=f"signatories {earlier.number} and {later.number}",
                evidence=f"{earlier.text.text} | {later.text.text}",
            )


def _spelled_alike(rows: tuple[_ComparedName, ...]) -> Iterator[tuple[_ComparedName, _ComparedName, str]]:
    first: dict[str, _ComparedName] = {}
    for row in rows:
        if len(row.key) > 1 and (earlier := first.setdefault(row.key, row)) is not row:
            yield earlier, row, "the names differ in case, accents, marks or legal form only"


def _named_inside(rows: tuple[_ComparedName, ...]) -> Iterator[tuple[_ComparedName, _ComparedName, str]]:
    whole = {row.key: row for row in rows}
    for row in rows:
        for segment in row.segments:
            other = whole.get(segment)
            if other and other is not row and not _is_branch(row, other):
                yield other, row, "one name is inside the other"
    quoted = {fold(found["inside"]): row for row in rows for found in _QUOTED.finditer(row.text.text)}
    for row in rows:
        for word in row.words:
            other = quoted.get(word)
            if len(word) >= 5 and other and other is not row and word not in known_words():
                yield other, row, f"one has “{word}” in quotation marks, the other names it"


def _is_branch(row: _ComparedName, other: _ComparedName) -> bool:
    """Whether a name is another's with a place or a number behind it, as national sections are called."""
    name, stem = row.text.text, other.text.text
    if not name.casefold().startswith(stem.casefold()):
        return False
    rest = [word for _, word in words(name[len(stem) :])]
    foreign = scripts("".join(rest)) - scripts(stem)
    return 0 < len(rest) <= 2 and not foreign and not any(_is_acronym(word) and word.isalpha() for word in rest)


def _same_acronym(rows: tuple[_ComparedName, ...]) -> Iterator[tuple[_ComparedName, _ComparedName, str]]:
    first: dict[str, _ComparedName] = {}
    for row in rows:
        for acronym in row.bracketed:
            if len(acronym) >= 4 and (earlier := first.setdefault(acronym, row)) is not row:
                yield earlier, row, f"both call themselves {acronym}"


def _initials(rows: tuple[_ComparedName, ...]) -> Iterator[tuple[_ComparedName, _ComparedName, str]]:
    named = {row.acronym: row for row in rows if row.acronym}
    # A name that gives its own short form has no other.
    spelt = [row for row in rows if named and not row.acronym and not row.bracketed and len(row.words) <= _MOST_WORDS]
    explained: set[str] = set()
    for initials_of in (_initials_of_parts, _initials_of_stretches):
        found = [
            (initials, row, phrase)
            for row in spelt
            for initials, phrase in initials_of(row.text.text)
            if initials in named and initials not in explained
        ]
        for initials, row, phrase in found:
            yield named[initials], row, f"{initials} are the initials of {phrase}"
        # Once a whole name explains an acronym, a stretch of another's is chance.
        explained.update(initials for initials, _, _ in found)


def _initials_of_parts(name: str) -> Iterator[tuple[str, str]]:
    """Initials of each part of a name, with its small words and without, and the part."""
    for part in _SEPARATORS.split(name):
        every_word = [word for _, word in words(part) if not word.isdigit()]
        for chosen in (every_word, [word for word in every_word if fold(word) not in every("small")]):
            if 3 <= len(chosen) <= _LONGEST_ACRONYM:
                yield "".join(fold(word)[0] for word in chosen).upper(), part.strip()


def _initials_of_stretches(name: str) -> Iterator[tuple[str, str]]:
    """Initials of words of weight that follow each other: four or more anywhere, three at the end of a part."""
    for part in _SEPARATORS.split(name):
        weighty = [(at, word) for at, word in words(part) if fold(word) not in every("small") and word[0].isupper()]
        for start in range(len(weighty)):
            for end in range(start + 3, min(len(weighty), start + _LONGEST_ACRONYM) + 1):
                if end - start > 3 or end == len(weighty):
                    chosen = weighty[start:end]
                    phrase = part[chosen[0][0] : chosen[-1][0] + len(chosen[-1][1])]
                    yield "".join(fold(word)[0] for _, word in chosen).upper(), phrase


def _one_letter_apart(rows: tuple[_ComparedName, ...]) -> Iterator[tuple[_ComparedName, _ComparedName, str]]:
    but_for_one: defaultdict[tuple[int, tuple[str, ...]], list[tuple[_ComparedName, str]]] = defaultdict(list)
    for row in rows:
        if not 2 <= len(row.words) <= _MOST_WORDS:
            continue
        for at, word in enumerate(row.words):
            if len(word) >= 5 and word.isalpha():
                but_for_one[at, row.words[:at] + row.words[at + 1 :]].append((row, word))
    # Few names agree in all words but one, so only theirs are taken apart into letters.
    for candidates in but_for_one.values():
        alike: defaultdict[str, list[tuple[_ComparedName, str]]] = defaultdict(list)
        for row, word in candidates if len(candidates) > 1 else ():
            for key in within_one_edit(word):
                for earlier, other in alike[key]:
                    if one_edit_apart(word, other) and not _are_two_words(word, other):
                        yield earlier, row, f"the names differ in one letter of “{other}” and “{word}”"
                alike[key].append((row, word))


def _are_two_words(one: str, other: str) -> bool:
    """Whether both are words of their own, and not singular and plural of one."""
    return {one, other} <= known_words() and one + "s" != other and other + "s" != one


def _row(signatory: Signatory, text: Text) -> _ComparedName:
    name = skeleton(text.text)
    bare = [word for _, word in words(name)]
    acronym = bare[0].upper() if len(bare) == 1 and _is_acronym(bare[0]) else ""
    return _ComparedName(
        signatory=signatory,
        text=text,
        key=_key(name),
        words=folded_words(name),
        segments=tuple(dict.fromkeys(key for part in _parts(name) if len(key := _key(part)) >= 3)),
        acronym=acronym,
        bracketed=tuple(
            found["inside"].strip().upper()
            for found in _BRACKETED.finditer(name)
            if _is_acronym(found["inside"].strip())
        ),
    )


def _key(name: str) -> str:
    """A name less all that is habit: case, accents, spaces, marks, an article before it, a legal form behind it."""
    bare = list(folded_words(re.sub(r"(?<=\w)\.(?=\w)", "", name.replace("&", " and "))))
    if len(bare) > 1 and bare[0] in _ARTICLES:
        bare = bare[1:]
    while len(bare) > 1 and bare[-1] in _LEGAL_FORMS:
        bare = bare[:-1]
    return "".join(bare)


def _parts(name: str) -> Iterator[str]:
    """The parts of a name that brackets, dashes, quotation marks or a change of script set apart."""
    for part in _SEPARATORS.split(name):
        yield part
        if part.isascii():
            continue
        stretches: list[str] = []
        current = ""
        for character in part:
            found = script(character)
            kind = "" if found in NEUTRAL else "east" if found in EAST_ASIAN else found
            if kind and kind != current:
                stretches.append("")
                current = kind
            if stretches:
                stretches[-1] += character
        if len(stretches) > 1:
            yield from stretches


def _is_acronym(word: str) -> bool:
    letters = [letter for letter in word if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    return 3 <= len(word) <= _LONGEST_ACRONYM and word.isalnum() and capitals >= 3 and capitals * 2 > len(letters)
