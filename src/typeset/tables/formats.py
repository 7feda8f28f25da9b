"""Tables as others made them: the bytes of CSV and XLSX files to sheets of rows, without trusting any of them.

Nothing is unpacked before its declared sizes are looked at, nothing is parsed before it is known to declare no document
type, and no more is read than `Limits` allow. Rows come one by one, so that a long list is never in memory as a whole.
What cannot be read is a finding with its file, sheet, row and cell; the words of a cell are never part of one, since
nobody knows yet which of them are somebody's address.
"""

from __future__ import annotations

from typeset.diagnostics import Finding
from typeset.tables.delimited import open_delimited
from typeset.tables.sheet import LIMITS, Limits, Odd, Sheet, SheetRow, cell_name, fault
from typeset.tables.xlsx import open_package, open_workbook

__all__ = ["LIMITS", "Limits", "Odd", "Sheet", "SheetRow", "cell_name", "open_tables"]

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How old Excel files begin, and new ones that a password protects ([MS-CFB] 2.2)."""


def open_tables(
    data: bytes, name: str, findings: list[Finding], *, encoding: str = "", otherwise: str = "", limits: Limits = LIMITS
) -> tuple[Sheet, ...]:
    """The sheets of a file by what its bytes are, whatever its name says; a CSV file is one sheet without a name.

    ``encoding`` is what a CSV file is said to be in. ``otherwise`` is what it is in where it is not Unicode and nobody
    said. Faults that appear while rows are read are added to ``findings`` as the rows are.
    """
    if len(data) > limits.bytes:
        size = f"{len(data) >> 20} MiB, and at most {limits.bytes >> 20} are read"
        findings.append(fault("table-too-large", f"the file has {size}", name, "split it"))
        return ()
    if not data.strip(b"\0 \t\r\n"):
        findings.append(fault("empty-table", "the file is empty", name, "check that it is the right file"))
        return ()
    if data.startswith(_COMPOUND):
        hint = "open it in the program that wrote it and save it as .xlsx, without a password"
        findings.append(fault("unknown-table", "this is an old .xls file, or one with a password", name, hint))
        return ()
    if data.startswith(b"PK"):
        package = open_package(data, name, findings, limits)
        return open_workbook(package, name, findings, limits) if package else ()
    return open_delimited(data, name, findings, encoding=encoding, otherwise=otherwise, limits=limits)
