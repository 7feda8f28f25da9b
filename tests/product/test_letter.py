"""The real letter, end to end, judged by programs that are not ours."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.outside.browser import axe_violations, open_page
from tests.outside.nu import nu_errors
from tests.outside.readers import mupdf_text, pdfium_text, poppler_text, qpdf_complaints
from tests.outside.verapdf import verdicts
from typeset.fonts import MemoryCache, open_catalogue
from typeset.letter_folder import read_sources
from typeset.pipeline import BuildContext, build, examine
from typeset.sources import house

pytestmark = pytest.mark.outside

FOLDERS = ("content/china-monitoring", "examples/joint-statement")
RIGHT_TO_LEFT = 274
"""The one name in Arabic. Poppler gives back its words in the order of the page; PDFium takes its line for one that
runs from right to left, and so the number for what follows the name."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the PDF and HTML of the letters and of both looks."""
    folder = tmp_path_factory.mktemp("built")
    context = BuildContext(catalogue=open_catalogue(house() / "fonts")[0], cache=MemoryCache())
    for look in ("letter", "plain"):
        for letter in FOLDERS:
            checked = examine(read_sources(house() / letter, look), context)
            languages = [version.lang for version in checked.letter.versions]
            for artifact in build(checked, context, formats=("pdf", "html"), languages=languages):
                (folder / f"{look}.{artifact.name}").write_bytes(artifact.data)
    return folder


@pytest.fixture(scope="session")
def names() -> dict[int, str]:
    with (house() / FOLDERS[0] / "signatories.csv").open(encoding="utf-8", newline="") as table:
        return {int(row["number"]): row["name"] for row in csv.DictReader(table)}


def test_every_pdf_keeps_both_standards(built: Path) -> None:
    found = verdicts(sorted(built.glob("*.pdf")), ("3a", "ua1"))

    assert len(found) == 12
    assert [(verdict.path.name, verdict.flavour, verdict.failures) for verdict in found if not verdict.compliant] == []


def test_every_pdf_is_sound(built: Path) -> None:
    assert {path.name: complaints for path in built.glob("*.pdf") if (complaints := qpdf_complaints(path))} == {}


@pytest.mark.parametrize("reader", [pdfium_text, mupdf_text, poppler_text])
def test_every_name_comes_back_with_its_number(
    reader: Callable[[Path], str], built: Path, names: dict[int, str]
) -> None:
    text = as_one_line(reader(built / "letter.china-monitoring.zh-Hant.pdf"))

    missing = {number for number, name in names.items() if as_one_line(f"{number}. {name}") not in text}
    if reader is pdfium_text and as_one_line(f"{names[RIGHT_TO_LEFT]} {RIGHT_TO_LEFT}.") in text:
        missing.remove(RIGHT_TO_LEFT)

    assert len(names) == 281
    assert missing <= ({RIGHT_TO_LEFT} if reader is poppler_text else set())


def as_one_line(text: str) -> str:
    """Text without what a page does to it: line ends, joiners of a reader, marks of direction."""
    kept = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return re.sub(r"\s+", "", kept)


def test_every_page_is_valid_html(built: Path) -> None:
    pages = sorted(built.glob("*.html"))

    assert len(pages) == 6
    assert nu_errors(*pages) == ()


def test_every_page_is_accessible_and_never_scrolls_sideways(built: Path) -> None:
    pages = sorted(built.glob("*.html"))
    violations, widths = {}, {}

    for path in pages:
        with open_page(path) as page:
            for width in (320, 390, 1280, 1440):
                page.set_viewport_size({"width": width, "height": 900})
                widths[path.name, width] = page.evaluate("document.documentElement.scrollWidth")
                if width in (390, 1280):
                    violations[path.name, width] = axe_violations(page)

    assert len(pages) == 6
    assert {place: found for place, found in violations.items() if found} == {}
    assert {place: found for place, found in widths.items() if found > place[1]} == {}


def test_a_browser_uses_the_planned_faces_and_fetches_nothing(built: Path) -> None:
    with open_page(built / "letter.china-monitoring.zh-Hant.html") as page:
        loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
        fetched = page.evaluate("performance.getEntriesByType('resource').map(r => r.name)")

    assert {"NotoSerif-latin", "NotoSerifTC-han-hant", "NotoSerifJP-ja", "Amiri-arabic"} <= {
        family.strip('"') for family in loaded
    }
    assert [name for name in fetched if not name.startswith("data:")] == []
