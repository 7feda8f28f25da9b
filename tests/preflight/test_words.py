from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.letters import sources
from tests.support.preflight_letter import BODY, LETTER, NAMES, Finished, finished, folder, good, instead, said
from typeset.diagnostics import Severity


def rows(changed: dict[int, str]) -> Sequence[str]:
    """The list with the rows at these numbers changed; an empty one is left out."""
    kept = [changed.get(number, row) for number, row in enumerate(NAMES, start=1)]
    return [row for row in kept if row]


def body(old: str, new: str) -> str:
    assert BODY.count(old) == 1
    return BODY.replace(old, new)


def facts(file: Finished, subject: str) -> str:
    return "\n".join(finding.message for finding in file.findings() if finding.subject == subject)


def test_a_letter_as_it_was_meant_has_no_findings() -> None:
    assert good().findings() == ()


def test_a_letter_in_another_language_without_frills_has_no_findings() -> None:
    assert finished({}).findings() == ()


def test_a_final_letter_has_no_findings() -> None:
    assert finished(draft=False).findings() == ()


def test_a_wrong_name_is_found_by_both_readings_with_its_place() -> None:
    file = instead(folder(rows({1: "1,Amis du Danube,fr,,organisation,"})))

    assert said(file) == {("text-changed", "signatory 1"), ("text-missing", "signatory 1")}
    assert 'expected "Amis du Delta", found "Amis du Danube"' in facts(file, "signatory 1")
    assert {finding.severity for finding in file.findings()} == {Severity.ERROR}
    place = file.findings()[0].place
    assert place is not None
    assert (place.file, place.line) == ("signatories.csv", 2)


def test_a_difference_that_nobody_sees_is_told_by_code_points() -> None:
    file = instead(folder(rows({1: "1,Аmis du Delta,fr,,organisation,"})))

    assert "character 1 is U+0410 А CYRILLIC CAPITAL LETTER A, not U+0041 A LATIN" in facts(file, "signatory 1")


def test_swapped_numbers_are_two_wrong_names() -> None:
    first, second = NAMES[0][1:], NAMES[4][1:]
    file = instead(folder(rows({1: f"1{second}", 5: f"5{first}"})))

    assert {("text-changed", "signatory 1"), ("text-changed", "signatory 5")} <= said(file)


def test_rows_in_another_order_are_found() -> None:
    file = instead(folder(rows({4: NAMES[4], 5: NAMES[3]})))

    assert said(file) == {("out-of-order", "signatory 5"), ("text-missing", "signatory 5")}


def test_a_dropped_name_is_missing() -> None:
    assert ("text-missing", "signatory 7") in said(instead(folder(rows({7: ""}))))


def test_a_name_nobody_expected_is_found() -> None:
    file = instead(folder([*NAMES, "11,Canary Foundation,en,,organisation,"]))

    assert ("text-unexpected", "page 2") in said(file)
    assert '"11. Canary Foundation" is on page 2' in facts(file, "page 2")


def test_a_name_printed_twice_is_found() -> None:
    file = instead(folder([*NAMES, "11,Amis du Delta,fr,,organisation,"]))

    assert ("text-repeated", "signatory 1") in said(file)


def test_a_wrong_number_is_found() -> None:
    file = instead(folder(rows({10: "12,=SUM(A1) Collective,en,,organisation,"})))

    assert said(file) == {("wrong-number", "signatory 10")}


@pytest.mark.parametrize(
    ("row", "stray"),
    [
        ("1,Amis du Delta,de,,organisation,", '"Amis du Delta" is marked as de, not fr'),
        ("3,Watch 川の声 Group,und,zh-Hant:川の声,organisation,", '"川の声" is marked as zh-Hant, not ja'),
        ("5,Друзья реки,und,,organisation,", '"Друзья реки" is marked as und, not ru'),
    ],
)
def test_a_name_in_the_wrong_language_is_found(row: str, stray: str) -> None:
    number = int(row.split(",")[0])
    file = instead(folder(rows({number: row})))

    assert said(file) == {("wrong-language", f"signatory {number}")}
    assert facts(file, f"signatory {number}") == stray


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("沿岸居民，共", "沿岸住民，共", ("text-changed", "paragraph 1")),
        ("我們的要求 (Our demands)：\n\n", "", ("text-missing", "paragraph 2")),
        ("我們的要求 (Our demands)：", "我們的要求 (Demands)：", ("text-changed", "paragraph 2")),
        ("## 為什麼", "### 為什麼", ("wrong-element", "heading 1")),
        ("> 河水", "河水", ("wrong-element", "quote 1")),
        ("川の声を聞け]{lang=ja}", "川の声を聞け]{lang=zh-Hant}", ("wrong-language", "quote 1")),
        ("1. 魚群消失", "3. 魚群消失", ("wrong-number", "item 3")),
        ("- 公開評估\n", "", ("text-missing", "item 1")),
        ("謹上", "敬上", ("text-missing", "closing")),
        ("不願公開姓名", "不公開姓名", ("text-changed", "note 1")),
        ("還河於民：", "還河于民：", ("text-changed", "title")),
        ("收件人：{recipients}", "致：{recipients}", ("text-missing", "recipients")),
        ("https://example.org/water", "https://example.org/wine", ("unexpected-link", "links")),
        ("共 {total} 人", "共 {named} 人", ("text-changed", "paragraph 1")),
    ],
)
def test_a_change_in_the_body_is_found(old: str, new: str, found: tuple[str, str]) -> None:
    assert found in said(instead(folder(body=body(old, new))))


def test_a_paragraph_nobody_expected_is_found() -> None:
    file = instead(folder(body=body("{closing}", "金絲雀在此。\n\n{closing}")))

    assert said(file) == {("text-unexpected", "page 1")}


def test_paragraphs_in_another_order_are_found() -> None:
    file = instead(folder(body=body("- 公開評估\n- 停止築壩，直到協商完成", "- 停止築壩，直到協商完成\n- 公開評估")))

    assert {code for code, _ in said(file)} == {"out-of-order"}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("歐賽·艾達", "歐賽・艾達", ("text-changed", "recipient 1")),
        ("沿岸各市", "沿岸各縣", ("text-changed", "recipient 2")),
        ("2026-03-04", "2026-03-05", ("text-changed", "date")),
    ],
)
def test_a_change_in_the_head_of_the_letter_is_found(old: str, new: str, found: tuple[str, str]) -> None:
    assert LETTER.count(old) == 1
    assert found in said(instead(folder(letter=LETTER.replace(old, new))))


def test_a_recipient_too_many_is_found() -> None:
    more = LETTER + '\n[[recipients]]\noffice = { zh-Hant = "無人" }\n'

    assert said(instead(folder(letter=more))) == {("text-unexpected", "page 1")}


def test_a_look_that_prints_words_of_its_own_is_found_unless_they_are_furniture() -> None:
    template = sources()["templates/letter.html.j2"].decode()
    changed = template.replace('<article class="letter">', '<article class="letter"><p>Coalition of Rivers</p>')
    file = finished(folder(more={"templates/letter.html.j2": changed}))

    assert said(file) == {("text-unexpected", "page 1")}
    allowed = finished(folder(more={"templates/letter.html.j2": changed}), furniture=("Coalition of Rivers",))
    assert allowed.findings() == ()


def test_a_paragraph_that_a_page_breaks_is_one_paragraph() -> None:
    long = "河水流過之處，皆是家園，" * 30 + "皆是家園。\n\n"
    file = finished(folder(body=body("{closing}", long * 6 + "{closing}")))

    assert file.meant.pages > 2
    assert file.findings() == ()
