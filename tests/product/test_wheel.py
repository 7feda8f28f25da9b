"""What is installed elsewhere needs no clone: three wheels of one tree, and a verifier that is small."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_string
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from packaging.requirements import Requirement

pytestmark = pytest.mark.outside  # git and bash, and too slow for between two edits

PROJECT = Path(__file__).parents[2]
LETTER = PROJECT / "examples" / "joint-statement"
SEALED = PROJECT / "tests/inputs/version-0.1.0/workplace"
TREES = {"typeset": ".", "typeset-verify": "distributions/verify", "typeset-faces": "distributions/faces"}
OTHER_LOCKS = frozenset(f"requirements/{name}.lock" for name in ("test", "bench", "lock"))
HOUSE = ("templates", "locales", "fonts", "requirements")
UNUSED = frozenset(
    {
        "filelock",
        "fontTools",
        "langcodes",
        "markupsafe",
        "pypdfium2",
        "typeset.archive",
        "typeset.diff",
        "typeset.project",
    }
)
"""What modules of the verifier import late, for those who do more than verify."""

LARGEST = 75_000_000
"""Bytes of the verifier, installed with all that it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A virtual environment outside the repository, with wheels of ours and nothing that they do not ask for."""

    folder: Path
    packages: frozenset[str]

    def run(self, program: str, *arguments: str, here: Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        environment["XDG_CACHE_HOME"] = str(self.folder / "cache")
        command = [program if program == "bash" else str(self.folder / "bin" / program), *arguments]
        return subprocess.run(command, cwd=here, env=environment, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    made = {}
    for name, tree in TREES.items():
        folder = tmp_path_factory.mktemp(name)
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
        subprocess.run(build, cwd=PROJECT / tree, check=True, capture_output=True)
        (made[name],) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def whole(wheels: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("whole"), wheels, *TREES)


@pytest.fixture(scope="module")
def verifier(wheels: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("verifier"), wheels, "typeset-verify")


def install(folder: Path, wheels: Mapping[str, Path], *names: str) -> Installed:
    """The wheels of these names, with links to what they ask for in the environment of the tests."""
    venv.create(folder, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(folder / "bin" / "python")]
    ours = [str(wheels[name]) for name in names]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", *ours], check=True, capture_output=True)
    site = next(folder.glob("lib/python*/site-packages"))
    found = dict(needed(requirement for name in names for requirement in requirements(wheels[name])))
    for one in found.values():
        for top in {file.parts[0] for file in one.files or () if file.parts[0] != ".."} - {"__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(str(one.locate_file(top)))
    return Installed(folder=folder, packages=frozenset(found))


def requirements(wheel: Path) -> Iterator[Requirement]:
    """What a wheel of ours asks of others, without its extras."""
    with ZipFile(wheel) as archive:
        (about,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        asked = message_from_string(archive.read(about).decode()).get_all("Requires-Dist", [])
    others = (one for text in asked if (one := Requirement(text)).name not in TREES)
    yield from (one for one in others if one.marker is None or one.marker.evaluate({"extra": ""}))


def needed(asked: Iterator[Requirement]) -> Iterator[tuple[str, Distribution]]:
    """Every distribution that these requirements bring along, as it is installed here."""
    seen: set[tuple[str, str]] = set()
    waiting = list(asked)
    while waiting:
        requirement = waiting.pop()
        one = distribution(requirement.name)
        yield one.name.lower(), one
        for extra in ("", *requirement.extras):
            if (one.name, extra) in seen:
                continue
            seen.add((one.name, extra))
            further = map(Requirement, one.requires or ())
            waiting += [more for more in further if more.marker is None or more.marker.evaluate({"extra": extra})]


def carried(wheel: Path) -> set[str]:
    return {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}


def test_every_file_of_the_program_is_in_one_wheel_alone(wheels: Mapping[str, Path]) -> None:
    house = {"src/typeset": "typeset"} | {name: f"typeset/_house/{name}" for name in HOUSE}
    tracked = subprocess.run(["git", "ls-files", *house], cwd=PROJECT, check=True, capture_output=True, text=True)
    there = {
        f"{target}/{name.removeprefix(folder + '/')}"
        for name in tracked.stdout.splitlines()
        for folder, target in house.items()
        if name.startswith(f"{folder}/") and name not in OTHER_LOCKS
    }

    packed = [name for wheel in wheels.values() for name in carried(wheel)]

    assert len(there) > 100
    assert sorted(packed) == sorted(there)


def test_three_distributions_have_one_version(wheels: Mapping[str, Path]) -> None:
    (version,) = {wheel.name.split("-")[1] for wheel in wheels.values()}
    with ZipFile(wheels["typeset"]) as archive:
        about = archive.read(f"typeset-{version}.dist-info/METADATA").decode()

    ours = {text for text in message_from_string(about).get_all("Requires-Dist", []) if text.startswith("typeset-")}

    assert ours == {f"typeset-faces=={version}", f"typeset-verify=={version}"}


@pytest.mark.parametrize("name", ["typeset-verify", "typeset-faces"])
def test_licences_travel_with_what_they_are_for(name: str, wheels: Mapping[str, Path]) -> None:
    texts = {path for path in ZipFile(wheels[name]).namelist() if ".dist-info/licenses/" in path}

    wanted = {path.name for path in (PROJECT / "fonts").glob("OFL-*.txt")} if name == "typeset-faces" else {"LICENSE"}
    assert {path.rpartition("/")[2] for path in texts} == wanted


def test_verifier_has_no_layout_engine_no_faces_and_no_tokens(verifier: Installed, wheels: Mapping[str, Path]) -> None:
    others = {"weasyprint", "pydyf", "fonttools", "jinja2", "python-pkcs11", "pillow", "pypdfium2"}

    assert not others & verifier.packages
    assert not [name for name in carried(wheels["typeset-verify"]) if "/_house/" in name]


def test_every_module_of_the_verifier_is_imported_with_what_it_asks_for(
    verifier: Installed, wheels: Mapping[str, Path], tmp_path: Path
) -> None:
    # What a door opens is imported when it is asked for: a module that a door names may be in the other wheel.
    paths = [name.removesuffix(".py") for name in carried(wheels["typeset-verify"]) if name.endswith(".py")]
    modules = [name.removesuffix("/__init__").replace("/", ".") for name in paths]

    done = verifier.run("python", "-c", f"import {', '.join(modules)}", here=tmp_path)

    assert len(modules) > 20
    assert done.returncode == 0, done.stderr


def test_verifier_has_what_its_modules_import_late(
    verifier: Installed, wheels: Mapping[str, Path], tmp_path: Path
) -> None:
    with ZipFile(wheels["typeset-verify"]) as archive:
        trees = [ast.parse(archive.read(name)) for name in archive.namelist() if name.endswith(".py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = [node for function in functions for node in ast.walk(function)]
    late = {node.module for node in inner if isinstance(node, ast.ImportFrom) and node.module}
    late |= {alias.name for node in inner if isinstance(node, ast.Import) for alias in node.names}
    program = "import importlib, sys\nfor name in sys.argv[1:]:\n try: importlib.import_module(name)\n"

    told = verifier.run("python", "-c", f"{program} except ImportError: print(name)", *sorted(late), here=tmp_path)

    assert set(told.stdout.split()) == UNUSED


def test_verifier_proves_sealed_files_as_the_whole_program_does(
    verifier: Installed, whole: Installed, tmp_path: Path
) -> None:
    files = [str(path) for path in sorted((SEALED / "archive").rglob("*.signed.pdf"))]
    trust = [word for root in sorted((SEALED / "roots").glob("*.pem")) for word in ("--trust", str(root))]

    alone = verifier.run("typeset-verify", *files, *trust, here=tmp_path)
    told = whole.run("typesetter", "verify", *files, *trust, here=tmp_path)

    # Files of 0.1.0 have no digests of pages. The small verifier does not draw pages, and says so.
    assert alone.stdout.count("but not what they look like") == len(files) >= 2, alone.stderr
    without = [line for line in alone.stdout.splitlines() if "PDFium is not installed" not in line]
    assert len(without) == len(alone.stdout.splitlines()) - len(files)
    assert (alone.returncode, without, alone.stderr) == (told.returncode, told.stdout.splitlines(), told.stderr)


def test_verifier_is_small(verifier: Installed) -> None:
    files = {path.resolve() for path in verifier.folder.rglob("*")} | {
        path.resolve() for link in verifier.folder.glob("lib/*/*/*") if link.is_symlink() for path in link.rglob("*")
    }

    assert sum(path.stat().st_size for path in files if path.is_file()) < LARGEST


def test_letter_is_checked_and_built_by_the_workflow_that_people_copy(whole: Installed, tmp_path: Path) -> None:
    shutil.copytree(LETTER, tmp_path / "content" / LETTER.name)
    workflow = yaml.safe_load((PROJECT / "examples/workflows/check-letter.yml").read_text())
    (step,) = (step for step in workflow["jobs"]["drafts"]["steps"] if "typesetter" in step.get("run", ""))

    built = whole.run("bash", "-e", "-c", step["run"], here=tmp_path)

    assert built.returncode == 0, built.stderr
    left = {path.name for path in (tmp_path / "output" / LETTER.name).iterdir()}
    assert left >= {f"{LETTER.name}.{lang}.{kind}" for lang in ("en", "zh-Hant") for kind in ("pdf", "html")}


def test_program_without_its_faces_says_what_to_install(wheels: Mapping[str, Path], tmp_path: Path) -> None:
    bare = install(tmp_path / "bare", wheels, "typeset", "typeset-verify")

    told = bare.run("typesetter", "check", str(LETTER), here=tmp_path)

    assert told.returncode == 1
    assert "the faces are not installed" in told.stderr
    assert "install the package typeset-faces" in told.stderr


def test_hook_for_letter_folders_runs_a_command_that_there_is(whole: Installed) -> None:
    (hook,) = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
    files = {path.relative_to(PROJECT).as_posix() for path in LETTER.rglob("*") if path.is_file()}

    checked = whole.run(*hook["entry"].split(), str(LETTER), here=PROJECT)

    assert checked.returncode == 0, checked.stderr
    assert {name for name in files if re.search(hook["files"], name)} >= {
        f"examples/{LETTER.name}/{name}" for name in ("letter.toml", "letter.en.md", "signatories.csv")
    }
    assert {PROJECT / tree for tree in hook["additional_dependencies"]} == {
        PROJECT / tree for tree in TREES.values() if tree != "."
    }
