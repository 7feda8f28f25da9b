"""False alarms: what the detectors say of hundreds of names that are right as they are."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from typeset.checks import check
from typeset.diagnostics import Finding, Severity
from typeset.languages import scripts
from typeset.model import Counts, Kind, Letter, Signatory
from typeset.sources import Sources

NAMES = Path(__file__).parents[1] / "inputs" / "clean-names.csv"

# Every false alarm there is, by code: a change here is a change of what a secretariat has to read.
FALSE_ALARMS = {"mixed-alphabets": 1, "possible-duplicate": 2}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with NAMES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def findings(rows: list[dict[str, str]]) -> tuple[Finding, ...]:
    signatories = tuple(
        Signatory(number=number, name=row["name"], lang=row["lang"], kind=Kind(row["kind"]))
        for number, row in enumerate(rows, start=1)
    )
    letter = Letter(
        id="clean",
        date=date(2026, 3, 4),
        page="A4",
        look="letter",
        recipients=(),
        versions=(),
        signatories=signatories,
        counts=Counts(named=len(signatories), anonymous=0),
    )
    return check(letter, Sources({}))


def test_the_names_are_many_and_of_many_kinds(rows: list[dict[str, str]]) -> None:
    written = {script for row in rows for script in scripts(row["name"])}

    assert len(rows) >= 500
    assert len({row["country"] for row in rows}) >= 60
    assert len({row["lang"] for row in rows}) >= 15
    assert len(written) >= 25


def test_no_clean_name_is_an_error_or_a_warning(findings: tuple[Finding, ...]) -> None:
    assert [finding for finding in findings if finding.severity is not Severity.NOTE] == []


def test_false_alarms_are_counted(findings: tuple[Finding, ...]) -> None:
    assert Counter(finding.code for finding in findings) == FALSE_ALARMS
