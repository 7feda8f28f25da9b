"""Writes a PDF so that the parts that differ between copies or after an edit are at its end.

Stock pydyf writes objects in the order of their numbers, so one stream of another length moves everything after it.
Here the streams that may be replaced (the content of pages, an attached file) are at the end. The bytes before them are
kept, with the places of the objects and the state of the digest for the file's identifier. A file with other streams is
a copy of these bytes, the streams, and the cross-reference stream (ISO 32000-1, 7.5.8);
`incremental.document.PdfTemplate` makes such files. Every file has this order, so that its bytes do not depend on how
it was made.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from typeset.engine.loader import hold

PATCHED = {"PDF.write": "242cd38f92ecd33f"}
"""The start of the SHA-256 of the source of ``pydyf.PDF.write``, which this replaces."""

LEVEL = 9
"""The compression level of streams."""

FAST = 7
"""The compression level of the object stream: one percent smaller would take four times as long."""

HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"


class PdfFile:
    """A file with streams that may be replaced, by object number.

    ``pages`` are the content streams of the pages, in order; ``files`` are the replaceable attached files, by name.
    """

    def __init__(self, pdf: Any, replaceable: Collection[str] = ()) -> None:
        if pdf.info:
            pdf.add_object(pdf.info)
        self.pdf = pdf
        self.pages = _page_streams(pdf)
        self.files = {name: number for name, number in _file_streams(pdf) if name in replaceable}
        self.replaceable = (*self.pages, *self.files.values())
        self.objects: dict[int, bytes] = {number: _replaceable(pdf.objects[number]) for number in self.replaceable}
        self._root, self._info = pdf.catalog.reference, pdf.info.reference if pdf.info else b""
        self._packed = len(pdf.objects)
        self._fixed, self._places = _written(pdf.objects, frozenset(self.replaceable))
        self.data = {item.number: item.data for item in pdf.objects if item.compressible and item.free != "f"}
        self.pack()

    def pack(self) -> None:
        """Write the object stream (ISO 32000-1, 7.5.7)."""
        index: list[int] = []
        position = 0
        for place, (number, data) in enumerate(self.data.items()):
            self._places[number] = (2, self._packed, place)
            index += number, position
            position += len(data) + 1
        head = " ".join(map(str, index)).encode() + b"\n"
        entries = b"/Type /ObjStm/N %d/First %d" % (len(self.data), len(head))
        data = head + b"\n".join(self.data.values())
        self._places[self._packed] = (1, len(self._fixed), 0)
        self._prefix = self._fixed + stream_object(self._packed, data, entries, FAST)
        self._digest = sha256(self._prefix)
        self._rows = _rows(self._places, self._packed, _width(len(self._prefix)))

    @property
    def prefix(self) -> bytes:
        """The beginning of the file, which does not depend on what is replaced."""
        return self._prefix

    def written(self, replaced: Mapping[int, bytes] | None = None) -> bytes:
        """The file with some objects replaced; `stream_object` makes the new ones."""
        objects = {**self.objects, **(replaced or {})}
        pieces = [self._prefix]
        digest = self._digest.copy()
        position = len(self._prefix)
        offsets: dict[int, int] = {}
        for number in self.replaceable:
            piece = objects[number]
            pieces.append(piece)
            digest.update(piece)
            offsets[number] = position
            position += len(piece)
        pieces.append(self._closing(offsets, position, digest.hexdigest()[:32].encode()))
        return b"".join(pieces)

    def _closing(self, offsets: Mapping[int, int], position: int, identifier: bytes) -> bytes:
        """The cross-reference stream, which is itself an object, and its position."""
        width = _width(position)
        more = _more(self._packed)
        entry = 1 + width + more
        # Sizes of files seldom differ so much that positions need more bytes.
        known = len(self._rows) == entry * (self._packed + 1)
        rows = bytearray(self._rows if known else _rows(self._places, self._packed, width))
        for number, offset in offsets.items():
            rows[number * entry : (number + 1) * entry] = _row(1, offset, 0, width, more)
        own = self._packed + 1
        rows += _row(1, position, 0, width, more)
        data = zlib.compress(bytes(rows), LEVEL)
        info = b"/Info " + self._info if self._info else b""
        return b"".join(
            (
                b"%d 0 obj\n<</Type /XRef/W [1 %d %d]/Size %d/Root %b%b"
                % (own, width, more, own + 1, self._root, info),
                b"/ID [<%b> <%b>]/Filter /FlateDecode/Length %d>>\n" % (identifier, identifier, len(data)),
                b"stream\n" + data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % position,
            )
        )


def check() -> None:
    """Raises `ChangedEngine` if the code that writes files has changed."""
    import pydyf

    hold({"PDF.write": pydyf.PDF.write}, PATCHED, "pydyf")


def install(pdf: Any, replaceable: Collection[str] = ()) -> list[PdfFile]:
    """Let one ``pydyf.PDF`` be written as a `PdfFile`, which is then in the returned list.

    The content streams of pages may be replaced, and the attached files with these names.
    """
    made: list[PdfFile] = []

    def write(output: io.BytesIO, *_: object) -> None:
        file = PdfFile(pdf, replaceable)
        made.append(file)
        output.write(file.written())

    pdf.write = write
    return made


def stream_object(number: int, data: bytes, entries: bytes = b"", level: int = LEVEL) -> bytes:
    """A stream as an indirect object, compressed; ``entries`` are further entries of its dictionary."""
    packed = zlib.compress(data, level)
    head = b"%d 0 obj\n<<%b/Filter /FlateDecode/Length %d>>\nstream\n" % (number, entries, len(packed))
    return head + packed + b"\nendstream\nendobj\n"


def _page_streams(pdf: Any) -> tuple[int, ...]:
    pages = (pdf.objects[number] for number in pdf.pages["Kids"][::3])
    return tuple(_number(page["Contents"]) for page in pages)


def _file_streams(pdf: Any) -> Iterator[tuple[str, int]]:
    """The attached files, by name (ISO 32000-1, 7.11.3)."""
    for item in pdf.objects:
        if isinstance(item, dict) and item.get("Type") == "/Filespec":
            yield item["UF"].string, _number(item["EF"]["F"])


def _number(reference: Any) -> int:
    return int(reference.split()[0])


def _replaceable(stream: Any) -> bytes:
    """A stream of pydyf, written in the same way as its replacements."""
    import pydyf

    data = b"\n".join(pydyf._to_bytes(item) for item in stream.stream)
    return stream_object(stream.number, data, pydyf.Dictionary(stream.extra).data[2:-2])


def _written(objects: Sequence[Any], leaving_out: frozenset[int]) -> tuple[bytes, dict[int, tuple[int, int, int]]]:
    """The streams without some, and the place of each."""
    output = io.BytesIO()
    output.write(HEADER)
    places: dict[int, tuple[int, int, int]] = {}
    for item in objects:
        if item.free != "f" and not item.compressible and item.number not in leaving_out:
            places[item.number] = (1, output.tell(), 0)
            output.write(item.indirect + b"\n")
    return output.getvalue(), places


def _rows(places: Mapping[int, tuple[int, int, int]], last: int, width: int) -> bytes:
    nothing, more = (0, 0, 0), _more(last)
    first = _row(0, 0, 65535, width, more)
    return first + b"".join(_row(*places.get(number, nothing), width, more) for number in range(1, last + 1))


def _row(kind: int, place: int, index: int, width: int, more: int) -> bytes:
    return kind.to_bytes(1, "big") + place.to_bytes(width, "big") + index.to_bytes(more, "big")


def _more(objects: int) -> int:
    """The number of bytes for an object's index in an object stream: with tens of thousands it takes a third byte."""
    return 2 if objects <= 65535 else 3


def _width(size: int) -> int:
    """The number of bytes for a position in a file of this size: three up to 16 MB."""
    return max(3, (size.bit_length() + 7) // 8)
