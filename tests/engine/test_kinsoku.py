"""Where lines may end."""

from __future__ import annotations

import pytest

from typeset.engine.cjk.marks import is_lone, line_ends, marks_for


def ends(
    text: str, lang: str = "zh-Hant", *, everywhere: bool = True, joined: frozenset[int] = frozenset()
) -> list[int]:
    marks = marks_for(lang)
    assert marks is not None
    return line_ends(text, marks.classify(text), [marks] * len(text), [everywhere] * len(text), joined)


@pytest.mark.parametrize("mark", "，。、；：！？」』）》〉】·‧～／—…％°々")
def test_no_line_begins_with(mark: str) -> None:
    assert 1 not in ends(f"漢{mark}字")


@pytest.mark.parametrize("mark", "「『（《〈【·‧／￥")
def test_no_line_ends_with(mark: str) -> None:
    assert 2 not in ends(f"漢{mark}字")


@pytest.mark.parametrize("pair", ["——", "……", "⋯⋯"])
def test_dashes_and_ellipses_stay_whole(pair: str) -> None:
    assert 2 not in ends(f"漢{pair}字")
    assert 3 in ends(f"漢{pair}字")


def test_small_kana_do_not_begin_a_line_in_japanese() -> None:
    assert ends("コーヒー", "ja") == [2, 4]


def test_curly_quotation_marks_may_stand_at_a_line_edge_though_unicode_forbids_it() -> None:
    assert ends("说“好”了", "zh-Hans", everywhere=False) == [1, 4, 5]


def test_what_is_joined_stays_together() -> None:
    assert ends("漢字漢字", joined=frozenset({2})) == [1, 3, 4]


@pytest.mark.parametrize(("rest", "lone"), [("H", True), ("Hs", True), ("Hsc", True), ("HH", False), ("LL", False)])
def test_one_character_and_its_marks_are_a_lone_rest(rest: str, lone: bool) -> None:
    assert is_lone(rest) is lone
