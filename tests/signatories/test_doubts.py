from __future__ import annotations

import pytest

from tests.signatories.test_import import answered
from tests.support.lists import codes, folder, imported, listed, named, names, only, planned, table
from typeset.diagnostics import Severity
from typeset.manuscript import read_former
from typeset.signatories.cells import said_language, told
from typeset.signatories.rows import likeness
from typeset.signatories.vocabulary import sound


@pytest.mark.parametrize(
    ("on_list", "row", "why"),
    [
        ("Fédération des Rivières", "Federation des rivieres", "differ in case, accents"),
        ("HRIC", "Human Rights in China", "HRIC are the initials of Human Rights in China"),
        ("Rain Watch", "Rain Watch (RAWA)", "one name is inside the other"),
        ("Rain and River Watch Kenya (RARW)", "River Alliance (RARW)", "both call themselves RARW"),
        ("Мемориал", "Memorial", "in two alphabets"),
        ("Центр «Содействие»", "Tsentr Sodeystvie", "in two alphabets"),
        ("カワノコエ", "Kawanokoe", "in two alphabets"),
        ("한국환경연합", "Hangug Hwangyeong Yeonhab", "in two alphabets"),
    ],
)
def test_a_likely_double_of_the_list_is_a_question_with_its_evidence(on_list: str, row: str, why: str) -> None:
    plan = planned(folder(listed=[on_list]), named(row))

    found = only(plan.open, "possible-duplicate")
    assert why in found.message
    assert found.evidence == f"{on_list} | {row}"
    assert found.severity is Severity.WARNING
    assert len(plan.added) == 1


def test_one_domain_in_the_contact_column_is_a_clue_that_shows_no_contact() -> None:
    rows = [
        ["Name", "Email", "Website"],
        ["Les Amis", "canary@delta-friends.example", ""],
        ["Delta Friends", "", "https://www.delta-friends.example/about"],
        ["Old Mill", "canary@gmail.com", ""],
        ["Hill Forum", "other@gmail.com", ""],
    ]

    plan = planned(folder(), table(rows))

    found = only(plan.open, "possible-duplicate")
    assert (found.evidence, "their contacts have the same domain" in found.message) == (
        "Delta Friends | Les Amis",
        True,
    )
    assert "canary" not in repr(plan)
    assert "delta-friends.example" not in repr(plan)


def test_a_domain_that_many_share_is_no_clue() -> None:
    rows = [
        ["Name", "Email"],
        *([f"{name} Forum", "x@host.example"] for name in ("Oak", "Hill", "Lake", "Moss", "Fern")),
    ]

    assert "possible-duplicate" not in codes(planned(folder(), table(rows)).open)


def test_a_row_with_names_in_two_languages_links_them() -> None:
    rows = [["Name", "Name in English"], ["川の声", "Voice of the River"], ["山の声", ""]]

    plan = planned(folder(listed=["Voice of the River"]), table(rows))

    found = only(plan.open, "possible-duplicate")
    assert found.evidence == "Voice of the River | 川の声"
    assert "both names, in two languages" in found.message


def test_clues_from_rows_of_known_signatories_count_too() -> None:
    rows = [["Name", "Name in English"], ["川の声", "Voice of the River"]]
    known = imported(folder(), table(rows, "a.csv"))

    plan = planned(known, table(rows, "a.csv"), named("Voice of the River", name="b.csv"))

    assert only(plan.open, "possible-duplicate").evidence == "川の声 | Voice of the River"


def test_a_double_is_merged_by_decision_only_and_is_known_from_then_on() -> None:
    given = folder(listed=["HRIC"])
    rows = named("Human Rights in China", "Rain Watch")
    answer = answered("possible-duplicate", "HRIC | Human Rights in China", "HRIC")

    after = imported(given, rows, decided=(answer,))
    (former,) = read_former(after["former.csv"].decode(), [])
    again = planned(after, named("Rain Watch", "Human Rights in China", name="later.csv"))

    assert [(one.number, one.name) for one in listed(after)] == [(1, "HRIC"), (2, "Rain Watch")]
    assert (former.number, former.name, former.became) == (1, "Human Rights in China", "same")
    assert again.added == ()
    assert "possible-duplicate" not in codes(again.open)


def test_two_new_rows_are_merged_into_the_one_that_stays() -> None:
    answer = answered("possible-duplicate", "HRIC | Human Rights in China", "Human Rights in China")

    after = imported(folder(), named("HRIC", "Human Rights in China", "Rain Watch"), decided=(answer,))

    assert [(one.number, one.name) for one in listed(after)] == [(1, "Human Rights in China"), (2, "Rain Watch")]
    assert read_former(after["former.csv"].decode(), [])[0].number == 1


def test_a_decision_that_two_are_two_goes_into_the_letter() -> None:
    answer = answered("possible-duplicate", "HRIC | Human Rights in China")

    after = imported(folder(listed=["HRIC"]), named("Human Rights in China"), decided=(answer,))

    assert names(after) == ["HRIC", "Human Rights in China"]
    assert b'subject = "signatories 1 and 2"' in after["decisions.toml"]


def test_a_merge_that_would_rename_the_list_is_refused() -> None:
    answer = answered("possible-duplicate", "HRIC | Human Rights in China", "Human Rights in China")

    plan = planned(folder(listed=["HRIC"]), named("Human Rights in China"), decided=(answer,))

    assert "answer-unusable" in codes(plan.open)
    assert plan.files == {}


def test_a_kind_that_somebody_decides_is_the_rows() -> None:
    rows = table([["Name", "Kind"], ["Dr. Ada Osei, former Minister of Rivers", "organisation"]])
    found = only(planned(folder(), rows).open, "person-among-organisations")

    after = imported(folder(), rows, decided=(answered("person-among-organisations", found.evidence, "person"),))

    assert listed(after)[0].kind == "person"
    assert "decisions.toml" not in after


@pytest.mark.parametrize(
    ("name", "said", "country", "lang"),
    [
        ("川の声", "", "", "ja"),
        ("한국환경연합", "", "", "ko"),
        ("სამოქალაქო ფორუმი", "", "", "ka"),
        ("臺灣河流協會", "", "Taiwan", "zh-Hant"),
        ("臺灣河流協會", "", "Germany", "und"),
        ("中国河流保护协会", "", "中國", "zh-Hans"),
        ("臺灣河流協會", "", "China", "und"),
        ("臺灣河流協會", "zh", "", "zh-Hant"),
        ("山水人", "", "Hong Kong", "zh-Hant"),
        ("Дніпро без меж їх", "", "Ukraine", "uk"),
        ("Днепр", "", "Ukraine", "und"),
        ("Мемориал", "", "Russia", "ru"),
        ("أصدقاء النهر", "", "Tunisia", "ar"),
        ("دوستان رودخانه گنگ", "", "Tunisia", "und"),
        ("Rain Watch", "", "Kenya", "und"),
        ("Rain Watch", "en", "France", "en"),
    ],
)
def test_a_language_is_proposed_where_row_script_and_country_agree_and_und_elsewhere(
    name: str, said: str, country: str, lang: str
) -> None:
    assert told(name, said=said, heading="", country=country)[0] == lang


def test_a_heading_tells_the_language_where_the_letters_may_be_in_it() -> None:
    plan = planned(folder(), table([["Name (French)"], ["Amis du Delta"], ["Друзья дельты"]]))

    assert [each.signatory.lang for each in plan.added] == ["fr", "und"]


@pytest.mark.parametrize(
    ("cell", "tag"),
    [
        ("français", "fr"),
        ("Chinese (Traditional)", "zh-Hant"),
        ("FR", "FR"),
        ("日本語", "ja"),
        ("Klingon", ""),
        ("", ""),
    ],
)
def test_a_language_is_read_from_its_tag_or_its_name(cell: str, tag: str) -> None:
    assert said_language(cell) == tag


@pytest.mark.parametrize(
    ("name", "romanised"),
    [
        ("Хабаровск", "Khabarovsk"),
        ("Щит и меч", "Shchit i mech"),
        ("Друзья Байкала", "Druzya Baikala"),
        ("Φίλοι του Ποταμού", "Filoi tou Potamou"),
        ("სამოქალაქო ფორუმი", "Samokalako Porumi"),
        ("Ջուր և Կյանք", "Jur ev Kyanq"),
        ("Ընկերություն", "Ynkerutyun"),
        ("こどもたち", "Kodomotachi"),
        ("참여연대", "Chamyeo Yeondae"),
    ],
)
def test_a_name_sounds_like_its_usual_romanisation(name: str, romanised: str) -> None:
    assert sound(name) == sound(romanised) != ""


def test_names_sound_alike_across_alphabets_and_not_within_one() -> None:
    assert sound("Рим") == ""
    alike = only(planned(folder(listed=["Colektiv Forum"]), named("Kolektiv Forum")).open, "possible-duplicate")
    assert "alphabet" not in alike.message
    assert sound("香港") == ""
    assert sound("أصدقاء") == ""


def test_a_row_shows_none_of_what_it_is_compared_by() -> None:
    like = likeness(("Canary Circle",), ("canary@secret.example",))

    assert repr(like) == "Likeness()"
    assert len(like.contacts) == len(like.circles) == 1
