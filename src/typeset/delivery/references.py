"""A copy that was proven in full, and what that proves of others: all that is the same bytes.

Of a copy from the same plate only what it has otherwise is read: the words of its address and salutation on the page,
and the record of its recipient. Whatever is not shown that way is left to the full proof; nothing is refused here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from typeset.address import Address, Line
from typeset.preflight.addressed import in_window
from typeset.preflight.alike import Known
from typeset.preflight.content import Piece
from typeset.preflight.expected import Printed
from typeset.preflight.matching import compared
from typeset.preflight.reading import Reading, read_pdf
from typeset.preflight.tree import Block
from typeset.preflight.words import spelled_otherwise
from typeset.recipients import Addressee
from typeset.scripts import is_right_to_left
from typeset.verify.addressed import NAME, address_of, recipient_json


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a line stands: the numbers of its marked content, each with the language that the tree has for it."""

    marks: Mapping[int, str]


class Reference:
    """One proven copy."""

    def __init__(self, data: bytes, addressee: Addressee) -> None:
        """Raises `ValueError` for a file that nothing can be held against."""
        reading = read_pdf(data)
        address = address_of(addressee.record())
        files = {item.name: item.data for item in reading.attachments}
        self._about = {key: value for key, value in json.loads(files[NAME]).items() if key != "recipient"}
        self._turned, self._height = is_right_to_left(reading.title), reading.heights[0]
        self._twins = {character: first for font in reading.fonts for character, first in font.twins.items()}
        self._places = tuple(self._found(reading, address))
        ours = [mark for place in self._places for mark in place.marks]
        if len(self._places) != len(address.spoken) or len(set(ours)) != len(ours):
            raise ValueError("its address does not stand by itself")
        self._ours = frozenset(ours)
        self._known = Known(data, attached=NAME, marks=(min(ours), max(ours)))

    def proves(self, data: bytes, addressee: Addressee) -> bool:
        """Whether a file is the copy of this recipient, since all but its own words is what was proven."""
        address = address_of(addressee.record())
        if len(address.spoken) != len(self._places):
            return False
        try:
            found = self._known.differences(data)
        except (ValueError, IndexError, KeyError, TypeError, AttributeError):
            return False
        if found is None or found.attached != recipient_json(addressee.record(), self._about):
            return False
        if any(found.pieces[mark] != pieces for mark, pieces in self._known.pieces.items() if mark not in self._ours):
            return False
        return all(
            self._says(place, line, found.pieces, in_field=at < len(address.lines))
            for at, (place, line) in enumerate(zip(self._places, address.spoken, strict=True))
        )

    def _says(self, place: _Place, line: Line, found: Mapping[int, tuple[Piece, ...]], *, in_field: bool) -> bool:
        pieces = [replace(piece, lang=lang) for mark, lang in place.marks.items() for piece in found[mark]]
        if any(spelled_otherwise(piece, self._twins) for piece in pieces):
            return False
        if in_field and not all(in_window(self._height, piece.height) for piece in pieces):
            return False
        comparison = compared(pieces, self._meant(line))
        return comparison.same and not comparison.strayed

    def _meant(self, line: Line) -> Printed:
        allowed = frozenset({line.lang})
        return Printed(subject="address", text=line.text, allowed=allowed, right_to_left=self._turned)

    def _found(self, reading: Reading, address: Address) -> Iterator[_Place]:
        """The blocks of this address, in their order."""
        blocks = iter(reading.tree.blocks)
        for line in address.spoken:
            meant = self._meant(line)
            block = next((one for one in blocks if _is_plain(one) and compared(one.body, meant).same), None)
            if block is not None:
                yield _Place(marks={piece.mark: piece.lang for piece in block.body if piece.mark is not None})


def _is_plain(block: Block) -> bool:
    """Whether a block is a paragraph on the first page whose content is all marked."""
    marked = all(piece.page == 0 and piece.mark is not None for piece in block.body)
    return block.kind == "P" and not block.label and bool(block.body) and marked
