"""What the letter says in Word, in plain text and as data, read by readers that are not ours."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from typing import Any

import docx
import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from tests.support.letters import LETTER, LIST, Changed, files, sources
from typeset.cli import main
from typeset.diagnostics import LetterError
from typeset.fonts import MemoryCache, open_catalogue
from typeset.journal import new_folder
from typeset.letter_folder import read_sources
from typeset.locales import Phrases
from typeset.model import Approval, Edition, Policy, SignOff
from typeset.pipeline import Artifact, BuildContext, Final, build, examine
from typeset.preflight import EXPORTED, Expected, expected
from typeset.render.docx import directions, east_asian_font
from typeset.render.flow import Paragraph, Role, StyledText
from typeset.render.plain_text import display_width, render_text, words_in, wrapped
from typeset.sources import house

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RICH = """# A small letter

To: {recipients}

## What we ask

We ask for **one** thing, *and only one*, of [the chair](https://example.org/chair),
as [河の声]{lang=ja} and [أصدقاء]{lang=ar} do.\\
It is this:

3. to listen;
4. to answer:
   - soon,
   - in full.
7. to rest

> Rivers do not wait.

{closing} Respectfully,

{signatories}

{total} signed, {anonymous} of them without a name.
"""
GAPS = """number,name,lang,spans,kind,note
1,Amis du Delta,fr,,organisation,
2,أصدقاء النهر (ANR),ar,,organisation,
3,Watch 川の声 Group,und,ja:川の声,organisation,
7,Rain  Watch,en,,organisation,
8,"=1+1 ""Sum"" Society",en,,organisation,
"""
MADE = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def context() -> BuildContext:
    catalogue, findings = open_catalogue(house() / "fonts")
    assert findings == ()
    return BuildContext(catalogue=catalogue, cache=MemoryCache())


Export = Callable[..., bytes]


@pytest.fixture(scope="module")
def export(context: BuildContext) -> Export:
    """A version of the small letter, changed, as one of the exports."""

    def export(ending: str, changed: Changed | None = None, *, lang: str = "en", columns: int = 72) -> bytes:
        checked = examine(sources(changed), context)
        (made,) = build(checked, replace(context, columns=columns), formats=[ending], languages=[lang])
        return made.data

    return export


RICH_LETTER: Changed = {"letter.en.md": RICH, "signatories.csv": GAPS}


def opened(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


# Word


def test_word_document_says_everything_in_its_order(export: Export) -> None:
    document = opened(export("docx"))

    assert [paragraph.text for paragraph in document.paragraphs] == [
        "4 March 2026",
        "A small letter",
        "To:",
        "Ada Osei, The Chair",
        "We ask for one thing.",
        "Respectfully,",
        "Signatories",
        "Amis du Delta",
        "أصدقاء النهر",
        "Watch 川の声 Group",
        "4 signed, 1 of them without a name.",
    ]


def test_headings_are_headings_and_everything_has_a_style_of_words_own(export: Export) -> None:
    document = opened(export("docx", RICH_LETTER))

    styles = {paragraph.text.split("\n")[0]: paragraph.style.name for paragraph in document.paragraphs}
    assert styles["A small letter"] == "Heading 1"
    assert styles["What we ask"] == styles["Signatories"] == "Heading 2"
    assert styles["Rivers do not wait."] == "Quote"
    assert styles["to listen;"] == "List Paragraph"
    assert styles["Respectfully,"] == "Closing"


def test_every_run_is_in_its_language(export: Export) -> None:
    document = opened(export("docx"))

    langs = [
        (run.text, *(lang.get(f"{W}{of}") for of in ("val", "eastAsia", "bidi")))
        for paragraph in document.paragraphs[7:10]
        for run in paragraph.runs
        for lang in run._r.iter(f"{W}lang")
    ]
    assert langs == [
        ("Amis du Delta", "fr", "fr", "fr"),
        ("أصدقاء النهر", "ar", "ar", "ar"),
        ("Watch ", "x-none", "x-none", "x-none"),
        ("川の声", "ja", "ja", "ja"),
        (" Group", "x-none", "x-none", "x-none"),
    ]
    (own,) = document.styles.element.iter(f"{W}lang")
    assert {own.get(f"{W}{of}") for of in ("val", "eastAsia", "bidi")} == {"en"}


def test_words_from_right_to_left_are_marked_and_others_are_not(export: Export) -> None:
    document = opened(export("docx", RICH_LETTER))

    marked = [
        (run.text, run.font.rtl) for p in document.paragraphs for run in p.runs if run.font.rtl or "ANR" in run.text
    ]
    assert marked == [("أصدقاء", True), ("أصدقاء النهر (", True), ("ANR", None), (")", True)]


def test_manners_links_and_breaks_are_kept(export: Export) -> None:
    document = opened(export("docx", RICH_LETTER))

    (asking,) = [paragraph for paragraph in document.paragraphs if paragraph.text.startswith("We ask for")]
    assert [run.text for run in asking.runs if run.bold] == ["one"]
    assert [run.text for run in asking.runs if run.italic] == ["and only one"]
    assert [(link.text, link.address) for link in asking.hyperlinks] == [("the chair", "https://example.org/chair")]
    assert asking.text.endswith("do.\nIt is this:")


def test_emphasis_in_east_asian_text_is_bold() -> None:
    from typeset.render.docx import DocxLanguage, runs

    paragraph = Paragraph(role=Role.TEXT, stretches=(StyledText(text="一件事", emphasis=True),))

    shown = runs(paragraph, DocxLanguage(lang="zh-Hant", right_to_left=False), str)

    assert "<w:b/>" in shown
    assert "<w:i/>" not in shown
    assert 'w:hint="eastAsia"' in shown


@pytest.mark.parametrize(("page", "size"), [("A4", (11906, 16838)), ("Letter", (12240, 15840))])
def test_pages_are_of_the_letters_size(export: Export, page: str, size: tuple[int, int]) -> None:
    document = opened(export("docx", {"letter.toml": LETTER.replace("date =", f'page = "{page}"\ndate =')}))

    (section,) = document.sections
    assert (section.page_width.twips, section.page_height.twips) == size


def test_a_draft_says_so_on_every_page_and_in_its_properties(export: Export) -> None:
    document = opened(export("docx"))

    (section,) = document.sections
    assert [paragraph.text for paragraph in section.header.paragraphs] == ["Draft"]
    assert document.core_properties.content_status == "Draft"
    assert (document.core_properties.title, document.core_properties.language) == ("A small letter", "en")
    assert document.core_properties.author == ""


def test_the_same_letter_gives_the_same_bytes(export: Export) -> None:
    data = export("docx", RICH_LETTER)

    assert data == export("docx", RICH_LETTER)
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(data)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_directions_of_a_text_split_where_strong_characters_turn() -> None:
    assert list(directions("مرصد (ABC) 12", right_to_left=True)) == [("مرصد (", True), ("ABC", False), (") 12", True)]
    assert list(directions("Watch أصدقاء النهر.", right_to_left=False)) == [
        ("Watch ", False),
        ("أصدقاء النهر", True),
        (".", False),
    ]
    assert list(directions("...", right_to_left=True)) == [("...", True)]


@pytest.mark.parametrize(
    ("lang", "font"),
    [
        ("zh-Hant", "PMingLiU"),
        ("zh-HK", "PMingLiU"),
        ("zh-Hans", "SimSun"),
        ("zh-CN", "SimSun"),
        ("ja", "MS Mincho"),
        ("ko", "Batang"),
        ("en", ""),
    ],
)
def test_east_asian_text_has_the_forms_of_its_language(lang: str, font: str) -> None:
    assert east_asian_font(lang) == font


def counted(document: Any) -> list[tuple[str, str]]:
    """The labels of list paragraphs as their definitions number them, each list by itself, and their texts."""
    part = document.part.numbering_part.element
    starts = {
        (number.get(f"{W}numId"), level.get(f"{W}ilvl")): (
            int(level.find(f"{W}start").get(f"{W}val")),
            level.find(f"{W}numFmt").get(f"{W}val"),
        )
        for number in part.iter(f"{W}num")
        for definition in part.iter(f"{W}abstractNum")
        if definition.get(f"{W}abstractNumId") == number.find(f"{W}abstractNumId").get(f"{W}val")
        for level in definition.iter(f"{W}lvl")
    }
    seen: dict[tuple[str, str], int] = {}
    labels = []
    for paragraph in document.paragraphs:
        for place in paragraph._p.iter(f"{W}numPr"):
            key = (place.find(f"{W}numId").get(f"{W}val"), place.find(f"{W}ilvl").get(f"{W}val"))
            start, form = starts[key]
            seen[key] = seen.get(key, start - 1) + 1
            labels.append((str(seen[key]) if form == "decimal" else "•", paragraph.text))
    return labels


def test_lists_count_to_the_numbers_that_were_published(export: Export) -> None:
    labels = counted(opened(export("docx", RICH_LETTER)))

    assert [label for label, _ in labels] == ["3", "4", "•", "•", "5", "1", "2", "3", "7", "8"]
    assert labels[-2:] == [("7", "Rain  Watch"), ("8", '=1+1 "Sum" Society')]


# Reading back


@pytest.fixture(scope="module")
def meant(context: BuildContext) -> Expected:
    """What an export of the rich letter has to say."""
    checked = examine(sources(RICH_LETTER), context)
    (version,) = checked.letter.versions
    words = phrases("en")
    return expected(checked.letter, version, words, pages=1, faces=(), attachments={}, draft=True)


def phrases(lang: str) -> Phrases:
    from typeset.compose import read_words

    return read_words(sources(), lang)


def changed_part(data: bytes, part: str, before: str, after: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(packed, "w") as out:
        for name in file.namelist():
            content = file.read(name).decode()
            if name == part:
                assert re.search(before, content), before
                content = re.sub(before, after, content, count=1)
            out.writestr(name, content)
    return packed.getvalue()


MORE = '<w:p><w:pPr><w:pStyle w:val="Note"/></w:pPr><w:r><w:t>!</w:t></w:r></w:p>'
DOCUMENT, NUMBERING = "word/document.xml", "word/numbering.xml"


@pytest.mark.parametrize(
    ("part", "before", "after", "code"),
    [
        (DOCUMENT, r"Amis du Delta", "Amis du Delt", "text-changed"),
        (DOCUMENT, r"Rain  Watch", "Rain Watch", "text-changed"),
        (DOCUMENT, r'<w:p><w:pPr><w:pStyle w:val="Quote"/>.*?</w:p>', "", "text-missing"),
        (DOCUMENT, r"<w:sectPr>", f"{MORE}<w:sectPr>", "text-unexpected"),
        (DOCUMENT, r"<w:sectPr>", "<w:tbl/><w:sectPr>", "unreadable"),
        (DOCUMENT, r"<w:t ", "<w:drawing/><w:t ", "unreadable"),
        (DOCUMENT, r'"fr" w:eastAsia', '"de" w:eastAsia', "wrong-language"),
        (DOCUMENT, r'<w:lang w:val="ja"[^>]*>', "", "wrong-language"),
        (DOCUMENT, r'w:val="Heading2"', 'w:val="BodyText"', "wrong-element"),
        (DOCUMENT, r'w:val="Quote"', 'w:val="BodyText"', "wrong-element"),
        (DOCUMENT, r'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>', "", "wrong-number"),
        (DOCUMENT, r'<w:headerReference[^>]*>', "", "draft"),
        (NUMBERING, r'<w:start w:val="7"/>', '<w:start w:val="6"/>', "wrong-number"),
        (NUMBERING, r'w:val="decimal"', 'w:val="lowerRoman"', "unreadable"),
        ("word/styles.xml", r'<w:lang w:val="en"', '<w:lang w:val="fr"', "wrong-language"),
        ("word/header.xml", "Draft", "Final", "draft"),
        ("word/footer.xml", "NUMPAGES", "PAGE", "page-number"),
        ("word/footer.xml", "Page ", "Sheet ", "page-number"),
        ("docProps/core.xml", "A small letter", "Another", "metadata"),
        ("word/_rels/document.xml.rels", "example.org", "example.com", "link"),
        ("word/settings.xml", "<w:settings", "<w:sett", "unreadable"),
    ],
)  # fmt: skip
def test_a_document_that_says_something_else_does_not_leave(
    export: Export, meant: Expected, part: str, before: str, after: str, code: str
) -> None:
    data = export("docx", RICH_LETTER)
    assert EXPORTED["docx"](data, meant) == ()

    findings = EXPORTED["docx"](changed_part(data, part, before, after), meant)

    assert code in {finding.code for finding in findings}


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("Amis du Delta", "Amis du Delt", "text-changed"),
        ("Rain  Watch", "Rain Watch", "text-changed"),
        ("7. Rain", "6. Rain", "wrong-number"),
        ("    • soon,\n    • in full.\n", "", "wrong-number"),
        ("one thing", "one\n\nthing", ""),
        ("one thing", "onething", "text-changed"),
        ("one thing", "o\nne thing", "text-changed"),
        ("Draft\n", "", "draft"),
        ("without a name.\n", "without a name.\nAnd more.\n", "text-unexpected"),
        ("4 signed, 1 of them without a name.\n", "", "text-missing"),
        ("\n<https://example.org/chair>,", ",", "link"),
        ("6 signed", "7 signed", "text-changed"),
    ],
)
def test_a_text_that_says_something_else_does_not_leave(
    export: Export, meant: Expected, before: str, after: str, code: str
) -> None:
    text = export("txt", RICH_LETTER).decode()
    before = before.replace("4 signed", "6 signed")
    assert EXPORTED["txt"](text.encode(), meant) == ()
    assert before in text

    findings = EXPORTED["txt"](text.replace(before, after, 1).encode(), meant)

    assert [finding.code for finding in findings] == ([code] if code else [])


@pytest.mark.parametrize(
    ("ending", "before", "after"),
    [
        ("csv", "1,Amis du Delta,fr,organisation,draft\r\n", ""),
        ("csv", "Amis du Delta", "Amis du Delt"),
        ("csv", "'=1+1", "=1+1"),
        ("json", "Amis du Delta", "Amis du Delt"),
        ("json", "A small letter", "Another"),
    ],
)
def test_a_list_that_says_something_else_does_not_leave(
    export: Export, meant: Expected, ending: str, before: str, after: str
) -> None:
    data = export(ending, RICH_LETTER)
    assert EXPORTED[ending](data, meant) == ()
    assert before.encode() in data

    assert EXPORTED[ending](data.replace(before.encode(), after.encode(), 1), meant) != ()


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1).map(lambda t: f"{t} a"))
def test_any_name_comes_back_from_every_export(name: str) -> None:
    from typeset.model import Block, Counts, Letter, Part, Signatory, Version
    from typeset.render import WRITERS, Export as OneVersion

    version = Version(lang="zh-Hant", title="信", blocks=(Block(part=Part.SIGNATORIES),))
    letter = Letter(
        id="one",
        date=None,
        page="A4",
        look="letter",
        recipients=(),
        versions=(version,),
        signatories=(Signatory(number=5, name=name), Signatory(number=3, name=f"{name}b", lang="en")),
        counts=Counts(named=2, anonymous=0),
    )
    words = phrases("zh-Hant")
    meant = expected(letter, version, words, pages=1, faces=(), attachments={}, draft=True)

    for ending, write in WRITERS.items():
        data = write(OneVersion(letter=letter, version=version, words=words, made=MADE))
        assert EXPORTED[ending](data, meant) == ()


# Plain text


def test_text_is_wrapped_and_names_are_not(export: Export) -> None:
    long = "An Association Of Very Many Words Which Would Surely Need More Than One Single Line In Any Mail"

    text = export("txt", {"signatories.csv": LIST + f"4,{long},en,,organisation,\n", "letter.en.md": RICH}).decode()

    assert text.startswith("Draft\n\n4 March 2026\n\nA small letter\n\nTo:\nAda Osei, The Chair\n\nWhat we ask\n")
    assert f"\n4. {long}\n" in text
    assert (
        "\n3. to listen;\n4. to answer:\n    • soon,\n    • in full.\n5. to rest\n\n    Rivers do not wait.\n" in text
    )
    assert all(display_width(line) <= 72 for line in text.split("\n") if long not in line)


def test_text_for_forms_has_a_line_for_each_paragraph(export: Export) -> None:
    text = export("txt", RICH_LETTER, columns=0).decode()

    assert (
        "We ask for one thing, and only one, of the chair <https://example.org/chair>, as 河の声 and أصدقاء do.\n"
        "It is this:\n"
    ) in text


def test_numbers_of_names_end_in_one_column(export: Export) -> None:
    rows = GAPS + "".join(f"{number},Club {number},en,,organisation,\n" for number in range(9, 12))

    text = export("txt", {"signatories.csv": rows}).decode()

    assert "\n 9. Club 9\n10. Club 10\n11. Club 11\n" in text
    assert "\n 8. =1+1" in text


def test_lines_of_chinese_end_by_their_rules() -> None:
    lines = list(wrapped("我們呼籲「合作」，先於問責。NGO 也是。", 10))

    assert lines == ["我們呼籲", "「合作」，", "先於問責。", "NGO 也是。"]
    assert [display_width(line) for line in lines] == [8, 10, 10, 10]


def test_a_word_longer_than_a_line_stays_whole() -> None:
    assert list(wrapped("see https://example.org/a/long/path now", 10)) == [
        "see",
        "https://example.org/a/long/path",
        "now",
    ]


def test_an_address_that_is_its_own_words_is_said_once() -> None:
    link = StyledText(text="https://a.org", href="https://a.org")
    paragraph = Paragraph(role=Role.TEXT, stretches=(StyledText(text="See "), link, StyledText(text=".")))

    assert render_text([paragraph], mark="") == b"See https://a.org.\n"


# Length


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("We ask for one thing.", 5),
        ("人權理事會應召開特別會議，", 13),
        ("聯合國非政府組織（NGO）委員會", 14),
        ("2026年3月4日", 6),
        ("川の声を聞く会", 7),
        ("강의 친구들", 2),
        ("أصدقاء النهر", 2),
        ("", 0),
    ],
)
def test_words_are_counted_as_word_counts_them(text: str, words: int) -> None:
    assert words_in(text) == words


# Data


def test_tables_say_which_edition_they_are_of_and_run_nothing(export: Export) -> None:
    rows = list(csv.reader(io.StringIO(export("csv", RICH_LETTER).decode("utf-8-sig"))))

    assert rows[0] == ["number", "name", "lang", "kind", "edition"]
    assert rows[-1] == ["8", '\'=1+1 "Sum" Society', "en", "organisation", "draft"]
    assert {row[4] for row in rows[1:]} == {"draft"}


def test_data_says_what_the_pages_say(export: Export) -> None:
    document = json.loads(export("json", RICH_LETTER))

    assert (document["edition"], document["title"]) == ("draft", "A small letter")
    assert document["counts"] == {"total": 6, "named": 5, "anonymous": 1}
    assert [row["number"] for row in document["signatories"]] == [1, 2, 3, 7, 8]


# What decides, and what is signed off


DECIDED = """[[decision]]
code = "doubled-space"
subject = "signatory 7"
evidence = "Rain  Watch"
print = "Rain Watch"
by = "chair"
when = 2026-03-05
why = "asked"
"""


@pytest.mark.parametrize("ending", ["docx", "txt", "csv", "json"])
def test_what_a_decision_prints_is_exported(export: Export, ending: str) -> None:
    data = export(ending, {**RICH_LETTER, "decisions.toml": DECIDED})

    said = changed_text(data) if ending == "docx" else data.decode()
    assert "Rain Watch" in said
    assert ("Rain  Watch" in said) == (ending == "json"), "only data tells what was typed"


def changed_text(data: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(DOCUMENT).decode()


def test_an_undecided_error_lets_nothing_out(export: Export) -> None:
    with pytest.raises(LetterError):
        export("txt", {"letter.toml": LETTER.replace("anonymous = 1", "anonymous = 1\nstated = { total = 9 }")})


def signed_off(context: BuildContext, ending: str) -> Artifact:
    approval = Approval(role="chair", name="أمل", key="ab" * 32, when=MADE, lang="ar", demonstration=True)
    signoff = SignOff(
        edition=Edition(number=2, predecessor="cd" * 32),
        digest="ef" * 32,
        policy=Policy(threshold=1, holders=()),
        approvals=(approval,),
    )
    checked = examine(sources(), context)
    (made,) = build(checked, context, formats=[ending], languages=["en"], final=Final(signoff=signoff, proof={}))
    return made


def test_a_final_text_ends_with_who_approved_it(context: BuildContext) -> None:
    made = signed_off(context, "txt")

    text = made.data.decode()
    assert made.name == "small.en.ed2.txt"
    assert text.startswith("4 March 2026\n")
    assert "Sign-off\n\nEdition 2 · manifest efef efef efef efef\n" in text
    assert "\nchair: أمل, 5 March 2026\n" in text


def test_a_final_document_has_no_mark_and_says_who_approved_it(context: BuildContext) -> None:
    document = opened(signed_off(context, "docx").data)

    assert document.sections[0].header.is_linked_to_previous
    assert document.core_properties.content_status == ""
    assert "chair: أمل, 5 March 2026" in [paragraph.text for paragraph in document.paragraphs]


def test_final_lists_have_the_number_of_their_edition(context: BuildContext) -> None:
    assert signed_off(context, "csv").data.endswith(b",und,organisation,2\r\n")
    assert json.loads(signed_off(context, "json").data)["edition"] == "2"


# On the command line


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    new_folder(tmp_path / "content" / "small", files())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_exports_are_made_when_asked_for_and_counted(here: Path) -> None:
    done = CliRunner().invoke(main, ["build", "--format", "docx", "--format", "txt", "--columns", "0"])

    assert done.exit_code == 0, done.output
    assert "en: 26 words in the letter, 10 in the names" in done.output
    made = {path.name for path in (here / "output" / "small").iterdir()}
    assert made == {"build.json", "small.en.docx", "small.en.txt"}
    assert json.loads((here / "output/small/build.json").read_text())["words"] == {"en": {"letter": 26, "names": 10}}


# LibreOffice


def converted(office: str, document: Path, form: str, folder: Path) -> Path:
    """A document as LibreOffice has it in another form."""
    profile = (folder / "profile").as_uri()
    command = [office, "--headless", f"-env:UserInstallation={profile}", "--convert-to", form, "--outdir", str(folder)]
    for _ in range(2):  # the first start of a new profile may only set it up
        subprocess.run([*command, str(document)], check=False, capture_output=True, timeout=180)
    return folder / f"{document.stem}.{form.partition(':')[0]}"


@pytest.mark.long
@pytest.mark.parametrize("folder", ["content/china-monitoring", "examples/joint-statement"])
def test_libreoffice_opens_the_document_and_reads_every_name(
    context: BuildContext, folder: str, tmp_path: Path
) -> None:
    office = which("soffice")
    if office is None:
        pytest.skip("soffice is not here: apt-get install libreoffice-writer")
    checked = examine(read_sources(house() / folder), context)
    version = checked.letter.versions[0]
    (made,) = build(checked, context, formats=["docx"], languages=[version.lang])
    (tmp_path / "letter.docx").write_bytes(made.data)

    text = converted(office, tmp_path / "letter.docx", "txt:Text (encoded):UTF8", tmp_path)
    if not text.exists():
        pytest.skip("soffice opens no Word documents here: apt-get install libreoffice-writer")
    pdf = converted(office, tmp_path / "letter.docx", "pdf", tmp_path)

    lines = {line.strip() for line in text.read_text(encoding="utf-8-sig").split("\n")}
    assert {f"{one.number}. {one.printed}" for one in checked.letter.signatories} <= lines
    assert version.printed_title in lines
    assert pdf.read_bytes().startswith(b"%PDF")
