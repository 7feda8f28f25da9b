"""The planned faces as style rules: one ``@font-face`` a cut, one family stack a language."""

from __future__ import annotations

import re
from collections.abc import Callable

from typeset.fonts.catalogue import Slot
from typeset.fonts.plan import Cut, FacePlan


def family(slot: Slot) -> str:
    """The family name that a slot has in style sheets, and so in the PDF's list of fonts: whose face, and what for."""
    return f"{re.sub(r'[^A-Za-z0-9]', '', slot.family)}-{slot.name}"


def face_style(plan: FacePlan, address: Callable[[Cut], str], *, pages: bool) -> str:
    """Rules that give each language its stack. ``address`` tells where a cut is; ``pages`` adds the margins."""
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
    # The longer tag later, so that zh-Hant wins over zh.
    tags = sorted(filter(None, plan.stacks()), key=lambda tag: (tag.count("-"), tag))
    rules += [f":lang({lang}){{font-family:{stack(lang)}}}" for lang in tags]
    return "\n".join(rules) + "\n"
