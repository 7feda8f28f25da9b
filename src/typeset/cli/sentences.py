"""A finding in sentences, for those who have the terminal read to them: no drawn lines, no marks under words."""

from __future__ import annotations

from pathlib import PurePosixPath

from typeset.cli.drawing import visible
from typeset.diagnostics import Finding, Place
from typeset.sources import Sources


def in_sentences(finding: Finding, sources: Sources, folder: str) -> str:
    """Everything that a drawn finding shows, one sentence a line."""
    said = [f"{finding.severity}, {finding.code}: {finding.fact}."]
    if place := finding.place:
        spot = f", line {place.line}" if place.line else ""
        spot += f", column {place.column}" if place.line and place.column else ""
        said.append(f"In {PurePosixPath(folder) / place.file}{spot}.")
        if line := _line(place, sources):
            said.append(f"The line reads: {line}")
            marked = line[place.column - 1 :][: place.length] if place.column else ""
            said += [f"The spot is: {marked}"] if marked.strip() and marked != line else []
    said += [f"Proposal: {finding.proposal}"] if finding.proposal else []
    said += [f"Hint: {finding.hint}."] if finding.hint else []
    return "\n".join(map(visible, said))


def _line(place: Place, sources: Sources) -> str:
    """The line of source that a place is in; empty where there is none."""
    lines = sources.get(place.file, b"").decode("utf-8", "replace").split("\n")
    return lines[place.line - 1].rstrip("\r") if 0 < place.line <= len(lines) else ""
