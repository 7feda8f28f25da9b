"""Markup to one self-contained HTML file with faces as WOFF2, and the style rules for faces."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence

from typeset.compose import Markup
from typeset.fonts import Cut, FacePlan, Slot, Subset


def family(slot: Slot) -> str:
    """The family name of a slot in style sheets, and so in the PDF's list of fonts: the family and its purpose."""
    return f"{re.sub(r'[^A-Za-z0-9]', '', slot.family)}-{slot.name}"


def face_style(plan: FacePlan, address: Callable[[Cut], str], *, pages: bool) -> str:
    """Rules that give each language its stack. ``address`` returns the URL of a cut; ``pages`` adds the margins."""
    names = {slot.name: family(slot) for slot in plan.catalogue.slots}

    def stack(lang: str) -> str:
        return ",".join(names[slot] for slot in plan.stack(lang)) or "none"

    rules = [
        f"@font-face{{font-family:{names[cut.slot]};font-weight:{cut.weight};font-style:{cut.style};"
        f"src:url({address(cut)})}}"
        for cut in plan.cuts
    ]
    own = stack(plan.letter_lang)
    rules.append(f"html{{font-family:{own}}}")
    if pages:
        rules.append(f"@page{{font-family:{own}}}")
    # Longer tags come later, so that zh-Hant overrides zh.
    tags = sorted(filter(None, plan.stacks()), key=lambda tag: (tag.count("-"), tag))
    rules += [f":lang({lang}){{font-family:{stack(lang)}}}" for lang in tags]
    return "\n".join(rules) + "\n"


def render_html(markup: Markup, plan: FacePlan, faces: Sequence[Subset]) -> bytes:
    """The HTML edition, UTF-8."""
    packed = {subset.cut: subset.data for subset in faces}

    def address(cut: Cut) -> str:
        return f"data:font/woff2;base64,{base64.b64encode(packed[cut]).decode()}"

    return markup.with_style(face_style(plan, address, pages=False)).html.encode()
