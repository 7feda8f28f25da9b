"""Lengths worked out once, and by the stock engine each time: the same boxes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from typeset.engine import speedups
from typeset.engine.loader import ChangedEngine, load
from typeset.sources import house

STYLE = """
@font-face { font-family: face; src: url(NotoSerif-Regular.ttf) }
@page { size: 100mm 80mm; margin: 10mm }
html { font: 8pt/12pt face }
"""
TEXT = "<i>and</i> on <b>it</b> goes"
PAGES = {
    "all kinds of lengths": f"<p style='margin: 1em 5% auto 2mm; padding: 1%; border: 1px solid'>{TEXT}</p>" * 3,
    "the same style, other measures": "".join(
        f"<div style='width: {width}%'><p class='in'>{TEXT}</p></div>" for width in (90, 50, 70)
    )
    + "<style>.in { margin: 0 10%; padding-left: 5%; width: 60% }</style>",
    "heights of a part": "<div style='height: 30mm'><p class='high'>x</p></div><div><p class='high'>x</p></div>"
    "<style>.high { height: 50%; min-height: 10%; max-height: 40% }</style>",
    "sums": f"<style>p {{ width: calc(50% - 2em) }} .big {{ font-size: 20pt }}</style><p>{TEXT}<p class='big'>{TEXT}",
    "boxes measured otherwise": "".join(
        f"<p style='width: 40%; padding: 2mm; border: 1mm solid; box-sizing: {sizing}'>{TEXT}</p>"
        for sizing in ("content-box", "padding-box", "border-box")
    ),
    "collapsing borders": "<table style='border-collapse: collapse'>"
    + "".join(f"<tr><td style='border: {width}px solid'>{TEXT}<td>x" for width in (1, 4, 2))
    + "</table>",
    "columns": "<div style='columns: 2'>" + f"<p style='padding: 2% 0'>{TEXT}</p>" * 20 + "</div>",
    "inline blocks": "<p>" + f"<span style='display: inline-block; width: 30%; margin: 1%'>{TEXT}</span>" * 5,
    "widths at least and at most": f"<p style='min-width: auto; max-width: 30%'>{TEXT}<p style='min-width: 90%'>{TEXT}",
    "first lines": f"<style>p::first-line {{ font-size: 12pt; letter-spacing: 1px }}</style><p>{TEXT * 9}<p>{TEXT * 9}",
}


@pytest.fixture(autouse=True)
def stock() -> Iterator[None]:
    load()
    speedups.uninstall_lengths()
    yield
    speedups.uninstall_lengths()


def boxes_of(body: str) -> list[tuple[Any, ...]]:
    base = (house() / "fonts").as_uri() + "/"
    document = load().HTML(string=f"<style>{STYLE}</style>{body}", base_url=base).render()
    return [
        (type(box).__name__, *(vars(box).get(name) for name in ("position_x", "position_y", *speedups.LENGTHS)))
        for page in document.pages
        for box in page._page_box.descendants()
    ]


@pytest.mark.parametrize("page", PAGES)
def test_boxes_are_those_of_the_stock_engine(page: str) -> None:
    expected = boxes_of(PAGES[page])

    speedups.install_lengths()

    assert boxes_of(PAGES[page]) == expected
    assert boxes_of(PAGES[page]) == expected


def test_a_style_is_resolved_once_for_a_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.layout import percent

    resolved: list[object] = []
    stock = percent.resolve_one_percentage

    def counted(box: Any, name: str, whole: Any) -> None:
        resolved.append(name)
        stock(box, name, whole)

    with monkeypatch.context() as patch:
        patch.setattr(percent, "resolve_one_percentage", counted)
        boxes_of(f"<p>{TEXT}</p>" * 100)
    each_time = len(resolved)
    resolved.clear()

    speedups.install_lengths()
    with monkeypatch.context() as patch:
        patch.setattr(percent, "resolve_one_percentage", counted)
        boxes_of(f"<p>{TEXT}</p>" * 100)

    assert len(resolved) < each_time / 5


def a_box(**said: Any) -> Any:
    """A box in a style that says this and nothing else."""
    from weasyprint.css.properties import INITIAL_VALUES
    from weasyprint.formatting_structure import boxes

    return boxes.BlockBox("p", {**INITIAL_VALUES, **said}, None, [])


def test_a_function_is_worked_out_for_each_style() -> None:
    from tinycss2 import parse_one_component_value  # type: ignore[import-untyped]
    from weasyprint.layout import block

    speedups.install_lengths()
    width = parse_one_component_value("calc(10% + 2em)")
    small, big = (a_box(width=width, font_size=size) for size in (10, 20))

    for box in (small, big):
        block.resolve_percentages(box, (200, 100))

    assert (small.width, big.width) == (40, 60)


def test_borders_that_collapsed_stay_as_the_table_has_set_them() -> None:
    from weasyprint.layout import block

    speedups.install_lengths()
    plain, collapsed = a_box(border_collapse="collapse"), a_box(border_collapse="collapse")
    collapsed.border_top_width = 7

    for box in (plain, collapsed):
        block.resolve_percentages(box, (200, 100))

    assert (plain.border_top_width, collapsed.border_top_width) == (3, 7)


def test_another_engine_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.layout import block, percent

    monkeypatch.setitem(speedups.LENGTHS_RELIED_ON, "percentage", "0" * 16)

    with pytest.raises(ChangedEngine):
        speedups.install_lengths()
    assert block.resolve_percentages is percent.resolve_percentages
