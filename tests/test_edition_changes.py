"""What is recorded of changes: what it says, what it leaves unsaid, and when it no longer holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.changed_letters import DIGEST, EDITION, GROWN, SECOND, SLOT, changes_to, second
from tests.support.letters import BODY, LETTER, LIST, Changed, sources
from tests.support.signed_letters import build_context, policy
from typeset.diagnostics import Finding, LetterError, Severity
from typeset.edition_changes import FILE, changes_json, read_changes
from typeset.model import Changes, Listed, TextChange, Withdrawn
from typeset.pipeline import CheckedLetter, examine
from typeset.publishing import propose
from typeset.render import attachments
from typeset.sources import Sources
from typeset.verification.claims import disagreements

NAMED = LETTER + EDITION + "name_withdrawn = [2]\n"


def read(given: Sources) -> CheckedLetter:
    return examine(given, build_context())


def about_changes(checked: CheckedLetter) -> list[Finding]:
    return [finding for finding in checked.open if finding.subject in ("changes", FILE)]


def carried(checked: CheckedLetter) -> set[str]:
    return {item.name for item in attachments(checked.letter, checked.letter.versions[0])}


def told(checked: CheckedLetter) -> list[str]:
    return [one.text for block in checked.letter.versions[0].blocks for one in block.inside]


def test_record_tells_who_came_went_was_corrected_and_renumbered() -> None:
    after = GROWN.replace("3,Watch", "6,Watch")

    changes = changes_to({**SECOND, "signatories.csv": after})

    assert changes.joined == (Listed(number=4, name="下游村莊聯合會"), Listed(number=5, name="حراس البحيرة"))
    assert changes.withdrawn == (Withdrawn(number=2),)
    assert changes.corrected == (Listed(number=1, name="Les Amis du Delta", changed=("name",)),)
    assert changes.renumbered == (Listed(number=6, name="Watch 川の声 Group", before=3),)
    assert (changes.edition, changes.predecessor, changes.before.listed, changes.after.listed) == (2, DIGEST, 3, 4)


def test_record_has_no_words_that_the_new_edition_does_not_print() -> None:
    before = {"signatories.csv": LIST.replace("Amis du Delta", "Amis du Delte"), "letter.en.md": BODY}

    data = changes_json(changes_to({**SECOND, "letter.en.md": SLOT.replace("one", "two")}, before)).decode()

    for gone in ("أصدقاء", "Amis du Delte", "thing"):
        assert gone not in data


def test_whoever_signed_without_a_name_is_a_count_and_nothing_else() -> None:
    after = LETTER.replace("anonymous = 1", "anonymous = 2") + EDITION
    changes = changes_to({**SECOND, "letter.toml": after})

    document = json.loads(changes_json(changes))

    assert (document["before"]["counts"]["anonymous"], document["after"]["counts"]["anonymous"]) == (1, 2)
    assert changes_json(changes).count(b"anonymous") == 2


def test_whoever_withdrew_is_named_where_the_letter_says_so_and_nowhere_else() -> None:
    named = changes_to({**SECOND, "letter.toml": NAMED})

    assert named.withdrawn == (Withdrawn(number=2, name="أصدقاء النهر", lang="ar"),)
    assert changes_to(SECOND).withdrawn == (Withdrawn(number=2),)


def test_name_of_somebody_who_withdrew_keeps_its_languages() -> None:
    settings = LETTER + EDITION + "name_withdrawn = [3]\n"
    after = LIST.replace("3,Watch 川の声 Group,und,ja:川の声,organisation,\n", "")

    changes = changes_to({**SECOND, "letter.toml": settings, "signatories.csv": after})

    (withdrawn,) = read_changes(changes_json(changes)).withdrawn
    assert (withdrawn.lang, withdrawn.passages) == ("und", (("ja", "川の声"),))


def test_note_that_nobody_prints_is_no_correction() -> None:
    after = LIST.replace("1,Amis du Delta,fr,,organisation,", "1,Amis du Delta,fr,,organisation,asked twice")

    changes = changes_to({**SECOND, "signatories.csv": after})

    assert changes.corrected == ()
    assert changes.is_empty


def test_count_inside_a_paragraph_does_not_make_it_a_changed_paragraph() -> None:
    changes = changes_to({**SECOND, "letter.en.md": BODY})

    assert changes.before.counts != changes.after.counts
    assert changes.texts == (TextChange(lang="en"),)


def test_slot_itself_is_no_change_of_the_text() -> None:
    assert changes_to({**SECOND, "letter.en.md": SLOT}).texts == (TextChange(lang="en"),)


def test_name_that_the_list_knows_to_be_another_of_the_same_is_a_correction() -> None:
    after = LIST.replace("Amis du Delta", "Vereniging Oever")
    former = "number,name,became,when,by,why\n1,Amis du Delta,renamed,2026-04-01,secretariat,\n"

    changes = changes_to({**SECOND, "signatories.csv": after, "former.csv": former})

    assert changes.corrected == (Listed(number=1, name="Vereniging Oever", changed=("name",)),)
    assert (changes.joined, changes.withdrawn) == ((), ())


def test_texts_recipients_and_date_are_told_by_kind_and_count() -> None:
    settings = LETTER.replace("Ada Osei", "Bo Lind").replace("2026-03-04", "2026-05-01") + EDITION
    body = SLOT.replace("**one** thing", "**two** things").replace("{closing}", "Let it run.\n\n{closing}")

    changes = changes_to({**SECOND, "letter.toml": settings, "letter.en.md": body.replace("small", "little")})

    assert changes.texts == (TextChange(lang="en", title=True, paragraphs={"changed": 1, "added": 1}),)
    assert changes.recipients == {"changed": 1}
    assert str(changes.before.date) == "2026-03-04"


CHAIR, EDITOR = (
    '\n[[recipients]]\noffice = "The Chair"\nholder = "Ada Osei"\n',
    '\n[[recipients]]\noffice = "The Editor"\n',
)


@pytest.mark.parametrize(
    ("recipients", "told"),
    [
        (CHAIR + EDITOR, {"added": 1}),
        ("", {"removed": 1}),
        (EDITOR, {"added": 1, "removed": 1}),
        (CHAIR.replace('holder = "Ada Osei"\n', ""), {"changed": 1}),
        (CHAIR.replace("Ada", "Eve") + EDITOR, {"changed": 1, "added": 1}),
    ],
)
def test_recipients_are_told_by_what_became_of_them(recipients: str, told: dict[str, int]) -> None:
    settings = LETTER.replace(CHAIR, recipients) + EDITION

    assert changes_to({**SECOND, "letter.toml": settings}).recipients == told


def test_recipients_in_another_order_have_moved() -> None:
    one, other = (LETTER.replace(CHAIR, order) for order in (CHAIR + EDITOR, EDITOR + CHAIR))

    changes = changes_to({**SECOND, "letter.toml": other + EDITION}, {"letter.toml": one})

    assert changes.recipients == {"moved": 1}


def test_record_is_the_same_bytes_each_time_and_reads_back() -> None:
    changes = changes_to({**SECOND, "letter.toml": NAMED})

    assert changes_json(changes) == changes_json(changes_to({**SECOND, "letter.toml": NAMED}))
    assert read_changes(changes_json(changes)) == changes


@pytest.mark.parametrize("edit", [("\n ", "\n  "), ('"schema": 1', '"schema": 2'), ("{", "["), ('r": 2', 'r": -2')])
def test_record_that_is_none_refuses_the_letter(edit: tuple[str, str]) -> None:
    data = changes_json(changes_to(SECOND)).decode().replace(*edit, 1)

    finding, *_ = about_changes(read(second({FILE: data})))

    assert (finding.code, finding.severity) == ("unreadable-changes", Severity.ERROR)
    assert "typesetter diff --record" in finding.hint


def test_record_of_this_very_state_is_told_and_carried() -> None:
    checked = read(second())

    assert about_changes(checked) == []
    assert told(checked) == [
        "Changes since edition 1",
        "Signed since: 2",
        "下游村莊聯合會",
        "حراس البحيرة",
        "Withdrawn: 1, numbered 2",
        "Name corrected: 1",
        "Les Amis du Delta",
        "Signatories: 5 (before: 4)",
    ]
    assert carried(checked) == {"signatories.json", "signatories.csv", FILE}


STALE: dict[str, tuple[Changed, str]] = {
    "list": (
        {"signatories.csv": GROWN + "6,One more,en,,organisation,\n"},
        "changed since it was written: counts, list",
    ),
    "language of a name": ({"signatories.csv": GROWN.replace("5,حراس البحيرة,und", "5,حراس البحيرة,ar")}, "list"),
    "text": ({"letter.en.md": SLOT.replace("one", "two")}, "text en"),
    "recipients": ({"letter.toml": LETTER.replace("Ada", "Eve") + EDITION}, "recipients"),
    "date": ({"letter.toml": LETTER.replace("-04", "-05") + EDITION}, "date"),
    "count": ({"letter.toml": LETTER.replace("anonymous = 1", "anonymous = 2") + EDITION}, "counts"),
    "predecessor": ({"letter.toml": LETTER + EDITION.replace("ab", "cd")}, "not the predecessor in letter.toml"),
    "number": (
        {"letter.toml": LETTER + EDITION.replace("2", "3", 1)},
        "it belongs to edition 2, but this is edition 3",
    ),
    "letter": ({"letter.toml": LETTER.replace('"small"', '"other"') + EDITION}, "belongs to another letter, small"),
    "first": ({"letter.toml": LETTER}, "it belongs to edition 2, but this is edition 1"),
    "naming": ({"letter.toml": NAMED}, "does not name the same withdrawn signatories as letter.toml"),
    "naming a stranger": ({"letter.toml": NAMED.replace("[2]", "[3]")}, "letter.toml says that 3 withdrew"),
}


@pytest.mark.parametrize("case", STALE)
def test_record_of_another_state_is_neither_printed_nor_carried(case: str) -> None:
    changed, said = STALE[case]

    checked = read(second(changed))

    (finding,) = about_changes(checked)
    assert (finding.code, finding.severity) == ("stale-changes", Severity.WARNING)
    assert said in finding.message
    assert told(checked) == []
    assert FILE not in carried(checked)


def test_slot_may_move_without_a_new_record() -> None:
    checked = read(second({"letter.en.md": BODY + "\n{changes}\n"}))

    assert about_changes(checked) == []
    assert len(told(checked)) == 8


def forged(changes: Changes, **values: object) -> bytes:
    return changes_json(replace(changes, **values))  # type: ignore[arg-type]


def test_record_that_contradicts_the_list_is_not_believed_whatever_its_digests() -> None:
    changes = changes_to(SECOND)
    others = (Listed(number=4, name="Somebody Else"), *changes.joined[1:])

    for data in (forged(changes, joined=others), forged(changes, withdrawn=()), forged(changes, joined=())):
        (finding,) = about_changes(read(second({FILE: data})))
        assert finding.code == "stale-changes"


def test_missing_record_is_said_where_it_would_be_printed() -> None:
    (finding,) = about_changes(read(second({FILE: None})))

    assert (finding.code, finding.severity) == ("missing-changes", Severity.WARNING)
    assert finding.place
    assert (finding.place.file, finding.place.line) == ("letter.en.md", SLOT.split("\n").index("{changes}") + 1)


def test_missing_record_is_but_a_note_where_nothing_would_be_printed() -> None:
    (finding,) = about_changes(read(second({FILE: None, "letter.en.md": BODY})))

    assert (finding.code, finding.severity) == ("untold-changes", Severity.NOTE)


def test_first_edition_prints_nothing_for_the_slot_and_says_so() -> None:
    checked = read(sources({"letter.en.md": SLOT}))

    (finding,) = about_changes(checked)
    assert (finding.code, finding.severity) == ("no-edition-before", Severity.NOTE)
    assert told(checked) == []
    assert "changes" not in checked.drafts["en"][0].html.partition("<body>")[2]


@pytest.mark.parametrize("body", [SLOT + "\n{changes}\n", SLOT.replace("{changes}", "See {changes} here")])
def test_slot_stands_once_and_by_itself(body: str) -> None:
    codes = {finding.code for finding in read(second({"letter.en.md": body})).open}

    assert codes & {"repeated-slot", "crowded-slot"}


@pytest.mark.parametrize("naming", ['"2"', "[0]", "[true]", "2"])
def test_numbers_of_those_to_be_named_are_numbers(naming: str) -> None:
    findings = read(second({"letter.toml": LETTER + EDITION + f"name_withdrawn = {naming}\n"})).open

    assert "wrong-type" in {finding.code for finding in findings}


@pytest.mark.parametrize("changed", [{FILE: None}, {"letter.en.md": SLOT.replace("one", "two")}])
def test_nobody_can_approve_what_tells_of_no_or_another_state(changed: Changed) -> None:
    settings = LETTER + EDITION + policy()
    code = "missing-changes" if FILE in changed else "stale-changes"
    decided = f"""[[decision]]
code = "{code}"
subject = "changes"
evidence = "{"" if FILE in changed else "changed since it was written: text en"}"
by = "a test"
when = 2026-04-01
why = "it does not matter"
"""
    checked = read(second({"letter.toml": settings, **changed, "decisions.toml": decided}))

    with pytest.raises(LetterError) as refused:
        propose(checked, build_context())

    assert [(one.code, one.severity) for one in refused.value.findings] == [(code, Severity.ERROR)]
    assert code in {one.code for one in checked.answered}


def test_manifest_covers_the_record_as_source_and_as_what_travels() -> None:
    given = second({"letter.toml": LETTER + EDITION + policy()})

    manifest = propose(read(given), build_context()).manifest

    wording = manifest.wording("en")
    assert wording
    assert wording.files[FILE] == manifest.sources[FILE]
    assert [subject for subject in wording.texts if subject.startswith("changes ")] == [
        f"changes {number}" for number in range(1, 9)
    ]


def test_record_in_a_file_is_held_against_its_edition_and_list() -> None:
    given = second({"letter.toml": LETTER + EDITION + policy()})
    proposal = propose(read(given), build_context())
    rows = json.loads(attachments(proposal.checked.letter, proposal.checked.letter.versions[0])[0].data)["signatories"]
    changes = changes_to(SECOND)

    assert list(disagreements(changes_json(changes), proposal.manifest, rows)) == []
    for data in (
        forged(changes, edition=3),
        forged(changes, predecessor="cd" * 32),
        forged(changes, after=replace(changes.after, counts={"total": 9, "named": 8, "anonymous": 1})),
        forged(changes, joined=changes.joined[:1]),
        b"{}",
    ):
        assert list(disagreements(data, proposal.manifest, rows)) != []


@pytest.mark.parametrize("slot", ["changes", "signatories", "recipients", "closing"])
@pytest.mark.parametrize("form", ["- {}", "> {}", "## {}", "1. first\n   - {}"])
def test_slot_inside_a_list_a_quotation_or_a_heading_is_said_where_it_stands(slot: str, form: str) -> None:
    checked = read(second({"letter.en.md": SLOT + f"\n{form.format(f'{{{slot}}}')}\n"}))

    (finding,) = [one for one in checked.open if one.code == "misplaced-slot"]
    assert finding.severity is Severity.ERROR
    assert finding.message == f"{{{slot}}} is not allowed here"
