"""What a folder may say before its user trusts it: nothing. What the user trusts is in a file of their own."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from typeset.archive import archive_folder
from typeset.cli import main
from typeset.diagnostics import LetterError
from typeset.preview import chosen_editor
from typeset.signing import Configuration, Level, read_configuration
from typeset.trust_store import STORE, is_trusted, read_store, trust_folder

MAILED = """
trust = ["root.pem"]

[identities.chair]
module = "evil.so"
token = "Coalition"
label = "chair"
passphrase-env = "CHAIR_PIN"

[seal]
identity = "chair"
level = "B-T"
timestamps = "https://tsa.example/"

[archive]
folder = "elsewhere"

[preview]
editor = "evil {file}"
"""
ENTRIES = (
    "trust",
    "identities.chair",
    "seal.identity",
    "seal.level",
    "seal.timestamps",
    "archive.folder",
    "preview.editor",
)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own configuration, empty."""
    monkeypatch.setenv("TYPESET_CONFIG", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture
def mailed(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that somebody sent, as the current folder."""
    folder = tmp_path / "mailed"
    folder.mkdir()
    (folder / "typeset.toml").write_text(MAILED)
    monkeypatch.chdir(folder)
    return folder


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == status, result.output + result.stderr
    return result


def test_nothing_in_a_folder_counts_and_every_entry_is_named(mailed: Path) -> None:
    found = read_configuration(mailed)
    (warning,) = found.ignored

    assert found == Configuration(ignored=found.ignored)
    assert chosen_editor(mailed, {"VISUAL": ""}).words == ()
    assert archive_folder(mailed) == mailed / "archive"
    assert warning.code == "untrusted-folder"
    assert warning.message.endswith(f"because you have not trusted this folder: {', '.join(ENTRIES)}")
    assert "typesetter trust folder" in warning.hint


def test_a_trusted_folder_counts_until_its_file_changes_or_moves(mailed: Path, tmp_path: Path) -> None:
    run("trust", "folder")
    trusted = read_configuration(mailed)
    moved = tmp_path / "moved"
    moved.mkdir()
    (moved / "typeset.toml").write_text(MAILED)
    (mailed / "typeset.toml").write_text(MAILED + "# changed\n")
    changed = read_configuration(mailed)

    assert trusted.ignored == ()
    assert (trusted.trust, trusted.seal, trusted.level) == ((mailed / "root.pem",), "chair", Level.T)
    assert changed == Configuration(ignored=changed.ignored)
    assert "because it changed since you trusted it" in changed.ignored[0].message
    assert read_configuration(moved) == Configuration(ignored=read_configuration(moved).ignored)


def test_trusting_shows_what_will_count_and_removing_ends_it(mailed: Path) -> None:
    told = run("trust", "folder", str(mailed)).stdout
    listed = json.loads(run("trust", "list", "--json").stdout)

    assert all(f"  {entry}\n" in told for entry in ENTRIES)
    assert list(listed["folders"]) == [str(mailed.resolve())]
    assert is_trusted(mailed)
    run("trust", "remove", str(mailed))
    assert not is_trusted(mailed)
    assert "error[not-trusted]" in run("trust", "remove", str(mailed), status=1).stderr


def test_the_user_s_own_settings_count_below_those_of_a_trusted_folder(mailed: Path, own: Path) -> None:
    own.mkdir()
    (own / "typeset.toml").write_text(
        'trust = ["mine.pem"]\n[identities.me]\nfile = "me.p12"\n[seal]\nidentity = "me"\n[archive]\nfolder = "mine"\n'
    )
    alone = read_configuration(mailed)
    archive = archive_folder(mailed)
    trust_folder(mailed)
    both = read_configuration(mailed)

    assert (alone.trust, alone.seal, set(alone.identities)) == ((own / "mine.pem",), "me", {"me"})
    assert alone.ignored
    assert archive == own / "mine"
    assert (both.trust, both.seal) == ((mailed / "root.pem", own / "mine.pem"), "chair")
    assert set(both.identities) == {"me", "chair"}
    assert archive_folder(mailed) == mailed / "elsewhere"


def test_another_archive_is_not_taken_in_place_of_one_that_is_ignored(mailed: Path) -> None:
    assert "error[untrusted-folder]" in run("archive", "list", status=1).stderr
    assert "untrusted-folder" not in run("archive", "list", "--archive", "elsewhere", status=1).stderr


def test_an_ignored_file_is_not_even_parsed(mailed: Path) -> None:
    (mailed / "typeset.toml").write_text("a = " + "[" * 100_000)

    (warning,) = read_configuration(mailed).ignored
    assert warning.message.endswith("all, since it is not valid TOML")


def test_what_the_user_trusts_is_a_file_that_only_they_can_read(mailed: Path, own: Path) -> None:
    trust_folder(mailed)

    assert stat.S_IMODE((own / STORE).stat().st_mode) == 0o600
    (own / STORE).write_bytes(b"{")
    with pytest.raises(LetterError, match="trust-store"):
        read_store()


def test_the_configuration_folder_is_that_of_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typeset.trust_store import configuration_folder

    monkeypatch.delenv("TYPESET_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert configuration_folder() == tmp_path / "typeset"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert configuration_folder() == tmp_path / ".config" / "typeset"


def test_a_program_is_refused_where_a_command_warns(mailed: Path) -> None:
    import typeset

    with pytest.raises(LetterError, match="untrusted-folder"):
        typeset.publish(mailed)
