"""What a file says of its fonts depends on the glyphs in use, not on what was drawn first."""

from __future__ import annotations

import io
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from typeset.engine import pdf_output
from typeset.engine.loader import ChangedEngine, load
from typeset.sources import house

FACE = "<style>@font-face { font-family: face; src: url(NotoSerif-Regular.ttf) } html { font-family: face }</style>"


def fonts_of(html: str) -> list[Any]:
    """The fonts of a page set with the house's face, as a reader finds them."""
    weasyprint = load()
    pdf_output.install_inventory()
    data = weasyprint.HTML(string=FACE + html, base_url=str(house() / "fonts") + "/").write_pdf()
    resources: Any = PdfReader(io.BytesIO(data)).pages[0]["/Resources"]
    return [font.get_object() for font in resources["/Font"].values()]


def described(html: str) -> list[tuple[bytes, list[Any]]]:
    return [
        (font["/ToUnicode"].get_data(), font["/DescendantFonts"][0].get_object()["/W"].get_object())
        for font in fonts_of(html)
    ]


def test_the_order_in_which_words_are_drawn_changes_nothing() -> None:
    one = described("<p style='font-size: 7.3px'>harvest</p><p style='font-size: 31px'>vest hat <b>quay</b></p>")
    other = described("<p style='font-size: 31px'>vest <b>quay</b> hat</p><p style='font-size: 7.3px'>harvest</p>")

    assert one == other


def test_widths_are_those_that_the_face_states() -> None:
    (font,) = fonts_of("<p style='font-size: 7.3px'>mnq</p>")

    face = TTFont(house() / "fonts" / "NotoSerif-Regular.ttf")
    stated = {
        face.getGlyphID(name): round(face["hmtx"][name][0] * 1000 / face["head"].unitsPerEm)
        for name in map(face.getBestCmap().__getitem__, map(ord, "mnq"))
    }
    listed = font["/DescendantFonts"][0].get_object()["/W"].get_object()
    first, widths = listed[0], listed[1]
    assert [stated[glyph] for glyph in range(first, first + 2)] == list(widths)[:2]


def test_a_changed_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    from weasyprint.pdf.stream import Stream

    def add_font(self: Any, font: Any) -> Any:
        """Another one."""

    monkeypatch.setattr(Stream, "add_font", add_font)

    with pytest.raises(ChangedEngine, match="add_font"):
        pdf_output.install_inventory()
