"""What is installed elsewhere carries its templates and fonts, and needs no clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

PROJECT = Path(__file__).parents[2]
LETTER = PROJECT / "examples" / "joint-statement"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.mark.long
def test_wheel_carries_every_template_and_face(wheel: Path) -> None:
    house = {
        path for folder in ("templates", "locales", "fonts") for path in (PROJECT / folder).rglob("*") if path.is_file()
    }

    carried = set(ZipFile(wheel).namelist())

    assert len(house) > 10
    assert {f"typeset/_house/{path.relative_to(PROJECT).as_posix()}" for path in house} <= carried


@pytest.mark.long
def test_installed_program_builds_a_letter_in_any_folder(wheel: Path, tmp_path: Path) -> None:
    site, here = tmp_path / "site", tmp_path / "here"
    ZipFile(wheel).extractall(site)
    shutil.copytree(LETTER, here / "content" / LETTER.name)
    program = "import typeset.cli; print(typeset.__file__, flush=True); typeset.cli.main()"

    built = subprocess.run(
        [sys.executable, "-c", program, "build", f"content/{LETTER.name}"],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(site), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        check=False,
        capture_output=True,
        text=True,
    )

    assert built.stdout.startswith(str(site)), built.stderr
    assert built.returncode == 0, built.stderr
    left = {path.name for path in (here / "output" / LETTER.name).iterdir()}
    assert left >= {f"{LETTER.name}.{lang}.{kind}" for lang in ("en", "zh-Hant") for kind in ("pdf", "html")}
