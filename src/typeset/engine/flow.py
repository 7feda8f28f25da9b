"""Which boxes are in flow, and the pages their first and last ask for, found in fewer steps.

A box that floats, is positioned absolutely, runs or is a note is out of flow. The stock method asks for one after the
other; all five are what ``float`` and ``position`` say. The pages that a box asks for are those of its first and its
last child in flow, for each of which the stock method goes through all children, at every break between two boxes.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from typeset.engine.guard import hold

RELIED_ON = {
    "Box.is_in_normal_flow": "5f49d6ab23da7e51",
    "Box.is_floated": "6e6071b81868ea92",
    "Box.is_footnote": "3550ea0c86860187",
    "Box.is_note": "2651f1110437e2e3",
    "Box.is_absolutely_positioned": "397e0c33b3087681",
    "Box.is_running": "1c451d5c39f4a663",
    "Box.page_values": "b788b7536da4b528",
    "ParentBox.page_values": "9bcfda076d1961e6",
}
"""Methods in ``weasyprint.formatting_structure.boxes``, and the start of the SHA-256 of each."""

_POSITIONS = frozenset({"static", "relative"})


def install() -> None:
    """Replace the methods, once. Raises `ChangedEngine` when one relied on is not the known one."""
    from weasyprint.formatting_structure import boxes

    if boxes.Box.is_in_normal_flow is is_in_normal_flow:
        return
    hold({name: attrgetter(name)(boxes) for name in RELIED_ON}, RELIED_ON, "weasyprint.formatting_structure.boxes")
    for owner, ours in ((boxes.Box, is_in_normal_flow), (boxes.ParentBox, page_values)):
        vars(ours)["stock"] = getattr(owner, ours.__name__)
        setattr(owner, ours.__name__, ours)


def uninstall() -> None:
    """Put the stock methods back."""
    from weasyprint.formatting_structure import boxes

    for owner, ours in ((boxes.Box, is_in_normal_flow), (boxes.ParentBox, page_values)):
        setattr(owner, ours.__name__, vars(ours).get("stock", getattr(owner, ours.__name__)))


def is_in_normal_flow(box: Any) -> bool:
    """``Box.is_in_normal_flow``."""
    style = box.style
    return style["float"] == "none" and style["position"] in _POSITIONS


def page_values(box: Any) -> tuple[Any, Any]:
    """``ParentBox.page_values``: the pages that a box wants to begin and to end on."""
    start = end = box.style["page"]
    first = next(filter(_breaks, box.children), None)
    if first is not None:
        last = next(filter(_breaks, reversed(box.children)))
        of_first = first.page_values()
        of_last = of_first if last is first else last.page_values()
        start, end = of_first[0] or start, of_last[1] or end
    return start, end


def _breaks(child: Any) -> bool:
    return bool(child.is_in_normal_flow() or child.is_floated())
