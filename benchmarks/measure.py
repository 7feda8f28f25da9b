"""What a program costs: processor time and peak memory of a fresh process and of all that it starts.

This file is also the small process that starts the measured one. Linux counts the memory of whoever starts a program
into the peak of that program, so it has to be started by something smaller than itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

PATIENCE = 300
"""Seconds after which a measured program is given up."""

_PR_SET_CHILD_SUBREAPER = 36


class Cost:
    """``cpu`` and ``wall`` in seconds; ``peak`` in bytes, of the largest process."""

    __slots__ = ("cpu", "peak", "wall")

    def __init__(self, cpu: float, peak: int, wall: float) -> None:
        self.cpu, self.peak, self.wall = cpu, peak, wall


class Failed(RuntimeError):
    """A measured program that did not end well, with what it said last."""


def cost_of(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a program to its end in a process of its own. Raises `Failed` where it does not end well."""
    starter = (sys.executable, "-I", "-S", __file__)
    process = subprocess.Popen(
        (*starter, *command),
        env=dict(environment or os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        answer, said = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failed(f"{command[0]} did not end within {PATIENCE} s") from None
    if process.returncode:
        raise Failed(f"{command[0]} ended with {process.returncode}: {said.decode(errors='replace')[-1500:].strip()}")
    cpu, peak, wall = answer.split()
    return Cost(float(cpu), int(peak), float(wall))


def main(command: list[str]) -> int:
    """Start the program, wait for it and for every process it leaves behind, and say what all of them used."""
    if sys.platform == "linux":
        # Processes whose parent has ended become ours, and so does what they used.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    # What the program says goes to the error output, for the output carries the figures.
    started = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
    cpu, peak, wall, status = 0.0, 0, 0.0, 0
    while True:
        try:
            ended, how, used = os.wait4(-1, 0)
        except ChildProcessError:
            break
        if ended == started:
            wall, status = time.monotonic() - began, os.waitstatus_to_exitcode(how)
        cpu += used.ru_utime + used.ru_stime
        peak = max(peak, used.ru_maxrss)
    print(cpu, peak * (1 if sys.platform == "darwin" else 1024), wall)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
