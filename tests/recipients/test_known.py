"""The States and offices that are known: counted, held against an independent list of codes, and addressed right."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from typeset.recipients import Addressee, read_recipients
from typeset.recipients.addressee import folded, index, known
from typeset.recipients.csv import LONGEST

TODAY = date(2026, 8, 1)
CODES = (Path(__file__).parents[1] / "inputs" / "states.txt").read_text(encoding="utf-8").split()
LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh-Hans", "zh-Hant")
SCRIPTS = {
    "ar": r"[\u0621-\u064a() -]+",
    "en": r"[A-Za-zôüé’() -]+",
    "es": r"[A-Za-zÁáÉéíóúüñô’() -]+",
    "fr": r"[A-Za-zÉÎéèêëïôüç’() -]+",
    "ru": r"[\u0410-\u042f\u0430-\u044f’() —-]+",
    "zh-Hans": r"[\u4e00-\u9fff]+",
    "zh-Hant": r"[\u4e00-\u9fff]+",
}


def one(row: str, lang: str, columns: str = "set,state,holder,until", today: date = TODAY) -> Addressee:
    (addressee,), findings = read_recipients(f"{columns}\n{row}\n".encode(), languages=[lang], today=today)
    assert not findings
    return addressee


# Counted


def test_the_members_are_193_and_are_those_of_the_list_of_codes() -> None:
    members = [state.code for state in known().states.values() if state.standing == "member"]

    assert len(members) == len(set(members)) == 193
    assert sorted(members) == CODES


def test_the_observers_are_the_holy_see_and_the_state_of_palestine() -> None:
    observers = [state.code for state in known().states.values() if state.standing == "observer"]

    assert observers == ["VAT", "PSE"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_set_is_whole_in_every_official_language(lang: str) -> None:
    everything = known()

    assert sorted(everything.by_language) == sorted(LANGUAGES)
    assert all(everything.missing(group, everything.by_language[lang]) == () for group in everything.groups.values())
    assert set(everything.by_language[lang].names) == set(everything.states)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_are_in_the_letters_of_their_language(lang: str) -> None:
    for code, name in known().by_language[lang].names.items():
        assert re.fullmatch(SCRIPTS[lang], name.name), code
        assert re.fullmatch(SCRIPTS[lang], name.of), code
        assert unicodedata.is_normalized("NFC", name.name + name.of), code
        assert name.of != name.name or lang.startswith("zh") or lang == "ru", code


def test_no_name_of_a_state_means_another_one() -> None:
    everything = known()
    names = index(everything).states
    mistaken = [
        (words.lang, code, name.name)
        for words in everything.by_language.values()
        for code, name in words.names.items()
        if names[folded(name.name)].code != code
    ]

    assert mistaken == []


def test_the_traditional_names_are_the_simplified_ones_character_by_character() -> None:
    by_language = known().by_language
    into: dict[str, set[str]] = {}
    for code, name in by_language["zh-Hans"].names.items():
        traditional = by_language["zh-Hant"].names[code].name
        assert len(traditional) == len(name.name)
        for simple, full in zip(name.name, traditional, strict=True):
            into.setdefault(simple, set()).add(full)

    assert {simple: full for simple, full in into.items() if len(full) > 1} == {}
    assert into["里"] == {"里"}
    assert into["干"] == {"干"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_set_of_the_letter_reaches_two_offices_and_195_missions(lang: str) -> None:
    addressees, findings = read_recipients(b"set\nun-letter\n", languages=[lang], today=TODAY)

    assert findings == ()
    assert len(addressees) == 197
    assert len({each.id for each in addressees}) == len({each.address for each in addressees}) == 197
    assert [each.id for each in addressees[:3]] == ["secretary-general", "high-commissioner", "mission-afghanistan"]
    assert all("{" not in "".join((each.office, each.salutation, *each.address)) for each in addressees)
    assert all(len(line) <= LONGEST for each in addressees for line in each.address)


# Named as the United Nations names them

NAMED = {
    "TUR": "Türkiye",
    "CIV": "Côte d’Ivoire",
    "CZE": "Czechia",
    "SWZ": "Eswatini",
    "MKD": "North Macedonia",
    "PRK": "the Democratic People’s Republic of Korea",
    "KOR": "the Republic of Korea",
    "LAO": "the Lao People’s Democratic Republic",
    "VNM": "Viet Nam",
    "IRN": "the Islamic Republic of Iran",
    "BOL": "the Plurinational State of Bolivia",
    "VEN": "the Bolivarian Republic of Venezuela",
    "FSM": "the Federated States of Micronesia",
    "NLD": "the Kingdom of the Netherlands",
    "GBR": "the United Kingdom of Great Britain and Northern Ireland",
    "USA": "the United States of America",
    "TZA": "the United Republic of Tanzania",
    "MDA": "the Republic of Moldova",
    "SYR": "the Syrian Arab Republic",
    "RUS": "the Russian Federation",
    "BRN": "Brunei Darussalam",
    "CPV": "Cabo Verde",
    "TLS": "Timor-Leste",
    "GMB": "the Gambia",
    "BHS": "the Bahamas",
}


@pytest.mark.parametrize(("code", "name"), NAMED.items())
def test_a_mission_bears_the_name_that_the_united_nations_use(code: str, name: str) -> None:
    assert one(f",{code},,", "en").address[1] == f"Permanent Mission of {name} to the United Nations"


@pytest.mark.parametrize(
    ("lang", "code", "mission"),
    [
        ("fr", "CIV", "Mission permanente de la Côte d’Ivoire auprès de l’Organisation des Nations Unies"),
        ("fr", "PHL", "Mission permanente des Philippines auprès de l’Organisation des Nations Unies"),
        ("fr", "NLD", "Mission permanente du Royaume des Pays-Bas auprès de l’Organisation des Nations Unies"),
        ("fr", "HTI", "Mission permanente d’Haïti auprès de l’Organisation des Nations Unies"),
        ("fr", "ECU", "Mission permanente de l’Équateur auprès de l’Organisation des Nations Unies"),
        ("fr", "TCD", "Mission permanente du Tchad auprès de l’Organisation des Nations Unies"),
        ("fr", "CUB", "Mission permanente de Cuba auprès de l’Organisation des Nations Unies"),
        ("es", "ARG", "Misión Permanente de la Argentina ante las Naciones Unidas"),
        ("es", "PER", "Misión Permanente del Perú ante las Naciones Unidas"),
        ("es", "USA", "Misión Permanente de los Estados Unidos de América ante las Naciones Unidas"),
        ("es", "CHL", "Misión Permanente de Chile ante las Naciones Unidas"),
        ("ru", "FRA", "Постоянное представительство Франции при Организации Объединенных Наций"),
        ("ru", "MUS", "Постоянное представительство Маврикия при Организации Объединенных Наций"),
        ("ru", "NIC", "Постоянное представительство Никарагуа при Организации Объединенных Наций"),
        ("ru", "USA", "Постоянное представительство Соединенных Штатов Америки при Организации Объединенных Наций"),
        ("ar", "FRA", "البعثة الدائمة لفرنسا لدى الأمم المتحدة"),
        ("ar", "DZA", "البعثة الدائمة للجزائر لدى الأمم المتحدة"),
        ("ar", "LBN", "البعثة الدائمة للبنان لدى الأمم المتحدة"),
        ("zh-Hans", "FRA", "法国常驻联合国代表团"),
        ("zh-Hant", "DEU", "德國常駐聯合國代表團"),
        ("zh-Hant", "MLI", "馬里常駐聯合國代表團"),
        ("zh-Hant", "VAT", "羅馬教廷常駐聯合國觀察員代表團"),
        ("en", "PSE", "Permanent Observer Mission of the State of Palestine to the United Nations"),
        ("fr", "VAT", "Mission permanente d’observation du Saint-Siège auprès de l’Organisation des Nations Unies"),
        ("ru", "PSE", "Постоянная миссия наблюдателя Государства Палестина при Организации Объединенных Наций"),
    ],
)
def test_a_mission_is_named_with_the_grammar_of_the_language(lang: str, code: str, mission: str) -> None:
    assert mission in one(f",{code},,", lang).address


# Addressed


@pytest.mark.parametrize(
    ("lang", "salutation", "block"),
    [
        ("en", "Excellency,", ("H.E. the Permanent Representative", "…", "New York")),
        ("fr", "Excellence,", ("Son Excellence l’Ambassadeur, Représentant permanent", "…", "New York")),
        ("es", "Excelencia:", ("Su Excelencia el Representante Permanente", "…", "Nueva York")),
        ("ru", "Ваше Превосходительство!", ("Постоянному представителю", "…", "Нью-Йорк")),
        ("ar", "سعادة الممثل الدائم،", ("سعادة الممثل الدائم", "…", "نيويورك")),
        ("zh-Hans", "尊敬的常驻代表阁下：", ("纽约", "…", "常驻代表阁下")),
        ("zh-Hant", "尊敬的常駐代表閣下：", ("紐約", "…", "常駐代表閣下")),
    ],
)
def test_an_ambassador_whose_name_is_not_known_is_addressed_by_office(
    lang: str, salutation: str, block: tuple[str, ...]
) -> None:
    mission = one(",KEN,,", lang)

    assert mission.salutation == salutation
    assert (mission.address[0], "…", mission.address[2]) == block
    assert (mission.kind, mission.state, mission.id, mission.holder) == ("mission", "KEN", "mission-kenya", "")


@pytest.mark.parametrize(
    ("lang", "holder", "line"),
    [
        ("en", "Ms. Jane Doe", "H.E. Ms. Jane Doe"),
        ("en", "H.E. Ms. Jane Doe", "H.E. Ms. Jane Doe"),
        ("fr", "Madame Jeanne Dupont", "Son Excellence Madame Jeanne Dupont"),
        ("es", "Sra. Juana Pérez", "Su Excelencia Sra. Juana Pérez"),
        ("ru", "г-же Анне Ивановой", "Е.П. г-же Анне Ивановой"),
        ("ar", "السيدة ليلى حداد", "سعادة السيدة ليلى حداد"),
        ("zh-Hant", "王小明先生", "王小明先生閣下"),
        ("zh-Hant", "王小明閣下", "王小明閣下"),
    ],
)
def test_a_holder_is_honoured_as_the_language_does_and_once(lang: str, holder: str, line: str) -> None:
    mission = one(f",KEN,{holder},2027-01-01", lang)

    assert line in mission.address
    assert mission.holder == holder


def test_the_secretary_general_is_addressed_in_chinese_with_the_place_in_latin_letters() -> None:
    office = one("secretary-general,,,", "zh-Hant")

    assert office.salutation == "尊敬的秘書長閣下："
    assert office.address == ("聯合國秘書長", "安東尼奧·古特雷斯先生閣下", "United Nations", "New York, NY 10017, USA")
    assert office.languages == ("zh-Hant", "zh-Hant", "en", "en")


def test_a_salutation_that_knows_its_holder_is_kept_for_them() -> None:
    own = one("high-commissioner,,,", "fr")
    other = one("high-commissioner,,Madame Jeanne Dupont,2030-08-31", "fr")
    nobody = one("high-commissioner,,-,", "fr")

    assert own.salutation == "Monsieur le Haut-Commissaire,"
    assert other.salutation == nobody.salutation == "Madame, Monsieur,"
    assert nobody.address[0] == "Haut-Commissaire des Nations Unies aux droits de l’homme"


@pytest.mark.parametrize(
    ("lang", "forms"), [("zh", "zh-Hant"), ("zh-CN", "zh-Hans"), ("zh-HK", "zh-Hant"), ("en-GB", "en")]
)
def test_a_wider_tag_serves_a_narrower_one(lang: str, forms: str) -> None:
    assert one(",FRA,,", lang).address == one(",FRA,,", forms).address
    assert set(one(",FRA,,", lang).languages) == {lang}
