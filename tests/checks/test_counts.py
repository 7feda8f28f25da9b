from __future__ import annotations

import pytest

from tests.support.check_letter import BODY, SETTINGS, codes, found, listed
from typeset.diagnostics import Location, Severity


def stating(stated: str) -> str:
    return SETTINGS.replace("\n\n[[", f"\nanonymous = 5\nstated = {stated}\n\n[[", 1)


def test_a_stated_total_is_held_against_the_list() -> None:
    (finding,) = found("Delta Forum", "Rain Watch", settings=stating("{ total = 9 }"))

    assert (finding.code, finding.severity, finding.subject) == ("count-mismatch", Severity.ERROR, "total")
    assert finding.message == "the source states 9 (total); 2 named + 5 anonymous = 7"
    assert finding.place == Location(file="letter.toml", line=6, column=1, length=6)
    assert finding.proposal == "7"


def test_stated_counts_that_agree_say_nothing() -> None:
    assert codes("Delta Forum", settings=stating("{ total = 6, named = 1, anonymous = 5 }")) == []


def test_each_stated_count_is_a_finding_of_its_own() -> None:
    findings = found("Delta Forum", settings=stating("{ total = 7, named = 2, anonymous = 6 }"))

    assert [finding.subject for finding in findings] == ["total", "named", "anonymous"]


@pytest.mark.parametrize(
    ("lang", "words", "number"),
    [
        ("en", "This appeal is signed by 412 organisations.", "412"),
        ("en", "We, the 1,204 undersigned organisations, ask for rain.", "1,204"),
        ("en", "Of these, 17 groups wish to remain anonymous.", "17"),
        ("zh-Hant", "聯署團體共計 88 個。", "88"),
        ("zh-Hans", "本信由以下88家组织发起。", "88"),
        ("zh-Hant", "另有 7 個團體不具名。", "7"),
        ("fr", "Cet appel est signé par 56 organisations.", "56"),
        ("es", "En total, 73 organizaciones piden agua limpia.", "73"),
        ("pt", "Carta assinada por 31 entidades.", "31"),
        ("de", "Unterzeichnet von 64 Verbänden.", "64"),
        ("ru", "Письмо подписали 45 организаций.", "45"),
        ("ja", "賛同団体は計 29 団体。", "29"),
        ("ko", "이 서한에는 52개 단체가 서명했습니다.", "52"),
        ("ar", "وقعت على هذه الرسالة 33 منظمة.", "33"),
    ],
)
def test_a_number_typed_beside_signing_words_is_held_against_the_list(lang: str, words: str, number: str) -> None:
    body = BODY.replace("We ask for one thing.", words)

    (finding,) = found("Delta Forum", body=body, settings=SETTINGS, lang=lang)

    assert finding.code == "count-mismatch"
    assert finding.message.startswith(f"the text says {number.replace(',', '')};")
    assert finding.place
    assert (finding.place.file, finding.place.line) == (f"letter.{lang}.md", 5)
    assert body.split("\n")[4][finding.place.column - 1 :].startswith(number)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "In 2019, 50 experts of the United Nations spoke of 193 member states."),
        ("en", "This appeal is signed by 3 organisations, 2 of them anonymous."),
        ("en", "Some 40 organisations work on rivers."),
        ("zh-Hant", "2020年6月26日，50位專家呼籲193個國家採取行動。"),
        ("fr", "Depuis 12 ans, 40 organisations travaillent sur les fleuves."),
    ],
)
def test_other_numbers_are_left_alone(lang: str, words: str) -> None:
    settings = SETTINGS.replace("\n\n[[", "\nanonymous = 2\n\n[[", 1)

    assert codes("Delta Forum", body=BODY.replace("We ask for one thing.", words), settings=settings, lang=lang) == []


def test_a_repeated_number_is_an_error() -> None:
    rows = listed("Delta Forum", "Rain Watch").replace("2,Rain", "1,Rain")

    (finding,) = found(signatories=rows)

    assert (finding.code, finding.severity, finding.subject) == ("number-repeated", Severity.ERROR, "signatory 1")
    assert finding.place == Location(file="signatories.csv", line=3, column=3, length=10)


def test_a_gap_is_told_with_its_span() -> None:
    rows = listed("Delta Forum", "Rain Watch", "Spring Guild").replace("2,Rain", "5,Rain").replace("3,Spr", "7,Spr")

    findings = found(signatories=rows)

    assert [finding.code for finding in findings] == ["number-gap", "number-gap"]
    assert [finding.message for finding in findings] == [
        "nos. 2 to 4 are missing before no. 5",
        "no. 6 is missing before no. 7",
    ]


def test_a_row_out_of_order_is_told() -> None:
    rows = listed("Delta Forum", "Rain Watch", "Spring Guild").replace("2,Rain", "3,Rain").replace("3,Spr", "2,Spr")

    assert codes(signatories=rows) == ["number-order"]


def test_a_letter_without_a_date_is_told() -> None:
    (finding,) = found(settings=SETTINGS.replace("date = 2026-03-04\n", ""))

    assert (finding.code, finding.severity, finding.subject) == ("undated", Severity.WARNING, "date")


@pytest.mark.parametrize(
    ("href", "code"),
    [
        ("#", "dead-link"),
        ("", "dead-link"),
        ("#top", "dead-link"),
        ("https://", "dead-link"),
        ("file:///etc/hosts", "local-link"),
        ("../minutes.pdf", "local-link"),
        ("http://localhost:8000/x", "local-link"),
        ("http://192.168.1.7/", "local-link"),
        ("ftp://example.org/x", "local-link"),
    ],
)
def test_a_link_that_others_cannot_follow_is_told(href: str, code: str) -> None:
    (finding,) = found(body=BODY.replace("one thing", f"[one thing]({href})"))

    assert finding.code == code
    assert finding.place == Location(file="letter.en.md", line=5, column=13, length=9)


@pytest.mark.parametrize("href", ["https://rivers.example.org/call?x=1#top", "mailto:chair@rivers.org", "tel:+4112345"])
def test_a_link_that_works_says_nothing(href: str) -> None:
    assert codes(body=BODY.replace("one thing", f"[one thing]({href})")) == []


@pytest.mark.parametrize(
    ("tag", "name", "code"),
    [
        ("xx", "Delta Forum", "unknown-language"),
        ("english", "Delta Forum", "unknown-language"),
        ("zh", "河流之友", "ambiguous-language"),
        ("ar", "Delta Forum", "language-script"),
        ("ja", "Delta Forum", "language-script"),
        ("en", "Друзья реки", "language-script"),
    ],
)
def test_a_tag_that_cannot_be_right_is_told(tag: str, name: str, code: str) -> None:
    assert codes(signatories=listed(name, langs=[tag])) == [code]


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("und", "Delta Forum"),
        ("sr-Latn", "Prijatelji reke"),
        ("ja", "川の友 Japan"),
        ("uz", "Daryo do'stlari"),
        ("mul", "水"),
    ],
)
def test_a_true_tag_says_nothing(tag: str, name: str) -> None:
    assert codes(signatories=listed(name, langs=[tag])) == []


@pytest.mark.parametrize(
    ("length", "severity"), [(300, None), (301, Severity.WARNING), (2_000, Severity.WARNING), (2_001, Severity.ERROR)]
)
def test_a_long_name_weighs_by_its_length(length: int, severity: Severity | None) -> None:
    name = ("Delta " * 400)[: length - 1] + "x"

    assert [f.severity for f in found(name) if f.code == "long-name"] == ([severity] if severity else [])


@pytest.mark.parametrize("name", ["-", "…", "()", "?"])
def test_a_name_without_a_letter_is_an_error(name: str) -> None:
    assert "empty-name" in codes(name)
