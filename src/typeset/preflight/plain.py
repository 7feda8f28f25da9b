"""A finished plain text read back before it may leave: every name on its line, every paragraph, nothing besides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from typeset.diagnostics import Finding
from typeset.preflight.expected import HARD_BREAK, Expected, Printed
from typeset.preflight.wording import differing, mismatch, quoted
from typeset.scripts import is_east_asian

_LABEL = re.compile(r" *(?:(\d+)\.|(•)) ")


def check_text(data: bytes, meant: Expected) -> tuple[Finding, ...]:
    """The first way in which a finished text is not what was meant: nothing for one that may leave."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as broken:
        return (mismatch("unreadable", "file", f"the file is not UTF-8: {broken.reason}"),)
    reader = _Reader([line for line in lines if line.strip()], meant.links)
    if meant.draft and not reader.takes_line(meant.draft_words):
        return (mismatch("draft", "file", f"{quoted(meant.draft_words)} does not stand in the first line"),)
    for item in meant.printed:
        if fault := reader.fault(item):
            return (fault,)
    if (line := reader.line) is not None:
        fact = f"{quoted(line)} is in the file, and nobody meant it to be"
        return (mismatch("text-unexpected", "file", fact, evidence=line),)
    spoken = "".join(item.text for item in meant.printed)
    return tuple(
        mismatch("link", link, f"the text does not say where {link} is")
        for link in sorted(meant.links - reader.followed)
        if link not in spoken
    )


class _Reader:
    """Takes texts from lines, one after the other."""

    def __init__(self, lines: Sequence[str], links: frozenset[str]) -> None:
        self.followed: set[str] = set()
        self._lines = lines
        self._links = links
        self._next = 0

    @property
    def line(self) -> str | None:
        """The next line; None at the end."""
        return self._lines[self._next] if self._next < len(self._lines) else None

    def takes_line(self, text: str) -> bool:
        """Whether the next line is a text; then it is taken."""
        same = self.line == text
        self._next += same
        return same

    def fault(self, item: Printed) -> Finding | None:
        """Why the next lines are not a text with its label; None where they are, and then they are taken."""
        line = self.line
        if line is None:
            return mismatch("text-missing", item.subject, f"{quoted(item.text)} is not in the file", place=item.place)
        if item.label is not None:
            label = _LABEL.match(line)
            if label is None or (label[1] or "") != item.label:
                fact = f"{quoted(line)} has not the label {item.label or '•'}"
                return mismatch("wrong-number", item.subject, fact, evidence=line, place=item.place)
            line = line[label.end() :]
        if item.exact:
            # A name has its line for itself, and every space in it counts.
            read, taken = line, 1
            same = line == item.text
        else:
            read, taken, same = self._read(line, item.text)
        if not same:
            fact = differing(item.text, read)
            return mismatch("text-changed", item.subject, fact, evidence=read, place=item.place)
        self._next += taken
        return None

    def _read(self, line: str, text: str) -> tuple[str, int, bool]:
        """What lines read as until a text is whole, how many they are, and whether they are the text."""
        read, taken = self._without_addresses(line.strip(" ")), 1
        while text.startswith(read) and read != text and self._next + taken < len(self._lines):
            following = self._lines[self._next + taken].strip(" ")
            more = self._without_addresses(following)
            gap = _gap(text, len(read), address=more != following)
            if gap is None:
                return read, taken, False
            read, taken = read + gap + more, taken + 1
        return read, taken, read == text

    def _without_addresses(self, line: str) -> str:
        for link in sorted(self._links, key=len, reverse=True):
            for shown in (f" <{link}>", f"<{link}>"):
                if shown in line:
                    self.followed.add(link)
                    line = line.replace(shown, "")
        return line


def _gap(text: str, place: int, *, address: bool) -> str | None:
    """What the end of a line stands for; None where no line may end."""
    last, following = text[place - 1 : place], text[place : place + 1]
    if following in (" ", HARD_BREAK):
        return following
    if address or is_east_asian(last) or is_east_asian(following):
        return ""
    return None
