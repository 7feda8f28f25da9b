"""A letter that greets somebody itself."""

from __future__ import annotations

import pytest

from tests.support.letters import BODY, sources
from typeset.delivery.run import own_greetings
from typeset.manuscript import read_letter


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("Dear Sirs,", True),
        ("Your Excellencies:", True),
        ("尊敬的閣下：", True),
        ("We ask for one thing, and for one thing only.", False),
        ("We ask. And we ask again,", False),
        ("Whoever lives on the banks of the river, in every season and in every village,", False),
        ("{total} of us,", True),
    ],
)
def test_a_salutation_of_the_letters_own_is_told(first: str, told: bool) -> None:
    body = BODY.replace("We ask for **one** thing.", f"{first}\n\nWe ask for **one** thing.")
    letter = read_letter(sources({"letter.en.md": body})).letter

    found = list(own_greetings(letter))

    assert [finding.code for finding in found] == (["own-salutation"] if told else [])
    assert all(finding.place and finding.place.line == 5 for finding in found)
