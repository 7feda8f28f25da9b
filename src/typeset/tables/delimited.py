"""CSV files: their encoding, their delimiter, and their rows of text."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from typeset.diagnostics import Finding, Location
from typeset.importer import decode, every_language
from typeset.tables.sheet import Limits, Sheet, SheetRow, fault

_WESTERN = {"cp1252": "Western Europe", "cp1250": "Central Europe", "cp1251": "Cyrillic", "mac_roman": "old Macintosh"}


def decoded(data: bytes, name: str, findings: list[Finding], *, encoding: str, otherwise: str) -> tuple[str, str]:
    """The text and the encoding it was read in; an empty encoding where it cannot be read.

    What is said is believed, unless the bytes are not in it. Otherwise Unicode is told by its marks and by its form,
    East Asian and Cyrillic encodings by their letters. One-byte encodings of Europe look alike and are asked for.
    """
    if encoding:
        return _declared(data, name, findings, encoding)
    found = decode(data, name, every_language())
    if not found.findings:
        return found.text, found.encoding
    if otherwise and (text := _strictly(data, otherwise)) is not None:
        return text, otherwise
    fitting = [f"{each} ({where})" for each, where in _WESTERN.items() if _strictly(data, each) is not None]
    hint = f"save it as UTF-8, or give its encoding: --encoding {', '.join(fitting)}" if fitting else "save it as UTF-8"
    findings.extend(replace(each, hint=hint) for each in found.findings)
    return "", ""


def _declared(data: bytes, name: str, findings: list[Finding], encoding: str) -> tuple[str, str]:
    try:
        known = codecs.lookup(encoding)
    except (LookupError, ValueError):
        known = None
    # Some codecs of Python are no encodings of text.
    if known is None or not getattr(known, "_is_text_encoding", True) or known.name.replace("-", "_") in _NOT_OF_FILES:
        hint = "such as utf-8, cp1252, cp1251, gb18030, big5, shift_jis"
        findings.append(fault("unknown-encoding", f"{encoding} is not a known encoding", name, hint))
        return "", ""
    try:
        text = data.decode("utf-8-sig" if known.name == "utf-8" else known.name)
    except UnicodeDecodeError as wrong:
        before = data[: wrong.start].decode(known.name, "replace")
        place = Location(file=name, line=before.count("\n") + 1, column=len(before.rsplit("\n", 1)[-1]) + 1)
        message = f"byte 0x{data[wrong.start]:02x} is not valid in {known.name}"
        hint = "check whether the file mixes encodings, or give another one with --encoding"
        findings.append(fault("unknown-encoding", message, place, hint))
        return "", ""
    return text.removeprefix("\ufeff"), known.name


_NOT_OF_FILES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


_DELIMITERS = (",", ";", "\t", "|")
_NAMED = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What separates cells, what encloses one that holds a separator, and what stands before a mark inside it."""

    delimiter: str
    quote: str = '"'
    escape: str = ""

    def reader(self, text: str, *, strict: bool = True) -> Iterator[list[str]]:
        """The records of a text."""
        return csv.reader(
            io.StringIO(text, newline=""),
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape or None,
            doublequote=not self.escape,
            strict=strict,
        )

    def __str__(self) -> str:
        escaped = ", quotation marks inside cells after a backslash" if self.escape else ""
        return f"{_NAMED[self.delimiter]} between cells, {self.quote} around them{escaped}"


def open_delimited(
    data: bytes, name: str, findings: list[Finding], *, encoding: str, otherwise: str, limits: Limits
) -> tuple[Sheet, ...]:
    """The one sheet of a CSV file."""
    text, told = decoded(data, name, findings, encoding=encoding, otherwise=otherwise)
    if not told:
        return ()
    said, text, skipped = _said_separator(text)
    dialect = Dialect(delimiter=said) if said else told_dialect(text)
    facts = (told, str(dialect))
    lines = _lines(text, name, dialect, findings, limits, skipped)
    return (Sheet(file=name, name="", lines=lines, ragged=True, facts=facts),)


def told_dialect(text: str) -> Dialect:
    """The dialect in which the first rows have most cells, and most rows as many as each other.

    A text of one column has no separator; commas do for it then.
    """
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    best, most = Dialect(delimiter=","), 0.0
    for delimiter in _DELIMITERS:
        if delimiter not in sample:
            continue
        quote = "'" if _encloses(sample, delimiter) else '"'
        for escape in ("", "\\") if '\\"' in sample else ("",):
            dialect = Dialect(delimiter=delimiter, quote=quote, escape=escape)
            if (score := _score(sample, dialect, whole=len(sample) == len(text))) > most:
                best, most = dialect, score
    return best


def _score(sample: str, dialect: Dialect, *, whole: bool) -> float:
    widths: list[int] = []
    try:
        widths.extend(len(cells) for cells in dialect.reader(sample) if cells)
    except csv.Error:
        # A sample may end inside a cell; a whole text may not.
        if whole or len(widths) < 2:
            return 0
    if not widths:
        return 0
    width, often = Counter(widths).most_common(1)[0]
    return (often / len(widths)) * min(width, 12) if width > 1 else 0


def _encloses(sample: str, delimiter: str) -> bool:
    """Whether apostrophes enclose the cells: letters of many names, they do so only at the edges of cells."""
    edges = sample.count(f"'{delimiter}'")
    return edges > 0 and edges * 2 >= sample.count(delimiter) and '"' not in sample


def _said_separator(text: str) -> tuple[str, str, int]:
    """The separator that a first line ``sep=;`` names, as Excel writes it; the rest; how many rows that took."""
    first, end, rest = text.partition("\n")
    said = first.rstrip("\r")
    if said.lower().startswith("sep=") and len(said) == 5 and said[4] in _NAMED:
        return said[4], rest if end else "", 1
    return "", text, 0


def _lines(
    text: str, name: str, dialect: Dialect, findings: list[Finding], limits: Limits, skipped: int
) -> Iterator[SheetRow]:
    sheet = Sheet(file=name, name="", lines=iter(()))
    reader = dialect.reader(text)
    row = skipped
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            hint = "put a cell with a separator or quotation mark in quotation marks, and double the marks inside it"
            findings.append(
                fault("broken-row", f"the table cannot be read from here on: {broken}", sheet.place(row), hint)
            )
            return
        if row - skipped > limits.rows:
            message = f"there are more than {limits.rows} rows"
            findings.append(
                fault("table-too-large", message, sheet.place(row), "split the file, or check that it is the right one")
            )
            return
        if len(cells) > limits.columns:
            message = f"the row has {len(cells)} cells, and at most {limits.columns} are read"
            findings.append(fault("table-too-large", message, sheet.place(row), "check that it is the right file"))
            return
        for column, cell in enumerate(cells, start=1):
            if "\0" in cell:
                message = "the cell contains a null character: the file is damaged, or in another encoding"
                hint = "write the file again in the program that made it, as UTF-8"
                findings.append(fault("null-character", message, sheet.place(row, column), hint))
            if len(cell) > limits.cell:
                message = f"the cell has {len(cell)} characters, and at most {limits.cell} are read"
                findings.append(
                    fault("cell-too-long", message, sheet.place(row, column), "shorten it, or split its rows")
                )
                cells[column - 1] = ""
        yield SheetRow(number=row, cells=tuple(cells))
