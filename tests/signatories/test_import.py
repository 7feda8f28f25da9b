from __future__ import annotations

import csv
import tomllib
from random import Random

import pytest
from hypothesis import given, strategies as st

from tests.support.lists import (
    NEXT_WEEK,
    TODAY,
    codes,
    folder,
    imported,
    listed,
    made,
    named,
    names,
    only,
    planned,
    state,
    table,
)
from typeset.decisions import Decision
from typeset.diagnostics import Finding, errors
from typeset.signatories import given_answers, questions_file
from typeset.signatories.store import Provenance, read_imports, read_provenance

LATIN = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=4, max_size=9).map(str.capitalize)


def answered(code: str, evidence: str, printed: str | None = None) -> Decision:
    return Decision(
        code=code, subject="import", evidence=evidence, by="secretariat", when=TODAY, why="asked", printed=printed
    )


def test_new_names_stand_behind_the_others_in_the_order_of_the_rows() -> None:
    after = imported(folder(listed=["Hill Forum"]), named("Rain Watch", "Delta Forum"))

    assert [(one.number, one.name) for one in listed(after)] == [
        (1, "Hill Forum"),
        (2, "Rain Watch"),
        (3, "Delta Forum"),
    ]


def test_importing_the_same_file_twice_changes_nothing() -> None:
    form = made("form.xlsx")
    once = imported(folder(listed=["Hill Forum"]), form)

    again = planned(once, form, today=NEXT_WEEK)

    assert again.files == {}
    assert (again.known, again.anonymous) == (4, (3, 3))


def test_the_same_rows_in_another_file_change_nothing_but_the_record_of_files() -> None:
    once = imported(folder(), named("Rain Watch", "Delta Forum"))

    again = planned(once, named("Delta Forum", "Rain Watch", name="later.csv"))

    assert set(again.files) == {"imports.csv"}


def test_every_signatory_keeps_the_file_and_the_row_it_came_from() -> None:
    form = made("form.xlsx")
    after = imported(folder(listed=["Hill Forum"]), form, source="Coalition")

    provenance = read_provenance(after["provenance.csv"], [])
    (file,) = read_imports(after["imports.csv"], [])

    assert provenance[0] == Provenance(
        number=2, source="Coalition", sha256=form.digest, sheet="Form responses 1", row=2, consent="2026-03-04"
    )
    assert [one.number for one in provenance] == [2, 3, 4, 5]
    assert (file.file, file.rows, file.named, file.anonymous, file.when) == ("form.xlsx", 6, 4, 2, "2026-03-10")


def test_one_on_the_list_already_gets_the_provenance_that_it_lacks() -> None:
    after = imported(folder(listed=["Rain Watch"]), named("Rain Watch"))

    assert names(after) == ["Rain Watch"]
    assert [one.number for one in read_provenance(after["provenance.csv"], [])] == [1]


def test_spaces_around_a_name_make_no_other_signatory_and_are_said() -> None:
    plan = planned(folder(listed=["Rain Watch"]), named("Rain Watch  ", " Delta Forum", "Delta Forum"))

    assert [arrival.signatory.name for arrival in plan.added] == ["Delta Forum"]
    assert set(codes(plan.open)) == {"spaces-dropped", "row-repeated"}
    assert [(each.entry.place.cell, each.why) for each in plan.left] == [("A4", "the same name as form.csv, A3")]


def test_the_same_letters_typed_in_two_ways_are_one_name() -> None:
    plan = planned(folder(listed=["Zo\u00e9 Fonds"]), named("Zoe\u0301 Fonds"))

    assert plan.added == ()


def test_nothing_is_imported_while_an_error_is_open() -> None:
    plan = planned(folder(), named("Rain Watch", "Delta\u202e Forum"))

    assert codes(errors(plan.open)) == ["bidi-control"]
    assert only(plan.open, "bidi-control").place == plan.added[1].entry.place
    assert plan.files == {}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Rain\x00Watch", "null-character"),
        ("Rain\u202eWatch", "bidi-control"),
        ("R\u0430in Watch", "look-alike"),
        ("Rain\u200bWatch", "invisible-character"),
        ("F\u00c3\u00a9d\u00c3\u00a9ration", "garbled-encoding"),
        ("Rain \ufffd Watch", "lost-characters"),
        ("<b>Rain</b> Watch", "stray-markup"),
        ("{{ name }}", "template-syntax"),
        ("Rain Watch (ada@rain.example)", "contact-in-name"),
        ("Rain Watch +41 79 555 01 02", "contact-in-name"),
    ],
)
def test_what_check_knows_is_said_of_the_row(name: str, code: str) -> None:
    plan = planned(folder(), table([["No.", "Name"], ["1", "Hill Forum"], ["2", name]]))

    found = only([each for each in plan.open if each.code == code], code)
    assert found.place is not None
    assert (found.place.file, found.place.cell) == ("form.csv", "B3")
    assert plan.files == {}


def test_an_answered_error_is_imported_and_its_answer_goes_into_the_letter() -> None:
    name = "Delta <i>Forum</i>"
    plan = planned(folder(), named("Rain Watch", name))
    answer = answered("stray-markup", only(plan.open, "stray-markup").evidence, "Delta Forum")

    after = imported(folder(), named("Rain Watch", name), decided=(answer,))
    (kept,) = tomllib.loads(after["decisions.toml"].decode())["decision"]

    assert names(after) == ["Rain Watch", name]
    assert (kept["subject"], kept["evidence"], kept["print"]) == ("signatory 2", name, "Delta Forum")
    assert tomllib.loads(after["list-decisions.toml"].decode())["decision"][0]["subject"] == "import"
    assert planned(after, named("Rain Watch", name)).files == {}


def test_an_answer_without_words_leaves_the_row_out_and_says_so() -> None:
    answer = answered("stray-markup", "Delta <i>Forum</i>", "")

    plan = planned(folder(), named("Rain Watch", "Delta <i>Forum</i>"), decided=(answer,))
    after = {**folder(), **plan.files}

    assert [(each.entry.place.cell, each.why) for each in plan.left] == [("A3", "left out by a decision")]
    assert names(after) == ["Rain Watch"]
    assert planned(after, named("Delta <i>Forum</i>", name="later.csv")).added == ()


def test_a_name_can_be_left_out_for_no_fault_of_its_letters() -> None:
    plan = planned(folder(), named("Rain Watch", "Mickey Mouse"), decided=(answered("left-out", "Mickey Mouse"),))

    assert [arrival.signatory.name for arrival in plan.added] == ["Rain Watch"]
    assert "left-out" in plan.files["list-decisions.toml"].decode()


def test_questions_come_back_as_answers() -> None:
    plan = planned(folder(listed=["HRIC"]), named("Human Rights in China", "Delta <i>Forum</i>"))
    form = (
        questions_file(plan.open).decode().replace('by = ""', 'by = "secretariat"').replace('why = ""', 'why = "asked"')
    )
    findings: list[Finding] = []

    answers = given_answers(form.encode(), "q.toml", findings, by="", today=TODAY)

    assert findings == []
    assert {(one.code, one.by) for one in answers} == {
        ("possible-duplicate", "secretariat"),
        ("stray-markup", "secretariat"),
    }
    assert planned(folder(listed=["HRIC"]), named("Human Rights in China", "Delta <i>Forum</i>"), decided=answers).files


def test_an_empty_answer_leaves_a_doubt_open() -> None:
    plan = planned(folder(), named("Delta <i>Forum</i>"))

    assert given_answers(questions_file(plan.open), "q.toml", [], by="me", today=TODAY) == ()


def test_a_cell_that_is_no_text_is_asked_about_and_can_be_typed_again() -> None:
    plan = planned(folder(), made("odd.xlsx"))
    answers = (
        answered("not-a-text", "2026-03-08", "8 March Movement"),
        answered("not-a-text", "1948"),
        answered("not-a-text", "1", "True Rivers"),
        answered("not-a-text", "350.5", "350.5 Climate"),
    )
    after = imported(folder(), made("odd.xlsx"), decided=answers)

    assert [each.place.cell for each in errors(plan.open) if each.place] == ["A2", "A3", "A4", "A5"]
    assert names(after) == ["8 March Movement", "1948", "True Rivers", "350.5 Climate", "Rain Watch"]


def test_formulas_and_merged_cells_cannot_be_decided_only_mended() -> None:
    formulas = planned(folder(), made("formulas.xlsx"))
    merged = planned(folder(), made("merged.xlsx"))

    assert codes(errors(formulas.open)) == ["not-a-text", "not-a-text"]
    assert {each.evidence for each in errors(formulas.open)} == {""}
    assert codes(errors(merged.open)) == ["no-name", "merged-cells"]
    assert formulas.files == merged.files == {}


def test_rows_that_disagree_are_asked_about_and_settled_by_the_value_that_holds() -> None:
    first = table([["Name", "Kind"], ["Rain Watch", "organisation"]], "a.csv")
    second = table([["Name", "Kind"], ["Rain Watch", "individual"]], "b.csv")

    plan = planned(folder(), first, second)
    found = only(plan.open, "rows-disagree")
    after = imported(folder(), first, second, decided=(answered("rows-disagree", found.evidence, "person"),))

    assert found.evidence == "Rain Watch: kind organisation | person"
    assert (found.place.file, found.place.cell) == ("b.csv", "A2") if found.place else False
    assert listed(after)[0].kind == "person"


def test_a_row_that_says_otherwise_than_the_list_changes_nothing() -> None:
    plan = planned(folder(listed=["Rain Watch"]), table([["Name", "Kind"], ["Rain Watch", "individual"]]))

    assert codes(plan.open) == ["list-differs"]
    assert "signatories.csv" not in plan.files


def test_two_persons_of_one_name_are_two_only_by_decision() -> None:
    rows = [
        ["Name", "Type", "Email"],
        ["Ada Osei", "individual", "a@x.example"],
        ["Ada Osei", "individual", "b@y.example"],
    ]

    plan = planned(folder(), table(rows))
    two = imported(folder(), table(rows), decided=(answered("namesakes", "Ada Osei"),))
    one = imported(folder(), table(rows), decided=(answered("namesakes", "Ada Osei", "Ada Osei"),))

    assert codes(errors(plan.open)) == ["namesakes"]
    assert (names(two), names(one)) == (["Ada Osei", "Ada Osei"], ["Ada Osei"])


def test_a_file_given_twice_is_read_once() -> None:
    plan = planned(folder(), named("Rain Watch"), named("Rain Watch", name="copy.csv"))

    assert codes(plan.open) == ["file-repeated"]
    assert len(plan.added) == 1


def test_rows_that_are_longer_than_the_headings_stop_the_import() -> None:
    plan = planned(folder(), table([["Name", "Kind"], ["Rain", " Watch", "organisation"]]))

    assert codes(errors(plan.open)) == ["row-length"]


def test_headings_in_the_middle_are_no_signatory() -> None:
    plan = planned(folder(), table([["Name", "Kind"], ["Rain Watch", "ngo"], ["Name", "Kind"], ["Hill Forum", "ngo"]]))

    assert [each.why for each in plan.read[0].passed] == ["the headings again"]
    assert len(plan.added) == 2


def test_kind_and_language_are_taken_from_words_and_asked_where_they_are_none() -> None:
    rows = [
        ["Nom", "Type", "Langue"],
        ["Amis du Delta", "association", "français"],
        ["Zoé Exemple", "à titre individuel", "fr-CH"],
        ["Les Autres", "chorale", "vieux norrois"],
    ]

    plan = planned(folder(), table(rows))

    said = [(each.signatory.kind, each.signatory.lang) for each in plan.added]
    assert said == [("organisation", "fr"), ("person", "fr-CH"), ("organisation", "und")]
    assert {"unknown-kind-cell", "unknown-language-cell"} <= set(codes(plan.open))


def test_missing_dates_of_consent_are_said() -> None:
    rows = [["Name", "Consent date"], ["Rain Watch", "2026-03-04"], ["Hill Forum", ""], ["Old Mill", "soon"]]

    found = only(planned(folder(), table(rows)).open, "no-consent-date")

    assert "2 rows (the first is 3)" in found.message


def test_a_broken_record_is_mended_before_anything_else() -> None:
    given = {**folder(listed=["Rain Watch"]), "provenance.csv": b"number,source\n1,x\n"}

    with pytest.raises(Exception, match="broken-row"):
        state(given)


@given(
    known=st.lists(LATIN, unique=True, max_size=8),
    sent=st.lists(LATIN, unique=True, min_size=1, max_size=12),
    chance=st.randoms(use_true_random=False),
)
def test_any_shuffle_and_split_of_a_list_comes_back_as_the_same_names(
    known: list[str], sent: list[str], chance: Random
) -> None:
    shuffled = [*sent, *known]
    chance.shuffle(shuffled)
    cut = chance.randint(0, len(shuffled))
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    tables = [named(*part, name=f"{at}.csv") for at, part in enumerate(parts)]

    after = imported(folder(listed=known), *tables)
    again = planned(after, *tables)

    assert names(after)[: len(known)] == known
    assert sorted(names(after)) == sorted({*known, *sent})
    assert [one.number for one in listed(after)] == list(range(1, len(names(after)) + 1))
    assert again.files == {}


def test_what_is_written_is_what_csv_reads() -> None:
    after = imported(folder(), named('The "Bridge", and more', "Rain Watch"))

    rows = list(csv.DictReader(after["signatories.csv"].decode().splitlines()))
    assert rows[0]["name"] == 'The "Bridge", and more'
