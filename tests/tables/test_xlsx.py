from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, strategies as st
from openpyxl import Workbook

from tests.support.lists import MADE
from typeset.diagnostics import Finding
from typeset.tables import Odd, Sheet, SheetRow, open_tables
from typeset.tables.sheet import Limits

SHEET = "xl/worksheets/sheet1.xml"


def opened(data: bytes, limits: Limits | None = None) -> tuple[tuple[Sheet, ...], list[Finding]]:
    findings: list[Finding] = []
    return open_tables(data, "t.xlsx", findings, limits=limits or Limits()), findings


def made(name: str) -> tuple[Sheet, ...]:
    sheets, findings = opened((MADE / name).read_bytes())
    assert findings == []
    return sheets


def rows(sheet: Sheet) -> list[SheetRow]:
    return [line for line in sheet.lines if not line.blank]


def book(*lines: Sequence[object]) -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    for line in lines:
        sheet.append(list(line))
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def changed(data: bytes, change: Callable[[str, bytes], bytes | None], more: dict[str, bytes] | None = None) -> bytes:
    """A workbook with parts changed, left out (None) or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if (part := change(name, old.read(name))) is not None:
                new.writestr(name, part)
        for name, part in (more or {}).items():
            new.writestr(name, part)
    return out.getvalue()


def kept(name: str, data: bytes) -> bytes:
    return data


def test_a_workbook_of_a_real_spreadsheet_reads_as_it_was_typed() -> None:
    (sheet,) = made("form.xlsx")
    lines = rows(sheet)

    assert sheet.name == "Form responses 1"
    assert lines[1].cells[:3] == ("2026-03-04", "Rain Watch", "office@rainwatch.example")
    assert dict(lines[1].odd) == {0: Odd.DATE}
    assert lines[5].cells[1] == "川の声ネットワーク"


def test_merged_cells_are_told() -> None:
    (sheet,) = made("merged.xlsx")

    assert set(sheet.merged) == {(1, 1, 1, 3), (3, 1, 4, 1)}


def test_formulas_and_their_errors_are_no_text() -> None:
    (sheet,) = made("formulas.xlsx")
    lines = rows(sheet)

    assert (lines[1].cells[1], lines[1].odd[1]) == ("", Odd.FORMULA)
    assert (lines[3].cells[1], lines[3].odd[1]) == ("", Odd.FORMULA)


def test_hidden_sheets_and_rows_are_told() -> None:
    seen, unseen, notes = made("hidden.xlsx")

    assert (seen.hidden, seen.hidden_rows) == (False, (3,))
    assert unseen.hidden
    assert not notes.hidden


def test_dates_and_numbers_are_marked() -> None:
    (sheet,) = made("odd.xlsx")
    lines = rows(sheet)

    assert [(line.cells[0], line.odd.get(0)) for line in lines[1:5]] == [
        ("2026-03-08", Odd.DATE),
        ("1948", Odd.NUMBER),
        ("1", Odd.NUMBER),
        ("350.5", Odd.NUMBER),
    ]


def test_a_part_that_declares_a_gibibyte_is_not_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(["Name"]))) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with new.open("xl/media/image1.bin", "w", force_zip64=True) as part:
            for _ in range(1 << 10):
                part.write(bytes(1 << 20))

    sheets, findings = opened(bomb.getvalue())

    assert len(bomb.getvalue()) < 2 << 20
    assert sheets == ()
    assert [f.code for f in findings] == ["table-too-large"]
    assert "1024 MiB" in findings[0].message


def test_a_part_that_packs_too_well_is_not_unpacked() -> None:
    data = changed(book(["Name"]), lambda name, part: part + b" " * (8 << 20) if name == SHEET else part)

    sheets, findings = opened(data)

    assert sheets == ()
    assert [f.code for f in findings] == ["table-too-large"]


def test_parts_that_unpack_to_too_much_together_are_not_unpacked() -> None:
    parts = {f"xl/media/{n}.bin": bytes(range(256)) * 40 for n in range(20)}

    sheets, findings = opened(changed(book(["Name"]), kept, parts), Limits(unpacked=100_000))

    assert sheets == ()
    assert [f.code for f in findings] == ["table-too-large"]


def test_a_part_that_is_larger_than_it_declares_is_not_read_on() -> None:
    data = bytearray(changed(book(["Name"], *([f"Name {n}"] for n in range(500))), kept))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo(SHEET).file_size
    lie = (100).to_bytes(4, "little")
    at = data.find(size.to_bytes(4, "little"))
    while at >= 0:
        data[at : at + 4] = lie
        at = data.find(size.to_bytes(4, "little"), at + 4)

    sheets, findings = opened(bytes(data))

    assert sheets == ()
    assert [f.code for f in findings] == ["broken-table"]


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "[Content_Types].xml"])
def test_a_document_type_anywhere_is_refused_before_anything_is_parsed(part: str) -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'

    def declare(name: str, data: bytes) -> bytes:
        head, end, rest = data.partition(b"?>") if data.startswith(b"<?xml") else (b"", b"", data)
        return head + end + entity + rest if name == part else data

    sheets, findings = opened(changed((MADE / "form.xlsx").read_bytes(), declare))

    assert sheets == ()
    assert [f.code for f in findings] == ["forbidden-xml"]


@pytest.mark.parametrize("extra", [{f"p{n}.bin": b"" for n in range(1001)}])
def test_too_many_parts_are_refused(extra: dict[str, bytes]) -> None:
    _, findings = opened(changed(book(["Name"]), kept, extra))

    assert [f.code for f in findings] == ["table-too-large"]


def test_two_hundred_thousand_rows_are_refused_before_they_are_read() -> None:
    sheet = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 200_001))
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{sheet}</sheetData></worksheet>"
    ).encode()

    sheets, findings = opened(changed(book(["Name"]), lambda name, part: xml if name == SHEET else part))

    assert sheets == ()
    assert [f.code for f in findings] == ["table-too-large"]
    assert "200000 rows" in findings[0].message


def test_rows_that_are_only_coloured_count_for_nothing() -> None:
    def colour(name: str, data: bytes) -> bytes:
        empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 120_000))
        return data.replace(b"</sheetData>", empty + b"</sheetData>") if name == SHEET else data

    sheets, findings = opened(changed(book(["Name"], ["Rain Watch"]), colour))

    assert findings == []
    assert [line.cells[0] for line in rows(sheets[0])] == ["Name", "Rain Watch"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 and no more", "broken-table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unknown-table"),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes, code: str) -> None:
    sheets, findings = opened(data)

    assert sheets == ()
    assert [f.code for f in findings] == [code]


def test_an_opendocument_file_is_told_from_a_workbook() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")

    _, findings = opened(data.getvalue())

    assert [f.code for f in findings] == ["unknown-table"]
    assert "OpenDocument" in findings[0].message


def test_a_missing_part_is_a_finding() -> None:
    _, findings = opened(changed(book(["Name"]), lambda name, part: None if name == SHEET else part))

    assert [f.code for f in findings] == ["broken-table"]


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(at: int, byte: int) -> None:
    data = bytearray((MADE / "odd.xlsx").read_bytes())
    data[at % len(data)] = byte

    sheets, findings = opened(bytes(data))
    read = [line for sheet in sheets for line in sheet.lines]

    assert read or findings


def test_a_character_that_xml_cannot_hold_comes_back() -> None:
    sheets, _ = opened(book(["Name"], ["Rain_x000B_Watch"]))

    assert rows(sheets[0])[1].cells == ("Rain\x0bWatch",)
