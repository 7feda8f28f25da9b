from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from typeset.engine import speedups
from typeset.engine.loader import ChangedEngine, load
from typeset.sources import house

FACE = "<style>@font-face { font-family: face; src: url(NotoSerif-Regular.ttf) } html { font-family: face }</style>"
LIST = (
    FACE
    + "<ol>"
    + "".join(f"<li><b lang={lang}>one <i>two</i></b>" for lang in ("en", "fr", "en", "fr", "en"))
    + "</ol>"
)
PAGES = {
    "languages": LIST,
    "languages that differ in style": LIST
    + "<style>:lang(fr) { color: red } [lang=en] i { font-weight: bold }</style>",
    "styles of their own": FACE
    + "".join(f"<p lang=en style='color: {colour}'>one" for colour in ("red", "blue", "red")),
    "hyphenation": FACE + "<style>p { width: 3em; hyphens: auto }</style><p lang=en>hyphenation<p lang=fr>hyphenation",
    "addresses": FACE + "".join(f"<p lang=en id=p{place}>one" for place in range(3)) + "<a href='#p1'>two</a>",
    "marks in a tag": FACE + """<p lang='"'>one<p lang='"'>two<p lang='a"b'>three<p lang=''>four""",
    "none": FACE + "<p>one<p>two",
}


@pytest.fixture(autouse=True)
def stock() -> Iterator[None]:
    load()
    speedups.uninstall_sharing()
    yield
    speedups.uninstall_sharing()


def document_of(html: str) -> Any:
    return load().HTML(string=html, base_url=(house() / "fonts").as_uri() + "/")


def styles_of(html: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The elements that were given a style of their own."""
    from weasyprint.css import StyleFor

    made: list[str] = []

    def counted(self: Any, element: Any, parent: Any, pseudo_type: str | None = None, **options: Any) -> None:
        if pseudo_type is None:
            made.append(getattr(element, "tag", ""))
        kept(self, element, parent, pseudo_type=pseudo_type, **options)

    kept = StyleFor.set_computed_styles
    with monkeypatch.context() as patch:
        patch.setattr(StyleFor, "set_computed_styles", counted)
        document_of(html).render()
    return made


def test_elements_in_one_language_share_a_style(monkeypatch: pytest.MonkeyPatch) -> None:
    before = styles_of(LIST, monkeypatch)

    speedups.install_sharing()

    after = styles_of(LIST, monkeypatch)
    assert (before.count("b"), before.count("i")) == (5, 5)
    assert (after.count("b"), after.count("i")) == (2, 2)


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_those_of_the_stock_engine(page: str) -> None:
    stock = document_of(PAGES[page]).write_pdf(uncompressed_pdf=True, pdf_tags=True)

    speedups.install_sharing()

    assert document_of(PAGES[page]).write_pdf(uncompressed_pdf=True, pdf_tags=True) == stock


def test_another_engine_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint import css

    monkeypatch.setitem(speedups.SHARING_RELIED_ON, "StyleFor", "0" * 16)

    with pytest.raises(ChangedEngine):
        speedups.install_sharing()
    assert not hasattr(css.find_style_attributes, "stock")
