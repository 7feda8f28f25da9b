"""A change of output bytes raises the version of the program, so that every edition can name what made it."""

from __future__ import annotations

import pytest

from tests.measure.digests import changed, digests, letters, record, recorded, system
from typeset import __version__


def test_same_version_makes_the_same_bytes() -> None:
    known = recorded(where := system())
    if not record().exists():
        pytest.fail(f"no bytes are recorded for {__version__}: python -m tests.measure.digests --record")
    if known is None:
        libraries = ", ".join(f"{name} {number}" for name, number in where.items())
        pytest.skip(f"the bytes of {__version__} with {libraries} are not recorded")

    made = digests()

    assert not (differing := changed(known, made)), (
        f"these files changed while the version is still {__version__}: {', '.join(differing)}. Raise __version__ in "
        "src/typeset/__init__.py, then run python -m tests.measure.digests --record"
    )


def test_every_letter_of_the_repository_is_recorded() -> None:
    known = recorded(system()) or {}
    if not known:
        pytest.skip("nothing is recorded for the libraries of this computer")

    assert {folder.name for folder in letters()} <= {name.partition("/")[0] for name in known}


def test_other_bytes_and_files_that_are_gone_are_changes_and_new_files_are_none() -> None:
    before = {"a.pdf": "1", "b.pdf": "2", "c.pdf": "3"}

    assert changed(before, {"a.pdf": "1", "b.pdf": "9", "d.pdf": "4"}) == ("b.pdf", "c.pdf")
