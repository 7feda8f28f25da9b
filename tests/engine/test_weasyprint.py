from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from typeset.engine import layout, pdf_tags
from typeset.engine.loader import SUPPORTED, ChangedEngine, load
from typeset.sources import house


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_release_is_the_one_the_reaches_were_written_for() -> None:
    assert load().VERSION == SUPPORTED


def test_an_open_font_world_is_refused() -> None:
    done = run("import weasyprint, typeset.engine.loader as engine\nengine.load()\n")

    assert "before its system fonts could be turned off" in done.stderr


PAGE = (
    "import sys, pathlib\n"
    "from typeset.engine.loader import load\n"
    "weasyprint = load(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None)\n"
    "import weasyprint.text.ffi as declared\n"
    "print(type(declared.ffi).__module__, len(weasyprint.HTML(string='<p>').write_pdf()))\n"
)


def page(*arguments: str) -> str:
    return run(PAGE, *arguments).stdout


def test_declarations_compiled_earlier_give_the_same_engine(tmp_path: Path) -> None:
    first, second = page(str(tmp_path)), page(str(tmp_path))

    assert first.split()[0] == "typeset.engine.loader"
    assert second.split()[0] == "_cffi_backend"
    assert first.split()[1] == second.split()[1]
    assert len(list(tmp_path.glob("*.py"))) == 1


def test_a_broken_cache_is_made_again(tmp_path: Path) -> None:
    page(str(tmp_path))
    (compiled,) = tmp_path.glob("*.py")
    compiled.write_text("raise SystemError('broken')")

    assert page(str(tmp_path)).split()[0] == "cffi.api"
    assert page(str(tmp_path)).split()[0] == "typeset.engine.loader"
    assert page(str(tmp_path)).split()[0] == "_cffi_backend"


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert page(str(tmp_path / "file" / "below")).split()[0] == "cffi.api"


@pytest.mark.parametrize(
    ("module", "function", "patch"),
    [
        ("weasyprint.pdf.tags", "_build_box_tree", pdf_tags.install_structure),
        ("weasyprint.layout.inline", "split_text_box", layout.install_leading),
        ("weasyprint.draw.text", "draw_first_line", layout.install_spaces),
        ("weasyprint.pdf.stream", "Stream.marked", pdf_tags.install_artifacts),
    ],
)
def test_a_function_that_has_changed_is_not_patched(
    module: str, function: str, patch: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    load()

    def another() -> None:
        """Does something else."""

    owner, _, name = function.rpartition(".")
    found = importlib.import_module(module)
    monkeypatch.setattr(getattr(found, owner) if owner else found, name, another)

    with pytest.raises(ChangedEngine):
        patch()


def test_the_faces_of_a_document_are_gone_when_it_is_written(tmp_path: Path) -> None:
    program = (
        "import gc, os, sys, tempfile\n"
        "gc.disable()\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "from typeset.engine.loader import load\n"
        "from typeset.engine.loader import font_configuration\n"
        "face = '@font-face { font-family: face; src: url(NotoSerif-Regular.ttf) } p { font-family: face }'\n"
        "page = f'<style>{face}</style><p>x'\n"
        "document = load().HTML(string=page, base_url=sys.argv[2])\n"
        "with font_configuration() as faces:\n"
        "    laid_out = document.render(font_config=faces)\n"
        "    print(len(os.listdir(sys.argv[1])))\n"
        "print(len(os.listdir(sys.argv[1])))\n"
    )

    done = run(program, str(tmp_path), f"{(house() / 'fonts').as_uri()}/")

    assert done.stdout.split() == ["1", "0"]
