from __future__ import annotations

import pytest

from tests.support.letters import BODY, LETTER, LIST, Changed, sources
from typeset.diagnostics import Finding, Location, Severity
from typeset.manuscript import read_letter
from typeset.manuscript.body import read_version
from typeset.manuscript.signatories import read_signatories
from typeset.model import Kind, Part, Passage


def findings_of(changed: Changed) -> list[tuple[str, str, int]]:
    found = read_letter(sources(changed)).findings
    return [(f.code, f.place.file if f.place else "", f.place.line if f.place else 0) for f in found]


def test_a_sound_folder_has_no_findings() -> None:
    manuscript = read_letter(sources())

    assert manuscript.findings == ()
    assert [s.name for s in manuscript.letter.signatories] == ["Amis du Delta", "أصدقاء النهر", "Watch 川の声 Group"]
    assert manuscript.letter.signatories[2].passages == (Passage(start=6, end=9, lang="ja"),)
    assert manuscript.letter.counts.total == 4
    assert manuscript.letter.recipients[0].holder == {"en": "Ada Osei"}


def test_blocks_know_what_they_are_for() -> None:
    version = read_letter(sources()).letter.versions[0]

    assert version.title == "A small letter"
    assert [(block.part, block.text) for block in version.blocks] == [
        (Part.RECIPIENTS, "To:"),
        (Part.PARAGRAPH, "We ask for one thing."),
        (Part.CLOSING, "Respectfully,"),
        (Part.SIGNATORIES, ""),
        (Part.NOTE, "{total} signed, {anonymous} of them without a name."),
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"letter.toml": None}, ("missing-file", "letter.toml", 0)),
        ({"letter.en.md": None}, ("missing-file", "letter.en.md", 0)),
        ({"signatories.csv": None}, ("missing-file", "signatories.csv", 0)),
        ({"letter.toml": LETTER + "colour = 3\n"}, ("unknown-key", "letter.toml", 10)),
        ({"letter.toml": LETTER.replace("schema = 1", "schema = 7")}, ("unknown-schema", "letter.toml", 1)),
        ({"letter.toml": LETTER.replace('"small"', '"../small"')}, ("unusable-id", "letter.toml", 2)),
        ({"letter.toml": LETTER.replace('"small"', '"sm\\u0000all"')}, ("unusable-id", "letter.toml", 2)),
        ({"letter.toml": LETTER.replace('["en"]', '["en", "en"]')}, ("repeated-language", "letter.toml", 4)),
        ({"letter.toml": LETTER.replace('["en"]', '["klingonese"]')}, ("unknown-language", "letter.toml", 4)),
        ({"letter.toml": LETTER.replace("anonymous = 1", "anonymous = -1")}, ("wrong-type", "letter.toml", 5)),
        ({"letter.toml": LETTER.replace("anonymous = 1", "anonymous = true")}, ("wrong-type", "letter.toml", 5)),
        ({"letter.toml": LETTER.replace("anonymous = 1", 'page = "A5"')}, ("unknown-page", "letter.toml", 5)),
        ({"letter.toml": LETTER.replace('"The Chair"', "7")}, ("wrong-type", "letter.toml", 8)),
        ({"letter.toml": LETTER.replace('"The Chair"', '{ fr = "Le président" }')}, ("missing-key", "letter.toml", 8)),
        ({"letter.toml": "id = \n"}, ("not-toml", "letter.toml", 1)),
        ({"letter.toml": b"id = '\xff'\n"}, ("not-utf-8", "letter.toml", 1)),
        ({"letter.en.md": "We ask.\n\n{signatories}\n"}, ("no-title", "letter.en.md", 1)),
        ({"letter.en.md": BODY + "\n# Again\n"}, ("several-titles", "letter.en.md", 13)),
        ({"letter.en.md": "# T\n\nWe ask.\n"}, ("missing-slot", "letter.en.md", 0)),
        ({"letter.en.md": BODY + "\n{signatories}\n"}, ("repeated-slot", "letter.en.md", 13)),
        ({"letter.en.md": BODY + "\n{sum} signed\n"}, ("unknown-placeholder", "letter.en.md", 13)),
        ({"letter.en.md": BODY + "\n<script>alert(1)</script>\n"}, ("raw-html", "letter.en.md", 13)),
        ({"letter.en.md": BODY + "\nwe <b>ask</b>\n"}, ("raw-html", "letter.en.md", 13)),
        ({"letter.en.md": BODY + "\n![x](http://x.example/a.png)\n"}, ("no-pictures", "letter.en.md", 13)),
        ({"letter.en.md": BODY + "\n    indented\n"}, ("no-code", "letter.en.md", 13)),
        ({"letter.en.md": BODY + "\n[mot]{lang=klingonese}\n"}, ("unknown-language", "letter.en.md", 13)),
        ({"signatories.csv": ""}, ("empty-list", "signatories.csv", 0)),
        ({"signatories.csv": "number,name,lang,spans,kind,note\n"}, ("empty-list", "signatories.csv", 0)),
        ({"signatories.csv": "no,name\n1,A\n"}, ("unknown-columns", "signatories.csv", 1)),
        ({"signatories.csv": LIST + "4,A,b\n"}, ("broken-row", "signatories.csv", 5)),
        ({"signatories.csv": LIST + '4,"A,und,,,\n'}, ("broken-row", "signatories.csv", 5)),
        ({"signatories.csv": LIST + "four,A,und,,,\n"}, ("not-a-number", "signatories.csv", 5)),
        ({"signatories.csv": LIST + "0,A,und,,,\n"}, ("not-a-number", "signatories.csv", 5)),
        ({"signatories.csv": LIST + "٤,A,und,,,\n"}, ("not-a-number", "signatories.csv", 5)),
        ({"signatories.csv": LIST + "4, ,und,,,\n"}, ("no-name", "signatories.csv", 5)),
        ({"signatories.csv": LIST + "4,A,und,,state,\n"}, ("unknown-kind", "signatories.csv", 5)),
        ({"signatories.csv": LIST + "4,A,und,ja:川,,\n"}, ("no-such-passage", "signatories.csv", 5)),
    ],
)
def test_every_fault_is_a_finding_with_its_line(changed: Changed, expected: tuple[str, str, int]) -> None:
    assert expected in findings_of(changed)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("| river | year |\n|---|---|\n| Ob | 2025 |", 13),
        ("river | year\n:-- | --:\nOb | 2025", 13),
        ("See this:\n| river | year |\n| Ob | 2025 |", 14),
        ("> | river |\n> |---|\n> | Ob |", 13),
    ],
)
def test_a_table_is_a_warning_at_its_line(typed: str, line: int) -> None:
    manuscript = read_letter(sources({"letter.en.md": f"{BODY}\n{typed}\n"}))

    (table,) = (finding for finding in manuscript.findings if finding.code == "no-tables")
    assert table.severity is Severity.WARNING
    assert table.place
    assert (table.place.file, table.place.line) == ("letter.en.md", line)
    assert "list" in table.hint
    assert manuscript.letter.versions[0].blocks[-1].text


@pytest.mark.parametrize(
    "typed",
    [
        "a | b, and c | d",
        "\\| river \\| year \\|\n\\|---\\|---\\|",
        "|x| is small\nand |y| is not",
        "A line\n--- or two",
    ],
)
def test_strokes_in_a_sentence_are_no_table(typed: str) -> None:
    assert findings_of({"letter.en.md": f"{BODY}\n{typed}\n"}) == []


def test_faults_of_all_files_are_told_at_once() -> None:
    found = findings_of({"letter.toml": LETTER + "colour = 3\n", "letter.en.md": "We ask.\n", "signatories.csv": ""})

    assert {code for code, _, _ in found} == {"unknown-key", "no-title", "missing-slot", "empty-list"}


def test_a_brace_behind_a_backslash_is_a_brace() -> None:
    letter = read_letter(sources({"letter.en.md": BODY + "\nwrite \\{total} there\n"})).letter

    note = letter.versions[0].blocks[-1]
    assert note.text == "write {total} there"
    assert [run.placeholder for run in note.runs] == [""]


def test_a_line_end_between_ideographs_is_no_space() -> None:
    letter = read_letter(sources({"letter.en.md": BODY + "\n我們\n請求 one\ntwo\n"})).letter

    assert letter.versions[0].blocks[-1].text == "我們請求 one two"


def test_lists_and_quotations_keep_their_depth() -> None:
    body = BODY + "\n> quoted\n\n3. three\n4. four\n    - inner\n"
    blocks = read_letter(sources({"letter.en.md": body})).letter.versions[0].blocks

    assert [(b.part, b.level, b.ordinal, b.text) for b in blocks[-4:]] == [
        (Part.QUOTE, 1, 0, "quoted"),
        (Part.ITEM, 1, 3, "three"),
        (Part.ITEM, 1, 4, "four"),
        (Part.ITEM, 2, 0, "inner"),
    ]


def test_spans_may_hold_the_separator() -> None:
    rows = LIST + "4,a|b\\c d,und,fr:a\\|b\\\\c|de:d,person,\n"
    signatory = read_letter(sources({"signatories.csv": rows})).letter.signatories[-1]

    assert signatory.passages == (Passage(start=0, end=5, lang="fr"), Passage(start=6, end=7, lang="de"))
    assert signatory.kind is Kind.PERSON


def test_line_ends_and_byte_order_marks_of_other_systems_are_read() -> None:
    windows = sources({"signatories.csv": b"\xef\xbb\xbf" + LIST.replace("\n", "\r\n").encode()})

    assert read_letter(windows).findings == ()
    assert len(read_letter(windows).letter.signatories) == 3


@pytest.mark.parametrize("one", ["recipients", "closing", "signatories", "changes"])
@pytest.mark.parametrize("other", ["recipients", "closing", "signatories", "changes"])
def test_two_slots_in_one_paragraph_are_told_whichever_they_are(one: str, other: str) -> None:
    body = f"# A small letter\n\nTo {{{one}}} and {{{other}}} too\n"
    codes = {code for code, _, line in findings_of({"letter.en.md": body}) if line == 3}

    # A slot that is repeated within its own paragraph is the same slot.
    assert ("misplaced-slot" in codes) == (one != other)
    for block in read_letter(sources({"letter.en.md": body})).letter.versions[0].blocks:
        assert not [run for run in block.runs if run.placeholder]


@pytest.mark.parametrize(
    ("words", "line"),
    [(">" * 20 + " x", 5), ("- " * 20 + "x", 5), ("1. " * 20 + "x", 5), ("[" * 2_001, 5), ("a" * 1_000_001, 0)],
    ids=["quotations", "items", "numbered items", "marks", "characters"],
)
def test_a_text_that_takes_a_parser_too_long_is_one_finding(words: str, line: int) -> None:
    found: list[Finding] = []

    read_version(f"# A title\n\nWords.\n\n{words}\n", "en", "letter.en.md", found)

    assert [(finding.code, finding.place) for finding in found] == [
        ("too-large", Location(file="letter.en.md", line=line))
    ]


def test_a_list_of_too_many_rows_is_not_read() -> None:
    found: list[Finding] = []

    assert read_signatories("number,name\n" + "1,x\n" * 200_000, found) == ()
    assert [finding.code for finding in found] == ["too-many"]
