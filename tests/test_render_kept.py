"""A PDF that is kept: what is set again gives the very file that a whole build gives, or is declined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.small import sources
from typeset.engine import resetting, retained
from typeset.engine.guard import ChangedEngine
from typeset.fonts.cache import MemoryCache
from typeset.fonts.reading import open_catalogue
from typeset.fonts.subset import Flavour
from typeset.pipeline import Workshop, cut, examine, hour
from typeset.render.attachments import attachments
from typeset.render.kept import Declined, KeptPdf
from typeset.render.pdf import render_pdf
from typeset.render.style import face_style
from typeset.workspace import house

BODY = """# Give the river back

To: {recipients}

We, the people of the river, ask for **one thing** and one thing only: water that may be drunk by whoever lives on its
banks, in every season and in every village, as was promised to them.

We ask it again.

Whoever signs asks it, too, with [a link](https://example.org/water) to what was said.

{closing} Respectfully,

{signatories}

{total} signed. The people of the river thank them; ask for one thing, water, again and again.
"""


@cache
def shop() -> Workshop:
    catalogue, _ = open_catalogue(house() / "fonts")
    return Workshop(catalogue=catalogue, cache=MemoryCache(), watch=lambda _: nullcontext())


def pieces(body: str = BODY, **changed: str) -> tuple[Any, ...]:
    reading = examine(sources({"letter.en.md": body, **changed}), shop())
    markup, plan = reading.drafts["en"]
    faces = cut(plan, shop(), Flavour.TTF)
    files = {f"face-{place}.ttf": subset.data for place, subset in enumerate(faces)}
    addresses = {subset.cut: f"typeset:{name}" for subset, name in zip(faces, files, strict=True)}
    style = face_style(plan, addresses.__getitem__, pages=True)
    return markup, style, files, attachments(reading.letter, reading.letter.versions[0]), hour(reading.letter, shop())


def cold(body: str = BODY, **changed: str) -> bytes:
    markup, style, files, attached, made = pieces(body, **changed)
    names = [item.name for item in attached]
    return render_pdf(markup, style, files, attached=attached, made=made, exchangeable=names).data


@contextmanager
def kept(body: str = BODY, **changed: str) -> Iterator[KeptPdf]:
    markup, style, files, attached, made = pieces(body, **changed)
    pdf = KeptPdf(markup, style, files, attached=attached, made=made)
    try:
        yield pdf
    finally:
        pdf.close()


def paragraph(pdf: KeptPdf, place: int) -> Any:
    return pdf.elements("p", **{"class": "text"})[place]


def test_a_kept_file_is_the_one_that_is_rendered_without_keeping() -> None:
    with kept() as pdf:
        assert pdf.data() == pdf.rendered.data == cold()


@pytest.mark.parametrize("new", ["We ask again it.", "We sit again; ask.", "We ask it again."])
def test_a_paragraph_that_keeps_its_lines_gives_the_file_of_a_whole_build(new: str) -> None:
    with kept() as pdf:
        pdf.reset(paragraph(pdf, 1), f'<p class="text">{new}</p>')

        assert pdf.data() == cold(BODY.replace("We ask it again.", new))


def test_a_paragraph_is_broken_into_lines_anew() -> None:
    new = BODY.replace("and one thing only: water that may be drunk", "and only one thing: water that drunk may be")
    with kept() as pdf:
        (start, bold, end) = (
            "We, the people of the river, ask for ",
            "<strong>one thing</strong>",
            " and only one thing: water that drunk may be by whoever lives on its banks, in every season and in every"
            " village, as was promised to them.",
        )
        pdf.reset(paragraph(pdf, 0), f'<p class="text">{start}{bold}{end}</p>')

        assert pdf.data() == cold(new)


def test_one_after_the_other_gives_what_the_last_one_gives() -> None:
    with kept() as pdf:
        for words in ("We ask again it.", "It asks we again.", "We ask it again."):
            with pytest.raises(Declined) if "asks" in words else nullcontext():
                pdf.reset(paragraph(pdf, 1), f'<p class="text">{words}</p>')

        assert pdf.data() == cold()


@pytest.mark.parametrize(
    ("place", "markup", "why"),
    [
        (1, "<p>" + "We ask it again. " * 12 + "</p>", "more lines"),
        (1, "<p>We ask <strong>it</strong> again.</p>", "other elements"),
        (1, "<p>We ask it again, № 5.</p>", "new|picture|notdef"),
        (0, '<p class="text">We ask</p>', "other elements"),
        (2, '<p class="text">Whoever signs</p>', "other elements|link"),
    ],
)
def test_what_could_change_the_rest_is_declined_and_changes_nothing(place: int, markup: str, why: str) -> None:
    with kept() as pdf:
        markup = markup.replace("<p>", '<p class="text">')
        with pytest.raises(Declined, match=why):
            pdf.reset(paragraph(pdf, place), markup)

        assert pdf.data() == cold()
        pdf.reset(paragraph(pdf, 1), '<p class="text">We ask again it.</p>')
        assert pdf.data() == cold(BODY.replace("We ask it again.", "We ask again it."))


def test_a_link_is_declined() -> None:
    with kept() as pdf:
        element = paragraph(pdf, 2)
        same = (
            '<p class="text">Whoever signs asks it, too, with <a href="https://example.org/water">a link</a> to us.</p>'
        )

        with pytest.raises(Declined, match="link"):
            pdf.reset(element, same)


def test_the_last_use_of_a_glyph_is_declined() -> None:
    with kept(BODY.replace("We ask it again.", "We ask it again. Quick!")) as pdf:
        with pytest.raises(Declined, match="no longer in use"):
            pdf.reset(paragraph(pdf, 1), '<p class="text">We ask it again. Thick!</p>')


def test_a_name_and_the_list_that_travels_along_give_the_file_of_a_whole_build() -> None:
    rows = "number,name,lang,spans,kind,note\n1,Amis du Delta,fr,,organisation,\n2,Amis du Lac,fr,,organisation,\n"
    other = rows.replace("Amis du Lac", "Amis du Lac au Delta")
    with kept(**{"signatories.csv": rows}) as pdf:
        (item,) = pdf.elements("li", **{"data-subject": "signatory 2"})
        named = '<li data-subject="signatory 2"><span class="number">2.</span><span class="gap"> </span>'
        pdf.reset(item, named + '<span class="name" lang="fr">Amis du Lac au Delta</span></li>')
        *_, attached, _ = pieces(**{"signatories.csv": other})
        pdf.attach(attached)

        assert pdf.data() == cold(**{"signatories.csv": other})


@pytest.mark.parametrize("name", sorted(resetting.RELIED_ON))
def test_a_changed_engine_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept():
        pass
    monkeypatch.setitem(resetting.RELIED_ON, name, "another")

    with pytest.raises(ChangedEngine, match=name):
        resetting.check()


@pytest.mark.parametrize("name", sorted(retained.PATCHED))
def test_a_changed_engine_is_not_followed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept():
        pass
    from weasyprint import draw

    stock = draw.draw_inline_level.__wrapped__
    monkeypatch.setattr(draw, "draw_inline_level", stock)
    monkeypatch.setitem(retained.PATCHED, name, "another")

    with pytest.raises(ChangedEngine, match=name.partition(".")[0]):
        retained.install()


def test_the_press_can_be_let_go_of(tmp_path: Path) -> None:
    with kept() as pdf:
        folder = pdf._retained.document.font_config._folder
        assert any(Path(folder).iterdir())

    assert not Path(folder).exists()
