"""Which tests `make check` leaves to `make test`: made from the durations of a full run.

``pytest -n 2 --durations=0 > LOG; python -m tests.measure.slow LOG > tests/slow.txt``. A file is left out when its
tests take a second or more; where a few tests take nearly all of that, only these.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

MOST_OF_FILE = 1.0
MOST_OF_TEST = 0.25
_TIME = re.compile(r"\s*([\d.]+)s (?:call|setup|teardown)\s+((?:tests/)\S+?\.py)::(\w+)")


def slow(log: str) -> Iterator[str]:
    """The files and the tests (``file::test``) that take too long in this output of pytest."""
    seconds: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for time, file, test in _TIME.findall(log):
        seconds[file][test] += float(time)
    for file, tests in sorted(seconds.items()):
        if sum(tests.values()) >= MOST_OF_FILE:
            yield from _parts(file, tests)


def _parts(file: str, tests: Mapping[str, float]) -> Iterator[str]:
    long = [test for test, time in tests.items() if time >= MOST_OF_TEST]
    rest = sum(time for test, time in tests.items() if test not in long)
    if rest < MOST_OF_FILE and len(tests) > 2 * len(long):
        yield from (f"{file}::{test}" for test in sorted(long))
    else:
        yield file


if __name__ == "__main__":
    print("\n".join(slow(Path(sys.argv[1]).read_text(encoding="utf-8"))))
