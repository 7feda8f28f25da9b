"""What a signature adds to the end of a file, taken apart: the revision that pyHanko writes for a prepared field.

Many files that end alike get the same revision but for what depends on the file before it: places, identifiers, the
signature itself and its hour. Whoever makes many, and whoever proves many, has this in common.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

_END = re.compile(rb"startxref\n([0-9]{1,10})\n%%EOF\n\Z")
_TABLE = re.compile(
    rb"([0-9]{1,9}) 0 obj\n<<\n(?P<head>.*?)/ID \[ <(?P<first>[0-9a-f]{32})> <(?P<second>[0-9a-f]{32})> \]\n"
    rb"/Prev (?P<previous>[0-9]{1,10})\n(?P<index>/Index \[ (?P<pairs>[0-9 ]+) \]\n)"
    rb"/Length (?P<length>[0-9]{1,6})\n>>\nstream\n",
    re.DOTALL,
)
_TAIL = b"\nendstream\nendobj\n\n"
_WIDTHS = b"/W [ 1 8 2 ]\n"
_ENTRY = 11
_CONTENTS = re.compile(rb"/Contents (<[0-9A-F]{2000,}>)\n/ByteRange (\[[0-9]+ [0-9]+ [0-9]+ [0-9]+\] *)\n")
_HOUR = re.compile(rb"/M \(D\\072([0-9]{14})Z\)")
_PREVIOUS = re.compile(rb"startxref\n([0-9]{1,10})\n%%EOF\n")


class OtherRevision(ValueError):
    """The end of a file is not what a signature of ours adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A file in two: ``base``, as long as it was before, and what was added, with all that depends on the base apart.

    ``objects`` is what stands before the table: the container, the range and the hour in it are ``contents``,
    ``byte_range`` and ``hour``, by their places in it. ``rows`` gives the places of its objects from its beginning.
    """

    base: int
    objects: bytes
    contents: tuple[int, int]
    byte_range: tuple[int, int]
    hour: tuple[int, int]
    number: bytes
    head: bytes
    index: bytes
    rows: bytes
    first: bytes
    previous: int

    @property
    def alike(self) -> tuple[bytes, ...]:
        """Everything that does not depend on the base, nor on the hour or the signature."""
        blank = bytearray(self.objects)
        for start, end in (self.contents, self.byte_range, self.hour):
            blank[start:end] = bytes(end - start)
        return bytes(blank), self.number, self.head, self.index, self.rows

    def written(self, base: bytes, first: bytes, previous: int, second: bytes) -> bytes:
        """The same revision for another base, its container and range still those of this one."""
        place = len(base) + len(self.objects)
        rows = zlib.compress(moved(self.rows, len(base)))
        return b"".join(
            (
                self.objects,
                self.number,
                b" 0 obj\n<<\n" + self.head + b"/ID [ <%b> <%b> ]\n/Prev %d\n" % (first, second, previous),
                self.index + b"/Length %d\n>>\nstream\n" % len(rows),
                rows + _TAIL + b"startxref\n%d\n%%%%EOF\n" % place,
            )
        )


def read_revision(data: bytes) -> Revision:
    """The last revision of a file. Raises `OtherRevision` for anything but what is written for one of our fields."""
    end = _END.search(data, max(0, len(data) - 64))
    if end is None or not 0 < int(end[1]) < len(data):
        raise OtherRevision("the file ends otherwise")
    place = int(end[1])
    table = _TABLE.match(data, place)
    if table is None or not table["head"].startswith(_WIDTHS):
        raise OtherRevision("its table is written otherwise")
    start, length = table.end(), int(table["length"])
    if data[start + length : end.start()] != _TAIL:
        raise OtherRevision("something stands after its table")
    previous = int(table["previous"])
    before = _PREVIOUS.search(data, previous, place)
    if before is None or int(before[1]) != previous:
        raise OtherRevision("the file before it ends otherwise")
    base = before.end()
    objects = data[base:place]
    contents, hour = list(_CONTENTS.finditer(objects)), list(_HOUR.finditer(objects))
    if len(contents) != 1 or len(hour) != 1:
        raise OtherRevision("it has no signature, or several")
    numbers = list(map(int, table["pairs"].split()))
    # The first pair is the head of the list of free objects.
    if numbers[:2] != [0, 1] or len(numbers) % 2:
        raise OtherRevision("its table lists other objects")
    rows = _unpacked(data[start : start + length])
    if len(rows) != _ENTRY * sum(numbers[1::2]):
        raise OtherRevision("its table has another length")
    return Revision(
        base=base,
        objects=objects,
        contents=contents[0].span(1),
        byte_range=contents[0].span(2),
        hour=hour[0].span(1),
        number=table[1],
        head=table["head"],
        index=table["index"],
        rows=moved(rows, -base),
        first=table["first"],
        previous=previous,
    )


def moved(rows: bytes, by: int) -> bytes:
    """The rows of a table with the places of all objects moved. Raises `OtherRevision` where one is nowhere."""
    found = bytearray(rows)
    for at in range(_ENTRY, len(rows), _ENTRY):
        place = int.from_bytes(rows[at + 1 : at + 9], "big") + by
        if rows[at] != 1 or place < 0:
            raise OtherRevision("its table has an object that is nowhere")
        found[at + 1 : at + 9] = place.to_bytes(8, "big")
    return bytes(found)


def _unpacked(packed: bytes) -> bytes:
    unpack = zlib.decompressobj()
    try:
        data = unpack.decompress(packed)
    except zlib.error as fault:
        raise OtherRevision("its table is damaged") from fault
    if not unpack.eof or unpack.unused_data:
        raise OtherRevision("its table is damaged")
    return data
