"""Where in a row what stands."""

from __future__ import annotations

from typeset.listing.columns import Headed
from typeset.listing.tongues import heading_language
from typeset.listing.values import Shown, shown
from typeset.tables import Line, Odd


class Cells:
    """Where in a line what stands."""

    __slots__ = ("_at", "headed", "heading_language", "name", "spans", "visible")

    def __init__(self, headed: Headed) -> None:
        self.headed = headed
        self._at = {role: headed.at(role) for role in headed.columns.roles}
        self.name = self._at["name"]
        self.spans = "spans" in self._at
        self.visible = next((role for role in ("anonymous", "publish") if role in self._at), "")
        self.heading_language = (
            heading_language(headed.columns.of("name")[0]) if len(headed.columns.of("name")) == 1 else ""
        )

    def at(self, role: str) -> tuple[int, ...]:
        """The columns with a role, from 0."""
        return self._at.get(role, ())

    def cell(self, line: Line, at: int) -> str:
        """One cell without the spaces around it; empty where the row is too short."""
        return line.cells[at].strip() if at < len(line.cells) else ""

    def each(self, line: Line, role: str) -> tuple[str, ...]:
        """What stands in the columns with a role."""
        return tuple(filter(None, (self.cell(line, at) for at in self.at(role))))

    def joined(self, line: Line, role: str) -> str:
        """The same with spaces between."""
        return " ".join(self.each(line, role))

    def visibility(self, line: Line) -> Shown:
        """How the row asks to be shown; named where the table does not ask."""
        if not self.visible:
            return Shown.NAMED
        at = self.at(self.visible)[0]
        if line.odd.get(at) in (Odd.FORMULA, Odd.ERROR, Odd.DATE):
            return Shown.UNCLEAR
        said = shown(self.visible, self.cell(line, at), self.headed.columns.answers)
        # A box that nobody ticked says no to anonymity, and nothing at all to being named.
        return Shown.NAMED if said is Shown.UNSAID and self.visible == "anonymous" else said
