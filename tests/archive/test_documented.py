"""Whoever meets a finding of the archive can look it up."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_every_finding_of_the_archive_is_in_its_documentation() -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "src/typeset/archive").glob("*.py"))
    codes = set(re.findall(r'"((?:archive|edition|clock)-[a-z-]+)"', said))
    table = (PROJECT / "docs" / "archive.md").read_text(encoding="utf-8")

    assert len(codes) > 12
    assert {code for code in codes if f"`{code}`" not in table} == set()
