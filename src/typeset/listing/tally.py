"""What only all rows of a sheet show together: rows that are too long, columns passed over, answers unclear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from typeset.diagnostics import Finding, Severity
from typeset.listing.cells import Cells
from typeset.listing.columns import Headed
from typeset.listing.values import Shown, speaks_of_anonymity
from typeset.tables import Line
from typeset.tables.faults import fault

_SHARED: Final = 3
"""Rows with the same answer: then it is one of the form's, and nobody's own words."""


class Tally:
    """What only all rows together show."""

    def __init__(self, headed: Headed) -> None:
        self._headed = headed
        self._width = len(headed.headings)
        read = {at for role in headed.columns.roles for at in headed.at(role)}
        self._unread = [at for at in range(self._width) if at not in read]
        self._long: list[int] = []
        self._short: list[int] = []
        self._hidden: list[int] = []
        self._hides = frozenset(headed.sheet.hidden_rows)
        self._telltale: Counter[int] = Counter()
        self._unclear: defaultdict[str, list[int]] = defaultdict(list)
        self._unsaid: list[int] = []
        self._explicit = False
        self._consents = "consent" in headed.columns.roles
        self._unconsented: list[int] = []
        self._spaced: list[int] = []
        self._names = headed.at("name")
        self._used = {at + 1 for at in read}

    def look(self, line: Line) -> None:
        """What a row is, before anybody asks whose."""
        if any(cell.strip() for cell in line.cells[self._width :]):
            self._long.append(line.number)
        elif self._headed.sheet.ragged and len(line.cells) < self._width:
            self._short.append(line.number)
        if line.number in self._hides:
            self._hidden.append(line.number)
        for at in self._unread:
            if at < len(line.cells) and speaks_of_anonymity(line.cells[at].strip()):
                self._telltale[at] += 1

        if any(at < len(line.cells) and line.cells[at] != line.cells[at].strip() for at in self._names):
            self._spaced.append(line.number)

    def answered(self, line: Line, wanted: Shown, roles: Cells) -> None:
        """What a row says of publication."""
        if not roles.visible:
            return
        answer = " ".join(roles.joined(line, roles.visible).split())
        if wanted in (Shown.UNCLEAR, Shown.UNSAID):
            self._unclear[answer].append(line.number)
        elif not answer:
            self._unsaid.append(line.number)
        elif wanted is Shown.NAMED:
            self._explicit = True

    def taken(self, row: int, consent: str) -> None:
        """A row that names a signatory, with the date of consent that it gives."""
        if self._consents and not consent:
            self._unconsented.append(row)

    def findings(self) -> Iterator[Finding]:
        """What there is to say."""
        sheet, row = self._headed.sheet, self._headed.row
        if self._long:
            fact = f"{_rows(self._long)} more cells than there are headings"
            hint = "a name with a separator in it stands in quotation marks"
            yield fault("row-length", fact, sheet.place(self._long[0]), hint)
        if self._short:
            fact = f"{_rows(self._short)} fewer cells than there are headings"
            hint = "a cell with a line end in it stands in quotation marks"
            yield fault("row-length", fact, sheet.place(self._short[0]), hint, Severity.WARNING)
        if self._hidden:
            rows = "row is" if len(self._hidden) == 1 else "rows are"
            fact = f"{len(self._hidden)} {rows} hidden, and whoever saved the file did not see what is there"
            yield fault("hidden-rows", fact, sheet.place(self._hidden[0]), "show them, or delete them")
        for top, left, bottom, right in sheet.merged:
            if bottom > row and (bottom > top or right > left) and self._used & set(range(left, right + 1)):
                fact = "cells are merged here: only the first of them says anything"
                yield fault(
                    "merged-cells", fact, sheet.place(max(top, row + 1), left), "unmerge them, and fill each cell"
                )
        for at, times in self._telltale.items():
            fact = f"{times} cells of this column speak of anonymity, and the column is not read"
            hint = "say what it is: --map anonymous=… where yes means unnamed, --map publish=… where yes means named"
            yield fault("anonymity-unread", fact, sheet.place(row, at + 1), hint)
        yield from self._doubtful_answers()
        if self._spaced:
            rows = _rows(self._spaced).rpartition(" ")[0]
            fact = f"spaces before or behind a name are dropped ({rows})"
            yield fault("spaces-dropped", fact, sheet.place(self._spaced[0]), "nothing to do", Severity.NOTE)
        if self._unconsented:
            fact = f"{_rows(self._unconsented)} no date of consent"
            hint = "ask the partner who sent the list"
            yield fault("no-consent-date", fact, sheet.place(self._unconsented[0]), hint, Severity.WARNING)

    def _doubtful_answers(self) -> Iterator[Finding]:
        sheet = self._headed.sheet
        column = next((self._headed.at(role)[0] + 1 for role in ("anonymous", "publish") if self._headed.at(role)), 0)
        if self._explicit and self._unsaid:
            # Where others say no in so many words, an empty cell is no answer.
            self._unclear[""].extend(self._unsaid)
        for answer, rows in self._unclear.items():
            plain = f"“{answer}”" if answer and len(rows) >= _SHARED else "the answer" if answer else "an empty cell"
            where = f"row {rows[0]}" + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")
            fact = f"{plain} does not say whether the signatory may be named ({where})"
            hint = "write yes or no"
            if not answer or len(rows) >= _SHARED:
                hint += f', or say what it means: --answer "{answer}=anonymous", or =named'
            yield fault("unclear-anonymity", fact, sheet.place(rows[0], column), hint)


def _rows(numbers: list[int]) -> str:
    return f"row {numbers[0]} has" if len(numbers) == 1 else f"{len(numbers)} rows (the first is {numbers[0]}) have"
