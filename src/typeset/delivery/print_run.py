"""Print runs: all copies in one file for a printer, each beginning on the front of a sheet; shared objects occur once.

A print run is not a copy: it has no tags, attachments, links or signatures. The visible part of a seal is printed at
its place. The file's title and subject say that it is a print run.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from typeset.diagnostics import refuse_if_any
from typeset.preflight import ExpectedRun, preflight

_KEPT = ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/Rotate", "/UserUnit", "/Group")
"""The keys of a page that are kept besides its content (ISO 32000-1, table 30)."""

_LEFT_OUT = frozenset({"/Parent", "/StructParent", "/StructParents", "/Metadata", "/PieceInfo", "/Length"})
_HIDDEN, _PRINTED = 2, 4
"""Flags of an annotation (ISO 32000-1, table 165)."""


def print_run(copies: Sequence[tuple[str, bytes]]) -> bytes:
    """One PDF of all copies, given as name and bytes, in order, with blank pages for printing on both sides.

    Empty when there are no copies. Raises `LetterError` when a page, read back, differs from the copy's page.
    """
    if not copies:
        return b""
    run = _SharedObjects()
    pages = [(name, sheet) for name, data in copies for sheet in run.copied(data)]
    printed = run.finished(pages, len(copies))
    refuse_if_any(preflight(printed, ExpectedRun(copies=tuple(copies))))
    return printed


@dataclass(frozen=True, slots=True, kw_only=True)
class _PrintPage:
    """One page to be written; ``number`` counts from 1 in its copy, and is 0 for a blank page."""

    number: int
    body: bytes


@dataclass(slots=True)
class _SharedObjects:
    """The objects of the file by number; equal objects are written once."""

    objects: list[bytes] = field(default_factory=lambda: [b"", b""])
    """The catalogue and the page tree come first and are filled in last."""
    numbers: dict[bytes, int] = field(default_factory=dict)

    def copied(self, data: bytes) -> Iterator[_PrintPage]:
        """The pages of a copy, and a blank one when their number is odd."""
        reader = PdfReader(io.BytesIO(data))
        known: dict[tuple[int, int], int] = {}
        kept = b""
        for number, page in enumerate(reader.pages, start=1):
            kept = b"".join(b"%s %s " % (key.encode(), self.written(page[key], known)) for key in _KEPT if key in page)
            contents, resources = self._content(page, known)
            body = b"/Contents [%s] /Resources %s %s" % (contents, resources, kept)
            yield _PrintPage(number=number, body=body)
        if len(reader.pages) % 2:
            yield _PrintPage(number=0, body=b"/Resources << >> " + kept)

    def written(self, value: Any, known: dict[tuple[int, int], int]) -> bytes:
        """A value as bytes; everything that it refers to is written first."""
        if isinstance(value, IndirectObject):
            key = (value.idnum, value.generation)
            if key not in known:
                known[key] = 0
                known[key] = self._put(self.written(value.get_object(), known))
            if not known[key]:
                raise ValueError(f"object {value.idnum} of a page refers to itself")
            return b"%d 0 R" % known[key]
        if isinstance(value, StreamObject):
            encoded = value._data
            body = self._dictionary(value, known) + b" /Length %d" % len(encoded)
            return b"<< %s >>\nstream\n%s\nendstream" % (body, encoded)
        if isinstance(value, DictionaryObject):
            return b"<< %s >>" % self._dictionary(value, known)
        if isinstance(value, ArrayObject):
            return b"[%s]" % b" ".join(self.written(item, known) for item in value)
        stream = io.BytesIO()
        value.write_to_stream(stream)
        return stream.getvalue()

    def _dictionary(self, value: DictionaryObject, known: dict[tuple[int, int], int]) -> bytes:
        return b" ".join(
            _name(key) + b" " + self.written(value.raw_get(key), known) for key in value if key not in _LEFT_OUT
        )

    def _put(self, body: bytes) -> int:
        digest = hashlib.sha256(body).digest()
        if digest not in self.numbers:
            self.objects.append(body)
            self.numbers[digest] = len(self.objects)
        return self.numbers[digest]

    def _stream(self, content: bytes) -> bytes:
        return b"%d 0 R" % self._put(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))

    def _content(self, page: Any, known: dict[tuple[int, int], int]) -> tuple[bytes, bytes]:
        """The streams of a page and its resources, with the appearances of signature fields drawn by the page."""
        raw = page.raw_get("/Contents") if "/Contents" in page else ArrayObject()
        streams = raw.get_object() if isinstance(raw, IndirectObject) else raw
        parts = list(streams) if isinstance(streams, ArrayObject) else [raw]
        contents = [self.written(part, known) for part in parts]
        resources = page["/Resources"] if "/Resources" in page else DictionaryObject()
        shown = list(_appearances(page))
        if not shown:
            raw = page.raw_get("/Resources") if "/Resources" in page else DictionaryObject()
            return b" ".join(contents), self.written(raw, known)
        drawn = b"\nQ\n"
        forms = DictionaryObject(resources.get("/XObject", DictionaryObject()))
        named = self._dictionary(forms, known)
        for place, (form, matrix) in enumerate(shown):
            name = b"/Shown%d" % place
            numbers = b" ".join(b"%.4f" % number for number in matrix)
            drawn += b"q %s cm %s Do Q\n" % (numbers, name)
            named += b" %s %s" % (name, self.written(form, known))
        others = DictionaryObject({key: resources.raw_get(key) for key in resources if key != "/XObject"})
        body = b"<< %s /XObject << %s >> >>" % (self._dictionary(others, known), named)
        return b" ".join((self._stream(b"q\n"), *contents, self._stream(drawn))), body

    def finished(self, pages: Sequence[tuple[str, _PrintPage]], copies: int) -> bytes:
        """The file, with a bookmark for each copy and its name beside every page number."""
        # The last copy needs no blank page.
        pages = pages[:-1] if pages and not pages[-1][1].number else pages
        first = len(self.objects) + 1
        self.objects += [b"<< /Type /Page /Parent 2 0 R %s >>" % page.body for _, page in pages]
        kids = b" ".join(b"%d 0 R" % (first + place) for place in range(len(pages)))
        starts = [(place, name) for place, (name, page) in enumerate(pages) if page.number == 1]
        labels = b" ".join(
            b"%d << /P %s%s >>" % (place, _text(f"{name} " if page.number else "blank"), b" /S /D" * (page.number == 1))
            for place, (name, page) in enumerate(pages)
            if page.number < 2
        )
        outline = self._outline(starts, first)
        title = f"Print run of {copies} {'copy' if copies == 1 else 'copies'}"
        subject = "For a printer, both sides; not for delivery: it has no tags, no attachments and no signatures"
        self.objects.append(b"<< /Title %s /Subject %s >>" % (_text(title), _text(subject)))
        info = len(self.objects)
        self.objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids)
        self.objects[0] = (
            b"<< /Type /Catalog /Pages 2 0 R /Outlines %d 0 R /PageLabels << /Nums [%s] >> /ViewerPreferences "
            b"<< /DisplayDocTitle true /PrintScaling /None /Duplex /DuplexFlipLongEdge >> >>" % (outline, labels)
        )
        return _file(self.objects, info)

    def _outline(self, starts: Sequence[tuple[int, str]], first: int) -> int:
        root = len(self.objects) + 1
        ends = b" /First %d 0 R /Last %d 0 R" % (root + 1, root + len(starts)) if starts else b""
        self.objects.append(b"<< /Type /Outlines /Count %d%s >>" % (len(starts), ends))
        for order, (place, name) in enumerate(starts, start=1):
            beside = b" /Prev %d 0 R" % (root + order - 1) if order > 1 else b""
            beside += b" /Next %d 0 R" % (root + order + 1) if order < len(starts) else b""
            body = b"<< /Title %s /Parent %d 0 R /Dest [%d 0 R /Fit]%s >>" % (_text(name), root, first + place, beside)
            self.objects.append(body)
        return root


def _appearances(page: Any) -> Iterator[tuple[IndirectObject, tuple[float, ...]]]:
    """The appearances of the fields of a page, each with the matrix into its rectangle (ISO 32000-1, 12.5.5)."""
    for annotation in page.get("/Annots", ()):
        widget = annotation.get_object()
        flags = int(widget.get("/F", 0))
        if widget.get("/Subtype") != "/Widget" or flags & _HIDDEN or not flags & _PRINTED or "/AP" not in widget:
            continue
        normal = widget["/AP"].raw_get("/N")
        form = normal.get_object()
        if not isinstance(form, StreamObject) or not isinstance(normal, IndirectObject):
            continue
        left, bottom, right, top = _box(widget["/Rect"])
        a, b, c, d, e, f = (float(number) for number in form.get("/Matrix", (1, 0, 0, 1, 0, 0)))
        x0, y0, x1, y1 = _box(form["/BBox"])
        corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
        low, high = (
            [min(axis) for axis in zip(*corners, strict=True)],
            [max(axis) for axis in zip(*corners, strict=True)],
        )
        if right > left and top > bottom and high[0] > low[0] and high[1] > low[1]:
            across, up = (right - left) / (high[0] - low[0]), (top - bottom) / (high[1] - low[1])
            yield normal, (across, 0, 0, up, left - low[0] * across, bottom - low[1] * up)


def _box(rectangle: Any) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(number) for number in rectangle)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _name(key: str) -> bytes:
    stream = io.BytesIO()
    NameObject(key).write_to_stream(stream)
    return stream.getvalue()


def _text(text: str) -> bytes:
    return b"<%s>" % (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode()


def _file(objects: Sequence[bytes], info: int) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    name = hashlib.sha256(out).hexdigest()[:32].encode()
    trailer = b"<< /Size %d /Root 1 0 R /Info %d 0 R /ID [<%s> <%s>] >>" % (len(objects) + 1, info, name, name)
    return bytes(out + b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, table))
