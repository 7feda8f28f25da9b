"""Lists that Word counts itself, and that come to the numbers that were published."""

from __future__ import annotations

from dataclasses import dataclass, field

from typeset.render.docx.markup import root
from typeset.render.flow import Paragraph, Role

DEEPEST = 8
"""The last of the nine levels that a list may have (ECMA-376 part 1, 17.9.6)."""

_STEP = 360


@dataclass(slots=True)
class _List:
    """One list: where each of its levels starts (a bullet has no start), and how far it has counted."""

    of_names: bool
    starts: dict[int, int] = field(default_factory=dict)
    counted: dict[int, int] = field(default_factory=dict)

    def takes(self, level: int, number: int) -> bool:
        """Whether the next paragraph of a level gets this number; 0 is a bullet."""
        if level not in self.starts:
            return True
        if not number or not self.starts[level]:
            return number == self.starts[level]
        return number == self.counted.get(level, self.starts[level] - 1) + 1

    def count(self, level: int, number: int) -> None:
        """One paragraph more on a level; the levels below it begin anew."""
        self.starts.setdefault(level, number)
        self.counted = {above: count for above, count in self.counted.items() if above < level} | {level: number}


class Lists:
    """All lists of a document. A number that does not follow on the one before begins a list of its own."""

    def __init__(self) -> None:
        self._lists: list[_List] = []
        self._open = False

    def place(self, paragraph: Paragraph) -> tuple[int, int]:
        """The number of the list that a paragraph belongs to, and its level there."""
        of_names = paragraph.role is Role.SIGNATORY
        level = min(max(paragraph.level - 1, 0), DEEPEST)
        last = self._lists[-1] if self._open else None
        if last is None or last.of_names != of_names or not last.takes(level, paragraph.number):
            last = _List(of_names=of_names)
            self._lists.append(last)
            self._open = True
        last.count(level, paragraph.number)
        return len(self._lists), level

    def close(self) -> None:
        """What follows belongs to no list so far."""
        self._open = False

    def xml(self) -> str:
        """The part that defines them, each list by itself, since two that share a definition would share a count."""
        shown = "".join(_definition(number, one) for number, one in enumerate(self._lists, start=1))
        used = "".join(
            f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
            for number in range(1, len(self._lists) + 1)
        )
        return root("numbering", shown + used)


def _definition(number: int, one: _List) -> str:
    levels = "".join(_level(level, start, of_names=one.of_names) for level, start in sorted(one.starts.items()))
    return (
        f'<w:abstractNum w:abstractNumId="{number}"><w:nsid w:val="{number:08X}"/>'
        f'<w:multiLevelType w:val="hybridMultilevel"/>{levels}</w:abstractNum>'
    )


def _level(level: int, start: int, *, of_names: bool) -> str:
    form, text = ("decimal", f"%{level + 1}.") if start else ("bullet", "•")
    # The numbers of names end in one line, whatever their length.
    left, hanging, side = (740, 140, "right") if of_names else (_STEP * (level + 1), _STEP, "left")
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start or 1}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="{side}"/>'
        f'<w:pPr><w:tabs><w:tab w:val="num" w:pos="{left}"/></w:tabs>'
        f'<w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr></w:lvl>'
    )
