"""Marks by language: which are which, and how they stand in their squares."""

from __future__ import annotations

import pytest

from typeset.engine.cjk.marks import marks_for


@pytest.mark.parametrize(
    ("lang", "table"),
    [
        ("zh-Hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("ZH-hant", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("ja-JP", "ja"),
    ],
)
def test_longest_tag_finds_the_table(lang: str, table: str) -> None:
    found = marks_for(lang)

    assert found is marks_for(table)
    assert found is not None


@pytest.mark.parametrize("lang", ["en", "ko", "vi", "und", "", None, "zhx"])
def test_languages_set_in_words_have_no_table(lang: str | None) -> None:
    assert marks_for(lang) is None


def test_pauses_stand_in_the_middle_in_traditional_and_at_the_start_in_simplified_chinese() -> None:
    hant, hans = marks_for("zh-Hant"), marks_for("zh-Hans")

    assert hant is not None
    assert hans is not None
    assert hant.blanks["p"] == (0.25, 0.25)
    assert hans.blanks["p"] == (0.0, 0.5)
    assert hant.interpunct_width == 0.6
    assert hans.interpunct_width == 0.5


def test_every_character_has_a_class() -> None:
    marks = marks_for("zh-Hant")

    assert marks is not None
    assert marks.classify("漢カ한a1é，。「」！·—…～ \n（％＄ '-") == "HHLLLLpsocxdmetSnoFFSww"


def test_selectors_and_combining_marks_are_of_their_character_s_class() -> None:
    marks = marks_for("zh-Hant")

    assert marks is not None
    assert (
        marks.classify("葛\U000e0100e\N{COMBINING ACUTE ACCENT}か\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}")
        == "HHLLHH"
    )
    assert marks.classify("\N{COMBINING ACUTE ACCENT}漢") == "wH"
