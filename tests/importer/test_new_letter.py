from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.letters import house_templates, sources
from typeset.checks.context import read
from typeset.checks.letter import unwritten
from typeset.cli.output import Clock, build_context
from typeset.diagnostics import LetterError, Severity
from typeset.importer import begin_letter, import_letter, new_letter
from typeset.manuscript import read_letter
from typeset.pipeline import CheckedLetter, build, examine
from typeset.sources import Sources

LANGUAGES = ["en", "zh-Hant"]


def read_folder(files: Mapping[str, bytes], look: str = "letter") -> CheckedLetter:
    given = Sources({**house_templates(look), **files})
    return examine(given, build_context(given, Clock(shown=False)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_check_of_a_new_letter_says_what_is_missing_and_nothing_else(lang: str) -> None:
    checked = read_folder(new_letter(id="rivers", lang=lang))

    assert [finding.code for finding in checked.open].count("unwritten") == 4
    assert {finding.code for finding in checked.open} == {"undated", "unwritten", "no-recipients", "empty-list"}
    assert {finding.severity for finding in checked.open} == {Severity.WARNING}
    assert all(finding.hint and finding.place for finding in checked.open)


@pytest.mark.parametrize("look", ["letter", "plain"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_new_letter_can_be_looked_at(lang: str, look: str) -> None:
    files = new_letter(id="rivers", lang=lang)
    given = Sources({**house_templates(look), **files})
    context = build_context(given, Clock(shown=False))

    printed, screened = build(examine(given, context), context, formats=("pdf", "html"), languages=(lang,))

    assert printed.pages
    assert "<ol" not in screened.data.decode()
    assert "<ul" not in screened.data.decode()


def test_the_folder_has_every_file_and_a_list_with_its_headings() -> None:
    files = new_letter(id="rivers", lang="zh-Hant")

    assert sorted(files) == ["decisions.toml", "letter.toml", "letter.zh-Hant.md", "signatories.csv"]
    assert files["signatories.csv"] == b"number,name,lang,spans,kind,note\n"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_explained_can_be_taken_as_it_is_written(lang: str) -> None:
    files = dict(new_letter(id="rivers", lang=lang))
    said = files["letter.toml"].decode().replace("# date", "date").replace("# [[", "[[")
    said = said.replace("# office", "office").replace("# holder", "holder")

    letter = read_letter(Sources(files | {"letter.toml": said.encode()})).letter

    assert letter.date
    assert letter.recipients[0].office[lang]
    assert letter.recipients[0].holder[lang]


def test_another_language_is_begun_in_english_words() -> None:
    files = new_letter(id="rivers", lang="fr")

    assert b'languages = ["fr"]' in files["letter.toml"]
    assert files["letter.fr.md"] == new_letter(id="rivers")["letter.en.md"]


@pytest.mark.parametrize(("id", "lang"), [("My Letter", "en"), ("rivers", "klingonese")])
def test_a_name_or_language_that_no_letter_can_have_makes_no_folder(id: str, lang: str) -> None:
    with pytest.raises(LetterError):
        new_letter(id=id, lang=lang)


def test_the_mark_of_missing_words_is_found_where_it_stands() -> None:
    given = sources({"letter.en.md": "# T\n\nWe ask.\nFor [?] rivers.\n\n{signatories}\n"})

    (finding,) = unwritten(read(read_letter(given).letter, given))

    assert finding.place
    assert (finding.place.line, finding.place.column) == (4, 5)


def test_letter_is_begun_in_a_new_folder_only(tmp_path: Path) -> None:
    names = begin_letter(tmp_path / "rivers", "en")

    assert {path.name for path in (tmp_path / "rivers").iterdir()} == set(names)
    with pytest.raises(LetterError):
        begin_letter(tmp_path / "rivers", "en")


def test_raw_text_that_is_no_letter_makes_no_folder(tmp_path: Path) -> None:
    (tmp_path / "raw.txt").write_text("A line\n")

    with pytest.raises(LetterError) as refused:
        import_letter(tmp_path / "rivers", tmp_path / "raw.txt")

    assert "no-list" in [one.code for one in refused.value.findings]
    assert not (tmp_path / "rivers").exists()
