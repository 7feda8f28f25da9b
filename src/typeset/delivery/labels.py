"""Address labels: every recipient once, on sheets of common sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Any

from typeset.compose import Markup, fill, text_runs
from typeset.diagnostics import Finding, LetterError, error
from typeset.engine.speedups import parse
from typeset.fonts import WordsToSet, plan_faces
from typeset.languages import is_right_to_left
from typeset.pipeline import UNDATED, BuildContext, font_set, render_pages
from typeset.preflight import Expected, ExpectedText, Piece, face_names, read_pdf
from typeset.recipients import Addressee
from typeset.render import Rendered
from typeset.sources import Sources

TEMPLATE = "delivery/labels.html.j2"
SIZES = (10.0, 9.0, 8.0, 7.0)
"""Type sizes in points: each label uses the largest one that fits."""

_POINTS = 72 / 25.4
_SLACK = 0.3
"""How far ink may go beyond the measure, in mm: some glyphs are wider than their advance."""
_EDGE = 2
"""How far text has to stay from a label's upper and lower edge, in mm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet:
    """A sheet of labels; lengths in mm. Labels are ``width`` by ``height``, and begin ``across`` and ``down`` apart.

    ``inner`` and ``over`` are what stays white inside a label, at the sides and above and below: printers leave out
    some 4 mm at the edges of a sheet.
    """

    page: str
    columns: int
    rows: int
    left: float
    top: float
    width: float
    height: float
    across: float
    down: float
    page_height: float
    inner: float = 5
    over: float = 4

    @property
    def count(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """Where a label of a sheet begins, from the left and from the top; the first row comes first."""
        row, column = divmod(place % self.count, self.columns)
        return self.left + column * self.across, self.top + row * self.down

    def place(self, box: tuple[float, float, float, float]) -> int:
        """The label that the middle of a box (left, bottom, right, top in points from the lower left) is on."""
        x, y = (box[0] + box[2]) / 2 / _POINTS, self.page_height - (box[1] + box[3]) / 2 / _POINTS
        column = min(max(int((x - self.left) // self.across), 0), self.columns - 1)
        row = min(max(int((y - self.top) // self.down), 0), self.rows - 1)
        return row * self.columns + column

    def holds(self, place: int, box: tuple[float, float, float, float]) -> bool:
        """Whether a box is inside the text area of a label."""
        x, y = self.corner(place)
        left, right = (x + self.inner - _SLACK) * _POINTS, (x + self.width - self.inner + _SLACK) * _POINTS
        top, bottom = (self.page_height - y - _EDGE) * _POINTS, (self.page_height - y - self.height + _EDGE) * _POINTS
        return left <= box[0] and box[2] <= right and bottom <= box[1] and box[3] <= top

    def spans(self, place: int, page: int, height: float) -> bool:
        """Whether a base line is on a label: its page, and how high it is there, in points."""
        _, y = self.corner(place)
        down = self.page_height - height / _POINTS
        return page == place // self.count and y + _EDGE <= down <= y + self.height - _EDGE


SHEETS: Mapping[str, LabelSheet] = MappingProxyType(
    {
        # 24 of 70 by 37 mm, edge to edge: Avery Zweckform 3474, Herma 4464 and their like.
        "A4": LabelSheet(
            page="A4",
            columns=3,
            rows=8,
            left=0,
            top=0.5,
            width=70,
            height=37,
            across=70,
            down=37,
            page_height=297,
        ),
        # 14 of 4 by 1 1/3 inches: Avery 5162 and its like.
        "Letter": LabelSheet(
            page="Letter",
            columns=2,
            rows=7,
            left=3.96,
            top=21.17,
            width=101.6,
            height=33.87,
            across=106.36,
            down=33.87,
            page_height=279.4,
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The sheets as a PDF, empty when no address could be set, and findings about missing labels."""

    data: bytes
    pages: int
    findings: tuple[Finding, ...]


def labels_pdf(
    addressees: Sequence[Addressee],
    sources: Sources,
    context: BuildContext,
    *,
    page: str = "A4",
    made: datetime = UNDATED,
) -> Labels:
    """Sheets of labels in the order of the recipients.

    An address that has no face for a character, or that does not fit a label in the smallest size, is left out with a
    finding. Raises `LetterError` when preflight of the sheets fails.
    """
    sheet = SHEETS[page]
    kept: list[tuple[Addressee, float]] = []
    findings: list[Finding] = []
    for addressee in addressees:
        missing = plan_faces(_words(addressee), context.catalogue, addressee.lang).findings
        findings.extend(_about(addressee, finding) for finding in missing)
        if not missing:
            kept.append((addressee, SIZES[0]))
    while kept:
        rendered = _rendered(kept, sheet, sources, context, made)
        beyond = _beyond(rendered.data, [addressee for addressee, _ in kept], sheet)
        if not beyond:
            return Labels(data=rendered.data, pages=rendered.pages, findings=tuple(findings))
        findings.extend(_overflow(each, sheet) for each, size in kept if each.id in beyond and size == SIZES[-1])
        kept = [
            (each, SIZES[SIZES.index(size) + 1] if each.id in beyond else size)
            for each, size in kept
            if each.id not in beyond or size != SIZES[-1]
        ]
    return Labels(data=b"", pages=0, findings=tuple(findings))


def _words(addressee: Addressee) -> tuple[WordsToSet, ...]:
    lines = zip(addressee.address, addressee.languages, strict=True)
    return tuple(WordsToSet(text=text, lang=lang, subject="label", place=addressee.place) for text, lang in lines)


def _printed(addressee: Addressee) -> Iterator[ExpectedText]:
    turned = is_right_to_left(addressee.address[0])
    for text, lang in zip(addressee.address, addressee.languages, strict=True):
        yield ExpectedText(subject=_subject(addressee), text=text, allowed=frozenset({lang}), right_to_left=turned)


def _subject(addressee: Addressee) -> str:
    return f"recipient {addressee.id}"


def _about(addressee: Addressee, finding: Finding) -> Finding:
    return replace(finding, place=addressee.place, subject=_subject(addressee))


def _overflow(addressee: Addressee, sheet: LabelSheet) -> Finding:
    message = f"the address of {addressee.id} does not fit a label of {sheet.width:g} by {sheet.height:g} mm"
    return error(
        "label-overflow",
        f"{message} at {SIZES[-1]:g} points",
        "shorten the address in the list, or write this label by hand",
        place=addressee.place,
        subject=_subject(addressee),
        evidence="|".join(addressee.address),
    )


def _rendered(
    kept: Sequence[tuple[Addressee, float]],
    sheet: LabelSheet,
    sources: Sources,
    context: BuildContext,
    made: datetime,
) -> Rendered:
    labels: list[list[dict[str, Any]]] = []
    for place, (addressee, size) in enumerate(kept):
        left, top = sheet.corner(place)
        lines = [
            {"text": text, "lang": lang} for text, lang in zip(addressee.address, addressee.languages, strict=True)
        ]
        if place % sheet.count == 0 or not labels:
            labels.append([])
        side = "right" if is_right_to_left(addressee.address[0]) else "left"
        labels[-1].append({"left": left, "top": top, "size": size, "lines": lines, "side": side})
    html = fill(sources, TEMPLATE, {"sheets": labels, "sheet": sheet})
    words = text_runs(parse(html), "en", frozenset(), frozenset(), ())
    fonts = font_set(plan_faces(words, context.catalogue, kept[0][0].lang), context)
    subjects = {_subject(addressee): addressee for addressee, _ in kept}
    try:
        return render_pages(
            Markup(html=html, lang="en", words=words),
            fonts,
            context,
            expect=lambda _: Expected(
                title="Address labels",
                lang="en",
                printed=tuple(line for addressee, _ in kept for line in _printed(addressee)),
                page_words=("",) * len(labels),
                faces=face_names(fonts.plan.faces),
            ),
            made=made,
        )
    except LetterError as refused:
        misread = {finding.subject for finding in refused.findings} & subjects.keys()
        raise LetterError(
            [
                *(_misread(subjects[subject]) for subject in sorted(misread)),
                *(finding for finding in refused.findings if finding.subject not in misread),
            ]
        ) from refused


def _beyond(data: bytes, addressees: Sequence[Addressee], sheet: LabelSheet) -> frozenset[str]:
    """The ids of recipients whose address goes beyond its label."""
    beyond = {
        addressee.id
        for place, (addressee, pieces) in enumerate(_lines(data, addressees))
        if not all(sheet.spans(place, piece.page, piece.height) for piece in pieces)
    }
    if beyond:
        # Their ink may be on other labels, which are checked when these addresses are removed.
        return frozenset(beyond)
    for page, box in _inked(data):
        place = page * sheet.count + sheet.place(box)
        if place < len(addressees) and not sheet.holds(place, box):
            beyond.add(addressees[place].id)
    return frozenset(beyond)


def _lines(data: bytes, addressees: Sequence[Addressee]) -> Iterator[tuple[Addressee, tuple[Piece, ...]]]:
    """The text pieces of each label, in the order of the list."""
    blocks = iter(read_pdf(data).tree.blocks)
    for addressee in addressees:
        lines = islice(blocks, len(addressee.address))
        yield addressee, tuple(piece for block in lines for piece in block.body)


def _inked(data: bytes) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
    """The page of every printed character, and the box (left, bottom, right, top) that its ink is in."""
    import pypdfium2
    from pypdfium2 import raw

    document = pypdfium2.PdfDocument(data)
    for number, page in enumerate(document):
        text = page.get_textpage()
        for place in range(text.count_chars()):
            box = text.get_charbox(place)
            if raw.FPDFText_IsGenerated(text, place) != 1 and box[0] < box[2] and box[1] < box[3]:
                yield number, box
        text.close()
    document.close()


def _misread(addressee: Addressee) -> Finding:
    return error(
        "label-misread",
        f"the label of {addressee.id}, read back, does not have the characters of its address",
        "do not print these labels; report the address",
        place=addressee.place,
        subject=_subject(addressee),
        evidence="|".join(addressee.address),
    )
