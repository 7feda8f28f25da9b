"""Changes of a text are told in the units its readers see, and nothing of either text is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from typeset.diff import WordEdit
from typeset.diff.word_diff import likeness, tokens, word_changes


def marked(before: str, after: str) -> str:
    """The changes in one line: [-removed-]{+added+}."""
    shapes = {WordEdit.KEPT: "{}", WordEdit.REMOVED: "[-{}-]", WordEdit.ADDED: "{{+{}+}}"}
    return "".join(shapes[piece.edit].format(piece.text) for piece in word_changes(before, after))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("We ask for water.", "We ask for clean water.", "We ask for {+clean +}water."),
        ("We asked for water.", "We ask for water.", "We [-asked-]{+ask+} for water."),
        ("a friend of the sea", "a foe of the lake", "a [-friend-]{+foe+} of the [-sea-]{+lake+}"),
        ("The old dog, a friend", "A new cat, a friend", "[-The old dog-]{+A new cat+}, a friend"),
        ("河沒有死，只是忘記了。", "河還沒有死，只是忘記。", "河{+還+}沒有死，只是忘記[-了-]。"),
        ("川の声を聞く会", "川の声を聴く会", "川の声を[-聞-]{+聴+}く会"),
        ("สวัสดีชาวโลก", "สวัสดีชาวไทย", "สวัสดีชาว[-โลก-]{+ไทย+}"),
        ("한국 사람", "한국 사람들", "한국 [-사람-]{+사람들+}"),
        ("أصدقاء النهر", "أصدقاء البحر", "أصدقاء [-النهر-]{+البحر+}"),
        ("क्षेत्र में", "क्षेत्र से", "क्षेत्र [-में-]{+से+}"),
        ("cafe\u0301 noir", "cafe noir", "[-cafe\u0301-]{+cafe+} noir"),
        ("321 個團體", "325 個團體", "[-321-]{+325+} 個團體"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("same", "same", "same"),
        ("", "", ""),
    ],
)
def test_change_is_told_in_the_units_of_its_script(before: str, after: str, told: str) -> None:
    assert marked(before, after) == told


def test_mark_stays_with_its_letter() -> None:
    assert tokens("e\u0301a b") == ("e\u0301a", " ", "b")
    assert tokens("ก่อน") == ("ก่", "อ", "น")


texts = st.text(st.sampled_from("ab ,.字符のกกิ é1\u0301\n")) | st.text()


@given(before=texts, after=texts)
def test_pieces_make_both_texts_again(before: str, after: str) -> None:
    pieces = word_changes(before, after)

    assert "".join(piece.text for piece in pieces if piece.edit is not WordEdit.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.edit is not WordEdit.REMOVED) == after
    assert all(piece.text for piece in pieces)
    assert all(one.edit is not other.edit for one, other in pairwise(pieces))


@given(text=texts)
def test_tokens_make_the_text_again(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_texts_without_end_are_told_as_a_whole() -> None:
    one, other = " ".join(map(str, range(3000))), " ".join(map(str, range(3000, 6000)))

    assert len(word_changes(f"a {one} z", f"a {other} z")) == 4
    assert likeness(one, other) == 0.0
