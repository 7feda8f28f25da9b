"""Files that differ only in a few streams: what is the same, byte for byte, is not read twice.

One file was read in full and is known. Another file is cut at the places in its cross-reference stream: all other
objects must have the known bytes, nothing may be between or after them, and only one stretch of the words on the page
may differ. Only that stretch is then read. If anything else differs, the answer is None, and the file has to be read
in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream, StreamObject

from typeset.preflight.extraction import LOST, Fonts, Piece, Watch
from typeset.preflight.glyph_text import drawn_otherwise
from typeset.preflight.pdf import cut, head, inflated, read_table, says_of_itself
from typeset.preflight.pdf_text import program_of

_TEXT = frozenset({b"BT", b"ET", b"Tm", b"Tf", b"TJ", b"Tj", b"BDC", b"EMC"})
"""The operators that may differ in a stretch: text, and its marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """How a file differs from the known one: its attached file, and the pieces of the stretch by their marks."""

    attached: bytes
    pieces: Mapping[int, tuple[Piece, ...]]


class ProvenFile:
    """A file that was read, with which others are compared."""

    def __init__(self, data: bytes, *, attached: str, marks: tuple[int, int]) -> None:
        """``attached`` is the name of the file that may differ, ``marks`` the first and last of the stretch on page 1.

        Raises `ValueError` for a file that is not written in the one form that this module knows.
        """
        self._data = data
        reader = PdfReader(BytesIO(data), strict=True)
        page: Any = reader.pages[0]
        self._reader, self._page, self._fonts = reader, page, Fonts()
        self._content = _number(page.raw_get("/Contents"))
        self._attached = _attached_number(reader, attached)
        table = read_table(data)
        if table is None:
            raise ValueError("its cross-reference stream has another form")
        self._table = table
        if any(table.offset(number) != at for number, at in reader.xref[0].items() if number in table):
            raise ValueError("its objects are not where its cross-reference stream says")
        self._prefix = table.offset(self._content)
        self._movable = table.from_offset(self._prefix)
        if self._attached not in self._movable:
            raise ValueError("the attached file is in the part that stays")
        self._objects = dict(zip(self._movable, cut(data, table, self._movable), strict=True))
        self._operators = inflated(self._objects[self._content])
        self._read_stretch(marks)

    def differences(self, data: bytes) -> Differences | None:
        """How another file differs; None when it has to be read in full."""
        if not data.startswith(self._data[: self._prefix]):
            return None
        table = read_table(data)
        if table is None or not table.alike(self._table, self._movable) or table.offset(self._content) != self._prefix:
            return None
        objects = dict(zip(self._movable, cut(data, table, self._movable), strict=True))
        for number, piece in objects.items():
            known = self._objects[number]
            if number not in (self._content, self._attached) and piece != known:
                return None
            if piece and head(piece) != head(known):
                return None
        attached, operators = inflated(objects[self._attached]), inflated(objects[self._content])
        if not says_of_itself(objects[self._attached], attached):
            return None
        pieces = self._stretch(operators)
        return None if pieces is None else Differences(attached=attached, pieces=pieces)

    def _read_stretch(self, marks: tuple[int, int]) -> None:
        """Find the stretch, and what is in it besides text."""
        operators = self._operators
        first, last = (operators.find(b"\n/Span\n<</MCID %d>>\nBDC\n" % mark) for mark in marks)
        end = operators.find(b"\n/Span\n<</MCID %d>>\nBDC\n" % (marks[1] + 1), last)
        if first < 0 or last < first or end < 0:
            raise ValueError("its first page has other marks")
        self._start, self._rest = first + 1, len(operators) - end - 1
        before, within, after = (
            self._parsed(part)
            for part in (operators[: self._start], operators[self._start : end + 1], operators[end + 1 :])
        )
        if before + within + after != self._parsed(operators):
            raise ValueError("its first page cannot be cut there")
        self._matrix = _matrix_after(before)
        self._besides = _besides(within)
        self._bad: dict[int, frozenset[bytes]] = {}
        known = self._watched(within)
        if known is None:
            raise ValueError("its first page has text that cannot be read")
        self.pieces = known

    def _stretch(self, operators: bytes) -> Mapping[int, tuple[Piece, ...]] | None:
        same = operators.startswith(self._operators[: self._start])
        if not same or not operators.endswith(self._operators[len(self._operators) - self._rest :]):
            return None
        if len(operators) < self._start + self._rest:
            return None
        within = self._parsed(operators[self._start : len(operators) - self._rest])
        if _besides(within) != self._besides:
            return None
        pieces = self._watched(within)
        return pieces if pieces is not None and pieces.keys() == self.pieces.keys() else None

    def _parsed(self, operators: bytes) -> list[Any]:
        stream = StreamObject()
        stream.set_data(operators)
        return list(ContentStream(stream, self._reader, "bytes").operations)

    def _watched(self, operations: list[Any]) -> Mapping[int, tuple[Piece, ...]] | None:
        """The pieces by their marks; None when text is shown outside marks, or drawn as another character."""
        watch = Watch(self._page, 0, self._fonts)
        shown_before = {key: set(used.shown) for key, used in self._fonts.by_object.items()}
        for used in self._fonts.by_object.values():
            used.shown.clear()
        place = _IDENTITY
        depth = 0
        for operands, operator in operations:
            depth += (operator in (b"BDC", b"BMC")) - (operator == b"EMC")
            match operator:
                case b"BT":
                    place = _IDENTITY
                case b"Tm":
                    place = tuple(map(float, operands))
            if depth < 0:
                return None
            watch.before(operator, operands, self._matrix, place)
        watch.close()
        lost = any(LOST in piece.clusters for pieces in watch.marked.values() for piece in pieces)
        if depth or watch.outside or watch.without_font or lost or self._drawn_otherwise():
            return None
        for key, codes in shown_before.items():
            self._fonts.by_object[key].shown |= codes
        return {mark: tuple(pieces) for mark, pieces in watch.marked.items()}

    def _drawn_otherwise(self) -> bool:
        """Whether a code that was just shown draws another character than the one that is read."""
        for key, used in self._fonts.by_object.items():
            if key not in self._bad:
                self._bad[key] = _bad_codes(used)  # type: ignore[index]
            if used.shown & self._bad[key]:  # type: ignore[index]
                return True
        return False


_IDENTITY: tuple[float, ...] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _number(reference: Any) -> int:
    return int(reference.idnum)


def _attached_number(reader: PdfReader, name: str) -> int:
    found = [item for item in reader.trailer["/Root"]["/AF"] if item.get_object().get("/UF") == name]  # type: ignore[index]
    if len(found) != 1:
        raise ValueError(f"it has no {name}, or several")
    return _number(found[0].get_object()["/EF"].raw_get("/F"))


def _besides(operations: list[Any]) -> list[Any]:
    return [operation for operation in operations if operation[1] not in _TEXT]


def _matrix_after(operations: list[Any]) -> tuple[float, ...]:
    """The transformation after these operators."""
    current, kept = _IDENTITY, []
    for operands, operator in operations:
        match operator:
            case b"q":
                kept.append(current)
            case b"Q":
                current = kept.pop()
            case b"cm":
                current = _product(tuple(map(float, operands)), current)
    return current


def _product(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _bad_codes(used: Any) -> frozenset[bytes]:
    """Codes of a font that draw other characters than the file says."""
    program, identical = program_of(used.font)
    if not program or not identical:
        return frozenset(used.codes.characters)
    texts = {int.from_bytes(code): text for code, text in used.codes.characters.items()}
    bad = {read for read, _ in drawn_otherwise(program, texts, texts)}
    return frozenset(code for code, text in used.codes.characters.items() if text in bad)
