"""The labels that Word counts for the paragraphs of lists (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    start: int
    form: str
    text: str


class Numbering:
    """Counts as Word does: lists of one definition go on counting together, deeper levels begin anew."""

    def __init__(self, part: Element) -> None:
        self._definitions = {
            _of(definition, "abstractNumId"): {
                int(_of(level, "ilvl")): _Level(
                    start=int(_value(level, "start")), form=_value(level, "numFmt"), text=_value(level, "lvlText")
                )
                for level in definition.iter(f"{W}lvl")
            }
            for definition in part.iter(f"{W}abstractNum")
        }
        self._lists = {_of(one, "numId"): _value(one, "abstractNumId") for one in part.iter(f"{W}num")}
        self._counts: dict[tuple[str, int], int] = {}

    def label(self, number: str, level: str) -> str:
        """The number of the next paragraph of a list, empty for a bullet. Raises `KeyError` for a list there is not."""
        definition, depth = self._lists[number], int(level)
        style = self._definitions[definition][depth]
        if style.form == "bullet":
            return ""
        if style.form != "decimal" or style.text != f"%{depth + 1}.":
            raise ValueError(f"list {number} is labelled {style.text} in {style.form}")
        count = self._counts.get((definition, depth), style.start - 1) + 1
        deeper = {key for key in self._counts if key[0] == definition and key[1] > depth}
        self._counts = {key: value for key, value in self._counts.items() if key not in deeper}
        self._counts[definition, depth] = count
        return str(count)


def _of(element: Element, name: str) -> str:
    return element.get(f"{W}{name}", "")


def _value(element: Element, name: str) -> str:
    child = element.find(f"{W}{name}")
    return child.get(f"{W}val", "") if child is not None else ""
