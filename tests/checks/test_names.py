from __future__ import annotations

import pytest

from tests.support.check_letter import BODY, codes, found, listed, only, proposal
from typeset.diagnostics import Location, Severity


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Jhufybpfwbz Delta", "Организация Delta"),
        ("Wtynh pfobns ghfd xtkjdtrf", "Центр защиты прав человека"),
        (",jhm,f c rjhhegwbtq", "борьба с коррупцией"),  # the comma is a letter there
        ("Ghfdjpfobnysq wtynh «Дельта»", "Правозащитный центр «Дельта»"),
        ("Cgskrf ;ehyfkscnsd", "Спілка журналістів"),  # the Ukrainian layout
        ("Ргьфт Кшпреы Агтв", "Human Rights Fund"),  # the reverse
        ("Цщкдв Мшышщт", "World Vision"),
    ],
)
def test_words_typed_on_another_layout_are_proposed_as_meant(typed: str, meant: str) -> None:
    assert proposal("keyboard-layout", typed) == meant


def test_a_garbled_word_is_a_warning_at_its_place() -> None:
    finding = only("keyboard-layout", "Fund Jhufybpfwbz")

    assert finding.severity is Severity.WARNING
    assert finding.place == Location(file="signatories.csv", line=2, column=8, length=11)
    assert finding.evidence == "Fund Jhufybpfwbz"


@pytest.mark.parametrize(
    "name",
    [
        "Krk Trg Smrt",
        "Szczyrk",
        "NGTS BRK",
        "Vlkodlak",
        "Nqobile Ntshangase",
        "Mngqibisa",
        "Cwmbran",
        "Съезд",
        "Взгляд",
    ],
)
def test_words_that_look_hard_to_say_are_left_alone(name: str) -> None:
    assert codes(name) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Delta Forum (Basel", "( is not closed"),
        ("Delta Forum Basel)", ") has no opening mark before it"),
        ("Delta Forum (Basel]", "( is closed by ]"),
        ("台灣協會（台北)", "（ is closed by )"),
        ('Committee "Clean Water', '" has no partner'),
        ("Verein „Klares Wasser", "„ has no partner"),
        ("Фонд «Чистая вода", "« has no partner"),
    ],
)
def test_an_unbalanced_mark_is_a_warning(name: str, message: str) -> None:
    finding = only("bracket-unbalanced", name)

    assert (finding.severity, finding.message) == (Severity.WARNING, message)


@pytest.mark.parametrize(
    "name",
    [
        "»Klares Wasser« e.V.",
        "Föreningen ”Klart Vatten”",
        "Verein „Klares Wasser“",
        'ועד "מים" (ע"ר)',
        "【台灣】「水」社",
        'Pipe 10" Users',
    ],
)
def test_marks_that_pair_in_their_language_say_nothing(name: str) -> None:
    assert "bracket-unbalanced" not in codes(name)


def test_enumerators_in_the_body_are_no_unbalanced_brackets() -> None:
    body = BODY.replace("one thing.", "three: a) rain, b) dew (if any), iii) snow.")

    assert codes(body=body) == []


def test_an_unclosed_bracket_in_the_body_is_told_with_its_sentence() -> None:
    (finding,) = found(body=BODY.replace("one thing.", "rain. And dew (if any. Then snow."))

    assert (finding.code, finding.evidence) == ("bracket-unbalanced", "And dew (if any.")


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("Delta ( Basel)", "Delta (Basel)"),
        ("Delta [Basel ]", "Delta [Basel]"),
        ("Delta ( of the River )", "Delta (of the River)"),
        ("水社（ 台北）", "水社（台北）"),
    ],
)
def test_a_space_inside_a_bracket_is_proposed_out(name: str, mended: str) -> None:
    assert proposal("bracket-space", name) == mended


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("Delta Forum(Basel)", "Delta Forum (Basel)"),
        ("Delta (Basel)Forum", "Delta (Basel) Forum"),
        ("Delta Forum[DELTA]", "Delta Forum [DELTA]"),
        ("مركز الماء(بيروت)", "مركز الماء (بيروت)"),
        ("Amis(amis-delta)", "Amis (amis-delta)"),
    ],
)
def test_a_bracket_that_touches_a_word_is_proposed_apart(name: str, mended: str) -> None:
    assert proposal("bracket-joined", name) == mended


@pytest.mark.parametrize(
    "name", ["Amig(as) del Agua", "(Re)Claim the Rivers", "Wom(x)n", "水社(台北)", "한국물협회(KWA)", "Member(s) Guild"]
)
def test_brackets_inside_a_word_and_beside_ideographs_say_nothing(name: str) -> None:
    assert "bracket-joined" not in codes(name)


@pytest.mark.parametrize(
    ("code", "name", "mended"),
    [
        ("outer-space", " Delta Forum", "Delta Forum"),
        ("outer-space", "Delta Forum  ", "Delta Forum"),
        ("doubled-space", "Delta  Forum of   Basel", "Delta Forum of Basel"),
        ("odd-space", "Delta\u00a0Forum", "Delta Forum"),
        ("odd-space", "Delta\u2009Forum", "Delta Forum"),
        ("odd-space", "Delta\u3000Forum", "Delta Forum"),
        ("hyphen-space", "Delta- Basel", "Delta - Basel"),
        ("hyphen-space", "Delta -Basel", "Delta-Basel"),
        ("trailing-dot", "Delta Forum.", "Delta Forum"),
        ("trailing-dot", "Delta Forum (DEFO).", "Delta Forum (DEFO)"),
        ("trailing-dot", "水社。", "水社"),
        ("doubled-word", "Friends of of the River", "Friends of the River"),
        ("doubled-word", "Amis de de la Rivière", "Amis de la Rivière"),
    ],
)
def test_a_slip_of_spacing_or_punctuation_is_proposed_mended(code: str, name: str, mended: str) -> None:
    assert proposal(code, name) == mended


@pytest.mark.parametrize(
    "name",
    [
        "Kinder- und Jugendhilfe",
        "Pre- and Postnatal Care",
        "Vredes- en Waterbeweging",
        "Delta - Basel",
        "Delta-Basel",
        "Fonds «\u00a0Eau\u00a0»",
        "水の会\u3000日本",
        "Delta Forum Inc.",
        "Agua Clara, A.C.",
        "Klares Wasser e. V.",
        "Water Watch Mfg.",
        "Rosa Luna Jr.",
        "Who? Us!",
        "Wagga Wagga Watch",
    ],
)
def test_spacing_and_dots_that_are_right_say_nothing(name: str) -> None:
    assert codes(name) == []


@pytest.mark.parametrize(
    "name",
    [
        "Delta Forum-",
        "Delta Forum /",
        "Delta Forum,",
        "Delta Forum (",
        "Delta Forum...",
        "Friends of the",
        "Amis de la Terre et",
        "Verein für",
        ") Delta Forum",
        "-Delta Forum",
        "Women Farmers of burkina",
        "Children's Fund-sri",
    ],
)
def test_a_name_that_breaks_off_is_a_warning(name: str) -> None:
    assert only("cut-off", name).severity is Severity.WARNING


@pytest.mark.parametrize("name", ["Club Sierra", "Réseau Outre-mer", "Timor-leste", "La Vida y", "Shangri-la", "hong"])
def test_a_name_that_only_seems_to_break_off(name: str) -> None:
    assert ("cut-off" in codes(name)) is (name == "La Vida y")


@pytest.mark.parametrize(
    "name",
    [
        "Ms. Ada Osei",
        "Mme Rose Kabila",
        "Dr. Lin Wu",
        "Sra. Inés Vega",
        "Frau Anke Vogt",
        "Г-жа Анна Реброва",
        "السيدة ليلى منصور",
        "Ada Osei, in her personal capacity",
        "Ada Osei individually as a concerned scholar",
        "Jean Kabila, à titre personnel",
        "Inés Vega (a título personal)",
        "Former Special Rapporteur on Water Ada Osei",
        "林小河（個人）",
        "Juan Vega, ex ministro de aguas",
    ],
)
def test_a_person_in_a_row_for_organisations_is_a_warning(name: str) -> None:
    assert only("person-among-organisations", name).severity is Severity.WARNING


@pytest.mark.parametrize(
    "name",
    [
        "Ms. Foundation",
        "Dr. Osei Institute",
        "Sir Ada Osei Trust",
        "MS Ireland",
        "Association of Former Ministers",
        "Dame Kelen Community",
        "Frau und Wasser Verein",
        "Individual Rights Watch",
        "Don Bosco Youth",
    ],
)
def test_an_organisation_named_after_a_person_says_nothing(name: str) -> None:
    assert "person-among-organisations" not in codes(name)


def test_a_row_that_says_person_is_not_asked() -> None:
    assert codes(signatories=listed("Ms. Ada Osei", kind="person")) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Musuem of Water", "Museum of Water"),
        ("Rivers Comittee of Basel", "Rivers Committee of Basel"),
        ("Internatonal Water Network", "International Water Network"),
        ("Asociación de Mujres del Agua", "Asociación de Mujeres del Agua"),
        ("Observatoire des Droits Humians", "Observatoire des Droits Humains"),
        ("Правозищитный центр «Вода»", "Правозащитный центр «Вода»"),
        ("Environm Law Centre", "Environment Law Centre"),
        ("Teachers's Union of Basel", "Teachers' Union of Basel"),
        ("جمعية الديمقارطية والمساواة", "جمعية الديمقراطيه والمساواة"),
        ("مركز الدنفاع عن الحرية", "مركز الدفاع عن الحرية"),
    ],
)
def test_a_probable_slip_is_a_note_with_the_word_as_proposal(name: str, meant: str) -> None:
    finding = only("misspelling", name)

    assert finding.severity is Severity.NOTE
    assert finding.proposal == meant


def test_a_word_that_the_list_often_has_mends_one_that_it_has_once() -> None:
    often = [f"Mekelong {place}" for place in ("North", "South", "East", "West")]

    assert only("misspelling", *often, "Mekelnog Basin").proposal == "Mekelong Basin"


@pytest.mark.parametrize(
    "name",
    [
        "Forma Publica",
        "Centro Humano de la Mujer",
        "Colectivas Feministas",
        "Drets i Llibertats",
        "COmmittee",
        "Marlene Centres",
        "محامون ومدافعات",
        "Правозащитная группа",
    ],
)
def test_inflected_foreign_and_made_up_words_are_no_slips(name: str) -> None:
    assert codes(name) == []
