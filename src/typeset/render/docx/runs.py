"""Words as runs: each in one language, one direction and one manner."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

from typeset.language import UNDETERMINED, is_cjk
from typeset.render.flow import BREAK, Paragraph, Role, Stretch
from typeset.scripts import is_right_to_left

NO_LANGUAGE = "x-none"
"""How Word says that nobody has said what language it is."""

_NAMES = frozenset({Role.SIGNATORY, Role.RECIPIENT, Role.APPROVAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """The document's own language and direction."""

    lang: str
    right_to_left: bool


def runs(paragraph: Paragraph, manner: Manner, address: Callable[[str], str]) -> str:
    """The runs of a paragraph. ``address`` gives a link the name it has in the document."""
    shown = ""
    name_direction = is_right_to_left(paragraph.text)
    for stretch in paragraph.stretches:
        base = name_direction if paragraph.role is Role.SIGNATORY else manner.right_to_left
        if stretch.lang and paragraph.role is not Role.SIGNATORY:
            base = is_right_to_left(stretch.text)
        piece = "".join(
            _run(text, stretch, manner, right_to_left=rtl, name=paragraph.role in _NAMES)
            for text, rtl in directions(stretch.text, right_to_left=base)
        )
        if stretch.href:
            piece = f'<w:hyperlink r:id="{address(stretch.href)}">{piece}</w:hyperlink>'
        shown += piece
    return shown


def directions(text: str, *, right_to_left: bool) -> Iterator[tuple[str, bool]]:
    """A text in pieces of one direction; what has none goes with its neighbours, or with the whole (UAX 9, N1, N2).

    A run may say that it goes from right to left only where nothing in it goes the other way (17.3.2.30).
    """
    strong = [{"L": False, "R": True, "AL": True, "AN": True}.get(unicodedata.bidirectional(c)) for c in text]
    before: list[bool] = []
    for direction in strong:
        before.append(direction if direction is not None else before[-1] if before else right_to_left)
    after: list[bool] = []
    for direction in reversed(strong):
        after.append(direction if direction is not None else after[-1] if after else right_to_left)
    resolved = [one if one == other else right_to_left for one, other in zip(before, reversed(after), strict=True)]
    for direction, members in groupby(zip(text, resolved, strict=True), key=lambda pair: pair[1]):
        yield "".join(character for character, _ in members), direction


def east_asian_font(lang: str) -> str:
    """A font that Word brings along, with the forms that a language asks for; none where it asks for none."""
    if not is_cjk(lang):
        return ""
    parts = set(lang.split("-"))
    if "ja" in parts:
        return "MS Mincho"
    if "ko" in parts:
        return "Batang"
    return "SimSun" if "Hans" in parts or (parts & {"CN", "SG"} and "Hant" not in parts) else "PMingLiU"


def language(lang: str) -> str:
    """All characters of a run are in its language, whatever their script."""
    value = NO_LANGUAGE if lang == UNDETERMINED else lang
    return f'<w:lang w:val="{value}" w:eastAsia="{value}" w:bidi="{value}"/>'


def _run(text: str, stretch: Stretch, manner: Manner, *, right_to_left: bool, name: bool) -> str:
    lang = stretch.lang or manner.lang
    # East Asian text knows no slanted letters.
    strong = stretch.strong or (stretch.emphasis and is_cjk(lang))
    font = f' w:eastAsia="{east_asian_font(lang)}"' if stretch.lang and is_cjk(lang) else ""
    properties = (
        # In the order that the schema gives them (CT_RPr).
        ('<w:rStyle w:val="Hyperlink"/>' if stretch.href else "")
        # Quotation marks and dashes are an em wide in East Asian text, and Word has to be told.
        + (f'<w:rFonts w:hint="eastAsia"{font}/>' if is_cjk(lang) else "")
        + ("<w:b/><w:bCs/>" if strong else "")
        + ("<w:i/><w:iCs/>" if stretch.emphasis and not is_cjk(lang) else "")
        + ("<w:noProof/>" if name else "")
        + ("<w:rtl/>" if right_to_left else "")
        + (language(stretch.lang) if stretch.lang else "")
    )
    shown = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    if text == BREAK:
        return f"<w:r>{shown}<w:br/></w:r>"
    return f'<w:r>{shown}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
