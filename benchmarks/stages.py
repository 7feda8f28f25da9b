"""Where our own time goes: processor seconds of every stage of cold builds, and what costs most in rendering."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.cold import tell

STAGED = Path(__file__).with_name("staged.py")


def run(letter: Path, rounds: int) -> str:
    """A table of stages and the profile of the rendering stage."""
    _staged(letter)
    runs = []
    for round_ in range(rounds):
        tell(f"round {round_ + 1} of {rounds}")
        runs.append(json.loads(_staged(letter)))
    tell("")
    return f"{by_stage(runs)}\nRendering, the engine loaded before:\n{_staged(letter, 'render')}\n"


def by_stage(runs: list[dict[str, float]]) -> str:
    """Milliseconds of each stage, the median with the least and the most, in the order in which stages began."""
    lines = ["| stage     | CPU ms | least … most |", "|-----------|-------:|-------------:|"]
    for stage in runs[0]:
        spent = [1000 * run[stage] for run in runs]
        lines.append(f"| {stage:9} | {statistics.median(spent):6.0f} | {f'{min(spent):.0f} … {max(spent):.0f}':>12} |")
    total = statistics.median(sum(run.values()) * 1000 for run in runs)
    return "\n".join((*lines, f"| all       | {total:6.0f} | {'':12} |")) + "\n"


def _staged(letter: Path, *stage: str) -> str:
    done = subprocess.run((sys.executable, STAGED, letter, *stage), check=True, capture_output=True, text=True)
    return done.stdout
