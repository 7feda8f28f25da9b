from __future__ import annotations

import re

import pytest

from tests.support.letters import BODY, LETTER, LIST, Changed, house_templates, sources
from typeset.compose import compose, read_words
from typeset.compose.document import css_string, running_title
from typeset.diagnostics import LetterError
from typeset.manuscript import read_letter


def html_of(changed: Changed | None = None, *, medium: str = "screen", draft: bool = True) -> str:
    given = sources(changed)
    letter = read_letter(given).letter
    return compose(letter, letter.versions[0], given, medium=medium, draft=draft, generator="typeset").html


def row_of(name: str, *, lang: str = "und", spans: str = "") -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return LIST + f"4,{quoted},{lang},{spans},organisation,\n"


def item(html: str, number: int) -> str:
    found = re.search(rf'<li value="{number}".*?</li>', html)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("</style><script>x</script>", "&lt;/style&gt;&lt;script&gt;x&lt;/script&gt;"),
        ("{{7*7}} {% include 'x' %}", "{{7*7}} {% include &#39;x&#39; %}"),
        ("Fish & Chips", "Fish &amp; Chips"),
        ("{total}", "{total}"),
    ],
)
def test_a_name_is_text_whatever_it_looks_like(name: str, escaped: str) -> None:
    assert escaped in item(html_of({"signatories.csv": row_of(name)}), 4)


def test_a_title_cannot_end_the_style_sheet() -> None:
    html = html_of({"letter.en.md": BODY.replace("# A small letter", '# "}\\</style\\>')}, medium="print")

    style = html[html.index("<style>") : html.index("</style>")]
    assert "\\000022\\00007d\\00003c\\00002fstyle\\00003e" in style
    assert html.count("</style>") == 1


def test_counts_fill_their_placeholders() -> None:
    assert "4 signed, 1 of them without a name." in html_of()


def test_addressees_stand_one_by_one_where_the_letter_wants_them() -> None:
    html = html_of({"letter.toml": LETTER + '[[recipients]]\noffice = "All members"\n'})

    assert re.findall(r'data-subject="recipient \d">(.*?)</li>', html) == ["Ada Osei, The Chair", "All members"]
    assert html.index('<p class="label">To:</p>') < html.index("Ada Osei") < html.index("We ask for")


def test_a_name_carries_its_language_and_direction() -> None:
    html = html_of()

    assert '<span class="name" lang="fr">Amis du Delta</span>' in html
    assert '<span class="name" lang="ar" dir="rtl">أصدقاء النهر</span>' in html
    passage = '<span class="tail" lang="ja">川の声</span>'
    assert f'<span class="name" lang="und">Watch<span> </span>{passage} Group</span>' in html


@pytest.mark.parametrize(
    ("name", "tail"),
    [
        ("Association for the Defence of Very Small Rivers", "Small Rivers"),
        ("Association for the Defence ( of Very Small Rivers )", "Small Rivers )"),
        ("Association for the Defence of Rivers", "of Rivers"),
    ],
)
def test_no_line_of_a_long_name_has_one_word_alone(name: str, tail: str) -> None:
    assert f'<span class="tail">{tail}</span></span></li>' in item(html_of({"signatories.csv": row_of(name)}), 4)


@pytest.mark.parametrize("name", ["Short Name", "Association for " + "W" * 20 + " " + "R" * 20, "Oneverylongname" * 3])
def test_a_name_that_needs_no_help_gets_none(name: str) -> None:
    assert f">{name}</span></li>" in item(html_of({"signatories.csv": row_of(name)}), 4)


def test_a_name_in_the_letters_language_repeats_nothing() -> None:
    assert '<span class="name">River Watch</span>' in html_of({"signatories.csv": row_of("River Watch", lang="en")})


def test_ideographs_of_unstated_language_are_set_as_the_letters_own() -> None:
    chinese = {
        "letter.toml": LETTER.replace('["en"]', '["zh-Hant"]'),
        "letter.en.md": None,
        "letter.zh-Hant.md": BODY,
        "signatories.csv": LIST + "4,Watch 【下游守望】 Group,und,,organisation,\n5,下游守望,und,,organisation,\n",
    }
    html = html_of(chinese)

    passage = '<span class="tail" lang="zh-Hant">【下游守望】</span>'
    assert f'lang="und">Watch<span> </span>{passage} Group</span>' in item(html, 4)
    assert '<span class="name">下游守望</span>' in item(html, 5)


def test_a_dead_link_is_printed_as_words() -> None:
    html = html_of({"letter.en.md": BODY + "\n[here](#) and [there](https://there.example/) and [not](javascript:x)\n"})

    assert '<p class="text">here and <a href="https://there.example/">there</a> and' in html
    assert 'href="javascript' not in html


def test_only_a_draft_says_so() -> None:
    assert 'class="draft"' in html_of(draft=True)
    assert 'class="draft"' not in html_of(draft=False)


def test_a_letters_own_template_takes_the_place_of_the_looks() -> None:
    html = html_of({"templates/letterhead.html.j2": '<p class="text">The Coalition</p>'})

    assert '<p class="text">The Coalition</p>' in html


@pytest.mark.parametrize(
    ("template", "message", "line"),
    [
        ("{{ nobody }}", "'nobody' is undefined", 1),
        ("a\n{% endfor %}", "unknown tag 'endfor'", 2),
        ("a\n\n{% include '../secret' %}", "there is no template ../secret", 3),
    ],
)
def test_a_template_that_cannot_be_filled_is_a_finding(template: str, message: str, line: int) -> None:
    with pytest.raises(LetterError) as refused:
        html_of({"templates/letterhead.html.j2": template})

    (finding,) = refused.value.findings
    assert finding.code == "template"
    assert message in finding.message
    assert finding.place is not None
    assert finding.place.line == line


def test_a_language_without_words_is_a_finding() -> None:
    with pytest.raises(LetterError) as refused:
        html_of({"letter.toml": LETTER.replace('["en"]', '["sv"]'), "letter.sv.md": BODY})

    assert [finding.code for finding in refused.value.findings] == ["no-words"]
    assert "supported are en, zh-Hans, zh-Hant" in refused.value.findings[0].hint


def test_a_regional_language_takes_the_words_of_the_shorter_tag() -> None:
    html = html_of(
        {"letter.toml": LETTER.replace('["en"]', '["en-GB"]'), "letter.en-GB.md": BODY, "letter.en.md": None}
    )

    assert "4 March 2026" in html
    assert '<html lang="en-GB"' in html


def test_simplified_chinese_says_nothing_in_traditional_forms() -> None:
    import tomllib

    templates = house_templates()
    simplified, traditional = (
        tomllib.loads(templates[f"templates/languages/{lang}.toml"].decode()) for lang in ("zh-Hans", "zh-Hant")
    )

    "".join(simplified.values()).replace("·", "").replace("→", "").encode("gb2312")
    braces = re.compile(r"\{\w+\}")
    assert {key: sorted(braces.findall(said)) for key, said in simplified.items()} == {
        key: sorted(braces.findall(said)) for key, said in traditional.items()
    }


@pytest.mark.parametrize(
    ("lang", "page"),
    [("zh-Hans", "第 {page} 页"), ("zh-CN", "第 {page} 页"), ("zh-TW", "第 {page} 頁"), ("zh", "第 {page} 頁")],
)
def test_chinese_of_a_place_has_the_words_of_its_form(lang: str, page: str) -> None:
    assert read_words(sources(), lang).page.startswith(page)


def test_a_long_title_is_cut_at_a_mark_for_the_running_head() -> None:
    assert running_title("短") == "短"
    assert running_title("one two, " * 20).endswith("two, one…")
    assert len(running_title("長" * 200)) == 61


def test_a_css_string_ends_only_where_it_should() -> None:
    assert css_string('a"\\\n第') == '"a\\000022\\00005c\\00000a第"'
