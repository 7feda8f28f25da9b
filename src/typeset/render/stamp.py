"""What is shown in a signature field: a page of the field's size, set as the rest of the letter is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from typeset.compose import Markup, fill
from typeset.compose.text import parse, text_runs
from typeset.diagnostics import Finding, Refused, Severity
from typeset.fonts.plan import FacePlan
from typeset.fonts.subset import Subset
from typeset.render.pdf import render_pdf
from typeset.render.style import face_style
from typeset.sources import Sources

TEMPLATE = "signoff/seal.html.j2"
SIZES = (9, 8, 7, 6, 5)
"""Points: the largest in which everything fits is taken."""

Cutter = Callable[[Markup], tuple[FacePlan, Sequence[Subset]]]
"""Chooses and cuts the faces of a composed page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Whose signature it is and what is said with it; width and height of the field in points."""

    lang: str
    heading: str
    who: str
    lines: tuple[str, ...]
    width: float
    height: float


def render_stamp(
    stamp: Stamp, sources: Sources, cut: Cutter, *, made: datetime, cache_folder: Path | None = None
) -> bytes:
    """A PDF of one page. Raises `Refused` where the words do not fit the field in any size that can be read."""
    values = {
        "lang": stamp.lang,
        "heading": stamp.heading,
        "who": stamp.who,
        "lines": stamp.lines,
        "width": f"{stamp.width:.3f}",
        "height": f"{stamp.height:.3f}",
    }
    plan: FacePlan | None = None
    faces: Sequence[Subset] = ()
    for size in SIZES:
        html = fill(sources, TEMPLATE, values | {"size": size})
        words = text_runs(parse(html), stamp.lang, frozenset({".who"}), frozenset(), ())
        markup = Markup(html=html, lang=stamp.lang, words=words)
        if plan is None:
            plan, faces = cut(markup)
        files: Mapping[str, bytes] = {f"face-{place}.ttf": subset.data for place, subset in enumerate(faces)}
        addresses = {subset.cut: f"typeset:{name}" for subset, name in zip(faces, files, strict=True)}
        style = face_style(plan, addresses.__getitem__, pages=True)
        rendered = render_pdf(markup, style, files, attached=(), made=made, cache_folder=cache_folder)
        if rendered.pages == 1:
            return rendered.data
    raise Refused(
        [
            Finding(
                code="seal-too-small",
                severity=Severity.ERROR,
                fact=f"{stamp.who} does not fit into a field of {stamp.width:.0f} by {stamp.height:.0f} points",
                hint="make .signature larger in the look's print.css.j2",
                subject="seal",
            )
        ]
    )
