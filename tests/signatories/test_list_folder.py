"""Tables imported into a letter folder, and a list read and written, without a command."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.lists import folder, written
from typeset.diagnostics import LetterError
from typeset.journal import LOCK, new_folder
from typeset.signatories import Asked, add, import_tables, open_list, read_list, write_list

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
    before = names(letter)

    with open_list(letter) as state:
        edit = add(state, "Delta Forum", today=DAY)
        write_list(letter, edit.files, state)

    assert before == ["Hill Forum", "Rain Watch"]
    assert names(letter) == ["Hill Forum", "Rain Watch", "Delta Forum"]


def test_list_that_a_person_saved_meanwhile_is_not_overwritten(letter: Path) -> None:
    saved = (letter / "signatories.csv").read_bytes() + b"3,Typed by Hand,und,,organisation,\n"

    with open_list(letter) as state:
        edit = add(state, "Delta Forum", today=DAY)
        (letter / "signatories.csv").write_bytes(saved)
        with pytest.raises(LetterError) as refused:
            write_list(letter, edit.files, state)

    assert [(one.code, one.subject) for one in refused.value.findings] == [("changed-meanwhile", "signatories.csv")]
    assert (letter / "signatories.csv").read_bytes() == saved


def test_dry_run_takes_no_lock(letter: Path) -> None:
    with open_list(letter, dry=True):
        assert not (letter / LOCK).exists()
