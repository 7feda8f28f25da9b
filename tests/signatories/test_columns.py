from __future__ import annotations

import pytest

from tests.support.lists import codes, folder, imported, listed, made, only, planned, table
from typeset.diagnostics import Finding
from typeset.manuscript import read_settings
from typeset.signatories.columns import role_of
from typeset.signatories.vocabulary import every_word

NAME, MAIL = "Organisation name", "Email"


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("What is the name of your organisation? / 貴組織的名稱是什麼？", "name"),
        ("Nom de l'organisation", "name"),
        ("G01Q02. Название организации", "name"),
        ("團體名稱 Organization", "name"),
        ("Organisation / Organización", "name"),
        ("Name of contact person", "contact"),
        ("Your name", "contact"),
        ("聯絡人電話", "contact"),
        ("E-Mail-Adresse", "contact"),
        ("Horodateur", "consent"),
        ("Date of consent", "consent"),
        ("Type of signatory (organisation or individual)", "kind"),
        ("Langue du nom", "lang"),
        ("Q3. Country / Pays", "country"),
        ("Name in English", "also"),
        ("First name", "given"),
        ("Do you want to stay anonymous? / 是否匿名？", "anonymous"),
        ("Please do not publish our name", "anonymous"),
        ("Should your organisation be published anonymously?", "anonymous"),
        ("May we publish your organisation's name?", "publish"),
        ("Number of members", ""),
        ("I have read the privacy notice", ""),
    ],
)
def test_a_heading_says_what_its_column_is(heading: str, role: str) -> None:
    assert role_of(heading, every_word()) == role


@pytest.mark.parametrize(
    "heading",
    [
        "Should your name be published or remain anonymous?",
        "Dürfen wir den Namen Ihrer Organisation veröffentlichen?",
        "Would you mind appearing publicly?",
        "公開與否（匿名請註明）",
    ],
)
def test_a_heading_about_publication_is_never_passed_over(heading: str) -> None:
    assert role_of(heading, every_word()) in ("visibility", "publish", "anonymous")
    plan = planned(folder(), table([[NAME, heading], ["Rain Watch", "perhaps"]]))

    assert set(codes(plan.open)) & {"doubtful-column", "unclear-anonymity"}
    assert plan.files == {}


def test_the_mapping_is_kept_in_letter_toml_with_its_comments_and_read_again() -> None:
    before = folder()
    before["letter.toml"] = b"# ours\n" + before["letter.toml"]
    after = imported(before, table([[NAME, MAIL, "Country"], ["Rain Watch", "a@b.example", "Kenya"]]))
    (columns,) = read_settings(after["letter.toml"].decode(), []).list_policy.tables
    plan = planned(after, table([["Country", MAIL, NAME], ["Ghana", "c@d.example", "Delta Forum"]]))

    assert after["letter.toml"].startswith(b"# ours\nschema = 1")
    assert dict(columns.roles) == {"name": (NAME,), "contact": (MAIL,), "country": ("Country",)}
    assert plan.read[0].headed.known
    assert [arrival.signatory.name for arrival in plan.added] == ["Delta Forum"]


def test_changed_headings_are_a_finding_and_no_guess() -> None:
    after = imported(folder(), table([[NAME, MAIL, "Country", "Consent date"], ["Rain Watch", "", "", ""]]))
    changed = table([["Name of your group", MAIL, "Country", "Consent date"], ["Delta Forum", "", "", ""]])

    plan = planned(after, changed)
    told = planned(after, changed, mapped={"name": ("Name of your group",), "contact": (MAIL,)})
    another = planned(after, changed, another=True)

    found = only(plan.open, "headings-changed")
    assert f"no longer there: “{NAME}”; new: “Name of your group”" in found.message
    assert plan.files == {}
    assert [arrival.signatory.name for arrival in (*told.added, *another.added)] == ["Delta Forum", "Delta Forum"]


def test_one_heading_reworded_in_a_small_form_is_a_change_too() -> None:
    after = imported(folder(), table([[NAME, MAIL], ["Rain Watch", ""]]))

    plan = planned(after, table([["Group name", MAIL], ["Delta Forum", ""]]))

    assert codes(plan.open) == ["headings-changed"]


def test_a_table_of_another_kind_is_no_changed_form() -> None:
    after = imported(folder(), table([[NAME, MAIL, "Country"], ["Rain Watch", "", ""]]))

    plan = planned(after, table([["Nom", "Courriel", "Pays", "Source"], ["Amis du Delta", "", "", ""]]))

    assert "headings-changed" not in codes(plan.open)
    assert len(plan.added) == 1


def test_two_columns_that_look_like_names_are_asked_about() -> None:
    rows = [["Organisation name (English)", "組織名稱"], ["Rain Watch", "雨水守望"]]

    plan = planned(folder(), table(rows))
    told = planned(folder(), table(rows), mapped={"name": ("組織名稱",), "also": ("Organisation name (English)",)})

    assert codes(plan.open) == ["two-name-columns"]
    assert plan.files == {}
    assert told.added[0].signatory.name == "雨水守望"
    assert told.added[0].entry.also == ("Rain Watch",)


def test_parts_of_a_name_are_joined_when_somebody_says_so() -> None:
    rows = [["First name", "Last name", "Type"], ["Ada", "Osei", "individual"]]

    plan = planned(folder(), table(rows))
    told = planned(folder(), table(rows), mapped={"name": ("First name", "Last name")})

    assert codes(plan.open) == ["two-name-columns"]
    assert (told.added[0].signatory.name, told.added[0].signatory.kind) == ("Ada Osei", "person")


def test_titles_above_the_headings_are_listed_and_not_read() -> None:
    plan = planned(folder(), table([["Signatories as of March", ""], ["", ""], [NAME, MAIL], ["Rain Watch", ""]]))

    assert [(each.place.cell, each.why) for each in plan.read[0].passed] == [("row 1", "above the headings")]
    assert len(plan.added) == 1


def test_a_table_without_headings_is_refused_and_none_of_its_words_are_shown() -> None:
    plan = planned(folder(), table([["Canary Group", "canary@secret.example"], ["Other", "other@secret.example"]]))

    assert codes(plan.open) == ["no-headings"]
    assert "anary" not in repr(plan.open)


def test_an_address_is_never_taken_for_a_heading() -> None:
    plan = planned(folder(), table([["Name", "canary@secret.example"], ["Other", "x"]]))

    assert codes(plan.open) == ["no-headings"]
    assert "canary" not in repr(plan.open)


def test_a_heading_that_two_columns_have_is_asked_about() -> None:
    plan = planned(folder(), table([["Name", "Name"], ["Rain Watch", "Delta Forum"]]))

    assert codes(plan.open) == ["doubtful-column"]


def test_a_heading_that_is_not_there_is_said() -> None:
    plan = planned(folder(), table([["Name"], ["Rain Watch"]]), mapped={"name": ("Name",), "lang": ("Sprache",)})

    assert plan.files == {}
    assert set(codes(plan.open)) & {"no-such-heading", "no-headings"}


def test_columns_that_are_not_read_are_named() -> None:
    plan = planned(folder(), made("form.xlsx"))

    assert "“I have read the privacy notice”" in only(plan.open, "unread-columns").message


def test_an_unread_column_that_speaks_of_anonymity_stops_the_import() -> None:
    rows = [[NAME, "Remarks"], ["Rain Watch", ""], ["Canary Circle", "anonymous"]]

    plan = planned(folder(), table(rows))

    assert only(plan.open, "anonymity-unread").place is not None
    assert plan.files == {}


def test_hidden_sheets_are_left_out_and_said() -> None:
    plan = planned(folder(), made("hidden.xlsx"))
    asked = planned(folder(), made("hidden.xlsx"), sheets=("Unseen",))
    wrong = planned(folder(), made("hidden.xlsx"), sheets=("Unheard",))

    assert set(codes(plan.open)) == {"hidden-rows", "hidden-sheet", "sheet-left-out"}
    assert plan.files == {}
    assert [arrival.signatory.name for arrival in asked.added] == ["Xalapa Canary Circle"]
    assert "no-such-sheet" in codes(wrong.open)


def test_a_wrong_mapping_in_letter_toml_is_a_finding_of_its_line() -> None:
    after = imported(folder(), table([[NAME, MAIL], ["Rain Watch", ""]]))
    text = after["letter.toml"].decode().replace(f'name = "{NAME}"', 'name = "Gone"')
    findings: list[Finding] = []

    read_settings(text, findings)

    assert [(each.code, each.place.line > 0 if each.place else False) for each in findings] == [("wrong-columns", True)]
    assert listed(after)[0].name == "Rain Watch"
