from __future__ import annotations

import pytest

from tests.support.check_letter import codes, found, only, pairs
from typeset.diagnostics import Severity


def test_a_repeated_name_is_a_warning() -> None:
    finding = only("name-repeated", "Delta Forum", "Rain Watch", "Delta Forum")

    assert (finding.severity, finding.subject) == (Severity.WARNING, "signatories 1 and 3")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IWRA", "International Water Resources Association"),
        ("FRI", "Friends of Rivers in Indonesia"),  # the small words left out
        ("LDDDR", "Ligue de Défense des Rivières"),  # the small words counted
        ("UNC", "Centro de Estudios Universidad Nacional de Caracas"),  # the end of a name
        ("Delta Forum", "DELTA FORUM"),
        ("Fédération des Pêcheurs", "Federation des Pecheurs"),
        ("Food & Water", "Food and Water"),
        ("The River Trust", "River Trust Inc."),
        ("Women's Forum", "Women’s Forum"),
        ("Delta Forum", "Dеlta Forum"),  # a Cyrillic е
        ("Delta Forum", "Foro del Delta (Delta Forum)"),
        ("川の会", "River Society 川の会"),
        ("River Society", "川の会 River Society"),
        ("DELFO", "Delta Forum (DELFO)"),
        ("Réseau des Défenseurs du Fleuve (REDEF)", "River Defenders Network (REDEF)"),
        ("Movement “Zarevo” of Basel", "Zarevo for Water"),
        ("Delta Forum of Basle", "Delta Forum of Basel"),
        ("Mekelong Basin Network", "Mekolong Basin Network"),
        ("Friend of the River", "Friends of the River"),
    ],
)
def test_two_rows_that_may_be_one_are_a_suggestion(one: str, other: str) -> None:
    assert pairs("Rain Watch", one, other) == {(2, 3)}
    assert pairs(other, "Rain Watch", one) == {(1, 3)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Alike to the letter, and two.
        ("Coalition Burkinabé des Amis du Fleuve (CBAF)", "Coalition Togolaise des Amis du Fleuve (CTAF)"),
        ("Rivers Association of Japan", "Rivers Union of Japan"),
        ("Delta Forum", "Delta Forum Kenya"),
        ("Delta Forum", "Delta Forum - Kenya"),
        ("Delta Forum", "Delta Forum (Kenya)"),
        ("Free Rivers", "Students for Free Rivers"),
        ("Water Watch Austria", "Water Watch Australia"),
        ("Human Rights League", "Human Rights Leaders"),
        ("IWRA", "International Water Relief Agency (INWARA)"),
        ("मानव अधिकार", "मानवी अधिकार"),
        ("Rivers 2000", "Rivers 2001"),
    ],
)
def test_two_rows_that_are_two_are_left_alone(one: str, other: str) -> None:
    assert pairs(one, other) == set()


def test_a_whole_name_explains_an_acronym_better_than_a_stretch_of_another() -> None:
    assert pairs("RWIP", "River Watch in Peru", "Philippine River Watch Information Plan") == {(1, 2)}


def test_a_suggestion_holds_on_to_both_names() -> None:
    finding = only("possible-duplicate", "IWRA", "International Water Resources Association")

    assert finding.severity is Severity.NOTE
    assert finding.evidence == "IWRA | International Water Resources Association"
    assert finding.message.endswith("IWRA are the initials of International Water Resources Association")


def test_equal_names_are_told_once() -> None:
    assert codes("Delta Forum", "Delta Forum") == ["name-repeated"]


def test_thousands_of_rows_are_compared_in_linear_time() -> None:
    # Comparing each with each would be two million comparisons.
    names = [f"Society {index:05} of the Upper Valley" for index in range(2_000)]

    assert found(*names) == ()
