"""Two states of a letter, told as values, as lines and as data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.support.letters import BODY, LETTER, LIST, Changed, files
from typeset.decisions import Decision
from typeset.diff import Difference, LetterState, WordEdit, as_data, compare, summary, tell
from typeset.manuscript import read_letter
from typeset.sources import Sources

SHAPES = {WordEdit.KEPT: "{}", WordEdit.REMOVED: "[-{}-]", WordEdit.ADDED: "{{+{}+}}"}


def state(changed: Changed | None = None, **more: object) -> LetterState:
    manuscript = read_letter(Sources(files(changed)))
    assert [finding.message for finding in manuscript.findings if finding.severity == "error"] == []
    return LetterState(label="now" if changed or more else "then", letter=manuscript.letter, **more)  # type: ignore[arg-type]


def difference(changed: Changed, before: Changed | None = None) -> Difference:
    return compare(state(before), state(changed))


def lines(told: Difference) -> list[str]:
    return [
        line.heading
        or " ".join(
            part
            for part in (line.mark, line.label, "".join(SHAPES[one.edit].format(one.text) for one in line.pieces))
            if part
        )
        for line in tell(told)
    ]


def test_same_letter_is_no_difference() -> None:
    told = compare(state(), state())

    assert told.is_empty
    assert lines(told) == []
    assert summary(told) == "nothing changed"
    assert as_data(told)["changed"] is False


def test_grown_list_is_told_with_the_counts_in_the_text() -> None:
    told = difference({"signatories.csv": LIST + "4,下游村莊聯合會,zh-Hant,,organisation,\n"})

    assert lines(told) == [
        "signatories: 1 joined; 3 as before",
        "+ 4 {+下游村莊聯合會+}",
        "counts",
        "~ total [-4-]{+5+}",
        "~ named [-3-]{+4+}",
        "1 paragraph changed in en; 4 as before",
        "~ ¶5 [-4-]{+5+} signed, 1 of them without a name.",
    ]
    assert summary(told) == "1 joined; 1 paragraph changed in en"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("one** thing", "two** things", ["~ ¶2 We ask for [-one thing-]{+two things+}."]),
        ("**one** thing", "one thing", ["~ ¶2 We ask for one thing.  (changed: emphasis)"]),
        ("**one**", "*one*", ["~ ¶2 We ask for one thing.  (changed: emphasis)"]),
        ("one", "[one](https://example.org/)", ["~ ¶2 We ask for one thing.  (changed: links)"]),
        ("**one**", "[one]{lang=fr}", ["~ ¶2 We ask for one thing.  (changed: emphasis, languages)"]),
        ("{closing}", "Another thing.\n\n{closing}", ["+ ¶3 {+Another thing.+}"]),
        ("We ask for **one** thing.\n\n", "", ["− ¶2 [-We ask for one thing.-]"]),
        ("We ask", "> We ask", ["~ ¶2 We ask for one thing.  (changed: kind)"]),
        ("# A small", "# A great", ["~ title A [-small-]{+great+} letter"]),
    ],
)
def test_changed_text_is_told_in_its_paragraph(old: str, new: str, told: list[str]) -> None:
    shown = lines(difference({"letter.en.md": BODY.replace(old, new, 1)}))

    assert shown[1:] == told
    assert "in en" in shown[0]


def test_paragraph_in_another_place_has_moved() -> None:
    one, other, third = "The first thing.", "The second, which is long.", "The third of all that we want."
    before = BODY.replace("We ask for **one** thing.", f"{one}\n\n{other}\n\n{third}")
    after = BODY.replace("We ask for **one** thing.", f"{third}\n\n{one}\n\n{other}")

    shown = lines(difference({"letter.en.md": after}, {"letter.en.md": before}))

    assert shown == ["1 paragraph moved in en; 6 as before", f"↕ ¶4 → ¶2 {third}"]


def test_two_changed_paragraphs_stay_with_their_own_earlier_states() -> None:
    before = BODY.replace("We ask for **one** thing.", "We love the river and its fish.\n\nDams must answer to people.")
    after = BODY.replace(
        "We ask for **one** thing.", "Something new.\n\nWe love the river and all its fish.\n\nDams answer to people."
    )

    shown = lines(difference({"letter.en.md": after}, {"letter.en.md": before}))

    assert shown[1:] == [
        "+ ¶2 {+Something new.+}",
        "~ ¶3 We love the river and {+all +}its fish.",
        "~ ¶4 Dams [-must -]answer to people.",
    ]


def test_version_in_another_language_comes_and_goes() -> None:
    changed = {
        "letter.toml": LETTER.replace('["en"]', '["fr"]'),
        "letter.en.md": None,
        "letter.fr.md": BODY.replace("A small letter", "Une petite lettre"),
    }

    shown = lines(difference(changed))

    assert "version in fr added" in shown
    assert "− title [-A small letter-]" in shown
    assert "~ languages [-en-]{+fr+}" in shown


def test_recipients_dates_and_pages_are_told() -> None:
    changed = LETTER.replace("Ada Osei", "Ben Kim").replace("03-04", "05-06").replace("id =", 'page = "Letter"\nid =')
    added = changed + '\n[[recipients]]\noffice = "The Commissioner"\nholder = "Cy Lund"\n'

    assert lines(difference({"letter.toml": added})) == [
        "recipients",
        "~ The Chair [-Ada Osei-]{+Ben Kim+}",
        "+ {+The Commissioner (Cy Lund)+}",
        "settings",
        "~ date [-2026-03-04-]{+2026-05-06+}",
        "~ page [-A4-]{+Letter+}",
    ]


def test_decisions_and_other_files_are_told() -> None:
    taken = Decision(
        code="all-capitals", subject="signatory 2", evidence="X", by="chair", when=date(2026, 3, 5), why="so"
    )
    told = compare(state(files={"look.css": "1", "gone.css": "1"}), state(decisions=(taken,), files={"look.css": "2"}))

    assert lines(told) == [
        "decisions",
        "+ all-capitals, signatory 2:   (so; by chair, 2026-03-05)",
        "what else the pages are made from",
        "− gone.css",
        "~ look.css",
    ]


def test_decision_taken_otherwise_is_told() -> None:
    taken = Decision(
        code="all-capitals", subject="signatory 2", evidence="X", by="chair", when=date(2026, 3, 5), why="so"
    )
    other = replace(taken, printed="Y", why="on second thoughts")

    told = compare(state(decisions=(taken,)), state(decisions=(other,)))

    assert lines(told) == [
        "decisions",
        "~ all-capitals, signatory 2: {+Y+}  (on second thoughts; by chair, 2026-03-05)",
    ]
    assert as_data(told)["decisions"][0]["before"]["why"] == "so"


def test_order_of_the_recipients_is_told() -> None:
    one, other = (f'\n[[recipients]]\noffice = "The {office}"\n' for office in ("Minister", "Mayor"))
    begun = LETTER.partition("[[recipients]]")[0]

    told = difference({"letter.toml": begun + other + one}, {"letter.toml": begun + one + other})

    assert lines(told) == ["recipients", "~ order [-The Minister; The Mayor-]{+The Mayor; The Minister+}"]


def test_number_that_somebody_else_has_now_is_told() -> None:
    told = difference({"signatories.csv": LIST.replace("Amis du Delta", "River Keepers")})

    assert lines(told)[:4] == [
        "signatories: 1 joined, 1 withdrawn; 2 as before",
        "+ 1 {+River Keepers+}",
        "− 1 [-Amis du Delta-]",
        "! given to somebody else: 1",
    ]


def test_data_says_what_the_lines_say() -> None:
    told = difference({"signatories.csv": LIST.replace("Amis", "Les Amis") + "5,New,en,,person,\n"})

    data = json.loads(json.dumps(as_data(told)))

    assert [one["number"] for one in data["signatories"]["joined"]] == [5]
    assert data["signatories"]["corrected"][0]["after"]["name"] == "Les Amis du Delta"
    assert data["signatories"]["corrected"][0]["changed"] == ["name"]
    assert {"name": "total", "before": "4", "after": "5"} in data["counts"]
    assert data["versions"][0]["paragraphs"][0]["text"][0] == {"edit": "removed", "text": "4"}
    assert data["summary"] == summary(told)


def test_nobody_who_signed_anonymously_is_named(tmp_path: Path) -> None:
    told = difference({"letter.toml": LETTER.replace("anonymous = 1", "anonymous = 3")})

    assert "~ anonymous [-1-]{+3+}" in lines(told)
    assert told.signatories.is_empty
