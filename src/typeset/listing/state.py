"""What a letter folder says of its list: everything that adding, withdrawing and importing read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from typeset.decisions import Decision
from typeset.diagnostics import Finding, refuse_if_any
from typeset.listing import anonymity
from typeset.listing.answers import FILE as ANSWERS
from typeset.listing.answers import read_answers
from typeset.listing.records import IMPORTS, PROVENANCE, Imported, Provenance, read_imports, read_provenance
from typeset.manuscript.former import FILE as FORMER
from typeset.manuscript.former import Former, read_former
from typeset.manuscript.settings import Settings, read_settings
from typeset.manuscript.signatories import FILE as SIGNATORIES
from typeset.manuscript.signatories import read_signatories
from typeset.manuscript.text import decoded
from typeset.manuscript.toml import FILE as SETTINGS
from typeset.model import Signatory

DECISIONS = "decisions.toml"
FILES = (SETTINGS, SIGNATORIES, FORMER, DECISIONS, ANSWERS, PROVENANCE, IMPORTS)
"""What stands in the folder itself."""
INTAKE = (anonymity.KEY, anonymity.SEALS)
"""What stands in the folder that version control leaves alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A letter's list with its records, and the files they were read from."""

    files: Mapping[str, bytes]
    settings: Settings
    signatories: tuple[Signatory, ...]
    former: tuple[Former, ...]
    provenance: tuple[Provenance, ...]
    imports: tuple[Imported, ...]
    decisions: tuple[Decision, ...]

    @property
    def highest(self) -> int:
        """The highest number that anybody has or had."""
        return max((0, *(one.number for one in self.signatories), *(one.number for one in self.former)))


def read_state(files: Mapping[str, bytes]) -> State:
    """The state in these files. Raises `Refused` with what has to be mended first."""
    findings: list[Finding] = []

    def text(name: str) -> str:
        return decoded(files.get(name, b""), name, findings) or ""

    settings = read_settings(text(SETTINGS), findings)
    signatories = read_signatories(text(SIGNATORIES), findings)
    state = State(
        files=files,
        settings=settings,
        signatories=signatories,
        former=read_former(text(FORMER), findings),
        provenance=read_provenance(files.get(PROVENANCE, b""), findings),
        imports=read_imports(files.get(IMPORTS, b""), findings),
        decisions=read_answers(files.get(ANSWERS, b""), ANSWERS, findings),
    )
    # A list may begin with nobody on it.
    refuse_if_any(finding for finding in findings if finding.code != "empty-list")
    return state
