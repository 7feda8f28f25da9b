"""What the setting of East Asian lines costs."""

from __future__ import annotations

import pytest

from tests.measure.cost import ratio
from typeset.engine import cjk
from typeset.engine.loader import load


@pytest.mark.long
def test_a_letter_takes_at_most_fifteen_percent_more() -> None:
    load()
    try:
        assert ratio(5) < 1.15
    finally:
        cjk.uninstall()
