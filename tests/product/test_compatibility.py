"""Files that earlier versions made are read, checked, built, proven and made again by the program of today."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.outside.ocfl import root_complaints
from typeset.cli import main
from typeset.engine.loader import tools
from typeset.pipeline import GENERATOR
from typeset.trust_store import trust_folder

MADE = Path(__file__).parents[1] / "inputs" / "version-0.1.0"
LETTER = "content/delta-appeal"
OBJECT = "delta-appeal.demonstration"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder in which the commands of 0.1.0 were run, as the current folder."""
    folder = tmp_path / "workplace"
    shutil.copytree(MADE / "workplace", folder)
    trust_folder(folder)
    monkeypatch.chdir(folder)
    return folder


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == status, result.output + str(result.exception)
    return result


def recorded(name: str) -> Any:
    return json.loads((MADE / name).read_text(encoding="utf-8"))


def test_folder_with_its_own_templates_language_and_face_has_no_open_error(here: Path) -> None:
    told = json.loads(run("check", LETTER, "--json").stdout)

    assert [finding for finding in told["findings"] if finding["severity"] == "error"] == []


@pytest.mark.parametrize("folder", ["source", f"workplace/{LETTER}"])
def test_folder_is_built_in_every_format(folder: str, tmp_path: Path) -> None:
    shutil.copytree(MADE / folder, tmp_path / "delta-appeal")
    answer = ("--print", "Coopérative du Marais", "--by", "editor", "--why", "A slip of the keyboard.")
    if not (tmp_path / "delta-appeal" / "decisions.toml").exists():
        run("decide", "doubled-space", str(tmp_path / "delta-appeal"), *answer)

    run("build", str(tmp_path / "delta-appeal"), *every_format(), "--output", str(tmp_path / "output"))

    built = {path.name for path in (tmp_path / "output" / "delta-appeal").iterdir()}
    assert built >= recorded("built.json")["files"].keys()


def test_same_version_with_the_same_tools_builds_the_same_bytes(here: Path) -> None:
    before = recorded("built.json")
    if before["generator"] != GENERATOR:
        pytest.skip(f"made by {before['generator']}, and this is {GENERATOR}")
    if before["tools"] != tools():
        pytest.skip("made with other versions of its tools")

    run("build", LETTER, *every_format())

    built = {
        name: hashlib.sha256((here / "output" / "delta-appeal" / name).read_bytes()).hexdigest()
        for name in before["files"]
    }
    assert built == before["files"]


def every_format() -> tuple[str, ...]:
    return tuple(word for kind in ("pdf", "html", "docx", "txt", "csv", "json") for word in ("--format", kind))


def test_archive_lists_its_editions_as_it_did(here: Path) -> None:
    listed = json.loads(run("archive", "list", "--json").stdout)

    assert listed == recorded("listed.json")


def test_archive_is_whole_and_valid(here: Path) -> None:
    assert run("archive", "verify").stderr == ""
    assert root_complaints(here / "archive") == []


def test_edition_is_restored_and_compared(here: Path) -> None:
    run("archive", "restore", f"{OBJECT}@2", "restored")
    told = json.loads(run("diff", f"{OBJECT}@2", "restored", "--json").stdout)
    between = json.loads(run("diff", "@1", "@2", "--json").stdout)

    assert [told["signatories"][what] for what in ("joined", "withdrawn", "corrected")] == [[], [], []]
    assert between["summary"].startswith("1 joined, 1 withdrawn, 1 corrected; 1 paragraph changed in en")


@pytest.mark.parametrize("name", ["delta-appeal.en.ed2.signed", "delta-appeal.ed2.mission-france.fr"])
def test_signed_file_is_proven_as_it_was(name: str, here: Path) -> None:
    before = recorded(f"signed/{name}.json")

    file = str(MADE / "signed" / f"{name}.pdf")
    now = json.loads(run("verify", "--json", "--trust", "roots/seal.pem", file, status=4).stdout)

    assert now["facts"].items() >= before["facts"].items()
    assert outcomes(now).items() >= outcomes(before).items()
    # What the pages look like was not approved then, only what they say.
    assert {subject for subject, outcome in outcomes(now).items() if outcome not in ("proven", "noted")} == {"look"}


def outcomes(verdict: Any) -> dict[str, str]:
    return {proof["subject"]: proof["outcome"] for proof in verdict["proofs"]}


def test_edition_of_then_is_delivered(here: Path) -> None:
    made = run("deliver", LETTER, "--no-seal")

    assert "2 of 2 copies" in made.stdout
