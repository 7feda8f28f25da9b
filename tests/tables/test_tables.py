from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, strategies as st

from tests.support.lists import MADE
from typeset.diagnostics import Finding
from typeset.tables import Sheet, SheetRow, open_tables
from typeset.tables.delimited import told_dialect
from typeset.tables.sheet import Limits, cell_name


def read(
    data: str | bytes, name: str = "t.csv", *, encoding: str = "", otherwise: str = "", limits: Limits | None = None
) -> tuple[list[tuple[str, ...]], list[Finding]]:
    findings: list[Finding] = []
    raw = data.encode() if isinstance(data, str) else data
    sheets = open_tables(raw, name, findings, encoding=encoding, otherwise=otherwise, limits=limits or Limits())
    return [line.cells for sheet in sheets for line in sheet.lines], findings


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n"x, y",2\n',
        "a;b\nx, y;2\n",
        "a\tb\nx, y\t2\n",
        "a|b\nx, y|2\n",
        "sep=;\na;b\nx, y;2\n",
        "'a','b'\n'x, y','2'\n",
        "a;b\r\nx, y;2\r\n",
        "a;b\rx, y;2\r",
        "\ufeffa;b\nx, y;2\n",
    ],
)
def test_any_dialect_is_told_from_the_rows(text: str) -> None:
    rows, findings = read(text)

    assert (rows, findings) == ([("a", "b"), ("x, y", "2")], [])


def test_a_mark_after_a_backslash_ends_no_cell() -> None:
    rows, _ = read('a,b\n"the \\"Bridge\\", ltd",2\n')

    assert rows[1] == ('the "Bridge", ltd', "2")


def test_apostrophes_of_names_enclose_nothing() -> None:
    rows, _ = read("Name,Land\nL'Eau d'Oc,F\nL'Arc,F\n")

    assert rows[1:] == [("L'Eau d'Oc", "F"), ("L'Arc", "F")]


def test_one_column_is_a_table_too() -> None:
    rows, _ = read("Name\nRain Watch\nDelta Forum\n")

    assert rows == [("Name",), ("Rain Watch",), ("Delta Forum",)]


def test_a_line_end_inside_a_cell_counts_as_no_row() -> None:
    findings: list[Finding] = []
    (sheet,) = open_tables(b'a,b\n"x\ny",2\nz,3\n', "t.csv", findings)

    assert [(line.number, line.cells[0]) for line in sheet.lines] == [(1, "a"), (2, "x\ny"), (3, "z")]


@pytest.mark.parametrize(
    ("file", "encoding"),
    [("partner-commas", ""), ("partner-semicolons", ""), ("partner-tabs", ""), ("partner-windows", "cp1252")],
)
def test_what_a_real_spreadsheet_saves_reads_the_same(file: str, encoding: str) -> None:
    rows, findings = read((MADE / f"{file}.csv").read_bytes(), encoding=encoding)

    assert findings == []
    assert rows[1][0] == "Fédération des rivières, section « Été »"
    assert rows[2][0] == 'L\'Œuvre du "Pont"'
    assert len(rows) == 4


def test_an_east_asian_encoding_is_told_from_the_letters() -> None:
    rows, findings = read((MADE / "chinese-big5.csv").read_bytes())

    assert findings == []
    assert rows[:2] == [("團體名稱", "聯絡人"), ("河流守護協會", "王小明")]


def test_a_one_byte_encoding_is_asked_for_and_then_remembered() -> None:
    data = (MADE / "partner-windows.csv").read_bytes()

    _, findings = read(data)
    rows, none = read(data, otherwise="cp1252")

    assert [(f.code, f.place.line if f.place else 0) for f in findings] == [("unknown-encoding", 2)]
    assert "cp1252" in findings[0].hint
    assert (rows[3][0], none) == ("Zoé Exemple", [])


def test_another_encoding_half_way_is_found_where_it_begins() -> None:
    _, findings = read("Name\nŁódź\n".encode() + "Zoé\n".encode("cp1252"))

    assert [(f.code, f.place.line, f.place.column) for f in findings if f.place] == [("unknown-encoding", 3, 3)]


def test_a_declared_encoding_that_the_bytes_are_not_in_is_refused() -> None:
    _, findings = read("Name\nZoé\n".encode("cp1252"), encoding="utf-8")

    assert [(f.code, f.place.line) for f in findings if f.place] == [("unknown-encoding", 2)]


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "hex", "unicode_escape"])
def test_what_is_no_encoding_of_text_is_refused(encoding: str) -> None:
    _, findings = read("Name\n", encoding=encoding)

    assert [f.code for f in findings] == ["unknown-encoding"]


def test_a_null_character_is_found_in_its_cell() -> None:
    _, findings = read("Name,Kind\nRain\0Watch,ngo\n")

    assert [(f.code, f.place.cell) for f in findings if f.place] == [("null-character", "A2")]


def test_a_table_that_breaks_off_says_where() -> None:
    rows, findings = read('a,b\nx,1\n"y,2\nz,3\n')

    assert len(rows) == 2
    assert [(f.code, f.place.cell) for f in findings if f.place] == [("broken-row", "row 3")]


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("a\n" * 11, Limits(rows=10)),
        ("a,b,c\n", Limits(columns=2)),
        ("a\n" * 10, Limits(bytes=10)),
    ],
)
def test_more_than_a_list_can_be_is_refused(text: str, limits: Limits) -> None:
    _, findings = read(text, limits=limits)

    assert [f.code for f in findings] == ["table-too-large"]


def test_a_cell_beyond_all_measure_is_refused_without_its_words() -> None:
    rows, findings = read("a\n" + "secret" * 2000 + "\n")

    assert rows[1] == ("",)
    assert [f.code for f in findings] == ["cell-too-long"]
    assert "secret" not in repr(findings)


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\0\0\0"])
def test_an_empty_file_says_so(data: bytes) -> None:
    _, findings = read(data)

    assert [f.code for f in findings] == ["empty-table"]


@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\0\r\n\ufeff", exclude_categories=["Cs"])), min_size=3, max_size=3
        ),
        min_size=2,
        max_size=12,
    ),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_csv_writes_comes_back(rows: list[list[str]], delimiter: str) -> None:
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["Name", "Kind", "Email"])
    writer.writerows(rows)

    read_back, findings = read(table.getvalue())

    assert findings == []
    assert [list(row) for row in read_back] == [["Name", "Kind", "Email"], *rows]


def test_a_sample_that_ends_in_a_cell_tells_the_dialect_still() -> None:
    text = "Name;Note\n" + '"Rain; Watch";"one\ntwo"\n' * 4000

    assert told_dialect(text).delimiter == ";"


def test_cells_are_called_as_spreadsheets_call_them() -> None:
    assert [cell_name(3, column) for column in (1, 26, 27, 702, 703)] == ["A3", "Z3", "AA3", "ZZ3", "AAA3"]
    place = Sheet(file="f.xlsx", name="March", lines=iter(())).place(14, 3)
    assert (place.sheet, place.line, place.column, place.cell) == ("March", 14, 3, "C14")
    assert SheetRow(number=1, cells=("", " ")).blank
