from __future__ import annotations

import subprocess
import sys

import pytest
from langcodes import Language, tag_is_valid

from typeset.languages import WRITTEN, is_well_formed


@pytest.mark.parametrize("tag", WRITTEN)
def test_tags_that_are_not_looked_up_are_what_the_registry_says(tag: str) -> None:
    assert tag_is_valid(tag)
    assert (Language.get(tag).assume_script().script or "") == WRITTEN[tag]


@pytest.mark.parametrize(("tag", "valid"), [("zh-Hant-TW", True), ("fr-CA", True), ("xx-nowhere", False), ("", False)])
def test_other_tags_are_looked_up(tag: str, valid: bool) -> None:
    assert is_well_formed(tag) is valid


def test_most_letters_do_without_the_registry() -> None:
    program = (
        "import sys; from typeset.languages import is_well_formed as w; w('zh-Hant'); print('langcodes' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
