"""What people are told about faces and what a letter takes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from typeset.fonts import WordsToSet, coverage_report, needs, open_catalogue, plan_faces, subsets
from typeset.fonts.catalogue import FontFile

HOUSE, _ = open_catalogue(Path(__file__).parents[2] / "fonts")


def test_report_says_what_each_face_covers() -> None:
    reports = {report.face.file: report for report in coverage_report(HOUSE.faces)}

    assert all(report.digest_ok and not report.findings for report in reports.values())
    chinese = reports["NotoSerifTC-Regular.ttf"]
    assert (chinese.scripts["Hani"], chinese.code_points, chinese.size) == (18_102, 20_748, 9_956_844)
    assert reports["NotoSerif-Regular.ttf"].scripts["Cyrl"] == 443
    assert "Hani" not in reports["Amiri-Regular.ttf"].scripts


def test_report_says_that_a_face_was_changed() -> None:
    face = replace(HOUSE.faces[0], digest="0" * 64)

    [report] = coverage_report([face])

    assert not report.digest_ok
    assert [f.code for f in report.findings] == ["face-changed"]
    assert report.code_points > 0


def test_report_on_a_file_that_is_gone_or_no_font_is_a_finding(tmp_path: Path) -> None:
    gone = replace(HOUSE.faces[0], contents=FontFile(tmp_path / "gone.ttf"))
    text = replace(HOUSE.faces[0], contents=FontFile(b"not a font"))

    reports = coverage_report([gone, text])

    assert [[f.code for f in report.findings] for report in reports] == [
        ["face-missing"],
        ["face-changed", "not-a-font"],
    ]
    assert [report.code_points for report in reports] == [0, 0]


def test_needs_are_told_slot_by_slot() -> None:
    plan = plan_faces(
        [WordsToSet(text="人權 NGO", lang="zh-Hant"), WordsToSet(text="の", lang="ja", bold=True)], HOUSE, "zh-Hant"
    )
    made, _ = subsets(plan.cuts)

    found = needs(plan, made)

    assert [(need.slot, need.weight, need.face.file, need.characters) for need in found] == [
        ("latin", 400, "NotoSerif-Regular.ttf", " GNO"),
        ("han-hant", 400, "NotoSerifTC-Regular.ttf", " 人權"),
        ("ja", 700, "NotoSerifJP-Bold.ttf", " の"),
    ]
    assert [need.size for need in found] == [len(subset.data) for subset in made]
    assert [need.size for need in needs(plan)] == [0, 0, 0]
