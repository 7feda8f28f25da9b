from __future__ import annotations

from hypothesis import given, strategies as st

from tests.support.check_letter import BODY, SETTINGS, found, letter, listed, only
from tests.support.deliveries import TWO
from tests.support.letters import sources
from typeset.checks import check
from typeset.checks.context import locate, read
from typeset.checks.letter import half_named
from typeset.diagnostics import Location
from typeset.manuscript import read_letter


def text_at(place: Location | None, source: str) -> str:
    assert place
    return source.split("\n")[place.line - 1][place.column - 1 : place.column - 1 + place.length]


def test_a_spot_behind_doubled_quotation_marks_is_where_the_author_sees_it() -> None:
    rows = listed("Rain Watch", 'Committee "Water, and "" Light" ( Basel)')

    (finding,) = (f for f in found(signatories=rows) if f.code == "bracket-space")

    assert text_at(finding.place, rows) == "( "
    assert finding.place
    assert finding.place.line == 3


def test_a_quotation_mark_itself_is_found_as_it_is_written() -> None:
    rows = listed('Committee "Water')

    (finding,) = found(signatories=rows)

    assert text_at(finding.place, rows) == '""'


def test_the_second_of_two_equal_words_is_pointed_at() -> None:
    finding = only("doubled-word", "Amis de la Paix de de l'Eau")

    assert finding.place == Location(file="signatories.csv", line=2, column=19, length=5)


def test_a_paragraph_of_several_lines_is_searched_to_its_end() -> None:
    body = BODY.replace("We ask for one thing.", "We ask for\none thing,\nsigned by 99 organisations.")

    (finding,) = found(body=body)

    assert text_at(finding.place, body) == "99"


def test_what_cannot_be_found_again_is_told_with_its_line() -> None:
    body = BODY.replace("We ask for one thing.", "Signed by 9*9* organisations.")

    (finding,) = found(body=body)

    assert finding.place == Location(file="letter.en.md", line=5, column=1, length=0)


def test_a_search_does_not_leave_the_row_of_a_table() -> None:
    lines = ("number,name", "1,Rain", "2,Delta")

    assert locate(lines, Location(file="x.csv", line=2, column=3), "Delta") == Location(file="x.csv", line=2, column=3)


def test_findings_come_settings_first_then_words_then_names() -> None:
    settings = SETTINGS.replace("date = 2026-03-04\n", "")

    findings = found("Delta(Basel)", "Rain.", settings=settings, body=BODY.replace("one thing", "[x](#)"))

    assert [finding.code for finding in findings] == ["undated", "dead-link", "bracket-joined", "trailing-dot"]


@given(names=st.lists(st.text(min_size=1), min_size=1, max_size=6))
def test_no_name_brings_the_check_down(names: list[str]) -> None:
    checked, sources = letter(signatories=listed(*names))

    findings = check(checked, sources)

    assert {finding.severity for finding in findings} <= {"error", "warning", "note"}
    assert all(finding.place is None or finding.place.column >= 0 for finding in findings)


def test_a_holder_who_is_named_in_one_language_only_is_told() -> None:
    def told(changed: dict[str, str]) -> list[tuple[str, str]]:
        given = sources(changed)
        found = half_named(read(read_letter(given).letter, given))
        return [(finding.subject, finding.evidence) for finding in found]

    both = TWO["letter.toml"].replace('holder = { en = "Ada Osei" }', 'holder = { en = "Ada Osei", zh-Hant = "歐賽" }')
    none = TWO["letter.toml"].replace('holder = { en = "Ada Osei" }', "")

    assert told(TWO) == [("recipient 1", "named in en")]
    assert told(TWO | {"letter.toml": both}) == []
    assert told(TWO | {"letter.toml": none}) == []
