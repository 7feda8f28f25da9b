"""How all tests run: the same every time, unless `make prove` asks for a new seed."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("sample", derandomize=True, max_examples=25, deadline=None)
settings.register_profile(
    "prove", max_examples=1000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("sample")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the seed of tests that draw by chance."""
    parser.addoption("--seed", type=int, default=0, help="seed of the `chance` fixture (make prove draws a new one)")


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """A source of chance of the test's own: the same in every run with the same --seed, whatever ran before."""
    return random.Random(f"{request.config.getoption('seed')} {request.node.nodeid}")
