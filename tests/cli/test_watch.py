from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.letters import BODY, LIST, files
from typeset.cli import build, main
from typeset.render import incremental

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


def test_what_is_built_again_is_built_on_what_was_kept_and_is_what_a_cold_build_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, warm, cold = tmp_path / "letter", tmp_path / "warm", tmp_path / "cold"
    folder.mkdir()
    states = [
        {},
        {"letter.en.md": BODY.replace("thing", "night")},
        {"letter.en.md": BODY + "\n<script>\n"},
        {"signatories.csv": LIST.replace("Delta", "Detal")},
        {"letter.en.md": BODY.replace("{closing}", "We ask for more.\n\n{closing}")},
    ]
    made: list[dict[str, bytes]] = []
    whole: list[str] = []

    class Counted(incremental.KeptPdf):
        def __init__(self, *given: Any, **options: Any) -> None:
            whole.append(given[0].lang)
            super().__init__(*given, **options)

    def saved(state: dict[str, str]) -> None:
        for name, data in files(state).items():
            (folder / name).write_bytes(data)

    def follow(_: Path, __: str | None, work: Callable[[], None]) -> None:
        for state in states:
            saved(state)
            try:
                work()
            except SystemExit:
                continue
            made.append(results(warm))

    def results(output: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in output.glob("small/*") if path.name != "build.json"}

    monkeypatch.setattr(incremental, "KeptPdf", Counted)
    monkeypatch.setattr(build, "follow", follow)
    CliRunner().invoke(main, ["build", str(folder), "--watch", "--output", str(warm)], catch_exceptions=False)

    fresh = []
    for state in states[:2] + states[3:]:
        saved(state)
        CliRunner().invoke(main, ["build", str(folder), "--output", str(cold)], catch_exceptions=False)
        fresh.append(results(cold))
    assert made == fresh
    assert len({one["small.en.pdf"] for one in made}) == 4
    assert whole == ["en", "en"], "the first, and the one with another paragraph"
