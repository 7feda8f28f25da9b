from __future__ import annotations

from pathlib import Path

from tests.support.finding_codes import codes_said, module_of, modules
from tests.support.findings_page import PAGE, explained_elsewhere, explained_in, said_as
from typeset.decisions.questions import explanations

MAKING = """
from typeset.somewhere import fault

REFUSED = {"image": ("no-maps", "a map stands here")}

def _fault(fact, code):
    return Finding(code=code, fact=fact)

def doubts(size):
    yield Finding(code="too-loud", fact="it is loud")
    yield fault("off-key", "it is off key")
    yield _fault("it is late", "late" if size else "too-late")
    yield _fault("of a kind", f"unknown-{size}-cell")
"""
FAULT = "def fault(code, fact):\n    return Finding(code=code, fact=fact)\n"


def test_every_code_that_a_command_can_print_is_explained() -> None:
    said = codes_said(modules())
    elsewhere = {code for codes in explained_elsewhere().values() for code in codes}
    page = PAGE.read_text(encoding="utf-8")
    explained = explained_in(page) | elsewhere

    assert len(said) > 300
    assert {code: files for code, files in said.items() if not any(said_as(each, {code}) for each in explained)} == {}
    assert {code for code in explained_in(page) if not said_as(code, said)} == set()
    assert {code for code in elsewhere if f"`{code}`" not in page} == set()


def test_no_code_is_explained_twice() -> None:
    codes = [code for explanation in explanations() for code in explanation.codes]

    assert [code for code in codes if codes.count(code) > 1] == []


def test_a_code_is_found_however_it_comes_to_a_finding() -> None:
    written = (module_of(Path("somewhere.py"), FAULT), module_of(Path("making.py"), MAKING))

    assert set(codes_said(written)) == {"no-maps", "too-loud", "off-key", "late", "too-late", "unknown-*-cell"}
