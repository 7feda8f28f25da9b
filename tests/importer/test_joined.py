"""A title on several lines is printed as one, and asked about until somebody has decided."""

from __future__ import annotations

from datetime import date

import pytest

from tests.importer.test_letters import ENGLISH, HANT
from tests.support.letters import house_templates
from typeset.cli.output import Clock, build_context
from typeset.decisions import entry
from typeset.diagnostics import Severity
from typeset.importer import import_raw
from typeset.importer.raw_text import Import
from typeset.manuscript import read_letter
from typeset.pipeline import CheckedLetter, examine
from typeset.sources import Sources

TWO_LINES = ("Open letter on the state of rivers", "and of all who live beside them")


def imported(*title: str, lang: str = "en", name: str = "raw.txt") -> Import:
    words = HANT if lang == "zh-Hant" else ENGLISH
    raw = "\n".join(title) + f"\n\n{words}\n\n1. One\n2. Two\n"
    return import_raw(raw, id="rivers", source_name=name, lang=lang)


def read(given: Import, decisions: str = "") -> CheckedLetter:
    sources = Sources({**house_templates(), **given.files, "decisions.toml": decisions.encode()})
    return examine(sources, build_context(sources, Clock(shown=False)))


@pytest.mark.parametrize(
    ("title", "lang", "joined"),
    [
        (TWO_LINES, "en", " ".join(TWO_LINES)),
        (("關於河川", "與沿岸居民"), "zh-Hant", "關於河川與沿岸居民"),
        (("On *rivers*", "- and lakes", "1. and seas"), "en", "On *rivers* - and lakes 1. and seas"),
    ],
)
def test_a_title_on_several_lines_reads_as_one_and_is_doubted(title: tuple[str, ...], lang: str, joined: str) -> None:
    given = imported(*title, lang=lang)

    (doubt,) = [finding for finding in given.findings if finding.code == "joined-title"]
    assert (doubt.severity, doubt.evidence) == (Severity.WARNING, joined)
    letter = read_letter(Sources(given.files)).letter
    assert letter.versions[0].title == joined


def test_the_doubt_stays_until_it_is_decided() -> None:
    given = imported(*TWO_LINES)
    (asked,) = [finding for finding in read(given).open if finding.code == "joined-title"]
    words = "Open letter: the state of rivers and of all who live beside them"

    checked = read(given, entry(asked, by="chair", when=date(2026, 3, 5), why="as published", printed=words))

    assert asked.place
    assert (asked.place.file, asked.place.line) == ("letter.en.md", 1)
    assert "joined-title" not in {finding.code for finding in checked.open}
    assert checked.letter.versions[0].printed_title == words


@pytest.mark.parametrize(("title", "name"), [(TWO_LINES[:1], "raw.txt"), (("# A title", "and a line"), "raw.md")])
def test_a_title_on_one_line_is_not_asked_about(title: tuple[str, ...], name: str) -> None:
    given = imported(*title, name=name)

    assert "joined-title" not in {finding.code for finding in (*given.findings, *read(given).open)}
    assert given.files["letter.en.md"].startswith(b"# ")


def test_a_title_whose_line_end_is_a_divided_word_is_written_on_one_line() -> None:
    given = imported("Open letter on the state of the environ-", "ment of rivers")

    assert "joined-title" in {finding.code for finding in given.findings}
    assert given.files["letter.en.md"].startswith(b"# Open letter")
