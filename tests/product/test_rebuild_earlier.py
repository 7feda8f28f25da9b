"""Editions of other versions are rebuilt by the version that made them, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.outside.ocfl import root_complaints
from tests.product.test_compatibility import MADE, OBJECT
from typeset.archive import Deposit, deposit, editions, find_edition, open_root, read_edition_name, snapshot
from typeset.cli import main
from typeset.program import Program
from typeset.program.distribution import bare_wheel, entry_of
from typeset.trust_store import remove, trust_folder

WHEEL, LOCK = MADE / "typeset-0.1.0-py3-none-any.whl", MADE / "letter.lock"
PROGRAM = {f"program/{path.name}": path.read_bytes() for path in (WHEEL, LOCK)}
FINAL = "final/delta-appeal.en.ed1.pdf"


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments)
    if "rebuild-offline" in result.output and status == 0 and not os.environ.get("CI"):
        pytest.skip(result.output)
    assert result.exit_code == status, result.output + str(result.exception)
    return result


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The archive that 0.1.0 made, in the current folder; the version that runs is another one."""
    shutil.copytree(MADE / "workplace" / "archive", tmp_path / "archive")
    monkeypatch.chdir(tmp_path)
    trust_folder(tmp_path)
    monkeypatch.setattr("typeset.rebuild.GENERATOR", "typeset 99.0")
    return tmp_path


@pytest.fixture
def keeping(here: Path) -> Path:
    """The same with the program beside its first edition, as it is archived today."""
    shutil.rmtree(here / "archive")
    archive_with(here / "archive", PROGRAM)
    return here


def archive_with(folder: Path, files: dict[str, bytes]) -> None:
    old = find_edition(open_root(MADE / "workplace" / "archive"), read_edition_name(f"{OBJECT}@1"))
    kept = {name: data for name, data in old.files().items() if name not in ("README.txt", "edition.json")}
    given = Deposit(
        letter=old.name.letter,
        number=1,
        predecessor="",
        files={**kept, **files},
        made=datetime.fromisoformat(old.record.deposited),
        by=old.by,
        address="mailto:editor@example.org",
        about=old.record.about,
        demonstration=True,
        generator=old.record.generator,
    )
    deposit(folder, given)


def test_edition_of_0_1_0_is_made_again_by_0_1_0(here: Path) -> None:
    told = json.loads(run("rebuild", "@2", "--json", "--wheel", str(WHEEL), "--lock", str(LOCK)).stdout)

    assert len(told["files"]) == 8
    assert set(told["files"].values()) == {"same"}
    assert told["program"] == "typeset 0.1.0"


def test_edition_with_its_program_needs_nothing_else(here: Path) -> None:
    shutil.rmtree(here / "archive")
    archive_with(here / "archive", {**PROGRAM, FINAL: b"%PDF of another program"})

    told = run("rebuild", "@1", status=1)

    assert told.stderr.startswith("running typeset-0.1.0-py3-none-any.whl, from the archive: SHA-256 ")
    assert "error[rebuild-differs]" in told.stderr
    assert [line for line in told.stdout.splitlines() if not line.startswith("same ")] == [f"other     {FINAL}"]
    assert root_complaints(here / "archive") == []


def test_edition_without_its_program_asks_for_it(here: Path) -> None:
    told = run("rebuild", "@1", status=1)

    assert "error[rebuild-program-missing]" in told.stderr
    assert "--wheel FILE --lock FILE" in told.stderr


def test_program_in_a_folder_that_the_user_has_not_trusted_is_not_run(
    keeping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove(str(keeping))
    monkeypatch.setattr("typeset.rebuild.environment", lambda *_: pytest.fail("the program was run"))

    assert "error[rebuild-foreign-archive]" in run("rebuild", "@1", status=1).stderr


def test_program_of_another_archive_is_not_run(keeping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (keeping / "archive").rename(keeping / "received")
    monkeypatch.setattr("typeset.rebuild.environment", lambda *_: pytest.fail("the program was run"))

    told = run("rebuild", "@1", "--archive", "received", status=1)

    assert "error[rebuild-foreign-archive]" in told.stderr


def test_program_that_was_altered_in_the_archive_is_not_run(keeping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = (keeping / "archive").rglob("*.whl")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"\0")
    monkeypatch.setattr("typeset.rebuild.environment", lambda *_: pytest.fail("the program was run"))

    assert "error[archive-file-changed]" in run("rebuild", "@1", status=1).stderr


def test_package_that_cannot_be_had_is_named(keeping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(keeping / "cache"))

    told = run("rebuild", "@1", status=1)

    assert "error[rebuild-offline]" in told.stderr
    assert "aiohappyeyeballs==2.7.1" in told.stderr
    assert list((keeping / "cache" / "typeset" / "environments").iterdir()) == []


def test_face_that_is_nowhere_is_named(here: Path) -> None:
    face = entry_of("typeset/_house/fonts/Lost.ttf", b"a lost face")
    files = {"typeset-0.1.0.dist-info/METADATA": b"", "typeset-0.1.0.dist-info/WHEEL": b""}
    (here / "lost.whl").write_bytes(bare_wheel(files, {face.name: face}))

    told = run("rebuild", "@1", "--wheel", "lost.whl", "--lock", str(LOCK), status=1)

    assert "error[rebuild-face-missing]" in told.stderr
    assert f"Lost.ttf with the SHA-256 {face.sha256}" in told.stderr


def test_faces_are_looked_for_in_a_folder_that_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    face = entry_of("typeset/_house/fonts/Lost.ttf", b"a lost face")
    (here / "faces").mkdir()
    (here / "faces" / "Found.ttf").write_bytes(b"a lost face")
    found: list[bytes | None] = []

    def environment(program: Program, find: Callable[[str], bytes | None], *_: object) -> Path:
        found.append(find(face.sha256))
        return here / "no-python"

    monkeypatch.setattr("typeset.rebuild.environment", environment)

    run("rebuild", "@1", "--wheel", str(WHEEL), "--lock", str(LOCK), "--faces", "faces", status=1)

    assert found == [b"a lost face"]


def pretend(here: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have this script run in the place of the earlier version."""
    python = here / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr("typeset.rebuild.environment", lambda *_: python)


def test_earlier_version_sees_no_secret_and_not_the_archive_itself(
    keeping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(keeping, monkeypatch, 'env >"$0.env"; echo "$@" >"$0.words"; find archive >"$0.files"')
    monkeypatch.setenv("CHAIR_SECRET", "open sesame")

    run("rebuild", "@1", status=1)

    assert "sesame" not in (keeping / "python.env").read_text()
    assert str(keeping) not in (keeping / "python.words").read_text()
    assert "program" not in (keeping / "python.files").read_text()


def test_earlier_version_that_stops_says_why(keeping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(keeping, monkeypatch, 'echo "no library libpango" >&2; exit 3')

    told = run("rebuild", "@1", status=1)

    assert "error[rebuild-failed]" in told.stderr
    assert "no library libpango" in told.stderr


def test_file_that_the_earlier_version_does_not_report_is_not_made(
    keeping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(keeping, monkeypatch, """echo '{"files": {}, "tools": [], "findings": []}'""")

    told = json.loads(run("rebuild", "@1", "--json", status=1).stdout)

    assert set(told["files"].values()) == {"not made"}
    assert told["same"] is False


def test_copy_for_an_earlier_version_ends_with_the_edition(here: Path) -> None:
    first = find_edition(open_root(here / "archive"), read_edition_name(f"{OBJECT}@1"))

    snapshot(first, here / "copy")

    (alone,) = editions(open_root(here / "copy"), OBJECT)
    assert alone.files() == first.files()
