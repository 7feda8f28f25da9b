"""Which face sets which character."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from typeset.diagnostics import Location, Severity
from typeset.fonts import FacePlan, WordsToSet, open_catalogue, plan_faces
from typeset.fonts.catalogue import follows

HOUSE, _ = open_catalogue(Path(__file__).parents[2] / "fonts")


def plan(*words: WordsToSet, letter: str = "zh-Hant") -> FacePlan:
    return plan_faces(words, HOUSE, letter)


def slots(text: str, lang: str, letter: str = "zh-Hant", *, bold: bool = False, italic: bool = False) -> str:
    """The text with the slot of each stretch before it."""
    made = plan(WordsToSet(text=text, lang=lang, bold=bold, italic=italic), letter=letter)
    [(words, stretches)] = made.lines
    return " ".join(f"{s.slot or 'none'}:{words.text[s.start : s.end]}" for s in stretches)


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("阻撓某些 NGO 獲得 2020", "zh-Hant", "han-hant:阻撓某些  latin:NGO  han-hant:獲得  latin:2020"),
        ("人權（甲）、乙。", "zh-Hant", "han-hant:人權（甲）、乙。"),
        ("他說：“人權”—…·", "zh-Hant", "han-hant:他說：“人權”—…·"),
        ("Defender’s — “word”", "en", "latin:Defender latin-marks:’ latin:s  latin-marks:— “ latin:word latin-marks:”"),
        ("ARTICLE № 19", "und", "latin:ARTICLE  latin-marks:№  latin:19"),
        ("Проект Việt Nam", "und", "latin:Проект Việt Nam"),
        ("日本の査証 “湾”", "ja", "ja:日本の査証 “湾”"),
        ("مرصد ٣٤، (2020)", "ar", "arabic:مرصد ٣٤،  latin:(2020)"),
        ("香港の夜", "und", "han-hant:香港 kana:の han-hant:夜"),
        ("第Ⅷ條", "zh-Hant", "han-hant:第Ⅷ條"),
        ("ＡＢ", "zh-Hant", "han-hant:ＡＢ"),
        ("10€ x²", "zh-Hant", "latin:10€ x²"),
        ("ｱｲ", "und", "kana:ｱｲ"),
        ("か\u3099", "ja", "ja:か\u3099"),
        ("ﾞ｢", "ja", "ja:ﾞ｢"),
        ("‾", "zh-Hant", "latin-rest:‾"),
        ("\u0601٣", "ar", "arabic:\u0601٣"),
    ],
)
def test_each_character_goes_to_the_face_of_its_script_and_language(text: str, lang: str, expected: str) -> None:
    assert slots(text, lang) == expected


@pytest.mark.parametrize(
    ("lang", "letter", "slot"),
    [
        ("und", "zh-Hant", "han-hant"),
        ("und", "ja", "ja"),
        ("en", "ja", "ja"),
        ("und", "en", "han-hant"),
        ("zh", "en", "han-hant"),
        ("zh-TW", "en", "han-hant"),
        ("yue", "en", "han-hant"),
        ("ja", "zh-Hant", "ja"),
        ("", "ja", "ja"),
        ("zh-Hans", "zh-Hant", "none"),
        ("zh-CN", "zh-Hant", "none"),
        ("ko", "zh-Hant", "none"),
        ("und", "ko", "none"),
    ],
)
def test_ideographs_follow_their_language_else_the_letter_s_else_the_stated_one(
    lang: str, letter: str, slot: str
) -> None:
    assert slots("香", lang, letter) == f"{slot}:香"


def test_character_that_the_face_of_its_language_lacks_is_an_error_that_says_where_it_is() -> None:
    place = Location(file="signatories.csv", line=226)

    made = plan(WordsToSet(text="台湾研究", lang="zh-Hant", subject="signatory 225", place=place))

    [finding] = made.findings
    assert (finding.code, finding.severity) == ("uncovered-character", Severity.ERROR)
    assert (finding.subject, finding.place, finding.evidence) == ("signatory 225", place, "台湾研究")
    assert finding.message == "Noto Serif TC, used for text in zh-Hant, has no 湾 (U+6E7E CJK UNIFIED IDEOGRAPH-6E7E)"
    assert finding.hint == "Noto Serif JP has it: mark the passage as ja, if that is its language"


def test_script_without_a_face_is_an_error_that_says_what_to_add() -> None:
    made = plan(WordsToSet(text="한국 여성", lang="ko"))

    [finding] = made.findings
    assert finding.message.startswith("no face sets 한 (U+D55C HANGUL SYLLABLE HAN), 국 (U+AD6D")
    assert finding.hint == "no face is for ko: add one with typesetter fonts add FILE --script Hang --lang ko"


def test_script_without_a_face_in_text_of_any_language_is_an_error_that_says_what_to_add() -> None:
    [finding] = plan(WordsToSet(text="ไทย", lang="und")).findings

    assert finding.hint == "no face has it; add one that does: typesetter fonts add FILE --script Thai"


def test_many_missing_characters_of_one_remedy_are_one_finding() -> None:
    made = plan(WordsToSet(text="人民民主专政国家的一切权力属于人民", lang="zh-Hans"))

    [finding] = made.findings
    assert finding.message.count("U+") == 14
    assert "一 (U+4E00), 切 (U+5207)" in finding.message


def test_all_that_a_name_lacks_is_one_finding_with_every_remedy() -> None:
    made = plan(WordsToSet(text="한국 女性團體 연합", lang="ko"))

    [finding] = made.findings
    assert all(f"{character} (U+" in finding.message for character in "한국女性團體연합")
    assert "--script Hang --script Hani --lang ko" in finding.hint


def test_only_a_text_without_end_is_counted() -> None:
    made = plan(WordsToSet(text="".join(map(chr, range(0xAC00, 0xAC00 + 50))), lang="ko"))

    [finding] = made.findings
    assert finding.message.count("U+") == 40
    assert "and 10 more" in finding.message


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x85", "\x92", "\ue000", "\U000f0000", "\u0378", "\uffff"])
def test_controls_and_private_characters_never_count_as_covered(character: str) -> None:
    made = plan(WordsToSet(text=f"A{character}B", lang="und", subject="signatory 1"))

    [finding] = made.findings
    assert finding.code == "uncovered-character"
    assert f"U+{ord(character):04X}" in finding.message
    assert "remove it" in finding.hint


def test_what_only_the_regular_has_is_an_error_in_bold() -> None:
    only_regular = next(c for c in HOUSE.settable("ar", "ar") - HOUSE.settable("ar", "ar", weight=700))

    [finding] = plan(WordsToSet(text=only_regular, lang="ar", bold=True)).findings

    assert "in bold" in finding.message
    assert finding.hint == "Amiri has it in regular only: set the passage without emphasis"


def test_italic_of_a_family_without_one_is_its_upright_by_plan() -> None:
    made = plan(WordsToSet(text="人權 rights", lang="zh-Hant", italic=True))

    assert [(cut.slot, cut.style, cut.face.file) for cut in made.cuts] == [
        ("latin", "italic", "NotoSerif-Italic.ttf"),
        ("han-hant", "italic", "NotoSerifTC-Regular.ttf"),
    ]
    assert not made.findings


def test_bold_italic_of_a_family_without_it_is_its_bold() -> None:
    made = plan(WordsToSet(text="權 r", lang="zh-Hant", italic=True, bold=True))

    assert [cut.face.file for cut in made.cuts] == ["NotoSerif-BoldItalic.ttf", "NotoSerifTC-Bold.ttf"]


def test_bold_is_cut_to_its_own_characters() -> None:
    made = plan(WordsToSet(text="甲乙", lang="zh"), WordsToSet(text="丙", lang="zh", bold=True))

    by_weight = {cut.weight: "".join(map(chr, sorted(cut.characters))) for cut in made.cuts}
    assert by_weight == {400: " 乙甲", 700: " 丙"}


def test_spaces_and_joiners_stay_with_what_stands_before_them() -> None:
    assert slots("نامه\u200cها ab \u2067ب\u2069", "fa") == "arabic:نامه\u200cها  latin:ab \u2067 arabic:ب\u2069"


def test_words_of_spaces_alone_are_set_by_the_first_slot() -> None:
    made = plan(WordsToSet(text=" \u00a0", lang="zh-Hant"))

    assert not made.findings
    assert [(cut.slot, cut.characters) for cut in made.cuts] == [("latin", frozenset({0x20, 0xA0}))]


def test_every_cut_of_a_run_has_its_joiners_since_an_engine_sets_them_in_either_face() -> None:
    made = plan(WordsToSet(text="人\u00a0a", lang="zh-Hant"))

    assert all({0x20, 0xA0} <= cut.characters for cut in made.cuts)


def test_plan_names_only_slots_and_faces_that_are_used() -> None:
    made = plan(WordsToSet(text="人a", lang="zh-Hant"), WordsToSet(text="a", lang="und"))

    assert made.stacks() == {"zh-Hant": ("latin", "han-hant"), "und": ("latin", "han-hant")}
    assert [face.file for face in made.faces] == ["NotoSerif-Regular.ttf", "NotoSerifTC-Regular.ttf"]


def test_unknown_variation_is_said_and_a_known_one_is_not() -> None:
    made = plan(
        WordsToSet(text="辻\U000e0100", lang="ja", subject="signatory 1"),
        WordsToSet(text="人\U000e0101", lang="ja", subject="signatory 2"),
    )

    [finding] = made.findings
    assert (finding.code, finding.severity, finding.subject) == (
        "unknown-variation",
        Severity.WARNING,
        "signatory 2",
    )
    assert finding.proposal == "人"
    assert 0xE0100 in next(cut for cut in made.cuts if cut.slot == "ja").characters


def test_selector_of_the_plain_form_needs_no_face_to_know_it() -> None:
    assert not plan(WordsToSet(text="☎\ufe0e", lang="zh-Hant")).findings


def test_soft_hyphen_brings_the_hyphen_that_it_prints() -> None:
    made = plan(WordsToSet(text="con\u00adduct", lang="en"))

    present = frozenset[int]().union(*(cut.characters for cut in made.cuts))
    assert {ord("-"), 0x2010} <= present


def test_bracket_brings_its_mirror_image() -> None:
    made = plan(WordsToSet(text="(ب", lang="ar"))

    assert ord(")") in next(cut for cut in made.cuts if cut.slot == "latin").characters


def test_letter_and_mark_bring_the_precomposed_letter_a_shaper_prefers() -> None:
    made = plan(WordsToSet(text="e\u0302\u0301", lang="vi"))

    assert set(map(ord, "êéế")) <= made.cuts[0].characters


def test_strange_language_tag_is_quoted_and_not_read() -> None:
    [finding] = plan(WordsToSet(text="ไ", lang="{0}")).findings

    assert finding.message.endswith(" in text in {0}")


LANGUAGES = ["und", "zh-Hant", "zh", "zh-Hans", "ja", "ja-Latn", "ko", "en", "ar", "ru", "yue", ""]
COVERED = "".join(sorted(HOUSE.settable("und", "zh-Hant") | HOUSE.settable("ja", "ja")))

texts = st.text(st.one_of(st.sampled_from(COVERED), st.characters(codec="utf-8"), st.sampled_from(" “”—…·'’A香の湾ب")))
runs = st.builds(WordsToSet, text=texts, lang=st.sampled_from(LANGUAGES), bold=st.booleans(), italic=st.booleans())


@given(st.lists(runs, max_size=8), st.sampled_from(["zh-Hant", "ja", "en", "ko"]))
def test_first_of_a_stack_that_has_a_character_is_the_one_planned(lines: list[WordsToSet], letter: str) -> None:
    made = plan_faces(lines, HOUSE, letter)

    cuts = {(cut.slot, cut.weight, cut.style): cut for cut in made.cuts}
    for words, stretches in made.lines:
        manner = (words.weight, words.style)
        stack = made.stack(words.lang)
        for stretch in stretches:
            for character in words.text[stretch.start : stretch.end]:
                having = [s for s in stack if (cut := cuts.get((s, *manner))) and ord(character) in cut.characters]
                if not follows(character):
                    assert (having or [""])[0] == stretch.slot, (character, words.lang)


@given(st.lists(runs, max_size=8), st.sampled_from(["zh-Hant", "ja", "en", "ko"]))
def test_text_is_planned_from_end_to_end_and_what_is_not_covered_is_said(lines: list[WordsToSet], letter: str) -> None:
    made = plan_faces(lines, HOUSE, letter)

    for words, stretches in made.lines:
        assert "".join(words.text[s.start : s.end] for s in stretches) == words.text
    bare = {words.text for words, stretches in made.lines if any(not s.slot for s in stretches)}
    assert {f.evidence for f in made.findings if f.code == "uncovered-character"} == bare


SETTABLE = {lang: sorted(HOUSE.settable(lang, "zh-Hant")) for lang in ("und", "zh-Hant", "ja", "ar")}


@given(st.data(), st.sampled_from(sorted(SETTABLE)))
def test_whatever_is_settable_is_set(data: st.DataObject, lang: str) -> None:
    text = data.draw(st.text(st.sampled_from(SETTABLE[lang]), min_size=1))

    made = plan(WordsToSet(text=text, lang=lang))

    assert not made.findings
    assert not any(unicodedata.category(c) == "Cc" for c in SETTABLE[lang])
