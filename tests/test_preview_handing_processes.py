"""Builds beside a preview that is a program of its own, as it is in life: with an end, by its own will or not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from tests.handed import LIKENESS, alone, build, notes, own_cache
from tests.small import files
from typeset.preview import handed
from typeset.preview.handed import Handed, handed_over
from typeset.preview.note import found, likeness

PATIENCE = 60.0
# Somebody may be at work on the program while its tests run.
PREVIEW = """
import sys
from typeset.cli import main
from typeset.preview import serving
if __name__ == "__main__":
    taken = sys.argv.pop()
    serving.likeness = lambda: taken
    main()
"""


def wait(until: Callable[[], object]) -> None:
    given_up = monotonic() + PATIENCE
    while not until():
        assert monotonic() < given_up, "it never came"
        sleep(0.02)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    with own_cache(tmp_path / "cache"):
        yield tmp_path / "cache"


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    folder = tmp_path / "letter"
    folder.mkdir()
    for name, data in files().items():
        (folder / name).write_bytes(data)
    return folder


@contextmanager
def previewing(letter: Path, cache: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`typesetter preview` of a letter, which has left its note."""
    program = cache / "preview.py"
    program.write_text(PREVIEW)
    process = subprocess.Popen(
        [sys.executable, str(program), "preview", str(letter), "--no-browser", LIKENESS],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(lambda: notes(cache))
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_preview_that_is_told_to_end_takes_its_note_with_it(letter: Path, cache: Path, tmp_path: Path) -> None:
    with previewing(letter, cache) as process:
        made = build(letter, output=tmp_path / "out")
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)

    assert made.handed_over
    assert not notes(cache)


def test_a_preview_that_is_killed_while_somebody_waits_leaves_the_work_to_the_build(
    letter: Path, cache: Path, tmp_path: Path
) -> None:
    taken: list[Handed | None] = []
    with previewing(letter, cache) as process:
        waiting = Thread(target=lambda: taken.append(handed_over(letter)))
        waiting.start()
        sleep(0.2)
        waited = waiting.is_alive()
        process.kill()
        waiting.join(PATIENCE)
    left = found(letter)
    made = build(letter, output=tmp_path / "out")

    assert waited
    assert taken == [None]
    assert left is not None
    assert made == alone(letter, output=tmp_path / "out")


def test_who_takes_what_is_there_imports_nothing_that_makes_it(letter: Path, cache: Path, tmp_path: Path) -> None:
    program = f"""
import sys
from typeset.preview import handed
handed.likeness = lambda: {LIKENESS!r}
from typeset.cli import main
main(["build", {str(letter)!r}, "--output", {str(tmp_path / "out")!r}], standalone_mode=False)
print(*sys.modules)
"""
    with previewing(letter, cache):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    imported = set(done.stdout.splitlines()[-1].split())
    assert "built by the preview" in done.stderr
    assert not imported & {"weasyprint", "uvicorn", "starlette", "asyncio", "jinja2", "fontTools", "typeset.pipeline"}


def test_the_command_and_the_preview_take_the_same_likeness() -> None:
    program = "import sys; from typeset.preview.note import likeness; print(likeness())"
    one, other = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=place).stdout
        for place in ("/", Path(handed.__file__).parent)
    )

    assert one == other != ""
    assert likeness() == likeness()
