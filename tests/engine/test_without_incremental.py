"""Incremental layout is for speed alone: without it the same files are made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.deliveries import VARIED, bench
from tests.support.letters import BODY, sources
from tests.support.signed_letters import build_context
from typeset.delivery.templated_copies import CopyRenderers
from typeset.delivery.worker import UnsealedCopy
from typeset.incremental_build import IncrementalBuild
from typeset.pipeline import build, examine

ABSENT = "import sys\nsys.modules['typeset.engine.incremental'] = None\n"
EDITED = {"letter.en.md": BODY.replace("thing", "matter")}
BUILT = """
from pathlib import Path
from tests.engine.test_without_incremental import built
for place, data in enumerate(built()):
    Path(sys.argv[1], f"{place}.pdf").write_bytes(data)
assert not [name for name in sys.modules if name.startswith("typeset.engine.incremental.")]
"""
COPIED = """
from tests.engine.test_without_incremental import copied
assert copied() == (None, True)
"""


def built() -> list[bytes]:
    """A letter and the same letter edited, by what is kept between builds."""
    warm, made = IncrementalBuild(), []
    for changed in ({}, EDITED):
        context = warm.at_work(build_context())
        checked = examine(sources(changed), context)
        made += [item.data for item in build(checked, context, formats=("pdf",), languages=("en",))]
        warm.remember(checked)
    return made


def copied() -> tuple[object, bool]:
    """What a copy's quicker way gives, and whether the copy can be made as a whole."""
    opened = bench((VARIED[1],))
    return CopyRenderers(opened)(VARIED[1].id), isinstance(opened.make(VARIED[1].id), UnsealedCopy)


def run(program: str, *arguments: Path) -> None:
    subprocess.run([sys.executable, "-c", ABSENT + program, *map(str, arguments)], check=True)


def test_builds_without_incremental_layout_are_the_same_bytes(tmp_path: Path) -> None:
    run(BUILT, tmp_path)

    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == built()


def test_pages_ahead_of_a_build_are_not_made_without_incremental_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typeset.render.incremental", None)
    warm = IncrementalBuild()

    assert warm.ahead(sources()) == ()


def test_copies_without_incremental_layout_are_laid_out_as_a_whole() -> None:
    run(COPIED)
