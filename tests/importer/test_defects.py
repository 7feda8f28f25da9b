"""One defect at a time: what the importer mends in a list, and what it only doubts."""

from __future__ import annotations

import pytest

from typeset.importer import import_raw
from typeset.importer.encodings import FixKind
from typeset.importer.raw_text import Import


def letter(listed: str, *, notes: str = "") -> Import:
    """An English letter with a list."""
    raw = f"# A letter\n\nWe write to you.\n\nYours,\n\n{listed}\n{notes}"
    return import_raw(raw, id="a-letter", source_name="raw.md", lang="en")


def names(of: Import) -> list[tuple[int, str]]:
    return [(one.number, one.name) for one in of.signatories]


def codes(of: Import) -> list[str]:
    return [one.code for one in of.findings if one.code not in ("undated", "no-recipients", "guessed-title")]


@pytest.mark.parametrize(
    "listed",
    [
        "1. One\n2. Two",
        "1.One\n2.Two",
        "- 1.One\n- 2.Two",
        "* 1. One\n* 2. Two",
        "1) One\n2) Two",
        "(1) One\n(2) Two",
        "[1] One\n[2] Two",
        "（1）One\n（2）Two",
        "1、One\n2、Two",
        "1\tOne\n2\tTwo",
        "1.\tOne\n2.\tTwo",
        "• 1. One\n• 2. Two",
        "１．One\n２．Two",
        "1. One\n\n\n2. Two",
        "1.\nOne\n2.\nTwo",
        "1.\n\nOne\n2.\n\nTwo",
        "• One\n• Two",
        "- One\n\n- Two",
        "1. One  \n2. Two\t",
        "   1. One\n   2. Two",
    ],
)
def test_any_manner_of_numbering_is_a_list(listed: str) -> None:
    imported = letter(listed)

    assert names(imported) == [(1, "One"), (2, "Two")]
    assert codes(imported) == []


def test_a_bulleted_list_is_numbered_and_says_so() -> None:
    imported = letter("• One\n• Two")

    assert [(fix.line, fix.before, fix.after) for fix in imported.fixes if fix.kind is FixKind.NUMBERED] == [
        (7, "• One", "1. One"),
        (8, "• Two", "2. Two"),
    ]


@pytest.mark.parametrize(
    ("listed", "code", "subject", "number"),
    [
        ("1. A\n2. B\n2. C\n3. D", "number-repeated", "signatory 2", [1, 2, 2, 3]),
        ("1. A\n2. B\n4. D", "number-gap", "signatory 4", [1, 2, 4]),
        ("1. A\n3. B\n2. D\n4. E", "number-order", "signatory 2", [1, 3, 2, 4]),
        ("5. A\n6. B", "number-gap", "signatory 5", [5, 6]),
        ("1. A\n2. B\n1. C\n2. D", "number-repeated", "signatory 1", [1, 2, 1, 2]),
    ],
)
def test_numbers_stay_as_published_and_are_doubted(listed: str, code: str, subject: str, number: list[int]) -> None:
    imported = letter(listed)

    assert [one.number for one in imported.signatories] == number
    assert (code, subject) in [(one.code, one.subject) for one in imported.findings]


def test_a_number_without_a_name_is_no_signatory() -> None:
    imported = letter("1. One\n2.\n3. Three")

    assert names(imported) == [(1, "One"), (3, "Three")]
    assert codes(imported) == ["no-name", "number-gap"]


@pytest.mark.parametrize(
    ("listed", "name"),
    [
        ("1. Friends of the\nRiver\n2. Two", "Friends of the River"),
        ("1. Friends of the  \n   River  \n2. Two", "Friends of the River"),
        ("1. Society -\nGermany\n2. Two", "Society - Germany"),
        ("1. Society\n- Germany\n2. Two", "Society - Germany"),
        ("1. 河川を考え\nる会\n2. Two", "河川を考える会"),
        ("1. Network\u00ad\nwork\n2. Two", "Networkwork"),
        ("1. A\nB\nC\n2. Two", "A B C"),
    ],
)
def test_a_wrapped_name_is_joined(listed: str, name: str) -> None:
    imported = letter(listed)

    assert names(imported) == [(1, name), (2, "Two")]
    assert codes(imported) == []


@pytest.mark.parametrize(
    ("listed", "stands", "may_be"),
    [
        ("1. Human-\nRights\n2. Two", "Human-Rights", "HumanRights"),
        ("1. Movement/\nInstitute\n2. Two", "Movement/Institute", "Movement/ Institute"),
        ("1. Taiwan\n論壇\n2. Two", "Taiwan 論壇", "Taiwan論壇"),
        ("1. 한국\n인권\n2. Two", "한국 인권", "한국인권"),
        ("1. Environ-\nment\n2. Environment Two", "Environment", "Environ-ment"),
        ("1. Euro-\nmed\n2. The Euro-med Two", "Euro-med", "Euromed"),
        ("1. A-\nb c-\nd\n2. Two", "A-b c-d", "Ab c-d"),
    ],
)
def test_a_wrap_that_does_not_tell_is_doubted_with_both_readings(listed: str, stands: str, may_be: str) -> None:
    imported = letter(listed)

    doubt = next(one for one in imported.findings if one.code == "ambiguous-wrap")
    assert imported.signatories[0].name == stands
    assert (doubt.subject, doubt.evidence, doubt.proposal) == ("signatory 1", stands, may_be)


def test_a_bullet_without_a_number_takes_the_next_one() -> None:
    imported = letter("- 1. One\n- Two\n- 3. Three")

    assert names(imported) == [(1, "One"), (2, "Two"), (3, "Three")]


def test_a_strange_number_is_an_item_where_no_count_goes_on_around_it() -> None:
    imported = letter("1. One\n1990) Two\n5. Three")

    assert names(imported) == [(1, "One"), (1990, "Two"), (5, "Three")]


def test_a_line_that_begins_with_a_strange_number_belongs_to_the_name_above() -> None:
    imported = letter("1. Institute (est.\n1990) Paris\n2. Two")

    assert names(imported) == [(1, "Institute (est. 1990) Paris"), (2, "Two")]
    assert codes(imported) == ["number-order"]


def test_a_name_cut_by_a_page_is_joined_and_doubted() -> None:
    imported = letter("1. One\n2. Friends of the\n\n7\n\f\nRiver\n3. Three")

    assert names(imported) == [(1, "One"), (2, "Friends of the River"), (3, "Three")]
    assert codes(imported) == ["ambiguous-wrap"]


def test_headings_inside_the_list_become_notes() -> None:
    imported = letter("1. One\n2. Two\n\nEurope\n\n3. Three\n4. Four")

    assert [(one.number, one.note) for one in imported.signatories] == [(1, ""), (2, ""), (3, "Europe"), (4, "Europe")]
    assert codes(imported) == ["list-section"]


def test_sections_that_count_anew_are_one_list() -> None:
    imported = letter("Africa\n\n1. One\n2. Two\n3. Three\n\nEurope\n\n1. Four\n2. Five")

    assert [one.note for one in imported.signatories] == ["", "", "", "Europe", "Europe"]
    assert codes(imported) == ["list-section", "number-repeated", "number-repeated"]


def test_demands_in_the_body_are_no_signatories() -> None:
    imported = letter("We ask you\n\n1. to stop;\n2. to listen;\n3. to act.\n\nSignatories\n\n1. One\n2. Two\n3. Three")

    assert names(imported) == [(1, "One"), (2, "Two"), (3, "Three")]
    assert b"1. to stop;\n2. to listen;\n3. to act." in imported.files["letter.en.md"]
    assert codes(imported) == []


def test_a_list_under_a_heading_for_signatories_is_not_joined_to_the_one_above() -> None:
    imported = letter("1. Stop\n2. Listen\n\nSignatories:\n\n1. One\n2. Two")

    assert names(imported) == [(1, "One"), (2, "Two")]


def test_a_list_of_demands_alone_is_doubted() -> None:
    imported = letter("1. to stop;\n2. to listen;\n3. to act.")

    assert codes(imported) == ["doubtful-list"]


@pytest.mark.parametrize(
    "pause",
    [
        "A remark in a paragraph of its own, on the way in which the names were gathered over the months",
        "These came late.",
        "* a note on the names",
        "one line\n\nanother\n\nand another\n\nand one more",
    ],
)
def test_a_list_that_goes_on_elsewhere_is_doubted(pause: str) -> None:
    imported = letter(f"1. One\n2. Two\n3. Three\n\n{pause}\n\n4. Four")

    assert codes(imported) == ["further-list"]
    assert b"4. Four" in imported.files["letter.en.md"]


def test_a_note_right_below_the_list_is_no_part_of_the_last_name() -> None:
    imported = letter("1. One\n2. Two\nIn all 5 organisations, 3 of which are anonymous.")

    assert names(imported) == [(1, "One"), (2, "Two")]
    assert imported.files["letter.en.md"].endswith(
        b"In all {total} organisations, {anonymous} of which are anonymous.\n"
    )


@pytest.mark.parametrize(
    "name", ["A*B*C", "<b>Bold</b>", "{total}", "{{ 7 }}", "[x](y)", "a|b", '"quoted", he', "_x_", "=1+1"]
)
def test_marks_in_a_name_survive(name: str) -> None:
    imported = letter(f"1. {name}\n2. Two")

    assert imported.signatories[0].name == name


def test_escapes_of_markdown_are_undone_in_markdown_only() -> None:
    markdown = letter(r"1. T\*R \_x" + "\n2. Two")
    plain = import_raw("A letter\n\nWe write.\n\n1. T\\*R\n2. Two\n", id="a-letter", source_name="raw.txt", lang="en")

    assert markdown.signatories[0].name == "T*R _x"
    assert plain.signatories[0].name == r"T\*R"


@pytest.mark.parametrize(
    "name",
    [
        "Ms. Ada Lovelace",
        "Dr Ada Lovelace, hydrologist",
        "Prof. Ada B. Lovelace (Oxford)",
        "Ada Lovelace, in a personal capacity",
        "Ada Lovelace individually as an expert",
        "Mme Ada Lovelace",
        "Ada Lovelace (à titre individuel)",
        "Herr Adam Riese",
        "林小明（以個人名義）",
        "王小明先生",
        "山田太郎（個人として）",
    ],
)
def test_who_says_to_be_a_person_is_one(name: str) -> None:
    imported = letter(f"1. {name}\n2. Two")

    assert [str(one.kind) for one in imported.signatories] == ["person", "organisation"]


@pytest.mark.parametrize(
    "name",
    [
        "Dr. Ada Lovelace Foundation",
        "Ms. Magazine",
        "Individual Rights Network",
        "Personal Freedoms Coalition",
        "Sir Edmund Hillary Trust",
        "Misses of Colour",
        "Drive for Justice",
        "Ada Lovelace",
        "先生會",
        "Don Bosco Network",
        "Dr Congo",
    ],
)
def test_who_does_not_say_to_be_a_person_is_none(name: str) -> None:
    imported = letter(f"1. {name}\n2. Two")

    assert str(imported.signatories[0].kind) == "organisation"


def test_compatibility_ideographs_are_left_and_doubted() -> None:
    imported = letter("1. \ufa19社\n2. Cafe\u0301")

    assert names(imported) == [(1, "\ufa19社"), (2, "Café")]
    assert codes(imported) == ["compatibility-ideograph"]


def test_lost_and_control_characters_are_doubted_on_their_line() -> None:
    imported = letter("1. Wo\ufffdd\n2. Two\x07")

    assert [
        (one.code, one.place.line if one.place else 0, one.place.column if one.place else 0)
        for one in imported.findings[-2:]
    ] == [
        ("lost-characters", 7, 6),
        ("control-character", 8, 7),
    ]


@pytest.mark.parametrize("characters", ["a", "字", "(", "[](", "Dr. a ", "1. ", "- ", "`"])
def test_a_name_of_ten_thousand_characters_comes_back(characters: str) -> None:
    name = (characters * 10_000)[:10_000].strip()

    imported = letter(f"1. {name}\n2. Two")

    assert names(imported) == [(1, name), (2, "Two")]


def test_ten_thousand_signatories_come_back() -> None:
    listed = [(number, f"Organisation number {number} for Rivers") for number in range(1, 10_001)]

    imported = letter("\n".join(f"{number}. {name}" for number, name in listed))

    assert names(imported) == listed
