"""The figures that the sources are held to: what is met stays met, and what is not met does not grow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SLOW
from tests.measure.house import Figure, circles, deep_imports, figures, modules, table

FIGURES = figures(modules())


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_a_figure_is_within_its_limit(figure: Figure) -> None:
    assert figure.kept, f"{table(FIGURES)}\n{chr(10).join(figure.found)}"


def package(folder: Path, files: dict[str, str]) -> Path:
    """A package of these files."""
    for name, text in files.items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "house"


def test_a_circle_of_imports_is_counted_once(tmp_path: Path) -> None:
    sources = modules(
        package(tmp_path, {"__init__.py": "", "a.py": "import house.b\n", "b.py": "from house import a\n"})
    )

    assert circles(sources) == ("house.a <-> house.b",)


def test_an_import_past_a_door_is_counted_and_one_from_within_is_not(tmp_path: Path) -> None:
    files = {
        "__init__.py": "",
        "room/__init__.py": "",
        "room/inner.py": "",
        "room/beside.py": "from house.room.inner import x\n",
        "user.py": "from house.room import door\nfrom house.room.inner import x\n",
    }

    assert deep_imports(modules(package(tmp_path, files))) == ("house.user imports house.room.inner",)


def test_what_the_quick_run_leaves_out_exists() -> None:
    found = [(Path(file), test) for file, _, test in (line.partition("::") for line in sorted(SLOW))]

    assert [file for file, test in found if not file.is_file() or f"def {test}" not in file.read_text("utf-8")] == []


def test_a_private_wrapper_of_a_finding_is_counted(tmp_path: Path) -> None:
    files = {
        "a.py": "def _fault(code, message, hint): ...\n",
        "b.py": "def error(code, message, hint): ...\ndef _other(code): ...\n",
    }

    counted = {figure.name: figure.found for figure in figures(modules(package(tmp_path, files)))}

    assert counted["finding factories"] == ("house.a._fault",)
