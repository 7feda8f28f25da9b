"""A copy for one recipient: what it says more than the letter, and where it says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from typeset.address import Address
from typeset.diagnostics import Finding
from typeset.preflight.expected import Expected, Printed
from typeset.preflight.matching import as_read
from typeset.preflight.reading import Reading
from typeset.preflight.wording import mismatch, quoted
from typeset.scripts import is_right_to_left

SALUTATION = "salutation"
TOP, BOTTOM = 45.0, 87.0
"""Millimetres from the top of the sheet between which every line of an address stands (ISO 269, DL with a window)."""

_SHORTER = "make the address shorter: nine lines have room, of some 45 letters each"
_POINTS = 72 / 25.4
_BEFORE = ("date", "title", "recipients", "recipient ")


def addressed(meant: Expected, address: Address) -> Expected:
    """What a file has to be as the copy of one recipient."""
    turned = is_right_to_left(meant.title)
    lines = [
        Printed(subject=f"address {number}", text=line.text, allowed=frozenset({line.lang}), right_to_left=turned)
        for number, line in enumerate(address.lines, start=1)
    ]
    said = address.salutation
    salutation = Printed(subject=SALUTATION, text=said.text, allowed=frozenset({said.lang}), right_to_left=turned)
    place = next(
        (at for at, item in enumerate(meant.printed) if not item.subject.startswith(_BEFORE)), len(meant.printed)
    )
    printed = (*lines, *meant.printed[:place], salutation, *meant.printed[place:])
    return replace(meant, printed=printed, address=tuple(line.text for line in address.lines), shared_faces=True)


def check_address(reading: Reading, meant: Expected) -> Iterator[Finding]:
    """An address that does not stand where the window of an envelope shows it."""
    blocks = [block for block in reading.tree.blocks if as_read(block.body) not in meant.furniture]
    for text, block in zip(meant.address, blocks, strict=False):
        if not all(piece.page == 0 and in_window(reading.heights[0], piece.height) for piece in block.body):
            fact = f"the address does not fit its field, {TOP:.0f} to {BOTTOM + 1:.0f} mm from the top of page 1"
            found = mismatch("address-overflow", "address", f"{fact}: {quoted(text)}", evidence=text)
            yield replace(found, hint=_SHORTER)
            return


def in_window(page: float, height: float) -> bool:
    """Whether a line of that height stands in the window, on a page of that height; both in points."""
    return TOP <= (page - height) / _POINTS <= BOTTOM
