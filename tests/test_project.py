"""A letter folder used from a program: opened, checked and built, with no command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.letters import BODY, files
from typeset.diagnostics import LetterError, Severity
from typeset.project import build_project, check_project, open_project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small letter on the disk."""
    made = tmp_path / "letter"
    made.mkdir()
    for name, data in files().items():
        (made / name).write_bytes(data)
    return made


def test_a_letter_is_built_from_a_program_and_each_stage_is_told(folder: Path, tmp_path: Path) -> None:
    told: list[str] = []

    @contextmanager
    def watch(stage: str) -> Iterator[None]:
        told.append(stage)
        yield

    project = open_project(folder, watch=watch)
    report = build_project(project, check_project(project), tmp_path / "out", formats=("txt",))

    assert {path.name for path in report.folder.iterdir()} == {"small.en.txt", "build.json"}
    assert [artifact.name for artifact in report.artifacts] == ["small.en.txt"]
    assert [one["stage"] for one in json.loads(report.data)["stages"]] == list(dict.fromkeys(told))


def test_a_language_without_a_version_is_refused_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    project = open_project(folder)

    with pytest.raises(LetterError) as refused:
        build_project(project, check_project(project), tmp_path / "out", languages=("en", "fr"))

    (finding,) = refused.value.findings
    assert (finding.code, finding.message) == ("unknown-version", "the letter has no version in fr; it has en")
    assert not (tmp_path / "out").exists()


def test_a_strict_build_refuses_warnings_as_errors(folder: Path, tmp_path: Path) -> None:
    (folder / "letter.en.md").write_text(BODY.replace("one", "“one"))
    project = open_project(folder)
    checked = check_project(project)
    warnings = [finding for finding in checked.open if finding.severity is Severity.WARNING]

    with pytest.raises(LetterError) as refused:
        build_project(project, checked, tmp_path / "out", strict=True)

    assert warnings
    assert refused.value.findings == tuple(replace(finding, severity=Severity.ERROR) for finding in warnings)
    assert not (tmp_path / "out").exists()
