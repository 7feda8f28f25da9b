from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from typeset.checks import check, check_printed
from typeset.decisions import Decision, answer, append, apply, entry, read_decisions
from typeset.diagnostics import Finding, LetterError, Location, Severity, errors
from typeset.manuscript import read_letter
from typeset.model import Counts, Letter, Signatory, Version
from typeset.sources import Sources

DAY = date(2026, 3, 4)
DOT = Finding(
    code="trailing-dot",
    severity=Severity.WARNING,
    message="the name ends with a full stop",
    subject="signatory 2",
    evidence="Rain Watch.",
    proposal="Rain Watch",
)
COUNT = Finding(
    code="count-mismatch",
    severity=Severity.ERROR,
    message="the source states 9; 2 named + 5 anonymous = 7",
    subject="total",
    evidence="9 stated; 2 named + 5 anonymous = 7",
)
TITLE = Finding(
    code="outer-space", severity=Severity.WARNING, message="…", subject="title en", evidence=" A call for rivers"
)
BIDI = Finding(
    code="bidi-control", severity=Severity.ERROR, message="…", subject="signatory 1", evidence="Delta\u202e Forum"
)
LETTER = Letter(
    id="rivers",
    date=DAY,
    page="A4",
    look="letter",
    recipients=(),
    versions=(Version(lang="en", title=" A call for rivers", blocks=()),),
    signatories=(Signatory(number=1, name="Delta\u202e Forum"), Signatory(number=2, name="Rain Watch.")),
    counts=Counts(named=2, anonymous=5),
)
ENTRY = """# why we keep this file
[[decision]]
code = "trailing-dot"
subject = "signatory 2"
evidence = "Rain Watch."
print = "Rain Watch"
by = "secretariat"
when = 2026-03-04
why = '''
[[decision]] by telephone
by = nobody'''
"""


def decided(finding: Finding, printed: str | None = None, **changed: str) -> Decision:
    decision = Decision(
        code=finding.code,
        subject=finding.subject,
        evidence=finding.evidence,
        by="secretariat",
        when=DAY,
        why="by telephone",
        printed=printed,
        place=Location(file="decisions.toml", line=1, column=1),
    )
    return replace(decision, **changed)  # type: ignore[arg-type]


def faults(text: str) -> list[tuple[str, int]]:
    _, findings = read_decisions(text.encode())
    return [(finding.code, finding.place.line if finding.place else 0) for finding in findings]


# Reading


def test_an_entry_is_read_with_its_place() -> None:
    decisions, findings = read_decisions(ENTRY.encode())

    assert findings == ()
    assert decisions == (
        Decision(
            code="trailing-dot",
            subject="signatory 2",
            evidence="Rain Watch.",
            by="secretariat",
            when=DAY,
            why="[[decision]] by telephone\nby = nobody",
            printed="Rain Watch",
            place=Location(file="decisions.toml", line=2, column=1),
        ),
    )


def test_no_file_is_no_decisions() -> None:
    assert read_decisions(b"") == ((), ())


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('print = "', 'prnt = "', ("unknown-key", 6)),
        ('by = "secretariat"\n', "", ("missing-key", 2)),
        ("2026-03-04", '"2026-03-04"', ("wrong-type", 8)),
        ("2026-03-04", "2026-03-04T10:00:00", ("wrong-type", 8)),
        ('"signatory 2"', "2", ("wrong-type", 4)),
        ('"secretariat"', '" "', ("empty-value", 7)),
        ("[[decision]]\ncode", "[decision]\ncode", ("wrong-type", 2)),
        ("# why", "title = 1\n# why", ("unknown-key", 1)),
        ('code = "', "code = ", ("not-toml", 3)),
    ],
)
def test_a_fault_in_the_file_is_an_error_with_its_line(before: str, after: str, fault: tuple[str, int]) -> None:
    assert faults(ENTRY.replace(before, after, 1)) == [fault]


def test_an_entry_with_a_fault_answers_nothing() -> None:
    decisions, _ = read_decisions(ENTRY.replace("print", "prnt", 1).encode())

    assert decisions == ()


def test_lines_are_told_right_behind_strings_of_several_lines() -> None:
    second = ENTRY.replace("print", "prnt", 1)

    assert faults(ENTRY + second) == [("unknown-key", 17)]


def test_a_file_that_is_not_utf_8_is_an_error() -> None:
    _, (finding,) = read_decisions(b'# ok\ncode = "\xff"')

    assert (finding.code, finding.place) == ("not-utf-8", Location(file="decisions.toml", line=2, column=1))


def test_the_later_of_two_decisions_stands_and_is_told() -> None:
    decisions, (note,) = read_decisions((ENTRY + ENTRY.replace('"Rain Watch"', '"RAIN WATCH"')).encode())

    assert [decision.printed for decision in decisions] == ["RAIN WATCH"]
    assert (note.code, note.severity) == ("decision-superseded", Severity.NOTE)


def test_a_number_to_print_may_be_written_without_quotation_marks() -> None:
    decisions, findings = read_decisions(ENTRY.replace('"Rain Watch"', "321").encode())

    assert findings == ()
    assert decisions[0].printed == "321"


# Answering


def test_a_decision_on_the_same_text_answers_a_finding() -> None:
    decision = decided(DOT)

    answered = answer([DOT, COUNT], [decision])

    assert answered.open == (COUNT,)
    assert answered.answered == ((DOT, decision),)
    assert answered.stale == ()


def test_a_decision_on_a_changed_text_is_stale_and_the_finding_stands() -> None:
    now = replace(DOT, evidence="Rain Watch Ltd Co.")

    answered = answer([now], [decided(DOT)])

    (stale,) = answered.stale
    assert answered.open == (now,)
    assert (stale.code, stale.severity) == ("stale-decision", Severity.WARNING)
    assert stale.place == Location(file="decisions.toml", line=1, column=1)
    assert "Rain Watch Ltd Co." in stale.hint


def test_a_decision_that_nothing_asks_for_is_stale() -> None:
    assert [finding.code for finding in answer([], [decided(DOT)]).stale] == ["stale-decision"]


@pytest.mark.parametrize("change", [{"code": "cut-off"}, {"subject": "signatory 3"}, {"evidence": "Rain Watch"}])
def test_code_subject_and_evidence_must_all_agree(change: dict[str, str]) -> None:
    assert answer([DOT], [decided(DOT, **change)]).open == (DOT,)


def test_a_decision_that_prints_other_words_stands_as_long_as_the_typed_ones_do() -> None:
    elsewhere = decided(replace(DOT, code="uncovered-character"), "Rain Watch")

    assert answer([], [elsewhere], LETTER).stale == ()
    assert len(answer([], [replace(elsewhere, evidence="Rain Watch!")], LETTER).stale) == 1


def test_no_decision_lets_a_bidi_control_stand() -> None:
    answered = answer([BIDI], [decided(BIDI)])

    assert [finding.code for finding in answered.open] == ["bidi-control"]
    assert "--print" in answered.open[0].hint
    assert answered.stale == ()


def test_other_words_answer_a_bidi_control() -> None:
    assert answer([BIDI], [decided(BIDI, "Delta Forum")]).open == ()


def test_an_error_about_an_unreadable_file_cannot_be_decided_away() -> None:
    missing = Finding(code="missing-file", severity=Severity.ERROR, message="there is no letter.toml")

    assert answer([missing], [decided(missing)]).open == (missing,)


# Applying


def test_other_words_are_printed_and_the_typed_ones_stay_on_record() -> None:
    letter, findings = apply(LETTER, [decided(DOT, "Rain Watch")])

    assert findings == ()
    assert letter.signatories[1].printed == "Rain Watch"
    assert letter.signatories[1].name == "Rain Watch."
    assert letter.signatories[0] == LETTER.signatories[0]


@pytest.mark.parametrize("subject", ["title", "title en"])
def test_a_title_is_printed_as_decided(subject: str) -> None:
    letter, _ = apply(LETTER, [decided(TITLE, "A call for rivers", subject=subject)])

    assert letter.versions[0].printed_title == "A call for rivers"
    assert letter.versions[0].title == " A call for rivers"


def test_a_count_is_printed_as_decided() -> None:
    letter, findings = apply(LETTER, [decided(COUNT, "9")])

    assert findings == ()
    assert (letter.counts.shown("total"), letter.counts.total) == (9, 7)


def test_a_decided_count_is_void_when_the_list_changes() -> None:
    longer = replace(LETTER, counts=Counts(named=3, anonymous=5))

    assert apply(longer, [decided(COUNT, "9")])[0].counts.shown("total") == 8


def test_a_decision_without_other_words_changes_nothing() -> None:
    assert apply(LETTER, [decided(DOT), decided(COUNT)]) == (LETTER, ())


def test_a_decision_on_a_changed_name_prints_nothing() -> None:
    assert apply(LETTER, [decided(DOT, "Rain Watch", evidence="Rain Watch!")]) == (LETTER, ())


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (decided(COUNT, "nine"), "print-no-number"),
        (decided(COUNT, "-9"), "print-no-number"),
        (decided(COUNT, "9.5"), "print-no-number"),
        (decided(replace(DOT, code="possible-duplicate", subject="signatories 1 and 2"), "x"), "print-without-place"),
        (decided(replace(DOT, code="undated", subject="date"), "4 March"), "print-without-place"),
        (decided(replace(DOT, code="number-repeated"), "Rain"), "print-without-place"),
        (decided(DOT, " "), "print-empty"),
    ],
)
def test_words_that_cannot_be_printed_are_an_error(decision: Decision, code: str) -> None:
    letter, (finding,) = apply(LETTER, [decision])

    assert letter == LETTER
    assert (finding.code, finding.severity) == (code, Severity.ERROR)


def test_two_decisions_that_print_one_name_differently_are_an_error() -> None:
    other = decided(replace(DOT, code="cut-off"), "Rain Watch Ltd")

    _, findings = apply(LETTER, [decided(DOT, "Rain Watch"), other])

    assert [finding.code for finding in findings] == ["decisions-disagree"]


def test_two_rows_of_one_number_are_each_printed_as_decided() -> None:
    twins = (Signatory(number=2, name="Rain Watch."), Signatory(number=2, name="Dew Watch."))
    decisions = [decided(DOT, "Rain Watch"), decided(DOT, "Dew Watch", evidence="Dew Watch.")]

    letter, findings = apply(replace(LETTER, signatories=twins), decisions)

    assert findings == ()
    assert [signatory.printed for signatory in letter.signatories] == ["Rain Watch", "Dew Watch"]


# Writing


def test_an_entry_shows_what_cannot_be_seen() -> None:
    text = entry(BIDI, by="secretariat", when=DAY, why='a "slip"\n', printed="Delta Forum")

    assert text.split("\n") == [
        "[[decision]]",
        'code = "bidi-control"',
        'subject = "signatory 1"',
        'evidence = "Delta\\u202E Forum"',
        'print = "Delta Forum"',
        'by = "secretariat"',
        "when = 2026-03-04",
        'why = "a \\"slip\\"\\n"',
        "",
    ]


def test_an_appended_entry_leaves_the_file_before_it_alone() -> None:
    before = ENTRY.replace("\n", "\r\n").encode()

    after = append(before, entry(COUNT, by="secretariat", when=DAY, why="published so", printed="9"))

    assert after.startswith(before)
    assert b"\n" not in after.replace(b"\r\n", b"")
    assert [decision.printed for decision in read_decisions(after)[0]] == ["Rain Watch", "9"]


def test_a_broken_file_is_not_appended_to() -> None:
    with pytest.raises(LetterError) as refused:
        append(b"code = ", entry(DOT, by="secretariat", when=DAY, why="so"))

    assert [finding.code for finding in refused.value.findings] == ["not-toml"]


def test_a_file_with_its_decisions_in_one_line_is_not_appended_to() -> None:
    with pytest.raises(LetterError) as refused:
        append(b"decision = []\n", entry(DOT, by="secretariat", when=DAY, why="so"))

    assert [finding.code for finding in refused.value.findings] == ["not-appendable"]


WORDS = st.text(min_size=1).filter(str.strip)


@given(
    code=WORDS,
    subject=st.text(),
    evidence=st.text(),
    by=WORDS,
    why=WORDS,
    printed=st.none() | st.text(),
    when=st.dates(),
)
def test_what_is_written_is_read_back(
    code: str, subject: str, evidence: str, by: str, why: str, printed: str | None, when: date
) -> None:
    finding = Finding(code=code, severity=Severity.NOTE, message="…", subject=subject, evidence=evidence)

    data = append(ENTRY.encode(), entry(finding, by=by, when=when, why=why, printed=printed))

    decisions, findings = read_decisions(data)
    assert findings == ()
    assert decisions[1:] == (
        Decision(
            code=code,
            subject=subject,
            evidence=evidence,
            by=by,
            when=when,
            why=why,
            printed=printed,
            place=Location(file="decisions.toml", line=13, column=1),
        ),
    )
    assert tomllib.loads(data.decode())["decision"][1]["evidence"] == evidence


# The demonstration letter


@pytest.fixture(scope="module")
def demonstration() -> Sources:
    folder = Path(__file__).parents[2] / "content" / "china-monitoring"
    return Sources({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})


def test_nothing_stands_open_about_the_demonstration_letter(demonstration: Sources) -> None:
    manuscript = read_letter(demonstration)
    decisions, findings = read_decisions(demonstration["decisions.toml"])
    letter, unprintable = apply(manuscript.letter, decisions)

    answered = answer((*manuscript.findings, *check(manuscript.letter, demonstration)), decisions)

    assert (findings, unprintable, check_printed(letter)) == ((), (), ())
    assert answered.open == ()
    assert answered.stale == ()
    assert len(errors(finding for finding, _ in answered.answered)) == 1


def test_the_demonstration_prints_every_name_as_published(demonstration: Sources) -> None:
    decisions, _ = read_decisions(demonstration["decisions.toml"])

    letter, _ = apply(read_letter(demonstration).letter, decisions)

    assert {decision.by for decision in decisions} == {"demonstration"}
    assert all(signatory.printed == signatory.name for signatory in letter.signatories)
    assert (letter.counts.shown("total"), letter.counts.total) == (321, 320)
    assert letter.versions[0].printed_title == "全球呼籲：成立對中國的國際人權監察機制"
