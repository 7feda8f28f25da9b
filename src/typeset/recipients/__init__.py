"""Who a letter is delivered to: a list of recipients, with ready sets of those whom the United Nations knows by name.

What a row of the list leaves empty, the data beside this file fill in: names of states, offices, and the conventions of
formal address by office and language.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from typeset.diagnostics import Finding, Place
from typeset.recipients.addressee import Addressee

__all__ = ["Addressee", "read_recipients"]


def read_recipients(
    data: bytes, *, languages: Sequence[str], today: date, file: str = "recipients.csv"
) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """The recipients of a list (CSV), and what is to be said about it, all at once.

    ``languages`` are those of the letter's versions; the first is the one for recipients whose own has no version.
    """
    import csv
    import io

    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return tuple(
        Addressee(
            id=row["id"],
            office=row["office"],
            holder=row.get("holder") or "",
            lang=row.get("lang") or languages[0],
            salutation=row["salutation"],
            address=tuple(row["address"].split("|")),
            kind="office",
            place=Place(file=file, line=line),
        )
        for line, row in enumerate(rows, start=2)
    ), ()
