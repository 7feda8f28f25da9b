"""Titles whose lines or columns an extraction has read in the wrong order.

A title that is set over two lines or beside a vertical rule can leave a PDF as halves: the end of the second line
stands before its beginning, and a space or a colon marks where the pieces were cut. Chinese and Japanese write no
spaces between words, so a space there is a seam, and the letter's own words tell which seams are whole again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations

from typeset.check.context import CheckContext
from typeset.diagnostics import Finding, Location, Rule, Severity
from typeset.languages import is_east_asian

MOST_PIECES = 5
"""Above this the number of orders (120 for five) makes a chance hit likelier than a restored title."""

_SEAM = re.compile(r"([：:]\s*|\s+)")
_SEEN_OFTEN = 2
_BELONGING = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class _TitleOrder:
    text: str
    across_colons: int
    moved: int


def readings_of_scrambled(title: str, body: str) -> tuple[str, ...]:
    """What the title may have read before it was scrambled, or nothing where it stands as it should.

    The pieces between spaces and colons are put in every order, the colons at every seam. An order counts when each
    two pieces without a colon between them meet in a pair of characters that the body writes as a word, and the
    title as it stands shows no such pair. Several readings come back only where the body cannot tell them apart.
    """
    parts = _SEAM.split(title.strip())
    pieces, seams = parts[::2], parts[1::2]
    colons = [seam.strip() for seam in seams if seam.strip()]
    spaces = len(seams) - len(colons)
    if not spaces or len(pieces) > MOST_PIECES or not all(_is_ideographic(piece) for piece in pieces):
        return ()
    standing = [
        first[-1] + second[0] for (first, second), seam in zip(pairwise(pieces), seams, strict=True) if not seam.strip()
    ]
    if any(pair in body for pair in standing):
        return ()
    readings = list(_readings(pieces, colons, body))
    if not readings:
        return ()
    best = max((reading.across_colons, -reading.moved) for reading in readings)
    return tuple(dict.fromkeys(reading.text for reading in readings if (reading.across_colons, -reading.moved) == best))


SCRAMBLED_TITLE = Rule(
    code="scrambled-title",
    severity=Severity.WARNING,
    group="The letter",
    meaning="the pieces of the title make words of the letter in another order",
    remedy="print the order that is right, or decide that it stands",
    example="pieces of the title in another order",
    shown_in="",
)


def scrambled_title(title: str, body: str, place: Location | None, subject: str = "title") -> tuple[Finding, ...]:
    """The finding about a scrambled title, with what it may have read as its proposal."""
    readings = readings_of_scrambled(title, body)
    if not readings:
        return ()
    if len(readings) == 1:
        hint = f"it reads {readings[0]} when its pieces are put back; print that, or record that it stands"
    else:
        hint = f"it may have read {' or '.join(readings)}; print what is right, or record that it stands"
    return (
        SCRAMBLED_TITLE.finding(
            fact="the pieces of the title stand in an order in which they make no words",
            place=place,
            hint=hint,
            subject=subject,
            evidence=title,
            proposal=readings[0] if len(readings) == 1 else "",
        ),
    )


def _is_ideographic(piece: str) -> bool:
    return bool(piece) and is_east_asian(piece[0]) and is_east_asian(piece[-1])


def _readings(pieces: Sequence[str], colons: Sequence[str], body: str) -> Iterator[_TitleOrder]:
    """Every order whose seams without a colon are all whole words in the body."""
    slots = range(len(pieces) - 1)
    for order in permutations(range(len(pieces))):
        if order == tuple(range(len(pieces))):
            continue
        ordered = [pieces[index] for index in order]
        pairs = [first[-1] + second[0] for first, second in pairwise(ordered)]
        whole = [_is_word(pair, body) for pair in pairs]
        for chosen in combinations(slots, len(colons)):
            if all(whole[slot] for slot in slots if slot not in chosen):
                marks = dict(zip(chosen, colons, strict=True))
                yield _TitleOrder(
                    text="".join(piece + marks.get(slot, "") for slot, piece in enumerate(ordered)),
                    # A sentence often runs on across the colon, so that its words stand together elsewhere.
                    across_colons=sum(pairs[slot] in body for slot in chosen),
                    moved=sum(first > second for first, second in combinations(order, 2)),
                )


def _is_word(pair: str, body: str) -> bool:
    """Whether two characters belong together: often side by side, and seldom without one another."""
    together = body.count(pair)
    if together < _SEEN_OFTEN:
        return False
    return any(together / body.count(character) >= _BELONGING for character in pair)


_UNDERLINE = re.compile(r" {0,3}=+\s*")


JOINED_TITLE = Rule(
    code="joined-title",
    severity=Severity.WARNING,
    group="The letter",
    meaning=(
        "the title stands on several lines, with a rule of `=` below, and is printed as one; a colon may be "
        "missing between them, or one may be no title"
    ),
    remedy="write it on one line behind a `#`; or print other words, or decide that it stands",
    example="a title on two lines above a rule of `=`",
    shown_in="",
)


def joined_titles(reading: CheckContext) -> Iterable[Finding]:
    """A title over several lines with a rule of = below them (CommonMark 4.3), as an import leaves it."""
    for version, text in zip(reading.letter.versions, reading.titles, strict=True):
        place = version.place
        lines = reading.files.get(place.file, ())[place.line - 1 :] if place and place.line else ()
        end = next((at for at, line in enumerate(lines) if _UNDERLINE.fullmatch(line) or not line.strip()), 0)
        if place and end > 1 and _UNDERLINE.fullmatch(lines[end]) and not lines[0].startswith("#"):
            yield JOINED_TITLE.finding(
                fact=f"the title stands on {end} lines and is printed as one: {text.text}",
                place=place,
                hint="write it on one line behind a #, with the mark that belongs between its parts",
                subject=text.subject,
                evidence=text.text,
            )


def scrambled_titles(reading: CheckContext) -> Iterable[Finding]:
    """Titles whose pieces make words of the letter in another order than they stand in."""
    for text in reading.titles:
        body = "\n".join(other.text for other in reading.bodies if other.lang == text.lang)
        yield from scrambled_title(text.text, body, text.spot(0, len(text.text)), text.subject)
