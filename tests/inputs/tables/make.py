"""Make the tables beside this file with LibreOffice: ``python tests/inputs/tables/make.py [FOLDER]``.

Each is described here as a flat OpenDocument text, which LibreOffice opens, calculates and saves as XLSX and CSV, so
that what the tests read was written by a real spreadsheet. `make prove` makes them again and compares what is read.
"""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).parent
SEED = HERE.parents[2] / "content" / "china-monitoring" / "signatories.csv"

UTF_8, WINDOWS_1252, SHIFT_JIS, GB_18030, BIG_5, UTF_16 = 76, 1, 64, 85, 68, 65535
"""LibreOffice's numbers of encodings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A cell that is more than text: a formula (as OpenFormula), or one that spans rows and columns, or is covered."""

    text: str = ""
    formula: str = ""
    rows: int = 1
    columns: int = 1
    covered: bool = False


Cell = str | int | float | bool | date | Made | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A sheet: its rows, whether it is hidden, and which rows are (from 1)."""

    name: str
    rows: Sequence[Sequence[Cell]]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()


FORM = (
    (
        "Timestamp",
        "What is the name of your organisation? / 貴組織的名稱是什麼？",
        "Email address / 電子郵件",
        "Do you want your organisation to stay anonymous? / 是否匿名？",
        "Country / 國家",
        "Language of the name / 語言",
        "I have read the privacy notice",
    ),
    (date(2026, 3, 4), "Rain Watch", "office@rainwatch.example", "No / 否", "Kenya", "English", "Yes"),
    (date(2026, 3, 4), "Amis du Delta", "contact@delta.example", "No / 否", "Sénégal", "Français", "Yes"),
    (date(2026, 3, 5), "Xalapa Canary Circle", "canary@xalapa.example", "Yes / 是", "México", "Español", "Yes"),
    (date(2026, 3, 6), "台灣河流守護協會", "river@river.example", "No / 否", "台灣", "中文", "Yes"),
    (date(2026, 3, 6), "川の声ネットワーク", "koe@kawa.example", "No / 否", "日本", "日本語", "Yes"),
    (date(2026, 3, 7), "Łódź Quiet Canary Group", "quiet@canary.example", "Yes / 是", "Polska", "Polish", "Yes"),
)
PARTNER = (
    ("Nom de l'organisation", "Type", "Courriel", "Pays"),
    ("Fédération des rivières, section « Été »", "association", "a@rivieres.example", "France"),
    ('L\'Œuvre du "Pont"', "association", "b@pont.example", "Belgique"),
    ("Zoé Exemple", "individu", "+32 470 00 00 00", "Belgique"),
)
CHINESE = (("團體名稱", "聯絡人"), ("河流守護協會", "王小明"), ("山林之友", "李大同"), ("臺灣水資源學會", "陳美玲"))
CHINESE_MORE = tuple((f"{place}環境權利促進會", "聯絡人") for place in ("宜蘭", "花蓮", "臺東", "屏東", "澎湖", "基隆"))


def books() -> dict[str, tuple[Page, ...]]:
    """The workbooks to make."""
    names = ("Name", "Kind", "Email")
    return {
        "form": (Page(name="Form responses 1", rows=FORM),),
        "merged": (
            Page(
                name="March",
                rows=(
                    (Made(text="Signatories as of March", columns=3), Made(covered=True), Made(covered=True)),
                    names,
                    (Made(text="Rain Watch", rows=2), "organisation", "a@rain.example"),
                    (Made(covered=True), "organisation", "b@rain.example"),
                    ("Delta Forum", "organisation", "c@delta.example"),
                ),
            ),
        ),
        "formulas": (
            Page(
                name="List",
                rows=(
                    ("First", "Name", "Email"),
                    ("Rain", Made(formula='of:=[.A2]&" Watch"'), "a@rain.example"),
                    ("Delta", "Delta Forum", Made(formula='of:="c"&"@delta.example"')),
                    ("Hill", Made(formula="of:=1/0"), "d@hill.example"),
                ),
            ),
        ),
        "hidden": (
            Page(
                name="Seen",
                rows=(names, ("Rain Watch", "organisation", ""), ("Old Mill", "organisation", ""), ("Hill", "", "")),
                hidden_rows=frozenset({3}),
            ),
            Page(name="Unseen", rows=(names, ("Xalapa Canary Circle", "organisation", "")), hidden=True),
            Page(name="Notes", rows=(("These were read aloud on Monday",), ("and again on Tuesday",))),
        ),
        "odd": (
            Page(
                name="List",
                rows=(
                    names,
                    (date(2026, 3, 8), "organisation", "a@march.example"),
                    (1948, "organisation", "b@year.example"),
                    (True, "organisation", "c@true.example"),
                    (350.5, "organisation", "d@half.example"),
                    ("Rain Watch", "organisation", "e@rain.example"),
                ),
            ),
        ),
        "seed-one": (Page(name="Partner one", rows=seed_parts()[0]),),
    }


def tables() -> dict[str, tuple[Page, tuple[int, int, int, bool]]]:
    """The CSV files to make: a sheet, and separator, quotation mark, encoding, and whether every cell is quoted."""
    partner = Page(name="p", rows=PARTNER)
    one, two, three = seed_parts()
    del one
    return {
        "partner-commas": (partner, (44, 34, UTF_8, False)),
        "partner-semicolons": (partner, (59, 34, UTF_8, True)),
        "partner-tabs": (partner, (9, 34, UTF_16, False)),
        "partner-windows": (partner, (59, 34, WINDOWS_1252, False)),
        "chinese-big5": (Page(name="p", rows=(*CHINESE, *CHINESE_MORE)), (44, 34, BIG_5, False)),
        "form": (Page(name="p", rows=FORM), (44, 34, UTF_8, False)),
        "seed-two": (Page(name="p", rows=two), (59, 34, UTF_8, True)),
        "seed-three": (Page(name="p", rows=three), (9, 34, UTF_16, False)),
    }


def seed_parts() -> tuple[list[tuple[Cell, ...]], ...]:
    """The published list, shuffled and dealt to three partners, who add columns of their own and disagree.

    The second partner has ten rows of the first, one of them with another kind and one with another number.
    """
    with SEED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(20260304).shuffle(rows)
    dealt = [rows[0::3], rows[1::3], rows[2::3]]
    extra = [dict(row) for row in dealt[0][:10]]
    extra[3]["kind"] = "person" if extra[3]["kind"] == "organisation" else "organisation"
    extra[7]["number"] = str(int(extra[7]["number"]) + 1000)
    dealt[1] = [*dealt[1], *extra]
    columns = ("number", "name", "lang", "spans", "kind", "note")
    return tuple(
        [
            (*columns, "E-mail"),
            *(
                (*(int(row[key]) if key == "number" else row[key] for key in columns), f"p{at}@partner{which}.example")
                for at, row in enumerate(part)
            ),
        ]
        for which, part in enumerate(dealt, start=1)
    )


def flat(pages: Iterable[Page]) -> str:
    """A flat OpenDocument spreadsheet (OpenDocument 1.3, part 3)."""
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"),
            ("table", "table"),
            ("text", "text"),
            ("style", "style"),
            ("number", "datastyle"),
        )
    )
    styles = (
        '<number:date-style style:name="N1"><number:year number:style="long"/><number:text>-</number:text>'
        '<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>'
        '</number:date-style><style:style style:name="d" style:family="table-cell" style:data-style-name="N1"/>'
        '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
        '<style:style style:name="s" style:family="table"><style:table-properties table:display="true"/></style:style>'
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {spaces} office:version="1.3" '
        'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" '
        'office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(map(_page, pages))}</office:spreadsheet></office:body>"
        "</office:document>"
    )


def _page(page: Page) -> str:
    unseen = ' table:visibility="collapse"'
    rows = "".join(
        f"<table:table-row{unseen if number in page.hidden_rows else ''}>{''.join(map(_cell, row))}</table:table-row>"
        for number, row in enumerate(page.rows, start=1)
    )
    style = "h" if page.hidden else "s"
    return f'<table:table table:name={quoteattr(page.name)} table:style-name="{style}">{rows}</table:table>'


def _cell(cell: Cell) -> str:
    match cell:
        case None | "":
            return "<table:table-cell/>"
        case bool():
            said = str(cell).lower()
            return f'<table:table-cell office:value-type="boolean" office:boolean-value="{said}"/>'
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
        case date():
            return f'<table:table-cell table:style-name="d" office:value-type="date" office:date-value="{cell}"/>'
        case Made(covered=True):
            return "<table:covered-table-cell/>"
        case Made(formula=formula) if formula:
            return f"<table:table-cell table:formula={quoteattr(formula)}/>"
        case Made(text=text, rows=rows, columns=columns):
            spans = f'table:number-rows-spanned="{rows}" table:number-columns-spanned="{columns}"'
            return f'<table:table-cell office:value-type="string" {spans}>{_words(text)}</table:table-cell>'
    return f'<table:table-cell office:value-type="string">{_words(str(cell))}</table:table-cell>'


def _words(text: str) -> str:
    return f"<text:p>{escape(text)}</text:p>"


def make(folder: Path) -> None:
    """Make all of them in a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for name, pages in books().items():
            (work / f"{name}.fods").write_text(flat(pages), encoding="utf-8")
        convert(work, folder, "xlsx", [work / f"{name}.fods" for name in books()])
        for name, (page, (separator, quote, encoding, every)) in tables().items():
            (work / f"{name}.fods").write_text(flat((page,)), encoding="utf-8")
            options = f"{separator},{quote},{encoding},1,,0,{str(every).lower()},true,false"
            convert(work, folder, f"csv:Text - txt - csv (StarCalc):{options}", [work / f"{name}.fods"])


def convert(work: Path, folder: Path, target: str, files: Sequence[Path]) -> None:
    """Let LibreOffice write files in another format."""
    profile = f"-env:UserInstallation={(work / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", target, "--outdir", str(folder), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
