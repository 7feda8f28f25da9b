"""A list of recipients read: who is on it, and every fault of it at once."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings, strategies as st

from typeset.diagnostics import Finding, Severity
from typeset.locales import StateName
from typeset.recipients import Addressee, read_recipients
from typeset.recipients.addressee import known
from typeset.recipients.csv import COLUMNS
from typeset.recipients.delivery_list import recipients_of

TODAY = date(2026, 11, 24)
PAGE = Path(__file__).parents[2] / "docs" / "recipients.md"


def read(
    *rows: str, languages: tuple[str, ...] = ("en",), head: str = "set,state,holder,until,lang,address"
) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    return read_recipients("\n".join((head, *rows, "")).encode(), languages=languages, today=TODAY)


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    return [(finding.code, finding.place.line if finding.place else -1) for finding in findings]


# Whom a row means


@pytest.mark.parametrize("name", ["FRA", "fra", "France", "Francia", "法國", "法国", "Франция", "فرنسا", "FRANCE"])
def test_a_state_is_known_by_its_code_and_by_its_name_in_any_language(name: str) -> None:
    (mission,), findings = read(f",{name},,,,")

    assert mission.id == "mission-france"
    assert findings == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [("Iran", "IRN"), ("Islamic Republic of Iran", "IRN"), ("Cote d'Ivoire", "CIV"), ("Turkey", "TUR"),
     ("Nauru", "NRU"), ("The Gambia", "GMB"), ("Antigua & Barbuda", "ATG"), ("Palestine", "PSE")],
)  # fmt: skip
def test_a_state_is_known_by_shorter_and_former_names(name: str, code: str) -> None:
    (mission,), _ = read(f",{name},,,,")

    assert mission.state == code


def test_a_misspelt_state_is_told_the_nearest_one() -> None:
    addressees, (finding,) = read(",Frnace,,,,")

    assert addressees == ()
    assert (finding.code, finding.place and finding.place.line) == ("unknown-state", 2)
    assert "france (FRA)" in finding.hint


def test_a_row_about_one_member_says_what_is_different_about_it() -> None:
    addressees, findings = read("un-member-states,,,,,", ",KEN,Ms. Jane Doe,2027-01-01,,1 Example Street|New York")

    kenya = next(each for each in addressees if each.state == "KEN")
    assert findings == ()
    assert len(addressees) == 193
    assert kenya.address[0] == "H.E. Ms. Jane Doe"
    assert kenya.address[-2:] == ("1 Example Street", "New York")
    assert kenya.until == date(2027, 1, 1)


def test_a_row_about_one_member_may_stand_before_its_set() -> None:
    before, _ = read(",KEN,Ms. Jane Doe,2027-01-01,,", "un-member-states,,,,,")
    after, _ = read("un-member-states,,,,,", ",KEN,Ms. Jane Doe,2027-01-01,,")

    assert {each.id: each.address for each in before} == {each.id: each.address for each in after}


def test_who_is_known_to_nobody_is_described_by_the_row() -> None:
    head = "id,office,holder,salutation,address,lang"
    (chair,), findings = read(
        ',Chair of the Network,Dr. Ana Ruiz,"Dear Dr. Ruiz,",fr:Rue du Lac 5|1200 Geneva,en', head=head
    )

    assert findings == ()
    assert chair.id == "chair-of-the-network-dr-ana-ruiz"
    assert chair.address == ("Dr. Ana Ruiz", "Chair of the Network", "Rue du Lac 5", "1200 Geneva")
    assert chair.languages == ("en", "en", "fr", "en")


def test_letters_with_a_stroke_stay_in_the_name_of_a_copy() -> None:
    (chair,), _ = read(
        ',Chair,Ms. Łucja Đặng-Sørensen,"Dear Ms. Đặng-Sørensen,",1 Example Street,en',
        head="id,office,holder,salutation,address,lang",
    )

    assert chair.id == "chair-ms-lucja-dang-sorensen"


def test_a_line_in_other_letters_is_not_said_to_be_in_the_language_of_the_copy() -> None:
    (mission,), _ = read(",KEN,,,,1 Example Street|紐約", languages=("zh-Hant",))

    assert mission.languages == ("und", "zh-Hant", "zh-Hant", "zh-Hant")
    assert mission.address[:2] == ("1 Example Street", "紐約")


# In which language


def test_each_is_addressed_in_the_version_of_their_language() -> None:
    (france, kenya), findings = read(",FRA,,,fr,", ",KEN,,,,", languages=("en", "fr"))

    assert findings == ()
    assert (france.lang, france.salutation) == ("fr", "Excellence,")
    assert (kenya.lang, kenya.salutation) == ("en", "Excellency,")


def test_where_no_version_is_in_their_language_the_first_is_sent_with_a_warning() -> None:
    (france,), (finding,) = read(",FRA,,,fr,", languages=("en", "zh-Hant"))

    assert (france.lang, france.salutation) == ("en", "Excellency,")
    assert (finding.code, finding.severity) == ("no-version", Severity.WARNING)


def test_a_letter_in_a_language_without_forms_is_addressed_in_one_that_has_them() -> None:
    (kenya,), (finding,) = read(",KEN,,,en,", languages=("ja",))

    assert finding.code == "no-version"
    assert (kenya.lang, kenya.salutation, kenya.salutation_lang) == ("ja", "Excellency,", "en")
    assert set(kenya.languages) == {"en"}


# Complete or refused


def test_a_set_in_a_language_that_does_not_name_its_states_is_refused() -> None:
    addressees, (finding,) = read("un-missions,,,,,", languages=("ja",))

    assert addressees == ()
    assert (finding.code, finding.severity) == ("incomplete-set", Severity.ERROR)


@pytest.mark.parametrize("fault", ["a name is missing", "a name is empty", "a name stands twice", "a State is missing"])
def test_a_set_that_lacks_anything_is_refused_as_a_whole(fault: str) -> None:
    everything = known()
    english, states = everything.by_language["en"], dict(everything.states)
    names = dict(english.names)
    match fault:
        case "a name is missing":
            del names["KEN"]
        case "a name is empty":
            names["KEN"] = StateName(name="", of="")
        case "a name stands twice":
            names["KEN"] = names["UGA"]
        case _:
            del states["KEN"]
    short = replace(
        everything,
        states=MappingProxyType(states),
        by_language=MappingProxyType({"en": replace(english, names=MappingProxyType(names))}),
    )

    addressees, findings = recipients_of(
        b"set\nun-member-states\nsecretary-general\n", languages=["en"], today=TODAY, file="r.csv", known=short
    )

    assert [each.id for each in addressees] == ["secretary-general"]
    assert codes(findings) == [("incomplete-set", 2)]


# Who holds the office


def test_a_holder_whose_time_is_over_is_not_written_to() -> None:
    addressees, (finding,) = read("high-commissioner,,,,,", "secretary-general,,,,,")

    assert [each.id for each in addressees] == ["secretary-general"]
    assert (finding.code, finding.subject) == ("expired-holder", "recipient high-commissioner")
    assert "2026-08-31" in finding.message


def test_the_last_day_in_office_counts() -> None:
    on_it = read_recipients(b"set\nsecretary-general\n", languages=["en"], today=date(2026, 12, 31))
    after = read_recipients(b"set\nsecretary-general\n", languages=["en"], today=date(2027, 1, 1))

    assert not on_it[1]
    assert codes(after[1]) == [("expired-holder", 2)]


def test_an_office_is_addressed_without_a_name_where_the_list_says_so() -> None:
    (office,), findings = read("high-commissioner,,-,,,")

    assert findings == ()
    assert (office.holder, office.until) == ("", None)
    assert office.address[0] == "The United Nations High Commissioner for Human Rights"


def test_a_later_date_keeps_the_known_holder() -> None:
    (office,), findings = read("high-commissioner,,,2030-08-31,,")

    assert findings == ()
    assert office.until == date(2030, 8, 31)
    assert office.address[0] == "Mr. Volker Türk"


def test_the_date_of_the_set_is_not_about_the_name_in_the_list() -> None:
    (office,), findings = read("high-commissioner,,Ms. Jane Doe,,,")

    assert findings == ()
    assert (office.holder, office.until) == ("Ms. Jane Doe", None)


# Faults

HEAD = "id,set,state,office,holder,until,salutation,address,lang"
FAULTS = {
    "unknown-set": ",un-membres,,,,,,,",
    "unknown-state": ",un-member-states,Holy See,,,,,,",
    "unknown-office": ",,,secretary-generl,,,,,",
    "said-of-a-set": ",un-letter,,,Ms. Doe,,,,",
    "incomplete-recipient": "x,,,Chair of Something,,,,,",
    "no-id": ",,,聯盟主席,,,Hello:,A street,",
    "unsafe-id": "../chair,,KEN,,,,,,",
    "unreadable-date": ",,KEN,,Ms. Doe,31.12.2026,,,",
    "unknown-language": ",,KEN,,,,,,english please",
    "control-character": ',,KEN,,,,,"A street\nNew York",',
    "bidi-control": ",,KEN,,Ms.\u202e Doe,,,,",
    "empty-address-line": ",,KEN,,,,,A street||New York,",
    "long-address-line": f",,KEN,,,,,{'long ' * 40},",
    "ragged-row": ",,KEN,,,,,1 Example Street, New York,",
    "broken-row": ',,KEN,,"Ms." Doe,,,,',
    "expired-holder": ",,KEN,,Ms. Doe,2026-01-01,,,",
}


@pytest.mark.parametrize(("code", "row"), FAULTS.items())
def test_a_fault_is_found_in_its_line_and_nobody_is_addressed_by_it(code: str, row: str) -> None:
    addressees, findings = read(",,FRA,,,,,,", row, head=HEAD)

    assert [each.id for each in addressees] == ["mission-france"]
    assert codes(findings) == [(code, 3)]
    assert all(finding.hint for finding in findings)


def test_all_faults_are_told_at_once() -> None:
    rows = [row for code, row in FAULTS.items() if code != "broken-row"]
    _, findings = read(*rows, head=HEAD)

    assert {finding.code for finding in findings} == set(FAULTS) - {"broken-row"}


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ((",,KEN,,,,,,", ",,Kenya,,,,,,"), 3),
        (("one,,KEN,,,,,,", "two,,KEN,,,,,,"), 3),
        (("one,,KEN,,,,,,", "one,,FRA,,,,,,"), 3),
        ((",un-missions,,,,,,,", ",un-member-states,,,,,,,"), 3),
        (('a,,,Chair,Ms. Doe,,"Dear,",Street,', 'b,,,CHAIR,Ms Doe,,"Dear,",Street,'), 3),
    ],
)
def test_the_same_recipient_twice_is_a_fault_under_any_name(rows: tuple[str, ...], line: int) -> None:
    _, findings = read(*rows, head=HEAD)

    assert codes(findings) == [("recipient-twice", line)]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "no-recipients", 0),
        (b"set\n", "no-recipients", 0),
        (b"set,state\n,FRA\n,C\xf4te\n", "not-utf-8", 3),
        ("set\nun-letter\n".encode("utf-16"), "not-utf-8", 1),
        (b"name,town\nA,B\n", "unknown-columns", 1),
        (b"set,set\nun-letter,\n", "unknown-columns", 1),
        (b"lang,holder\nen,A\n", "unknown-columns", 1),
        (b"PK\x03\x04", "unknown-columns", 1),
        (b"x" * (5 << 20), "recipients-too-large", 0),
    ],
)
def test_what_is_no_list_of_recipients_is_said_to_be_none(data: bytes, code: str, line: int) -> None:
    addressees, findings = read_recipients(data, languages=["en"], today=TODAY)

    assert addressees == ()
    assert codes(findings) == [(code, line)]


def test_a_byte_order_mark_and_windows_line_ends_are_read_over() -> None:
    (mission,), findings = read_recipients(b"\xef\xbb\xbfstate\r\nFRA\r\n", languages=["en"], today=TODAY)

    assert mission.state == "FRA"
    assert findings == ()


# What a copy says of its recipient


def test_the_record_is_canonical_and_says_everything_but_the_place() -> None:
    (mission,), _ = read(",KEN,Ms. Jane Doe,2027-01-01,,")
    (moved,), _ = read("", ",KEN,Ms. Jane Doe,2027-01-01,,")
    (other,), _ = read(",KEN,Ms. Jane Roe,2027-01-01,,")

    assert json.loads(json.dumps(mission.record())) == mission.record()
    assert mission.record()["until"] == "2027-01-01"
    assert mission.digest == moved.digest
    assert mission.digest != other.digest


# Any list at all

CELLS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["", "un-letter", "un-observer-states", "FRA", "Kenya", "secretary-general", "-", "2026-12-31", "2026-01-01", "fr",
     "zh-Hant", "A|B", "en:A|", "Chair", "Excellency,", "a-b"]
)  # fmt: skip


@given(rows=st.lists(st.lists(CELLS, min_size=9, max_size=9), max_size=5))
@settings(max_examples=60, deadline=None)
def test_every_row_is_addressed_or_found_at_fault(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([list(COLUMNS), *rows])

    addressees, findings = read_recipients(text.getvalue().encode(), languages=["en", "fr"], today=TODAY)

    assert len({each.id for each in addressees}) == len(addressees)
    for each in addressees:
        assert each.lang in ("en", "fr")
        assert each.salutation
        assert each.address
        assert all(line.strip() and line.isprintable() for line in each.address)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.id)
        assert each.until is None or each.until >= TODAY
    assert addressees or findings or not any("".join(row).strip() for row in rows)


@given(data=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused_with_findings(data: bytes) -> None:
    addressees, findings = read_recipients(data, languages=["en"], today=TODAY)

    assert addressees or findings


# Documented


def test_the_page_explains_every_finding_about_a_list() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rest = ("recipient-twice", "no-version", "incomplete-set", "no-form-of-address", "no-recipients", "not-utf-8",
            "unknown-columns", "recipients-too-large")  # fmt: skip

    assert [code for code in (*FAULTS, *rest) if f"`{code}`" not in page] == []
    assert [name for name in (*known().groups, *known().until, *COLUMNS) if f"`{name}`" not in page] == []
