"""The judges are judged: each accepts what is good and rejects what is bad."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.outside import programs
from tests.outside.browser import axe_violations, open_page, screenshot
from tests.outside.nu import nu_errors
from tests.outside.readers import mupdf_text, pdfium_text, poppler_text, qpdf_complaints
from tests.outside.verapdf import verdicts
from typeset.engine.loader import CONFIGURATION

outside = pytest.mark.outside

GOOD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A letter</title><style>p { color: #222 }</style></head>
<body><main><h1>A letter</h1><p>Dear reader</p></main></body></html>"""
BAD = """<!doctype html>
<html><head><meta charset="utf-8"><style>p { color: nocolour }</style></head>
<body><img src="x.png"><p id="a">One</p><p id="a" style="color: #ddd">Two<p></em></body></html>"""


def stock_pdf(page: Path, to: Path, *options: str) -> Path:
    """A page printed by WeasyPrint as it comes, in a process of its own: here it may be loaded with our fonts only."""
    programs.output(sys.executable, "-m", "weasyprint", *options, page, to)
    return to


@pytest.fixture
def good_page(tmp_path: Path) -> Path:
    page = tmp_path / "good.html"
    page.write_text(GOOD, encoding="utf-8")
    return page


@pytest.fixture
def bad_page(tmp_path: Path) -> Path:
    page = tmp_path / "bad.html"
    page.write_text(BAD, encoding="utf-8")
    return page


@pytest.fixture
def accessible(good_page: Path, tmp_path: Path) -> Path:
    return stock_pdf(good_page, tmp_path / "accessible.pdf", "--pdf-variant=pdf/ua-1")


@pytest.fixture
def archival(good_page: Path, tmp_path: Path) -> Path:
    return stock_pdf(good_page, tmp_path / "archival.pdf", "--pdf-variant=pdf/a-3a", "--pdf-tags")


@outside
def test_verapdf_accepts_each_flavour_kept_and_names_the_rule_broken(accessible: Path, archival: Path) -> None:
    found = {(verdict.path, verdict.flavour): verdict for verdict in verdicts([accessible, archival])}

    assert found[accessible, "ua1"].compliant
    assert found[archival, "3a"].compliant
    assert not found[accessible, "3a"].compliant
    assert "6.6.4-1" in {failure.rule for failure in found[accessible, "3a"].failures}
    assert [failure.rule for failure in found[archival, "ua1"].failures] == ["5-1"]


@outside
def test_verapdf_rejects_a_file_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_text("not a PDF")

    (verdict,) = verdicts([tmp_path / "letter.pdf"], ["2u"])

    assert not verdict.compliant
    assert [failure.rule for failure in verdict.failures] == ["unreadable"]


@outside
def test_verapdf_refuses_a_flavour_that_does_not_exist(accessible: Path) -> None:
    with pytest.raises(RuntimeError, match="no flavour is called 9z"):
        verdicts([accessible], ["9z"])


@outside
def test_nu_checker_accepts_a_valid_page(good_page: Path) -> None:
    assert nu_errors(good_page) == ()


@outside
def test_nu_checker_rejects_faults_in_markup_and_style(bad_page: Path) -> None:
    messages = "\n".join(fault.message for fault in nu_errors(bad_page))

    assert "Duplicate ID" in messages
    assert "nocolour" in messages


@outside
def test_nu_checker_rejects_a_page_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        nu_errors(tmp_path / "absent.html")


@outside
def test_axe_accepts_an_accessible_page(good_page: Path) -> None:
    assert axe_violations(good_page) == ()


@outside
def test_axe_rejects_missing_language_title_and_alternative_and_faint_text(bad_page: Path) -> None:
    rules = {violation.rule for violation in axe_violations(bad_page)}

    assert rules >= {"html-has-lang", "document-title", "image-alt", "color-contrast"}


@outside
def test_screenshot_is_as_wide_as_asked(good_page: Path) -> None:
    image = screenshot(good_page, 390)

    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 390


@outside
def test_browser_shows_the_page_at_the_width_asked(good_page: Path) -> None:
    with open_page(good_page, width=390) as page:
        width = page.evaluate("window.innerWidth")

    assert width == 390


@outside
def test_three_readers_find_the_same_text(accessible: Path) -> None:
    found = {tuple(read(accessible).split()) for read in (poppler_text, pdfium_text, mupdf_text)}

    assert found == {("A", "letter", "Dear", "reader")}


@outside
def test_qpdf_complains_of_a_file_cut_short_and_not_of_a_whole_one(accessible: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.pdf"
    cut.write_bytes(accessible.read_bytes()[:-200])

    assert qpdf_complaints(accessible) == ""
    assert "xref" in qpdf_complaints(cut)


def test_programs_of_others_keep_the_fonts_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", str(CONFIGURATION))

    seen = programs.output(sys.executable, "-c", "import os; print(sorted(os.environ))")

    assert "PATH" in seen
    assert "FONTCONFIG_FILE" not in seen


@outside
def test_axe_sees_faint_text_though_our_own_fonts_are_closed_off(
    bad_page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", str(CONFIGURATION))

    assert "color-contrast" in {violation.rule for violation in axe_violations(bad_page)}


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_missing_program_skips_a_test_and_fails_it_in_continuous_integration(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)

    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception), match="no-such-program") as raised:
        programs.program("no-such-program")

    assert raised.type is outcome
