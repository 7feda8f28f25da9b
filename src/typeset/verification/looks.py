"""Whether the pages look as they did when they were approved.

The manifest has, for each page of the proof, a digest of its lines in the order of painting (`display_list`). A final
file has the same lines in the same order. Between and after them are only lines that are set anew for each file: the
sign-off, and a copy's address and salutation. They may move other lines to another page, and change none.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from pypdf import PdfReader

from typeset.compose import SEAL, short
from typeset.locales import Phrases
from typeset.manifest import Manifest, PageDigest, VersionDigests
from typeset.preflight import Expected, PdfText, paired
from typeset.verification.display_list import Box, DisplayList, Line, Shape, read_appearance, read_display_list
from typeset.verification.ink import ink_faults
from typeset.verification.page_layout import (
    FRAME,
    contrast,
    glyph_faults,
    is_underline,
    layout_faults,
    near,
    reading_order,
    words,
)
from typeset.verification.structure import structure_faults
from typeset.verification.verdict import ProofItem, broken, noted, proven, unproven

_ANEW = ("approval ", "sign-off", "demonstration", "address", "salutation")
"""The beginnings of subjects whose lines differ from file to file."""

_SIGN_OFF = _ANEW[:3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What a proof looks like: a digest for each page, where lines begin, and how often it has each shape."""

    pages: tuple[PageDigest, ...]
    lefts: tuple[int, ...]
    shapes: Mapping[str, int]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Whom a signature field has to name: by the certificate, and when by the signer's clock."""

    name: str
    when: datetime | None


def looks_of(data: bytes, reading: PdfText) -> Looks:
    """What a proof looks like, and everything in it that could not be proven later."""
    reader = PdfReader(io.BytesIO(data))
    display = read_display_list(list(reader.pages))
    flow = _placed(_flow(display.lines))
    pages = tuple(_digest([one for one in flow if one.line.page == page]) for page in range(len(display.sizes)))
    lefts = sorted({round(2 * one.line.box[0]) for one in flow if not one.goes_on})
    shapes = Counter(shape.form for shape in display.shapes)
    strange, _ = glyph_faults(display)
    faults = (*structure_faults(reader), *display.faults, *layout_faults(display, _reading_order(reading)), *strange)
    return Looks(pages=pages, lefts=tuple(lefts), shapes=dict(sorted(shapes.items())), faults=faults)


def check_looks(
    data: bytes,
    reading: PdfText,
    meant: Expected,
    manifest: Manifest,
    wording: VersionDigests,
    phrases: Phrases,
    signers: Mapping[str, Signer],
) -> Iterator[ProofItem]:
    """The proofs that the pages look as approved, that nothing hides there, and that the file has nothing else.

    Raises any exception of pypdf for damaged pages.
    """
    reader = PdfReader(io.BytesIO(data))
    display = read_display_list(list(reader.pages))
    strange, unknown = glyph_faults(display)
    anew = {
        (piece.page, piece.mark): item.subject
        for item, block in paired(reading, meant)
        if item.subject.startswith(_ANEW)
        for piece in (*block.label, *block.body)
    }
    signed_off = [line for line in _flow(display.lines) if anew.get((line.page, line.mark), "").startswith(_SIGN_OFF)]
    fields = tuple(_fields(reader))
    frames = [(one.page, one.box) for one in fields]
    faults = [*display.faults, *layout_faults(display, _reading_order(reading), frames), *strange]
    faults += _field_faults(fields, display, signed_off, phrases, manifest, signers)
    can_draw = find_spec("pypdfium2") is not None
    faults += ink_faults(data, display, frames) if can_draw else ()
    says = "nothing on its pages is hidden, covered, out of order or drawn as something else"
    yield _item(faults, "display", says, "its pages show something else than their text says")
    if not can_draw:
        yield noted("ink", "PDFium is not installed here, so its pages were not drawn a second time")
    if pictures := sum(shape.kind in ("picture", "drawing") for shape in display.shapes):
        yield noted("pictures", f"pictures or drawings in its letterhead: {pictures}; this proof does not read them")
    if unknown:
        says = f"the shapes of {', '.join(sorted(unknown))} were approved, but are not known to this program"
        yield noted("faces", says)
    faults = list(structure_faults(reader))
    yield _item(
        faults, "structure", "it has only parts that typeset writes", "it has parts that typeset does not write"
    )
    if manifest.schema < 2:
        yield unproven("look", "its manifest has the words of the approved pages, but not what they look like")
        return
    rest = [one for one in _placed(_flow(display.lines)) if (one.line.page, one.line.mark) not in anew]
    faults = [
        *_changed_lines(rest, wording.pages),
        *_moved_lines(rest, wording.lefts),
        *_added_shapes(display, wording, signed_off, fields),
    ]
    says = f"its lines look as approved; approved pages: {len(wording.pages)}"
    yield _item(faults, "look", says, "its pages look otherwise than the approved ones")


def _item(faults: Sequence[str], subject: str, says: str, otherwise: str) -> ProofItem:
    if not faults:
        return proven(subject, says)
    more = [f"and {len(faults) - _MOST} more"] if len(faults) > _MOST else []
    return broken(subject, otherwise, *faults[:_MOST], *more)


_MOST = 8


def _flow(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines of the letter itself, without those in the margins."""
    return tuple(line for line in lines if line.mark is not None and not line.artifact)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A line, and whether it goes on where the one before it ends."""

    line: Line
    goes_on: bool


def _placed(lines: Sequence[Line]) -> tuple[_Placed, ...]:
    """Lines in the order of painting: which of them go on the one before, whatever page they are on."""
    found = []
    before: Line | None = None
    for line in lines:
        found.append(_Placed(line=line, goes_on=before is not None and _goes_on(before, line)))
        before = line
    return tuple(found)


def _goes_on(before: Line, line: Line) -> bool:
    size = max(before.size, line.size)
    gap = max(line.box[0] - before.box[2], before.box[0] - line.box[2])
    return before.page == line.page and abs(before.box[1] - line.box[1]) <= _RAISED * size and gap <= _APART * size


_RAISED, _APART = 0.6, 2.5
"""Parts of the size: how much higher or lower a piece may be on a line, and how far from the piece before it."""


def _digest(lines: Sequence[_Placed]) -> PageDigest:
    digest = hashlib.sha256()
    for one in lines:
        digest.update(b"\1" if one.goes_on else b"\0")
        digest.update(one.line.form)
    return PageDigest(lines=len(lines), sha256=digest.hexdigest())


def _moved_lines(lines: Sequence[_Placed], lefts: Sequence[int]) -> Iterator[str]:
    """Lines that begin where no line of the approved pages begins."""
    for one in lines:
        left = 2 * one.line.box[0]
        if not one.goes_on and not any(abs(left - known) <= _SHIFT for known in lefts):
            yield f"page {one.line.page + 1}: “{words(one.line)[:40]}” begins where no approved line begins"


_SHIFT = 1.2
"""Half points."""


def _reading_order(reading: PdfText) -> Mapping[tuple[int, int], int]:
    return reading_order(
        [(piece.page, piece.mark) for piece in (*block.label, *block.body)] for block in reading.tree.blocks
    )


def _changed_lines(lines: Sequence[_Placed], approved: Sequence[PageDigest]) -> Iterator[str]:
    """Pages of the proof whose lines are not these, one after the other."""
    wanted = sum(page.lines for page in approved)
    if len(lines) != wanted:
        yield f"it has {len(lines)} lines of text, but {wanted} were approved"
    start = 0
    for number, page in enumerate(approved, start=1):
        these = lines[start : start + page.lines]
        start += page.lines
        if _digest(these) != page:
            first = f": from “{words(these[0].line)[:40]}” to “{words(these[-1].line)[:40]}”" if these else ""
            yield f"the lines of page {number} of the approved proof look different{first}"


def _added_shapes(
    display: DisplayList, wording: VersionDigests, signed_off: Sequence[Line], fields: Sequence[_Field]
) -> Iterator[str]:
    """Rules, boxes and pictures that no approved page has, outside the sign-off."""
    for page in range(len(display.sizes)):
        shapes = [shape for shape in display.shapes if shape.page == page]
        shapes = [shape for shape in shapes if not _of_sign_off(shape, signed_off, fields)]
        found = Counter(shape.form for shape in shapes)
        for form, times in found.items():
            if times > wording.shapes.get(form, 0):
                yield f"page {page + 1} has a {form.split()[0]} that no approved page has"


def _of_sign_off(shape: Shape, signed_off: Sequence[Line], fields: Sequence[_Field]) -> bool:
    """Whether a shape is the frame of a field, or the rule above the sign-off."""
    if any(field.page == shape.page and near(field.box, shape.box) for field in fields):
        return shape.kind == "box"
    if shape.kind == "rule" and any(is_underline(shape.box, line) for line in signed_off if line.page == shape.page):
        return True
    top = max((line.box[3] for line in signed_off if line.page == shape.page), default=None)
    long = shape.kind == "rule" and shape.box[2] - shape.box[0] >= _LONG
    return top is not None and long and top < shape.box[1] < top + _ABOVE


_LONG, _ABOVE = 40.0, 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A signature field: its page, its place, and what it shows."""

    name: str
    page: int
    box: Box
    shown: DisplayList | None


def _fields(reader: Any) -> Iterator[_Field]:
    for number, page in enumerate(reader.pages):
        for raw in page.get("/Annots") or ():
            widget = raw.get_object()
            if widget.get("/Subtype") == "/Widget":
                left, bottom, right, top = (float(value) for value in widget["/Rect"])
                if (right - left) < 1 and (top - bottom) < 1:
                    continue
                appearance = widget.get("/AP")
                shown = read_appearance(appearance["/N"].get_object()) if appearance is not None else None
                yield _Field(name=str(widget.get("/T", "")), page=number, box=(left, bottom, right, top), shown=shown)


def _field_faults(
    fields: Sequence[_Field],
    display: DisplayList,
    signed_off: Sequence[Line],
    phrases: Phrases,
    manifest: Manifest,
    signers: Mapping[str, Signer],
) -> Iterator[str]:
    """Fields outside the sign-off, over text, or that show another signer than the certificate names."""
    for field in fields:
        below = [line for line in signed_off if line.page == field.page and line.box[1] >= field.box[3] - FRAME]
        if not below:
            yield f"the field {field.name} is not below the sign-off"
        if any(_overlap(field.box, line.box) for line in display.on_page(field.page)):
            yield f"the field {field.name} covers text of the page"
        if field.shown is not None:
            yield from _appearance_faults(field, field.shown, phrases, manifest, signers)


def _appearance_faults(
    field: _Field, shown: DisplayList, phrases: Phrases, manifest: Manifest, signers: Mapping[str, Signer]
) -> Iterator[str]:
    where = f"the field {field.name}"
    yield from (f"{where}: {fault}" for fault in shown.faults)
    strange, _ = glyph_faults(shown)
    yield from (f"{where}: {fault}" for fault in strange)
    if shown.shapes:
        yield f"{where} shows a {shown.shapes[0].kind}"
    for line in shown.lines:
        if contrast(line.colour, (1.0, 1.0, 1.0)) < _READABLE:
            yield f"{where} shows text that is hardly or not visible"
    said = "".join("".join(words(line) for line in shown.lines).split())
    signer = signers.get(field.name)
    if signer is not None and said not in set(_said(field.name, signer, phrases, manifest)):
        yield f"{where} shows “{said[:80]}”, which is not in its certificate"


_READABLE = 3.0


def _said(field: str, signer: Signer, phrases: Phrases, manifest: Manifest) -> Iterator[str]:
    """What a field may show, without spaces: the day may be the one before or after by another clock's time zone."""
    heading = phrases.sealed if field == SEAL else phrases.signed
    edition = phrases.edition.format(number=manifest.edition.number, digest=short(manifest.digest))
    for days in (-1, 0, 1):
        when = signer.when + timedelta(days=days) if signer.when else None
        parts = (heading, signer.name, phrases.date_of(when.date()) if when else "", edition)
        yield "".join("".join(parts).split())


def _overlap(one: Box, other: Box) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(one[1], other[1])
