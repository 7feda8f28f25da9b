from __future__ import annotations

import sys

import pytest
from fontTools import unicodedata as ucd

from typeset.model import Passage
from typeset.preflight import ExpectedText, Piece, compared
from typeset.preflight.glyph_text import as_typed, levels, mirrored, page_order, same_marks, same_on_page
from typeset.preflight.match import UNSPACED, as_read
from typeset.preflight.pdf import read_codes


def on_page(text: str, base: int) -> str:
    return "".join(text[position] for position in page_order(levels(text, base)))


# Hebrew letters stand for themselves here: they do not join, so a line can be read in the source.
@pytest.mark.parametrize(
    ("typed", "left_to_right", "right_to_left"),
    [
        ("abc", "abc", "abc"),
        ("אבג", "גבא", "גבא"),
        ("abc אבג", "abc גבא", "גבא abc"),
        ("אבג 123", "123 גבא", "123 גבא"),
        ("abc אב 12 גד", "abc דג 12 בא", "דג 12 בא abc"),
        ("אב, גד.", "דג ,בא.", ".דג ,בא"),
        ("א (ב) ג", "ג )ב( א", "ג )ב( א"),
        ("a (אב) b", "a (בא) b", "b )בא( a"),
        ("אב (abc) גד", "בא (abc) דג", "דג )abc( בא"),
        ("١٢٣ ب", "ب ١٢٣", "ب ١٢٣"),
        ("ب 12%", "12 ب%", "%12 ب"),
        ("ב 12%", "12% ב", "12% ב"),
        ("אב-גד", "דג-בא", "דג-בא"),
        ("1-2", "1-2", "1-2"),
        ("אבג ", "גבא ", " גבא"),
        ("אׁב", "בׁא", "בׁא"),
    ],
)
def test_a_line_stands_on_the_page_as_the_bidirectional_algorithm_has_it(
    typed: str, left_to_right: str, right_to_left: str
) -> None:
    assert (on_page(typed, 0), on_page(typed, 1)) == (left_to_right, right_to_left)


def test_a_line_is_the_one_that_was_meant_in_either_direction() -> None:
    assert same_on_page("אב (cd)", list("בא (cd)"))
    assert same_on_page("אב (cd)", list("(cd) בא"))
    assert not same_on_page("אב (cd)", list("אב (cd)"))
    assert not same_on_page("אב", list("באא"))


def test_letters_in_one_glyph_are_in_the_order_of_typing() -> None:
    assert same_on_page("سلام", ["م", "لا", "س"])
    assert as_typed(["م", "لا", "س"]) == "سلام"


def test_marks_on_one_letter_may_be_in_either_order_and_nothing_else_may() -> None:
    assert same_marks("ب\u0651\u064e", "ب\u064e\u0651")
    assert not same_marks("e\u0301", "é")
    assert not same_marks("a\u0301b", "ab\u0301")


def lines(*texts: str, lang: str = "") -> list[Piece]:
    return [
        Piece(page=0, height=700.0 - 18 * number, clusters=tuple(text), lang=lang) for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("meant", "read"),
    [
        ("one two", ["one two"]),
        ("one two", ["one", "two"]),
        ("one two", ["one ", "two"]),
        ("一二三四", ["一二", "三四"]),
        ("一二 abc", ["一二", "abc"]),
        ("abc一二", ["abc", "一二"]),
        ("Anti-War League", ["Anti-", "War League"]),
        ("and/or", ["and/", "or"]),
        ("Incomprehensibility", ["Incompre", "hensibility"]),
        ("first\nsecond", ["first", "second"]),
        ("in\u00adter\u00adnational", ["international"]),
        ("the in\u00adter\u00adnational", ["the inter-", "national"]),
        ("the in\u00adternational", ["the in\u2010", "ternational"]),
    ],
)
def test_lines_are_the_text_they_were_broken_from(meant: str, read: list[str]) -> None:
    assert compared(lines(*read), ExpectedText(subject="x", text=meant)).same


@pytest.mark.parametrize(
    ("meant", "read"),
    [
        ("one two", ["onetwo"]),
        ("of HongKong", ["of Hong", "Kong"]),
        ("one two", ["one", "two", "three"]),
        ("one two three", ["one", "two"]),
        ("first\nsecond", ["first second"]),
        ("the inter\u00adnational", ["the international-"]),
        ("the inter-national", ["the inter-", "-national"]),
        ("one  two", ["one two"]),
        ("é", ["e\u0301"]),
    ],
)
def test_lines_are_not_a_text_that_is_nearly_theirs(meant: str, read: list[str]) -> None:
    assert not compared(lines(*read), ExpectedText(subject="x", text=meant)).same


def test_a_text_reads_as_it_was_meant_up_to_where_it_was_not() -> None:
    comparison = compared(lines("一二 ", "三四五"), ExpectedText(subject="x", text="一二 三四六"))

    assert comparison.read == "一二 三四五"
    assert as_read(lines("one", "two", "三")) == "one two三"


def test_words_in_a_wrong_language_are_told_apart_from_marks() -> None:
    meant = ExpectedText(
        subject="x",
        text="ab, 川の声",
        allowed=frozenset({"en"}),
        passages=(Passage(start=4, end=7, lang="ja"),),
    )
    pieces = [Piece(page=0, height=0, clusters=tuple("ab"), lang="en")]
    pieces += [Piece(page=0, height=0, clusters=(",", " "), lang="fr")]
    pieces += [Piece(page=0, height=0, clusters=tuple("川の声"), lang="zh")]

    (strayed,) = compared(pieces, meant).strayed
    assert (strayed.words, strayed.found, strayed.meant) == ("川の声", "zh", frozenset({"ja"}))


def test_codes_are_read_from_characters_ranges_and_lists() -> None:
    cmap = b"""1 begincodespacerange <0000> <ffff> endcodespacerange
        2 beginbfchar <0001> <0041> <0002> <D840DC00> endbfchar
        2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0066 0069> <03a9>] endbfrange"""

    codes = read_codes(cmap)

    assert codes.length == 2
    assert {int.from_bytes(code): text for code, text in codes.characters.items()} == {
        1: "A",
        2: "\U00020000",
        0x10: "a",
        0x11: "b",
        0x12: "c",
        0x20: "fi",
        0x21: "Ω",
    }


@pytest.mark.parametrize("cmap", [b"", b"begincmap endcmap", b"1 beginbfrange <0009> <0001> <0041> endbfrange"])
def test_a_broken_cmap_is_not_read(cmap: bytes) -> None:
    with pytest.raises(ValueError, match="ToUnicode"):
        read_codes(cmap)


def test_mirror_images_are_those_of_unicode() -> None:
    known = {chr(point): chr(ucd.mirrored(point) or 0).strip("\0") for point in range(sys.maxunicode + 1)}

    assert {character: mirrored(character) for character in known} == known


def test_scripts_without_spaces_between_words_are_those_of_unicode() -> None:
    scripts = {"Thai", "Laoo", "Tibt", "Mymr", "Khmr", "Talu", "Lana", "Bali", "Java"}
    known = {chr(point): ucd.script(chr(point)) for point in range(sys.maxunicode + 1)}

    found = {character for character in known if UNSPACED.match(character) and known[character] != "Zzzz"}

    assert found == {character for character, script in known.items() if script in scripts}
