from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.inputs.tables.make import books, make, tables
from tests.support.lists import MADE
from typeset.diagnostics import Finding
from typeset.tables import open_tables

pytestmark = pytest.mark.long

ENCODINGS = {"partner-windows.csv": "cp1252"}


def read(path: Path) -> list[object]:
    """What is read of a table: sheets, rows, marks. Its bytes differ with the version of the program that wrote it."""
    findings: list[Finding] = []
    sheets = open_tables(path.read_bytes(), path.name, findings, encoding=ENCODINGS.get(path.name, ""))
    read = [
        (
            sheet.name,
            sheet.hidden,
            sheet.hidden_rows,
            set(sheet.merged),
            [line for line in sheet.lines if not line.blank],
        )
        for sheet in sheets
    ]
    return [read, findings]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
def test_the_tables_are_what_libreoffice_makes_today(tmp_path: Path) -> None:
    try:
        make(tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("soffice makes no tables here: apt-get install libreoffice-calc")

    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted([*(f"{name}.xlsx" for name in books()), *(f"{name}.csv" for name in tables())])
    assert [name for name in made if read(tmp_path / name) != read(MADE / name)] == []
