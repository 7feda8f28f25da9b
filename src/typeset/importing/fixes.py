"""What the importer has changed on the way from raw text to letter folder, so that nobody has to guess."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FixKind(StrEnum):
    """A kind of repair. The value is how the import report calls it."""

    BYTE_ORDER_MARK = "byte order mark dropped"
    LINE_END = "line end made a line feed"
    LINE_END_SPACE = "spaces at the start or end of a line dropped"
    PAGE_BREAK = "form feed or other break character made a line end"
    LIST_GAP = "blank line inside the list closed"
    SOFT_BREAK = "line end inside a paragraph made a space, or nothing between ideographs"

    ENCODING = "encoding told from the bytes"
    LIGATURE = "typographic ligature spelled out"
    SOFT_HYPHEN = "soft hyphen dropped"
    TAB = "tab made a space"
    NORMALISED = "characters composed (NFC)"
    PAGE_NUMBER = "page number dropped"
    RUNNING_HEAD = "running head dropped"
    RULE = "rule between paragraphs dropped"
    PAGE_SEAM = "paragraph joined over a page break"
    WRAP = "wrapped line joined"
    ITEM_MARK = "bullet or missing space before a name undone"
    NUMBERED = "bulleted list numbered"
    SECTION = "heading inside the list made a note of its rows"
    ESCAPE = "Markdown escape undone"
    MARKUP = "markup around a whole paragraph dropped"
    RECIPIENTS = "addressees made recipients"
    DATE = "date line made the letter's date"
    CLOSING = "last short line before the list made the closing"
    LIST_HEADING = "heading of the list dropped, for the look writes its own"
    COUNT = "stated count made a placeholder"
    PERSON = "said in its own words to be a person"

    @property
    def silent(self) -> bool:
        """Whether the report only counts it: no character of anybody's words is touched."""
        return self in _SILENT


_SILENT = frozenset(
    {
        FixKind.BYTE_ORDER_MARK,
        FixKind.LINE_END,
        FixKind.LINE_END_SPACE,
        FixKind.PAGE_BREAK,
        FixKind.LIST_GAP,
        FixKind.SOFT_BREAK,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One repair: where in the raw text (lines from 1), what stood there and what stands now."""

    kind: FixKind
    line: int
    before: str = ""
    after: str = ""
