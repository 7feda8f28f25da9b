"""What a finding means and what to do about it: the same words for the page of all findings and for the program."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the findings of some codes mean. ``means`` and ``do`` are Markdown; ``weight`` is as the page has it."""

    group: str
    codes: tuple[str, ...]
    weight: str
    means: str
    do: str

    @property
    def row(self) -> str:
        """Its row in a Markdown table."""
        codes = ", ".join(f"`{code}`" for code in self.codes)
        return f"| {codes} | {self.weight} | {self.means} | {self.do} |"

    @property
    def sentences(self) -> tuple[str, str]:
        """What it means and what to do, as two sentences without Markdown."""
        return _sentence(self.means), _sentence(self.do)


@cache
def explanations() -> tuple[Explanation, ...]:
    """Everything that is explained, in the order of the page."""
    data = files("typeset.decisions").joinpath("explanations.toml").read_text(encoding="utf-8")
    return tuple(
        Explanation(
            group=entry["group"],
            codes=tuple(entry["codes"]),
            weight=entry["weight"],
            means=entry["means"],
            do=entry["do"],
        )
        for entry in tomllib.loads(data)["finding"]
    )


def table(group: str) -> str:
    """The Markdown table of one group of findings."""
    rows = [explanation.row for explanation in explanations() if explanation.group == group]
    return "\n".join(("| code | weight | means | do |", "|---|---|---|---|", *rows))


def explained(code: str) -> Explanation | None:
    """The explanation of a code; None for one that explains itself."""
    return next((explanation for explanation in explanations() if code in explanation.codes), None)


def _sentence(markdown: str) -> str:
    words = re.sub(r"`+ ?(.+?) ?`+", r"\1", markdown)
    words = re.sub(r"\*([^*]+)\*", r"\1", words)
    # A code at the start keeps its small letter: it is typed so.
    first = words[:1] if markdown.startswith("`") else words[:1].upper()
    return first + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")
