from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from typeset.engine.loader import ChangedEngine, hold, load, source_digest, source_of

MODULES = ("layout.inline", "layout.block", "layout.preferred", "draw.text", "pdf.tags", "formatting_structure.boxes")


@pytest.mark.parametrize("name", MODULES)
def test_the_source_is_that_which_python_finds(name: str) -> None:
    load()
    module = import_module(f"weasyprint.{name}")
    own = [
        value
        for value in vars(module).values()
        if (inspect.isfunction(value) or inspect.isclass(value)) and inspect.unwrap(value).__module__ == module.__name__
    ]

    assert own
    for value in own:
        assert source_of(value) == inspect.getsource(value)


def test_what_is_wrapped_is_what_counts() -> None:
    load()
    from functools import wraps

    from weasyprint.layout.block import block_level_width

    @wraps(block_level_width)
    def around(*_: object) -> None:
        pass

    assert source_digest(around) == source_digest(block_level_width)


@pytest.mark.parametrize("change", ["    return one + 2", "    # more\n    return one", "\n    return one\n    # more"])
def test_any_change_shows(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "def added(\n    one,\n):\n"
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "stock_of_them.py").write_text(f"{head}    return one\n\n\nlast = 1\n")
    (tmp_path / "changed_of_them.py").write_text(f"{head}{change}\n\n\nlast = 1\n")

    stock, changed = (import_module(name).added for name in ("stock_of_them", "changed_of_them"))

    assert source_of(stock) == f"{head}    return one\n"
    assert source_digest(changed) != source_digest(stock)


def test_a_function_without_a_source_is_an_unknown_one() -> None:
    made: dict[str, Any] = {}
    exec("def added(): pass", made)

    assert source_digest(made["added"]) == ""
    with pytest.raises(ChangedEngine, match="added has changed"):
        hold({"added": made["added"]}, {"added": "known"}, "engine")
