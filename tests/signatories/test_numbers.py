from __future__ import annotations

import csv
import io
import random
import tomllib

import pytest
from hypothesis import given, strategies as st

from tests.signatories.test_import import answered
from tests.support.lists import TODAY, codes, folder, imported, listed, made, named, names, only, planned, state, table
from typeset.checks.context import read
from typeset.checks.names import missing_numbers, reused_numbers
from typeset.diagnostics import LetterError, errors
from typeset.manuscript import Became, read_former, read_letter, read_signatories
from typeset.signatories import ListEdit, add, rename, withdraw
from typeset.signatories.store import read_provenance
from typeset.signatories.writer import by_words
from typeset.sources import Sources, house

WORDS = 'order = "words"'
SEED = house() / "content" / "china-monitoring"


def after(given_files: dict[str, bytes], edit: ListEdit) -> dict[str, bytes]:
    return {**given_files, **edit.files}


def numbered(given_files: dict[str, bytes]) -> list[tuple[int, str]]:
    return [(one.number, one.name) for one in listed(given_files)]


def test_a_withdrawn_number_stays_free_and_nobody_asks_about_the_gap() -> None:
    given_files = folder(listed=["Hill Forum", "Rain Watch", "Old Mill"])

    gone = after(
        given_files, withdraw(state(given_files), "Rain Watch", today=TODAY, by="chair", why="asked by letter")
    )
    more = imported(gone, named("Delta Forum"))
    reading = read(read_letter(Sources(more)).letter, Sources({}))

    assert numbered(more) == [(1, "Hill Forum"), (3, "Old Mill"), (4, "Delta Forum")]
    assert list(missing_numbers(reading)) == []
    assert list(reused_numbers(reading)) == []


def test_the_last_number_is_not_used_again_either() -> None:
    given_files = folder(listed=["Hill Forum", "Rain Watch"])

    gone = after(given_files, withdraw(state(given_files), "2", today=TODAY))

    assert numbered(after(gone, add(state(gone), "Delta Forum", today=TODAY))) == [
        (1, "Hill Forum"),
        (3, "Delta Forum"),
    ]


def test_a_withdrawn_number_that_is_used_again_by_hand_is_an_error() -> None:
    given_files = folder(listed=["Hill Forum", "Rain Watch"])
    gone = after(given_files, withdraw(state(given_files), "2", today=TODAY))
    gone["signatories.csv"] = given_files["signatories.csv"].replace(b"Rain Watch", b"Other Name")

    found = list(reused_numbers(read(read_letter(Sources(gone)).letter, Sources({}))))

    assert codes(found) == ["number-withdrawn"]


def test_one_who_withdrew_does_not_come_back_with_next_weeks_export() -> None:
    given_files = imported(folder(), named("Rain Watch", "Hill Forum"))
    gone = after(given_files, withdraw(state(given_files), "1", today=TODAY))

    plan = planned(gone, named("Rain Watch", "Hill Forum", "Old Mill", name="later.csv"))
    back = after(gone, add(state(gone), "Rain Watch", today=TODAY))

    assert codes(plan.open) == ["withdrawn-again"]
    assert [(each.entry.name, each.why) for each in plan.left] == [("Rain Watch", "withdrew (no. 1)")]
    assert numbered(back) == [(2, "Hill Forum"), (3, "Rain Watch")]
    assert [(one.number, one.name) for one in read_former(back["former.csv"].decode(), [])] == [(1, "")]
    assert planned(back, named("Rain Watch", "Hill Forum", name="later.csv")).left == ()


def test_a_forgotten_name_stands_nowhere() -> None:
    given_files = imported(
        folder(), named("Hill Forum", "Rain <i>Watch</i>"), decided=(answered("stray-markup", "Rain <i>Watch</i>"),)
    )

    given_files = after(given_files, rename(state(given_files), "2", "Rain Patrol", today=TODAY))
    gone = after(given_files, withdraw(state(given_files), "2", today=TODAY, forget=True))

    assert "Rain" not in "".join(data.decode() for data in gone.values())
    assert [one.number for one in read_former(gone["former.csv"].decode(), [])] == [2]


def test_a_renamed_signatory_keeps_the_number_and_is_known_by_the_old_name() -> None:
    given_files = imported(folder(), named("Rain Watch", "Hill Forum"))

    renamed = after(given_files, rename(state(given_files), "Rain Watch", "Rain Watch Kenya", today=TODAY, by="chair"))
    plan = planned(renamed, named("Rain Watch", "Hill Forum", name="later.csv"))

    assert numbered(renamed) == [(1, "Rain Watch Kenya"), (2, "Hill Forum")]
    assert (plan.added, plan.left, plan.known) == ((), (), 2)
    assert [one.became for one in read_former(renamed["former.csv"].decode(), [])] == [Became.RENAMED]


def test_a_new_name_is_looked_at_like_any_other() -> None:
    given_files = folder(listed=["Rain Watch", "Hill Forum"])

    for name, code in (
        ("Rain\u202e", "bidi-control"),
        ("Hill Forum", "already-listed"),
        ("x@y.example", "contact-in-name"),
    ):
        with pytest.raises(Exception, match=code):
            rename(state(given_files), "1", name, today=TODAY)
        with pytest.raises(Exception, match=code):
            add(state(given_files), name, today=TODAY)


def test_who_is_not_on_the_list_is_said() -> None:
    given_files = folder(listed=["Rain Watch"])
    gone = after(given_files, withdraw(state(given_files), "1", today=TODAY))

    with pytest.raises(Exception, match="no signatory has this number"):
        withdraw(state(given_files), "7", today=TODAY)
    with pytest.raises(Exception, match=r"no\. 1 has withdrawn"):
        withdraw(state(gone), "1", today=TODAY)


def test_an_added_signatory_is_on_record_with_its_source_and_consent() -> None:
    given_files = folder(listed=["Hill Forum"])

    edit = add(state(given_files), " 川の声 ", today=TODAY, source="telephone", consent="2026-03-09")
    (origin,) = read_provenance(edit.files["provenance.csv"], [])

    assert edit.signatory
    assert (edit.signatory.number, edit.signatory.name, edit.signatory.lang) == (2, "川の声", "ja")
    assert (origin.number, origin.source, origin.consent, origin.sha256) == (2, "telephone", "2026-03-09", "")


def test_numbers_of_a_table_are_used_where_they_are_free_and_asked_about_where_not() -> None:
    rows = [["number", "name"], ["7", "Rain Watch"], ["1", "Delta Forum"], ["", "Old Mill"]]

    plan = planned(folder(listed=["Hill Forum"]), table(rows))
    found = only(plan.open, "number-taken")
    behind = imported(folder(listed=["Hill Forum"]), table(rows), decided=(answered("number-taken", found.evidence),))
    other = imported(
        folder(listed=["Hill Forum"]), table(rows), decided=(answered("number-taken", found.evidence, "5"),)
    )

    assert found.evidence == "1: Delta Forum | Hill Forum"
    assert numbered(behind) == [(1, "Hill Forum"), (7, "Rain Watch"), (8, "Delta Forum"), (9, "Old Mill")]
    assert numbered(other) == [(1, "Hill Forum"), (5, "Delta Forum"), (7, "Rain Watch"), (8, "Old Mill")]


def test_a_partners_own_counting_numbers_nobody() -> None:
    plan = planned(folder(listed=["Hill Forum"]), table([["No.", "Name"], ["1", "Rain Watch"]]))

    assert [arrival.signatory.number for arrival in plan.added] == [2]


def test_an_ordered_list_is_renumbered_only_when_asked_for() -> None:
    given_files = folder(listed=["Hill Forum", "Rain Watch"], settings=WORDS)

    plan = planned(given_files, named("Alpha Group"))
    asked = imported(given_files, named("Alpha Group"), renumber=True)

    assert codes(errors(plan.open)) == ["renumbering-not-asked"]
    assert plan.files == {}
    assert numbered(asked) == [(1, "Alpha Group"), (2, "Hill Forum"), (3, "Rain Watch")]


def test_a_renumbered_list_takes_its_decisions_and_its_records_along() -> None:
    given_files = folder(
        {
            "decisions.toml": "# kept\n"
            '[[decision]]\ncode = "trailing-dot"\nsubject = "signatory 1"\nevidence = "Hill."\n'
            'by = "chair"\nwhen = 2026-03-01\nwhy = "so written"\n\n[[decision]]\ncode = "possible-duplicate"\n'
            'subject = "signatories 1 and 2"\nevidence = "Hill. | Ada"\nby = "chair"\nwhen = 2026-03-01\nwhy = "two"\n'
        },
        listed=["Hill.", "Ada"],
        settings=WORDS,
    )
    before = imported(given_files, named("Hill.", "Ada", name="first.csv"))

    now = imported(before, named("Moss Forum"), renumber=True)
    subjects = [(one["subject"], one["evidence"]) for one in tomllib.loads(now["decisions.toml"].decode())["decision"]]

    assert numbered(now) == [(1, "Ada"), (2, "Hill."), (3, "Moss Forum")]
    assert subjects == [("signatory 2", "Hill."), ("signatories 1 and 2", "Ada | Hill.")]
    assert now["decisions.toml"].startswith(b"# kept\n")
    assert [(one.number, one.row) for one in read_provenance(now["provenance.csv"], [])] == [(1, 3), (2, 2), (3, 2)]


def test_a_number_that_somebody_left_is_no_ones_in_a_renumbered_list() -> None:
    given_files = folder(listed=["Hill Forum", "Rain Watch"], settings=WORDS)
    gone = after(given_files, withdraw(state(given_files), "Rain Watch", today=TODAY))

    now = imported(gone, named("Alpha Group"), renumber=True)

    assert numbered(now) == [(1, "Alpha Group"), (2, "Hill Forum")]
    assert [(one.number, one.name) for one in read_former(now["former.csv"].decode(), [])] == [(0, "Rain Watch")]
    assert list(reused_numbers(read(read_letter(Sources(now)).letter, Sources({})))) == []


@given(st.lists(st.text(st.sampled_from("aAáÁbB 12.Яяक香"), min_size=1, max_size=8), unique=True))
def test_the_collation_puts_every_shuffle_in_one_order(given_names: list[str]) -> None:
    shuffled = random.Random(1).sample(given_names, len(given_names))

    assert sorted(shuffled, key=by_words) == sorted(given_names, key=by_words)


def test_the_collation_goes_by_words_numbers_and_scripts() -> None:
    ordered = ["2 Rivers", "10 Rivers", "Écho", "Echo Lake", "Echoes", "éclair", "Амур", "أمل", "川"]
    shuffled = random.Random(2).sample(ordered, len(ordered))

    assert sorted(shuffled, key=by_words) == ordered


def seed(*, empty: bool) -> dict[str, bytes]:
    files = {name: (SEED / name).read_bytes() for name in ("letter.toml", "letter.zh-Hant.md", "signatories.csv")}
    return {**files, "signatories.csv": b"number,name,lang,spans,kind,note\n"} if empty else files


PARTS = ("seed-one.xlsx", "seed-two.csv", "seed-three.csv")


def test_the_published_list_comes_back_from_three_spreadsheets_that_disagree() -> None:
    tables = [made(name) for name in PARTS]
    original = list(csv.DictReader(io.StringIO(seed(empty=False)["signatories.csv"].decode())))

    plan = planned(seed(empty=True), *tables)
    conflicts = [each for each in plan.open if each.code == "rows-disagree"]
    answers = [answered("rows-disagree", each.evidence, right(each.evidence, original)) for each in conflicts]
    # What check finds wrong in the letters of the names was decided on when they were published.
    known = [answered(each.code, each.evidence) for each in errors(plan.open) if each.code != "rows-disagree"]
    back = imported(seed(empty=True), *tables, decided=(*answers, *known))

    assert plan.files == {}
    assert sorted(each.evidence.partition(": ")[2].split()[0] for each in conflicts) == ["kind", "number"]
    assert codes(plan.open).count("row-repeated") == 10
    assert {each.code for each in errors(plan.open)} == {"rows-disagree"}
    assert back["signatories.csv"] == seed(empty=False)["signatories.csv"]
    assert len(read_provenance(back["provenance.csv"], [])) == 281
    assert planned(back, *tables).files == {}


def test_the_published_list_is_not_changed_by_what_partners_send_of_it() -> None:
    plan = planned(seed(empty=False), *(made(name) for name in PARTS))

    assert plan.added == ()
    assert set(plan.files) == {"letter.toml", "provenance.csv", "imports.csv"}
    assert codes(plan.open) == ["list-differs", "list-differs"]


def right(evidence: str, original: list[dict[str, str]]) -> str:
    """What the published list says where two partners disagree."""
    name, _, rest = evidence.rpartition(": ")
    what = rest.split()[0]
    return next(row[what] for row in original if row["name"] == name)


def test_the_three_spreadsheets_hold_every_row_and_ten_twice() -> None:
    everyone = {one.name for one in read_signatories(seed(empty=False)["signatories.csv"].decode(), [])}
    sent = [entry.name for each in planned(seed(empty=True), *map(made, PARTS)).read for entry in each.entries]

    assert (set(sent), len(sent)) == (everyone, 291)
    assert names(seed(empty=False)) != sent


def test_renaming_to_the_same_name_is_refused_and_leaves_no_earlier_name() -> None:
    before = folder(listed=["Hill Forum"])

    with pytest.raises(LetterError) as refused:
        rename(state(before), "1", "Hill Forum", today=TODAY)
    spoken = rename(state(before), "1", "Hill Forum", today=TODAY, lang="en")

    assert codes(refused.value.findings) == ["already-listed"]
    assert "former.csv" not in spoken.files
