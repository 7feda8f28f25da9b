from __future__ import annotations

import pytest

from tests.signatories.test_import import answered
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
from typeset.diagnostics import errors
from typeset.manuscript import read_former, read_settings
from typeset.signatories import (
    ImportedTable,
    add,
    given_answers,
    questions_file,
    rename,
    withdraw,
    withdraw_anonymous,
)
from typeset.signatories.anonymity import KEY, SEALS

ASK = "Do you want to stay anonymous?"
SEALED = 'intake = "sealed"'


def form(*rows: tuple[str, str] | tuple[str, str, str], name: str = "form.csv") -> ImportedTable:
    return table([["Name", ASK, "Email"], *((*row, "") if len(row) == 2 else row for row in rows)], name)


def anonymous(given: dict[str, bytes]) -> int:
    return read_settings(given["letter.toml"].decode(), []).anonymous


def everything(given: dict[str, bytes]) -> str:
    return "\n".join(data.decode() for data in given.values())


def off(row: str, printed: str | None = None) -> Decision:
    """The decision that a row takes a signatory off the list; with an empty ``printed``, that it is left out."""
    return answered("anonymity-wins", row, printed)


@pytest.mark.parametrize("settings", ["", SEALED])
def test_anonymous_rows_are_a_count_and_nothing_else(settings: str) -> None:
    plan = planned(folder(settings=settings), made("form.xlsx"))

    assert [arrival.signatory.name for arrival in plan.added][:2] == ["Rain Watch", "Amis du Delta"]
    assert plan.anonymous == (1, 3)
    assert "anary" not in repr(plan)
    assert "anary" not in everything(dict(plan.files))


@pytest.mark.parametrize(
    ("heading", "answer", "shown"),
    [
        (ASK, "Yes", False),
        (ASK, "no", True),
        (ASK, "", True),
        (ASK, "X", False),
        (ASK, "Oui / نعم", False),
        (ASK, "anonymous", False),
        (ASK, "public", True),
        (ASK, "I would rather stay anonymous, please", False),
        ("May we publish your name?", "Yes", True),
        ("May we publish your name?", "No", False),
        ("May we publish your name?", "nein", False),
        ("是否公開", "是", True),
        ("是否公開", "否", False),
        ("是否公開", "匿名", False),
    ],
)
def test_an_answer_means_what_its_question_makes_of_it(heading: str, answer: str, shown: bool) -> None:
    plan = planned(folder(), table([["Name", heading], ["Rain Watch", answer]]))

    assert errors(plan.open) == ()
    assert (len(plan.added), plan.anonymous[1] - plan.anonymous[0]) == ((1, 0) if shown else (0, 1))


@pytest.mark.parametrize(
    ("heading", "answer"),
    [
        (ASK, "maybe"),
        (ASK, "Yes / No"),
        ("May we publish your name?", ""),
        ("May we publish your name?", "only internally"),
        ("May we publish your name?", "Yes, but not yet"),
    ],
)
def test_an_unclear_answer_stops_the_import_and_shows_nobodys_words(heading: str, answer: str) -> None:
    plan = planned(folder(), table([["Name", heading], ["Canary Circle", answer]]))

    found = only(plan.open, "unclear-anonymity")
    assert found.place is not None
    assert found.place.cell == "B2"
    assert not answer or answer not in found.message + found.hint
    assert "anary" not in repr(plan)
    assert plan.files == {}


def test_an_answer_that_a_form_offers_is_shown_and_can_be_told() -> None:
    rows = [
        ["Name", "May we publish your name?"],
        *([f"{each} Forum", "Sure thing"] for each in ("Oak", "Hill", "Lake")),
    ]

    plan = planned(folder(), table(rows))
    after = imported(folder(), table(rows), replies={"Sure thing": "named"})
    later = planned(after, table([rows[0], ["Moss Forum", "Sure thing"]]))

    assert "“Sure thing”" in only(plan.open, "unclear-anonymity").message
    assert len(names(after)) == 3
    assert [each.signatory.name for each in later.added] == ["Moss Forum"]


def test_an_empty_cell_is_unclear_where_others_say_no_in_words() -> None:
    plan = planned(folder(), form(("Rain Watch", "No"), ("Canary Circle", "")))

    assert "an empty cell" in only(plan.open, "unclear-anonymity").message


def test_the_same_signatory_with_and_without_anonymity_stays_unnamed() -> None:
    plan = planned(folder(), form(("Xalapa Canary", "No"), ("Rain Watch", "No"), ("XALAPA CANARY", "Yes")))

    found = only(plan.open, "anonymity-wins")
    assert [arrival.signatory.name for arrival in plan.added] == ["Rain Watch"]
    assert (found.place.cell if found.place else "", "row 4" in found.message) == ("A2", True)
    assert plan.anonymous == (1, 2)
    assert "canary" not in (repr(plan.open) + repr(plan.added) + repr(plan.left) + everything(dict(plan.files))).lower()


def test_a_doubt_about_a_hushed_row_does_not_name_it() -> None:
    rows = [["Name", ASK, "Kind"], ["Xalapa Canary", "No", "a choir"], ["Xalapa Canary", "Yes", ""]]

    plan = planned(folder(), table(rows))

    assert codes(plan.open) == ["anonymity-wins"]
    assert "Canary" not in repr(plan.open)


def test_anonymity_takes_a_name_off_the_list_and_out_of_every_record() -> None:
    answer = answered("stray-markup", "Xalapa <i>Canary</i>")
    before = imported(folder(), named("Rain Watch", "Xalapa <i>Canary</i>"), decided=(answer,))
    assert b"Canary" in before["decisions.toml"]

    plan = planned(before, form(("Xalapa <i>Canary</i>", "Yes")), decided=(off("no. 2 | form.csv, row 2"),))
    after = {**before, **plan.files}
    (former,) = read_former(after["former.csv"].decode(), [])

    assert only(plan.answered, "anonymity-wins").message.endswith(
        "has the name of no. 2, but somebody else may have filled in the form"
    )
    assert (plan.withdrawn, names(after), anonymous(after)) == ((2,), ["Rain Watch"], 2)
    assert (former.number, former.name, former.became, former.why) == (2, "", "withdrawn", "")
    assert "Canary" not in everything(after)
    assert [one.number for one in listed(imported(after, named("Hill Forum", name="b.csv")))] == [1, 3]


@pytest.mark.parametrize("settings", ["", SEALED])
@pytest.mark.parametrize("name", ["Amis du Delta", "AMIS DU DELTA", " Amis du Delta "])
def test_row_of_a_stranger_takes_no_listed_signatory_off_the_list(settings: str, name: str) -> None:
    before = folder(settings=settings, listed=["Hill Forum", "Amis du Delta"])

    plan = planned(before, form(("Rain Watch", "No"), (name, "Yes")))

    found = only(plan.open, "anonymity-wins")
    assert (found.severity, found.evidence, dict(plan.files)) == ("error", "no. 2 | form.csv, row 3", {})
    assert "Amis" not in repr(plan.open)


@pytest.mark.parametrize("settings", ["", SEALED])
def test_row_that_somebody_leaves_out_changes_nothing_for_the_signatory(settings: str) -> None:
    before = folder(settings=settings, listed=["Hill Forum", "Amis du Delta"])
    rows = form(("Rain Watch", "No"), ("Amis du Delta", "Yes"), ("Amis du Delta", "Yes"), ("Canary", "Yes"))

    after = imported(before, rows, decided=(off("no. 2 | form.csv, row 3", ""),))
    later = planned(after, form(("Rain Watch", "No"), ("Amis du Delta", "Yes"), ("Oak Forum", "No")))

    assert (names(after), anonymous(after)) == (["Hill Forum", "Amis du Delta", "Rain Watch"], anonymous(before) + 1)
    assert after.get(SEALS, b"line\n").count(b"\n") == 1
    assert [arrival.signatory.name for arrival in later.added] == ["Oak Forum"]
    assert codes(later.answered) == ["anonymity-wins"]


def test_form_of_questions_asks_about_a_row_that_takes_a_name_off() -> None:
    plan = planned(folder(listed=["Amis du Delta"]), form(("Amis du Delta", "Yes")))
    form_text = questions_file(plan.open).decode().replace('why = ""', 'why = "she rang"')

    decided = given_answers(form_text.encode(), "questions.toml", [], by="secretariat", today=TODAY)
    after = imported(folder(listed=["Amis du Delta"]), form(("Amis du Delta", "Yes")), decided=decided)

    assert "Amis" not in form_text
    assert names(after) == []


def test_signatory_sealed_in_earlier_is_not_taken_off_the_list_by_another_file() -> None:
    first = imported(folder(settings=SEALED), form(("Xalapa Canary", "Yes")))
    by_hand = {**first, "signatories.csv": folder(listed=["Xalapa Canary"])["signatories.csv"]}

    plan = planned(by_hand, named("Rain Watch"))
    kept = imported(by_hand, named("Rain Watch"), decided=(off("no. 1 | an earlier row", ""),))

    assert only(plan.open, "anonymity-wins").severity == "error"
    assert names(kept) == ["Xalapa Canary", "Rain Watch"]


def test_anonymity_wins_under_every_name_that_somebody_had() -> None:
    before = imported(folder(), named("Xalapa Canary", "Rain Watch", "Old Canary"))
    before |= rename(state(before), "1", "Xalapa Circle", today=TODAY).files
    before |= withdraw(state(before), "Old Canary", today=TODAY).files

    rows = form(("Xalapa Canary", "Yes"), ("Old Canary", "Yes"))
    after = imported(before, rows, decided=(off("no. 1 | form.csv, row 2"),))

    assert names(after) == ["Rain Watch"]
    assert {one.number for one in read_former(after["former.csv"].decode(), [])} == {1, 3}
    assert "Canary" not in everything(after)
    assert "Xalapa" not in everything(after)


def test_where_a_hushed_name_still_stands_is_said_without_the_name() -> None:
    letter = folder()["letter.en.md"].decode() + "\nXalapa Canary wrote the draft.\n"
    before = folder({"letter.en.md": letter}, listed=["Xalapa Canary"])

    plan = planned(before, form(("Xalapa Canary", "Yes")), decided=(off("no. 1 | form.csv, row 2"),))
    found = only(plan.open, "name-left-behind")

    assert (found.place.file if found.place else "", f"line {letter.count(chr(10))} " in found.message) == (
        "letter.en.md",
        True,
    )
    assert "Canary" not in repr(found)


@pytest.mark.parametrize(
    "rows",
    [
        (("Ada Osei", "No"), ("Osei Ada", "Yes")),
        (("Rain Watch (RAWA)", "No"), ("Rain Watch", "Yes")),
        (("Мемориал", "No"), ("Memorial", "Yes")),
        (("Rain Watch", "No", "a@x.example"), ("Hill Forum", "Yes", "A@x.example")),
    ],
)
def test_a_row_that_may_be_an_anonymous_ones_is_asked_about(rows: tuple[tuple[str, str], ...]) -> None:
    plan = planned(folder(), form(*rows))
    found = only(plan.open, "anonymity-doubt")
    two = planned(folder(), form(*rows), decided=(answered("anonymity-doubt", found.evidence),))

    assert plan.files == {}
    assert found.evidence == "form.csv, A2 | form.csv, row 3"
    assert [arrival.signatory.name for arrival in two.added] == [rows[0][0]]


def test_next_weeks_export_counts_nobody_twice() -> None:
    first = imported(folder(), form(("Rain Watch", "No"), ("Canary A", "Yes"), ("Canary B", "Yes")))
    rows = form(("Rain Watch", "No"), ("Canary A", "Yes"), ("Hill", "No"), ("Canary B", "Yes"), ("Canary C", "Yes"))

    second = imported(first, rows, today=NEXT_WEEK)

    assert (anonymous(first), anonymous(second)) == (3, 4)
    assert planned(second, form(("Rain Watch", "No"), ("Canary A", "Yes"), ("Canary B", "Yes"))).files == {}


def test_fewer_anonymous_rows_than_last_week_are_said() -> None:
    first = imported(folder(), form(("Rain Watch", "No"), ("Canary A", "Yes"), ("Canary B", "Yes")))

    plan = planned(first, form(("Rain Watch", "No"), ("Canary A", "Yes"), ("Hill", "No"), name="later.csv"))

    assert codes(plan.open) == ["fewer-anonymous"]
    assert plan.anonymous == (3, 2)


def test_another_partner_with_the_same_headings_has_to_be_named() -> None:
    first = imported(folder(), form(("Rain Watch", "No"), ("Hill", "No"), ("Canary A", "Yes")))
    other = form(("Oak Forum", "No"), ("Canary B", "Yes"), name="other.csv")

    plan = planned(first, other)
    told = imported(first, other, source="Partner B")

    assert codes(plan.open) == ["which-source"]
    assert plan.files == {}
    assert anonymous(told) == 3


def test_two_files_with_the_same_headings_at_once_have_to_be_told_apart() -> None:
    plan = planned(folder(), form(("Canary A", "Yes")), form(("Canary B", "Yes"), name="other.csv"))

    assert codes(plan.open) == ["which-source"]


def test_the_sealed_intake_knows_everybody_once_whatever_file_they_come_in() -> None:
    first = imported(folder(settings=SEALED), form(("Rain Watch", "No"), ("Canary A", "Yes"), ("Canary B", "Yes")))
    other = form(("Canary B", "Yes"), ("Canary C", "Yes"), name="other.csv")

    second = imported(first, other)

    assert (anonymous(first), anonymous(second)) == (3, 4)
    assert len(second[SEALS].splitlines()) == 3
    assert "anary" not in everything(second)


def test_the_sealed_intake_keeps_a_name_off_the_list_in_later_files() -> None:
    first = imported(folder(settings=SEALED), form(("Xalapa Canary", "Yes")))

    plan = planned(first, named("Xalapa Canary", "Rain Watch", name="partner.csv"))

    assert [arrival.signatory.name for arrival in plan.added] == ["Rain Watch"]
    assert only(plan.open, "anonymity-wins").message.count("an earlier file") == 1
    assert plan.anonymous == (2, 2)


def test_digests_of_another_folder_tell_nothing() -> None:
    rows = form(("Xalapa Canary", "Yes"))

    ours = imported(folder(settings=SEALED), rows)
    theirs = imported(folder(settings=SEALED), rows, fresh=bytes(32))

    assert ours[KEY] != theirs[KEY]
    assert ours[SEALS] != theirs[SEALS]


def test_a_lost_intake_stops_the_import() -> None:
    first = imported(folder(settings=SEALED), form(("Canary A", "Yes")))
    clone = {name: data for name, data in first.items() if not name.startswith("intake/")}

    plan = planned(clone, form(("Canary A", "Yes"), ("Canary B", "Yes"), name="later.csv"))

    assert codes(plan.open) == ["no-intake"]
    assert plan.files == {}


def test_somebody_sealed_in_is_named_only_when_asked_for() -> None:
    first = imported(folder(settings=SEALED), form(("Xalapa Canary", "Yes")))

    with pytest.raises(Exception, match="anonymity-wins"):
        add(state(first), "Xalapa Canary", today=TODAY)
    edit = add(state(first), "Xalapa Canary", today=TODAY, named_after_all=True)
    after = {**first, **edit.files}

    assert (names(after), anonymous(after), after[SEALS]) == (["Xalapa Canary"], 1, b"")


def test_one_who_signed_without_a_name_can_withdraw() -> None:
    edit = withdraw_anonymous(state(folder()), today=TODAY)

    assert anonymous({**folder(), **edit.files}) == 0
    with pytest.raises(Exception, match="fewer-anonymous"):
        withdraw_anonymous(state({**folder(), **edit.files}), today=TODAY)


def test_an_anonymous_row_without_a_name_counts() -> None:
    plan = planned(folder(), form(("", "Yes", "a@x.example"), ("", "Yes", "b@x.example")))

    assert (errors(plan.open), plan.anonymous) == ((), (1, 3))
