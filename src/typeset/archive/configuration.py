"""Where the archive is: the ``[archive]`` table of ``typeset.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

from typeset.diagnostics import Finding, Place, Refused, Severity

FILE = "typeset.toml"
DEFAULT = "archive"


def archive_folder(here: Path) -> Path:
    """The folder as configured ``here``; ``archive`` where nobody said. Raises `Refused` for a wrong entry."""
    path = here / FILE
    if not path.is_file():
        return here / DEFAULT
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("archive", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Refused([_fault("not-toml", str(fault).lower(), 'the archive is named by folder = "…" in it')]) from fault
    folder = table.get("folder", DEFAULT) if isinstance(table, dict) else None
    if not isinstance(folder, str) or not folder or set(table) - {"folder"}:
        raise Refused([_fault("wrong-type", "the archive is not named as it should be", _EXAMPLE)])
    return here / folder


_EXAMPLE = 'write [archive] on a line of its own, and below it folder = "archive"'


def _fault(code: str, fact: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, fact=fact, place=Place(file=FILE), hint=hint, subject=FILE)
