from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from typeset.engine import speedups
from typeset.engine.loader import ChangedEngine, load

FLOATS = ("none", "left", "right", "inline-start", "inline-end", "footnote")
POSITIONS = ("static", "relative", "absolute", "fixed", ("running()", "head"), ("note()", "aside"))


@pytest.fixture
def boxes() -> Iterator[Any]:
    """The engine's classes of boxes, with their stock methods."""
    load()
    from weasyprint.formatting_structure import boxes

    speedups.uninstall_flow()
    yield boxes
    speedups.uninstall_flow()


def test_the_answers_are_those_of_the_stock_methods(boxes: Any) -> None:
    styles = [{"float": float_, "position": position} for float_, position in product(FLOATS, POSITIONS)]
    stock = [boxes.Box("p", style, None).is_in_normal_flow() for style in styles]

    speedups.install_flow()

    assert boxes.Box.is_in_normal_flow is speedups.is_in_normal_flow
    assert [boxes.Box("p", style, None).is_in_normal_flow() for style in styles] == stock


def nested(boxes: Any, chance: random.Random, depth: int = 0) -> Any:
    """A box with boxes inside, in flow or not, which ask for a page or for none."""
    style = {
        "float": chance.choice(FLOATS[:3]) if depth else "none",
        "position": chance.choice(POSITIONS[:4]) if depth else "static",
        "page": chance.choice(("", "", "letter", "annex")),
    }
    if depth == 3:
        return boxes.Box("p", style, None)
    return boxes.ParentBox("p", style, None, [nested(boxes, chance, depth + 1) for _ in range(chance.randint(0, 4))])


def test_pages_asked_for_are_those_of_the_stock_methods(boxes: Any) -> None:
    trees = [nested(boxes, random.Random(seed)) for seed in range(300)]
    stock = [tree.page_values() for tree in trees]

    speedups.install_flow()

    assert boxes.ParentBox.page_values is speedups.page_values
    assert len(set(stock)) > 5
    assert [tree.page_values() for tree in trees] == stock


def test_another_engine_does_without(boxes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stock(box: Any) -> bool:
        return True

    monkeypatch.setattr(boxes.Box, "is_in_normal_flow", stock)

    with pytest.raises(ChangedEngine):
        speedups.install_flow()
    assert boxes.Box.is_in_normal_flow is stock
