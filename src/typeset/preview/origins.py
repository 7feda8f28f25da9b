"""From a spot on the page back to the line of source it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from typeset.compose import printed_text, read_words, recipient_lines
from typeset.diagnostics import Place
from typeset.model import Letter, Version
from typeset.preview.pages import Printed
from typeset.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A stretch of text that the sources ask for: its subject, its characters as printed, where they come from.

    ``kind`` is what a paragraph of the body is for, with the level of a heading; empty for everything else.
    """

    subject: str
    text: str
    place: Place
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A printed block and its origin."""

    printed: Printed
    origin: Origin


def origins_of(letter: Letter, version: Version, sources: Sources) -> tuple[Origin, ...]:
    """Everything of a version that is printed, in the order of the sources."""
    return tuple(_origins(letter, version, sources))


def _origins(letter: Letter, version: Version, sources: Sources) -> Iterator[Origin]:
    if version.place:
        yield Origin(subject="title", text=version.printed_title, place=version.place)
    lines = recipient_lines(letter, version, read_words(sources, version.lang))
    for number, (recipient, line) in enumerate(zip(letter.recipients, lines, strict=True), start=1):
        if recipient.place:
            yield Origin(subject=f"recipient {number}", text=line, place=recipient.place)
    for block in version.blocks:
        text = printed_text(block, letter.counts)
        if block.place and text:
            kind = f"{block.part} {block.level}"
            yield Origin(subject=f"body {version.lang}", text=text, place=block.place, kind=kind)
    for signatory in letter.signatories:
        if signatory.place:
            yield Origin(subject=f"signatory {signatory.number}", text=signatory.printed, place=signatory.place)


def spots_of(blocks: Sequence[Printed], origins: Sequence[Origin]) -> tuple[Spot, ...]:
    """The blocks whose origin is known. Entries are known by their numbers, everything else by its text."""
    numbered = {origin.subject: origin for origin in origins}
    texts = [(_plain(origin.text), origin) for origin in origins if not origin.subject.startswith("signatory ")]
    found: list[Spot] = []
    start = 0
    for printed in blocks:
        number = re.match(r"\s*(\d+)\.", printed.label)
        origin = numbered.get(f"signatory {number[1]}") if number and printed.kind == "LI" else None
        if origin is None:
            # From where the last one was found: of two paragraphs with the same words the first comes first.
            place = _position(_plain(printed.text), texts, start)
            if place is None:
                continue
            start, origin = place, texts[place][1]
        found.append(Spot(printed=printed, origin=origin))
    return tuple(found)


def _position(text: str, texts: Sequence[tuple[str, Origin]], start: int) -> int | None:
    if not text:
        return None
    order = (*range(start, len(texts)), *range(start))
    whole = (place for place in order if texts[place][0] == text)
    # A paragraph that goes over a page is two blocks, each with a part of it; and a line break in the sources may be
    # one paragraph's on the page.
    parts = (place for place in order if text in texts[place][0])
    longer = (place for place in order if texts[place][0] and texts[place][0] in text)
    return next(chain(whole, parts, longer), None)


def _plain(text: str) -> str:
    """The characters that a page and a source have in common: no spaces, no marks of divided words."""
    return re.sub(r"[\s\u00ad\u2010\u2011\ufffe\x02*-]+", "", text)
