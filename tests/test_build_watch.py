from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from tests.small import BODY, files

PATIENCE = 90.0


def wait(until: Callable[[], bool]) -> None:
    given_up = monotonic() + PATIENCE
    while not until():
        assert monotonic() < given_up, "it never came"
        sleep(0.05)


def interrupted(process: subprocess.Popen[bytes]) -> int:
    """How a program ends that somebody interrupts, and again when nothing seems to come of it."""
    for _ in range(8):
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(PATIENCE / 4)
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    raise AssertionError("it never ended")


def test_a_saved_source_is_built_again_and_a_broken_one_does_not_end_it(tmp_path: Path) -> None:
    folder, made, told = tmp_path / "letter", tmp_path / "out" / "small" / "small.en.html", tmp_path / "told.txt"
    folder.mkdir()
    for name, data in files().items():
        (folder / name).write_bytes(data)
    command = [sys.executable, "-c", "from typeset.cli import main; main()", "build", str(folder), "--watch"]
    with told.open("w") as heard:
        process = subprocess.Popen(
            [*command, "--format", "html", "--output", str(tmp_path / "out")],
            stdout=heard,
            stderr=heard,
            env={**os.environ, "NO_COLOR": "1"},
            # A shell that runs something in the background lets it ignore interrupts, and so would we.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        try:
            wait(made.exists)
            (folder / "letter.en.md").write_text(BODY + "\n<script>\n")
            wait(lambda: "error[" in told.read_text())
            (folder / "letter.en.md").write_text(BODY.replace("thing", "other matter"))
            wait(lambda: "other matter" in made.read_text())
        finally:
            status = interrupted(process)

    assert status == 0
    assert "Traceback" not in told.read_text()
