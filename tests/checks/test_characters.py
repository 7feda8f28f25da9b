from __future__ import annotations

import unicodedata

import pytest

from tests.support.check_letter import BODY, codes, found, only, proposal
from typeset.checks import check_printed
from typeset.diagnostics import Location, Severity
from typeset.model import Counts, Letter, Signatory


@pytest.mark.parametrize("control", ["\u202e", "\u202a", "\u2066", "\u2069"])
def test_a_bidi_control_is_an_error_with_the_name_without_it_as_proposal(control: str) -> None:
    finding = only("bidi-control", f"Delta{control} Forum")

    assert finding.severity is Severity.ERROR
    assert f"U+{ord(control):04X}" in finding.message
    assert finding.proposal == "Delta Forum"
    assert finding.place == Location(file="signatories.csv", line=2, column=8, length=1)


@pytest.mark.parametrize(
    "odd",
    [
        "\u200b",  # zero width space
        "\u00ad",  # soft hyphen
        "\ufeff",  # byte order mark
        "\u200e",  # left-to-right mark
        "\u200d",  # joiner between Latin letters
        "\u2060",  # word joiner
        "\u3164",  # hangul filler
        "\ufe0f",  # variation selector behind a letter
        "\U000e0041",  # tag letter
        "\u2028",  # line separator
    ],
)
def test_an_invisible_character_is_an_error(odd: str) -> None:
    finding = only("invisible-character", f"Del{odd}ta Forum")

    assert finding.severity is Severity.ERROR
    assert finding.proposal == ("Del ta Forum" if odd == "\u2028" else "Delta Forum")


@pytest.mark.parametrize(
    "name",
    [
        "انجمن روزنامه\u200cنگاران",  # ZWNJ in Persian
        "ශ්\u200dරී සංවිධානය",  # ZWJ after a virama
        "ക്ഷേമ സംഘം\u200c",  # ZWNJ in Malayalam
        "សមាគម\u200bការពារ",  # ZWSP in Khmer
        "葛\U000e0100城の会",  # a registered form of an ideograph
        "❤\ufe0f for Rivers",  # an emoji's selector
        "👩\u200d🌾 Farmers",  # joined emoji
    ],
)
def test_joiners_and_selectors_are_orthography_in_context(name: str) -> None:
    assert "invisible-character" not in codes(name)


@pytest.mark.parametrize("control", ["\u0007", "\u0092", "\ue000", "\ufffe", "\u0378"])
def test_what_nothing_can_print_is_an_error(control: str) -> None:
    assert only("control-character", f"Delta{control}Forum").severity is Severity.ERROR


def test_a_tab_in_a_name_is_proposed_as_a_space() -> None:
    assert proposal("control-character", "Delta\tForum") == "Delta Forum"


def test_characters_newer_than_pythons_tables_are_no_controls() -> None:
    assert "control-character" not in codes("\U00031350の会")


def test_controls_in_body_recipients_and_notes_are_found_too() -> None:
    rows = "number,name,lang,spans,kind,note\n1,Delta Forum,en,,organisation,by\u202e mail\n"

    findings = found(body=BODY.replace("one thing", "one\u202e thing"), signatories=rows)

    assert [(f.code, f.subject) for f in findings] == [
        ("bidi-control", "body en"),
        ("bidi-control", "note on signatory 1"),
    ]


def test_letters_typed_apart_from_their_accents_are_proposed_composed() -> None:
    name = unicodedata.normalize("NFD", "Fédération des Pêcheurs")

    finding = only("not-composed", name)

    assert finding.severity is Severity.WARNING
    assert finding.proposal == "Fédération des Pêcheurs"


def test_an_ideograph_that_normalising_would_change_is_its_own_finding() -> None:
    finding = only("compatibility-ideograph", "\ufa19社の会")

    assert finding.message.startswith("\ufa19 (U+FA19")
    assert finding.proposal == "\u795e社の会"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("O\ufb03ce for Rivers", "Office for Rivers"),
        ("⼈⽔之友", "人水之友"),
        ("⺠间水社", "民间水社"),
        ("\ufee3\ufeae\ufedb\ufeb0", "مركز"),
        ("𝐃𝐞𝐥𝐭𝐚 Forum", "Delta Forum"),
        ("ﾋﾟｰｽの会", "ピースの会"),
        ("Ｄelta Forum", "Delta Forum"),
    ],
)
def test_forms_that_stand_for_plain_letters_are_proposed_plain(name: str, plain: str) -> None:
    assert proposal("compatibility-character", name) == plain


@pytest.mark.parametrize("name", ["ＮＰＯ法人 川の会", "Rivers™ № 5 ½", "台灣（南部）協會", "Área 2ª", "﷽ Foundation"])
def test_forms_that_are_typed_on_purpose_say_nothing(name: str) -> None:
    assert codes(name) == []


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("FÃ©dÃ©ration des PÃªcheurs", "Fédération des Pêcheurs"),
        ("Womenâ€™s Forum", "Women’s Forum"),
        ("Ð¦ÐµÐ½Ñ‚Ñ€ Ð’Ð¾Ð´Ñ‹", "Центр Воды"),
        ("æ²³æµ\x81ä¹‹å\x8f‹", "河流之友"),
    ],
)
def test_text_read_in_the_wrong_encoding_is_restored_as_a_proposal(garbled: str, meant: str) -> None:
    finding = only("garbled-encoding", garbled)

    assert finding.severity is Severity.ERROR
    assert finding.proposal == meant


@pytest.mark.parametrize("name", ["Delta \ufffd Forum", "??? Forum"])
def test_lost_letters_are_an_error(name: str) -> None:
    assert only("lost-characters", name).severity is Severity.ERROR


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Dеlta Forum", "Delta Forum"),  # Cyrillic е
        ("Humаn Rivеrs", "Human Rivers"),  # both words, each with a Cyrillic letter
        ("ΟXFAM Greece", "OXFAM Greece"),  # Greek omicron
        ("ՕXFAM Armenia", "OXFAM Armenia"),  # Armenian oh
        ("Ꭰelta Forum", "Delta Forum"),  # Cherokee a
        ("Цeнтр воды", "Центр воды"),  # Latin e
        ("Ελλαδa", "Ελλαδα"),
    ],
)
def test_a_look_alike_inside_a_word_is_an_error_with_the_word_in_one_alphabet(name: str, meant: str) -> None:
    finding = only("look-alike", name)

    assert finding.severity is Severity.ERROR
    assert finding.proposal == meant


def test_a_mix_that_no_look_alike_explains_is_a_warning() -> None:
    assert only("mixed-alphabets", "ДеltaЖ Forum").severity is Severity.WARNING


def test_an_acronym_joined_to_a_word_is_no_more_than_a_note() -> None:
    assert only("mixed-alphabets", "Центр «ДонNGO»").severity is Severity.NOTE


def test_a_word_wholly_of_look_alikes_is_told() -> None:
    finding = only("look-alike-word", "РАХ Netherlands")

    assert finding.proposal == "PAX Netherlands"


@pytest.mark.parametrize("name", ["Центр СОВА", "СОВА Center Москва", "Πρωτοβουλία Rivers", "Delta «Вода»"])
def test_whole_words_of_two_alphabets_say_nothing(name: str) -> None:
    assert codes(name) == []


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("**Delta Forum", "Delta Forum"),
        (r"Delta\*Forum", "Delta*Forum"),
        ("Delta <b>Forum", "Delta Forum"),
        ("Food &amp; Water", "Food & Water"),
        ("Women&#39;s Forum", "Women's Forum"),
        ("Delta](Forum", "DeltaForum"),
        ("__Delta Forum", "Delta Forum"),
    ],
)
def test_stray_markup_is_an_error_with_the_words_as_proposal(name: str, plain: str) -> None:
    finding = only("stray-markup", name)

    assert finding.severity is Severity.ERROR
    assert finding.proposal == plain


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "</style><script>", "<!-- x"])
def test_html_as_a_name_is_an_error(name: str) -> None:
    assert "stray-markup" in codes(name)


@pytest.mark.parametrize("name", ["{{7*7}}", "{% include x %}", "${HOME} Forum", "{total} Forum", "<%= x %> Forum"])
def test_template_syntax_as_a_name_is_an_error(name: str) -> None:
    assert only("template-syntax", name).severity is Severity.ERROR


@pytest.mark.parametrize(
    "name", ["AT&T; Forum", "R&D; Rivers", "Student*innen", "a < b > c", "Delta_Forum", "C# Forum"]
)
def test_signs_that_are_no_markup_say_nothing(name: str) -> None:
    assert codes(name) == []


def test_a_bold_mark_that_markdown_left_standing_in_the_body_is_an_error() -> None:
    (finding,) = found(body=BODY.replace("We ask for one thing.", "我們要求**「一件事」**。"), lang="zh-Hant")

    assert (finding.code, finding.subject, finding.evidence) == (
        "stray-markup",
        "body zh-Hant",
        "我們要求**「一件事」**。",
    )


@pytest.mark.parametrize(
    ("name", "bare"), [("1. Delta Forum", "Delta Forum"), ("- Delta", "Delta"), ("• Delta", "Delta")]
)
def test_a_list_marker_in_a_name_is_told(name: str, bare: str) -> None:
    assert proposal("list-marker", name) == bare


@pytest.mark.parametrize("name", ["8. März Bündnis", "350.org", "21 Rivers"])
def test_a_number_that_is_not_the_rows_own_belongs_to_the_name(name: str) -> None:
    assert codes(name) == []


def test_what_a_decision_prints_is_asked_the_same_questions() -> None:
    signatory = Signatory(number=1, name="Delta Forum", printed="Delta\u202e Forum")
    letter = Letter(
        id="x", date=None, page="A4", look="letter", recipients=(), versions=(), signatories=(signatory,),
        counts=Counts(named=1, anonymous=0),
    )  # fmt: skip

    (finding,) = check_printed(letter)

    assert (finding.code, finding.evidence) == ("bidi-control", "Delta\u202e Forum")
    assert finding.message.startswith("in the words that a decision prints:")
