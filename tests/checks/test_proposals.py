from __future__ import annotations

from datetime import date

import pytest

from tests.support.letters import BODY, LIST, sources
from typeset.checks import check, check_printed
from typeset.decisions import Decision, apply
from typeset.diagnostics import Finding, errors
from typeset.manuscript import read_letter
from typeset.model import Letter


def found_in(name: str, title: str = "A small letter") -> tuple[Finding, ...]:
    given = sources(
        {
            "signatories.csv": LIST + f'4,"{name}",und,,organisation,\n',
            "letter.en.md": BODY.replace("A small letter", title),
        }
    )
    letter = read_letter(given).letter
    found = check(letter, given)
    for finding in found:
        if finding.proposal:
            assert errors(check_printed(printing(letter, finding))) == (), finding
    return found


def printing(letter: Letter, finding: Finding) -> Letter:
    decision = Decision(
        code=finding.code,
        subject=finding.subject,
        evidence=finding.evidence,
        printed=finding.proposal,
        by="chair",
        when=date(2026, 3, 5),
        why="asked",
    )
    return apply(letter, [decision])[0]


@pytest.mark.parametrize(
    ("name", "code", "proposed"),
    [
        ("**Delta** ( x )", "stray-markup", "Delta ( x )"),
        ("**Delta** ( x )", "bracket-space", "Delta (x)"),
        ("<b>Delta</b> **x**", "stray-markup", "Delta x"),
        ("Delta\u200b ( x )", "bracket-space", "Delta (x)"),
        ("**Delta\u202e**", "bidi-control", "Delta"),
        ("[Delta](http://x.example) Forum", "stray-markup", "Delta Forum"),
        ("Сoca **Delta**", "look-alike", "Coca Delta"),
        ("FÃ©dÃ©ration **x**", "garbled-encoding", "Fédération x"),
        ("**Delta** {total}", "stray-markup", ""),
        ("**  **", "stray-markup", ""),
    ],
)
def test_what_is_proposed_can_be_printed_or_nothing_is_proposed(name: str, code: str, proposed: str) -> None:
    found = found_in(name)

    assert [finding.proposal for finding in found if finding.code == code] == [proposed]


def test_the_proposals_for_a_title_can_be_printed() -> None:
    found = found_in("Delta", title="Rivers ( of ) \\*\\*Delta\\*\\*")

    assert {finding.proposal for finding in found if finding.subject.startswith("title")} == {
        "Rivers (of) Delta",
        "Rivers ( of ) Delta",
    }
