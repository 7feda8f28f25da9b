"""Who joined, who withdrew, whose name was corrected, whose number changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from typeset.diff import list_change, unstable_numbers
from typeset.model import Kind, Passage, Signatory

RIVERS = ("Amis du Delta", "أصدقاء النهر", "川の声を聞く会", "下游村莊聯合會", "River Keepers of the Lower Reach")


def listed(*names: str, start: int = 1) -> tuple[Signatory, ...]:
    return tuple(Signatory(number=number, name=name) for number, name in enumerate(names, start=start))


def numbered(**names: str) -> tuple[Signatory, ...]:
    return tuple(Signatory(number=int(number[1:]), name=name) for number, name in names.items())


def test_same_list_is_no_change() -> None:
    change = list_change(listed(*RIVERS), listed(*RIVERS))

    assert change.is_empty
    assert change.unchanged == 5


def test_those_who_came_and_went_are_told() -> None:
    change = list_change(numbered(n1="Amis du Delta", n2="Foo"), numbered(n1="Amis du Delta", n3="下游村莊聯合會"))

    assert [(one.number, one.name) for one in change.joined] == [(3, "下游村莊聯合會")]
    assert [(one.number, one.name) for one in change.withdrawn] == [(2, "Foo")]
    assert (change.unchanged, change.reused) == (1, ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Amis du Delta", "Les Amis du Delta"),
        ("River Keeprs", "River Keepers"),
        ("河川守護者聯盟", "河川守護聯盟"),
        ("ＲＩＶＥＲ watch", "River Watch"),
        ("Societe des Amis", "Société des Amis"),
    ],
)
def test_name_that_was_written_better_is_a_correction(before: str, after: str) -> None:
    change = list_change(listed("Foo", before), listed("Foo", after))

    assert [(one.before.name, one.after.name, one.changed) for one in change.corrected] == [(before, after, ("name",))]
    assert change.joined == change.withdrawn == ()


@pytest.mark.parametrize("other", ["下游村莊聯合會", "River Keepers"])
def test_other_name_under_an_old_number_is_not_a_correction_but_a_reused_number(other: str) -> None:
    change = list_change(listed("Amis du Delta"), listed(other))

    assert (len(change.joined), len(change.withdrawn), change.reused) == (1, 1, (1,))


def test_what_else_changed_of_a_signatory_is_told() -> None:
    before = Signatory(number=1, name="Watch 川の声", lang="en", passages=(Passage(start=6, end=9, lang="zh"),))
    after = replace(before, passages=(Passage(start=6, end=9, lang="ja"),), kind=Kind.PERSON, note="of Delta")

    change = list_change([before], [after])

    assert change.corrected[0].changed == ("language", "kind", "note")


def test_decision_that_changes_what_is_printed_is_a_correction() -> None:
    before = Signatory(number=1, name="RIVER watch")

    change = list_change([before], [replace(before, printed="River Watch")])

    assert change.corrected[0].changed == ("name",)


def test_somebody_put_at_the_top_renumbers_and_hides_nobody() -> None:
    change = list_change(listed(*RIVERS), listed("New", *RIVERS))

    assert [one.name for one in change.joined] == ["New"]
    assert [(one.before.number, one.after.number) for one in change.renumbered] == [(n, n + 1) for n in range(1, 6)]
    assert change.withdrawn == ()
    assert change.corrected == ()


def test_of_several_of_one_name_those_that_kept_their_number_belong_together() -> None:
    change = list_change(numbered(n1="Same", n2="Same", n3="Same"), numbered(n2="Same", n3="Same", n4="Same"))

    assert [(one.before.number, one.after.number) for one in change.renumbered] == [(1, 4)]
    assert change.unchanged == 2


def test_corrected_name_that_moved_is_still_found() -> None:
    change = list_change(listed("Foo", "River Keeprs of the Reach"), listed("River Keepers of the Reach", "Foo"))

    assert [one.changed for one in change.corrected] == [("number", "name")]
    assert [one.before.name for one in change.renumbered] == ["Foo"]


names = st.lists(st.sampled_from(["a", "b", "River Watch", "River Watchers", "川の声", "川の歌"]), max_size=8)


@given(before=names, after=names)
def test_everybody_is_told_once(before: list[str], after: list[str]) -> None:
    one, other = listed(*before), listed(*after)

    change = list_change(one, other)

    pairs = (*change.corrected, *change.renumbered)
    gone = [*change.withdrawn, *(pair.before for pair in pairs)]
    here = [*change.joined, *(pair.after for pair in pairs)]
    assert len(gone) + change.unchanged == len(one)
    assert len(here) + change.unchanged == len(other)
    assert len({signatory.number for signatory in gone}) == len(gone)
    assert len({signatory.number for signatory in here}) == len(here)


def test_long_lists_with_nothing_in_common_are_told_in_time() -> None:
    one, other = listed(*(f"old {n}" for n in range(6000))), listed(*(chr(0x4E00 + n) * 9 for n in range(6000)))

    change = list_change(one, other)

    assert (len(change.withdrawn), len(change.joined)) == (6000, 6000)


def findings(earlier: dict[int, str], before: tuple[Signatory, ...], after: tuple[Signatory, ...]) -> list[str]:
    return [f"{finding.code} {finding.subject}" for finding in unstable_numbers(earlier, before, after)]


def test_list_that_only_grows_has_stable_numbers() -> None:
    before = listed(*RIVERS)

    assert findings({one.number: one.name for one in before}, before, (*before, *listed("New", start=6))) == []


def test_moved_number_and_reused_number_are_findings() -> None:
    earlier = {1: "Amis du Delta", 2: "Gone", 3: "下游村莊聯合會"}
    before = numbered(n1="Amis du Delta", n3="下游村莊聯合會")

    assert findings(earlier, before, numbered(n1="Amis du Delta", n2="下游村莊聯合會")) == ["number-moved signatory 2"]
    assert findings(earlier, before, (*before, *numbered(n2="Newcomer"))) == ["number-reused signatory 2"]
    assert findings(earlier, before, (*before, *numbered(n2="Gone"))) == []
    assert findings(earlier, before, (*before, *numbered(n4="Newcomer"))) == []
