"""Every rule of `check` has an example that shows what it is about."""

from __future__ import annotations

import pytest

from tests.support.check_letter import BODY, codes
from typeset.checks import rules
from typeset.diagnostics import Rule


def codes_of(rule: Rule, text: str) -> list[str]:
    """What `check` says of a letter with this text where the example of the rule belongs."""
    if rule.shown_in == "body":
        return codes(body=BODY.replace("We ask for one thing.", text))
    return codes(*text.split("\n"))


SHOWN = [rule for rule in rules() if rule.shown_in]


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.code)
def test_the_example_of_a_rule_has_the_fault_and_raises_the_finding(rule: Rule) -> None:
    found = codes_of(rule, rule.example)

    assert rule.code in found


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.code)
def test_a_sound_text_raises_no_finding_of_a_rule(rule: Rule) -> None:
    found = codes_of(rule, "Amnesty International" if rule.shown_in == "name" else "We ask for one thing.")

    assert rule.code not in found


def test_each_rule_has_a_code_of_its_own() -> None:
    codes = [rule.code for rule in rules()]

    assert len(codes) > 45
    assert [code for code in codes if codes.count(code) > 1] == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_a_rule_says_what_it_means_and_what_to_do(rule: Rule) -> None:
    assert all((rule.group, rule.meaning, rule.remedy, rule.example))
