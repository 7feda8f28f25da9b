"""A PDF that is kept: what is set again gives the very file that a whole build gives, or is declined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.letters import sources
from typeset.engine.incremental import document, relayout, repaginate
from typeset.engine.incremental.document import Declined
from typeset.engine.loader import ChangedEngine, load
from typeset.fonts import Flavour, MemoryCache, open_catalogue
from typeset.pipeline import BuildContext, cut, examine, hour
from typeset.render import attachments, face_style, render_pdf
from typeset.render.incremental import KeptPdf, PageCache
from typeset.sources import house

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
def context() -> BuildContext:
    catalogue, _ = open_catalogue(house() / "fonts")
    return BuildContext(catalogue=catalogue, cache=MemoryCache(), watch=lambda _: nullcontext())


def pieces(body: str = BODY, **changed: str) -> tuple[Any, ...]:
    checked = examine(sources({"letter.en.md": body, **changed}), context())
    markup, plan = checked.drafts["en"]
    faces = cut(plan, context(), Flavour.TTF)
    files = {f"face-{place}.ttf": subset.data for place, subset in enumerate(faces)}
    addresses = {subset.cut: f"typeset:{name}" for subset, name in zip(faces, files, strict=True)}
    style = face_style(plan, addresses.__getitem__, pages=True)
    return (
        markup,
        style,
        files,
        attachments(checked.letter, checked.letter.versions[0]),
        hour(checked.letter, context()),
    )


def cold(body: str = BODY, **changed: str) -> bytes:
    markup, style, files, attached, made = pieces(body, **changed)
    names = [item.name for item in attached]
    return render_pdf(markup, style, files, attached=attached, made=made, exchangeable=names).data


@contextmanager
def kept(body: str = BODY, **changed: str) -> Iterator[KeptPdf]:
    markup, style, files, attached, made = pieces(body, **changed)
    names = [item.name for item in attached]
    pdf = KeptPdf(markup, style, files, attached=attached, made=made, exchangeable=names)
    try:
        yield pdf
    finally:
        pdf.close()


def become(pdf: KeptPdf, body: str = BODY, **changed: str) -> bytes:
    """What is kept, as another letter. Its faces are not asked about: `become` of the letter's own would decline."""
    markup, *_, attached, _ = pieces(body, **changed)
    return pdf.again(markup, attached).data


def test_a_kept_file_is_the_one_that_is_rendered_without_keeping() -> None:
    with kept() as pdf:
        assert become(pdf) == pdf.rendered.data == cold()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("We ask it again.", "We ask again it."),
        ("We ask it again.", "We sit again; ask."),
        ("and one thing only: water that may be drunk", "and only one thing: water that drunk may be"),
        ("ask for **one thing**", "ask for **thing one**"),
        ("thank them; ask", "ask; thank them"),
        ("Respectfully,", "Respectfull,y"),
        ("We ask it again.", "We ask it again. " * 12),
        ("what was said", "was what said"),
        ("[a link]", "[link a]"),
    ],
)
def test_a_paragraph_that_keeps_its_lines_gives_the_file_of_a_whole_build(old: str, new: str) -> None:
    body = BODY.replace(old, new)
    with kept() as pdf:
        assert become(pdf, body) == cold(body)
        assert become(pdf) == cold()


def test_paragraphs_far_apart_give_the_file_of_a_whole_build() -> None:
    body = BODY.replace("We ask it again.", "We ask again it.").replace("one thing only", "only one thing")
    with kept() as pdf:
        assert become(pdf, body) == cold(body)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("We ask it again.", "We ask it again. " * 999, "other headings|more pages"),
        ("We ask it again.", "We ask **it** again.", "other elements"),
        ("We ask it again.", "We ask it again, 5.", "new"),
        ("We ask it again.", "## We ask it again.", "more has changed"),
        ("We ask it again.", "We ask it again.\n\nAnd again.", "more has changed"),
        ("Give the river", "The river give", "more has changed"),
    ],
)
def test_what_could_change_the_rest_is_declined(old: str, new: str, why: str) -> None:
    with kept() as pdf, pytest.raises(Declined, match=why):
        become(pdf, BODY.replace(old, new))


def test_the_last_use_of_a_glyph_is_declined() -> None:
    body = BODY.replace("We ask it again.", "We ask it again. Quick!")
    with kept(body) as pdf, pytest.raises(Declined, match="no longer in use"):
        become(pdf, body.replace("Quick", "Thick"))


def test_a_glyph_that_stands_for_two_letters_is_declined() -> None:
    # Both are drawn with one glyph.
    body = BODY.replace("We ask it again.", "We ask it again, 水.").replace("only: water", "only: \u2f54 water")
    with kept(body) as pdf, pytest.raises(Declined, match="different letters"):
        become(pdf, body.replace("again, 水", "水, again"))


def test_a_name_and_the_list_that_travels_along_give_the_file_of_a_whole_build() -> None:
    rows = "number,name,lang,spans,kind,note\n1,Amis du Delta,fr,,organisation,\n2,Amis du Lac,fr,,organisation,\n"
    other = {"signatories.csv": rows.replace("Amis du Lac", "Amis du Lac au Delta")}
    with kept(**{"signatories.csv": rows}) as pdf:
        assert become(pdf, **other) == cold(**other)


def test_another_hour_or_other_faces_are_declined() -> None:
    markup, style, files, attached, made = pieces()
    with kept() as pdf:
        for options in ({"made": made.replace(year=2020)}, {"exchangeable": ()}):
            wanted: dict[str, Any] = {"attached": attached, "made": made, "exchangeable": [a.name for a in attached]}
            with pytest.raises(Declined, match="other faces"):
                pdf.become(markup, style, files, **(wanted | options))
        with pytest.raises(Declined, match="other faces"):
            pdf.become(markup, style + " ", files, **wanted)


def test_a_cache_renders_as_a_whole_what_it_cannot_set_again() -> None:
    cache = PageCache()
    for body in (BODY, BODY.replace("only", "now"), BODY.replace("We ask it again.", "## We ask"), BODY):
        markup, style, files, attached, made = pieces(body)
        names = [item.name for item in attached]
        assert cache(markup, style, files, attached=attached, made=made, exchangeable=names).data == cold(body)
    cache.let_go("en")


def test_a_file_that_is_set_again_says_which_engine_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load(), "VERSION", "70.1")
    cache, said = PageCache(), []
    for body in (BODY, BODY.replace("only", "now")):
        markup, style, files, attached, made = pieces(body)
        names = [item.name for item in attached]
        rendered = cache(markup, style, files, attached=attached, made=made, exchangeable=names)
        said.append([finding.code for finding in rendered.findings])

    assert said == [["other-engine"], ["other-engine"]]


def test_a_cache_renders_as_a_whole_with_a_changed_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(repaginate.RELIED_ON, "Page", "another")
    markup, style, files, attached, made = pieces()
    cache = PageCache()

    rendered = cache(markup, style, files, attached=attached, made=made, exchangeable=[item.name for item in attached])

    assert rendered.data == cold()
    assert "Page has changed" in cache.declined


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module in (relayout, repaginate) for name in sorted(module.RELIED_ON)],
)
def test_a_changed_engine_is_refused(module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept():
        pass
    monkeypatch.setitem(module.RELIED_ON, name, "another")

    with pytest.raises(ChangedEngine, match=name):
        module.check()


@pytest.mark.parametrize("name", sorted(document.PATCHED))
def test_a_changed_engine_is_not_followed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept():
        pass
    from weasyprint import draw

    stock = draw.draw_inline_level.__wrapped__
    monkeypatch.setattr(draw, "draw_inline_level", stock)
    monkeypatch.setitem(document.PATCHED, name, "another")

    with pytest.raises(ChangedEngine, match=name.partition(".")[0]):
        document.install()


def test_the_cache_can_be_let_go_of(tmp_path: Path) -> None:
    with kept() as pdf:
        folder = pdf._retained.document.font_config._folder
        assert any(Path(folder).iterdir())

    assert not Path(folder).exists()
