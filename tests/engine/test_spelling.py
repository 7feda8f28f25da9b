"""Text that comes back out of the file, and words that stay whole on the page."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.outside.readers import poppler_text
from tests.outside.verapdf import verdicts
from tests.support.preflight_letter import Finished, finished, folder, said
from typeset.engine import layout, pdf_output
from typeset.engine.loader import ChangedEngine, load
from typeset.preflight import read_pdf


def letter(*names: str, lang: str = "und", spans: str = "") -> Finished:
    rows = []
    for number, name in enumerate(names, start=1):
        row = io.StringIO()
        csv.writer(row, lineterminator="").writerow((number, name, lang, spans, "organisation", ""))
        rows.append(row.getvalue())
    return finished(folder(rows))


def spelled_out(file: Finished) -> list[str]:
    """The actual texts in a file."""
    pages = read_pdf(file.data).pages
    return ["".join(p.clusters) for page in pages for pieces in page.marked.values() for p in pieces if p.typed]


@pytest.mark.parametrize(
    "names",
    [
        # A glyph that two letters share, in a word where each of them has one, was seen with one of them before.
        (
            "إ ٣٤ سججءة 12 ی - بئ غچسحبسعصآدب لكدصم - غنكخآونمإ ضيهذژتىصنألآ (ئگآجثچءب)",
            "تگوةیآكغاخ، جوتدخآذ ٣٤ پ ٣٤ تب - انرأصآذظصج ٣٤ زگگکغ، ءچؤ - چژلئغ",
        ),
        # A bracket that ran from right to left when it was first seen.
        ("شبكة [دلتا]", "Rivers [Delta]"),
    ],
)
def test_letters_come_back_whatever_was_seen_before(names: tuple[str, str]) -> None:
    file = letter(*names)

    assert said(file) == set()
    assert spelled_out(file) == []


@pytest.mark.parametrize(
    ("names", "out"),
    [
        (("می‌خواهم انجمن",), "می‌خواهم انجمن"),
        (("水", "⽔"), "⽔"),
        (("ﬁ fi", "ﬁ"), "ﬁ fi"),
        (("a\u200bb",), "a\u200bb"),
    ],
)
def test_what_the_glyphs_cannot_say_is_spelled_out(names: tuple[str, ...], out: str) -> None:
    file = letter(*names)

    assert said(file) == set()
    assert spelled_out(file) == [out]


@pytest.mark.outside
def test_others_read_what_is_spelled_out_and_find_nothing_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "spelled.pdf"
    path.write_bytes(letter("水", "⽔", "می‌خواهم انجمن").data)

    assert "⽔" in poppler_text(path)
    assert [verdict.failures for verdict in verdicts([path])] == [(), ()]


def test_a_word_in_the_middle_of_a_line_is_not_parted_for_being_in_another_language() -> None:
    passage = "nghiêncứuđịachấtvàmôitrường sông Mêkông"
    file = letter(
        f"An alliance of many groups along the whole river and its many branches, the delta too – {passage}",
        lang="en",
        spans=f"vi:{passage}",
    )

    assert said(file) == set()


def test_a_word_that_is_too_long_for_a_line_is_parted_all_the_same() -> None:
    assert said(letter("Alliance " + "Ab" * 60, lang="en")) == set()
    assert all(len(line) < 80 for page in read_pdf(letter("Ab" * 60).data).pages for line in page.extracted.split("\n"))


@pytest.mark.parametrize(
    ("module", "function", "patch"),
    [
        ("weasyprint.draw.text", "draw_first_line", pdf_output.install_spelling),
        ("weasyprint.layout.inline", "split_text_box", layout.install_whole_words),
    ],
)
def test_a_function_that_has_changed_is_not_patched(
    module: str, function: str, patch: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    load()

    def another() -> None:
        """Does something else."""

    monkeypatch.setattr(importlib.import_module(module), function, another)

    with pytest.raises(ChangedEngine):
        patch()
