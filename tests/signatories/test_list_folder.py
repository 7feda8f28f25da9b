"""Tables imported into a letter folder, and a list read and written, without a command."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.lists import folder, written
from typeset.diagnostics import LetterError
from typeset.letter_folder import new_folder
from typeset.signatories import Asked, add, import_tables, read_list, write_list

DAY = date(2026, 3, 4)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    new_folder(tmp_path / "letter", folder(listed=["Hill Forum", "Rain Watch"]))
    return tmp_path / "letter"


def form(tmp_path: Path, *names: str) -> Path:
    path = tmp_path / "form.csv"
    path.write_text(written([["Name"], *([name] for name in names)]), encoding="utf-8")
    return path


def names(letter: Path) -> list[str]:
    return [one.name for one in read_list(letter).signatories]


def test_import_returns_its_plan_and_writes_the_list(letter: Path, tmp_path: Path) -> None:
    report = import_tables(letter, [form(tmp_path, "Delta Forum", "Rain Watch")], Asked(today=DAY))

    assert (report.done, report.refused) == (True, False)
    assert [one.signatory.name for one in report.plan.added] == ["Delta Forum"]
    assert names(letter) == ["Hill Forum", "Rain Watch", "Delta Forum"]


def test_refused_import_writes_the_questions_and_not_the_list(letter: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.toml"

    report = import_tables(
        letter, [form(tmp_path, "Delta Forum (north")], Asked(today=DAY), questions=questions, strict=True
    )

    assert (report.done, report.refused) == (False, True)
    assert 'evidence = "Delta Forum (north"' in questions.read_text(encoding="utf-8")
    assert names(letter) == ["Hill Forum", "Rain Watch"]


def test_faulty_form_of_answers_refuses_the_import(letter: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text("[[decision]\n")

    with pytest.raises(LetterError) as refused:
        import_tables(letter, [form(tmp_path, "Delta Forum")], Asked(today=DAY), answers=answers)

    assert [one.code for one in refused.value.findings] == ["not-toml"]
    assert names(letter) == ["Hill Forum", "Rain Watch"]


def test_added_signatory_is_on_the_list_once_it_is_written(letter: Path) -> None:
    edit = add(read_list(letter), "Delta Forum", today=DAY)
    before = names(letter)

    write_list(letter, edit.files)

    assert before == ["Hill Forum", "Rain Watch"]
    assert names(letter) == ["Hill Forum", "Rain Watch", "Delta Forum"]
