"""The program as an edition keeps it: wheels without faces that are made whole again, and the lock."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import Distribution
from pathlib import Path

import pytest

import typeset.program.distribution as running
import typeset.program.environments as environments
from typeset.fonts import FolderCache, MemoryCache
from typeset.letter_folder import cache_folder
from typeset.program import LOCK, MissingFaces, Program, faces_in, running_program, whole_wheel
from typeset.sources import house

ROOT = Path(__file__).parents[2]
FACES = {path.name for path in (ROOT / "fonts").glob("*.ttf")}


@pytest.fixture(scope="module")
def program() -> Program:
    return running_program(FolderCache(cache_folder() / "programs"))


def contents(wheel: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def faces_of(program: Program) -> bytes:
    (wheel,) = (data for name, data in program.wheels.items() if name.startswith("typeset_faces-"))
    return wheel


def test_edition_keeps_the_lock_and_wheels_of_the_code_that_runs(program: Program) -> None:
    inside = {name: data for wheel in program.wheels.values() for name, data in contents(wheel).items()}

    assert program.lock == (house() / "requirements" / LOCK).read_bytes()
    for path in (ROOT / "src" / "typeset").rglob("*.py"):
        assert inside[f"typeset/{path.relative_to(ROOT / 'src' / 'typeset').as_posix()}"] == path.read_bytes()


def test_wheel_leaves_the_faces_out_and_names_their_digests(program: Program) -> None:
    wheels = program.wheels.values()

    assert sum(map(len, wheels)) < 2_000_000
    assert not any(name.endswith(".ttf") for wheel in wheels for name in contents(wheel))
    assert {Path(name).name for name in contents(whole_wheel(faces_of(program), faces_in(ROOT / "fonts")))} >= FACES


def test_wheel_is_not_made_whole_with_another_face(program: Program, tmp_path: Path) -> None:
    wheel = faces_of(program)
    shutil.copytree(ROOT / "fonts", tmp_path / "fonts")
    (tmp_path / "fonts" / "Amiri-Bold.ttf").write_bytes(b"another face")

    with pytest.raises(MissingFaces) as missing:
        whole_wheel(wheel, faces_in(tmp_path / "fonts"))

    assert [Path(entry.name).name for entry in missing.value.entries] == ["Amiri-Bold.ttf"]


def test_installed_program_is_packed_into_the_bytes_that_its_checkout_gives(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(program, tmp_path)
    monkeypatch.setattr(running, "distribution", lambda name: distribution_in(tmp_path, name))
    monkeypatch.setattr(running, "_lock", lambda: program.lock)

    packed = running_program(MemoryCache())

    assert packed.files == program.files
    assert [finding.code for finding in packed.findings] == []


def test_installed_program_that_was_altered_says_so(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(program, tmp_path)
    (tmp_path / "typeset" / "pipeline.py").write_text("# altered\n")
    monkeypatch.setattr(running, "distribution", lambda name: distribution_in(tmp_path, name))
    monkeypatch.setattr(running, "_lock", lambda: program.lock)

    packed = running_program(MemoryCache())

    assert [finding.code for finding in packed.findings] == ["program-altered"]
    (wheel,) = (data for name, data in packed.wheels.items() if name.startswith("typeset-"))
    assert contents(wheel)["typeset/pipeline.py"] == b"# altered\n"


def installed(program: Program, site: Path) -> None:
    """Install the wheels of the program into a folder, as pip does."""
    for name, bare in program.wheels.items():
        (site / name).write_bytes(whole_wheel(bare, faces_in(ROOT / "fonts")))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*pip, *(str(site / name) for name in program.wheels)], check=True, capture_output=True)


def distribution_in(site: Path, name: str) -> Distribution:
    (found,) = Distribution.discover(name=name, path=[str(site)])
    return found


def test_checkout_with_changes_says_so(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "src" / "typeset").mkdir(parents=True)
    (tmp_path / "src" / "typeset" / "one.py").write_text("")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "All"]):
        subprocess.run([*git, *command], check=True)
    (tmp_path / "notes.txt").write_text("not a part of the program")
    before = list(running._uncommitted([tmp_path]))

    (tmp_path / "src" / "typeset" / "one.py").write_text("changed = True")
    after = list(running._uncommitted([tmp_path]))

    assert before == []
    assert [finding.code for finding in after] == ["program-uncommitted"]
    assert "src/typeset/one.py" in after[0].message


def test_packages_that_differ_from_the_lock_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_lock", lambda: b"weasyprint==1.0 \\\n    --hash=sha256:00\nabsent==3 \\\n")

    findings = running_program(FolderCache(cache_folder() / "programs")).findings

    (finding,) = (one for one in findings if one.code == "lock-differs")
    assert "(locked: 1.0)" in finding.message
    assert "absent" not in finding.message


def test_program_that_cannot_be_packed_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "house", lambda: Path("/nowhere"))

    program = running_program(MemoryCache())

    assert program.files == {}
    assert [finding.code for finding in program.findings] == ["program-not-archived"]


def test_faces_of_every_kept_version_are_in_the_fonts_folder() -> None:
    kept = list((ROOT / "tests" / "inputs").glob("version-*/*.whl"))

    whole = [contents(whole_wheel(wheel.read_bytes(), faces_in(ROOT / "fonts"))) for wheel in kept]

    assert kept
    assert all(any(name.endswith(".ttf") for name in files) for files in whole)


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Environments are made without installing anything; the commands that would be run."""
    told: list[str] = []

    def run(command: Sequence[str], what: str) -> None:
        told.append(" ".join(command))
        if "venv" in command:
            (Path(command[-1]) / "bin").mkdir(parents=True, exist_ok=True)
            (Path(command[-1]) / "bin" / "python").touch()

    monkeypatch.setattr(environments, "_run", run)
    return told


def earlier(lock: str) -> Program:
    return Program(files={LOCK: lock.encode()})


def no_face(sha256: str) -> None:
    return None


def test_environment_is_made_once_and_used_again(tmp_path: Path, installs: list[str]) -> None:
    first = environments.environment(earlier("a"), no_face, tmp_path)
    made = len(installs)

    again = environments.environment(earlier("a"), no_face, tmp_path)

    assert (again, len(installs)) == (first, made)
    assert any("--require-hashes --only-binary=:all:" in command for command in installs)
    assert environments.environment(earlier("b"), no_face, tmp_path) != first


def test_environment_whose_python_is_gone_is_made_again(tmp_path: Path, installs: list[str]) -> None:
    python = environments.environment(earlier("a"), no_face, tmp_path)
    made = len(installs)
    python.unlink()

    assert environments.environment(earlier("a"), no_face, tmp_path).exists()
    assert len(installs) == 2 * made


def test_environments_that_were_used_longest_ago_make_room(tmp_path: Path, installs: list[str]) -> None:
    for number, lock in enumerate("abcdef"):
        place = environments.environment(earlier(lock), no_face, tmp_path).parents[1]
        os.utime(place / "ready", (number, number))

    assert len(list(tmp_path.iterdir())) == environments.KEPT
