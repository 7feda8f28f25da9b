from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.support.findings_page import PAGE, with_tables
from tests.support.letters import BODY, LETTER, LIST, files
from typeset.cli import main, prompt
from typeset.decisions import (
    Answer,
    CheckedFolder,
    Walk,
    asking_order,
    explained,
    match,
    open_session,
    read_answers,
    read_decisions,
    record_answer,
    template,
    without,
)
from typeset.decisions.questions import explanations
from typeset.diagnostics import Finding, LetterError, Location, Option, Question, Severity
from typeset.journal import new_folder
from typeset.letter_folder import read_sources
from typeset.pipeline import CheckedLetter, examine
from typeset.project import build_context
from typeset.sources import Sources

DAY = date(2026, 3, 4)
DOT = Finding(
    code="trailing-dot",
    severity=Severity.WARNING,
    message="the name ends with a full stop",
    place=Location(file="signatories.csv", line=3, column=13),
    subject="signatory 2",
    evidence="Rain Watch ( north ).",
    proposal="Rain Watch ( north )",
)
BRACKET = replace(DOT, code="bracket-space", proposal="Rain Watch (north).")
GAP = Finding(
    code="number-gap", severity=Severity.WARNING, message="no. 6 is missing", subject="signatory 7", evidence="5, 7"
)
BIDI = replace(DOT, code="bidi-control", severity=Severity.ERROR, subject="signatory 9", evidence="Delta\u202e Forum")


def answer(finding: Finding, printed: str | None = None) -> Answer:
    return Answer(finding=finding, by="chair", when=DAY, why="by telephone", printed=printed)


def printed_by(data: bytes) -> dict[str, Any]:
    return {entry["code"]: entry.get("print") for entry in tomllib.loads(data.decode())["decision"]}


# Explaining


def test_the_page_of_findings_and_the_program_explain_in_the_same_words() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert with_tables(page) == page, "run python -m tests.support.findings_page"
    assert all(explanation.row in page for explanation in explanations())


def test_an_explanation_is_two_sentences_without_markup() -> None:
    explanation = explained("template-syntax")

    assert explanation is not None
    assert explanation.sentences[0].startswith("{{, {%, ${, {total} in a name. Names are")
    assert explanation.sentences[1] == "Remove it, or decide that it belongs to the words."


# Walking


def test_an_answer_is_undone_step_by_step() -> None:
    walk = Walk(findings=(DOT, GAP)).answered(answer(DOT, "Rain Watch")).answered(answer(GAP))

    assert walk.finding is None
    assert printed_by(walk.written(b"")) == {"trailing-dot": "Rain Watch", "number-gap": None}
    assert walk.undone().finding == GAP
    assert printed_by(walk.undone().written(b"")) == {"trailing-dot": "Rain Watch"}
    assert walk.undone().undone().written(b"# mine\n") == b"# mine\n"


def test_other_words_for_a_text_take_the_place_of_those_before() -> None:
    walk = Walk(findings=(BRACKET, DOT)).answered(answer(BRACKET, "Rain Watch (north)."))

    walk = walk.answered(answer(DOT, "Rain Watch (north)"))

    assert printed_by(walk.written(b"")) == {
        "bracket-space": "Rain Watch (north)",
        "trailing-dot": "Rain Watch (north)",
    }


def test_a_text_that_stands_leaves_other_answers_about_it_alone() -> None:
    walk = Walk(findings=(BRACKET, DOT)).answered(answer(BRACKET, "Rain Watch (north).")).answered(answer(DOT))

    assert printed_by(walk.written(b"")) == {"bracket-space": "Rain Watch (north).", "trailing-dot": None}


def test_findings_about_one_text_are_asked_together_and_errors_first() -> None:
    checked = CheckedLetter.__new__(CheckedLetter)
    object.__setattr__(checked, "open", (BRACKET, GAP, DOT, BIDI))

    assert [finding.code for finding in asking_order(checked)] == [
        "bidi-control",
        "bracket-space",
        "trailing-dot",
        "number-gap",
    ]


# Taking entries out

TWO = """# why we keep this file
[[decision]]
code = "trailing-dot"
subject = "signatory 2"
evidence = "Rain Watch."
by = "chair"
when = 2026-03-04
why = '''
[[decision]] by telephone
# nobody'''

# about the next
[[decision]]
code = "number-gap"
subject = "signatory 7"
evidence = "5, 7"
by = "chair"
when = 2026-03-04
why = "free"
"""


def test_an_entry_is_taken_out_and_comments_about_others_stay() -> None:
    rest = without(TWO.encode(), [13])
    first = without(TWO.encode(), [2])

    assert rest.decode() == TWO[: TWO.index('[[decision]]\ncode = "number')]
    assert first.decode().startswith("# why we keep this file\n# about the next\n[[decision]]\n")
    assert without(TWO.encode(), [2, 13]).decode() == "# why we keep this file\n# about the next\n"


def test_an_entry_that_cannot_be_told_from_the_rest_stays() -> None:
    with pytest.raises(LetterError) as refused:
        without(b"decision = [{ code = 'dead-link' }]\n", [1])

    assert [finding.code for finding in refused.value.findings] == ["not-removable"]


# From a file


def filled(**lines: str) -> bytes:
    """The form for one finding, with lines filled in."""
    text = template([DOT]).replace('by = ""', 'by = "chair"')
    text = text.replace("# print = ", "print = ") if "print" in lines else text
    return text.replace('why = ""', f'why = "{lines.get("why", "")}"').encode()


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_form_left_empty_answers_nothing() -> None:
    decisions, findings = read_answers(template([DOT, BIDI, GAP]).encode(), "a.toml", by="", today=DAY)

    assert (decisions, findings) == ((), ())


def test_a_filled_in_form_answers_its_finding() -> None:
    decisions, findings = read_answers(filled(why="asked", print=""), "a.toml", by="", today=DAY)
    answers, unmatched = match(decisions, [DOT], [])

    assert (findings, unmatched) == ((), ())
    assert answers == (Answer(finding=DOT, by="chair", when=DAY, why="asked", printed="Rain Watch ( north )"),)


def test_a_form_hides_nothing_of_a_name_in_its_comments() -> None:
    sly = replace(BIDI, message="the name is Delta\u202e\nby = 'me'")

    text = template([sly])

    assert "\u202e" not in text
    assert tomllib.loads(text)["by"] == ""


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (filled(print=""), "empty-value", 16),
        (filled(why="asked").replace(b'by = "chair"', b""), "empty-value", 11),
        (filled(why="asked") + filled(why="again").split(b'by = "chair"')[1], "answer-repeated", 22),
        (filled(why="asked").replace(b"code", b"kode"), "unknown-key", 12),
        (b"by = \xff", "not-utf-8", 1),
        (b"[[decision", "not-toml", 1),
        (b"decision = 3", "wrong-type", 1),
    ],
)
def test_a_fault_in_a_file_of_answers_is_told_with_its_line(data: bytes, code: str, line: int) -> None:
    _, findings = read_answers(data, "a.toml", by="", today=DAY)

    assert code in codes(findings)
    (finding,) = [finding for finding in findings if finding.code == code]
    assert finding.place is not None
    assert (finding.place.file, finding.place.line) == ("a.toml", line)


def test_answers_that_match_nothing_as_it_is_now_are_findings() -> None:
    decisions, _ = read_answers(filled(why="asked"), "a.toml", by="", today=DAY)
    recorded = [replace(decisions[0], printed="Rain")]

    assert codes(match(decisions, [], [])[1]) == ["answers-nothing"]
    assert codes(match(decisions, [replace(DOT, evidence="Rain.")], [])[1]) == ["stale-answer"]
    assert codes(match(decisions, [], recorded)[1]) == ["answered-otherwise"]


def test_an_answer_given_twice_is_no_error() -> None:
    decisions, _ = read_answers(filled(why="asked"), "a.toml", by="", today=DAY)

    answers, findings = match(decisions, [], decisions)

    assert answers == ()
    assert [(finding.code, finding.severity) for finding in findings] == [("answered-already", Severity.NOTE)]


def test_what_cannot_stand_needs_words() -> None:
    text = template([BIDI]).replace('why = ""', 'why = "asked"')
    decisions, _ = read_answers(text.encode(), "a.toml", by="chair", today=DAY)

    assert codes(match(decisions, [BIDI], [])[1]) == ["answer-without-words"]


# On the command line

FAULTY = LIST + "4,Rain Watch ( north ).,en,,organisation,\n6,Delta\u202e Forum,en,,organisation,\n"
STATED = LETTER.replace("anonymous = 1", "anonymous = 1\nstated = { total = 9 }")
FILE = "decisions.toml"


@pytest.fixture
def letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "content" / "small"
    new_folder(folder, files({"signatories.csv": FAULTY, "letter.toml": STATED}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


Sit = Callable[..., Result]


@pytest.fixture
def sit(letter: Path, monkeypatch: pytest.MonkeyPatch) -> Sit:
    """Sit down at the questions with these answers, each a line."""
    monkeypatch.setattr("typeset.cli.decide.is_terminal", lambda: True)

    def sit(*lines: str, arguments: tuple[str, ...] = ("--by", "chair")) -> Result:
        said = "".join(f"{line}\n" for line in lines)
        return CliRunner().invoke(main, ["decide", *arguments], input=said, catch_exceptions=False)

    return sit


def test_findings_are_shown_explained_and_answered(letter: Path, sit: Sit) -> None:
    done = sit("p", "as published", "p", "asked", "p", "", "p", "", "l", "left free", "f")

    assert done.exit_code == 0, done.output
    assert "Finding 1 of 5" in done.output
    assert "6│ stated = { total = 9 }" in done.output
    assert "What to do: Write {total}, {named} or {anonymous}" in done.output
    assert "p  print “Delta Forum” instead" in done.output
    assert "5 answers recorded in content/small/decisions.toml; no finding is open." in done.output
    decisions, findings = read_decisions((letter / FILE).read_bytes())
    assert findings == ()
    assert [(one.code, one.printed, one.by, one.why) for one in decisions] == [
        ("count-mismatch", "9", "chair", "as published"),
        ("bidi-control", "Delta Forum", "chair", "asked"),
        ("bracket-space", "Rain Watch (north)", "chair", "asked"),
        ("trailing-dot", "Rain Watch (north)", "chair", "asked"),
        ("number-gap", None, "chair", "left free"),
    ]
    assert CliRunner().invoke(main, ["check", "--strict"]).exit_code == 0


def test_an_answer_about_two_signatories_is_told_of_two(letter: Path, sit: Sit) -> None:
    new_folder(letter.with_name("twice"), files({"signatories.csv": LIST + "4,Amis du Delta,fr,,organisation,\n"}))

    done = sit("l", "two chapters", "f", arguments=("content/twice", "--by", "chair"))

    assert "Recorded: signatories 1 and 4 stay as they are. By chair" in done.output


def test_words_that_mend_two_things_answer_both(letter: Path, sit: Sit) -> None:
    done = sit("s", "s", "o", "Rain Watch (north)", "asked", "p", "", "q")

    assert "  p  print “Rain Watch (north)”, which also answers this finding\n  o  other words" in done.output
    assert set(printed_by((letter / FILE).read_bytes()).values()) == {"Rain Watch (north)"}


def test_who_decides_is_asked_once_and_first(letter: Path, sit: Sit) -> None:
    done = sit("l", "secretariat", "so published", "p", "asked", "q", arguments=())

    assert done.output.count("Who decides?") == 1
    assert done.output.index("Who decides?") < done.output.index("Why?")
    decisions, _ = read_decisions((letter / FILE).read_bytes())
    assert [one.by for one in decisions] == ["secretariat", "secretariat"]


def test_stopping_in_the_middle_keeps_what_was_answered(letter: Path, sit: Sit) -> None:
    # The runner's input ends here, which is what Ctrl-D does; Ctrl-C takes the same way.
    done = sit("p", "as published", "p")

    assert done.exit_code == 130
    assert "Stopped. The question on the screen stays open." in done.output
    assert printed_by((letter / FILE).read_bytes()) == {"count-mismatch": "9"}


def test_undo_takes_the_last_answers_out_of_the_file(letter: Path, sit: Sit) -> None:
    done = sit("p", "as published", "s", "u", "u", "q")

    assert "Nothing was recorded; 5 findings are still open." in done.output
    assert not (letter / FILE).exists()


def test_a_proposal_is_recorded_however_many_faults_its_text_has(letter: Path, sit: Sit) -> None:
    (letter / "signatories.csv").write_text(LIST + '4,"**Rain** <b>Watch</b> ( north )",en,,organisation,\n')

    done = sit("s", "p", "asked", "p", "", "f")

    assert "Nothing was recorded" not in done.output
    assert set(printed_by((letter / FILE).read_bytes()).values()) == {"Rain Watch (north)"}


@pytest.mark.parametrize("ways", ["walk", "form"])
def test_what_no_face_sets_is_not_proposed(letter: Path, sit: Sit, ways: str) -> None:
    (letter / "signatories.csv").write_text(LIST + "4,ᚠᚢᚦ ( north ),en,,organisation,\n")

    said = sit("s", "s", "s", "q") if ways == "walk" else CliRunner().invoke(main, ["decide", "--template", "-"])

    assert "ᚠᚢᚦ ( north )" in said.output
    assert "ᚠᚢᚦ (north)" not in said.output


def test_words_that_raise_an_error_are_not_recorded(letter: Path, sit: Sit) -> None:
    done = sit("s", "o", "Delta\u2066 Forum", "o", "**Delta**", "o", "", "q")

    assert "error[bidi-control]: in the words that a decision prints" in done.output
    assert "error[stray-markup]" in done.output
    assert not (letter / FILE).exists()


def test_what_cannot_be_left_standing_offers_no_such_answer(letter: Path, sit: Sit) -> None:
    done = sit("s", "l", "q")

    assert "Type one of these letters: p, o, s, u, q." in done.output


def test_a_stale_entry_is_removed_on_request(letter: Path, sit: Sit) -> None:
    (letter / FILE).write_text(TWO)

    done = sit(*["s"] * 5, "r", "r", "f")

    assert "It was made for “Rain Watch.”." in done.output
    assert "2 entries removed in content/small/decisions.toml" in done.output
    assert (letter / FILE).read_text() == "# why we keep this file\n# about the next\n"


def test_a_file_that_somebody_else_changes_is_not_written_over(
    letter: Path, sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = prompt.choose

    def meanwhile(question: Question) -> Option:
        (letter / FILE).write_text("# mine\n")
        return choose(question)

    monkeypatch.setattr(prompt, "choose", meanwhile)

    done = sit("p", "as published")

    assert done.exit_code == 1
    assert "error[changed-meanwhile]" in done.output
    assert (letter / FILE).read_text() == "# mine\n"


def test_questions_in_sentences_draw_nothing(letter: Path, sit: Sit) -> None:
    done = sit("s", "q", arguments=("--plain",))

    assert not set("│┌─^") & set(done.output)
    assert "In content/small/signatories.csv, line 6, column 8.\nThe line is: 6,Delta<U+202E> Forum" in done.output


def test_a_number_in_a_sentence_stands_as_it_is_written(letter: Path, sit: Sit) -> None:
    (letter / "letter.en.md").write_text(BODY.replace("{total} signed", "99 signatories stand here"))
    (letter / "letter.toml").write_text(LETTER)

    done = sit("q")

    assert "error[count-mismatch]: the text says 99" in done.output
    assert "  l  leave it as it is\n  o  other number to print\n" in done.output


def test_a_file_that_nothing_can_be_added_to_is_told_of_before_the_first_question(letter: Path, sit: Sit) -> None:
    (letter / FILE).write_text("decision = []\n")

    done = sit("p", "as published")

    assert done.exit_code == 1
    assert "error[not-appendable]" in done.output
    assert "Finding 1" not in done.output


def test_without_a_terminal_the_way_by_file_is_told(letter: Path) -> None:
    done = CliRunner().invoke(main, ["decide"])

    assert done.exit_code == 2
    assert (
        "5 findings to answer, but this is not a terminal; write a form with typesetter decide --template FILE"
        in done.output
    )


def test_a_form_is_written_filled_in_and_taken(letter: Path) -> None:
    run = CliRunner().invoke

    written = run(main, ["decide", "--template", "answers.toml"])
    form = Path("answers.toml").read_text().replace('by = ""', 'by = "chair"').replace("# print", "print")
    Path("answers.toml").write_text(form.replace('why = ""', 'why = "asked"'))
    taken = run(main, ["decide", "--from", "answers.toml"])

    assert "5 findings to answer" in written.output
    assert "5 answers recorded in content/small/decisions.toml; no finding is open." in taken.output
    assert run(main, ["check", "--strict"]).exit_code == 0
    assert "nothing new to record" in run(main, ["decide", "--from", "answers.toml"]).output
    assert run(main, ["decide", "--template", "answers.toml"]).exit_code == 1


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('"signatory 4"', '"signatory 5"', "answers-nothing"),
        ("Rain Watch (north)", "Rain (north)", "decisions-disagree"),
        ("Delta Forum", "**Delta** Forum", "stray-markup"),
        ("Delta Forum", "Ꭰelta Forum", "uncovered-character"),
    ],
)
def test_all_of_a_file_is_recorded_or_nothing(letter: Path, before: str, after: str, code: str) -> None:
    CliRunner().invoke(main, ["decide", "--template", "answers.toml"])
    form = Path("answers.toml").read_text().replace("# print", "print").replace('why = ""', 'why = "asked"')
    Path("answers.toml").write_text(form.replace(before, after, 1))

    done = CliRunner().invoke(main, ["decide", "--from", "answers.toml", "--by", "chair"])

    assert done.exit_code == 1
    assert f"error[{code}]" in done.output
    assert not (letter / FILE).exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("trailing-dot", "--by", "chair"),
        ("trailing-dot", "--from", "a.toml"),
        ("--why", "so"),
        ("--from", "a.toml", "--template", "b.toml"),
    ],
)
def test_what_does_not_go_together_is_a_wrong_command_line(letter: Path, arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, ["decide", *arguments]).exit_code == 2


def test_a_folder_may_stand_in_the_place_of_a_code(letter: Path) -> None:
    assert "5 findings" in CliRunner().invoke(main, ["decide", "content/small"]).output
    assert CliRunner().invoke(main, ["decide", "content/other"]).exit_code == 1


# Without a terminal


@pytest.fixture
def checked(letter: Path) -> CheckedFolder:
    """The letter folder with its open findings, as a program would open it."""

    def examined(sources: Sources) -> CheckedLetter:
        return examine(sources, build_context(sources))

    return CheckedFolder(folder=letter, checked=examined(read_sources(letter)), check=examined, today=DAY)


def test_questions_are_values_that_a_program_can_answer(letter: Path, checked: CheckedFolder) -> None:
    session = open_session(checked)
    finding = session.finding
    assert finding is not None
    option = session.question(finding).options[0]

    session = session.answered(session.tried(finding, option.value), by="chair", why="as published")

    assert (option.key, option.value) == ("p", "9")
    assert printed_by((letter / FILE).read_bytes()) == {"count-mismatch": "9"}
    assert session.left == 4
    assert session.undone().finding == finding
    assert not (letter / FILE).exists()


def test_words_that_would_be_refused_cannot_be_recorded(letter: Path, checked: CheckedFolder) -> None:
    session = open_session(checked).skipped()
    finding = session.finding
    assert finding is not None

    with pytest.raises(LetterError) as refused:
        session.tried(finding, "Delta \u202eForum")

    assert refused.value.findings
    assert not (letter / FILE).exists()


def test_one_of_several_findings_is_not_answered_for_the_others(letter: Path, checked: CheckedFolder) -> None:
    with pytest.raises(LetterError) as refused:
        record_answer(checked, "no-such-code", by="chair", why="so")

    assert [finding.code for finding in refused.value.findings] == ["no-such-finding"]
    assert [finding.code for finding in record_answer(checked, "number-gap", by="chair", why="left free")] == [
        "number-gap"
    ]
