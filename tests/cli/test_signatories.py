from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.letters import BODY, LETTER
from tests.support.lists import MADE, folder, written
from typeset.cli import main
from typeset.journal import new_folder


def run(letter: Path, *arguments: str | Path) -> Result:
    name, *rest = map(str, arguments)
    return CliRunner().invoke(main, ["list", name, *rest, "--letter", str(letter)])


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    new_folder(
        tmp_path / "letter", folder({"letter.toml": LETTER, "letter.en.md": BODY}, listed=["Hill Forum", "HRIC"])
    )
    return tmp_path / "letter"


@pytest.fixture
def partner(tmp_path: Path) -> Path:
    path = tmp_path / "partner.csv"
    path.write_text(written([["Name", "Email"], ["Rain Watch", "a@x.example"], ["Human Rights in China", ""]]))
    return path


def state(letter: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in letter.iterdir() if path.is_file()}


def test_a_dry_run_shows_everything_and_changes_nothing(letter: Path, partner: Path) -> None:
    before = state(letter)

    result = run(letter, "import", partner, "--dry-run")

    assert (result.exit_code, state(letter)) == (0, before)
    assert "    name       Name\n    contact    Email\n" in result.stdout
    assert "+     3  Rain Watch  [und, organisation]  partner.csv, A2" in result.stdout
    assert "would change in" in result.stdout
    assert "may be one signatory: HRIC are the initials" in result.stderr


def test_an_import_writes_and_the_second_one_has_nothing_to_do(letter: Path, partner: Path) -> None:
    first = run(letter, "import", partner)
    after = state(letter)
    second = run(letter, "import", partner)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "changed in" in first.stdout
    assert "nothing to change" in second.stdout
    assert state(letter) == after


def test_an_open_error_ends_with_one_and_leaves_the_folder(letter: Path, tmp_path: Path) -> None:
    before = state(letter)

    result = run(letter, "import", MADE / "odd.xlsx")

    assert (result.exit_code, state(letter)) == (1, before)
    assert "nothing was imported: 4 errors" in result.stdout
    assert "error[not-a-text]" in result.stderr
    assert "odd.xlsx, sheet List, A2" in result.stderr


def test_strict_refuses_on_a_warning(letter: Path, partner: Path) -> None:
    before = state(letter)

    assert run(letter, "import", partner, "--strict").exit_code == 1
    assert state(letter) == before


def test_questions_are_written_answered_and_put_on_record(letter: Path, partner: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.toml"
    run(letter, "import", partner, "--dry-run", "--questions", questions)
    filled = (
        questions.read_text().replace('why = ""', 'why = "they told us"').replace('# print = "HRIC"', 'print = "HRIC"')
    )
    questions.write_text(filled)

    result = run(letter, "import", partner, "--answers", questions, "--by", "secretariat", "--strict")

    assert result.exit_code == 0, result.stderr
    assert "not new: partner.csv, A3  Human Rights in China: another name of no. 2, by a decision" in result.stdout
    assert 'by = "secretariat"' in (letter / "list-decisions.toml").read_text()
    assert "Human Rights" not in (letter / "signatories.csv").read_text()


def test_machines_get_the_whole_plan(letter: Path) -> None:
    result = run(letter, "import", MADE / "form.xlsx", "--json")
    said = json.loads(result.stdout)

    assert said["done"] is True
    assert said["tables"][0]["columns"]["contact"] == ["Email address / 電子郵件"]
    assert [one["number"] for one in said["added"]] == [3, 4, 5, 6]
    assert said["added"][0]["place"] == "form.xlsx, sheet Form responses 1, B2"
    assert (said["named"], said["anonymous"]) == ([2, 6], [1, 3])


def test_a_finding_of_a_cell_says_so_to_machines(letter: Path) -> None:
    said = json.loads(run(letter, "import", MADE / "odd.xlsx", "--json").stdout)

    first = said["findings"][0]
    assert (first["file"], first["sheet"], first["cell"], first["line"], first["column"]) == (
        "odd.xlsx",
        "List",
        "A2",
        2,
        1,
    )


def test_an_encoding_that_was_said_is_known_next_week(letter: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.csv"
    later.write_bytes("Nom de l'organisation;Type;Courriel;Pays\nÉté;association;;France\n".encode("cp1252"))

    asked = run(letter, "import", MADE / "partner-windows.csv")
    told = run(letter, "import", MADE / "partner-windows.csv", "--encoding", "cp1252")
    known = run(letter, "import", later)

    assert (asked.exit_code, told.exit_code, known.exit_code) == (1, 0, 0)
    assert 'encoding = "cp1252"' in (letter / "letter.toml").read_text()
    assert "Été" in known.stdout


@pytest.mark.parametrize(
    "wrong", [("--map", "nonsense=Name"), ("--map", "name"), ("--answer", "Yes=perhaps"), ("--nonsense",)]
)
def test_a_wrong_option_is_a_wrong_command_line(letter: Path, partner: Path, wrong: tuple[str, ...]) -> None:
    assert run(letter, "import", partner, *wrong).exit_code == 2


def test_add_withdraw_and_rename_say_what_they_did(letter: Path) -> None:
    added = run(letter, "add", "Rain Watch", "--lang", "en", "--source", "telephone")
    dry = run(letter, "withdraw", "Rain Watch", "--dry-run")
    renamed = run(letter, "rename", "3", "Rain Watch Kenya", "--by", "chair", "--why", "their letter")
    gone = run(letter, "withdraw", "1", "--by", "chair", "--why", "their letter")
    fewer = run(letter, "withdraw", "--anonymous", "--json")

    assert added.stdout == "added: no. 3 Rain Watch\n"
    assert dry.stdout == "would be withdrawn: no. 3 Rain Watch\n"
    assert renamed.stdout == "renamed: no. 3 Rain Watch Kenya\n"
    assert gone.stdout == "withdrawn: no. 1 Hill Forum\n"
    assert json.loads(fewer.stdout)["withdrawn"] == {"anonymous": 0}
    assert (letter / "signatories.csv").read_text().splitlines()[1:] == [
        "2,HRIC,und,,organisation,",
        "3,Rain Watch Kenya,en,,organisation,",
    ]
    assert (letter / "former.csv").read_text().splitlines()[1].startswith("3,Rain Watch,renamed,")


def test_a_refused_addition_says_why(letter: Path) -> None:
    result = run(letter, "add", "Hill Forum")

    assert result.exit_code == 1
    assert "error[already-listed]: no. 1 has this name" in result.stderr


def test_withdrawing_nobody_is_a_wrong_command_line(letter: Path) -> None:
    assert run(letter, "withdraw").exit_code == 2
    assert run(letter, "withdraw", "1", "--anonymous").exit_code == 2
