"""Three raw texts, each with the defects of its own history, become letter folders."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from typeset.diagnostics import Severity
from typeset.importer import import_raw
from typeset.importer.encodings import FixKind
from typeset.importer.raw_text import Import
from typeset.manuscript import read_letter
from typeset.model import Kind
from typeset.sources import Sources

INPUTS = Path(__file__).parents[1] / "inputs"
CONTENT = Path(__file__).parents[2] / "content" / "china-monitoring"
SOURCE = Path(__file__).parents[2] / "src" / "typeset"


def imported(name: str, id: str = "a-letter") -> Import:
    return import_raw((INPUTS / name).read_bytes(), id=id, source_name=name)


@pytest.fixture(scope="module")
def seed() -> Import:
    return imported("open-letter.zh-Hant.raw.md", "china-monitoring")


@pytest.fixture(scope="module")
def river() -> Import:
    return imported("river-appeal.en.raw.txt")


@pytest.fixture(scope="module")
def white_river() -> Import:
    return imported("white-river.zh-Hans.raw.txt")


def rows(of: Import) -> dict[int, dict[str, str]]:
    text = of.files["signatories.csv"].decode()
    return {int(row["number"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}


def words(of: Import) -> list[str]:
    return of.files[f"letter.{of.lang}.md"].decode().split("\n\n")


def test_the_committed_letter_is_a_fresh_import(seed: Import) -> None:
    committed = {
        path.name: path.read_bytes() for path in CONTENT.iterdir() if path.is_file() and path.name != "decisions.toml"
    }

    assert committed == dict(seed.files)


def test_the_committed_letter_reads_without_a_fault(seed: Import) -> None:
    manuscript = read_letter(Sources(seed.files))

    assert manuscript.findings == ()
    assert (manuscript.letter.counts.named, manuscript.letter.counts.anonymous) == (281, 39)


def test_every_signatory_keeps_number_and_name(seed: Import) -> None:
    """Each name against the raw text by another way than the importer's: without spaces, bullets and escapes."""
    raw = (INPUTS / "open-letter.zh-Hant.raw.md").read_text(encoding="utf-8")
    given = re.sub(r"\\(?=\*)|\s|^- ", "", raw[raw.index("1. ") :], flags=re.MULTILINE)

    listed = "".join(f"{number}.{''.join(row['name'].split())}" for number, row in rows(seed).items())

    assert list(rows(seed)) == list(range(1, 282))
    assert given.startswith(listed)


def test_an_interrupted_list_is_one_list(seed: Import) -> None:
    kinds = Counter(fix.kind for fix in seed.fixes)

    assert kinds[FixKind.LIST_GAP] == 11
    assert kinds[FixKind.ITEM_MARK] == 63
    assert kinds[FixKind.WRAP] == 10


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (9, "Action des Chrétiens pour l'Abolition de la Torture au Burundi(Acat-Burundi)"),
        (36, "Benteng Heritage Musrum"),
        (38, "Building Inclusive Society Tanzania Organization (BISTO)."),
        (83, "Federation for a Democratic China 民主中国陣線"),
        (102, "Ghjtrn для трансгендерных людей и их близких T*Revers"),
        (148, "Kalikasan People's Network for the Environment (Kalikasan PNE)"),
        (160, "MAFAPO ( madres de los falsos positivos de colombia)"),
        (166, "Monitor Social A.C."),
        (181, "NY4HK ( New Yorkers Supporting Hong Kong )"),
        (196, "PSCORE (People for Successful COrean REunification)"),
        (223, "Students For a Free Tibet- India"),
        (226, "Tanzania Human Rights Defenders's Coalition"),
        (265, "Yayasan Lembaga Bantuan Hukum Indonesia (YLBHI) / Indonesia Legal Aid Foundation"),
        (274, "مرصد الصحراء للنسلم والديمقراطية وحقوق الإنسان"),
        (277, "【台灣民間支援香港協會】 Taiwanese Civil Aid to HKers"),
    ],
)
def test_a_name_is_left_as_its_bearer_gave_it(seed: Import, number: int, name: str) -> None:
    assert rows(seed)[number]["name"] == name


def test_scripts_tell_the_language_of_names_and_of_passages(seed: Import) -> None:
    told = {
        number: (row["lang"], row["spans"])
        for number, row in rows(seed).items()
        if row["lang"] != "und" or row["spans"]
    }

    assert told == {
        120: ("und", "ja:日本人権財団"),
        225: ("und", "ja:台湾研究フォーラム"),
        273: ("und", "ja:チベット問題を考える会"),
        279: ("ja", ""),
        281: ("und", "ja:香港の夜明け"),
    }


def test_persons_are_those_who_say_so(seed: Import) -> None:
    assert [number for number, row in rows(seed).items() if row["kind"] == "person"] == [163, 170]


def test_three_addressees_are_three_recipients(seed: Import) -> None:
    recipients = tomllib.loads(seed.files["letter.toml"].decode())["recipients"]

    assert recipients == [
        {"office": {"zh-Hant": "聯合國秘書長"}, "holder": {"zh-Hant": "安東尼奧·古特雷斯"}},
        {"office": {"zh-Hant": "聯合國人權事務高級專員"}, "holder": {"zh-Hant": "米歇爾·巴切萊特"}},
        {"office": {"zh-Hant": "聯合國各成員國"}},
    ]


def test_the_words_keep_their_places(seed: Import) -> None:
    paragraphs = words(seed)

    assert paragraphs[0] == "# 成立對中國的國際人：全球呼籲 權監察機制"
    assert paragraphs[1] == "公開信收件人：{recipients}"
    assert paragraphs[-4:] == [
        "{closing} 謹上",
        "{signatories}",
        r"\*連署團體共計 {total} 個。然而，其中有 {anonymous} 個組織選擇匿名。",
        "Originally published [here](#)\n",
    ]
    assert len(paragraphs) == 14


def test_stated_counts_are_kept(seed: Import) -> None:
    settings = tomllib.loads(seed.files["letter.toml"].decode())

    assert settings["anonymous"] == 39
    assert settings["stated"] == {"total": 321, "anonymous": 39}


def test_each_doubt_has_its_line(seed: Import) -> None:
    doubts = [(one.code, one.subject, one.place.line if one.place else None) for one in seed.findings]

    assert doubts == [
        ("undated", "date", 0),
        ("scrambled-title", "title zh-Hant", 3),
        ("ambiguous-wrap", "signatory 218", 256),
        ("count-mismatch", "total", 328),
        ("dead-link", "body zh-Hant", 330),
        ("unmarked-language", "body zh-Hant", 330),
    ]
    assert [one.proposal for one in seed.findings][1:4] == [
        "全球呼籲：成立對中國的國際人權監察機制",
        "Southern Africa Human Rights Defenders NetworkSAHRDN",
        "320",
    ]


def test_what_check_asks_again_is_asked_in_the_same_words(seed: Import) -> None:
    """A decision answers by code, subject and evidence: these are the ones that outlive the import."""
    asked = {(one.code, one.subject, one.evidence) for one in seed.findings}

    assert asked >= {
        ("undated", "date", "no date"),
        ("scrambled-title", "title zh-Hant", "成立對中國的國際人：全球呼籲 權監察機制"),
        ("count-mismatch", "total", "321 stated; 281 named + 39 anonymous = 320"),
        ("dead-link", "body zh-Hant", "[here](#)"),
    }


def test_the_report_shows_what_stood_and_what_stands(seed: Import) -> None:
    report = seed.files["import-report.md"].decode()

    assert "- blank line inside the list removed: 11\n" in report
    assert "- line 36: `- 11.Adivasi-Koordination in Germany` → `11. Adivasi-Koordination in Germany`\n" in report
    assert "- line 256: `218. Southern Africa Human Rights Defenders Network-   ⏎ SAHRDN` → " in report
    assert "- **count-mismatch** (error), line 328, total: " in report


def test_the_importer_knows_no_line_of_any_of_these_texts() -> None:
    texts = [path.read_bytes().decode("gb18030" if "Hans" in path.name else "utf-8") for path in INPUTS.glob("*.raw.*")]
    lines = {re.sub(r"^[-•\s]*[(\d]+[.)、]\s*|^#\s*", "", line).strip() for text in texts for line in text.splitlines()}
    told = [line for line in lines if len(line) > 9 and not re.fullmatch("Yours .*|[-\\s\\d第页]+", line)]
    files = [*SOURCE.joinpath("importer").rglob("*.*"), SOURCE / "checks" / "letter.py"]
    written = "\n".join(path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".toml"))

    assert len(told) > 250
    assert [line for line in told if line in written] == []


def test_pages_of_an_english_letter_become_one_text(river: Import) -> None:
    assert words(river) == [
        "Save the Oru Headwaters: a joint appeal\nfor free-flowing rivers\n===",
        "Geneva, 4 March 2026",
        "To: {recipients}",
        "We, the undersigned organisations, write to you on behalf of the fishing communities of eleven countries. "
        "Their livelihoods depend on rivers that flow freely, and the livelihoods of their children will depend on "
        "them too. We have seen three dams since 2019. This year a fourth was begun without an environmental study, "
        "and none of the “consultations” that the Convention asks for was held.",
        "We therefore ask the Assembly:",
        "- to suspend the licences that were given in 2025;\n"
        "- to publish the non-technical summaries of every study, in the languages of the people concerned;\n"
        r"- to hear the well-founded complaints of \{their\} elders, whom the companies call \*stakeholders\*.",
        "A river is not a pipe. We do not ask for a favour but for the law, which the Assembly itself has written, "
        "and which binds downstream states as much as those above them. We stand ready to meet you at any time.",
        "{closing} Yours sincerely,",
        "{signatories}",
        "In all, {total} organisations have signed, {anonymous} of which wish to remain anonymous.\n",
    ]


def test_names_of_an_english_letter_come_out_of_bullets_tabs_and_pages(river: Import) -> None:
    assert [(one.number, one.name) for one in river.signatories] == [
        (1, "Alliance for the Upper River"),
        (2, "Association des pêcheurs d’aval (APA)"),
        (3, "B.R.A.V.E."),
        (4, "Café des Rivières"),
        (5, "Coalition for Fair Water, Forests and Land"),
        (6, "Delta Women’s Network “Two Banks”"),
        (7, "Dr. Emil Vasquez Institute of Hydrology"),
        (8, "Dr. Nora Lindqvist, hydrologist"),
        (9, "Fédération des Agriculteurs du Fleuve - Sec-tion Nord"),
        (10, 'Fishers\' Union of the five "Old Ports"'),
        (11, "Friends of the River {Lower Basin}"),
        (12, "Green  Line / Línea Verde"),
        (13, "Hydro*Watch"),
        (14, "Institute for Rivers and Rights (est. 1994) Ltd"),
        (15, "John Abara, in a personal capacity"),
        (17, "Keepers of the <Source>"),
        (18, "Law & Water"),
    ]
    assert [one.number for one in river.signatories if one.kind is Kind.PERSON] == [8, 15]


def test_settings_of_an_english_letter(river: Import) -> None:
    assert river.files["letter.toml"].decode() == (
        'schema = 1\nid = "a-letter"\ndate = 2026-03-04\nlanguages = ["en"]\npage = "A4"\nlook = "letter"\n'
        "anonymous = 2\nstated = { total = 20, anonymous = 2 }\n"
        '\n[[recipients]]\noffice = { en = "President of the River Assembly" }\n'
        'holder = { en = "Ms. Ada Okonjo-Reyes" }\n'
        '\n[[recipients]]\noffice = { en = "the Secretary-General of the Water Union" }\n'
        'holder = { en = "Mr. Jonas van der Meer" }\n'
        '\n[[recipients]]\noffice = { en = "all States Parties to the River Convention" }\n'
    )


def test_doubts_of_an_english_letter(river: Import) -> None:
    assert [(one.code, one.severity, one.place.line if one.place else 0, one.evidence) for one in river.findings] == [
        ("guessed-title", Severity.NOTE, 1, "Save the Oru Headwaters: a joint appeal for free-flowing rivers"),
        ("joined-title", Severity.WARNING, 1, "Save the Oru Headwaters: a joint appeal for free-flowing rivers"),
        ("place-and-date", Severity.WARNING, 4, "Geneva, 4 March 2026"),
        ("ambiguous-wrap", Severity.WARNING, 20, "non-technical"),
        ("ambiguous-wrap", Severity.WARNING, 44, "Fédération des Agriculteurs du Fleuve - Sec-tion Nord"),
        ("number-order", Severity.WARNING, 53, "1994) Ltd"),
        ("number-gap", Severity.WARNING, 56, "17. Keepers of the <Source>"),
        ("count-mismatch", Severity.ERROR, 59, "20 stated; 17 named + 2 anonymous = 19"),
    ]


def test_fixes_of_an_english_letter(river: Import) -> None:
    assert Counter(str(fix.kind) for fix in river.fixes if fix.kind not in (FixKind.LINE_END, FixKind.SOFT_BREAK)) == {
        FixKind.PAGE_BREAK: 2,
        FixKind.LIST_GAP: 2,
        FixKind.LIGATURE: 3,
        FixKind.SOFT_HYPHEN: 2,
        FixKind.NORMALISED: 1,
        FixKind.PAGE_NUMBER: 3,
        FixKind.RUNNING_HEAD: 2,
        FixKind.PAGE_SEAM: 1,
        FixKind.WRAP: 7,
        FixKind.ITEM_MARK: 17,
        FixKind.RECIPIENTS: 1,
        FixKind.DATE: 1,
        FixKind.CLOSING: 1,
        FixKind.LIST_HEADING: 1,
        FixKind.COUNT: 1,
        FixKind.PERSON: 2,
    }


def test_a_chinese_letter_in_another_encoding_and_without_empty_lines(white_river: Import) -> None:
    assert white_river.lang == "zh-Hans"
    assert "白河渔民互助会" in white_river.text
    assert words(white_river) == [
        "# 关于停止在白河上游修建水坝的公开信",
        "致：{recipients}",
        "我们是白河沿岸的居民、渔民和关心这条河的团体。二十年来，这条河养活了我们的家庭，也养活了我们的孩子。"
        "今年三月，上游开始修建第四座水坝，没有任何人问过我们的意见。",
        "我们要求有关部门公开环境影响报告，听取沿岸居民的意见，并且在得到回答以前停止一切工程。这不是请求，"
        "这是法律写明的责任。",
        "水是大家的。我们愿意随时与有关部门见面，把我们知道的都说出来。",
        "{closing} 此致敬礼",
        "{signatories}",
        "（共计 {total} 个团体，其中 {anonymous} 个团体选择匿名）\n",
    ]
    assert white_river.files["signatories.csv"].decode().splitlines()[1:] == [
        "1,白河渔民互助会,und,,organisation,",
        "2,沿岸青年 NGO 网络,und,,organisation,",
        "3,河流と森の会,ja,,organisation,",
        "4,赵小川（以个人名义）,und,,person,",
        "5,Friends of the White River 白河之友,und,,organisation,",
        "6,下游农民合作社联合会,und,,organisation,",
    ]


def test_settings_of_a_chinese_letter(white_river: Import) -> None:
    settings = tomllib.loads(white_river.files["letter.toml"].decode())

    assert str(settings["date"]) == "2025-11-03"
    assert settings["recipients"] == [
        {"office": {"zh-Hans": "环境部部长"}, "holder": {"zh-Hans": "李明远"}},
        {"office": {"zh-Hans": "白河委员会主席"}, "holder": {"zh-Hans": "王芳女士"}},
        {"office": {"zh-Hans": "各省环境厅及白河沿岸各县政府"}},
    ]
