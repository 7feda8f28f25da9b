from __future__ import annotations

from typing import Any

import pytest

from typeset.engine import speedups
from typeset.engine.loader import load
from typeset.sources import house

FACE = "<style>@font-face { font-family: face; src: url(NotoSerif-Regular.ttf) } html { font-family: face }</style>"
PLAIN = (
    FACE + "<style>li::before, b::after { content: '+' } @page { size: A6 }</style><ol><li>one <b>two</b><li>three</ol>"
)
FOOTNOTE = PLAIN + "<style>i { float: footnote }</style><p>text<i>aside</i>"


def document_of(html: str, *, lean: bool) -> Any:
    document = load().HTML(string=html, base_url=(house() / "fonts").as_uri() + "/")
    if lean:
        speedups.leave_out_notes(document, html)
    return document


def styled(document: Any, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The pseudo-elements that got a style when the document was laid out; None stands for an element."""
    from weasyprint.css import StyleFor

    found: list[str | None] = []
    stock = StyleFor.set_computed_styles

    def counted(self: Any, element: Any, parent: Any, pseudo_type: str | None = None, **options: Any) -> Any:
        found.append(pseudo_type)
        return stock(self, element, parent, pseudo_type=pseudo_type, **options)

    with monkeypatch.context() as patch:
        patch.setattr(StyleFor, "set_computed_styles", counted)
        document.render()
    return found


def test_a_page_without_notes_styles_none(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = styled(document_of(PLAIN, lean=False), monkeypatch)
    lean = styled(document_of(PLAIN, lean=True), monkeypatch)

    assert set(stock) >= speedups.PSEUDO
    assert lean == [pseudo for pseudo in stock if pseudo not in speedups.PSEUDO]


@pytest.mark.parametrize("html", [PLAIN, FOOTNOTE, FOOTNOTE.replace("footnote", "FootNote")])
def test_pages_are_those_of_the_stock_engine(html: str) -> None:
    stock = document_of(html, lean=False).write_pdf(uncompressed_pdf=True)

    assert document_of(html, lean=True).write_pdf(uncompressed_pdf=True) == stock


def test_a_page_with_notes_keeps_their_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(styled(document_of(FOOTNOTE, lean=True), monkeypatch)) >= speedups.PSEUDO


def test_other_pages_are_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    document_of(PLAIN, lean=True).render()

    assert set(styled(document_of(PLAIN, lean=False), monkeypatch)) >= speedups.PSEUDO
