"""Counts that somebody wrote down, held against the list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from typeset.check.reading import Reading, Text
from typeset.check.vocabulary import languages
from typeset.diagnostics import Finding, Severity
from typeset.language import primary

CODE: Final = "count-mismatch"


def stated_counts(reading: Reading) -> Iterable[Finding]:
    """Counts that ``letter.toml`` says the source states, where the list gives another number."""
    counts = reading.letter.counts
    for which, stated in reading.letter.stated.items():
        computed = counts.shown(which)
        if stated != computed:
            yield Finding(
                code=CODE,
                severity=Severity.ERROR,
                fact=f"the source states {stated} ({which}); {counts.reckoning(which)}",
                place=reading.find("letter.toml", "stated"),
                hint=f"mend the list or the statement, or record what {{{which}}} prints: "
                f"typesetter decide {CODE} --print {stated} --by … --why …",
                subject=which,
                evidence=f"{stated} stated; {counts.reckoning(which)}",
                proposal=str(computed),
            )


def written_counts(reading: Reading) -> Iterable[Finding]:
    """Numbers typed into the words beside *signed*, *signatories* or *anonymous*, where the list gives another."""
    counts = reading.letter.counts
    for text in (*reading.titles, *reading.bodies):
        for which, start, end in _counted(text):
            number = _number(text.text[start:end])
            # Who counts the organisations that signed may mean those on the list or all of them.
            expected = (counts.total, counts.named) if which == "total" else (counts.anonymous,)
            if number in expected:
                continue
            yield Finding(
                code=CODE,
                severity=Severity.ERROR,
                fact=f"the text says {number}; {counts.reckoning(which)}",
                place=text.spot(start, end),
                hint=f"write {{{which}}}, or record why {number} stands: typesetter decide {CODE} --by … --why …",
                subject=which,
                evidence=f"{text.sentence(start)} [{counts.reckoning(which)}]",
                proposal=f"{{{which}}}",
            )


def _counted(text: Text) -> Iterator[tuple[str, int, int]]:
    """Each number that a pattern of the text's language takes for a count, once."""
    seen: set[int] = set()
    for language in languages():
        if language.tag != primary(text.lang):
            continue
        for which, patterns in language.counting.items():
            for pattern in patterns:
                for found in re.finditer(pattern, text.text, re.IGNORECASE):
                    if found.start("n") not in seen:
                        seen.add(found.start("n"))
                        yield which, found.start("n"), found.end("n")


def _number(digits: str) -> int:
    """The number in a numeral of any script, with separators between its thousands."""
    return int("".join(str(unicodedata.decimal(c)) for c in digits if c.isdecimal()))
