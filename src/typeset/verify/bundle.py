"""``approvals.json``: the statements that counted, together, as they travel in a finished file."""

from __future__ import annotations

import json
from collections.abc import Mapping

APPROVALS = "approvals.json"
MOST = 100
"""Statements in one file. A letter that more people sign off has them as signatories."""


def envelopes(data: bytes) -> Mapping[str, bytes]:
    """The envelopes in an ``approvals.json``, by their place in it. Raises `ValueError` where it is none."""
    try:
        entries = json.loads(data)
    except RecursionError as fault:
        raise ValueError(f"{APPROVALS} is no list of statements") from fault
    if not isinstance(entries, list) or len(entries) > MOST:
        raise ValueError(f"{APPROVALS} is no list of statements")
    return {f"{APPROVALS} {place}": json.dumps(entry).encode() for place, entry in enumerate(entries, start=1)}
