"""Subsets shape as their whole faces do, and one that does not is caught."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import uharfbuzz as hb
from fontTools.ttLib import TTFont
from hypothesis import given, strategies as st

from typeset.diagnostics import Severity
from typeset.fonts import (
    Cut,
    FacePlan,
    Flavour,
    MemoryCache,
    Subset,
    WordsToSet,
    open_catalogue,
    plan_faces,
    shape_comparison as shaping_module,
    shaped_otherwise,
    subsets,
)
from typeset.fonts.shape_comparison import ShapedText, pieces, shape
from typeset.fonts.subset import reduce

HOUSE, _ = open_catalogue(Path(__file__).parents[2] / "fonts")
ARABIC = WordsToSet(text="مرصد الصحراء للسلم والديمقراطية", lang="ar", subject="signatory 274")


def planned(*words: WordsToSet) -> tuple[FacePlan, tuple[Subset, ...]]:
    plan = plan_faces(words, HOUSE, "zh-Hant")
    made, findings = subsets(plan.cuts)
    assert not findings
    return plan, made


def unjoined(cut: Cut) -> Subset:
    """A subset made with the wrong option: it drops the features that everybody needs and keeps all others."""
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(cut.characters)
    wanted.layout_feature_tag_set.invert()
    data = hb.subset(hb.Face(hb.Blob(cut.face.contents.read())), wanted).blob.data
    return Subset(cut=cut, flavour=Flavour.TTF, data=bytes(data))


def test_unjoined_arabic_is_caught_though_every_character_is_covered() -> None:
    plan = plan_faces([ARABIC], HOUSE, "zh-Hant")
    made = [unjoined(cut) for cut in plan.cuts]
    for subset in made:
        assert set(hb.Face(hb.Blob(subset.data)).unicodes) == subset.cut.characters

    [finding] = shaped_otherwise(plan, made)

    assert (finding.code, finding.severity) == ("subset-shapes-differently", Severity.ERROR)
    assert (finding.subject, finding.evidence) == ("signatory 274", ARABIC.text)
    assert "Amiri-Regular.ttf" in finding.message


def test_right_subsets_shape_alike() -> None:
    words = (
        ARABIC,
        WordsToSet(text="香港人權（甲）、“NGO”—2020", lang="zh-Hant"),
        WordsToSet(text="fi ffl AV To e\u0301 ế e\u0302\u0301 a\u0323\u0302", lang="vi", bold=True),
        WordsToSet(text="香港の夜明け「（", lang="ja"),
        WordsToSet(text="rights, Проект", lang="ru", italic=True),
        WordsToSet(text="葛\U000e0100飾", lang="ja"),
        WordsToSet(text="نامه\u200cها ﷺ ٣٤٪", lang="fa"),
    )

    assert shaped_otherwise(*planned(*words)) == ()


def test_mark_without_a_letter_shapes_alike_though_the_subset_has_no_dotted_circle() -> None:
    assert (
        shaped_otherwise(*planned(WordsToSet(text="\u0301a", lang="en"), WordsToSet(text="\u064bب", lang="ar"))) == ()
    )


TEXT = st.text(
    st.one_of(
        st.sampled_from("اأإبتةثحخدرسصعفقكلمنهويىءؤئًٌَُِّْ \u200c\u200d"),
        st.sampled_from("aeiouAEOfiltVTWđ\u0300\u0301\u0302\u0308\u0323\u031b\u0327ếạиИй"),
        st.sampled_from("香港人權夜明けヴが\u3099、。「（）―…“”\u3000"),
        st.sampled_from(sorted(HOUSE.settable("und", "zh-Hant"))),
        st.sampled_from("\u2066\u2067\u2069\u200e\u00ad\u2060\ufe00\U000e0100"),
    ),
    max_size=30,
)
RUNS = st.builds(WordsToSet, text=TEXT, lang=st.sampled_from(["und", "ja", "ar", "zh"]), bold=st.booleans())


@given(st.lists(RUNS, min_size=1, max_size=4))
def test_any_text_shapes_alike_on_its_subsets(lines: list[WordsToSet]) -> None:
    plan = plan_faces(lines, HOUSE, "zh-Hant")
    data = {cut: reduce(cut.face.contents.read(), cut.characters) for cut in plan.cuts}

    assert shaped_otherwise(plan, [Subset(cut=c, flavour=Flavour.TTF, data=d) for c, d in data.items()]) == ()


def test_other_outline_in_the_same_place_is_caught() -> None:
    plan, [latin] = planned(WordsToSet(text="ab", lang="en", subject="title"))
    font = TTFont(io.BytesIO(latin.data))
    glyph = font["glyf"][font.getBestCmap()[ord("b")]]
    glyph.coordinates[0] = (glyph.coordinates[0][0] + 1, glyph.coordinates[0][1])
    changed = io.BytesIO()
    font.save(changed)

    [finding] = shaped_otherwise(plan, [Subset(cut=latin.cut, flavour=Flavour.TTF, data=changed.getvalue())])

    assert finding.message.endswith("with 1 of 2 glyphs with other outlines")


def test_other_advance_is_caught() -> None:
    plan, [latin] = planned(WordsToSet(text="ab", lang="en"))
    font = TTFont(io.BytesIO(latin.data))
    name = font.getBestCmap()[ord("a")]
    font["hmtx"][name] = (font["hmtx"][name][0] + 1, font["hmtx"][name][1])
    changed = io.BytesIO()
    font.save(changed)

    [finding] = shaped_otherwise(plan, [Subset(cut=latin.cut, flavour=Flavour.TTF, data=changed.getvalue())])

    assert finding.message.endswith("with 1 of 2 glyphs with other places")


def test_features_that_the_style_sheet_switches_are_compared_too() -> None:
    plan, made = planned(WordsToSet(text="「（", lang="zh-Hant"))
    [cut] = plan.cuts
    without = hb.SubsetInput()
    without.unicode_set.update(cut.characters)
    without.layout_feature_tag_set.clear()
    bare = hb.subset(hb.Face(hb.Blob(cut.face.contents.read())), without).blob.data
    stripped = [Subset(cut=cut, flavour=Flavour.TTF, data=bytes(bare))]

    assert shaped_otherwise(plan, stripped) == ()
    assert shaped_otherwise(plan, made, {"chws": True}) == ()
    assert [f.code for f in shaped_otherwise(plan, stripped, {"chws": True})] == ["subset-shapes-differently"]


def test_text_that_everything_shapes_alike_for_is_not_shaped_again(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, made = planned(ARABIC)
    cache = MemoryCache()
    shaped_otherwise(plan, made, cache=cache)

    def refuse(*_: object) -> None:
        raise AssertionError("shaped again")

    monkeypatch.setattr(shaping_module, "shape", refuse)

    assert shaped_otherwise(plan, made, cache=cache) == ()
    with pytest.raises(AssertionError, match="shaped again"):
        shaped_otherwise(plan, made, {"liga": False}, cache=cache)
    with pytest.raises(AssertionError, match="shaped again"):
        shaped_otherwise(plan, [unjoined(cut) for cut in plan.cuts], cache=cache)


def test_difference_is_never_remembered_as_none() -> None:
    plan = plan_faces([ARABIC], HOUSE, "zh-Hant")
    made = [unjoined(cut) for cut in plan.cuts]
    cache = MemoryCache()

    first, again = shaped_otherwise(plan, made, cache=cache), shaped_otherwise(plan, made, cache=cache)

    assert first == again != ()


def test_words_are_shaped_by_script_and_slot() -> None:
    plan, _ = planned(WordsToSet(text="香港、NGO の", lang="und"))

    assert [(piece.slot, piece.script, piece.text) for _, piece in pieces(plan)] == [
        ("han-hant", "Hani", "香港、"),
        ("latin", "Latn", "NGO "),
        ("kana", "Hira", "の"),
    ]


def test_letters_of_arabic_join_from_right_to_left() -> None:
    face = HOUSE.face("Amiri")
    assert face is not None

    piece = ShapedText(text="سسس", lang="ar", script="Arab", slot="arabic", weight=400, style="normal")
    glyphs = shape(face.contents.font, piece)

    assert len({glyph.number for glyph in glyphs}) == 3
    assert [glyph.cluster for glyph in glyphs] == [2, 1, 0]
