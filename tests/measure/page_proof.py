"""What the proof of looks costs: ``python -m tests.measure.page_proof FILE.pdf``, verification with and without it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time
from unittest.mock import patch

from typeset.verification import verify

ROUNDS = 5


def cost(data: bytes) -> tuple[float, float]:
    """CPU seconds of verifying a file, without and with the proof of looks: medians of rounds by turns."""
    without, whole = [], []
    for _ in range(ROUNDS):
        with patch("typeset.verification.content._looked_at", _nothing):
            without.append(_seconds(data))
        whole.append(_seconds(data))
    return median(without), median(whole)


def _nothing(*_: object) -> Iterator[object]:
    return iter(())


def _seconds(data: bytes) -> float:
    begin = process_time()
    verify(data, roots=(), now=datetime.now(UTC))
    return process_time() - begin


if __name__ == "__main__":
    for name in sys.argv[1:]:
        before, after = cost(Path(name).read_bytes())
        print(f"{name}: {before:.2f} s without, {after:.2f} s with the proof of looks ({after / before - 1:+.0%})")
