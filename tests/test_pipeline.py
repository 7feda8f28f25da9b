from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdf
import pytest

from tests.support.letters import BODY, LETTER, LIST, Changed, files, sources
from typeset.diagnostics import LetterError
from typeset.fonts import MemoryCache, open_catalogue
from typeset.journal import new_folder
from typeset.pipeline import Artifact, BuildContext, CheckedLetter, build, examine
from typeset.project import build_report
from typeset.sources import house


@pytest.fixture(scope="module")
def context() -> BuildContext:
    catalogue, findings = open_catalogue(house() / "fonts")
    assert findings == ()
    return BuildContext(catalogue=catalogue, cache=MemoryCache())


def built(
    context: BuildContext, changed: Changed | None = None, look: str = "letter"
) -> tuple[CheckedLetter, tuple[Artifact, ...]]:
    checked = examine(sources(changed, look), context)
    languages = [version.lang for version in checked.letter.versions]
    return checked, build(checked, context, formats=("pdf", "html"), languages=languages)


def refused_codes(context: BuildContext, changed: Changed) -> set[str]:
    with pytest.raises(LetterError) as refused:
        built(context, changed)
    return {finding.code for finding in refused.value.findings}


def test_a_letter_becomes_a_pdf_and_a_page(context: BuildContext) -> None:
    _, (pdf, html) = built(context)

    assert pdf.name == "small.en.pdf"
    assert pdf.data.startswith(b"%PDF-1.7")
    assert pdf.pages == 2
    assert html.name == "small.en.html"
    assert "أصدقاء النهر" in html.data.decode()


def test_an_error_refuses_before_anything_is_made(context: BuildContext) -> None:
    assert "count-mismatch" in refused_codes(
        context, {"letter.toml": LETTER.replace("anonymous = 1", "anonymous = 1\nstated = { total = 9 }")}
    )


def test_a_decision_lets_the_published_count_stand(context: BuildContext) -> None:
    wrong = {"letter.toml": LETTER.replace("anonymous = 1", "anonymous = 1\nstated = { total = 9 }")}
    (finding,) = [f for f in examine(sources(wrong), context).open if f.code == "count-mismatch"]
    decided = f"""[[decision]]
code = "count-mismatch"
subject = "{finding.subject}"
evidence = "{finding.evidence}"
print = "9"
by = "chair"
when = 2026-03-05
why = "as published"
"""

    _, (_, html) = built(context, {**wrong, "decisions.toml": decided})

    assert "9 signed, 1 of them without a name." in html.data.decode()


def test_a_character_that_no_face_has_names_who_bears_it(context: BuildContext) -> None:
    checked = examine(sources({"signatories.csv": LIST + "4,Ꭰ house,und,,organisation,\n"}), context)

    (finding,) = [f for f in checked.open if f.code == "uncovered-character"]
    assert finding.subject == "signatory 4"
    assert "U+13A0" in finding.message


def test_a_name_that_no_face_sets_is_one_finding_whatever_passages_and_versions_it_stands_in(
    context: BuildContext,
) -> None:
    name = "한국 女性 ᚠᚢᚦ Watch"
    given = sources(
        {
            "letter.toml": LETTER.replace('["en"]', '["en", "fr"]').split("[[")[0],
            "letter.fr.md": "# Une lettre\n\nNous demandons.\n\n{signatories}\n",
            "signatories.csv": f"number,name,lang,spans,kind,note\n7,{name},ko,und:ᚠᚢᚦ|en:Watch,organisation,\n",
            "templates/languages/fr.toml": sources()["templates/languages/en.toml"],
        }
    )

    checked = examine(given, context)

    (finding,) = [finding for finding in checked.open if finding.code == "uncovered-character"]
    assert (finding.subject, finding.evidence) == ("signatory 7", name)
    assert all(character in finding.message for character in "한국女性ᚠᚢᚦ")


@pytest.mark.parametrize("lang", ["zh-Hans", "zh-CN"])
def test_a_letter_in_a_language_without_a_face_says_so_once(context: BuildContext, lang: str) -> None:
    given: Changed = {
        "letter.toml": LETTER.replace('"en"', f'"{lang}"').replace('"The Chair"', '"主席"'),
        "letter.en.md": None,
        f"letter.{lang}.md": "# 关于河流\n\n致：{recipients}\n\n我们要求一件事。\n\n{signatories}\n",
        "signatories.csv": "number,name,lang,spans,kind,note\n1,绿色和平,,,organisation,\n2,ไทย,th,,organisation,\n",
    }

    checked = examine(sources(given), context)

    whole, name = (finding for finding in checked.open if finding.code == "uncovered-character")
    assert (whole.subject, whole.place and whole.place.file) == (f"body {lang}", f"letter.{lang}.md")
    assert f"no face is for {lang}" in whole.message
    assert f"typesetter fonts add FILE --script Hani --lang {lang}" in whole.hint
    assert name.subject == "signatory 2"
    with pytest.raises(LetterError, match="uncovered-character"):
        build(checked, context, formats=("pdf",), languages=(lang,))


def test_a_look_that_leaves_a_name_out_makes_no_file(context: BuildContext) -> None:
    template = sources()["templates/letter.html.j2"].decode()
    lossy = template.replace("{% for signatory in signatories %}", "{% for signatory in signatories[1:] %}")

    assert refused_codes(context, {"templates/letter.html.j2": lossy})


def test_a_look_that_says_more_than_the_letter_makes_no_file(context: BuildContext) -> None:
    template = sources()["templates/letter.html.j2"].decode()

    assert refused_codes(
        context, {"templates/letter.html.j2": template.replace("</main>", "<p>Canary House</p></main>")}
    )


LETTERHEAD = """<p><img src="{{ asset("mark.svg") }}" alt="The coalition"></p>
<p>River Coalition</p><p>1 Quay Street, <strong>Lower Reach</strong></p>"""
MARK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 4"><title>A wave</title><path d="M0 2h9v2z"/></svg>'


@pytest.mark.parametrize("look", ["letter", "plain"])
def test_a_letterhead_of_words_and_a_picture_is_printed(context: BuildContext, look: str) -> None:
    own = {"templates/letterhead.html.j2": LETTERHEAD, "templates/mark.svg": MARK}

    _, (pdf, html) = built(context, own, look)

    assert "River Coalition" in pypdf.PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
    assert 'src="data:image/svg+xml;base64,' in html.data.decode()


def test_a_picture_that_is_not_there_is_a_finding(context: BuildContext) -> None:
    assert refused_codes(context, {"templates/letterhead.html.j2": LETTERHEAD}) == {"template", "own-templates"}


@pytest.mark.parametrize("rule", ["p { font-weight: bold }", "h1 { font-weight: normal }"])
def test_a_look_that_sets_text_in_a_manner_nobody_planned_makes_no_file(context: BuildContext, rule: str) -> None:
    template = f"<style>{rule}</style>"

    assert "unplanned-face" in refused_codes(context, {"templates/letterhead.html.j2": template})


def test_each_stage_is_told_to_who_watches(context: BuildContext) -> None:
    seen: list[str] = []

    @contextmanager
    def watch(stage: str) -> Iterator[None]:
        seen.append(stage)
        yield

    watched = BuildContext(catalogue=context.catalogue, cache=context.cache, watch=watch)
    built(watched)

    assert list(dict.fromkeys(seen)) == ["read", "check", "compose", "faces", "render", "preflight", "html"]


def test_the_report_tells_what_was_made_of_what(context: BuildContext) -> None:
    checked, made = built(context)

    report = json.loads(build_report(checked, made, {"read": 0.1}))

    assert report["stages"] == [{"stage": "read", "seconds": 0.1}]
    assert [(file["name"], file["bytes"]) for file in report["files"]] == [(a.name, len(a.data)) for a in made]
    assert all(face["glyphs"] >= face["characters"] - 4 for face in report["files"][0]["faces"])
    assert "signatories.csv" in report["sources"]


def test_every_version_of_a_letter_is_built(context: BuildContext) -> None:
    body = BODY.replace("A small letter", "一封短信").replace("We ask for **one** thing.", "我們只求**一件**事。")
    two = LETTER.replace('["en"]', '["en", "zh-Hant"]').replace('"The Chair"', '{ en = "The Chair", zh-Hant = "主席" }')
    two = two.replace('"Ada Osei"', '{ en = "Ada Osei" }')

    _, made = built(context, {"letter.toml": two, "letter.zh-Hant.md": body})

    assert [artifact.name for artifact in made] == [
        "small.en.pdf",
        "small.en.html",
        "small.zh-Hant.pdf",
        "small.zh-Hant.html",
    ]


PROGRAM = Path(sys.executable).with_name("typeset")


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if name not in ("FONTCONFIG_FILE", "SOURCE_DATE_EPOCH")}
    return subprocess.run(
        [PROGRAM, *arguments], cwd=cwd, env=given | environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def here(tmp_path: Path) -> Path:
    new_folder(tmp_path / "content" / "small", files())
    return tmp_path


def test_two_folders_time_zones_and_hash_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for place, environment in (
        ("one", {"TZ": "Asia/Taipei", "PYTHONHASHSEED": "1", "LC_ALL": "C"}),
        ("another/and deeper", {"TZ": "America/New_York", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8"}),
    ):
        folder = tmp_path / place
        new_folder(folder / "content" / "small", files())
        done = run("build", cwd=folder, XDG_CACHE_HOME=str(folder / "cache"), **environment)
        assert done.returncode == 0, done.stderr
        made.append({path.name: path.read_bytes() for path in (folder / "output" / "small").glob("small.*")})

    assert len(made[0]) == 2
    assert made[0] == made[1]


def test_a_build_leaves_its_files_and_says_so(here: Path) -> None:
    done = run("build", cwd=here)

    assert done.returncode == 0, done.stderr
    assert "output/small/small.en.pdf  (2 pages," in done.stdout
    assert sorted(path.name for path in (here / "output" / "small").iterdir()) == [
        "build.json",
        "small.en.html",
        "small.en.pdf",
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("A\u202eB", "bidi"),
        ("A\x07B", "control"),
        ("x" * 10_000, "long"),
        ("**bold**", "markup"),
        ("{{ 7*7 }}", "template"),
    ],
)
def test_a_name_that_cannot_stand_leaves_no_file(here: Path, name: str, code: str) -> None:
    (here / "content/small/signatories.csv").write_text(LIST + f"4,{name},und,,organisation,\n")

    done = run("build", "--strict", "--json", cwd=here)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["findings"]
    assert not (here / "output").exists()


def test_check_says_everything_at_once_for_machines(here: Path) -> None:
    (here / "content/small/letter.toml").write_text(LETTER + "colour = 3\n")
    (here / "content/small/signatories.csv").write_text("")

    done = run("check", "--json", cwd=here)

    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert {"unknown-key", "empty-list"} <= {finding["code"] for finding in said["findings"]}
    assert {finding["file"] for finding in said["findings"]} == {
        "content/small/letter.toml",
        "content/small/signatories.csv",
    }


def test_of_a_letter_that_cannot_be_read_nothing_else_is_said(here: Path) -> None:
    (here / "content/small/letter.toml").write_text("date = 2026-13-45\n")

    done = run("check", "content/small/letter.toml", "--json", cwd=here)

    assert [finding["code"] for finding in json.loads(done.stdout)["findings"]] == ["not-toml"]


def test_a_refused_build_ends_with_how_much_there_is_to_mend(here: Path) -> None:
    (here / "content/small/signatories.csv").write_text(LIST + "4,한국 단체,und,,organisation,\n")

    done = run("build", cwd=here)

    assert done.stderr.rstrip().splitlines()[-1].startswith("nothing was built: ")
    assert "content/small/signatories.csv:5:3" in done.stderr


def test_a_broken_picture_is_named_and_not_printed(context: BuildContext) -> None:
    head = '<p><img src="{{ asset("a.png") }}" alt="x"></p>'
    own: Changed = {"templates/letterhead.html.j2": head, "templates/a.png": b"no" * 9999}

    with pytest.raises(LetterError) as refused:
        built(context, own)

    assert all(len(finding.message) < 300 for finding in refused.value.findings)


def test_a_finding_shows_its_line(here: Path) -> None:
    (here / "content/small/letter.en.md").write_text(BODY + "\nwe <b>ask</b>\n")

    done = run("check", cwd=here, NO_COLOR="1")

    assert "error[raw-html]: there is raw HTML here" in done.stderr
    assert "┌─ content/small/letter.en.md:13:1" in done.stderr
    assert "13│ we <b>ask</b>" in done.stderr


def test_a_letter_starts_from_raw_text(tmp_path: Path) -> None:
    raw = "# We ask\n\nTo: the Chair\n\nWe ask for one thing, today.\n\nRespectfully,\n\n1. Alpha\n- 2.Beta\n"
    (tmp_path / "raw.md").write_text(raw)

    done = run("init", "content/asked", "--from", "raw.md", "--lang", "en", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "content/asked: 2 signatories" in done.stdout
    assert (tmp_path / "content/asked/signatories.csv").read_text().split("\n")[1:3] == [
        "1,Alpha,und,,organisation,",
        "2,Beta,und,,organisation,",
    ]
    again = run("init", "content/asked", "--from", "raw.md", "--lang", "en", cwd=tmp_path)
    assert again.returncode == 1
    assert "folder-exists" in again.stderr


def test_a_letter_starts_from_nothing(tmp_path: Path) -> None:
    begun = run("init", "content/rivers", "--lang", "zh-Hant", cwd=tmp_path)

    assert begun.returncode == 0, begun.stderr
    assert "letter.zh-Hant.md" in begun.stdout
    checked = run("check", "content/rivers", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert all(code in checked.stderr for code in ("undated", "unwritten", "no-recipients", "empty-list"))
    assert run("build", "content/rivers", "--strict", cwd=tmp_path).returncode == 1
    assert "folder-exists" in run("init", "content/rivers", cwd=tmp_path).stderr
    assert "unusable-id" in run("init", "content/My Letter", cwd=tmp_path).stderr


def test_decide_records_an_answer_once(here: Path) -> None:
    (here / "content/small/signatories.csv").write_text(LIST + "4,Alpha ( House),und,,organisation,\n")
    asked = json.loads(run("check", "--json", cwd=here).stdout)["findings"]
    (finding,) = [finding for finding in asked if finding["subject"] == "signatory 4"]

    done = run("decide", finding["code"], "--by", "chair", "--why", "as they write it", cwd=here)

    assert done.returncode == 0, done.stderr
    assert json.loads(run("check", "--json", cwd=here).stdout)["findings"] == [f for f in asked if f != finding]
    assert run("decide", finding["code"], "--by", "chair", "--why", "again", cwd=here).returncode == 1


def test_a_wrong_command_line_ends_with_2(here: Path) -> None:
    assert run("build", "--format", "doc", cwd=here).returncode == 2
    assert run("build", "--lang", "xx", cwd=here).returncode == 2


def test_a_full_disk_is_no_traceback(here: Path) -> None:
    (here / "output").write_text("a file where a folder should be")

    done = run("build", cwd=here)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "error[system]" in done.stderr
