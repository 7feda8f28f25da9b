"""How all tests run: the same every time, unless `make prove` or a slice of it asks for a new seed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("sample", derandomize=True, max_examples=25, deadline=None)
settings.register_profile(
    "prove", max_examples=1000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("sample")


DEADLINE = "TYPESET_TESTS_DEADLINE"
"""When a slice ends, in seconds since the epoch: the processes of one run share it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the seed of tests that draw by chance, and what a slice or a full proof asks for."""
    parser.addoption("--seed", type=int, default=0, help="seed of the `chance` fixture (make prove draws a new one)")
    parser.addoption("--quick", action="store_true", help="leave out what tests/slow.txt names (make check)")
    parser.addoption("--minutes", type=float, help="run the tests in an order drawn by the seed, for so long at most")
    parser.addoption("--record", type=Path, help="write the figures of this run into this page")


def pytest_configure(config: pytest.Config) -> None:
    """Set the end of a slice once, before its processes start; no test sees what the user trusts."""
    os.environ["TYPESET_CONFIG"] = tempfile.mkdtemp(prefix="typeset-trust-")
    if minutes := config.getoption("--minutes"):
        os.environ.setdefault(DEADLINE, str(time.time() + 60 * minutes))


SLOW = frozenset((Path(__file__).parent / "slow.txt").read_text(encoding="utf-8").split())
"""Files and tests that `make check` leaves to `make test`; tests/measure/slow.py makes the list."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import a slow file in a quick run."""
    quick = config.getoption("--quick") and collection_path.suffix == ".py"
    return True if quick and str(collection_path.relative_to(config.rootpath)) in SLOW else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out of a quick run. Draw the order of a slice; every process draws the same."""
    if config.getoption("--quick"):
        slow = [item for item in items if item.nodeid.split("[")[0] in SLOW]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
    if config.getoption("--minutes"):
        items.sort(key=lambda item: item.nodeid)
        random.Random(config.getoption("--seed")).shuffle(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no test of a slice when its time is over. A fixture that has begun is never cut short."""
    if item.config.getoption("--minutes") and time.time() > float(os.environ[DEADLINE]):
        pytest.skip("the time of this slice is over")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """End a test of a slice when its time is over: it counts as skipped. Hypothesis takes an interrupt for a fault."""
    if item.get_closest_marker("hypothesis"):
        return (yield)
    with _bounded(item.config):
        return (yield)


@contextmanager
def _bounded(config: pytest.Config) -> Iterator[None]:
    if not config.getoption("--minutes"):
        yield
        return
    previous = signal.signal(signal.SIGALRM, _out_of_time)
    signal.setitimer(signal.ITIMER_REAL, max(float(os.environ[DEADLINE]) - time.time(), 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _out_of_time(_number: int, _frame: FrameType | None) -> None:
    pytest.skip("the time of this slice is over")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the figures of a full run."""
    if page := config.getoption("--record"):
        page.write_text(_figures(terminalreporter, config), encoding="utf-8")


def _figures(reporter: pytest.TerminalReporter, config: pytest.Config) -> str:
    git = ["git", "log", "-1", "--format=%h, %cs"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    counts = {outcome: len(reporter.getreports(outcome)) for outcome in ("passed", "failed", "error", "skipped")}
    rooms: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for report in reporter.getreports("passed"):
        room = "/".join(report.nodeid.split("::")[0].split("/")[:2]).removesuffix(".py")
        rooms[room] += 1
        seconds[room] += round(report.duration)
    minutes = config.getoption("--minutes")
    rows = [f"| `{room}` | {count:,} | {seconds[room]:,} |" for room, count in sorted(rooms.items())]
    return "\n".join(
        (
            "# The last proof",
            "",
            "`make prove` runs the long tests, and at length those with drawn inputs, and writes this page.",
            "",
            *(
                [f"**This was a part:** {minutes:g} minutes of it, drawn by the seed; the rest is skipped.", ""]
                if minutes
                else []
            ),
            f"- commit and its date: {commit}; run on {datetime.now(UTC):%Y-%m-%d}",
            f"- seed: {config.getoption('--seed')}",
            f"- {', '.join(f'{count:,} {outcome}' for outcome, count in counts.items())}",
            "",
            "| tests | passed | seconds |",
            "|---|--:|--:|",
            *rows,
            "",
        )
    )


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """A source of chance of the test's own: the same in every run with the same --seed, whatever ran before."""
    return random.Random(f"{request.config.getoption('seed')} {request.node.nodeid}")
