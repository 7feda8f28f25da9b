"""What other programs may use: the commands as functions, with the same findings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import typeset

PROJECT = Path(__file__).parents[1]
PAGE = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one letter in it, in which people work."""
    letter = tmp_path / "content" / "my-letter"
    shutil.copytree(PROJECT / "examples" / "joint-statement", letter)
    settings = letter / "letter.toml"
    settings.write_text(re.sub(r'^id = ".*"$', 'id = "my-letter"', settings.read_text("utf-8"), flags=re.MULTILINE))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes_of(error: pytest.ExceptionInfo[typeset.LetterError]) -> list[str]:
    return [finding.code for finding in error.value.findings]


def test_every_example_on_the_page_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}

    for example in EXAMPLES:
        exec(compile(example, "docs/api.md", "exec"), names)

    printed = capsys.readouterr().out
    assert len(EXAMPLES) >= 6
    assert "['no-letter']" in printed
    assert "['no-policy']" in printed
    assert (here / "output" / "my-letter" / "my-letter.en.pdf").is_file()


def test_every_promised_name_is_on_the_page() -> None:
    named = set(re.findall(r"`(\w+)[`(]", PAGE.partition("## What is promised")[2]))

    assert set(typeset.__all__) <= named


def test_a_function_is_never_hidden_by_a_package() -> None:
    program = "import typeset, typeset.checks, typeset.verification; print(all(map(callable, [{}])))"
    functions = ", ".join(
        f"typeset.{name}" for name in ("build", "check", "deliver", "open_letter", "publish", "verify")
    )

    ran = subprocess.run([sys.executable, "-c", program.format(functions)], capture_output=True, text=True, check=True)

    assert ran.stdout == "True\n"


def test_a_broken_folder_raises_the_findings_that_the_command_prints(here: Path) -> None:
    (here / "content" / "my-letter" / "letter.toml").write_text("id = [\n")
    command = [sys.executable, "-m", "typeset", "build", "content/my-letter", "--json"]

    with pytest.raises(typeset.LetterError) as error:
        typeset.build("content/my-letter")

    printed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert printed.returncode == 1
    said = json.loads(printed.stdout)
    findings = said if isinstance(said, list) else said["findings"]
    assert [(one["code"], one["fact"]) for one in findings] == [(one.code, one.message) for one in error.value.findings]
    assert not (here / "output").exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"formats": ["epub"]}, "unknown-format"),
        ({"languages": ["fr"]}, "unknown-version"),
    ],
)
def test_an_unknown_option_is_a_finding_and_nothing_is_written(
    here: Path, options: dict[str, list[str]], code: str
) -> None:
    with pytest.raises(typeset.LetterError) as error:
        typeset.build("content/my-letter", **options)  # type: ignore[arg-type]

    assert codes_of(error) == [code]
    assert not (here / "output").exists()


def test_an_unknown_level_is_a_finding(here: Path) -> None:
    with pytest.raises(typeset.LetterError) as error:
        typeset.publish("content/my-letter", level="B-XL")

    assert codes_of(error) == ["unknown-level"]


def test_a_missing_file_is_a_finding(here: Path) -> None:
    with pytest.raises(typeset.LetterError) as error:
        typeset.verify("nowhere.pdf")

    assert codes_of(error) == ["system"]


@pytest.mark.parametrize("given", [b"content/my-letter", None, 5, "content/my-letter\0"])
def test_what_is_no_path_is_a_finding(here: Path, given: object) -> None:
    with pytest.raises(typeset.LetterError) as error:
        typeset.check(given)  # type: ignore[arg-type]

    assert codes_of(error) == ["wrong-type"]


@pytest.mark.parametrize("option", ["formats", "languages"])
@pytest.mark.parametrize("value", ["pdf", None, 5])
def test_one_text_where_a_list_belongs_is_a_finding(here: Path, option: str, value: object) -> None:
    with pytest.raises(typeset.LetterError) as error:
        typeset.build("content/my-letter", **{option: value})  # type: ignore[arg-type]

    assert codes_of(error) == ["wrong-type"]


def test_an_output_that_is_a_file_is_a_finding(here: Path) -> None:
    (here / "output").write_text("a file")

    with pytest.raises(typeset.LetterError) as error:
        typeset.build("content/my-letter")

    assert codes_of(error) == ["system"]


def test_a_source_that_is_a_link_to_itself_is_a_finding(here: Path) -> None:
    text = here / "content" / "my-letter" / "letter.en.md"
    text.unlink()
    text.symlink_to(text)

    with pytest.raises(typeset.LetterError):
        typeset.check("content/my-letter")


def test_a_letter_that_was_never_published_cannot_be_delivered(here: Path) -> None:
    with pytest.raises(typeset.LetterError) as error:
        typeset.deliver("content/my-letter", archive="archive")

    assert codes_of(error) == ["not-published"]
