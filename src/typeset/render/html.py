"""Markup to one self-contained HTML file: the faces inside as WOFF2, nothing fetched from anywhere."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from typeset.compose import Markup
from typeset.fonts.plan import Cut, FacePlan
from typeset.fonts.subset import Subset
from typeset.render.style import face_style


def render_html(markup: Markup, plan: FacePlan, faces: Sequence[Subset]) -> bytes:
    """The HTML edition, UTF-8."""
    packed = {subset.cut: subset.data for subset in faces}

    def address(cut: Cut) -> str:
        return f"data:font/woff2;base64,{base64.b64encode(packed[cut]).decode()}"

    return markup.with_style(face_style(plan, address, pages=False)).html.encode()
