"""The commands of the archive: what they print, what they leave, how they end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.archives import archive_with
from tests.support.published_letters import two_editions
from typeset.cli import main
from typeset.journal import new_folder
from typeset.trust_store import trust_folder

NAME = "small.demonstration"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_editions(tmp_path_factory.mktemp("published") / "archive")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """A place to work in whose typeset.toml names the archive."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "typeset.toml").write_text(f'[archive]\nfolder = "{folder}"\n')
    trust_folder(tmp_path)
    return tmp_path


def run(*arguments: str, ends: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == ends, result.output + result.stderr
    return result


def test_list_tells_editions_with_their_growth(here: Path) -> None:
    first, second, third = run("archive", "list").stdout.splitlines()

    assert first == f"{NAME}   (demonstrations)"
    assert re.fullmatch(r"  @1   \d{4}-\d\d-\d\d   4 signatories \(\+3\)   signed off by .*   [0-9a-f]{16}", second)
    assert "5 signatories (+1)" in third
    data = json.loads(run("archive", "list", "--json").stdout)
    assert [one["changed"] for one in data[NAME]] == ["3 joined", "1 joined, 1 corrected"]
    assert data[NAME][1]["predecessor"] == data[NAME][0]["manifest"]


def test_show_tells_what_is_known_and_gives_files_out(here: Path) -> None:
    told = run("archive", "show", "@1").stdout

    assert told.startswith("A small letter (en)\nedition    small.demonstration@1 (demonstration)\n")
    assert "final/small.en.ed1.signed.pdf" in told
    data = json.loads(run("archive", "show", "1", "--json").stdout)
    assert Path(here / next(one["path"] for one in data["files"] if one["name"] == "manifest.json")).is_file()
    assert run("archive", "show", NAME, "sources/letter.en.md").stdout_bytes.startswith(b"# A small letter")


def test_verify_proves_the_archive_and_ends_with_one_where_it_is_hurt(here: Path, tmp_path: Path) -> None:
    told = run("archive", "verify")
    assert f"{NAME}: 2 editions" in told.stdout
    assert "signature-unproven" in told.stderr

    archive_with(tmp_path / "hurt", 2)
    changed = tmp_path / "hurt" / "small" / "v2" / "content" / "manifest.json"
    changed.chmod(0o644)
    changed.write_bytes(b"{}")
    hurt = run("archive", "verify", "--fixity", "--archive", str(tmp_path / "hurt"), ends=1)
    assert "error[archive-file-changed]: v2/content/manifest.json was changed after it was archived" in hurt.stderr
    assert "hurt/small/v2/content/manifest.json" in hurt.stderr
    data = json.loads(run("archive", "verify", "--json", "--archive", str(tmp_path / "hurt"), ends=1).stdout)
    assert [one["code"] for one in data["findings"]] == ["archive-file-changed"]


def test_export_writes_a_bag_or_a_signed_file_and_never_over_another(here: Path) -> None:
    assert f"files of edition {NAME}@2" in run("archive", "export", "--to", "bag").stdout
    run("archive", "export", "@1", "--pdf", "--to", "proof")

    assert (here / "bag" / "bagit.txt").is_file()
    assert sorted(path.name for path in (here / "proof").iterdir()) == [
        "small.ed1.edition.json",
        "small.ed1.json",
        "small.ed1.manifest.json",
        "small.en.ed1.signed.pdf",
    ]
    record, file = "proof/small.ed1.json", "proof/small.en.ed1.signed.pdf"
    assert "of the record, byte for byte" in run("verify", file, "--record", record, ends=3).stdout
    assert "folder-exists" in run("archive", "export", "--to", "bag", ends=1).stderr


def test_restore_gives_the_letter_folder_back(here: Path, folder: Path) -> None:
    run("archive", "restore", "@1", "again")

    assert {path.relative_to(here / "again").as_posix() for path in (here / "again").rglob("*") if path.is_file()} == {
        "letter.toml",
        "letter.en.md",
        "signatories.csv",
        "approvals/chair.json",
        "approvals/legal.json",
    }
    assert "approved" in run("status", "again").stdout


def test_report_is_written_where_results_go(here: Path) -> None:
    run("archive", "report")

    assert "2 editions" in (here / "output" / NAME / "editions.html").read_text()


def test_rebuild_makes_the_edition_again(here: Path) -> None:
    told = run("rebuild", "@1").stdout

    assert told.splitlines()[-1] == f"{NAME}@1 was rebuilt: every byte is the same"
    assert json.loads(run("rebuild", "--json").stdout)["same"] is True


def test_diff_tells_two_editions_apart(here: Path) -> None:
    told = run("diff", "@1", "@2").stdout

    assert told.splitlines()[0] == "edition 1 (demonstration) → edition 2 (demonstration)"
    assert "  +  4  下游村莊聯合會\n" in told
    assert "  ~  1  {+Les +}Amis du Delta\n" in told
    assert "  ~  ¶2  We ask for [-one thing-]{+two things+}.\n" in told
    data = json.loads(run("diff", "@1", "@2", "--json").stdout)
    assert data["summary"].startswith("1 joined, 1 corrected")
    assert run("diff", "@2", "@2").stdout.splitlines()[-1] == "nothing changed"


def test_diff_takes_folders_and_files_and_writes_one_page(here: Path) -> None:
    run("archive", "restore", "@1", "again")
    run("archive", "export", "@2", "--pdf", "--to", "proof")

    told = run("diff", "again", "proof/small.en.ed2.signed.pdf", "--html", "page.html")

    assert "1 joined, 1 corrected" in told.stdout
    assert "small.en.ed2.signed.pdf is a PDF" in told.stderr
    assert (here / "page.html").read_text().count("data:image/png") >= 2


def test_diff_without_a_name_holds_the_letter_against_its_latest_edition(here: Path, folder: Path) -> None:
    run("archive", "restore", "@1", "content/small")
    (here / "content" / "small" / "letter.en.md").write_text("# A small letter\n\nOther words.\n\n{signatories}\n")

    assert "Other words." in run("diff", "--demonstration").stdout
    assert "no-such-letter" in run("diff", ends=1).stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("archive", "show", "other"), "no-such-letter"),
        (("archive", "show", "@9"), "no-such-edition"),
        (("archive", "show", "../x"), "unusable-id"),
        (("archive", "show", "@1", "no.txt"), "no-such-file"),
        (("archive", "list", "--archive", "nowhere"), "archive-missing"),
        (("archive", "export", "@1", "--pdf", "--lang", "fr", "--to", "x"), "no-such-file"),
        (("diff", "no.pdf", "@1"), "no-such-file"),
        (("diff", "typeset.toml", "@1"), "not-a-pdf"),
        (("rebuild", "other"), "no-such-letter"),
    ],
)
def test_what_is_not_there_is_told(here: Path, arguments: tuple[str, ...], code: str) -> None:
    assert f"error[{code}]" in run(*arguments, ends=1).stderr


def test_archive_of_several_letters_asks_which(here: Path, tmp_path: Path) -> None:
    archive_with(tmp_path / "several", 1)
    archive_with(tmp_path / "several", 1, "other")

    told = run("archive", "show", "@1", "--archive", str(tmp_path / "several"), ends=1).stderr

    assert "error[which-letter]" in told
    assert "other@1" in told


def test_damaged_letter_hides_no_other(here: Path, tmp_path: Path) -> None:
    for letter in ("one", "two"):
        archive_with(tmp_path / "several", 1, letter)
    (tmp_path / "several" / "one" / "v1" / "content" / "edition.json").unlink()

    told = run("archive", "list", "--archive", str(tmp_path / "several"), ends=1)

    assert told.stdout.startswith("two\n  @1 ")
    assert "error[archive-damaged]: the edition.json of edition 1 of one cannot be read: it is missing" in told.stderr


@pytest.mark.parametrize("text", ["[archive]\nfolder = 3\n", "archive = 3\n", '[archive]\nroot = "x"\n', "[archive\n"])
def test_wrong_entry_in_the_configuration_is_told(here: Path, text: str) -> None:
    (here / "typeset.toml").write_text(text)
    trust_folder(here)

    assert re.search(r"error\[(wrong-type|not-toml)\]", run("archive", "list", ends=1).stderr)


def test_names_that_would_drive_a_terminal_are_spelled_out(here: Path) -> None:
    new_folder(here / "one", {"letter.toml": b'schema = 1\nid = "one"\nlanguages = ["en"]\n', **text("old")})
    new_folder(here / "two", {"letter.toml": b'schema = 1\nid = "one"\nlanguages = ["en"]\n', **text("new \x1b[31m")})

    told = run("diff", "one", "two").stdout

    assert "\x1b" not in told
    assert "<U+001B>" in told


def text(word: str) -> dict[str, bytes]:
    body = f"# Title\n\nSome {word} words.\n\n{{signatories}}\n".encode()
    return {"letter.en.md": body, "signatories.csv": b"number,name,lang,spans,kind,note\n1,A,en,,organisation,\n"}
