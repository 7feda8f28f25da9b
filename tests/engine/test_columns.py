"""Blocks in columns, laid out once and by the stock engine: the same pages."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from typeset.engine import speedups
from typeset.engine.loader import ChangedEngine, load
from typeset.sources import house

STYLE = """
@font-face { font-family: serif-face; src: url(NotoSerif-Regular.ttf) }
@page { size: 120mm 100mm; margin: 10mm }
html { font: 8pt/12pt serif-face }
p, ol, ul { margin: 0; padding: 0 }
ol { columns: 2; column-gap: 6mm; list-style: none }
li { padding-left: 2em; break-inside: avoid }
span { display: inline-block; width: 1.6em; margin-left: -2em; text-align: right }
"""
WORDS = (
    "river",
    "coalition",
    "of",
    "the",
    "northern",
    "delta",
    "for",
    "open",
    "water",
    "and",
    "its",
    "many",
    "harbours",
)


def entries(number: int, chance: random.Random) -> list[str]:
    """Items of one line to five."""
    return [
        f"<span>{place}.</span> {' '.join(chance.choices(WORDS, k=chance.randint(1, 24)))}" for place in range(number)
    ]


def items(*contents: str) -> str:
    return "<ol>" + "".join(f"<li>{content}</li>" for content in contents) + "</ol>"


def boxes_of(body: str, style: str = "") -> list[tuple[Any, ...]]:
    """Every box of every page, with its place and size."""
    weasyprint = load()
    base = (house() / "fonts").as_uri() + "/"
    document = weasyprint.HTML(string=f"<style>{STYLE}{style}</style>{body}", base_url=base).render()
    found = []
    for number, page in enumerate(document.pages):
        for box in page._page_box.descendants():
            size = [getattr(box, name, None) for name in ("position_x", "position_y", "width", "height")]
            found.append((number, type(box).__name__, getattr(box, "text", ""), *size))
    return found


def alike(ours: list[tuple[Any, ...]], stock: list[tuple[Any, ...]]) -> bool:
    """Whether the same boxes stand in the same places, but for the last bits of a float."""
    return len(ours) == len(stock) and all(
        one == other or (isinstance(one, float) and one == pytest.approx(other, abs=1e-6))
        for box, same in zip(ours, stock, strict=True)
        for one, other in zip(box, same, strict=True)
    )


class Counted:
    """How often the stock function was asked for a block of a column."""

    def __init__(self) -> None:
        self.times = 0

    def around(self, stock: Any) -> Any:
        def block_level_layout(context: Any, box: Any, bottom: float, skip: Any, parent: Any, *rest: Any) -> Any:
            self.times += bool(getattr(parent, "is_column", False))
            return stock(context, box, bottom, skip, parent, *rest)

        return block_level_layout


@pytest.fixture
def stock_layouts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    load()
    from weasyprint.layout import block

    counted = Counted()
    speedups.uninstall_columns()
    monkeypatch.setattr(block, "block_level_layout", counted.around(block.block_level_layout))
    yield counted
    speedups.uninstall_columns()


def test_the_engine_is_the_one_whose_layouts_may_be_kept(stock_layouts: Counted) -> None:
    speedups.install_columns()


def test_another_engine_does_without(stock_layouts: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.layout import block

    monkeypatch.setitem(speedups.COLUMNS_RELIED_ON, "column.py", "0" * 16)
    before = block.block_level_layout

    with pytest.raises(ChangedEngine):
        speedups.install_columns()
    assert block.block_level_layout is before


def test_an_entry_is_laid_out_about_once(stock_layouts: Counted) -> None:
    body, style = items(*entries(120, random.Random(1))), "@page { size: 160mm 400mm }"
    boxes_of(body, style)
    stock, stock_layouts.times = stock_layouts.times, 0

    speedups.install_columns()
    boxes_of(body, style)

    assert stock > 2 * 120
    assert stock_layouts.times < 1.1 * 120


LONG = items(*entries(90, random.Random(2)))
MANNERS = {
    "entries kept whole": (LONG, ""),
    "entries that break": (LONG, "li { break-inside: auto }"),
    "three columns": (LONG, "ol { columns: 3 }"),
    "columns filled one after the other": (LONG, "ol { column-fill: auto }"),
    "a paragraph before and after": (f"<p>Before.</p>{LONG}<p>After.</p>{LONG}", "p { margin: 5mm 0 }"),
    "margins that collapse": (LONG, "li { margin: 1mm 0 2mm }"),
    "margins above": (LONG, "li { margin-top: 2mm }"),
    "padding and borders": (LONG, "li { padding: 1mm 0 2mm; border: .5pt solid }"),
    "breaks avoided": (LONG, "li:nth-child(7n) { break-after: avoid } li:nth-child(31) { break-before: column }"),
    "orphans and widows": (LONG, "li { break-inside: auto; orphans: 3; widows: 3 }"),
    "markers outside": (LONG, "ol { list-style: decimal outside }"),
    "heights set": (LONG, "li { height: 15pt } li:nth-child(3n) { max-height: 10pt; height: auto }"),
    "blocks inside": (items(*(f"<p>{entry}</p><p>More.</p>" for entry in entries(50, random.Random(3)))), ""),
    "heights set inside": (
        items(*(f"<p>{entry}</p><p>More.</p>" for entry in entries(50, random.Random(4)))),
        "p { height: 10pt }",
    ),
    "floats": (
        items(
            *entries(20, random.Random(5)), '<b style="float: left">Aside</b> and on', *entries(20, random.Random(6))
        ),
        "",
    ),
    "relative and absolute": (
        items('<b style="position: absolute">at</b> once', *entries(30, random.Random(7))),
        "li:nth-child(4n) { position: relative; left: 2mm; top: 1mm }",
    ),
    "footnotes": (
        items(*(f"{entry}<i>a note</i>" for entry in entries(40, random.Random(8)))),
        "i { float: footnote }",
    ),
    "tables": (items(*(f"<table><tr><td>{entry}<td>x</table>" for entry in entries(30, random.Random(9)))), ""),
    "columns inside": (
        items(*(f"<div>{' '.join(WORDS * 2)}</div>" for _ in range(12))),
        "div { columns: 2 }",
    ),
    "one across": (
        items(*entries(20, random.Random(10)), '<b class="all">All</b>', *entries(20, random.Random(11))),
        "li:has(.all) { column-span: all }",
    ),
    "pages counted in them": (
        items(*entries(60, random.Random(12))),
        "li::after { content: ' ' counter(page) '/' counter(pages) }",
    ),
    "right to left": (LONG, "ol { direction: rtl }"),
    "columns in columns' children": (f"<div>{LONG}</div>", "div { columns: 2 } ol { columns: auto }"),
    "bottom padding below": (f"<p>Before.</p>{LONG}", "ol { padding-bottom: 8mm }"),
    "first letters": (LONG, "li::first-letter { font-size: 16pt }"),
    "higher than a page": (
        items(*entries(5, random.Random(13)), " ".join(WORDS * 40), *entries(5, random.Random(14))),
        "",
    ),
}


@pytest.mark.parametrize("manner", MANNERS)
def test_pages_are_those_of_the_stock_engine(manner: str, stock_layouts: Counted) -> None:
    body, style = MANNERS[manner]
    stock = boxes_of(body, style)

    speedups.install_columns()

    assert alike(boxes_of(body, style), stock)


@pytest.mark.long
def test_pages_of_any_list_are_those_of_the_stock_engine(stock_layouts: Counted, chance: random.Random) -> None:
    for _ in range(40):
        before, listed = " ".join(WORDS * chance.randint(0, 9)), items(*entries(chance.randint(1, 150), chance))
        body = f"<p>{before}</p>{listed}<p>After.</p>"
        style = f"@page {{ size: {chance.randint(80, 160)}mm {chance.randint(50, 200)}mm }}"
        speedups.uninstall_columns()
        stock = boxes_of(body, style)

        speedups.install_columns()

        assert alike(boxes_of(body, style), stock)
