from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from typeset.engine import flow
from typeset.engine.weasyprint import load

FLOATS = ("none", "left", "right", "inline-start", "inline-end", "footnote")
POSITIONS = ("static", "relative", "absolute", "fixed", ("running()", "head"), ("note()", "aside"))


@pytest.fixture
def box_class(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The engine's class of boxes, given back afterwards as it was."""
    load()
    from weasyprint.formatting_structure.boxes import Box

    monkeypatch.setattr(Box, "is_in_normal_flow", Box.is_in_normal_flow)
    return Box


def test_the_answers_are_those_of_the_stock_methods(box_class: Any) -> None:
    assert flow.install()
    assert box_class.is_in_normal_flow is flow.is_in_normal_flow
    for float_, position in product(FLOATS, POSITIONS):
        box = box_class("p", {"float": float_, "position": position}, None)
        out = (
            box.is_floated() or box.is_absolutely_positioned() or box.is_running() or box.is_footnote() or box.is_note()
        )
        assert box.is_in_normal_flow() == (not out)


def test_another_engine_does_without(box_class: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stock(box: Any) -> bool:
        return True

    monkeypatch.setattr(box_class, "is_in_normal_flow", stock)

    assert not flow.install()
    assert box_class.is_in_normal_flow is stock
