"""Whatever the names, whatever an extraction did to them: the importer brings them back or says that it cannot tell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from hypothesis import example, given, strategies as st

from typeset.diagnostics import LetterError
from typeset.importer import import_raw
from typeset.importer.paragraphs import escaped
from typeset.languages import is_east_asian, script
from typeset.manuscript import read_letter
from typeset.manuscript.body import read_version
from typeset.sources import Sources

# Letters of many scripts, and every mark that Markdown, CSV, templates or a list's numbering could trip over.
LETTERS = "abcxyzABCXYZ éÉñüŁőệđß йЖщя αΩ אבג مرحبا 台灣國會香港体气 かなカナー 한국어 กขค ዓለም 0123456789"
MARKS = " .,:;!?'\"’“”()[]{}<>|\\/*_#`~@&%+=-–—·・、。【】（）^$"
NAMES = (
    st.text(st.sampled_from(LETTERS + MARKS), min_size=1, max_size=60)
    .map(lambda name: unicodedata.normalize("NFC", name).strip())
    .filter(lambda name: any(character.isalpha() for character in name))
)


@dataclass(frozen=True)
class Defects:
    """What happened to the list on its way into a file and out of a PDF."""

    form: str
    bullets: bool
    glued: bool
    every_page: int
    page_numbers: bool
    line_end: str
    trailing: str
    wrap_after: int
    mark: str


DEFECTS = st.builds(
    Defects,
    form=st.sampled_from(["{}. ", "({}) ", "{}) ", "{}、", "{}\t", "{}.\t", "（{}）"]),
    bullets=st.booleans(),
    glued=st.booleans(),
    every_page=st.integers(1, 6),
    page_numbers=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    trailing=st.sampled_from(["", "  ", "\t"]),
    wrap_after=st.integers(5, 70),
    mark=st.sampled_from(["", "\ufeff"]),
)


def wrapped(name: str, width: int, trailing: str) -> list[str]:
    """The name in lines of about a width, broken where pages break names: at spaces and between ideographs."""
    lines, start = [], 0
    for position in range(1, len(name) - 1):
        before, here, after = name[position - 1], name[position], name[position + 1]
        if position - start < width:
            continue
        spaced = before.isalpha() and after.isalpha() and not (is_east_asian(before) or is_east_asian(after))
        if here == " " and spaced:
            lines.append(name[start:position] + trailing)
            start = position + 1
        elif script(before) == script(here) == "Hani":
            lines.append(name[start:position] + trailing)
            start = position
    return [*lines, name[start:]]


def raw_text(names: list[str], defects: Defects, *, markdown: bool) -> str:
    """A letter with these signatories, as a careless extraction would leave it."""
    lines = ["# A letter" if markdown else "A letter", "", "We write to you about rivers.", "", "Yours,", ""]
    for number, name in enumerate(names, start=1):
        written = "".join(f"\\{c}" if c in "\\*_[]#" else c for c in name) if markdown else name
        mark = defects.form.format(number)
        if defects.glued and defects.form == "{}. ":
            mark = mark.strip()
        first, *rest = wrapped(written, defects.wrap_after, defects.trailing)
        lines.extend([("- " if defects.bullets else "") + mark + first, *rest])
        if number % defects.every_page == 0:
            lines.extend(["", f"- {number // defects.every_page} -\f"] if defects.page_numbers else ["", ""])
    return defects.mark + defects.line_end.join([*lines, "", "Some notes.", ""])


@given(st.lists(NAMES, min_size=1, max_size=25), DEFECTS, st.booleans())
@example(["21 Rivers", "3.5 Group", "2020. A Year"], Defects("{}. ", False, True, 1, False, "\n", "", 9, ""), True)
def test_every_name_comes_back_exactly(names: list[str], defects: Defects, markdown: bool) -> None:
    raw = raw_text(names, defects, markdown=markdown)

    imported = import_raw(raw, id="a-letter", source_name="raw.md" if markdown else "raw.txt")

    assert [signatory.name for signatory in imported.signatories] == names
    assert [signatory.number for signatory in imported.signatories] == list(range(1, len(names) + 1))


@given(st.lists(NAMES, min_size=1, max_size=12), DEFECTS)
def test_the_folder_reads_back_as_it_was_imported(names: list[str], defects: Defects) -> None:
    imported = import_raw(raw_text(names, defects, markdown=False), id="a-letter", source_name="raw.txt", lang="en")

    manuscript = read_letter(Sources(imported.files))

    assert not manuscript.findings
    assert [(one.number, one.name, one.lang, one.passages, one.kind) for one in manuscript.letter.signatories] == [
        (one.number, one.name, one.lang, one.passages, one.kind) for one in imported.signatories
    ]


@given(st.text(st.sampled_from(LETTERS + MARKS), min_size=1, max_size=80).map(str.strip).filter(bool))
@example("1. of 2) * + - # > = ~ \\ {total} [a](b) <b> &amp; ![x](y) `c` __d__")
@example("12)")
@example("+ a")
def test_plain_words_read_the_same_as_markdown(words: str) -> None:
    findings: list[object] = []

    version = read_version(f"# T\n\n{escaped(words)}\n\n{{signatories}}\n", "en", "letter.en.md", findings)  # type: ignore[arg-type]

    assert not findings
    assert version.blocks[0].text == words


LINES = st.sampled_from(
    [
        *(
            "",
            "",
            "# T",
            "T",
            "## Annex",
            "1. a",
            "2. b",
            "3.",
            "- c",
            "• d",
            "(7) e",
            "1994) f",
            "* 39 anonymous",
            "\f",
        ),
        *(
            "\fT",
            "**x**",
            "**",
            "To: a; b",
            "To:",
            "致：",
            "致：主席王芳，會長",
            "Signatories:",
            "4 March 2026",
            "03/04/2026",
        ),
        *(
            "> quoted",
            ">",
            "---",
            "===",
            "12",
            "Page 2 of 3",
            "word-",
            "字",
            "한",
            "\u00ad",
            "\t",
            "\u3000字",
            "\\*",
            "{total}",
        ),
        *(
            "In all, 20 organisations, 2 of which are anonymous.",
            "[here](#)",
            "<b>",
            "`",
            "\ufb01",
            "\ufa19",
            "\x00",
            "/",
        ),
    ]
)


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300), st.lists(LINES, max_size=25).map("\n".join)))
@example("")
@example("\ufeff")
@example(b"\xff\xfe")
@example(b"\xff\xfe\x00\xd8")
@example("\ud800")
@example("# T\n\n1. \n2. \n")
@example("# T\n\n1. a\n\x00\n")
def test_anything_at_all_is_imported_or_refused(raw: str | bytes) -> None:
    try:
        imported = import_raw(raw, id="a-letter", source_name="raw.md", lang="en")
    except LetterError:
        pass
    else:
        assert [one.name for one in read_letter(Sources(imported.files)).letter.signatories] == [
            one.name for one in imported.signatories
        ]


@given(st.lists(st.tuples(LINES, st.booleans()), min_size=4, max_size=30))
def test_no_word_of_the_raw_text_is_lost_in_silence(drawn: list[tuple[str, bool]]) -> None:
    """Each word, some lines marked with one of their own, stands in one of the files, the report among them."""
    lines = [f"{line} w{index}x" if marked and line else line for index, (line, marked) in enumerate(drawn)]
    raw = "\n".join(["# T", "", "1. a", "2. b", *lines])

    imported = import_raw(raw, id="a-letter", source_name="raw.md", lang="en")

    written = b"".join(imported.files.values()).decode()
    letters = re.sub(r"[\W_]", "", written)
    assert [word for line in lines for word in re.findall(r"[^\W_]+", line) if word not in letters] == []
