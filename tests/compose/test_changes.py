"""What the slot of changes prints, in every look, language and kind of file."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from tests.support.changed_letters import EDITION, GROWN, SECOND, SLOT, changes_to, second
from tests.support.letters import LETTER, LIST, Changed, house_templates, sources
from tests.support.signed_letters import build_context
from typeset.compose import read_words
from typeset.compose.changes import MOST_NAMED, ranges, told
from typeset.diagnostics import LetterError, Severity
from typeset.edition_changes import FILE, changes_json
from typeset.model import Changes, Listed, Part
from typeset.pipeline import CheckedLetter, build, examine
from typeset.sources import Sources

CHINESE = "# 一封小信\n\n收件人：{recipients}\n\n我們只請求一件事。\n\n{signatories}\n\n{changes}\n"
BOTH = (
    LETTER.replace('["en"]', '["en", "zh-Hant"]')
    .replace('office = "The Chair"', 'office = { en = "The Chair", zh-Hant = "主席" }')
    .replace('holder = "Ada Osei"', 'holder = { en = "Ada Osei" }')
)
STRANGERS = "".join(f"{number},Group {number},en,,organisation,\n" for number in range(4, 4 + MOST_NAMED + 1))


def read(given: Sources) -> CheckedLetter:
    return examine(given, build_context())


def said(changes: Changes, changed: Changed, lang: str = "en") -> list[str]:
    letter = read(sources({**SECOND, **changed})).letter
    blocks = told(letter, changes, lang, read_words(sources(), lang))
    return [f"{block.ordinal}. {block.text}" if block.part is Part.ITEM else block.text for block in blocks]


def in_two_languages(look: str) -> Sources:
    before: Changed = {"letter.toml": BOTH, "letter.zh-Hant.md": CHINESE.replace("一件事", "兩件事")}
    after: Changed = {**SECOND, "letter.toml": BOTH + EDITION, "letter.zh-Hant.md": CHINESE}
    return sources({**after, FILE: changes_json(changes_to(after, before))}, look)


@pytest.mark.parametrize("look", ["letter", "plain"])
def test_changes_are_printed_in_every_look_language_and_format(look: str) -> None:
    checked = read(in_two_languages(look))

    made = build(checked, build_context(), formats=("pdf", "html", "docx", "txt"), languages=("en", "zh-Hant"))

    # Every file has been read back and held against what it should say before it is handed out.
    texts = {one.name: one.data.decode() for one in made if one.name.endswith(("html", "txt"))}
    assert len(made) == 8
    assert "Withdrawn: 1, numbered 2" in texts["small.en.txt"]
    assert "退出連署：1，編號 2" in texts["small.zh-Hant.txt"]
    assert "段落：修改 1" in texts["small.zh-Hant.txt"]
    assert "Paragraphs" not in texts["small.en.txt"]
    assert "Changes since edition 1</h2>" in texts["small.en.html"]
    assert "أصدقاء النهر" not in texts["small.en.html"]


def test_draft_and_final_carry_the_record_as_data() -> None:
    (pdf,) = build(read(second()), build_context(), formats=("pdf",), languages=("en",))

    reader = PdfReader(io.BytesIO(pdf.data))

    assert reader.attachments[FILE] == [changes_json(changes_to(SECOND))]
    associated: Any = reader.root_object["/AF"]
    assert {item.get_object()["/AFRelationship"] for item in associated} == {"/Data"}


def test_page_that_says_other_changes_is_refused() -> None:
    given = second()
    template = house_templates()["templates/letter.html.j2"].replace(b'"changes" %}<div', b'"nothing" %}<div')

    with pytest.raises(LetterError) as refused:
        build(
            read(Sources({**given, "templates/letter.html.j2": template})),
            build_context(),
            formats=("pdf",),
            languages=["en"],
        )

    assert {one.subject for one in refused.value.findings} >= {"changes 1", "changes 8"}


def test_many_are_told_by_their_numbers_alone() -> None:
    after: Changed = {"signatories.csv": LIST + STRANGERS}

    lines = said(changes_to({**SECOND, **after}), after)

    assert lines[1:3] == ["Signed since: 13, numbered 4–16", "Signatories: 17 (before: 4)"]


def test_few_are_told_by_their_names_and_each_in_its_language() -> None:
    letter = read(second()).letter
    blocks = told(letter, changes_to(SECOND), "en", read_words(sources(), "en"))

    items = [
        (block.ordinal, [(run.text, run.lang) for run in block.runs]) for block in blocks if block.part is Part.ITEM
    ]

    # A name of no stated language that runs from the right says so, or nothing would tell its direction.
    assert items == [
        (4, [("下游村莊聯合會", "zh-Hant")]),
        (5, [("حراس البحيرة", "und")]),
        (1, [("Les Amis du Delta", "fr")]),
    ]


def test_name_of_somebody_who_withdrew_is_set_in_its_languages() -> None:
    settings = LETTER + EDITION + "name_withdrawn = [3]\n"
    after: Changed = {**SECOND, "letter.toml": settings, "signatories.csv": "\n".join(LIST.split("\n")[:3]) + "\n"}
    letter = read(sources(after)).letter

    *_, item, _ = told(letter, changes_to(after), "en", read_words(sources(), "en"))

    assert [(run.text, run.lang) for run in item.runs] == [("Watch ", ""), ("川の声", "ja"), (" Group", "")]


def test_whoever_may_be_named_stands_beside_the_number() -> None:
    named: Changed = {"letter.toml": LETTER + EDITION + "name_withdrawn = [2]\n"}

    lines = said(changes_to({**SECOND, **named}), named)

    assert lines[lines.index("Withdrawn: 1, numbered 2") + 1] == "2. أصدقاء النهر"


def test_whoever_has_another_number_stands_beside_both() -> None:
    after: Changed = {"signatories.csv": LIST.replace("3,Watch", "7,Watch")}

    lines = said(changes_to({**SECOND, **after}), after)

    assert lines[1:] == ["Renumbered: 1", "7. Watch 川の声 Group (was 3)"]


def test_many_new_numbers_are_told_one_by_one_without_names() -> None:
    moved = tuple(Listed(number=number + 1, name=f"Group {number}", before=number) for number in range(4, 18))

    lines = said(replace(changes_to({**SECOND, "signatories.csv": LIST}), renumbered=moved), {})

    assert lines[1] == "Renumbered: 14"
    assert lines[2].startswith("4 → 5, 5 → 6, ")


def test_nothing_changed_is_said_as_well() -> None:
    unchanged: Changed = {"signatories.csv": LIST}

    assert said(changes_to({**SECOND, **unchanged}), unchanged) == [
        "Changes since edition 1",
        "Text and list are as they were.",
    ]


def test_date_recipients_and_texts_have_a_line_each() -> None:
    settings = LETTER.replace("Ada", "Eve").replace("2026-03-04", "2026-05-01") + EDITION
    after: Changed = {
        "letter.toml": settings,
        "letter.en.md": SLOT.replace("small", "little").replace("one", "two"),
        "signatories.csv": LIST,
    }

    assert said(changes_to({**SECOND, **after}), after)[1:] == [
        "Title: changed",
        "Paragraphs: 1 changed",
        "Recipients: 1 changed",
        "Date before: 4 March 2026",
    ]


@pytest.mark.parametrize(
    ("numbers", "written"), [([3], "3"), ([4, 3], "3, 4"), ([1, 2, 3, 7, 9, 10], "1–3, 7, 9, 10"), ([], "")]
)
def test_numbers_are_written_as_people_write_them(numbers: list[int], written: str) -> None:
    assert ranges(numbers, ", ") == written


def test_language_without_words_for_changes_says_which_are_missing() -> None:
    words = re.sub(rb"(?m)^changes_joined.*\n", b"", house_templates()["templates/languages/en.toml"])

    findings = read(second({"templates/languages/en.toml": words})).open

    assert [(one.severity, one.message) for one in findings if one.code == "no-words"] == [
        (
            Severity.ERROR,
            "English (en) has no words for a list of changes yet: templates/languages/en.toml has no changes_joined",
        )
    ]


def test_slot_between_notes_keeps_them_notes() -> None:
    body = SLOT.replace("{changes}\n\n", "") + "\nA first note.\n\n{changes}\n\nA last note.\n"
    checked = read(second({"letter.en.md": body, "signatories.csv": GROWN}))

    assert "stale-changes" in {one.code for one in checked.open}
    record = changes_json(changes_to({**SECOND, "letter.en.md": body}))
    html = read(second({"letter.en.md": body, FILE: record})).drafts["en"][0].html
    assert html.count('<div class="notes">') == 2
    assert html.index("A first note") < html.index('class="changes"') < html.index("A last note")
