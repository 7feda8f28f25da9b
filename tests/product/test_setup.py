"""What make sets up: locks that name digests and no address, and one line where a machine cannot be served."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
LOCKS = sorted((PROJECT / "requirements").glob("*.lock"))


def pins(lock: Path) -> dict[str, str]:
    """The packages of a lock with their versions."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def asked_of_others() -> list[str]:
    """What our distributions ask for, but for each other."""
    trees = (PROJECT, *(path.parent for path in PROJECT.glob("distributions/*/pyproject.toml")))
    described = [tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"] for tree in trees]
    asked = [one for project in described for one in project.get("dependencies", ())]
    return [one for one in asked if not re.match(r"typeset-(verify|faces)==", one)]


@pytest.fixture
def prepare() -> Any:
    spec = spec_from_file_location("prepare", PROJECT / "setup" / "prepare.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_locked_package_has_digests_and_no_address(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8"))[1:]

    assert len(entries) == len(pins(lock)) > 0
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|--(find-links|(extra-)?index-url)|^-", lock.read_text(encoding="utf-8"), re.MULTILINE)


def test_tests_and_benchmarks_run_what_the_letter_is_built_with() -> None:
    letter = pins(PROJECT / "requirements/letter.lock").items()

    assert letter <= pins(PROJECT / "requirements/test.lock").items()
    assert letter <= pins(PROJECT / "requirements/bench.lock").items()


def test_locks_hold_every_dependency_that_the_project_declares() -> None:
    described = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [*asked_of_others(), *described["build-system"]["requires"]]
    for group in ("test", "lint"):
        declared += described["dependency-groups"][group]

    names = {re.split(r"[<>=[]", requirement)[0] for requirement in declared}

    assert names <= pins(PROJECT / "requirements/test.lock").keys()


def test_build_backend_is_locked_at_the_version_that_is_asked_for() -> None:
    described = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))

    assert described["build-system"]["requires"] == described["dependency-groups"]["build"]


def test_python_that_is_missing_is_said_in_one_line() -> None:
    found = subprocess.run(
        [PROJECT / "setup" / "python"], env={"PATH": "/bin", "PYTHON": "no-such-python"}, capture_output=True, text=True
    )

    assert found.returncode == 1
    assert found.stdout == ""
    assert found.stderr.startswith("set-up: needs Python 3.11 or newer, which no-such-python is not")
    assert found.stderr.count("\n") == 1


def test_python_that_is_named_is_taken() -> None:
    found = subprocess.run(
        [PROJECT / "setup" / "python"], env={"PATH": "/bin", "PYTHON": sys.executable}, capture_output=True, text=True
    )

    assert found.stdout == f"{sys.executable}\n"


@pytest.mark.parametrize(
    ("programs", "fix"),
    [
        ({"dnf"}, "sudo dnf install"),
        ({"brew"}, "brew install"),
        ({"apt-get"}, "sudo apt-get install --yes --no-install-recommends libpango-1.0-0"),
        (set(), "your package manager"),
    ],
)
def test_machine_that_cannot_be_served_is_told_one_command(
    programs: set[str], fix: str, prepare: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prepare, "loads", lambda library: False)
    monkeypatch.setattr(prepare, "which", lambda program: program if program in programs else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(SystemExit) as ended:
        prepare.install_system_packages("letter")

    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert f"run: {fix}" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("file", ["Containerfile", "examples/workflows/check-letter.yml", "docs/install.md"])
def test_every_way_to_install_names_the_libraries_that_pages_need(file: str, prepare: Any) -> None:
    said = (PROJECT / file).read_text(encoding="utf-8")

    assert [package for package in prepare.LETTER if package not in said.split("FROM debian")[-1]] == []


def test_programs_that_only_tests_need_do_not_end_the_set_up(
    prepare: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prepare, "which", lambda program: None)

    assert not prepare.install_system_packages("test")
    assert "cannot run here" in capsys.readouterr().err


def test_every_dependency_is_imported_by_the_program() -> None:
    said = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "src").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:from|import) (\w+)", said, re.MULTILINE))
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(distribution.lower().replace("_", "-"), set()).add(module)

    asked = [re.match(r"[\w.-]+", one)[0].lower() for one in asked_of_others()]  # type: ignore[index]

    assert [name for name in asked if not modules[name] & imported] == []


def test_new_lock_or_another_place_asks_for_a_new_set_up(
    prepare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "letter.lock"
    lock.write_text("a==1")
    before = prepare.digest(lock)
    lock.write_text("a==2")
    after = prepare.digest(lock)
    (tmp_path / "pyproject.toml").write_bytes((PROJECT / "pyproject.toml").read_bytes())
    monkeypatch.setattr(prepare, "PROJECT", tmp_path)
    elsewhere = prepare.digest(lock)

    assert len({before, after, elsewhere}) == 3
