"""Languages: each in one folder, whole where it says so, and with the dates and lists of CLDR."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from tests.support.letters import BODY, LETTER, sources
from typeset.compose import compose, filler, read_words
from typeset.diagnostics import LetterError
from typeset.languages import is_well_formed
from typeset.locales import CheckWords, Cldr, ImporterWords, NotALocale, decoded, language_name, locales, phrases
from typeset.manuscript import read_letter
from typeset.sources import house

DAY = date(2026, 3, 4)
LOCALES = {locale.tag: locale for locale in locales()}
PERSIAN = """
name = "فارسی"
draft = "پیش‌نویس"
signatories = "امضاکنندگان"
recipients = "به"
contents = "نامه سرگشاده"
page = "صفحه {page} از {pages}"
date = "{day} {month_name} {year}"
recipient = "{holder}، {office}"
months = ["ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"]
"""


@pytest.fixture(scope="module")
def generator() -> Any:
    spec = spec_from_file_location("generator", house() / "setup" / "locales.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# CLDR


def test_dates_and_lists_are_those_of_the_locked_babel(generator: Any) -> None:
    given = {tag: (house() / "locales" / tag / "cldr.toml").read_text(encoding="utf-8") for tag in generator.tags()}

    assert len(given) > 20
    assert given == {tag: generator.cldr(tag) for tag in given}


def test_program_never_imports_babel() -> None:
    imported: set[str] = set()
    for file in (house() / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    imported |= {alias.name.split(".")[0] for alias in names}
                case ast.ImportFrom(module=str(module), level=0):
                    imported.add(module.split(".")[0])

    assert "jinja2" in imported
    assert "babel" not in imported


@pytest.mark.parametrize(
    ("pattern", "braces"),
    [
        ("d MMMM y", "{day} {month_name} {year}"),
        ("d 'de' MMMM 'de' y", "{day} de {month_name} de {year}"),
        ("y年M月d日", "{year}年{month}月{day}日"),
        ("d 'o''clock'", "{day} o'clock"),
    ],
)
def test_pattern_of_cldr_is_said_in_our_braces(generator: Any, pattern: str, braces: str) -> None:
    assert generator._braces(pattern) == braces


@pytest.mark.parametrize(
    ("lang", "printed"), [("en", "4 March 2026"), ("zh-Hant", "2026年3月4日"), ("zh-Hans", "2026年3月4日")]
)
def test_dates_are_printed_as_before_cldr(lang: str, printed: str) -> None:
    words = read_words(sources(), lang)

    assert words.date_of(DAY) == printed
    assert words.joiner == {"en": ", "}.get(lang, "、")


def test_date_of_cldr_has_the_digits_of_its_language_and_an_own_date_has_not() -> None:
    fa = LOCALES["fa"].cldr
    assert fa

    assert phrases("fa", {}, fa).date_of(DAY) == "۴ مارس ۲۰۲۶"
    assert phrases("fa", {"date": "{day} {month_name} {year}"}, fa).date_of(DAY) == "4 مارس 2026"


def test_months_are_taken_from_cldr_only_where_the_date_names_them() -> None:
    zh = LOCALES["zh-Hant"].cldr
    assert zh

    assert phrases("zh-Hant", {}, zh).months == ()
    assert phrases("zh-Hant", {"date": "{month_name}"}, zh).months == zh.months


# A letter's own files


def own(files: dict[str, str]) -> str:
    given = sources({"letter.toml": LETTER.replace('"en"', '"fa"').split("[[")[0], "letter.fa.md": BODY, **files})
    letter = read_letter(given).letter
    return compose(letter, letter.versions[0], given, medium="screen", draft=True, generator="typeset").html


def test_letter_has_words_of_its_own_for_a_language() -> None:
    html = own({"templates/languages/fa.toml": PERSIAN})

    assert "4 مارس 2026" in html
    assert "پیش‌نویس" in html


def test_letters_own_words_need_no_months_where_cldr_has_them() -> None:
    html = own({"templates/languages/fa.toml": re.sub(r"(date|months) = .*\n", "", PERSIAN)})

    assert "۴ مارس ۲۰۲۶" in html


def test_letters_own_words_take_the_place_of_the_house() -> None:
    page = (house() / "locales/en/page.toml").read_text(encoding="utf-8").replace('"Draft"', '"Work in progress"')

    words = read_words(sources({"templates/languages/en.toml": page}), "en")

    assert words.draft == "Work in progress"
    assert words.date_of(DAY) == "4 March 2026"


def test_letters_own_note_takes_the_place_of_the_house() -> None:
    given = sources({"templates/delivery/note.en.txt.j2": "Our own note for {{ title }}"})

    assert filler(given)("delivery/note.en.txt.j2", {"title": "A letter"}) == "Our own note for A letter"


@pytest.mark.parametrize(
    ("lang", "files", "message"),
    [
        ("fr", {}, "French (fr) is not supported yet: templates/languages/fr.toml is missing"),
        ("fr-CA", {}, "French (fr-CA) is not supported yet: templates/languages/fr-CA.toml is missing"),
        ("tlh", {}, "tlh is not supported yet: templates/languages/tlh.toml is missing"),
        (
            "fa",
            {"templates/languages/fa.toml": 'name = "فارسی"\ndraft = "پیش‌نویس"\nmonths = []\n'},
            "Persian (fa) has no words for a page yet: "
            "templates/languages/fa.toml has no signatories, recipients, page, recipient",
        ),
        (
            "fa",
            {"templates/languages/fa.toml": PERSIAN.replace(', "دسامبر"', "")},
            "templates/languages/fa.toml has 11 months",
        ),
    ],
)
def test_language_that_is_not_there_names_the_file_that_is_missing(
    lang: str, files: dict[str, str], message: str
) -> None:
    with pytest.raises(LetterError) as refused:
        read_words(sources(files), lang)

    (finding,) = refused.value.findings
    assert (finding.code, finding.message) == ("no-words", message)


# The files


def test_every_folder_is_called_by_a_tag_and_every_file_by_a_section() -> None:
    sections = {"page", "cldr", "delivery", "importer", "signatories", "check", "preview"}
    files = {f"{name}.toml" for name in sections} | {"note.txt.j2", "states.csv", "new"}

    assert [tag for tag in LOCALES if not is_well_formed(tag)] == []
    for locale in locales():
        found = {path.name for path in locale.folder.iterdir()}
        assert {name for name in found if not (locale.tag == "mul" and name.startswith("check."))} <= files


def test_every_section_of_every_language_can_be_read() -> None:
    for one in locales():
        assert (one.page is not None) == (one.folder / "page.toml").is_file()
        assert (one.delivery is not None) == (one.folder / "delivery.toml").is_file()
        assert (one.importer is not None) == (one.folder / "importer.toml").is_file()
        assert (one.signatories is not None) == (one.folder / "signatories.toml").is_file()
        assert (one.preview is not None) == (one.folder / "preview.toml").is_file()
        assert bool(one.check) == any(one.folder.glob("check*.toml"))
        assert bool(one.new_letter) == (one.folder / "new").is_dir()


@pytest.mark.parametrize(
    ("kind", "table", "message"),
    [
        (ImporterWords, {"lang": "xx", "label": ["to"]}, "there is no key 'label'"),
        (Cldr, {"version": "1"}, "date, digits, list, months is missing"),
        (CheckWords, {"tag": "xx", "script": "Latn", "proper": "no"}, "proper should be of type bool"),
        (ImporterWords, {"lang": "xx", "labels": ["to", 3]}, "labels should be of type str"),
    ],
)
def test_fault_in_a_locale_names_the_file_and_the_key(kind: type, table: dict[str, Any], message: str) -> None:
    with pytest.raises(NotALocale, match=f"^locales/xx/x.toml: {re.escape(message)}"):
        decoded(kind, table, "locales/xx/x.toml")


# Whole where they say so

UNSPACED = {"Hani", "Jpan", "Kore"}
LABELS = ("labels", "copies", "conjunctions", "offices", "honorifics")
OTHERS = ("list_headings", "counts", "person_phrases", "page_numbers", "date_lines")
IMPORTER = {
    False: (*LABELS, *OTHERS, "stopwords", "groups", "not_a_name", "person_before", "organisation_words"),
    True: (*LABELS, *OTHERS, "surnames", "name_marks", "person_after", "encodings", "frequent"),
}
CHECK = {
    False: (
        *("vocabulary", "small", "cut", "suspended", "organisations", "abbreviations"),
        *("honorifics", "titles", "personal", "offices", "counting"),
    ),
    True: ("organisations", "personal", "counting"),
}
COLUMNS = {
    *("name", "also", "lang", "kind", "anonymous", "publish", "contact", "consent", "source", "country", "watch")
}
VALUES = {"yes", "no", "anonymous", "named", "organisation", "person"}
BRACES = re.compile(r"\{\w+\}")


def braces(said: str) -> list[str]:
    return sorted(BRACES.findall(said))


@pytest.mark.parametrize("tag", [tag for tag, one in LOCALES.items() if one.page])
def test_words_of_a_page_are_all_there_with_their_braces(tag: str) -> None:
    english, own = LOCALES["en"].page, LOCALES[tag].page
    assert english
    assert own

    assert own.phrases.keys() == english.phrases.keys()
    told = set(english.phrases) - {"date"}
    assert {key: braces(own.phrases[key]) for key in told} == {key: braces(english.phrases[key]) for key in told}


@pytest.mark.parametrize("tag", [tag for tag, one in LOCALES.items() if one.delivery or one.note])
def test_language_of_recipients_has_forms_names_and_a_note(tag: str) -> None:
    english, own = LOCALES["en"], LOCALES[tag]
    assert english.delivery
    assert own.delivery

    assert own.delivery.missions.keys() == english.delivery.missions.keys()
    assert own.delivery.offices.keys() == english.delivery.offices.keys()
    assert own.delivery.names.keys() == english.delivery.names.keys()
    told = re.compile(r"\{\{ (\w+)")
    assert sorted(told.findall(own.note)) == sorted(told.findall(english.note))


@pytest.mark.parametrize("tag", [tag for tag, one in LOCALES.items() if one.importer and one.importer.complete])
def test_language_that_the_importer_knows_completely_lacks_nothing(tag: str) -> None:
    words = LOCALES[tag].importer
    assert words

    needed = IMPORTER[bool(words.name_marks)]
    assert [key for key in needed if not getattr(words, key)] == []
    assert words.stopwords or words.scripts or words.codec


@pytest.mark.parametrize("tag", [tag for tag, one in LOCALES.items() if any(words.complete for words in one.check)])
def test_language_that_is_checked_completely_lacks_nothing(tag: str) -> None:
    (words,) = LOCALES[tag].check

    assert [key for key in CHECK[words.script in UNSPACED] if not getattr(words, key)] == []
    assert words.counting.keys() == {"total", "anonymous"}


@pytest.mark.parametrize("tag", [tag for tag, one in LOCALES.items() if one.signatories and one.signatories.complete])
def test_language_that_tables_are_read_in_completely_lacks_nothing(tag: str) -> None:
    words = LOCALES[tag].signatories
    assert words

    assert words.columns.keys() >= COLUMNS
    assert words.values.keys() == VALUES


def test_languages_that_are_complete_are_counted() -> None:
    complete = {
        "importer": {tag for tag, one in LOCALES.items() if one.importer and one.importer.complete},
        "check": {tag for tag, one in LOCALES.items() if any(words.complete for words in one.check)},
        "signatories": {tag for tag, one in LOCALES.items() if one.signatories and one.signatories.complete},
    }

    assert {section: len(tags) for section, tags in complete.items()} == {"importer": 9, "check": 9, "signatories": 12}


def test_language_is_called_by_its_name_and_tag() -> None:
    assert language_name("fr") == "French (fr)"
    assert language_name("zh-Hant-TW") == "Traditional Chinese (zh-Hant-TW)"
    assert language_name("tlh") == "tlh"


# Described


def described() -> str:
    return (house() / "docs/languages.md").read_text(encoding="utf-8")


def mark(complete: bool | None) -> str:
    return "" if complete is None else "✓" if complete else "·"


def test_table_says_what_every_language_has() -> None:
    rows = []
    for one in locales():
        if one.tag == "mul":
            continue
        sections = (
            True if one.page else None,
            True if one.delivery else None,
            one.importer.complete if one.importer else None,
            one.signatories.complete if one.signatories else None,
            all(words.complete for words in one.check) if one.check else None,
            True if one.preview else None,
        )
        rows.append(re.sub(" +", " ", f"| {language_name(one.tag)} | {' | '.join(map(mark, sections))} |"))

    assert re.findall(r"^\| \w[^|]* \([\w-]+\) \|.*$", described(), re.MULTILINE) == rows


def test_every_key_is_described() -> None:
    page = LOCALES["en"].page
    assert page
    keys = {*page.phrases, *(field.name for kind in (ImporterWords, CheckWords) for field in fields(kind))}

    assert {key for key in keys - {"lang", "tag"} if f"`{key}`" not in described() and key != "complete"} == set()


# Add a language


def steps() -> list[str]:
    """The commands of CONTRIBUTING.md that add a language, in their order."""
    text = (house() / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(r"^## Add a language$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section
    blocks = re.findall(r"```sh\n(.*?)```", section[1], re.DOTALL)
    return [line.strip() for block in blocks for line in block.strip().splitlines()]


def test_steps_of_contributing_add_a_language(tmp_path: Path) -> None:
    for folder in ("src", "locales", "setup", "templates"):
        shutil.copytree(house() / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "fonts").symlink_to(house() / "fonts")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    programs = {"make locales": f"{sys.executable} setup/locales.py", "typesetter": f"{sys.executable} -m typeset"}
    followed = [step for step in steps() if "pytest" not in step]
    assert len(followed) == len(steps()) - 1 > 6

    for step in followed:
        for name, program in programs.items():
            step = step.replace(name, program, 1) if step.startswith(name) else step
        done = subprocess.run(step, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        if " init " in step:
            settings = tmp_path / "content/try/letter.toml"
            settings.write_text(settings.read_text().replace("# date = 2026-01-31", "date = 2026-03-04"))

    html = (tmp_path / "output/try/try.pl.html").read_text(encoding="utf-8")
    assert '<html lang="pl"' in html
    assert "4 marca 2026" in html
