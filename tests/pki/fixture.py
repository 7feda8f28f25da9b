"""The authority of the tests, started once a process by whichever test asks first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pki import Authority, authority


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """A certificate authority with its services on the loopback."""
    with authority(tmp_path_factory.mktemp("pki")) as running:
        yield running
