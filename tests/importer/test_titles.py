"""A title in pieces is told from a title with pauses."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from typeset.checks import scrambled_title
from typeset.checks.letter import readings_of_scrambled
from typeset.diagnostics import Location, Severity

RIVER = (
    "我們是沿岸的居民與漁民團體。我們要求主管機關公開環境影響評估，停止興建水壩，並且聽取居民的意見。"
    "水壩破壞河流，也破壞居民的生活。停止興建水壩是漁民的要求，也是居民的要求。我們要求環境影響評估全部公開。"
)


@pytest.mark.parametrize(
    "scrambled",
    ["停止興建水：漁民的要求 壩計畫", "停止興建水: 漁民的要求 壩計畫"],
)
def test_pieces_that_make_no_words_are_put_back(scrambled: str) -> None:
    readings = readings_of_scrambled(scrambled, RIVER)

    assert "漁民的要求" in readings[0]
    assert all("停止興建水壩計畫" in reading for reading in readings)


def test_words_that_run_on_across_the_colon_tell_which_half_came_first() -> None:
    assert readings_of_scrambled("停止興建水：居民要求 壩計畫", RIVER + "我們要求停止興建。") == (
        "居民要求：停止興建水壩計畫",
    )


def test_two_halves_in_the_wrong_order_are_put_back() -> None:
    assert readings_of_scrambled("壩計畫 我們要求停止興建水", RIVER) == ("我們要求停止興建水壩計畫",)


@pytest.mark.parametrize(
    "title",
    [
        "停止興建水壩：漁民的要求",
        "漁民的要求 停止興建水壩",
        "公開信：停止興建水壩 公開環境影響評估",
        "河流",
        "",
        "Save the river: stop the dam",
        "水壩 河流 居民 漁民 環境 影響 評估",
        "聯合聲明 Joint Statement 停止興建",
    ],
)
def test_a_title_with_pauses_stands(title: str) -> None:
    assert readings_of_scrambled(title, RIVER) == ()


def test_a_pause_that_the_body_writes_as_a_word_stands() -> None:
    assert readings_of_scrambled("興建水壩 停止", RIVER) == ("停止興建水壩",)
    assert readings_of_scrambled("興建水壩 停止", RIVER + "水壩停止。") == ()


def test_the_finding_carries_the_title_as_it_stands_and_as_it_may_have_been() -> None:
    place = Location(file="raw.md", line=3, column=3)

    (finding,) = scrambled_title("壩計畫 我們要求停止興建水", RIVER, place)

    assert (finding.code, finding.severity, finding.subject) == ("scrambled-title", Severity.WARNING, "title")
    assert finding.place == place
    assert finding.evidence == "壩計畫 我們要求停止興建水"
    assert finding.proposal == "我們要求停止興建水壩計畫"


def test_no_proposal_is_made_where_two_readings_are_as_likely() -> None:
    (finding,) = scrambled_title("停止興建水：漁民的要求 壩計畫", RIVER, None)

    assert finding.proposal == ""
    assert " 或 " not in finding.hint
    assert "漁民的要求：停止興建水壩計畫" in finding.hint
    assert "停止興建水壩計畫：漁民的要求" in finding.hint


def test_clauses_of_a_letter_put_side_by_side_raise_no_false_alarm(chance: random.Random) -> None:
    """Titles made of the body's own clauses are the hardest clean ones: all their characters occur in it."""
    raw = (Path(__file__).parents[1] / "inputs" / "open-letter.zh-Hant.raw.md").read_text(encoding="utf-8")
    body = raw.split("\n1. ", 1)[0].split("\n", 5)[-1]
    clauses = [clause for clause in re.split(r"[\W\da-zA-Z]+", body) if 3 <= len(clause) <= 16]
    titles = [
        "".join(clause + chance.choice([" ", "："]) for clause in chance.sample(clauses, chance.choice([2, 3, 4])))[:-1]
        for _ in range(1000)
    ]

    alarms = [title for title in titles if readings_of_scrambled(title, body)]

    assert len(alarms) <= 1, alarms
