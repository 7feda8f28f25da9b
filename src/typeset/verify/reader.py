"""pyHanko's reader of PDFs, for files with as many objects as a letter with its structure tree has.

A reach into a private method: the stock reader parses the whole index of an object stream again for every object in
it, which takes seconds for a letter and hours for a list of thousands. Everything else is its own. The release is
pinned, and a test reads every object both ways.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any


@cache
def reader_class() -> Any:
    """The class; made when it is first asked for, since pyHanko is imported late."""
    from pyhanko.pdf_utils import generic, misc
    from pyhanko.pdf_utils.decode_limits import DecodePurpose
    from pyhanko.pdf_utils.reader import PdfFileReader

    class Reader(PdfFileReader):  # type: ignore[misc]
        """Strict, and reads the index of an object stream once."""

        def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
            streams = self.__dict__.setdefault("_read_streams", {})
            stream = generic.Reference(stmnum, 0, self).get_object()
            # A later revision may have written the stream anew under the same number.
            kept = streams.get(stmnum)
            if kept is None or kept[0] is not stream:
                kept = streams[stmnum] = (stream, *_index(stream))
            _, data, places = kept
            if not 0 <= idx < len(places) or places[idx][0] != idnum:
                raise misc.PdfStrictReadError(f"object {idnum} is not where the index of its stream says")
            source = io.BytesIO(data)
            source.seek(places[idx][1])
            found = generic.read_object(source, generic.Reference(idnum, 0, self))
            if isinstance(found, generic.StreamObject | generic.IndirectObject):
                raise misc.PdfStrictReadError("an object stream holds an object that may not be in one")
            return found

    def _index(stream: Any) -> tuple[bytes, tuple[tuple[int, int], ...]]:
        if not isinstance(stream, generic.StreamObject) or stream.get("/Type") != "/ObjStm":
            raise misc.PdfStrictReadError("an object is said to be in a stream that holds none")
        data: bytes = stream.read_data(DecodePurpose.OBJECT_STREAM)
        first, count = int(stream["/First"]), int(stream["/N"])
        numbers = [int(number) for number in data[:first].split()]
        if len(numbers) != 2 * count:
            raise misc.PdfStrictReadError("the index of an object stream has another length than it says")
        return data, tuple(zip(numbers[::2], (first + offset for offset in numbers[1::2]), strict=True))

    return Reader


def open_pdf(data: bytes) -> Any:
    """A reader of a file in memory. Raises whatever pyHanko raises for a damaged one."""
    return reader_class()(io.BytesIO(data))
