from __future__ import annotations

import pytest

from tests.support.letters import house_templates, sources
from typeset.checks import check
from typeset.diagnostics import Finding, Severity
from typeset.manuscript import read_letter

PAGE = "templates/letter.html.j2"


def notes(changed: dict[str, str | bytes], look: str = "letter") -> list[Finding]:
    given = sources(changed, look)
    return [finding for finding in check(read_letter(given).letter, given) if finding.code == "own-templates"]


def test_a_changed_template_is_a_note_with_the_lines_that_differ() -> None:
    (note,) = notes({PAGE: house_templates()[PAGE].replace(b"<main>", b'<main class="x">')})

    assert note.severity is Severity.NOTE
    assert note.message == "the letter has its own template letter.html.j2, which differs from ours in 2 lines"
    assert note.place
    assert note.place.spot() == PAGE
    assert [line for line in note.evidence.split("\n") if line[:1] in "+-"][2:] == [
        "-{% endif %}<main>",
        '+{% endif %}<main class="x">',
    ]


def test_a_template_with_a_name_of_its_own_is_a_note() -> None:
    (note,) = notes({"templates/banner.html.j2": "<p>Rivers</p>"})

    assert note.message.endswith("banner.html.j2, which is not among our templates")


@pytest.mark.parametrize("look", ["letter", "plain"])
def test_templates_of_ours_and_pictures_are_none(look: str) -> None:
    assert notes({"templates/mark.svg": "<svg/>"}, look) == []


def test_a_change_of_the_template_changes_the_evidence_that_a_decision_is_about() -> None:
    first, second = (notes({PAGE: f"{text}\n" * 3_000})[0].evidence for text in ("a", "b"))

    assert first != second
    assert first.count("\n") <= 2_000
