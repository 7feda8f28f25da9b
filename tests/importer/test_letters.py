"""What the words around the list are for, in several languages; which encoding they are in; and what is refused."""

from __future__ import annotations

import tomllib

import pytest

from typeset.diagnostics import LetterError
from typeset.importer import import_raw
from typeset.importer.encodings import FixKind
from typeset.importer.raw_text import Import

ENGLISH = (
    "We, the undersigned organisations, write to you because the rivers of our country are the home of many people."
)
HANT = (
    "我們是白河沿岸的居民、漁民和關心這條河的團體。二十年來，這條河養活了我們的家庭，也養活了我們的孩子。"
    "今年三月，上游開始修建第四座水壩，沒有任何人問過我們的意見。"
)
HANS = (
    "我们是白河沿岸的居民、渔民和关心这条河的团体。二十年来，这条河养活了我们的家庭，也养活了我们的孩子。"
    "今年三月，上游开始修建第四座水坝，没有任何人问过我们的意见。"
)
JAPANESE = (
    "私たちは白川の流域に住む住民と漁民、そしてこの川を大切に思う団体です。"
    "この川は二十年にわたって私たちの家族を支えてきました。"
)
KOREAN = (
    "우리는 백강 유역에 사는 주민과 어민, 그리고 이 강을 소중히 여기는 단체입니다. 이 강은 이십 년 동안 "
    "우리 가족을 먹여 살렸습니다."
)
RUSSIAN = (
    "Мы обращаемся к вам с просьбой защитить реки нашей страны и людей, которые живут на их берегах и "
    "зависят от них, а также от воды."
)
FRENCH = (
    "Nous vous écrivons au nom des habitants des rives de la rivière et des pêcheurs qui sont dans cette "
    "région avec leurs familles et leurs enfants."
)
GERMAN = (
    "Wir schreiben Ihnen im Namen der Menschen, die an den Ufern des Flusses leben und die von ihm und "
    "mit ihm ein Auskommen haben."
)
SPANISH = (
    "Le escribimos en nombre de los habitantes de las orillas del río y de los pescadores que viven con "
    "sus familias en esta región."
)
PORTUGUESE = (
    "Escrevemos em nome dos habitantes das margens do rio e dos pescadores que vivem com as suas "
    "famílias na região e não têm mais nada."
)


def letter(
    *paragraphs: str, lang: str = "en", listed: str = "1. One\n2. Two", after: str = "", name: str = "raw.md"
) -> Import:
    raw = "\n\n".join(("# A letter", *paragraphs, listed, after))
    return import_raw(raw, id="a-letter", source_name=name, lang=lang)


def settings(of: Import) -> dict[str, object]:
    return tomllib.loads(of.files["letter.toml"].decode())


def body(of: Import) -> list[str]:
    return of.files[f"letter.{of.lang}.md"].decode().rstrip("\n").split("\n\n")


def codes(of: Import) -> list[str]:
    return [one.code for one in of.findings]


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        (ENGLISH, "en"),
        (HANT, "zh-Hant"),
        (HANS, "zh-Hans"),
        (JAPANESE, "ja"),
        (KOREAN, "ko"),
        (RUSSIAN, "ru"),
        (FRENCH, "fr"),
        (GERMAN, "de"),
        (SPANISH, "es"),
        (PORTUGUESE, "pt"),
    ],
)
def test_the_words_tell_their_language(words: str, lang: str) -> None:
    imported = letter(words, lang="")

    assert imported.lang == lang
    assert f"letter.{lang}.md" in imported.files


@pytest.mark.parametrize(
    "words", ["Ekki er allt gull sem glóir og ekki er allt satt sem sagt er um ána okkar. " * 3, "人口", "Short."]
)
def test_words_that_do_not_tell_are_undetermined_and_doubted(words: str) -> None:
    imported = letter(words, lang="")

    assert imported.lang == "und"
    assert "unknown-language" in codes(imported)


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("4 March 2026", "2026-03-04"),
        ("March 4th, 2026", "2026-03-04"),
        ("Geneva, 4 March 2026", "2026-03-04"),
        ("2026-03-04", "2026-03-04"),
        ("31/12/2026", "2026-12-31"),
        ("12/31/2026", "2026-12-31"),
        ("le 1er août 2026", "2026-08-01"),
        ("Ginebra, 4 de marzo de 2026", "2026-03-04"),
        ("4. März 2026", "2026-03-04"),
        ("4 марта 2026 г.", "2026-03-04"),
        ("2026年3月4日", "2026-03-04"),
        ("2026년 3월 4일", "2026-03-04"),
    ],
)
def test_a_line_that_is_a_date_dates_the_letter(line: str, date: str) -> None:
    imported = letter(line, ENGLISH)

    assert str(settings(imported)["date"]) == date
    assert (line in body(imported)) == line.startswith("G")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("On 4 March 2026 a dam was begun.", "undated"),
        ("2026年3月4日，水壩動工。", "undated"),
        ("31 February 2026", "undated"),
        ("04/03/2026", "ambiguous-date"),
    ],
)
def test_a_date_is_never_guessed(line: str, code: str) -> None:
    imported = letter(line, ENGLISH)

    assert "date" not in settings(imported)
    assert code in codes(imported)


@pytest.mark.parametrize(
    ("lang", "line", "label", "recipients"),
    [
        ("en", "To: the President of the Assembly", "To: ", [("the President of the Assembly", "")]),
        (
            "en",
            "Open letter to: Prime Minister Jane Doe, the Secretary-General of the Union, Mr. John Roe, and "
            "member states of the Union",
            "Open letter to: ",
            [
                ("Prime Minister", "Jane Doe"),
                ("the Secretary-General of the Union", "Mr. John Roe"),
                ("member states of the Union", ""),
            ],
        ),
        (
            "en",
            "To: Ms. Jane Doe, President of the Assembly, Mr. John Roe, Chair of the Council",
            "To: ",
            [("President of the Assembly", "Ms. Jane Doe"), ("Chair of the Council", "Mr. John Roe")],
        ),
        (
            "en",
            "To:\nMs. Jane Doe,\nPresident of the Assembly\nThe Chair of the Council\nMember States",
            "To: ",
            [("President of the Assembly", "Ms. Jane Doe"), ("The Chair of the Council", ""), ("Member States", "")],
        ),
        ("en", "To: Secretary-General United Nations", "To: ", [("Secretary-General United Nations", "")]),
        ("en", "To the President of the Assembly", "To ", [("the President of the Assembly", "")]),
        (
            "fr",
            "À : Mme Jeanne Doe, Présidente de l'Assemblée ; M. Jean Roe, Ministre",
            "À : ",
            [("Présidente de l'Assemblée", "Mme Jeanne Doe"), ("Ministre", "M. Jean Roe")],
        ),
        (
            "de",
            "An: Bundeskanzlerin Anna Beispiel und Außenminister Max Muster",
            "An: ",
            [("Bundeskanzlerin", "Anna Beispiel"), ("Außenminister", "Max Muster")],
        ),
        (
            "zh-Hant",
            "致：環境部部長林大明先生、白河委員會主席及各縣政府",
            "致：",
            [("環境部部長", "林大明先生"), ("白河委員會主席及各縣政府", "")],
        ),
        (
            "zh-Hant",
            "聯名信受文者：白河委員會主席阿芙拉·貝恩暨環境部部長",
            "聯名信受文者：",
            [("白河委員會主席", "阿芙拉·貝恩"), ("環境部部長", "")],
        ),
        (
            "zh-Hant",
            "收件人：白河委員會秘書長辦公室，白河委員會主席團",
            "收件人：",
            [("白河委員會秘書長辦公室", ""), ("白河委員會主席團", "")],
        ),
        ("zh-Hans", "致国家主席李明", "致", [("国家主席", "李明")]),
        (
            "ja",
            "宛先：環境大臣 山田太郎殿、白川委員会議長",
            "宛先：",
            [("環境大臣", "山田太郎殿"), ("白川委員会議長", "")],
        ),
    ],
)
def test_addressees_become_recipients(lang: str, line: str, label: str, recipients: list[tuple[str, str]]) -> None:
    imported = letter(line, ENGLISH, lang=lang)

    table = tomllib.loads(imported.files["letter.toml"].decode())["recipients"]
    assert [(one["office"][lang], one.get("holder", {}).get(lang, "")) for one in table] == recipients
    assert f"{label}{{recipients}}" in body(imported)
    assert "recipients-unparted" not in codes(imported)


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize(
    ("lang", "lines", "recipients"),
    [
        (
            "en",
            ("To: Ms. Jane Doe, President of the Assembly", "Cc: Mr. John Roe, Chair of the Council"),
            [("President of the Assembly", "Ms. Jane Doe"), ("Chair of the Council", "Mr. John Roe")],
        ),
        (
            "en",
            ("To: the President of the Assembly", "To: the Chair of the Council", "C.c.: Member States"),
            [("the President of the Assembly", ""), ("the Chair of the Council", ""), ("Member States", "")],
        ),
        ("zh-Hant", ("致：大會主席", "副本：委員會主席"), [("大會主席", ""), ("委員會主席", "")]),
        ("zh-Hans", ("致：大会主席", "抄送：委员会主席"), [("大会主席", ""), ("委员会主席", "")]),
        (
            "fr",
            ("À : la Présidente", "Copie à : le Secrétaire général"),
            [("la Présidente", ""), ("le Secrétaire général", "")],
        ),
    ],
)
def test_a_line_of_copies_behind_the_addressees_has_recipients_of_its_own(
    lang: str, lines: tuple[str, ...], recipients: list[tuple[str, str]], between: str
) -> None:
    imported = letter(between.join(lines), {"en": ENGLISH}.get(lang, HANT), lang=lang)

    table = tomllib.loads(imported.files["letter.toml"].decode())["recipients"]
    assert [(one["office"][lang], one.get("holder", {}).get(lang, "")) for one in table] == recipients
    assert codes(imported).count("further-recipients") == len(lines) - 1
    assert sum("{recipients}" in paragraph for paragraph in body(imported)) == 1
    assert lines[-1] not in "".join(body(imported))


@pytest.mark.parametrize("line", ["Copies of this letter go to all Member States.", "Copying: who asks the Chair?"])
def test_a_sentence_about_copies_is_no_line_of_addressees(line: str) -> None:
    imported = letter("To: the President of the Assembly", line, ENGLISH)

    assert len(tomllib.loads(imported.files["letter.toml"].decode())["recipients"]) == 1
    assert line in body(imported)


@pytest.mark.parametrize(
    ("lang", "line"), [("en", "To: Jane Doe, Springfield, the river people"), ("zh-Hant", "致：白河委員會主席林秘書長")]
)
def test_addressees_that_cannot_be_told_apart_are_doubted(lang: str, line: str) -> None:
    imported = letter(line, ENGLISH, lang=lang)

    table = tomllib.loads(imported.files["letter.toml"].decode())["recipients"]
    assert [list(one) for one in table] == [["office"]]
    assert "recipients-unparted" in codes(imported)


@pytest.mark.parametrize(
    "line", ["To whom it may concern", "To act now is our duty.", "We write: to the President.", "A: b"]
)
def test_words_that_only_begin_like_a_label_address_nobody(line: str) -> None:
    imported = letter(line, ENGLISH)

    assert "recipients" not in settings(imported)
    assert "no-recipients" in codes(imported)


@pytest.mark.parametrize(
    ("lang", "note", "stated", "written"),
    [
        (
            "en",
            "321 organisations, 39 of which anonymous",
            {"total": 321, "anonymous": 39},
            "{total} organisations, {anonymous} of which anonymous",
        ),
        ("en", "Signed by 1,204 organizations.", {"total": 1204}, "Signed by {total} organizations."),
        (
            "en",
            "We also thank 12 organisations that prefer to remain anonymous.",
            {"anonymous": 12},
            "We also thank {anonymous} organisations that prefer to remain anonymous.",
        ),
        (
            "fr",
            "321 organisations, dont 39 anonymes",
            {"total": 321, "anonymous": 39},
            "{total} organisations, dont {anonymous} anonymes",
        ),
        (
            "de",
            "Insgesamt 21 Organisationen, davon 3 Unterzeichner anonym",
            {"total": 21, "anonymous": 3},
            "Insgesamt {total} Organisationen, davon {anonymous} Unterzeichner anonym",
        ),
        (
            "es",
            "Un total de 21 organizaciones, 3 de ellas anónimas",
            {"total": 21, "anonymous": 3},
            "Un total de {total} organizaciones, {anonymous} de ellas anónimas",
        ),
        (
            "zh-Hant",
            "本信共有 21 個團體連署，其中 3 個不願具名而匿名。",
            {"total": 21, "anonymous": 3},
            "本信共有 {total} 個團體連署，其中 {anonymous} 個不願具名而匿名。",
        ),
        (
            "ja",
            "計21団体（うち3団体は匿名）",
            {"total": 21, "anonymous": 3},
            "計{total}団体（うち{anonymous}団体は匿名）",
        ),
        (
            "ko",
            "총 21개 단체, 그중 3개 단체는 익명",
            {"total": 21, "anonymous": 3},
            "총 {total}개 단체, 그중 {anonymous}개 단체는 익명",
        ),
    ],
)
def test_stated_counts_become_placeholders(lang: str, note: str, stated: dict[str, int], written: str) -> None:
    imported = letter(ENGLISH, lang=lang, after=note)

    assert settings(imported)["stated"] == stated
    assert settings(imported)["anonymous"] == stated.get("anonymous", 0)
    assert body(imported)[-1] == written


@pytest.mark.parametrize(
    "note", ["In 2019, 50 experts called for action.", "We are 3 friends.", "Published on page 12."]
)
def test_other_numbers_are_no_counts(note: str) -> None:
    imported = letter(ENGLISH, after=note)

    assert "stated" not in settings(imported)
    assert body(imported)[-1] == note


def test_a_total_that_the_list_comes_to_is_no_doubt() -> None:
    imported = letter(ENGLISH, after="Signed by 5 organisations, 3 of which anonymous.")

    assert "count-mismatch" not in codes(imported)


@pytest.mark.parametrize(
    ("last", "closing"),
    [
        ("Yours sincerely,", "{closing} Yours sincerely,"),
        ("With hope", "{closing} With hope"),
        ("This is our last word.", "This is our last word."),
        ("Signed in Geneva by:", "Signed in Geneva by:"),
        ("And this is a longer line that nobody would take for a closing at all", None),
    ],
)
def test_the_last_short_line_before_the_list_is_the_closing(last: str, closing: str | None) -> None:
    imported = letter(ENGLISH, last)

    assert body(imported)[-2] == (closing or last)


def test_a_heading_of_the_list_is_left_to_the_look() -> None:
    imported = letter(ENGLISH, "Yours,", "## Signatories")

    assert body(imported)[-2:] == ["{closing} Yours,", "{signatories}"]
    assert [fix.before for fix in imported.fixes if fix.kind is FixKind.LIST_HEADING] == ["## Signatories"]


def test_headings_quotations_and_lists_keep_their_marks() -> None:
    imported = letter(
        "## Why",
        "> A river\n> is not a pipe.\n>\n> It is home.",
        "- one\n- two\nmore",
        "1. a;\n2. b;",
        ENGLISH,
        listed="1. X\n2. Y\n3. Z",
    )

    assert body(imported)[1:6] == [
        "## Why",
        "> A river is not a pipe.",
        "> It is home.",
        "- one\n- two more",
        "1. a;\n2. b;",
    ]


def test_a_number_that_stands_alone_is_a_page_only_among_rising_ones() -> None:
    rising, alone = letter("2", ENGLISH, "3"), letter("1948", ENGLISH)
    falling = letter("3", ENGLISH, "2")

    assert body(rising)[1:] == [ENGLISH, "{signatories}"]
    assert body(alone)[1] == "1948"
    assert [body(falling)[1], body(falling)[3]] == ["3", "{closing} 2"]


def test_an_item_of_a_list_addresses_nobody() -> None:
    imported = letter("- To: the President of the Assembly", ENGLISH)

    assert "no-recipients" in codes(imported)


def test_a_report_says_where_nothing_was_done() -> None:
    report = letter(ENGLISH).files["import-report.md"].decode()

    assert "- 7 lines, read as Markdown in text\n" in report
    assert "## Silent fixes (0)\n\nNone.\n\n## Logged fixes (0)\n\nNone.\n" in report


def test_underlined_headings_are_headings() -> None:
    imported = letter("Why\n---", ENGLISH, "How\n===", ENGLISH)

    assert body(imported)[1:4:2] == ["## Why", "## How"]


def test_a_second_title_becomes_a_heading() -> None:
    imported = letter("# Another", ENGLISH)

    assert body(imported)[:2] == ["# A letter", "## Another"]


def test_bold_around_a_whole_paragraph_is_dropped_and_bold_words_stay() -> None:
    imported = letter("**All of this was bold.**", "Some **words** are **bold**.", ENGLISH)

    assert body(imported)[1:3] == ["All of this was bold.", "Some **words** are **bold**."]


def test_dead_links_stay_and_are_doubted() -> None:
    imported = letter("See [here](#), [there]() and [elsewhere](https://example.org).", ENGLISH)

    assert [one.evidence for one in imported.findings if one.code == "dead-link"] == ["[here](#)", "[there]()"]
    assert body(imported)[1] == "See [here](#), [there]() and [elsewhere](https://example.org)."


def test_braces_and_tags_of_the_raw_text_are_no_slots_and_no_markup() -> None:
    imported = letter("A {total} and a <b>tag</b>, and <https://example.org>.", ENGLISH)

    assert body(imported)[1] == r"A \{total} and a \<b>tag\</b>, and <https://example.org>."


def test_words_divided_at_a_line_end_are_put_together_where_the_text_shows_how() -> None:
    imported = letter(
        "The govern-\nment and the well-\nknown, the non-\nstate, the Anglo-\nAmerican.",
        "A government, well-known.",
        ENGLISH,
    )

    assert body(imported)[1] == "The government and the well-known, the non-state, the Anglo-American."
    assert [(one.evidence, one.proposal) for one in imported.findings if one.code == "ambiguous-wrap"] == [
        ("non-state,", "nonstate,")
    ]


def test_lines_of_ideographs_are_joined_without_a_space() -> None:
    imported = letter("我們要求停止\n興建 NGO\n水壩，聽取\nNGO 的意見。", HANT, lang="zh-Hant")

    assert body(imported)[1] == "我們要求停止興建 NGO 水壩，聽取 NGO 的意見。"


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (HANT, "big5"),
        (HANT, "gb18030"),
        (HANS, "gb18030"),
        (JAPANESE, "cp932"),
        (KOREAN, "cp949"),
        (HANT, "utf-16-le"),
        (RUSSIAN, "utf-16-be"),
        (ENGLISH, "utf-16-le"),
        (ENGLISH, "utf-16-be"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-32"),
    ],
)
def test_an_encoding_that_is_certain_is_read(words: str, encoding: str) -> None:
    raw = f"# 水 A\n\n{words}\n\n1. One\n2. Two\n".replace("水 " if encoding == "cp949" else "", "").encode(encoding)

    imported = import_raw(raw, id="a-letter", source_name="raw.md", lang="en")

    assert words in imported.files["letter.en.md"].decode()


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (f"# A\n\n{FRENCH}\n\n1. One\n".encode("cp1252"), (3, 11)),
        (f"# A\n\n{RUSSIAN}\n\n1. One\n".encode("koi8-r"), (3, 1)),
        ("# A\n\nélan\n".encode() + b"caf\xe9\n", (4, 4)),
        (b"\xff\xfe\x00\xd8", (1, 1)),
    ],
)
def test_an_encoding_that_is_not_certain_is_refused_with_its_place(raw: bytes, place: tuple[int, int]) -> None:
    with pytest.raises(LetterError) as refused:
        import_raw(raw, id="a-letter", source_name="raw.md")

    (finding,) = refused.value.findings
    assert finding.code == "unknown-encoding"
    assert finding.place
    assert (finding.place.line, finding.place.column) == place


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        ("", ["empty-source"]),
        ("\ufeff \n\f\n", ["empty-source"]),
        ("Just words, and a sentence.\n", ["no-list", "no-title"]),
        ("# A title\n\nWords.\n", ["no-list"]),
        ("# A title\n\n1.\n2.\n", ["no-list"]),
        ("1. One\n2. Two\n", ["no-title"]),
        ("A long sentence that ends.\n\n1. One\n2. Two\n", ["no-title"]),
        ("half \ud83d\n", ["unknown-encoding"]),
    ],
)
def test_what_makes_no_letter_is_refused_with_everything_that_is_missing(raw: str, codes: list[str]) -> None:
    with pytest.raises(LetterError) as refused:
        import_raw(raw, id="a-letter", source_name="raw.txt")

    assert [finding.code for finding in refused.value.findings] == codes
    assert all(finding.message and finding.hint and finding.place for finding in refused.value.findings)


@pytest.mark.parametrize("lang", ["../../etc", "english language", "zz-zz-zz", "en/fr"])
def test_a_language_that_is_no_tag_is_refused(lang: str) -> None:
    with pytest.raises(LetterError) as refused:
        letter(ENGLISH, lang=lang)

    assert [finding.code for finding in refused.value.findings] == ["unknown-language"]


@pytest.mark.parametrize("id", ["My Letter", "../up", "", 'a"b'])
def test_an_id_that_cannot_name_files_is_refused(id: str) -> None:
    with pytest.raises(LetterError) as refused:
        import_raw(f"# A\n\n{ENGLISH}\n\n1. One\n", id=id, source_name="raw.md")

    assert [finding.code for finding in refused.value.findings] == ["unusable-id"]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    raw = "# A\r\n\r\nOne\x0ctwo\u2028three.\r\n\r\n1. One\r2. T\ufffd\n"

    imported = import_raw(raw, id="a-letter", source_name="raw.md", lang="en")

    assert [one.place.line for one in imported.signatories if one.place] == [5, 6]
    assert [one.place.line for one in imported.findings if one.code == "lost-characters" and one.place] == [6]
