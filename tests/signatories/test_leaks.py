from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.leaks import found
from tests.support.letters import BODY, LETTER
from tests.support.lists import MADE, folder
from typeset.cli import main
from typeset.journal import new_folder
from typeset.letter_folder import read_sources

UNNAMED = ("Xalapa Canary Circle", "Łódź Quiet Canary Group", "Canary")
CONTACTS = ("canary@xalapa.example", "quiet@canary.example", "office@rainwatch.example", "rainwatch.example")
SECRETS = (*UNNAMED, *CONTACTS)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def shown(results: list[Result]) -> bytes:
    return "\n".join(f"{each.stdout}\n{each.stderr}\n{each.exception!r}" for each in results).encode()


def leaks(data: bytes, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    return [words for words in secrets if found(words, data)]


ASKED = b"""
[[decision]]
code = "anonymity-wins"
subject = "import"
evidence = "no. 1 | form.xlsx, sheet Form responses 1, row 4"
by = "secretariat"
when = 2026-03-04
why = "they were asked"
"""


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A small letter with two signatories, one of whom will ask to be named no more."""
    files = folder({"letter.toml": LETTER, "letter.en.md": BODY}, listed=["Xalapa Canary Circle", "Old Mill"])
    new_folder(tmp_path / "letter", {**files, "decisions.toml": b"", "list-decisions.toml": ASKED})
    return tmp_path / "letter"


@pytest.mark.parametrize("intake", ["none", "sealed"])
def test_who_is_anonymous_is_in_no_file_no_page_and_no_line_that_is_shown(
    letter: Path, tmp_path: Path, intake: str
) -> None:
    settings = (letter / "letter.toml").read_text() + f'\n[list]\nintake = "{intake}"\n'
    (letter / "letter.toml").write_text(settings)
    form, again = MADE / "form.xlsx", tmp_path / "again.csv"
    shutil.copy(MADE / "form.csv", again)
    broken = tmp_path / "broken.csv"
    broken.write_text(
        "Name,Email,May we publish your name?\nRain Watch,canary@xalapa.example,Yes\nXalapa Canary Circle,,perhaps\n"
    )

    results = [
        run("list", "import", form, "--letter", letter, "--dry-run"),
        run("list", "import", form, "--letter", letter, "--dry-run", "--json"),
        run("list", "import", broken, "--letter", letter, "--questions", tmp_path / "questions.toml"),
        run("list", "import", form, "--letter", letter),
        run("list", "import", again, "--letter", letter, "--source", "again", "--json"),
        run("list", "import", form, "--letter", letter),
        run("check", letter),
        run("build", letter, "--output", tmp_path / "output"),
        run("build", letter, "--output", tmp_path / "output", "--json"),
    ]
    files = [path for path in (*letter.rglob("*"), *(tmp_path / "output").rglob("*")) if path.is_file()]

    assert [result.exit_code for result in results] == [0, 0, 1, 0, 0, 0, 0, 0, 0], shown(results).decode()
    assert {path.suffix for path in files} >= {".pdf", ".html", ".json", ".csv", ".toml"}
    assert {path.name: leaks(path.read_bytes()) for path in files if leaks(path.read_bytes())} == {}
    assert leaks((tmp_path / "questions.toml").read_bytes()) == []
    assert leaks(shown(results)) == []


def test_the_scan_finds_what_is_there(letter: Path, tmp_path: Path) -> None:
    run("build", letter, "--output", tmp_path / "output")

    for path in (tmp_path / "output").rglob("small.*"):
        assert leaks(path.read_bytes(), ("Old Mill",)) == ["Old Mill"], path
        assert leaks(path.read_bytes(), ("Xalapa Canary Circle",)) == ["Xalapa Canary Circle"], path


def test_one_who_asks_to_be_unnamed_is_off_the_list_and_off_the_page(letter: Path, tmp_path: Path) -> None:
    run("list", "import", MADE / "form.xlsx", "--letter", letter)
    run("build", letter, "--output", tmp_path / "output")
    report = json.loads((tmp_path / "output" / "small" / "build.json").read_bytes())

    assert report["counts"]["named"] == 5
    assert report["counts"]["anonymous"] == 3
    assert report["counts"]["total"] == 8


def test_the_intake_is_its_owners_alone_and_no_source_of_anything(letter: Path) -> None:
    (letter / "letter.toml").write_text((letter / "letter.toml").read_text() + '\n[list]\nintake = "sealed"\n')

    run("list", "import", MADE / "form.xlsx", "--letter", letter)
    intake = letter / "intake"

    assert stat.S_IMODE(intake.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in intake.iterdir()} == {
        ".gitignore": 0o600,
        "anonymous.txt": 0o600,
        "key": 0o600,
    }
    assert (intake / ".gitignore").read_text() == "*\n"
    assert not [path for path in read_sources(letter) if "intake" in path or path in ("provenance.csv", "imports.csv")]


def test_who_never_was_named_is_in_no_export_no_edition_and_no_difference(tmp_path: Path) -> None:
    given = folder({"letter.toml": LETTER, "letter.en.md": BODY}, listed=["Old Mill"])
    letter, before = tmp_path / "letter", tmp_path / "before"
    new_folder(letter, {**given, "decisions.toml": b""})
    shutil.copytree(letter, before)
    output = tmp_path / "output"
    formats = [word for kind in ("docx", "txt", "csv", "json") for word in ("--format", kind)]

    results = [
        run("list", "import", MADE / "form.xlsx", "--letter", letter),
        run("build", letter, *formats, "--output", output),
        run("demonstrate", letter, "--output", output),
        run("diff", before, letter),
        run("diff", before, letter, "--json"),
        run("diff", before, letter, "--html", output / "difference.html", "--no-pages"),
    ]
    files = [path for path in output.rglob("*") if path.is_file()]

    assert [result.exit_code for result in results] == [0] * len(results), shown(results).decode()
    assert {path.suffix for path in files} >= {".pdf", ".html", ".json", ".csv", ".docx", ".txt"}
    assert any("ocfl" in path.name for path in files), "an edition is archived"
    assert {path.name: leaks(path.read_bytes()) for path in files if leaks(path.read_bytes())} == {}
    assert leaks(shown(results)) == []
